"""The parts of a form: fields that hold a value, and what holds or surrounds them."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.forms.scope import NOTHING, Dynamic, Scope, names_of
from app.forms.template import EMPTY, Template
from app.forms.texts import lowered

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """An answer that cannot be read; `sentence` goes on after the field's label."""

    sentence: str


class Whole(str):
    """A sentence that needs no label before it."""

    __slots__ = ()


@dataclass(frozen=True, kw_only=True)
class Component:
    """What every part has: where it stands and when it is hidden."""

    type: str
    id: str
    hide: Dynamic = NOTHING
    row: str | None = None
    columns: int | None = None

    @property
    def names(self) -> frozenset[str]:
        """The variables that decide how this part itself looks or behaves."""
        return self.hide.names


@dataclass(frozen=True, kw_only=True)
class Field(Component, ABC):
    """A part that holds a value at `key`, relative to its group or row."""

    key: Key
    label: Template = EMPTY
    hint: Template = EMPTY
    required: Dynamic = NOTHING
    readonly: Dynamic = NOTHING
    disabled: Dynamic = NOTHING
    default: Dynamic = NOTHING
    autocomplete: str = ""
    is_held: bool = field(init=False)
    """Never typed by the person who fills the form in: the stored value stands."""
    is_free: bool = field(init=False)
    """Typed by the person whatever else was answered."""

    def __post_init__(self) -> None:
        held = self.readonly.literal is True or self.disabled.literal is True
        fixed = self.readonly.expression or self.disabled.expression
        object.__setattr__(self, "is_held", held)
        object.__setattr__(self, "is_free", not held and fixed is None)

    @property
    def names(self) -> frozenset[str]:
        parts = (self.required, self.readonly, self.disabled, self.default, self.label, self.hint)
        return self.hide.names | names_of(parts)

    @property
    def is_always_required(self) -> bool:
        """Required whatever else was answered."""
        return self.required.literal is True and self.hide.expression is None and not self.is_held

    def title(self, scope: Scope) -> str:
        """The label as shown, or the key where there is none."""
        return self.label.text(scope).strip() or ".".join(self.key)

    @abstractmethod
    def read(self, raw: Any) -> Any:
        """Convert what was typed: a value of JSON types, None for nothing, or a Fault."""

    def settle(self, answer: Any, scope: Scope) -> Any:
        """Finish what needs other answers, such as computed options. May give a Fault."""
        del scope
        return answer

    def empty(self) -> Any:
        """The value of a field left empty."""
        return None

    def missing(self, title: str) -> str:
        """What to say when it is required and empty."""
        return f"Nhập {lowered(title)}"

    def problems(self, value: Any, scope: Scope) -> list[str]:
        """Sentences that go on after the label, or are Whole, for a value that is there."""
        del value, scope
        return []

    def typed(self, value: Any) -> str:
        """The value as an input shows it, so that reading it again gives the same value."""
        return "" if value is None else str(value)

    def shown(self, value: Any, scope: Scope) -> str:
        """The value as a page to read shows it."""
        del scope
        return self.typed(value)

    @abstractmethod
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of a value that is there."""


@dataclass(frozen=True, kw_only=True)
class Group(Component):
    """Fields under one heading; with `path` their values live in an object of that name."""

    path: Key = ()
    label: Template = EMPTY
    outline: bool = True
    components: tuple[Component, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        return self.hide.names | self.label.names


@dataclass(frozen=True, kw_only=True)
class DynamicList(Component):
    """The same fields for each of several things: owners, papers, plots."""

    path: Key
    label: Template = EMPTY
    outline: bool = True
    components: tuple[Component, ...] = ()
    first_rows: int = 1
    """Rows shown when nothing is known yet."""
    min_rows: int = 0
    max_rows: int
    may_change: bool = True
    """Whether the person may add and remove rows."""

    @property
    def names(self) -> frozenset[str]:
        return self.hide.names | self.label.names

    def title(self, scope: Scope) -> str:
        """The label as shown, or the path where there is none."""
        return self.label.text(scope).strip() or ".".join(self.path)

    def count_problem(self, count: int, title: str) -> str | None:
        """The sentence about too few or too many rows."""
        if count < self.min_rows:
            return f"{title}: cần ít nhất {self.min_rows} mục"
        if count > self.max_rows:
            return f"{title}: có tối đa {self.max_rows} mục"
        return None


def stored_mapping(value: Any) -> Mapping[str, Any]:
    """The value where it is a mapping, else nothing."""
    return value if isinstance(value, Mapping) else {}
