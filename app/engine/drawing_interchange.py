"""The diagram interchange part of a BPMN file: where the analyst put each shape and line."""

import math
from dataclasses import replace

from app.engine.drawing_geometry import Arrangement, Box, Figure, Line, Point, straight
from app.engine.drawing_model import ARTIFACTS, EVENTS, GATEWAYS, SCOPES, STEPS, Model, Node
from app.engine.xml import Element

_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_BOUNDS = "{http://www.omg.org/spec/DD/20100524/DC}Bounds"
_WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
_FARTHEST = 1_000_000.0
_LARGEST = 100_000.0
_STRIP_GAP = 40.0
_STRIP_WIDTH = 1200.0


def natural_size(node: Node) -> tuple[float, float]:
    """Return width and height of a shape that says nothing about itself."""
    if node.kind in EVENTS:
        return 36, 36
    if node.kind in GATEWAYS:
        return 50, 50
    if node.kind == "textAnnotation":
        return 130, 44
    if node.kind in ARTIFACTS:
        return (50, 50) if node.kind == "dataStoreReference" else (36, 50)
    return 100, 80


def read_interchange(root: Element, model: Model) -> Arrangement | None:
    """Return the arrangement of the first plane that shows something, None without one.

    Shapes with impossible numbers count as missing; steps that the plane forgot are put below it.
    """
    for plane in root.iter(f"{_DI}BPMNPlane"):
        figures = _figures(plane, model)
        if any(figure.node.kind in STEPS for figure in figures.values()):
            _add_forgotten(figures, model)
            return Arrangement(figures, _lines(plane, model, figures))
    return None


def _figures(plane: Element, model: Model) -> dict[str, Figure]:
    figures: dict[str, Figure] = {}
    for shape in plane.iterfind(f"{_DI}BPMNShape"):
        node = model.nodes.get(shape.get("bpmnElement", ""))
        box = _box(shape.find(_BOUNDS))
        if node is None or box is None or node.id in figures:
            continue
        if not box.width or not box.height:
            width, height = natural_size(node)
            box = box._replace(width=width, height=height)
        figures[node.id] = Figure(
            node=node,
            box=box,
            label=_box(shape.find(f"{_DI}BPMNLabel/{_BOUNDS}")),
            expanded=_expanded(shape, node, box),
            horizontal=_horizontal(shape, node, box),
        )
    return figures


def _expanded(shape: Element, node: Node, box: Box) -> bool:
    if node.kind not in SCOPES:
        return False
    declared = shape.get("isExpanded")
    if declared is not None:
        return declared == "true"
    return box.width > 150 and box.height > 110


def _horizontal(shape: Element, node: Node, box: Box) -> bool:
    declared = shape.get("isHorizontal")
    if declared is not None:
        return declared == "true"
    return node.kind == "participant" or box.width >= box.height


def _box(bounds: Element | None) -> Box | None:
    if bounds is None:
        return None
    x, y = _number(bounds.get("x"), _FARTHEST), _number(bounds.get("y"), _FARTHEST)
    width = _number(bounds.get("width"), _LARGEST)
    height = _number(bounds.get("height"), _LARGEST)
    if x is None or y is None or width is None or height is None or min(width, height) < 0:
        return None
    return Box(x, y, width, height)


def _number(text: str | None, limit: float) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and abs(number) <= limit else None


def _add_forgotten(figures: dict[str, Figure], model: Model) -> None:
    """Put steps without a usable shape in a strip below, so that a token is never invisible."""
    shown = {figure.node.scope for figure in figures.values() if figure.node.kind in STEPS}
    shown -= {figure.node.id for figure in figures.values() if not figure.expanded}
    forgotten = [
        node
        for scope in sorted(shown)
        for node in model.steps(scope)
        if node.id not in figures and not _attach(figures, node)
    ]
    if not forgotten:
        return
    left = min(figure.box.x for figure in figures.values())
    x, y = left, max(figure.box.bottom for figure in figures.values()) + 2 * _STRIP_GAP
    for node in forgotten:
        width, height = natural_size(node)
        figures[node.id] = Figure(node, Box(x, y + (80 - height) / 2, width, height))
        x += width + _STRIP_GAP
        if x > left + _STRIP_WIDTH:
            x, y = left, y + 80 + _STRIP_GAP


def _attach(figures: dict[str, Figure], node: Node) -> bool:
    """Put a boundary event without a shape on the lower edge of its host."""
    host = figures.get(node.host)
    if host is None:
        return False
    x, y = host.box.right - 36, host.box.bottom - 18
    figures[node.id] = Figure(node, Box(x, y, 36, 36))
    return True


def _lines(plane: Element, model: Model, figures: dict[str, Figure]) -> dict[str, Line]:
    lines: dict[str, Line] = {}
    for edge in plane.iterfind(f"{_DI}BPMNEdge"):
        flow = model.flows.get(edge.get("bpmnElement", ""))
        points = tuple(
            Point(x, y)
            for waypoint in edge.iterfind(_WAYPOINT)
            if (x := _number(waypoint.get("x"), _FARTHEST)) is not None
            and (y := _number(waypoint.get("y"), _FARTHEST)) is not None
        )
        if flow is not None and len(points) > 1 and flow.id not in lines:
            label = _box(edge.find(f"{_DI}BPMNLabel/{_BOUNDS}"))
            lines[flow.id] = Line(flow, points, label)
    for flow in model.flows.values():
        source, target = figures.get(flow.source), figures.get(flow.target)
        if flow.id not in lines and source is not None and target is not None:
            lines[flow.id] = Line(flow, straight(source.box, target.box))
    return lines


def moved(figure: Figure, dx: float, dy: float) -> Figure:
    """Return `figure` somewhere else."""
    label = figure.label.moved(dx, dy) if figure.label is not None else None
    return replace(figure, box=figure.box.moved(dx, dy), label=label)
