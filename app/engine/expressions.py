"""Values written in a diagram: a literal, or an expression compiled once.

Conditions, counts and collections are always expressions. Other attributes (assignee, due date,
form key, parameters) are literals unless they start with `=` (FEEL) or hold `${…}`/`#{…}`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.engine.faults import Fault
from app.feel import Expression, FeelError, Purse, compile_any, compile_juel, to_json

Lookup = Callable[[Iterable[str]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Literal:
    """A value that is what it says."""

    value: Any

    def get(self, lookup: Lookup, at: datetime, purse: Purse | None = None) -> Any:  # noqa: ARG002  (one shape for both)
        return self.value


@dataclass(frozen=True, slots=True)
class Formula:
    """A compiled expression. `strict` ones (`${…}`) refuse a name that no scope knows."""

    source: str
    compiled: Expression
    strict: bool

    def get(self, lookup: Lookup, at: datetime, purse: Purse | None = None) -> Any:
        names = self.compiled.names
        known = lookup(names)
        if self.strict and len(known) < len(names):
            missing = ", ".join(sorted(set(names) - set(known)))
            raise Fault(f"Biểu thức {self.source} dùng biến chưa có: {missing}")
        try:
            return to_json(self.compiled.evaluate(known, now=at, purse=purse), purse=purse)
        except FeelError as error:
            raise Fault(f"Biểu thức {self.source} không tính được: {error.message}") from error


Value = Literal | Formula


def is_juel(text: str) -> bool:
    return "${" in text or "#{" in text


def expression(text: str) -> Formula:
    """Compile a text that is always an expression. Raises FeelError."""
    text = text.strip()
    if is_juel(text):
        return Formula(text, compile_juel(text), strict=True)
    if text.startswith("="):
        text = text[1:].strip()
    return Formula(text, compile_any(text), strict=False)


def value(text: str) -> Value:
    """Compile a text that is a literal unless marked. Raises FeelError."""
    marked = text.strip()
    if marked.startswith("=") or is_juel(marked):
        return expression(marked)
    return Literal(text)
