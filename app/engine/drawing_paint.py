"""Colours, states and the sheet that a drawing is put on, layer by layer."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from app.domain.engine import DrawingStates
from app.engine.drawing_geometry import Arrangement, Box
from app.engine.drawing_model import Model
from app.engine.drawing_text import LINE_HEIGHT, escape, number, width_of

TEXT = "#16202b"
MUTED = "#54606d"
INK = "#3a4550"
FRAME = "#7b8794"
PAPER = "#ffffff"
BADGE = "#1d4f91"
TAKEN = "#1f7a4d"
GLOW = "#f5c542"

LAYERS = ("frames", "glows", "lines", "taken", "shapes", "labels", "headers", "badges")


@dataclass(frozen=True)
class Paint:
    """How a shape in one state looks: the colours and the strength of its outline, in pixels."""

    state: str
    fill: str
    ink: str
    weight: float
    text: str = TEXT
    dashes: str = ""


_PLAIN = Paint("", PAPER, INK, 1.5)
_PAINTS = {
    "incident": Paint("incident", "#fdecea", "#b42318", 3),
    "active": Paint("active", "#fff4d6", "#b45309", 3),
    "cancelled": Paint("cancelled", "#f1f3f5", "#6b7785", 1.5, MUTED, "5 3"),
    "done": Paint("done", "#e7f4ec", TAKEN, 2),
}
STATE_WORDS = {
    "incident": "đang có sự cố",
    "active": "đang ở đây",
    "cancelled": "đã hủy",
    "done": "đã qua",
}


def paint_of(states: DrawingStates, node_id: str) -> Paint:
    """Return the paint of a node; what needs a person wins over what is over."""
    sets = {
        "incident": states.incident,
        "active": states.active,
        "cancelled": states.cancelled,
        "done": states.done,
    }
    return next((_PAINTS[state] for state, ids in sets.items() if node_id in ids), _PLAIN)


def lifted(states: DrawingStates, arrangement: Arrangement, model: Model) -> DrawingStates:
    """Return `states` in which a step hidden in a collapsed sub-process marks that sub-process."""

    def shown(ids: Iterable[str]) -> frozenset[str]:
        return frozenset(nearest_shown(node_id, arrangement, model) for node_id in ids)

    return replace(states, active=shown(states.active), incident=shown(states.incident))


def nearest_shown(node_id: str, arrangement: Arrangement, model: Model) -> str:
    """Return the id of the innermost shape that stands for a step; its own id without one."""
    chain = (node_id, *model.ancestors(node_id))
    return next((one for one in chain if one in arrangement.figures), node_id)


@dataclass(eq=False)
class Sheet:
    """What has been drawn so far: markup by layer, the room it takes, the arrow heads it needs.

    `mark` stands before the ids of the heads. With a `view` only what meets it is drawn, and headers of lanes move to its edge.
    """

    states: DrawingStates
    mark: str
    view: Box | None = None
    layers: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in LAYERS})
    room: list[Box] = field(default_factory=list)
    heads: set[str] = field(default_factory=set)

    def sees(self, box: Box) -> bool:
        return self.view is None or box.meets(self.view)

    def put(self, layer: str, markup: str, box: Box | None = None) -> None:
        self.layers[layer].append(markup)
        if box is not None:
            self.room.append(box)

    def markup(self) -> str:
        return "".join(
            f'<g class="lm-{name}">{"".join(parts)}</g>'
            for name, parts in self.layers.items()
            if parts
        )


def text_block(
    lines: Iterable[str],
    x: float,
    top: float,
    size: float,
    *,
    anchor: str = "middle",
    bold: bool = False,
    colour: str = TEXT,
    halo: bool = False,
    turn: str = "",
) -> str:
    """Return lines of text below each other; `halo` keeps them readable upon lines."""
    step = size * LINE_HEIGHT
    first = top + size * 0.97
    spans = " ".join(  # the space parts the words for those who hear or copy the text
        f'<tspan x="{number(x)}" y="{number(first + index * step)}">{escape(line)}</tspan>'
        for index, line in enumerate(lines)
    )
    if not spans:
        return ""
    weight = ' font-weight="600"' if bold else ""
    outline = ' stroke="#fff" stroke-width="3.5" paint-order="stroke"' if halo else ""
    return (
        f'<text font-size="{number(size)}" text-anchor="{anchor}" fill="{colour}"'
        f"{weight}{outline}{turn}>{spans}</text>"
    )


def block_box(lines: tuple[str, ...], x: float, top: float, size: float, anchor: str) -> Box:
    """Return the room that `text_block` takes."""
    width = max((width_of(line, size) for line in lines), default=0.0)
    left = {"middle": x - width / 2, "end": x - width}.get(anchor, x)
    return Box(left, top, width, len(lines) * size * LINE_HEIGHT)
