"""What a diagram may name, and what an analyst should hear before it goes into service.

`structure` refuses what would run wrong; this module looks at the diagram among the other files
of its set and at the vocabulary of the service: roles, agencies, forms, topics, clocks, called
processes, decisions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from app.domain.engine import Problem, Severity, Vocabulary
from app.domain.errors import InvalidInput
from app.engine import ad_hoc
from app.engine.expressions import Literal, Value
from app.engine.graph import Container, Job, Node, Process
from app.engine.reading import Reading, read
from app.engine.reports import Report
from app.engine.rules import Look, label
from app.engine.xml import parse_xml
from app.feel.decisions import DecisionError, Decisions

ACTIONS = frozenset(("start", "stop", "pause", "resume", "restart"))


@dataclass(frozen=True)
class Surroundings:
    """What the files of a set offer each other."""

    vocabulary: Vocabulary
    forms: frozenset[str]
    processes: frozenset[str]
    decisions: frozenset[str]


def check_diagrams(files: Mapping[str, bytes], vocabulary: Vocabulary) -> list[Problem]:
    """Lint every `.bpmn` and `.dmn` of a set together."""
    problems: list[Problem] = []
    decisions: set[str] = set()
    for file, source in files.items():
        if file.endswith(".dmn"):
            found, wrong = check_decisions(file, source)
            decisions |= found
            problems.extend(wrong)
    readings = [read(source, file) for file, source in files.items() if file.endswith(".bpmn")]
    own = [key for reading in readings for key in reading.processes]
    surroundings = Surroundings(
        vocabulary,
        forms=frozenset(_stem(file) for file in files if file.endswith(".form")),
        processes=frozenset(own) | vocabulary.process_keys,
        decisions=frozenset(decisions),
    )
    for reading in readings:
        _lint(reading, surroundings)
        problems.extend(reading.report.problems)
    problems.extend(
        Problem(
            Severity.ERROR,
            "same-process",
            f"Có hai tệp cùng chứa quy trình {key}.",
            element_id=key,
        )
        for key in sorted({one for one in own if own.count(one) > 1})
    )
    return problems


def _stem(file: str) -> str:
    return PurePosixPath(file).stem


def check_decisions(file: str, source: bytes) -> tuple[frozenset[str], list[Problem]]:
    """Compile one `.dmn`; give the ids it decides and what is wrong with it."""
    try:
        model = Decisions.parse(parse_xml(source))
    except DecisionError as error:
        return frozenset(), [
            Problem(Severity.ERROR, "decision", one.message, file, one.element_id)
            for one in error.problems
        ]
    except InvalidInput as error:
        return frozenset(), [Problem(Severity.ERROR, "malformed", error.message, file)]
    return frozenset(model.decision_ids), []


def _lint(reading: Reading, surroundings: Surroundings) -> None:
    for key, process in reading.processes.items():
        drawn = reading.drawn[key]
        for node in process.nodes.values():
            look = Look(node, drawn[node.id], reading.report)
            for vocabulary_rule in _VOCABULARY_RULES:
                vocabulary_rule(look, surroundings)
            for rule in _RULES:
                rule(look)
        _shape(process, reading.report)


# --- what is named ------------------------------------------------------------------------


def _work(look: Look, around: Surroundings) -> None:
    node, report = look.node, look.report
    work = node.work
    if work is None:
        return
    for group in _constants(work.groups):
        if group not in around.vocabulary.roles:
            report.error("role", node.id, f"{label(node)}: không có vai trò “{group}”.")
    if work.agency is not None and work.agency not in around.vocabulary.agencies:
        report.error("agency", node.id, f"{label(node)}: không có loại cơ quan “{work.agency}”.")
    if node.kind == ad_hoc.KIND:
        return
    if work.form_key is None:
        report.warning("no-form", node.id, f"{label(node)} chưa có biểu mẫu.")
    if not work.groups and not work.users and work.assignee is None:
        report.error(
            "nobody", node.id, f"{label(node)} chưa nói ai làm: cần vai trò hoặc người được giao."
        )
    _form(node, work.form_key, around, report)


def _choosing(look: Look, _: Surroundings) -> None:
    """Somebody can choose, there is something to choose, and it can come to an end."""
    node, report = look.node, look.report
    if node.kind != ad_hoc.KIND:
        return
    steps = ad_hoc.choices(node)
    if not steps:
        report.error("ad-hoc-empty", node.id, f"{label(node)} chưa có bước nào để chọn.")
        return
    if ad_hoc.names_choosers(node.work):
        return
    asked = [work for step in steps for work in ad_hoc.works_of(step)]
    if not asked:
        report.error(
            "nobody",
            node.id,
            f"{label(node)} chưa nói ai chọn bước: cần vai trò (camunda:candidateGroups), "
            "hoặc một bước do người làm.",
        )
    elif len({work.agency or ad_hoc.PROVIDER for work in asked}) > 1:
        report.warning(
            "ad-hoc-agencies",
            node.id,
            f"Các bước của {label(node)} thuộc nhiều cơ quan, nhưng việc chọn bước chỉ hiện ở cơ "
            "quan cung cấp dịch vụ; nên ghi rõ vai trò và lm:agency của người chọn.",
        )


def _constants(values: tuple[Value, ...]) -> Iterator[str]:
    for value in values:
        if isinstance(value, Literal):
            yield str(value.value)


def _form(node: Node, key: Value | None, around: Surroundings, report: Report) -> None:
    if isinstance(key, Literal) and str(key.value) not in around.forms:
        report.error(
            "form", node.id, f"{label(node)}: không có biểu mẫu {key.value}.form trong bộ tệp."
        )


def _start_form(look: Look, around: Surroundings) -> None:
    node, drawn, report = look.node, look.drawn, look.report
    key = drawn.dialect.get("formKey") or drawn.dialect.get("formRef")
    if node.kind == "startEvent" and key and "{" not in key:
        _form(node, Literal(key), around, report)


def _job(look: Look, around: Surroundings) -> None:
    node, report = look.node, look.report
    for job in (node.job, *(event.job for event in node.events)):
        if job is not None:
            _topic(node, job, around, report)


def _topic(node: Node, job: Job, around: Surroundings, report: Report) -> None:
    if not isinstance(job.topic, Literal) or not job.topic.value:
        return
    if around.vocabulary.fetched(str(job.topic.value)):
        return
    required = around.vocabulary.topics.get(str(job.topic.value))
    if required is None:
        report.error("topic", node.id, f"{label(node)}: không có bộ nối “{job.topic.value}”.")
        return
    missing = sorted(required - {name for name, _ in node.inputs})
    if missing:
        report.error(
            "parameter",
            node.id,
            f"{label(node)} gọi {job.topic.value} nhưng thiếu tham số: {', '.join(missing)}.",
        )


def _clocks(look: Look, around: Surroundings) -> None:
    node, drawn, report = look.node, look.drawn, look.report
    for mark in drawn.dialect.clocks:
        if mark.kind not in around.vocabulary.clocks:
            report.error("clock", node.id, f"{label(node)}: không có đồng hồ “{mark.kind}”.")
        if mark.action not in ACTIONS:
            report.error(
                "clock", node.id, f"{label(node)}: đồng hồ không có thao tác “{mark.action}”."
            )
        if mark.on not in ("enter", "leave"):
            report.error("clock", node.id, f"{label(node)}: đồng hồ chạm lúc enter hoặc leave.")


def _called(look: Look, around: Surroundings) -> None:
    node, report = look.node, look.report
    call = node.call
    if call is None or not isinstance(call.element, Literal):
        return
    if str(call.element.value) not in around.processes:
        report.error(
            "called-process", node.id, f"{label(node)}: không có quy trình “{call.element.value}”."
        )


def _decided(look: Look, around: Surroundings) -> None:
    node, report = look.node, look.report
    decision = node.decision
    if decision is None or not isinstance(decision.reference, Literal):
        return
    name = str(decision.reference.value)
    if name not in around.decisions:
        report.error(
            "decision", node.id, f"{label(node)}: không có quyết định “{name}” trong bộ tệp."
        )


# --- what would surprise --------------------------------------------------------------------


def _names(look: Look) -> None:
    node, report = look.node, look.report
    if node.is_activity and not node.name.strip():
        report.warning("no-name", node.id, f"Bước {node.id} chưa có tên.")


def _dead_end(look: Look) -> None:
    node, drawn, report = look.node, look.drawn, look.report
    if node.outgoing or node.kind == "endEvent" or node.for_compensation:
        return
    if drawn.triggered_by_event or _stands_alone(node):
        return
    if any(event.kind in ("link", "compensate") for event in node.events):
        return
    report.warning(
        "dead-end", node.id, f"{label(node)} không dẫn đi đâu; nên nối tới một sự kiện kết thúc."
    )


def _stands_alone(node: Node) -> bool:
    owner = node.container.node
    return owner is not None and owner.kind == ad_hoc.KIND


def _no_default(look: Look) -> None:
    node, report = look.node, look.report
    if node.kind not in ("exclusiveGateway", "inclusiveGateway", "complexGateway"):
        return
    conditional = [flow for flow in node.outgoing if flow.condition is not None]
    if conditional and node.default is None and len(conditional) == len(node.outgoing):
        report.warning(
            "no-default",
            node.id,
            f"Cổng {label(node)} không có luồng mặc định: nếu không điều kiện nào đúng, hồ sơ sẽ dừng.",
        )


def _event_names(look: Look) -> None:
    node, report = look.node, look.report
    throws = node.kind == "endEvent" and any(event.kind == "error" for event in node.events)
    if throws and not _caught_around(node):
        report.warning(
            "uncaught-error",
            node.id,
            f"Lỗi phát ở {label(node)} không có sự kiện nào bắt trong sơ đồ này.",
        )


def _caught_around(node: Node) -> bool:
    container: Container | None = node.container
    while container is not None:
        catchers = [sub.inside.starts for sub in container.event_subprocesses if sub.inside]
        if container.node is not None:
            catchers.append(list(container.node.boundaries))
        if any(
            event.kind == "error" for group in catchers for one in group for event in one.events
        ):
            return True
        container = container.node.container if container.node is not None else None
    return False


def _shape(process: Process, report: Report) -> None:
    """Every element can be reached."""
    reached: set[str] = set()
    todo = _beginnings(process.root)
    while todo:
        node = todo.pop()
        if node.id in reached:
            continue
        reached.add(node.id)
        todo.extend(flow.target for flow in node.outgoing)
        todo.extend(node.boundaries)
        if node.inside is not None:
            todo.extend(_beginnings(node.inside))
        if node.compensator is not None:
            todo.append(node.compensator)
    for node in process.nodes.values():
        if node.id not in reached:
            report.error("unreachable", node.id, f"Không có đường nào dẫn tới {label(node)}.")


def _beginnings(container: Container) -> list[Node]:
    owner = container.node
    free = ad_hoc.choices(owner) if owner is not None and owner.kind == ad_hoc.KIND else []
    links = [
        node
        for node in container.nodes
        if node.kind == "intermediateCatchEvent" and any(e.kind == "link" for e in node.events)
    ]
    return [*container.starts, *container.event_subprocesses, *links, *free]


_VOCABULARY_RULES = (_work, _choosing, _start_form, _job, _clocks, _called, _decided)
_RULES = (_names, _dead_end, _no_default, _event_names)
