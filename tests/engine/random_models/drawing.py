"""A sheet on which blocks are drawn: every block has one way in and one way out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count, pairwise
from random import Random
from typing import Any

from tests.engine import diagrams as d

Block = Any  # a nested tuple: kind, then what the kind needs
Ends = tuple[str, str]
Drawer = Callable[["Drawing", Block], Ends]
DRAWERS: dict[str, Drawer] = {}
"""How each kind of block is drawn."""


@dataclass
class Drawing:
    """Collects elements. `asynchronous`: how many of the activities get job boundaries."""

    parts: list[str] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    chance: Random = field(default_factory=lambda: Random(0))
    asynchronous: float = 0.0
    processes: list[str] = field(default_factory=list)

    def name(self, kind: str) -> str:
        return f"{kind}{next(self.numbers)}"

    def add(self, *parts: str) -> None:
        self.parts.extend(parts)

    def inside(self) -> "Drawing":
        """A sheet for what lies within an element of this one."""
        return Drawing([], self.numbers, self.chance, self.asynchronous, self.processes)

    def boundaries(self) -> dict[str, str]:
        """Job boundaries that an activity or gateway may get."""
        return {
            f"camunda__async{side}": "true"
            for side in ("Before", "After")
            if self.chance.random() < self.asynchronous
        }


def drawer(*kinds: str) -> Callable[[Drawer], Drawer]:
    def register(function: Drawer) -> Drawer:
        DRAWERS.update(dict.fromkeys(kinds, function))
        return function

    return register


def draw(drawing: Drawing, block: Block) -> Ends:
    """Add a block; give its first and last element."""
    return DRAWERS[block[0]](drawing, block)


def within(drawing: Drawing, *blocks: Block, last: str = "") -> Drawing:
    """A sheet with start, the blocks one after the other, and an end (with the event `last`)."""
    inner = drawing.inside()
    start, end = drawing.name("s"), drawing.name("e")
    ends = [draw(inner, block) for block in blocks]
    steps = [start, *(name for pair in ends for name in pair), end]
    flows = [d.flow(a, b) for a, b in list(pairwise(steps))[::2]]
    inner.add(d.start(start), d.end(end, last), *flows)
    return inner


def meet(drawing: Drawing, *lasts: str) -> str:
    """Let several ways come together."""
    join = drawing.name("gop")
    drawing.add(d.node("exclusiveGateway", join), *(d.flow(last, join) for last in lasts))
    return join


def aside(drawing: Drawing, source: str, block: Block) -> None:
    """A way that ends by itself."""
    first, last = draw(drawing, block)
    end = drawing.name("e")
    drawing.add(d.end(end), d.flow(source, first), d.flow(last, end))
