"""Adds and removes rows of lists without JavaScript: by the submit button that was pressed."""

from collections.abc import Iterable, Sequence
from typing import Any

from app.forms.components import Component, DynamicList, Group, Key
from app.forms.typed import is_index, lookup

ADD = "_add:"
REMOVE = "_remove:"


def button_pressed(names: Iterable[Any]) -> str:
    """The name of the button that was pressed to add or remove a row, or ""."""
    for name in names:
        if isinstance(name, str) and name.startswith((ADD, REMOVE)) and len(name) < 300:
            return name
    return ""


def change_rows(components: Sequence[Component], filled: dict[str, Any], command: str) -> None:
    """Carry out "_add:owners" or "_remove:owners:2" on answers made by `prefill`.

    What is not a list of this form, or would pass its limits, changes nothing.
    """
    path, _, number = command.removeprefix(ADD).removeprefix(REMOVE).partition(":")
    parts = tuple(path.split("."))
    found = _list_at(components, filled, parts)
    if found is None:
        return
    list_, rows = found
    if not list_.may_change:
        return
    if command.startswith(ADD):
        if len(rows) < list_.max_rows:
            rows.append({})
    elif is_index(number) and len(rows) > list_.min_rows:
        del rows[int(number) : int(number) + 1]


def _list_at(
    components: Sequence[Component], filled: Any, path: Key
) -> tuple[DynamicList, list[Any]] | None:
    for component in components:
        own = component.path if isinstance(component, Group | DynamicList) else ()
        if isinstance(component, Group):
            if path[: len(own)] == own and len(path) > len(own):
                inner = lookup(filled, own)[1] if own else filled
                found = _list_at(component.components, inner, path[len(own) :])
                if found is not None:
                    return found
        elif isinstance(component, DynamicList) and path[: len(own)] == own:
            rows = lookup(filled, own)[1]
            if not isinstance(rows, list):
                return None
            return (component, rows) if path == own else _in_row(component, rows, path[len(own) :])
    return None


def _in_row(list_: DynamicList, rows: list[Any], path: Key) -> tuple[DynamicList, list[Any]] | None:
    index = path[0]
    if not is_index(index) or int(index) >= len(rows):
        return None
    return _list_at(list_.components, rows[int(index)], path[1:])
