"""What stands in a form before anybody types: what was typed last, else stored, else default."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.forms.components import Component, DynamicList, Field, Group, Key
from app.forms.scope import Scope
from app.forms.typed import lookup, place, rows_of


@dataclass(frozen=True, slots=True)
class Sources:
    """Where answers come from, first to last: what was typed, what is stored, the default."""

    typed: Any
    stored: Mapping[str, Any]
    scope: Scope

    def find(self, key: Key) -> tuple[bool, Any]:
        """The first of them that knows the key."""
        found, value = lookup(self.typed, key)
        return (found, value) if found else lookup(self.stored, key)


def prefill(components: Sequence[Component], sources: Sources) -> dict[str, Any]:
    """Give every field of the form its raw answer."""
    filled: dict[str, Any] = {}
    _fill(components, sources, filled, ())
    return filled


def _fill(
    components: Sequence[Component], sources: Sources, filled: dict[str, Any], prefix: Key
) -> None:
    for component in components:
        if isinstance(component, Field):
            key = prefix + component.key
            found, value = sources.find(key)
            place(filled, key, value if found else component.default.value(sources.scope))
        elif isinstance(component, Group):
            _fill(component.components, sources, filled, prefix + component.path)
        elif isinstance(component, DynamicList):
            key = prefix + component.path
            place(filled, key, _rows(component, key, sources))


def _rows(list_: DynamicList, key: Key, sources: Sources) -> list[dict[str, Any]]:
    found, given = sources.find(key)
    rows = rows_of(given) if found else [{}] * list_.first_rows
    return [
        prefill(list_.components, Sources(row, {}, sources.scope)) for row in rows[: list_.max_rows]
    ]
