"""Points, boxes and paths of a drawing, in pixels; y grows downwards."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from app.engine.drawing_model import Flow, Node


class Point(NamedTuple):
    x: float
    y: float


class Box(NamedTuple):
    """A rectangle by its top left corner and its size."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def centre(self) -> Point:
        return Point(self.x + self.width / 2, self.y + self.height / 2)

    def grown(self, margin: float) -> Self:
        return self._replace(
            x=self.x - margin,
            y=self.y - margin,
            width=self.width + 2 * margin,
            height=self.height + 2 * margin,
        )

    def moved(self, dx: float, dy: float) -> Self:
        return self._replace(x=self.x + dx, y=self.y + dy)

    def meets(self, other: "Box") -> bool:
        return (
            self.x < other.right
            and other.x < self.right
            and self.y < other.bottom
            and other.y < self.bottom
        )


@dataclass(frozen=True)
class Figure:
    """A node with its place; `label` is where its name stands when it stands outside."""

    node: Node
    box: Box
    label: Box | None = None
    expanded: bool = False
    horizontal: bool = True


@dataclass(frozen=True)
class Line:
    """A flow with its way from source to target (at least two points)."""

    flow: Flow
    points: tuple[Point, ...]
    label: Box | None = None


@dataclass(frozen=True)
class Arrangement:
    """Where everything stands."""

    figures: dict[str, Figure]
    lines: dict[str, Line]


def around(boxes: Iterable[Box]) -> Box | None:
    """Return the smallest box around all `boxes`."""
    all_boxes = list(boxes)
    if not all_boxes:
        return None
    left, top = min(box.x for box in all_boxes), min(box.y for box in all_boxes)
    right, bottom = max(box.right for box in all_boxes), max(box.bottom for box in all_boxes)
    return Box(left, top, right - left, bottom - top)


def around_points(points: Sequence[Point]) -> Box:
    left, top = min(point.x for point in points), min(point.y for point in points)
    right, bottom = max(point.x for point in points), max(point.y for point in points)
    return Box(left, top, right - left, bottom - top)


def straight(source: Box, target: Box) -> tuple[Point, ...]:
    """Return the line between the centres of two boxes, cut at their edges."""
    start, end = source.centre, target.centre
    return (_edge_towards(source, end), _edge_towards(target, start))


def _edge_towards(box: Box, point: Point) -> Point:
    centre = box.centre
    dx, dy = point.x - centre.x, point.y - centre.y
    if not dx and not dy:
        return Point(box.right, centre.y)
    ratios = [
        half / abs(part)
        for half, part in ((box.width / 2, dx), (box.height / 2, dy))
        if abs(part) > 0
    ]
    scale = min(ratios)
    return Point(centre.x + dx * scale, centre.y + dy * scale)
