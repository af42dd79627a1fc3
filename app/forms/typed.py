"""What was typed, as one nested mapping: from an HTML form with flat names, or from JSON."""

from collections.abc import Mapping
from typing import Any

from app.forms.limits import MAX_DEPTH, MAX_NAMES, MAX_ROWS

SEEN = "_seen"
"""Control name: paths of fields that send nothing when nothing is chosen."""
ROWS = "_row"
"""Control name: "path.index" of every row on the page, for rows that send nothing."""
_PARTS = 3 * MAX_DEPTH + 8


class _Branch(dict[str, Any]):
    """A mapping made here; what a caller handed in is never written to."""


class TooMuch(ValueError):
    """More names than any form can have."""


def nested(typed: Mapping[str, Any]) -> dict[str, Any]:
    """Give "owners.0.name" its place: {"owners": {"0": {"name": …}}}.

    Names that begin with "_" are the page's own controls and stay out, except what `_seen` and
    `_row` tell. Where two names contradict each other the first one stands. Raises TooMuch.
    """
    getlist = getattr(typed, "getlist", None)
    if len(typed) > MAX_NAMES:
        raise TooMuch
    tree: dict[str, Any] = {}
    for name in typed:
        if isinstance(name, str) and name[:1] != "_":
            value = typed[name] if getlist is None else _one_or_all(getlist(name))
            if "." in name:
                _put(tree, name, value)
            else:
                tree.setdefault(name, value)
    for path in _control(typed, ROWS):
        _put(tree, path, _Branch())
    for path in _control(typed, SEEN):
        _put(tree, path, [])
    return tree


def lookup(tree: Any, key: tuple[str, ...]) -> tuple[bool, Any]:
    """Find a value by its path: whether it is there, and what it is."""
    for part in key:
        if not isinstance(tree, Mapping) or part not in tree:
            return False, None
        tree = tree[part]
    return True, tree


def place(tree: dict[str, Any], key: tuple[str, ...], value: Any) -> None:
    """Set a value by its path."""
    for part in key[:-1]:
        tree = tree.setdefault(part, {})
    tree[key[-1]] = value


def rows_of(raw: Any) -> list[Any]:
    """The rows of a list, from a JSON list or from {"0": …, "3": …} in order of number."""
    if isinstance(raw, list):
        return raw[: MAX_ROWS + 1]
    if not isinstance(raw, Mapping):
        return []
    numbers = sorted((int(name), name) for name in raw if is_index(name))
    return [raw[name] for _, name in numbers[: MAX_ROWS + 1]]


def is_index(name: Any) -> bool:
    """Whether a part of a path is the number of a row."""
    return isinstance(name, str) and name.isascii() and name.isdigit() and len(name) <= 6


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else list(values)


def _control(typed: Mapping[str, Any], name: str) -> list[str]:
    getlist = getattr(typed, "getlist", None)
    if getlist is None:
        return []
    return [path for path in getlist(name)[:MAX_NAMES] if isinstance(path, str)]


def _put(tree: dict[str, Any], name: str, value: Any) -> None:
    parts = name.split(".", _PARTS)
    if len(parts) > _PARTS:
        return
    for part in parts[:-1]:
        inner = tree.setdefault(part, _Branch())
        if not isinstance(inner, _Branch):
            return
        tree = inner
    tree.setdefault(parts[-1], value)
