"""How much work one pass through a part of an expression is."""

from dataclasses import fields, is_dataclass
from typing import Any

from app.feel.nodes import Node


def weight_of(node: Node) -> int:
    """Count the parts of a tree, at least one."""
    weight = 0
    waiting: list[Any] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, tuple):
            waiting.extend(part)
        elif is_dataclass(part):
            weight += 1
            waiting.extend(getattr(part, slot.name) for slot in fields(part))
    return max(weight, 1)
