"""The picture of a diagram as numbers: boxes of shapes and names, corners of lines."""

from dataclasses import dataclass, field
from itertools import pairwise

from app.engine.xml import Element, parse_xml

_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"
_DC = "{http://www.omg.org/spec/DD/20100524/DC}"
_WAYPOINT = "{http://www.omg.org/spec/DD/20100524/DI}waypoint"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
FRAMES = {"participant", "lane"}
NOTES = {"textAnnotation"}


@dataclass(frozen=True)
class Box:
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

    def core(self) -> "Box":
        """The box inside a diamond of this size."""
        return Box(
            self.x + self.width / 4, self.y + self.height / 4, self.width / 2, self.height / 2
        )

    def meets(self, other: "Box") -> bool:
        across = self.x < other.right and other.x < self.right
        return across and self.y < other.bottom and other.y < self.bottom

    def holds(self, other: "Box") -> bool:
        across = self.x <= other.x and other.right <= self.right
        return across and self.y <= other.y and other.bottom <= self.bottom


Point = tuple[float, float]


@dataclass
class Picture:
    kinds: dict[str, str]
    sources: dict[str, tuple[str, str]]
    hosts: dict[str, str]
    members: dict[str, str]  # flow node: its lane
    shapes: dict[str, Box] = field(default_factory=dict)
    names: dict[str, Box] = field(default_factory=dict)
    lines: dict[str, list[Point]] = field(default_factory=dict)

    def things(self) -> dict[str, Box]:
        """Everything but pools and lanes."""
        return {one: box for one, box in self.shapes.items() if self.kinds[one] not in FRAMES}

    def pieces(self, line: str) -> list[Box]:
        """The straight pieces of a line, as thin boxes."""
        return [
            Box(min(a[0], b[0]), min(a[1], b[1]), abs(a[0] - b[0]), abs(a[1] - b[1]))
            for a, b in pairwise(self.lines[line])
        ]


def picture(source: bytes) -> Picture:
    root = parse_xml(source)
    elements = {
        str(one.get("id")): one
        for one in root.iter()
        if str(one.tag).startswith(BPMN) and one.get("id")
    }
    found = Picture(
        kinds={one: str(element.tag).removeprefix(BPMN) for one, element in elements.items()},
        sources={
            one: (str(element.get("sourceRef")), str(element.get("targetRef")))
            for one, element in elements.items()
            if element.get("sourceRef")
        },
        hosts={
            one: str(element.get("attachedToRef"))
            for one, element in elements.items()
            if element.get("attachedToRef")
        },
        members={
            str(reference.text): str(lane.get("id"))
            for lane in root.iter(f"{BPMN}lane")
            for reference in lane.iter(f"{BPMN}flowNodeRef")
        },
    )
    for shape in root.iter(f"{_DI}BPMNShape"):
        found.shapes[str(shape.get("bpmnElement"))] = _box(shape)
        _name(shape, found)
    for edge in root.iter(f"{_DI}BPMNEdge"):
        found.lines[str(edge.get("bpmnElement"))] = [
            (float(str(point.get("x"))), float(str(point.get("y"))))
            for point in edge.iter(_WAYPOINT)
        ]
        _name(edge, found)
    return found


def _box(holder: Element) -> Box:
    bounds = holder.find(f"{_DC}Bounds")
    assert bounds is not None
    return Box(*(float(str(bounds.get(name))) for name in ("x", "y", "width", "height")))


def _name(holder: Element, found: Picture) -> None:
    label = holder.find(f"{_DI}BPMNLabel")
    if label is not None:
        found.names[str(holder.get("bpmnElement"))] = _box(label)
