"""Names that a form does not declare: an API caller is told of them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from app.forms.components import Component, DynamicList, Group, Key
from app.forms.typed import rows_of

_AT_MOST = 20
"""Unknown names that are told; more would help nobody."""

_Tree = dict[str, Any]
"""Declared names: None for a value, the list itself for a list, a tree for an object."""


def unknown_paths(components: Sequence[Component], raw: Mapping[str, Any]) -> list[str]:
    """The first paths in `raw` that the form does not declare."""
    return list(islice(_strangers(raw, _declared(components), ""), _AT_MOST))


def _declared(components: Sequence[Component]) -> _Tree:
    tree: _Tree = {}
    _collect(components, (), tree)
    return tree


def _collect(components: Sequence[Component], prefix: Key, tree: _Tree) -> None:
    for component in components:
        if isinstance(component, Group):
            _collect(component.components, prefix + component.path, tree)
        elif isinstance(component, DynamicList):
            _declare(tree, prefix + component.path, component)
        elif key := getattr(component, "key", ()):
            _declare(tree, prefix + key, None)


def _declare(tree: _Tree, key: Key, leaf: DynamicList | None) -> None:
    for part in key[:-1]:
        tree = tree.setdefault(part, {})
    tree[key[-1]] = leaf


def _strangers(raw: Any, tree: _Tree, prefix: str) -> Iterator[str]:
    for name, value in raw.items() if isinstance(raw, Mapping) else ():
        path = f"{prefix}{str(name)[:60]}"
        if name not in tree:
            yield path
        elif isinstance(tree[name], dict):
            yield from _strangers(value, tree[name], f"{path}.")
        elif tree[name] is not None:
            inner = _declared(tree[name].components)
            for number, row in enumerate(rows_of(value)):
                yield from _strangers(row, inner, f"{path}.{number}.")
