"""Lines of BPMN: sequence and message flows, associations, with their heads and names."""

import itertools
import math
from collections.abc import Collection

from app.engine.drawing_geometry import Box, Line, Point, around_points
from app.engine.drawing_model import DATA_FLOWS, GATEWAYS, Model
from app.engine.drawing_paint import INK, PAPER, TAKEN, Sheet, block_box, text_block
from app.engine.drawing_text import LINE_HEIGHT, escape, number, width_of, wrap

_CORNER = 9.0
_SIZE = 11.5
_WIDTH = 92.0
_SHORTEST = 26.0
_FARTHEST_SHIFT = 30.0


def draw_line(sheet: Sheet, line: Line, model: Model, obstacles: Collection[Box] = ()) -> None:
    """Put one line, its ends and its name on the sheet; the name keeps off the `obstacles`."""
    room = around_points(line.points).grown(3)
    if not sheet.sees(room):
        return
    flow = line.flow
    taken = flow.id in sheet.states.flows
    ink, weight = (TAKEN, 2.6) if taken else (INK, 1.4)
    markup = (
        f'<path class="lm-{flow.kind}{" is-taken" if taken else ""}" '
        f'data-element="{escape(flow.id)}" d="{_rounded(line.points)}" fill="none" '
        f'stroke="{ink}" stroke-width="{number(weight)}"{_ends(sheet, line, model, taken)}/>'
    )
    sheet.put("taken" if taken else "lines", markup, room)
    if flow.name:
        _draw_name(sheet, line, obstacles)


def _ends(sheet: Sheet, line: Line, model: Model, taken: bool) -> str:
    """Return dashes and the references to heads; the sheet remembers which heads it needs."""
    kind, traits = line.flow.kind, line.flow.traits
    if kind == "messageFlow":
        dash, start, end = "7 4", "circle", "open"
    elif kind in DATA_FLOWS:
        dash, start, end = "1.5 4", "", "vee"
    elif kind == "association":
        dash = "1.5 4"
        start = "vee" if "Both" in traits else ""
        end = "vee" if traits & {"Both", "One"} else ""
    else:
        source = model.nodes.get(line.flow.source)
        conditional = "conditional" in traits and not (source and source.kind in GATEWAYS)
        start = "slash" if "default" in traits else "diamond" if conditional else ""
        dash, end = "", "arrow"
    parts = [f' stroke-dasharray="{dash}" stroke-linecap="round"'] if dash else []
    for side, head in (("start", start), ("end", end)):
        if head:
            name = f"{head}-taken" if taken else head
            sheet.heads.add(name)
            parts.append(f' marker-{side}="url(#{sheet.mark}{name})"')
    return "".join(parts)


def heads(names: set[str], mark: str) -> str:
    """Return the definitions of the named line ends, with `mark` before their ids."""
    return "".join(_head(name, mark) for name in sorted(names))


def _head(name: str, mark: str) -> str:
    kind, _, taken = name.partition("-")
    ink = TAKEN if taken else INK
    size, reach, drawn = {
        "arrow": (11, 9.3, f'<path d="M.5 1.2 9.5 5 .5 8.8z" fill="{ink}"/>'),
        "open": (11, 9.3, f'<path d="M1 1.5 9 5 1 8.5z" fill="{PAPER}" stroke="{ink}"/>'),
        "vee": (11, 9, f'<path d="M2 1.5 9 5 2 8.5" fill="none" stroke="{ink}"/>'),
        "circle": (9, 1, f'<circle cx="5" cy="5" r="3.5" fill="{PAPER}" stroke="{ink}"/>'),
        "slash": (14, -2, f'<path d="m.5 9.5 5-9" fill="none" stroke="{ink}" stroke-width="1.2"/>'),
        "diamond": (15, 0.5, f'<path d="M.7 5 5 2.2 9.3 5 5 7.8z" fill="{PAPER}" stroke="{ink}" stroke-width=".8"/>'),
    }[kind]  # fmt: skip
    return (
        f'<marker id="{mark}{name}" viewBox="0 0 10 10" refX="{reach}" refY="5" '
        f'markerWidth="{size + (1 if taken else 0)}" markerHeight="{size + (1 if taken else 0)}" '
        f'markerUnits="userSpaceOnUse" orient="auto">{drawn}</marker>'
    )


def _rounded(points: tuple[Point, ...]) -> str:
    """Return a path whose corners are round as far as the segments allow."""
    parts = [f"M{number(points[0].x)} {number(points[0].y)}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        start, end = _towards(corner, before), _towards(corner, after)
        parts.append(
            f"L{number(start.x)} {number(start.y)}"
            f"Q{number(corner.x)} {number(corner.y)} {number(end.x)} {number(end.y)}"
        )
    parts.append(f"L{number(points[-1].x)} {number(points[-1].y)}")
    return "".join(parts)


def _towards(start: Point, end: Point) -> Point:
    length = math.dist(start, end)
    if not length:
        return start
    part = min(_CORNER, length / 2) / length
    return Point(start.x + (end.x - start.x) * part, start.y + (end.y - start.y) * part)


def _draw_name(sheet: Sheet, line: Line, obstacles: Collection[Box]) -> None:
    name = line.flow.name
    if line.label is not None:
        lines = wrap(name, max(line.label.width + 8, 48), _SIZE, most=4)
        x, top, anchor = line.label.centre.x, line.label.y, "middle"
    else:
        lines = wrap(name, _WIDTH, _SIZE, most=3)
        x, top, anchor = _place(line.points, lines)
    box = block_box(lines, x, top, _SIZE, anchor)
    shift = _clearance(box, obstacles)
    markup = text_block(lines, x + shift, top, _SIZE, anchor=anchor, halo=True)
    sheet.put("labels", markup, box.moved(shift, 0))


def _clearance(box: Box, obstacles: Collection[Box]) -> float:
    """Return how far to move `box` sideways so that it does not touch the boxes at its ends."""
    for obstacle in obstacles:
        if box.meets(obstacle.grown(3)):
            left, right = obstacle.x - 3 - box.right, obstacle.right + 3 - box.x
            shift = left if -left < right else right
            return shift if abs(shift) < _FARTHEST_SHIFT else 0.0
    return 0.0


def _place(points: tuple[Point, ...], lines: tuple[str, ...]) -> tuple[float, float, str]:
    """Return x, top and anchor of a name: above the first flat stretch, or beside a steep one."""
    width = max(width_of(text, _SIZE) for text in lines)
    height = len(lines) * _SIZE * LINE_HEIGHT
    stretches = list(itertools.pairwise(points))
    flat = [pair for pair in stretches if abs(pair[0].y - pair[1].y) < 2]
    roomy = [pair for pair in flat if abs(pair[0].x - pair[1].x) >= max(width, _SHORTEST)]
    for start, end in roomy[:1] or flat[:1]:
        middle = (start.x + end.x) / 2
        near = start.x + math.copysign(width / 2 + 8, end.x - start.x)
        x = near if abs(end.x - start.x) > width + 24 else middle
        return x, start.y - height - 3, "middle"
    start, end = stretches[0]
    return (start.x + end.x) / 2 + 6, (start.y + end.y) / 2 - height / 2, "start"
