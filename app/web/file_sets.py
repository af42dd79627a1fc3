"""A set of files as pages show it: rows, problems by file, one drawing with its steps, an archive."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from flask import send_file
from markupsafe import Markup
from werkzeug.wrappers import Response

from app.domain.element_words import ELEMENT_WORDS
from app.domain.engine import DrawingStates, ElementView, Problem, Severity
from app.domain.errors import InvalidInput
from app.usecases import registrations
from app.usecases.ports import Work
from app.web import drawings, formats
from app.web.views import address

SCENARIO_KIND = "kịch bản chạy thử"
SHORT = 12  # characters of a checksum that people compare by eye
WHOLE_SET = "Cả bộ tệp"
SEVERITY_WORDS = {Severity.ERROR: ("lỗi", "bad"), Severity.WARNING: ("cảnh báo", "warn")}
MIME = {
    ".bpmn": "application/xml",
    ".dmn": "application/xml",
    ".form": "application/json",
    ".yaml": "text/plain",
}
STEPS_AFTER_MENDING = "Danh sách bước hiện ra khi quy trình không còn lỗi cấu trúc."
EARLIEST = (1980, 1, 1, 0, 0, 0)  # the first instant that a ZIP can name
PLAIN_FILE = 0o100644 << 16
UNIX = 3


# --- rows and problems --------------------------------------------------------------------


@dataclass(frozen=True)
class ProblemView:
    word: str
    kind: str  # of its tag
    message: str
    element: str = ""
    href: str = ""  # to the element in its drawing; empty where there is none


@dataclass(frozen=True)
class ProblemGroup:
    """What the lint says of one file."""

    file: str
    errors: int
    warnings: int
    problems: list[ProblemView]


@dataclass(frozen=True)
class LintView:
    errors: int
    warnings: int
    groups: list[ProblemGroup]

    @property
    def summary(self) -> str:
        return count_text(self.errors, self.warnings)


@dataclass(frozen=True)
class FileRow:
    name: str
    kind: str
    size: str
    checksum: str
    short: str
    href: str
    drawing_href: str  # empty for what is not a diagram
    errors: int = 0
    warnings: int = 0

    @property
    def state(self) -> tuple[str, str]:
        """What the lint says of the file, and the kind of the tag that says it."""
        if self.errors:
            return f"{self.errors} lỗi", "bad"
        return (f"{self.warnings} cảnh báo", "warn") if self.warnings else ("không có lỗi", "ok")


def count_text(errors: int, warnings: int) -> str:
    """Say how many problems there are: "2 lỗi, 1 cảnh báo"."""
    parts = [f"{n} {word}" for n, word in ((errors, "lỗi"), (warnings, "cảnh báo")) if n]
    return ", ".join(parts) or "Không có lỗi"


def kind_of(name: str) -> str:
    ending = PurePosixPath(name).suffix
    return registrations.KINDS.get(ending, SCENARIO_KIND)


def problems_of(report: Iterable[Mapping[str, Any]]) -> list[Problem]:
    """The problems of a stored lint report."""
    return [
        Problem(
            severity=Severity(row["severity"]),
            code=str(row["code"]),
            message=str(row["message"]),
            file=str(row.get("file") or ""),
            element_id=str(row.get("element_id") or ""),
        )
        for row in report
    ]


def lint_view(problems: Sequence[Problem], base: str) -> LintView:
    """Problems grouped by file, errors first. `base` is the page that draws `?file=…&element=…`."""
    by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        by_file.setdefault(problem.file, []).append(problem)
    groups = [_group(file, by_file[file], base) for file in sorted(by_file)]
    groups.sort(key=lambda group: (group.errors == 0, group.file))
    return LintView(*_counts(problems), groups)


def _group(file: str, problems: Sequence[Problem], base: str) -> ProblemGroup:
    errors, warnings = _counts(problems)
    ordered = sorted(problems, key=lambda one: one.severity is not Severity.ERROR)
    views = [_problem(problem, base) for problem in ordered]
    return ProblemGroup(file or WHOLE_SET, errors, warnings, views)


def _counts(problems: Sequence[Problem]) -> tuple[int, int]:
    wrong = sum(1 for problem in problems if problem.severity is Severity.ERROR)
    return wrong, len(problems) - wrong


def _problem(problem: Problem, base: str) -> ProblemView:
    word, kind = SEVERITY_WORDS[problem.severity]
    drawn = problem.element_id and problem.file.endswith(".bpmn")
    return ProblemView(
        word,
        kind,
        problem.message,
        problem.element_id,
        drawing_href(base, problem.file, problem.element_id) if drawn else "",
    )


def drawing_href(base: str, file: str, element: str = "") -> str:
    return f"{address(base, {'file': file, 'element': element})}#drawing"


def _order(name: str) -> tuple[int, str]:
    """Diagrams first, scenarios last."""
    kinds = list(registrations.KINDS)
    ending = PurePosixPath(name).suffix
    return kinds.index(ending) if ending in kinds else len(kinds), name


def file_rows(
    work: Work,
    files: Mapping[str, str],
    *,
    page: str,
    folder: str,
    problems: Sequence[Problem] = (),
) -> list[FileRow]:
    """Rows of a set. `page` shows its drawings, `folder` is the address that its files stand below."""
    made = []
    for name, checksum in sorted(files.items(), key=lambda pair: _order(pair[0])):
        errors, warnings = _counts([one for one in problems if one.file == name])
        made.append(
            FileRow(
                name=name,
                kind=kind_of(name),
                size=formats.size(len(work.files.read(checksum))),
                checksum=checksum,
                short=checksum[:SHORT],
                href=f"{folder}/{name}",
                drawing_href=drawing_href(page, name) if name.endswith(".bpmn") else "",
                errors=errors,
                warnings=warnings,
            )
        )
    return made


# --- one drawing --------------------------------------------------------------------------


@dataclass(frozen=True)
class StepView:
    id: str
    name: str
    kind: str
    lane: str
    following: str
    href: str
    mark: tuple[str, str] | None = None  # word and kind of a tag
    current: bool = False


@dataclass(frozen=True)
class DrawingView:
    """One diagram of a set. `fault` says why there is no picture or no list of steps."""

    file: str
    element: str = ""
    svg: Markup | None = None
    fault: str = ""
    steps: list[StepView] = field(default_factory=list)


def drawing(
    work: Work,
    name: str,
    content: bytes,
    *,
    base: str,
    problems: Sequence[Problem] = (),
    element: str = "",
) -> DrawingView:
    """Draw a diagram with its problems marked and `element` in view."""
    wrong = {p.element_id for p in problems if p.file == name and p.severity is Severity.ERROR}
    states = DrawingStates(
        active=frozenset({element} if element else ()), incident=frozenset(wrong - {element})
    )
    try:
        svg = drawings.of_file(work, name, content, states)
    except InvalidInput as error:
        return DrawingView(name, element, fault=error.message)
    marks = _marks([p for p in problems if p.file == name])
    steps = [_step(view, base, name, marks, element) for view in _steps(work, content)]
    return DrawingView(name, element, svg, "" if steps else STEPS_AFTER_MENDING, steps)


def _steps(work: Work, content: bytes) -> list[ElementView]:
    """The steps of every process of a file; none where one of them cannot be compiled."""
    try:
        return [
            view
            for outline in work.engine.outline(content)
            for view in work.engine.compile("drawing", outline.key, content).elements()
        ]
    except InvalidInput:
        return []


def _marks(problems: Sequence[Problem]) -> dict[str, tuple[str, str]]:
    """Word and tag kind of the worst problem of each element."""
    marks: dict[str, tuple[str, str]] = {}
    for problem in sorted(problems, key=lambda one: one.severity is not Severity.ERROR):
        marks.setdefault(problem.element_id, SEVERITY_WORDS[problem.severity])
    return marks


def _step(
    view: ElementView, base: str, file: str, marks: Mapping[str, tuple[str, str]], element: str
) -> StepView:
    kind = ELEMENT_WORDS.get(view.kind, view.kind)
    return StepView(
        id=view.id,
        name=view.name or kind,
        kind=kind,
        lane=view.lane or "",
        following="; ".join(view.next_names),
        href=drawing_href(base, file, view.id),
        mark=marks.get(view.id),
        current=view.id == element,
    )


def first_diagram(files: Iterable[str]) -> str:
    """Name of the diagram that is drawn where none is asked for, or ""."""
    return next((name for name in sorted(files) if name.endswith(".bpmn")), "")


# --- downloads ----------------------------------------------------------------------------


def archive(files: Mapping[str, bytes]) -> bytes:
    """Pack a set: the same set always gives the same bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = UNIX
            entry.external_attr = PLAIN_FILE
            packed.writestr(entry, files[name])
    return target.getvalue()


def send(name: str, content: bytes, mime: str = "") -> Response:
    """Send bytes to be kept, not to be shown: no browser runs them. Names may be in Vietnamese."""
    response = send_file(
        io.BytesIO(content),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=name,
        max_age=0,
    )
    response.headers["Content-Type"] = mime or MIME.get(
        PurePosixPath(name).suffix, "application/octet-stream"
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response
