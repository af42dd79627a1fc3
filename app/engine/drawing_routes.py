"""Ways of flows through a grid: only along channels between columns and strips below rows."""

import itertools
from dataclasses import dataclass, field

from app.engine.drawing_geometry import Figure, Line, Point
from app.engine.drawing_grid import Cell, Grid
from app.engine.drawing_model import GATEWAYS, Flow, Model, Node

_LONGEST_SKIP = 12


def is_ahead(start: Cell, end: Cell) -> bool:
    """Tell whether a flow goes forward and not too far, so that cells are kept free for it."""
    return 0 < end.column - start.column <= _LONGEST_SKIP


def passage(source: str, target: str, column: int) -> str:
    """Return the name of the cell that a flow keeps free in a column that it skips."""
    return f"{source}\0{target}\0{column}"


@dataclass(frozen=True)
class Trip:
    """A flow to be routed; `host` is the source, or what the source is attached to."""

    flow: Flow
    source: Node
    host: Node
    target: Node


@dataclass(eq=False)
class Router:
    """Finds a way for each flow of one scope."""

    model: Model
    grid: Grid
    trips: list[Trip]
    _channels: dict[int, dict[str, int]] = field(default_factory=dict)
    _strips: dict[tuple[int, int], int] = field(default_factory=dict)
    _returns: dict[int, int] = field(default_factory=dict)

    def channels(self) -> dict[int, int]:
        """Give every turning line its channel, and return how many each column needs."""
        for trip in self.trips:
            start, end = self.grid.cells[trip.host.id], self.grid.cells[trip.target.id]
            if not is_ahead(start, end):
                self._channel(start.column, f"~{trip.flow.id}")
                continue
            cells = self._cells(trip)
            for before, after in itertools.pairwise(cells):
                if before[1:] != after[1:] or trip.source is not trip.host:
                    self._channel(before.column, self._key(trip, before))
        return {column: len(keys) for column, keys in self._channels.items()}

    def _channel(self, column: int, key: str) -> int:
        keys = self._channels.setdefault(column, {})
        return keys.setdefault(key, len(keys))

    def _key(self, trip: Trip, cell: Cell) -> str:
        return trip.source.id if cell == self.grid.cells[trip.host.id] else f"{cell}"

    def _cells(self, trip: Trip) -> list[Cell]:
        start, end = self.grid.cells[trip.host.id], self.grid.cells[trip.target.id]
        between = [
            self.grid.cells[passage(trip.host.id, trip.target.id, column)]
            for column in range(start.column + 1, end.column)
        ]
        return [start, *between, end]

    def lines(self, figures: dict[str, Figure]) -> list[Line]:
        """Return the lines; `figures` are the shapes in their places."""
        lines = []
        for trip in self.trips:
            ahead = is_ahead(self.grid.cells[trip.host.id], self.grid.cells[trip.target.id])
            points = self._forward(trip, figures) if ahead else self._back(trip, figures)
            lines.append(Line(trip.flow, _without_repeats(points)))
        return lines

    def _forward(self, trip: Trip, figures: dict[str, Figure]) -> list[Point]:
        cells = self._cells(trip)
        points, y = self._departure(trip.source, cells[0], cells[1], figures)
        for before, after in itertools.pairwise(cells):
            level = self.grid.middle(after)
            if abs(level - y) > 0.5:
                place = self._channel(before.column, self._key(trip, before))
                x = self.grid.channel(before.column, place)
                points += [Point(x, y), Point(x, level)]
                y = level
        return [*points, Point(figures[trip.target.id].box.x, y)]

    def _departure(
        self, source: Node, start: Cell, following: Cell, figures: dict[str, Figure]
    ) -> tuple[list[Point], float]:
        """Return the first points and the height at which the line goes on to the right."""
        box = figures[source.id].box
        level, here = self.grid.middle(following), self.grid.middle(start)
        attached = self.model.is_attached(source)
        drops = attached or source.kind in GATEWAYS
        turns = level > here or (level < here and not attached)
        if drops and turns and self.grid.column_is_free(start, following):
            edge = box.bottom if level > here else box.y
            return [Point(box.centre.x, edge), Point(box.centre.x, level)], level
        if attached:
            strip = self._strip(start)
            return [Point(box.centre.x, box.bottom), Point(box.centre.x, strip)], strip
        return [Point(box.right, here)], here

    def _strip(self, cell: Cell) -> float:
        key = (cell.band, cell.row)
        place = self._strips.get(key, 0)
        self._strips[key] = place + 1
        return self.grid.strip(cell, place)

    def _back(self, trip: Trip, figures: dict[str, Figure]) -> list[Point]:
        """Go round below the lower of both rows, and come in from the left."""
        start, end = self.grid.cells[trip.host.id], self.grid.cells[trip.target.id]
        lower = max(start, end, key=lambda cell: (cell.band, cell.row))
        strip = self._strip(lower)
        place = self._returns.get(end.column, 0)
        self._returns[end.column] = place + 1
        entry = self.grid.before(end.column, place)
        level = self.grid.middle(end)
        box = figures[trip.source.id].box
        if trip.source is not trip.host:
            points = [Point(box.centre.x, box.bottom), Point(box.centre.x, strip)]
        else:
            x = self.grid.channel(start.column, self._channel(start.column, f"~{trip.flow.id}"))
            points = [Point(box.right, box.centre.y), Point(x, box.centre.y), Point(x, strip)]
        return [
            *points,
            Point(entry, strip),
            Point(entry, level),
            Point(figures[trip.target.id].box.x, level),
        ]


def _without_repeats(points: list[Point]) -> tuple[Point, ...]:
    kept = [points[0]]
    for point in points[1:]:
        if abs(point.x - kept[-1].x) > 0.5 or abs(point.y - kept[-1].y) > 0.5:
            kept.append(point)
    return tuple(kept) if len(kept) > 1 else (points[0], points[-1])
