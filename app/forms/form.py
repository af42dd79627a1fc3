"""One form: checks what was typed, and says what a page needs to draw it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.forms import Submission
from app.forms import outline, rows
from app.forms.answers import Place, blank, read_answers, settle
from app.forms.components import Component, DynamicList, Group, Key
from app.forms.file_fields import FileField
from app.forms.outline import FieldInfo
from app.forms.prefill import Sources, prefill
from app.forms.scope import RESERVED, Effort, Scope
from app.forms.strict import unknown_paths
from app.forms.typed import TooMuch, is_index, nested
from app.forms.viewer import Ink, draw
from app.forms.views import ErrorView, FieldView, FormView, GroupView, ListView, RowView

Clock = Callable[[], datetime]

_TOO_MUCH = "Biểu mẫu gửi lên có quá nhiều trường; hãy tải lại trang và thử lại"


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What a form holds, settled, with the raw answers it came from."""

    raw: Mapping[str, Any]
    answers: Sequence[Any]
    at: Place


class ParsedForm:
    """A form without errors. Immutable, so that it can be shared and cached."""

    def __init__(self, components: Sequence[Component], now: Clock) -> None:
        self.components = tuple(components)
        self._now = now
        self._blank = blank(self.components)
        self.reads = frozenset(_all_names(self.components))
        """Names that any part depends on."""
        answered = self._blank.keys() | RESERVED
        self._depends_on = tuple(sorted(self.reads & answered))
        self._is_static = not self.reads and not _computes(self.components)

    def validate(
        self, typed: Mapping[str, Any], variables: Mapping[str, Any], *, strict: bool = False
    ) -> Submission:
        """Check and convert what was typed.

        `typed` is an HTML form (flat names as "owners.0.name", `getlist` where it has one) or
        nested JSON. Only declared names are read; `strict` reports the others, for API callers.
        """
        try:
            raw = nested(typed)
        except TooMuch:
            return Submission({}, {"": [_TOO_MUCH]})
        answers = read_answers(self.components, raw)
        at, errors = settle(
            self.components, answers, self._start(variables), is_static=self._is_static
        )
        if strict:
            for path in unknown_paths(self.components, {**_controls(typed), **raw}):
                errors[path] = ["Biểu mẫu không có trường này"]
        return Submission(at.into, errors, raw)

    def view(
        self,
        values: Mapping[str, Any],
        variables: Mapping[str, Any],
        errors: Mapping[str, Sequence[str]],
        *,
        read_only: bool = False,
    ) -> FormView:
        """The tree a page draws.

        `values` is what a field holds first of all: a draft, `Submission.typed`, or the HTML
        form itself; what it lacks comes from `variables`, then from the form's defaults.
        """
        drawing = self._settled(values, variables)
        level = (self.components, drawing.answers, drawing.raw)
        drawn = draw(level, drawing.at, Ink(errors, read_only))
        lines = tuple(_error_lines(drawn, errors))
        return FormView(drawn, lines, read_only, self._depends_on)

    def review(
        self, values: Mapping[str, Any], variables: Mapping[str, Any] | None = None
    ) -> list[tuple[str, str]]:
        """Label and shown value of every field that is not hidden, for summaries and slips."""
        drawing = self._settled(values, variables or {})
        return list(outline.review(self.components, drawing.answers, drawing.raw, drawing.at))

    def changed_rows(
        self, typed: Mapping[str, Any], variables: Mapping[str, Any]
    ) -> dict[str, Any] | None:
        """What was typed, with the row added or removed whose button was pressed.

        None where no such button was pressed. The result is for `view`, as its `values`.
        """
        command = rows.button_pressed(typed)
        if not command:
            return None
        filled = dict(self._filled(typed, variables))
        rows.change_rows(self.components, filled, command)
        return filled

    def fields(self) -> list[FieldInfo]:
        """Every field in order; those inside a list once, as "owners[].name"."""
        return list(outline.fields(self.components, self._start({})))

    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of what `validate` accepts as JSON."""
        schema = outline.json_schema(self.components, self._start({}))
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}

    def file_field(self, path: str) -> FileField | None:
        """The file field at a path such as "owners.0.card": its limits; None for any other."""
        return _file_field(self.components, tuple(path.split(".")))

    def _start(self, variables: Mapping[str, Any]) -> Scope:
        return Scope(variables, self._blank, Effort(self._now()))

    def _filled(self, values: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        try:
            raw = nested(values)
        except TooMuch:
            raw = {}
        return prefill(self.components, Sources(raw, variables, self._start(variables)))

    def _settled(self, values: Mapping[str, Any], variables: Mapping[str, Any]) -> _Drawing:
        raw = self._filled(values, variables)
        answers = read_answers(self.components, raw)
        at, _ = settle(self.components, answers, self._start(variables), is_static=self._is_static)
        return _Drawing(raw, answers, at)


def _file_field(components: Sequence[Component], path: Key) -> FileField | None:
    for component in components:
        if isinstance(component, FileField) and component.key == path:
            return component
        own = component.path if isinstance(component, Group | DynamicList) else ()
        if not isinstance(component, Group | DynamicList) or path[: len(own)] != own:
            continue
        rest = path[len(own) :]
        if isinstance(component, DynamicList):
            rest = rest[1:] if is_index(rest[0] if rest else "") else ()
        found = _file_field(component.components, rest)
        if found is not None:
            return found
    return None


def _controls(typed: Mapping[str, Any]) -> dict[str, None]:
    return {str(name): None for name in typed if not isinstance(name, str) or name[:1] == "_"}


def _all_names(components: Sequence[Component]) -> Iterator[str]:
    for component in components:
        yield from component.names
        if isinstance(component, Group | DynamicList):
            yield from _all_names(component.components)


def _computes(components: Sequence[Component]) -> bool:
    """Whether any part has an expression, be it one without names such as `today()`."""
    for component in components:
        if isinstance(component, Group | DynamicList):
            if _computes(component.components):
                return True
        elif any(getattr(part, "expression", None) for part in vars(component).values()):
            return True
    return False


def _error_lines(
    drawn: Sequence[RowView], errors: Mapping[str, Sequence[str]]
) -> Iterator[ErrorView]:
    """The errors in the order of the page, then those that have no place on it."""
    left = dict(errors)
    yield from _placed(drawn, left)
    for sentences in left.values():
        for sentence in sentences:
            yield ErrorView("", sentence)


def _placed(
    drawn: Sequence[RowView], left: dict[str, Sequence[str]], place: str = ""
) -> Iterator[ErrorView]:
    for view in (cell for row in drawn for cell in row.cells):
        if view.hidden:
            continue
        if isinstance(view, FieldView | ListView):
            for sentence in left.pop(view.path, ()):
                yield ErrorView(_target(view), place + sentence)
        if isinstance(view, GroupView):
            yield from _placed(view.rows, left, place)
        elif isinstance(view, ListView):
            for item in view.items:
                yield from _placed(item.rows, left, f"{place}{item.label}: ")


def _target(view: FieldView | ListView) -> str:
    return view.target if isinstance(view, FieldView) else view.id
