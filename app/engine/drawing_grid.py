"""A grid of cells for the automatic layout: columns, and rows in bands (one band for each lane)."""

from dataclasses import dataclass, field
from typing import NamedTuple

from app.engine.drawing_geometry import Box

ROW_GAP = 60.0
COLUMN_GAP = 54.0
CHANNEL = 9.0
_LEAST_ROW = 80.0
_LEAST_BAND = 130.0
_MARGIN = 28.0


class Cell(NamedTuple):
    """A place: `row` counts within its band."""

    column: int
    band: int
    row: int


@dataclass(eq=False)
class Grid:
    """Cells of one scope. First `occupy`, then `measure`, then ask for places in pixels."""

    bands: int = 1
    cells: dict[str, Cell] = field(default_factory=dict)
    width: float = 0.0
    height: float = 0.0
    _next_row: dict[Cell, int] = field(default_factory=dict)
    _columns: dict[int, list[Cell]] = field(default_factory=dict)
    _sizes: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lefts: list[float] = field(default_factory=list)
    _widths: list[float] = field(default_factory=list)
    _rows: dict[tuple[int, int], tuple[float, float]] = field(default_factory=dict)
    _band_edges: list[tuple[float, float]] = field(default_factory=list)

    def occupy(self, name: str, column: int, band: int, hope: int) -> Cell:
        """Take the first free cell of a column and band from row `hope` downwards."""
        passed = []
        row = hope
        while (following := self._next_row.get(Cell(column, band, row))) is not None:
            passed.append(row)
            row = following
        for one in (*passed, row):
            self._next_row[Cell(column, band, one)] = row + 1
        cell = Cell(column, band, row)
        self._columns.setdefault(column, []).append(cell)
        self.cells[name] = cell
        return cell

    def column_is_free(self, start: Cell, end: Cell) -> bool:
        """Tell whether nothing stands in the column of `start` between it and the row of `end`."""
        first, last = sorted(((start.band, start.row), (end.band, end.row)))
        return not any(
            first <= (cell.band, cell.row) <= last
            for cell in self._columns.get(start.column, ())
            if cell != start
        )

    def measure(self, sizes: dict[str, tuple[float, float]], channels: dict[int, int]) -> None:
        """Turn cells into pixels; `channels` says how many lines turn behind each column."""
        self._sizes = sizes
        columns = 1 + max((cell.column for cell in self.cells.values()), default=-1)
        self._widths = [0.0] * columns
        for name, (width, _) in sizes.items():
            column = self.cells[name].column
            self._widths[column] = max(self._widths[column], width)
        x = _MARGIN
        for column, width in enumerate(self._widths):
            self._lefts.append(x)
            x += width + COLUMN_GAP + CHANNEL * channels.get(column, 0)
        last = columns - 1
        self.width = x - (COLUMN_GAP if not channels.get(last) else 0) + _MARGIN if columns else 0.0
        self._measure_rows()

    def _measure_rows(self) -> None:
        heights: dict[tuple[int, int], float] = {}
        for name, cell in self.cells.items():
            _, height = self._sizes.get(name, (0.0, 0.0))
            key = (cell.band, cell.row)
            heights[key] = max(heights.get(key, _LEAST_ROW), height)
        y = 0.0
        for band in range(self.bands):
            rows = 1 + max((row for one, row in heights if one == band), default=-1)
            full = [heights.get((band, row), 0.0) + ROW_GAP for row in range(rows)]
            spare = max(0.0, _LEAST_BAND - sum(full)) if self.bands > 1 else 0.0
            top = y
            y += spare / 2
            for row, height in enumerate(full):
                self._rows[band, row] = (y, height)
                y += height
            y += spare / 2
            self._band_edges.append((top, y))
        self.height = y

    def box(self, name: str) -> Box:
        """Return the place of a step, in the middle of its cell."""
        cell = self.cells[name]
        width, height = self._sizes[name]
        x = self._lefts[cell.column] + (self._widths[cell.column] - width) / 2
        return Box(x, self.middle(cell) - height / 2, width, height)

    def middle(self, cell: Cell) -> float:
        """Return the y of lines and shapes in a row."""
        top, height = self._rows[cell.band, cell.row]
        return top + height / 2

    def strip(self, cell: Cell, place: int) -> float:
        """Return the y of the free strip below a row, for the `place`-th line in it."""
        top, height = self._rows[cell.band, cell.row]
        return top + height - 5 - 6 * (place % 4)

    def channel(self, column: int, place: int) -> float:
        """Return the x of the `place`-th channel behind a column."""
        return self._lefts[column] + self._widths[column] + 20 + CHANNEL * place

    def before(self, column: int, place: int) -> float:
        """Return the x of the `place`-th channel just before a column, for lines that come back."""
        return self._lefts[column] - 14 - 5 * (place % 3)

    def band_edges(self, band: int) -> tuple[float, float]:
        return self._band_edges[band]
