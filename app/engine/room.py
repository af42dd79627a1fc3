"""The engine room's door: implements the port `Engine`."""

from collections.abc import Callable, Mapping
from datetime import datetime

from app.domain.engine import (
    DrawingStates,
    Problem,
    ProcessOutline,
    Rehearsal,
    Severity,
    StartKind,
    StartOutline,
    Vocabulary,
)
from app.domain.errors import InvalidInput
from app.engine import drawing
from app.engine.decisions import decision_names, decision_tags
from app.engine.expressions import Literal
from app.engine.graph import Event, Node, Process
from app.engine.lint import check_diagrams
from app.engine.program import CompiledProgram
from app.engine.reading import Reading, only_process, read
from app.engine.rehearsal import rehearse
from app.engine.specs import Drawn

CheckForm = Callable[[str, bytes], list[Problem]]


class EngineRoom:
    """Reads, checks, compiles and draws. `check_form` lints one `.form` file."""

    def __init__(self, check_form: CheckForm) -> None:
        self._check_form = check_form

    def outline(self, bpmn: bytes) -> list[ProcessOutline]:
        """See the port. What is drawn badly but read is outlined; `check` says what is wrong."""
        reading = read(bpmn)
        if not reading.processes and reading.report.errors:
            raise InvalidInput(reading.report.errors[0].message)
        return [_outline(reading, key) for key in reading.processes]

    def check(self, files: Mapping[str, bytes], vocabulary: Vocabulary) -> list[Problem]:
        """See the port."""
        problems = check_diagrams(files, vocabulary)
        for file, source in files.items():
            if file.endswith(".form"):
                problems.extend(self._check_form(file, source))
        return sorted(problems, key=lambda one: (one.severity is not Severity.ERROR, one.file))

    def compile(self, definition_id: str, key: str, bpmn: bytes) -> CompiledProgram:
        """See the port."""
        return CompiledProgram(definition_id, key, only_process(bpmn, key))

    def decisions(self, dmn: bytes) -> list[tuple[str, str]]:
        """See the port."""
        return decision_names(dmn)

    def decision_tags(self, dmn: bytes) -> dict[str, str]:
        """See the port."""
        return decision_tags(dmn)

    def rehearse(self, files: Mapping[str, bytes], at: datetime) -> list[Rehearsal]:
        """See the port."""
        return rehearse(files, at)

    def draw(
        self, bpmn: bytes, states: DrawingStates, *, title: str, around: int | None = None
    ) -> str:
        """See the port."""
        crop = states.active | states.incident if around is not None else None
        return drawing.draw(bpmn, states, title=title, crop_to=crop, reach=around or 0)


def _outline(reading: Reading, key: str) -> ProcessOutline:
    process, drawn = reading.processes[key], reading.drawn[key]
    root_starts = process.root.starts
    return ProcessOutline(
        key=key,
        name=process.name,
        version_tag=process.version_tag,
        start_form_key=_start_form(root_starts, drawn),
        form_keys=frozenset(_form_keys(process, drawn)),
        start_messages=_event_names(root_starts, "message"),
        start_signals=_event_names(root_starts, "signal"),
        start_timers=_event_names(root_starts, "timer"),
        starts=_outlined(root_starts),
        history_days=_history_days(reading, key),
    )


def _start_form(starts: list[Node], drawn: Mapping[str, Drawn]) -> str | None:
    for start in starts:
        dialect = drawn[start.id].dialect
        key = dialect.get("formKey") or dialect.get("formRef")
        if key and not start.events:
            return key
    return None


def _form_keys(process: Process, drawn: Mapping[str, Drawn]) -> list[str]:
    found = []
    for node in process.nodes.values():
        dialect = drawn[node.id].dialect
        key = dialect.get("formKey") or dialect.get("formRef")
        if key and "{" not in key and not key.startswith("="):
            found.append(key)
    return found


def _event_names(starts: list[Node], kind: str) -> tuple[str, ...]:
    return tuple(
        str(event.name.value)
        for start in starts
        for event in start.events
        if event.kind == kind and isinstance(event.name, Literal)
    )


_START_KINDS = {
    "message": StartKind.MESSAGE,
    "signal": StartKind.SIGNAL,
    "timer": StartKind.TIMER,
    "conditional": StartKind.CONDITION,
}


def _outlined(starts: list[Node]) -> tuple[StartOutline, ...]:
    """One for each event; only messages and signals have names, and they are literal here."""
    return tuple(
        StartOutline(start.id, kind, _name_of(event) if kind in _NAMED else "")
        for start in starts
        for event in start.events
        if (kind := _START_KINDS.get(event.kind)) is not None
    )


_NAMED = (StartKind.MESSAGE, StartKind.SIGNAL)


def _name_of(event: Event) -> str:
    return str(event.name.value) if isinstance(event.name, Literal) else ""


def _history_days(reading: Reading, key: str) -> int | None:
    """`camunda:historyTimeToLive`: days, or `P180D`."""
    if reading.parser is None:
        return None
    written = reading.parser.get_spec(key).extensions.dialect.get("historyTimeToLive") or ""
    digits = written.strip().upper().removeprefix("P").removesuffix("D")
    return int(digits) if digits.isdigit() else None
