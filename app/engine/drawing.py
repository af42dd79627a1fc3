"""A BPMN diagram as SVG, drawn without a browser, with what has happened and where a case stands.

Only presentation attributes and class names are used, so the strictest content security policy
lets it through, and a style sheet may repaint it: `lm-node`, `lm-userTask`, `is-active`, …
"""

from collections.abc import Collection, Iterable
from hashlib import blake2s

from app.domain.engine import DrawingStates
from app.domain.errors import InvalidInput
from app.engine.drawing_figures import draw_figure
from app.engine.drawing_geometry import Arrangement, Box, Figure, around, around_points
from app.engine.drawing_interchange import read_interchange
from app.engine.drawing_lines import draw_line, heads
from app.engine.drawing_model import ACTIVITIES, STEPS, SWIMLANES, Model, read_model
from app.engine.drawing_paint import STATE_WORDS, Sheet, lifted, nearest_shown
from app.engine.drawing_steps import describe, name_of
from app.engine.drawing_swimlanes import HEADER, draw_swimlane
from app.engine.drawing_text import escape, number
from app.engine.layout import arrange
from app.engine.xml import Element, parse_xml

__all__ = ["CROP_STEPS", "describe", "draw"]

CROP_STEPS = 2
"""How many flows a cut-out reaches before and behind the steps it is about."""
_MARGIN = 14.0
_CROP_MARGIN = 26.0
_SMALLEST_VIEW = (340.0, 170.0)
_MOST_NAMES = 8
_FONTS = "'Source Sans 3 Variable','Source Sans 3','Noto Sans',system-ui,sans-serif"


def draw(
    diagram: Element | bytes,
    states: DrawingStates,
    *,
    title: str,
    crop_to: Collection[str] | None = None,
    reach: int = CROP_STEPS,
) -> str:
    """Return a `<svg>` of `diagram` in which `states` are marked.

    `crop_to` are ids of steps: only these and their neighbourhood (`reach` flows before and
    behind) are shown; the whole when none of them is in the picture. Without links the picture is one image named `title`; with links a group of
    links. Raises `InvalidInput` when `diagram` is no BPMN or has nothing to show. A file without
    diagram interchange is laid out automatically.
    """
    root = parse_xml(diagram) if isinstance(diagram, bytes) else diagram
    model = read_model(root)
    arrangement = read_interchange(root, model) or arrange(model)
    if not arrangement.figures:
        raise InvalidInput("Sơ đồ không có bước nào để vẽ.")
    states = lifted(states, arrangement, model)
    view = _neighbourhood(model, arrangement, crop_to, reach) if crop_to else None
    sheet = Sheet(states, _mark(title, states, arrangement, crop_to or ()), view)
    _fill(sheet, model, arrangement)
    return _document(sheet, view or _whole(sheet), title, _summary(states, model))


def _fill(sheet: Sheet, model: Model, arrangement: Arrangement) -> None:
    figures = arrangement.figures.values()
    inhabited = _inhabited_pools(model)
    for figure in _outside_in(figures, swimlanes=True):
        empty = figure.node.kind == "participant" and figure.node.id not in inhabited
        draw_swimlane(sheet, figure, model, empty=empty)
    busy_below = _busy_below(arrangement)
    for figure in _outside_in(figures, swimlanes=False):
        draw_figure(sheet, figure, below_is_taken=figure.node.id in busy_below)
    for line in arrangement.lines.values():
        ends = (
            arrangement.figures.get(line.flow.target),
            arrangement.figures.get(line.flow.source),
        )
        obstacles = [end.box for end in ends if end is not None and end.node.kind in ACTIVITIES]
        draw_line(sheet, line, model, obstacles)


def _outside_in(figures: Iterable[Figure], *, swimlanes: bool) -> list[Figure]:
    """Return figures so that what contains comes before what is contained; boundary events last."""
    chosen = [figure for figure in figures if (figure.node.kind in SWIMLANES) == swimlanes]
    return sorted(
        chosen,
        key=lambda figure: (
            figure.node.kind in {"boundaryEvent", "lane"},
            -figure.box.width * figure.box.height if figure.expanded or swimlanes else 0,
        ),
    )


def _inhabited_pools(model: Model) -> set[str]:
    """Return the pools whose process has steps; the others are black boxes."""
    return {
        node.id
        for node in model.nodes.values()
        if node.kind == "participant" and model.steps(node.process)
    }


def _busy_below(arrangement: Arrangement) -> set[str]:
    """Return the shapes whose lower side has a line and whose upper side has none."""
    below: set[str] = set()
    above: set[str] = set()
    for line in arrangement.lines.values():
        ends = ((line.flow.source, line.points[0]), (line.flow.target, line.points[-1]))
        for node_id, point in ends:
            figure = arrangement.figures.get(node_id)
            if figure is not None and abs(point.y - figure.box.bottom) < 3:
                below.add(node_id)
            elif figure is not None and abs(point.y - figure.box.y) < 3:
                above.add(node_id)
    return below - above


def _neighbourhood(
    model: Model, arrangement: Arrangement, ids: Collection[str], reach: int
) -> Box | None:
    """Return the view around `ids` and the steps near them, None when none of them is shown."""
    near = {nearest_shown(node_id, arrangement, model) for node_id in ids}
    near &= arrangement.figures.keys()
    neighbours = _neighbours(model)
    for _ in range(reach):
        near |= {other for node_id in near for other in neighbours.get(node_id, ())}
    boxes = [arrangement.figures[node_id].box for node_id in near if node_id in arrangement.figures]
    room = around([*boxes, *_ways_between(arrangement, near)])
    if room is None:
        return None
    room = room.grown(_CROP_MARGIN)
    wide, high = max(room.width, _SMALLEST_VIEW[0]), max(room.height, _SMALLEST_VIEW[1])
    room = Box(room.x - (wide - room.width) / 2, room.y - (high - room.height) / 2, wide, high)
    indent = HEADER * _header_levels(arrangement)
    return Box(room.x - indent, room.y, room.width + indent, room.height)


def _neighbours(model: Model) -> dict[str, set[str]]:
    pairs = [
        (flow.source, flow.target) for flow in model.flows.values() if flow.kind == "sequenceFlow"
    ]
    pairs += [(node.host, node.id) for node in model.nodes.values() if node.host]
    neighbours: dict[str, set[str]] = {}
    for one, other in pairs:
        neighbours.setdefault(one, set()).add(other)
        neighbours.setdefault(other, set()).add(one)
    return neighbours


def _ways_between(arrangement: Arrangement, near: set[str]) -> list[Box]:
    return [
        around_points(line.points)
        for line in arrangement.lines.values()
        if line.flow.source in near and line.flow.target in near
    ]


def _header_levels(arrangement: Arrangement) -> int:
    """Return how many headers stand beside each other at the left edge."""
    kinds = {figure.node.kind for figure in arrangement.figures.values() if figure.horizontal}
    return len(kinds & SWIMLANES)


def _whole(sheet: Sheet) -> Box:
    room = around(sheet.room)
    return room.grown(_MARGIN) if room is not None else Box(0, 0, *_SMALLEST_VIEW)


def _summary(states: DrawingStates, model: Model) -> str:
    """Return in words what the marks show: how many steps are over, where the case stands."""
    parts = []
    done = sum(1 for node_id in states.done if _is_step(model, node_id))
    if done:
        parts.append(f"{STATE_WORDS['done'].capitalize()} {done} bước")
    for state, ids in (("active", states.active), ("incident", states.incident)):
        names = [
            name_of(model.nodes[node_id]) for node_id in sorted(ids) if _is_step(model, node_id)
        ]
        if names:
            more = f" và {len(names) - _MOST_NAMES} bước khác" if len(names) > _MOST_NAMES else ""
            parts.append(
                f"{STATE_WORDS[state].capitalize()}: {', '.join(names[:_MOST_NAMES])}{more}"
            )
    return ". ".join(parts) + "." if parts else ""


def _is_step(model: Model, node_id: str) -> bool:
    node = model.nodes.get(node_id)
    return node is not None and node.kind in STEPS


def _mark(
    title: str, states: DrawingStates, arrangement: Arrangement, crop_to: Collection[str]
) -> str:
    """Return a prefix that keeps the ids of two drawings on one page apart."""
    parts = [[title], arrangement.figures, sorted(crop_to), sorted(states.badges)]
    parts += [sorted(states.done), sorted(states.active), sorted(states.flows)]
    text = repr([list(part) for part in parts])
    return f"lm{blake2s(text.encode(errors='replace'), digest_size=4).hexdigest()}-"


def _document(sheet: Sheet, view: Box, title: str, summary: str) -> str:
    body = sheet.markup()
    definitions = heads(sheet.heads, sheet.mark)
    role = "group" if "<a " in body else "img"
    name = escape(title)
    description = f"<desc>{escape(summary)}</desc>" if summary else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="lm-diagram" '
        f'viewBox="{number(view.x)} {number(view.y)} {number(view.width)} {number(view.height)}" '
        f'width="{number(view.width)}" height="{number(view.height)}" '
        f'font-family="{_FONTS}" role="{role}" aria-label="{name}">'
        f"<title>{name}</title>{description}<defs>{definitions}</defs>{body}</svg>"
    )
