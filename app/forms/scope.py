"""What an expression of a form may see, and at which instant."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.feel import Expression, FeelError
from app.feel.evaluation import Evaluation
from app.forms import moments, numerals
from app.forms.limits import MAX_STEPS, MAX_TEXT

_HALVES = re.compile("[\ud800-\udfff]")
"""Halves of surrogate pairs: FEEL can write them, UTF-8 cannot."""
RESERVED = frozenset({"this", "parent", "i"})
"""Names that a list gives to the expressions of its rows, as form-js does."""


class Effort:
    """What all expressions of one submission may spend together, and whether one was stopped."""

    __slots__ = ("has_failed", "left", "now")

    def __init__(self, now: datetime, left: int = MAX_STEPS) -> None:
        self.now = now
        self.left = left
        self.has_failed = False

    def run(self, expression: Expression, names: Mapping[str, Any]) -> Any:
        """Evaluate; one that meets a bound gives None and is remembered."""
        evaluation = Evaluation(self.now, self.left)
        try:
            return expression.run(evaluation, names)
        except FeelError:
            self.has_failed = True
            return None
        finally:
            self.left = evaluation.left


@dataclass(frozen=True, slots=True)
class Scope:
    """Names and their values. Rows of a list see `this`, `parent` and `i` (counted from 1)."""

    names: Mapping[str, Any]
    own: Mapping[str, Any]
    effort: Effort
    index: tuple[int, ...] = ()

    def row(self, values: Mapping[str, Any], number: int) -> "Scope":
        """The scope of the row at `number` (from 0) of a list in this scope."""
        index = (*self.index, number + 1)
        extra = {"this": dict(values), "parent": dict(self.own), "i": list(index)}
        return Scope({**self.names, **values, **extra}, values, self.effort, index)


@dataclass(frozen=True, slots=True)
class Dynamic:
    """A property that is written out, or computed by a FEEL expression ("=…")."""

    literal: Any = None
    expression: Expression | None = None

    @property
    def names(self) -> frozenset[str]:
        """The variables the expression reads."""
        return frozenset() if self.expression is None else frozenset(self.expression.names)

    def value(self, scope: Scope) -> Any:
        """The value as JSON types; an expression that fails gives None, as FEEL's null."""
        if self.expression is None:
            return self.literal
        return json_value(scope.effort.run(self.expression, scope.names))

    def flag(self, scope: Scope) -> bool:
        """Whether it is true; null and everything else is not."""
        if self.expression is None:
            return self.literal is True
        return self.value(scope) is True

    def number(self, scope: Scope) -> Decimal | None:
        """The value as an exact number, or None."""
        value = self.value(scope)
        return (
            numerals.read_decimal(value) if isinstance(value, str) else numerals.decimal_of(value)
        )

    def whole(self, scope: Scope) -> int | None:
        """The value as a whole number of zero or more, or None."""
        number = self.number(scope)
        if number is None or number < 0 or number.adjusted() > 12:
            return None
        return int(number)

    def text(self, scope: Scope) -> str:
        """The value as it is shown to people."""
        return shown(self.value(scope))


NOTHING = Dynamic()


def names_of(parts: Iterable[Any]) -> frozenset[str]:
    """The variables that any of these dynamic parts reads."""
    return frozenset(name for part in parts for name in part.names)


def json_value(value: Any, depth: int = 0) -> Any:
    """Turn a result of FEEL into what JSON can hold; what cannot be told becomes None."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value if value.isascii() else _HALVES.sub("\ufffd", value)
    if isinstance(value, (int, float, Decimal)):
        exact = numerals.decimal_of(value)
        return None if exact is None or exact.adjusted() > 300 else numerals.json_number(exact)
    if depth > 20:
        return None
    if isinstance(value, Mapping):
        return {str(name): json_value(part, depth + 1) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_value(part, depth + 1) for part in value]
    write = getattr(value, "isoformat", None)
    return write() if callable(write) else None


def shown(value: Any, depth: int = 0) -> str:
    """Write any value for people: 5,25; 24/11/2026; Có; Không."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Có" if value else "Không"
    if isinstance(value, str):
        return _shown_text(value)[:MAX_TEXT]
    if isinstance(value, (int, float, Decimal)):
        return numerals.shown(value)
    if isinstance(value, (list, tuple)) and depth < 4:
        return ", ".join(shown(part, depth + 1) for part in value)[:MAX_TEXT]
    if isinstance(value, Mapping):
        name = value.get("label") or value.get("name")
        return name[:MAX_TEXT] if isinstance(name, str) else ""
    return ""


def _shown_text(value: str) -> str:
    if len(value) < 10 or value[4:5] != "-" or value[7:8] != "-":
        return value
    if day := moments.read_date(value):
        return moments.shown_date(day)
    moment = moments.read_moment(value) if "T" in value[:11] else None
    return moments.shown_moment(moment) if moment else value
