"""The parts of an expression after parsing."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from app.feel.feeltype import FeelType


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: Any
    at: int = 0


@dataclass(frozen=True, slots=True)
class Name:
    """Whatever stands under this name."""

    name: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Path:
    """`base.name`."""

    base: "Node"
    name: str
    at: int = 0


@dataclass(frozen=True, slots=True)
class Filter:
    """`base[condition]` or `base[index]`."""

    base: "Node"
    condition: "Node"
    at: int = 0


@dataclass(frozen=True, slots=True)
class Negation:
    """`-value`."""

    value: "Node"
    at: int = 0


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`left + right` and its kin."""

    operator: str
    left: "Node"
    right: "Node"
    at: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left < right` and its kin."""

    operator: str
    left: "Node"
    right: "Node"
    at: int = 0


@dataclass(frozen=True, slots=True)
class Conjunction:
    """`a and b and c`."""

    parts: tuple["Node", ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Disjunction:
    """`a or b or c`."""

    parts: tuple["Node", ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Between:
    """`value between low and high`, both included."""

    value: "Node"
    low: "Node"
    high: "Node"
    at: int = 0


@dataclass(frozen=True, slots=True)
class Test:
    """One unary test: `< 5` (with operator), a value, or a condition on `?` (`stands_alone`)."""

    operator: str
    operand: "Node"
    stands_alone: bool = False


@dataclass(frozen=True, slots=True)
class Membership:
    """`value in (tests)`."""

    value: "Node"
    tests: tuple[Test, ...]
    negated: bool = False
    at: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """`if condition then yes else no`."""

    condition: "Node"
    yes: "Node"
    no: "Node"
    at: int = 0


@dataclass(frozen=True, slots=True)
class Iterator:
    """`name in source`."""

    name: str
    source: "Node"


@dataclass(frozen=True, slots=True)
class Loop:
    """`for iterators return body`."""

    iterators: tuple[Iterator, ...]
    body: "Node"
    at: int = 0


@dataclass(frozen=True, slots=True)
class Quantified:
    """`some|every iterators satisfies condition`."""

    every: bool
    iterators: tuple[Iterator, ...]
    condition: "Node"
    at: int = 0


@dataclass(frozen=True, slots=True)
class Definition:
    """`function(parameters) body`."""

    parameters: tuple[str, ...]
    body: "Node"
    types: tuple[FeelType | None, ...] = ()
    at: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """`function(arguments)`; `names` is empty for positional arguments."""

    function: "Node"
    arguments: tuple["Node", ...]
    names: tuple[str, ...] = ()
    at: int = 0


@dataclass(frozen=True, slots=True)
class ListOf:
    """`[a, b, c]`."""

    items: tuple["Node", ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Context:
    """`{key: value}`."""

    entries: tuple[tuple[str, "Node"], ...]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Interval:
    """`[low..high]`; `counts` marks the bare `low..high` of a loop, which may run downwards."""

    low: "Node"
    high: "Node"
    low_included: bool = True
    high_included: bool = True
    counts: bool = False
    at: int = 0


@dataclass(frozen=True, slots=True)
class InstanceOf:
    """`value instance of type`."""

    value: "Node"
    type: FeelType
    at: int = 0


@dataclass(frozen=True, slots=True)
class Operation:
    """A call of one of our own helpers by its name; never made from a word of the source."""

    helper: str
    operands: tuple["Node", ...]
    at: int = 0


Truth: TypeAlias = Comparison | Conjunction | Disjunction | Between | Membership | InstanceOf
"""What is true, false or null."""
Node: TypeAlias = (
    Literal
    | Name
    | Path
    | Filter
    | Negation
    | Arithmetic
    | Choice
    | Loop
    | Quantified
    | Definition
    | Call
    | ListOf
    | Context
    | Interval
    | Operation
    | Truth
)
