"""Pools and lanes, lying or standing; in a cut-out their names move to its edge."""

from app.engine.drawing_geometry import Box, Figure
from app.engine.drawing_icons import markers
from app.engine.drawing_model import Model
from app.engine.drawing_paint import FRAME, INK, PAPER, Sheet, text_block
from app.engine.drawing_text import LINE_HEIGHT, escape, number, wrap

HEADER = 30.0
_TINT = "#eef2f6"
_SIZE = 12.0


def draw_swimlane(sheet: Sheet, figure: Figure, model: Model, *, empty: bool) -> None:
    """Put a pool or a lane on the sheet; an `empty` pool shows its name in the middle."""
    if not sheet.sees(figure.box):
        return
    box = figure.box
    paper = PAPER if figure.node.kind == "participant" else "none"
    sheet.put(
        "frames",
        f'<rect class="lm-{figure.node.kind}" data-element="{escape(figure.node.id)}" '
        f'{_rect(box)} fill="{paper}" stroke="{FRAME}" stroke-width="1.2"/>',
        box.grown(1),
    )
    if empty:
        _draw_name(sheet, figure, Box(box.x, box.y, box.width, box.height), turned=False)
    else:
        header = _header(sheet, figure, model)
        _draw_header(sheet, figure, header)
    if "parallel" in figure.node.traits:
        sheet.put("headers", markers(["parallel"], box.centre.x, box.bottom - 10, INK))


def _rect(box: Box) -> str:
    return (
        f'x="{number(box.x)}" y="{number(box.y)}" '
        f'width="{number(max(box.width, 1))}" height="{number(max(box.height, 1))}"'
    )


def _header(sheet: Sheet, figure: Figure, model: Model) -> Box:
    """Return the strip for the name: at the edge of the shape, or of the view when that is cut."""
    box, view = figure.box, sheet.view
    x, y, right, bottom = box.x, box.y, box.right, box.bottom
    if view is not None:
        indent = HEADER * _depth(figure, model)
        if figure.horizontal:
            x = min(max(x, view.x + indent), right - HEADER)
            y, bottom = max(y, view.y), min(bottom, view.bottom)
        else:
            y = min(max(y, view.y + indent), bottom - HEADER)
            x, right = max(x, view.x), min(right, view.right)
    if figure.horizontal:
        return Box(x, y, HEADER, bottom - y)
    return Box(x, y, right - x, HEADER)


def _depth(figure: Figure, model: Model) -> int:
    """Return how many names stand before the name of this lane."""
    if figure.node.kind == "participant":
        return 0
    depth, lane, seen = 0, figure.node.id, set[str]()
    while lane in model.lane_parent and lane not in seen:
        seen.add(lane)
        lane = model.lane_parent[lane]
        depth += 1
    pooled = any(node.kind == "participant" for node in model.nodes.values())
    return depth + (1 if pooled else 0)


def _draw_header(sheet: Sheet, figure: Figure, header: Box) -> None:
    pool = figure.node.kind == "participant"
    if pool:
        sheet.put(
            "headers",
            f'<rect {_rect(header)} fill="{_TINT}" stroke="{FRAME}" stroke-width="1.2"/>',
        )
    elif header.x > figure.box.x or header.y > figure.box.y:
        sheet.put("headers", f'<rect {_rect(header)} fill="{PAPER}" stroke="{FRAME}"/>')
    _draw_name(sheet, figure, header, turned=figure.horizontal)


def _draw_name(sheet: Sheet, figure: Figure, place: Box, *, turned: bool) -> None:
    bold = figure.node.kind == "participant"
    length = place.height if turned else place.width
    lines = wrap(figure.node.name, length - 10, _SIZE, most=2, bold=bold)
    if not lines:
        return
    centre = place.centre
    top = centre.y - len(lines) * _SIZE * LINE_HEIGHT / 2
    turn = f' transform="rotate(-90 {number(centre.x)} {number(centre.y)})"' if turned else ""
    shown = "".join(lines).endswith("…")
    title = f"<title>{escape(figure.node.name)}</title>" if shown else ""
    text = text_block(lines, centre.x, top, _SIZE, bold=bold, turn=turn)
    sheet.put("headers", f"<g>{title}{text}</g>")
