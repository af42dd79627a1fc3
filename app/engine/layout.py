"""Places for the shapes of a diagram that has none: columns by distance, rows by branch and lane.

Every step stands in the column behind those that lead to it; a flow that skips columns keeps a
free cell in each, so no line runs through a shape. Loops go round underneath.
"""

from dataclasses import dataclass, field, replace

from app.engine.drawing_geometry import Arrangement, Box, Figure, Line, Point, straight
from app.engine.drawing_grid import Grid
from app.engine.drawing_interchange import moved, natural_size
from app.engine.drawing_model import ARTIFACTS, SCOPES, Model, Node
from app.engine.drawing_routes import Router, Trip, is_ahead, passage
from app.engine.drawing_steps import in_flow_order

_HEADER = 30.0
_POOL_GAP = 40.0
_BAND = 70.0
_PADDING = 24.0
_TITLE = 26.0
_DEEPEST = 8
_LOOSE_ABREAST = 8
_ARTIFACT_GAP = 24.0
_ARTIFACT_STRIP = 96.0


@dataclass(eq=False)
class Block:
    """Shapes and lines of one scope, measured from its own top left corner."""

    width: float = 0.0
    height: float = 0.0
    figures: list[Figure] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def take(self, other: "Block", dx: float, dy: float) -> None:
        """Put everything of `other` into this block, moved by (dx, dy)."""
        self.figures += [moved(figure, dx, dy) for figure in other.figures]
        for line in other.lines:
            points = tuple(Point(point.x + dx, point.y + dy) for point in line.points)
            self.lines.append(replace(line, points=points))
        self.width = max(self.width, other.width + dx)
        self.height = max(self.height, other.height + dy)


def arrange(model: Model) -> Arrangement:
    """Return places for everything in `model`; empty when it has no steps."""
    page = Block()
    pools = [node for node in model.nodes.values() if node.kind == "participant"]
    pooled = {pool.process for pool in pools}
    for process in model.processes:
        if process not in pooled:
            _add_below(page, _process_block(model, process, None))
    for pool in pools:
        _add_below(page, _process_block(model, pool.process, pool))
    _widen_bands(page)
    figures = {figure.node.id: figure for figure in page.figures}
    lines = {line.flow.id: line for line in page.lines}
    _connect_the_rest(model, figures, lines)
    return Arrangement(figures, lines)


def _add_below(page: Block, block: Block) -> None:
    if block.figures:
        page.take(block, 0, page.height + _POOL_GAP if page.figures else 0)


def _widen_bands(page: Block) -> None:
    """Give all pools, and lanes without a pool, the width of the widest."""
    page.figures = [
        replace(figure, box=figure.box._replace(width=page.width - figure.box.x))
        if figure.node.kind in {"participant", "lane"}
        else figure
        for figure in page.figures
    ]


def _connect_the_rest(model: Model, figures: dict[str, Figure], lines: dict[str, Line]) -> None:
    """Draw straight what the grid does not route: messages, associations, odd flows."""
    for flow in model.flows.values():
        source, target = figures.get(flow.source), figures.get(flow.target)
        if flow.id in lines or source is None or target is None:
            continue
        if flow.kind == "messageFlow":
            points = _message_way(source.box, target.box)
        else:
            points = straight(source.box, target.box)
        lines[flow.id] = Line(flow, points)


def _message_way(source: Box, target: Box) -> tuple[Point, ...]:
    """Leave one pool up or down, and enter the other from the side that faces it."""
    down = source.centre.y < target.centre.y
    start = Point(source.centre.x, source.bottom if down else source.y)
    end = Point(target.centre.x, target.y if down else target.bottom)
    if target.width > 4 * source.width:
        return (start, Point(start.x, end.y))
    if source.width > 4 * target.width:
        return (Point(end.x, start.y), end)
    middle = (start.y + end.y) / 2
    return (start, Point(start.x, middle), Point(end.x, middle), end)


def _process_block(model: Model, process: str, pool: Node | None) -> Block:
    """Return the block of a process, in its pool and its lanes."""
    lanes = _lanes_in_order(model, process)
    content = _scope_block(model, process, lanes, 0)
    header = _HEADER if pool is not None else 0.0
    block = Block()
    if pool is not None and not content.figures:
        block.figures.append(Figure(pool, Box(0, 0, 100, _BAND)))
        block.width, block.height = 600, _BAND
        return block
    inner = header + _HEADER * max((_lane_level(model, lane) + 1 for lane in lanes), default=0)
    block.take(content, inner, 0)
    if pool is not None:
        block.figures.insert(0, Figure(pool, Box(0, 0, block.width, block.height)))
    block.figures += _outer_lanes(model, process, block, header)
    block.figures = [
        replace(figure, box=_lane_box(model, figure, header))
        if figure.node.kind == "lane"
        else figure
        for figure in block.figures
    ]
    return block


def _lanes_in_order(model: Model, process: str) -> list[str]:
    """Return the innermost lanes of a process from top to bottom."""
    outer = set(model.lane_parent.values())
    return [
        node.id
        for node in model.scopes.get(process, ())
        if node.kind == "lane" and node.id not in outer
    ]


def _lane_level(model: Model, lane: str) -> int:
    level, seen = 0, {lane}
    while (parent := model.lane_parent.get(lane)) and parent not in seen:
        seen.add(parent)
        lane = parent
        level += 1
    return level


def _outer_lanes(model: Model, process: str, block: Block, header: float) -> list[Figure]:
    """Return lanes that hold lanes, as high as these together."""
    boxes = {figure.node.id: figure.box for figure in block.figures if figure.node.kind == "lane"}
    figures = []
    for node in reversed(model.scopes.get(process, [])):
        inner = [
            boxes[lane]
            for lane, parent in model.lane_parent.items()
            if parent == node.id and lane in boxes
        ]
        if node.kind == "lane" and node.id not in boxes and inner:
            top = min(box.y for box in inner)
            bottom = max(box.bottom for box in inner)
            boxes[node.id] = Box(header, top, block.width, bottom - top)
            figures.append(Figure(node, boxes[node.id]))
    return figures


def _lane_box(model: Model, figure: Figure, header: float) -> Box:
    left = header + _HEADER * _lane_level(model, figure.node.id)
    return figure.box._replace(x=left)


def _scope_block(model: Model, scope: str, lanes: list[str], depth: int) -> Block:
    """Return the block of the steps directly in `scope`, scopes inside them opened."""
    steps = [node for node in in_flow_order(model, scope) if not model.is_attached(node)]
    inner = {
        node.id: _scope_block(model, node.id, [], depth + 1)
        for node in steps
        if node.kind in SCOPES and depth < _DEEPEST
    }
    inner = {node_id: block for node_id, block in inner.items() if block.figures}
    grid = _grid(model, steps, lanes)
    router = Router(model, grid, _flows_between(model, grid))
    grid.measure({node.id: _size(node, inner) for node in steps}, router.channels())
    block = _placed(model, grid, steps, inner, lanes)
    _add_boundary_events(model, scope, block)
    block.lines += router.lines({figure.node.id: figure for figure in block.figures})
    _add_artifacts(model, scope, block)
    return block


def _size(node: Node, inner: dict[str, Block]) -> tuple[float, float]:
    block = inner.get(node.id)
    if block is None:
        return natural_size(node)
    return block.width, block.height + _TITLE


def _flows_between(model: Model, grid: Grid) -> list[Trip]:
    """Return each flow between steps of the grid with its source, the source's host, its target."""
    found = []
    for flow in model.flows.values():
        source, target = model.nodes.get(flow.source), model.nodes.get(flow.target)
        if flow.kind != "sequenceFlow" or source is None or target is None:
            continue
        host = model.nodes[source.host] if model.is_attached(source) else source
        if host.id in grid.cells and target.id in grid.cells:
            found.append(Trip(flow, source, host, target))
    return found


def _grid(model: Model, steps: list[Node], lanes: list[str]) -> Grid:
    """Give each step a column and a row: keep a branch in its row, and a step in its lane."""
    grid = Grid(bands=max(len(lanes), 1))
    targets = _targets(model, [node.id for node in steps])
    columns = _columns(steps, targets)
    band_of_lane = {lane: band for band, lane in enumerate(lanes)}
    bands = {node.id: band_of_lane.get(model.lane_of.get(node.id, ""), 0) for node in steps}
    hopes: dict[str, int] = {}
    for node in steps:
        cell = grid.occupy(node.id, columns[node.id], bands[node.id], hopes.get(node.id, 0))
        for target in targets[node.id]:
            hope = cell.row if bands[target] == cell.band else 0
            hopes[target] = min(hopes.get(target, hope), hope)
    for node in steps:
        for target in targets[node.id]:
            _keep_free(grid, node.id, target)
    return grid


def _columns(steps: list[Node], targets: dict[str, list[str]]) -> dict[str, int]:
    """Return how far each step is from the start, loops left aside; loose steps side by side."""
    led_to = {target for some in targets.values() for target in some}
    loose = [node.id for node in steps if not targets[node.id] and node.id not in led_to]
    columns = {node_id: index % _LOOSE_ABREAST for index, node_id in enumerate(loose)}
    place = {node.id: index for index, node in enumerate(steps)}
    for node in steps:
        column = columns.setdefault(node.id, 0)
        for target in targets[node.id]:
            if place[target] > place[node.id]:
                columns[target] = max(columns.get(target, 0), column + 1)
    return columns


def _targets(model: Model, ids: list[str]) -> dict[str, list[str]]:
    """Return what each step leads to, also through events on its edge."""
    found: dict[str, dict[str, None]] = {node_id: {} for node_id in ids}
    for source, flows in model.outgoing.items():
        node = model.nodes.get(source)
        host = node.host if node is not None and model.is_attached(node) else source
        if host in found:
            found[host].update({flow.target: None for flow in flows if flow.target in found})
    return {node_id: list(targets) for node_id, targets in found.items()}


def _keep_free(grid: Grid, source: str, target: str) -> None:
    """Keep a cell free in each column that a flow skips, in the row of its target."""
    start, end = grid.cells[source], grid.cells[target]
    if not is_ahead(start, end):
        return
    row = start.row if start.band == end.band else end.row
    for column in range(start.column + 1, end.column):
        row = grid.occupy(passage(source, target, column), column, end.band, row).row


def _placed(
    model: Model, grid: Grid, steps: list[Node], inner: dict[str, Block], lanes: list[str]
) -> Block:
    """Turn cells into places."""
    block = Block(width=grid.width, height=grid.height if steps or lanes else 0.0)
    for band, lane in enumerate(lanes):
        top, bottom = grid.band_edges(band)
        block.figures.append(Figure(model.nodes[lane], Box(0, top, grid.width, bottom - top)))
    for node in steps:
        box, content = grid.box(node.id), inner.get(node.id)
        block.figures.append(Figure(node, box, expanded=content is not None))
        if content is not None:
            block.take(content, box.x, box.y + _TITLE)
    block.width = grid.width
    return block


def _add_boundary_events(model: Model, scope: str, block: Block) -> None:
    """Put events on the lower edge of their hosts, the first at the right."""
    boxes = {figure.node.id: figure.box for figure in block.figures}
    used: dict[str, int] = {}
    for node in model.steps(scope):
        host = boxes.get(node.host)
        if not model.is_attached(node) or host is None:
            continue
        place = used.get(node.host, 0)
        used[node.host] = place + 1
        x = max(host.right - 42 - 40 * place, host.x - 10)
        block.figures.append(Figure(node, Box(x, host.bottom - 18, 36, 36)))


def _add_artifacts(model: Model, scope: str, block: Block) -> None:
    """Put data and remarks in a strip below, each under what it belongs to as far as there is room."""
    artifacts = [node for node in model.scopes.get(scope, ()) if node.kind in ARTIFACTS]
    artifacts = [node for node in artifacts if node.kind != "group"]
    if not artifacts:
        return
    boxes = {figure.node.id: figure.box for figure in block.figures}
    hopes = _neighbours_of(model, boxes)
    artifacts.sort(key=lambda node: hopes.get(node.id, 0.0))
    free, top = _PADDING, block.height
    for node in artifacts:
        width, height = natural_size(node)
        x = max(free, hopes.get(node.id, 0.0) - width / 2)
        block.figures.append(Figure(node, Box(x, top, width, height)))
        free = x + width + _ARTIFACT_GAP
    block.width = max(block.width, free)
    block.height = top + _ARTIFACT_STRIP


def _neighbours_of(model: Model, boxes: dict[str, Box]) -> dict[str, float]:
    """Return for each end of an association the x of the placed shape at its other end."""
    hopes: dict[str, float] = {}
    for flow in model.flows.values():
        for one, other in ((flow.source, flow.target), (flow.target, flow.source)):
            if flow.kind != "sequenceFlow" and other in boxes:
                hopes.setdefault(one, boxes[other].centre.x)
    return hopes
