"""Parts that hold no answer: texts, pictures, tables, buttons, space; and computed values."""

import re
from dataclasses import dataclass
from typing import Any

from app.forms.components import Component, Key
from app.forms.limits import MAX_TABLE_ROWS
from app.forms.scope import NOTHING, Dynamic, Scope, names_of, shown
from app.forms.template import EMPTY, Template

_DATA = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+")
_OWN_PATH = re.compile(r"/(?![/\\])[\w\-./%]*(\?[\w\-.=&%]*)?")


@dataclass(frozen=True, kw_only=True)
class Computed(Component):
    """A value that the form computes; nobody can type it."""

    key: Key
    expression: Dynamic

    @property
    def names(self) -> frozenset[str]:
        return self.hide.names | self.expression.names


@dataclass(frozen=True, kw_only=True)
class TextBlock(Component):
    """Markdown with values in it."""

    text: Template

    @property
    def names(self) -> frozenset[str]:
        return self.hide.names | self.text.names


@dataclass(frozen=True, kw_only=True)
class Image(Component):
    """A picture that comes with the form or from our own site."""

    source: Template
    alt: Template = EMPTY

    @property
    def names(self) -> frozenset[str]:
        return self.hide.names | names_of((self.source, self.alt))


@dataclass(frozen=True, kw_only=True)
class Table(Component):
    """Rows to read. Columns are (key, label) pairs, or computed as a list of such objects."""

    label: Template = EMPTY
    source: Dynamic = NOTHING
    columns_given: tuple[tuple[str, str], ...] = ()
    columns_computed: Dynamic = NOTHING

    @property
    def names(self) -> frozenset[str]:
        return self.hide.names | names_of((self.label, self.source, self.columns_computed))

    def heads(self, scope: Scope) -> tuple[tuple[str, str], ...]:
        """The columns in this scope."""
        computed = self.columns_computed.value(scope)
        return columns_of(computed) if isinstance(computed, list) else self.columns_given

    def cells(self, scope: Scope) -> tuple[tuple[str, ...], ...]:
        """The rows in this scope, as shown."""
        rows = self.source.value(scope)
        keys = [key for key, _ in self.heads(scope)]
        return tuple(
            tuple(shown(row.get(key)) for key in keys)
            for row in (rows[:MAX_TABLE_ROWS] if isinstance(rows, list) else ())
            if isinstance(row, dict)
        )


@dataclass(frozen=True, kw_only=True)
class Button(Component):
    """Sends the form (`action` submit) or empties it (reset)."""

    label: Template = EMPTY
    action: str = "submit"

    @property
    def names(self) -> frozenset[str]:
        return self.hide.names | self.label.names


@dataclass(frozen=True, kw_only=True)
class Separator(Component):
    """A line."""


@dataclass(frozen=True, kw_only=True)
class Spacer(Component):
    """Empty space of `height` pixels."""

    height: int = 16


@dataclass(frozen=True, kw_only=True)
class Documents(Component):
    """Files to read, from a computed list."""

    label: Template = EMPTY
    source: Dynamic = NOTHING

    @property
    def names(self) -> frozenset[str]:
        return self.hide.names | names_of((self.label, self.source))


def is_safe_image(source: str) -> bool:
    """Allow pictures inside the form and our own paths; nothing from elsewhere, no SVG."""
    return bool(_DATA.fullmatch(source) or _OWN_PATH.fullmatch(source))


def columns_of(raw: Any) -> tuple[tuple[str, str], ...]:
    """Read columns from objects with `key` and `label`."""
    columns = [item for item in raw[:50] if isinstance(item, dict)] if isinstance(raw, list) else []
    return tuple(
        (str(item["key"]), str(item.get("label") or item["key"]))
        for item in columns
        if isinstance(item.get("key"), str)
    )
