"""Shapes of BPMN: activities, events, gateways, data, annotations and groups."""

from dataclasses import dataclass

from app.engine.drawing_geometry import Box, Figure
from app.engine.drawing_icons import (
    MARKER_ORDER,
    event_icon,
    gateway_icon,
    markers,
    state_mark,
    task_icon,
)
from app.engine.drawing_model import ACTIVITIES, DATA, EVENTS, GATEWAYS, SCOPES, Node
from app.engine.drawing_paint import (
    BADGE,
    FRAME,
    GLOW,
    INK,
    PAPER,
    STATE_WORDS,
    Paint,
    Sheet,
    block_box,
    paint_of,
    text_block,
)
from app.engine.drawing_text import LINE_HEIGHT, escape, number, width_of, wrap

_SIZES = (12.5, 11.5, 10.5)
_LABEL_SIZE = 11.5
_LABEL_WIDTH = 84.0
_CORNER = 9.0
_INSET = 3.0
_SAFE_LINKS = ("/", "#", "?", "./", "https://")


def is_safe_link(href: str) -> bool:
    """Tell whether `href` leads to a page of ours or over https, and cannot carry a script."""
    return href.startswith(_SAFE_LINKS) and not href.startswith(("//", "/\\"))


def draw_figure(sheet: Sheet, figure: Figure, *, below_is_taken: bool = False) -> None:
    """Put one shape, its name, its state, its badge and its link on the sheet."""
    box, node = figure.box, figure.node
    if not sheet.sees(box.grown(30)):
        return
    paint = paint_of(sheet.states, node.id)
    drawn = _body(figure, paint)
    layer = "frames" if figure.expanded or node.kind == "group" else "shapes"
    sheet.put(layer, _wrapped(sheet, node, paint, drawn), box.grown(2))
    if paint.state == "active":
        sheet.put("glows", _glow(figure), box.grown(6))
    if node.kind not in ACTIVITIES | {"textAnnotation"}:
        _draw_label(sheet, figure, paint, above=below_is_taken)
    if node.id in sheet.states.badges:
        _draw_badge(sheet, figure)


def _wrapped(sheet: Sheet, node: Node, paint: Paint, drawn: str) -> str:
    """Group the markup of a node, with a link round it where there is one."""
    state = f" is-{paint.state}" if paint.state else ""
    group = f'<g class="lm-node lm-{node.kind}{state}" data-element="{escape(node.id)}">{drawn}</g>'
    href = sheet.states.links.get(node.id, "")
    if not is_safe_link(href):
        return group
    words = ", ".join(part for part in (node.name, STATE_WORDS.get(paint.state)) if part)
    return f'<a href="{escape(href)}" aria-label="{escape(words or node.id)}">{group}</a>'


def _body(figure: Figure, paint: Paint) -> str:
    kind = figure.node.kind
    if kind in EVENTS:
        return _event(figure, paint)
    if kind in GATEWAYS:
        return _gateway(figure, paint)
    if kind in DATA:
        return _data(figure)
    if kind == "textAnnotation":
        return _annotation(figure)
    if kind == "group":
        return _rect(figure.box, _CORNER, "none", FRAME, 1.5, dashes="10 4 2 4")
    return _activity(figure, paint)


def _rect(box: Box, corner: float, fill: str, ink: str, weight: float, *, dashes: str = "") -> str:
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<rect x="{number(box.x)}" y="{number(box.y)}" width="{number(max(box.width, 1))}" '
        f'height="{number(max(box.height, 1))}" rx="{number(corner)}" fill="{fill}" '
        f'stroke="{ink}" stroke-width="{number(weight)}"{dash}/>'
    )


def _activity(figure: Figure, paint: Paint) -> str:
    box, node = figure.box, figure.node
    dashes = paint.dashes or ("2 3.5" if "event" in node.traits else "")
    weight = max(paint.weight, 4) if node.kind == "callActivity" else paint.weight
    fill = "#fbfcfd" if figure.expanded and not paint.state else paint.fill
    parts = [_rect(box, _CORNER, fill, paint.ink, weight, dashes=dashes)]
    if node.kind == "transaction":
        inner = box.grown(-_INSET - weight / 2)
        parts.append(_rect(inner, _CORNER - _INSET, "none", paint.ink, max(paint.weight - 0.5, 1)))
    parts.append(task_icon(node.kind, box.x + 6, box.y + 6, paint.ink, paint.fill))
    parts.append(state_mark(paint.state, box.right - 13, box.y + 13, paint.ink))
    names = _marker_names(figure)
    if names:
        parts.append(markers(names, box.centre.x, box.bottom - 11, paint.ink))
    parts.append(_activity_name(figure, paint, has_markers=bool(names)))
    return "".join(parts)


def _glow(figure: Figure) -> str:
    """Return a soft ring that shows from afar where a case stands."""
    box = figure.box
    look = f'fill="none" stroke="{GLOW}" stroke-opacity=".45" stroke-linejoin="round"'
    if figure.node.kind in GATEWAYS:
        return f'<path d="{_diamond(box)}" {look} stroke-width="11"/>'
    halo = box.grown(3.5)
    corner = halo.width / 2 if figure.node.kind in EVENTS else _CORNER + 3
    return (
        f'<rect x="{number(halo.x)}" y="{number(halo.y)}" width="{number(halo.width)}" '
        f'height="{number(halo.height)}" rx="{number(corner)}" {look} stroke-width="5"/>'
    )


def _marker_names(figure: Figure) -> list[str]:
    wanted = set(figure.node.traits)
    if figure.node.kind in SCOPES and not figure.expanded:
        wanted.add("collapsed")
    return [name for name in MARKER_ORDER if name in wanted]


@dataclass(frozen=True)
class _Fit:
    """Text that fits its shape."""

    lines: tuple[str, ...]
    size: float
    top: float
    whole: bool


def _activity_name(figure: Figure, paint: Paint, *, has_markers: bool) -> str:
    bold = paint.state in {"active", "incident"}
    fit = _expanded_fit(figure) if figure.expanded else _fit(figure, paint, bold, has_markers)
    text = text_block(
        fit.lines, figure.box.centre.x, fit.top, fit.size, bold=bold, colour=paint.text
    )
    return text if fit.whole else f"<title>{escape(figure.node.name)}</title>{text}"


def _expanded_fit(figure: Figure) -> _Fit:
    box = figure.box
    lines = wrap(figure.node.name, box.width - 24, _SIZES[0], most=1)
    return _Fit(lines, _SIZES[0], box.y + 6, whole=not any(line.endswith("…") for line in lines))


def _fit(figure: Figure, paint: Paint, bold: bool, has_markers: bool) -> _Fit:
    """Try smaller letters until the name fits between the signs; shorten it if none does."""
    box, name = figure.box, figure.node.name
    signs = bool(task_icon(figure.node.kind, 0, 0, "", "")) or paint.state in STATE_WORDS
    floor = box.bottom - (21 if has_markers else 4)
    for size in _SIZES:
        lines = wrap(name, box.width - 12, size, bold=bold)
        height = len(lines) * size * LINE_HEIGHT
        middle = box.centre.y + (4 if signs and not has_markers else 0)
        middle = (box.y + floor) / 2 if has_markers else middle
        top = min(max(middle - height / 2, box.y + 4), floor - height)
        if signs and top < box.y + 22 and _hits_signs(lines, size, box, bold):
            top = box.y + 22
        if top >= box.y + 3 and top + height <= floor + 0.5:
            return _Fit(lines, size, top, whole=True)
    size = _SIZES[-1]
    start = box.y + (22 if signs and box.height > 50 else 4)
    most = max(1, int((floor - start) / (size * LINE_HEIGHT)))
    lines = wrap(name, box.width - 12, size, most=most, bold=bold)
    height = len(lines) * size * LINE_HEIGHT
    return _Fit(lines, size, start + max(0.0, (floor - start - height) / 2), whole=False)


def _hits_signs(lines: tuple[str, ...], size: float, box: Box, bold: bool) -> bool:
    """Tell whether the first line would run into the signs in the upper corners."""
    return bool(lines) and width_of(lines[0], size, bold=bold) > box.width - 2 * 26


def _event(figure: Figure, paint: Paint) -> str:
    node, centre = figure.node, figure.box.centre
    radius = max(min(figure.box.width, figure.box.height) / 2, 4)
    weight = max(paint.weight, 3.6) if node.kind == "endEvent" else paint.weight
    dashes = ' stroke-dasharray="4.5 3"' if "gentle" in node.traits else ""
    ring = f'cx="{number(centre.x)}" cy="{number(centre.y)}"'
    parts = [
        (
            f'<circle {ring} r="{number(radius)}" fill="{paint.fill}" stroke="{paint.ink}" '
            f'stroke-width="{number(weight)}"{dashes}/>'
        )
    ]
    if node.kind in {"intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}:
        parts.append(
            f'<circle {ring} r="{number(radius - 3.5)}" fill="none" stroke="{paint.ink}" '
            f'stroke-width="{number(min(paint.weight, 2))}"{dashes}/>'
        )
    throws = node.kind in {"intermediateThrowEvent", "endEvent"}
    parts.append(
        event_icon(_sign(node), centre, radius, paint.ink, paint.fill, throws=throws),
    )
    return "".join(parts)


def _sign(node: Node) -> str:
    if len(node.triggers) > 1:
        return "together" if "together" in node.traits else "multiple"
    return node.triggers[0] if node.triggers else ""


def _diamond(box: Box) -> str:
    centre = box.centre
    return (
        f"M{number(centre.x)} {number(box.y)}L{number(box.right)} {number(centre.y)}"
        f"L{number(centre.x)} {number(box.bottom)}L{number(box.x)} {number(centre.y)}z"
    )


def _gateway(figure: Figure, paint: Paint) -> str:
    box, centre = figure.box, figure.box.centre
    diamond = _diamond(box)
    dash = f' stroke-dasharray="{paint.dashes}"' if paint.dashes else ""
    scale = min(box.width, box.height) / 50
    size = f" scale({scale:.2f})" if abs(scale - 1) > 0.03 else ""
    return (
        f'<path d="{diamond}" fill="{paint.fill}" stroke="{paint.ink}" '
        f'stroke-width="{number(paint.weight)}" stroke-linejoin="round"{dash}/>'
        f'<g transform="translate({number(centre.x)} {number(centre.y)}){size}" fill="none" '
        f'stroke="{paint.ink}">{gateway_icon(figure.node.kind, figure.node.traits, paint.ink)}</g>'
    )


def _data(figure: Figure) -> str:
    box, kind = figure.box, figure.node.kind
    x, y, w, h = box
    if kind == "dataStoreReference":
        cap = min(8.0, h / 4)
        body = (
            f"M{number(x)} {number(y + cap)}c0 {number(-cap * 1.33)} {number(w)} "
            f"{number(-cap * 1.33)} {number(w)} 0v{number(h - 2 * cap)}c0 {number(cap * 1.33)} "
            f"{number(-w)} {number(cap * 1.33)} {number(-w)} 0z"
            f"M{number(x)} {number(y + cap)}c0 {number(cap * 1.33)} {number(w)} "
            f"{number(cap * 1.33)} {number(w)} 0"
        )
    else:
        fold = min(11.0, w / 3)
        body = (
            f"M{number(x)} {number(y)}h{number(w - fold)}l{number(fold)} {number(fold)}"
            f"v{number(h - fold)}h{number(-w)}z"
            f"M{number(x + w - fold)} {number(y)}v{number(fold)}h{number(fold)}"
        )
    sign = ""
    if kind in {"dataInput", "dataOutput"}:
        fill = INK if kind == "dataOutput" else "none"
        sign = (
            f'<path d="M{number(x + 4)} {number(y + 6)}h6v-3l6 5-6 5v-3h-6z" fill="{fill}" '
            f'stroke="{INK}"/>'
        )
    if "collection" in figure.node.traits:
        sign += markers(["parallel"], box.centre.x, box.bottom - 9, INK)
    return (
        f'<path d="{body}" fill="{PAPER}" stroke="{INK}" stroke-width="1.4" '
        f'stroke-linejoin="round"/>{sign}'
    )


def _annotation(figure: Figure) -> str:
    box = figure.box
    size = _LABEL_SIZE
    most = max(1, int((box.height - 4) / (size * LINE_HEIGHT)))
    lines = wrap(figure.node.name, max(box.width - 14, 20), size, most=most)
    height = len(lines) * size * LINE_HEIGHT
    top = box.y + max(2.0, (box.height - height) / 2)
    return (
        f'<path d="M{number(box.x + 10)} {number(box.y)}H{number(box.x)}V{number(box.bottom)}'
        f'h10" fill="none" stroke="{INK}" stroke-width="1.4"/>'
        + text_block(lines, box.x + 9, top, size, anchor="start", halo=True)
    )


def _draw_label(sheet: Sheet, figure: Figure, paint: Paint, *, above: bool) -> None:
    """Put the name of an event, a gateway, data or a group where the analyst or we put it."""
    name, box, label = figure.node.name, figure.box, figure.label
    if not name:
        return
    width = max(label.width + 8, 60) if label is not None else _LABEL_WIDTH
    lines = wrap(name, width, _LABEL_SIZE, most=6)
    height = len(lines) * _LABEL_SIZE * LINE_HEIGHT
    if label is not None:
        x, top = label.centre.x, label.y
    elif figure.node.kind == "group":
        x, top = box.centre.x, box.y + 4
    else:
        x = box.centre.x
        top = box.y - height - 4 if above else box.bottom + 4
    bold = paint.state in {"active", "incident"}
    markup = text_block(lines, x, top, _LABEL_SIZE, bold=bold, colour=paint.text, halo=True)
    sheet.put("labels", markup, block_box(lines, x, top, _LABEL_SIZE, "middle"))


def _draw_badge(sheet: Sheet, figure: Figure) -> None:
    count = sheet.states.badges[figure.node.id]
    words = str(count) if count < 1000 else "999+"
    width = max(width_of(words, 12, bold=True) + 14, 22)
    place = Box(figure.box.x - 8, figure.box.bottom - 11, width, 20)
    sheet.put(
        "badges",
        f'<g class="lm-badge">{_rect(place, 10, BADGE, PAPER, 2)}'
        + text_block([words], place.centre.x, place.y + 3, 12, bold=True, colour=PAPER)
        + "</g>",
        place.grown(1),
    )
