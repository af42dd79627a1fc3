"""From what was typed to values: read every answer, then settle what depends on the others.

Reading gives one answer for each part, in order: a value or a Fault for a field, a list of
answers for a group, a list of such lists for a list. Settling hides and computes until nothing
changes any more; hidden parts leave no value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.forms.blocks import Computed
from app.forms.components import (
    Component,
    DynamicList,
    Fault,
    Field,
    Group,
    Key,
    Whole,
    stored_mapping,
)
from app.forms.limits import MAX_ROUNDS
from app.forms.scope import NOTHING, Scope
from app.forms.typed import lookup, place, rows_of

_TOO_HEAVY = (
    "Một điều kiện của biểu mẫu tính quá nhiều nên bị dừng; hãy rút gọn nội dung đã nhập "
    "hoặc báo người quản trị"
)

Errors = dict[str, list[str]]
"""From a path ("owners.0.name") to sentences."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the form, and in the values, a walk stands."""

    scope: Scope
    into: dict[str, Any]
    """The values being written."""
    before: Mapping[str, Any]
    """The values of the round before."""
    stored: Mapping[str, Any]
    """What the variables hold here."""
    prefix: str = ""
    is_blind: bool = False
    """The first round: nothing is known yet, so nothing is hidden or computed."""

    def inside(self, path: Key) -> "Place":
        """The place of a group's fields."""
        if not path:
            return self
        found, into = lookup(self.into, path)
        if not found:
            into = {}
            place(self.into, path, into)
        return replace(
            self,
            into=into,
            before=stored_mapping(lookup(self.before, path)[1]),
            stored=stored_mapping(lookup(self.stored, path)[1]),
            prefix=f"{self.prefix}{'.'.join(path)}.",
        )

    def row(self, path: Key, number: int) -> "Place":
        """The place of one row of a list."""
        before = stored_mapping(_item(lookup(self.before, path)[1], number))
        return Place(
            self.scope if self.is_blind else self.scope.row(before, number),
            {},
            before,
            stored_mapping(_item(lookup(self.stored, path)[1], number)),
            f"{self.prefix}{'.'.join(path)}.{number}.",
            self.is_blind,
        )

    def path(self, key: Key) -> str:
        """The full path of a key."""
        return self.prefix + ".".join(key)


def read_answers(components: Sequence[Component], raw: Any) -> list[Any]:
    """Read one answer for each part."""
    return [_answer(component, raw) for component in components]


def settle(
    components: Sequence[Component],
    answers: Sequence[Any],
    start: Scope,
    *,
    is_static: bool = False,
) -> tuple[Place, dict[str, list[str]]]:
    """Hide and compute until it rests, at most `MAX_ROUNDS` times.

    `start` holds the variables, with every name the form writes as null in `own`. The place's
    `into` is the result, its scope what decided it; the errors go with exactly these values.
    """
    values: dict[str, Any] = {}
    if not is_static:
        write(components, answers, Place(start, values, {}, start.names, is_blind=True))
    for _ in range(MAX_ROUNDS):
        errors: dict[str, list[str]] = {}
        scope = Scope({**start.names, **start.own, **values}, values, start.effort)
        at = Place(scope, {}, values, start.names)
        write(components, answers, at, errors)
        if is_static or _looks_the_same(at.into, values):
            break
        values = at.into
    if start.effort.has_failed:
        errors[""] = [_TOO_HEAVY]
    return at, errors


def write(
    components: Sequence[Component],
    answers: Sequence[Any],
    at: Place,
    errors: Errors | None = None,
) -> None:
    """Write the values of what is not hidden into `at.into`; with `errors`, check them too."""
    for component, answer in zip(components, answers, strict=True):
        if not at.is_blind and component.hide is not NOTHING and component.hide.flag(at.scope):
            continue
        if isinstance(component, Field):
            _write_field(component, answer, at, errors)
        elif isinstance(component, Computed):
            if not at.is_blind:
                place(at.into, component.key, component.expression.value(at.scope))
        elif isinstance(component, Group):
            write(component.components, answer, at.inside(component.path), errors)
        elif isinstance(component, DynamicList):
            _write_list(component, answer, at, errors)


def stored_value(field: Field, at: Place) -> Any:
    """What stands in a field that nobody may type into."""
    found, value = lookup(at.stored, field.key)
    return value if found else field.default.value(at.scope)


def rows_needed(component: DynamicList, stored: Any) -> int:
    """Rows that a list which may not change has."""
    return len(stored) if isinstance(stored, list) else component.first_rows


def _answer(component: Component, raw: Any) -> Any:
    if isinstance(component, Field):
        if component.is_held:
            return None
        if len(component.key) == 1 and type(raw) is dict:
            return component.read(raw.get(component.key[0]))
        return component.read(lookup(raw, component.key)[1])
    if isinstance(component, Group):
        inner = lookup(raw, component.path)[1] if component.path else raw
        return read_answers(component.components, inner)
    if isinstance(component, DynamicList):
        rows = rows_of(lookup(raw, component.path)[1])
        return [read_answers(component.components, row) for row in rows]
    return None


def _write_field(field: Field, answer: Any, at: Place, errors: Errors | None) -> None:
    if not field.is_free and _stands(field, at):
        return
    value = answer if at.is_blind else field.settle(answer, at.scope)
    if errors is not None:
        _check(field, value, at, errors)
    if type(value) is Fault:
        value = field.empty()
    if len(field.key) == 1:
        at.into[field.key[0]] = value
    else:
        place(at.into, field.key, value)


def _stands(field: Field, at: Place) -> bool:
    """Whether nobody may type into the field; then what is stored stands."""
    if field.disabled.flag(at.scope):
        return True
    if field.readonly.flag(at.scope):
        place(at.into, field.key, stored_value(field, at))
        return True
    return False


def _check(field: Field, value: Any, at: Place, errors: Errors) -> None:
    if type(value) is Fault:
        errors[at.path(field.key)] = [f"{field.title(at.scope)} {value.sentence}"]
    elif value is None or value is False or value == []:
        if field.required.flag(at.scope):
            errors[at.path(field.key)] = [field.missing(field.title(at.scope))]
    elif sentences := field.problems(value, at.scope):
        title = field.title(at.scope)
        errors[at.path(field.key)] = [
            str(text) if isinstance(text, Whole) else f"{title} {text}" for text in sentences
        ]


def _write_list(list_: DynamicList, answer: Any, at: Place, errors: Errors | None) -> None:
    rows = []
    for number, row in enumerate(answer[: list_.max_rows]):
        inner = at.row(list_.path, number)
        write(list_.components, row, inner, errors)
        rows.append(inner.into)
    place(at.into, list_.path, rows)
    if errors is None:
        return
    sentence = list_.count_problem(len(answer), list_.title(at.scope))
    if not list_.may_change and sentence is None:
        needed = rows_needed(list_, lookup(at.stored, list_.path)[1])
        if len(answer) != needed:
            sentence = f"{list_.title(at.scope)}: phải có đúng {needed} mục"
    if sentence:
        errors[at.path(list_.path)] = [sentence]


def _looks_the_same(values: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether expressions see no difference: a hidden name and a null are the same to them."""
    return values == before or _told(values) == _told(before)


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _item(rows: Any, number: int) -> Any:
    return rows[number] if isinstance(rows, list) and number < len(rows) else None


def blank(components: Sequence[Component]) -> dict[str, None]:
    """Every name the form writes, as null: a hidden field must not show an older value."""
    names: dict[str, None] = {}
    for component in components:
        if isinstance(component, Group) and not component.path:
            names.update(blank(component.components))
        elif isinstance(component, Group | DynamicList):
            names[component.path[0]] = None
        elif isinstance(component, Computed) or (
            isinstance(component, Field) and not component.is_held
        ):
            names[component.key[0]] = None
    return names
