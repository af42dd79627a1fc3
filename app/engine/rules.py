"""What a rule looks at."""

from collections.abc import Callable
from dataclasses import dataclass

from app.engine.expressions import Formula, Literal, Value
from app.engine.graph import Node
from app.engine.reports import Report
from app.engine.specs import Drawn


@dataclass(frozen=True)
class Look:
    """One node, as compiled and as drawn, and where to report."""

    node: Node
    drawn: Drawn
    report: Report


Rule = Callable[[Look], None]


def label(node: Node) -> str:
    """How a sentence calls an element."""
    return f"“{node.name or node.id}”"


def source(value: Value | None) -> str:
    """The text of a value as written."""
    if isinstance(value, Formula):
        return value.source
    return str(value.value) if isinstance(value, Literal) else ""
