"""The small signs inside shapes, as SVG paths drawn for this service."""

from app.engine.drawing_text import number

_ENVELOPE = "M1.5 3.5h13v9h-13z"
_FLAP = "M1.5 3.5l6.5 5 6.5-5"
_GEAR = (
    "M6.7 3.1L6.8 1.2L9.2 1.2L9.3 3.1L10.6 3.6L12 2.3L13.7 4L12.4 5.4L12.9 6.7L14.8 6.8L14.8 9.2"
    "L12.9 9.3L12.4 10.6L13.7 12L12 13.7L10.6 12.4L9.3 12.9L9.2 14.8L6.8 14.8L6.7 12.9L5.4 12.4"
    "L4 13.7L2.3 12L3.6 10.6L3.1 9.3L1.2 9.2L1.2 6.8L3.1 6.7L3.6 5.4L2.3 4L4 2.3L5.4 3.6z"
)
_PENTAGON = "M0-9 8.6-2.8 5.3 7.3H-5.3L-8.6-2.8z"


def task_icon(kind: str, x: float, y: float, ink: str, paper: str) -> str:
    """Return the sign of a task type in a 16 pixel square at (x, y); "" for a plain task."""
    inside = {
        "userTask": '<circle cx="8" cy="4.8" r="3"/>'
        '<path d="M2 14.5c0-3.7 2.3-5.7 6-5.7s6 2 6 5.7z"/>',
        "serviceTask": f'<path d="{_GEAR}"/><circle cx="8" cy="8" r="2.4"/>',
        "scriptTask": '<path d="M5 1.5h9c-2.6 2.8-2.6 4 0 6.5s2.6 4.2 0 6.5H4.5c2.6-2.3 2.6'
        '-4 0-6.5S2.5 4.2 5 1.5zM6.5 5h4M7.5 8h4M7.5 11h4"/>',
        "businessRuleTask": f'<path d="M1.5 2.5h13v3h-13z" fill="{ink}"/>'
        '<path d="M1.5 2.5h13v11h-13zM5.5 5.5v8M1.5 9.5h13"/>',
        "manualTask": '<path d="M1.5 8.5 5 4.5h4.5c1.2 0 1.2 1.7 0 1.7h-2 6c1.3 0 1.3 '
        "1.8 0 1.8h-3.5 3c1.2 0 1.2 1.7 0 1.7h-3 2c1.1 0 1.1 1.6 0 1.6h-2.5 1c1 0 "
        '1 1.5 0 1.5H4.5l-3-1.5z"/>',
        "sendTask": f'<path d="{_ENVELOPE}" fill="{ink}"/>'
        f'<path d="{_FLAP}" stroke="{paper}" stroke-width="1.4"/>',
        "receiveTask": f'<path d="{_ENVELOPE}{_FLAP}"/>',
    }.get(kind)
    if inside is None:
        return ""
    return (
        f'<g transform="translate({number(x)} {number(y)})" fill="none" stroke="{ink}" '
        f'stroke-width="1.2" stroke-linejoin="round" stroke-linecap="round">{inside}</g>'
    )


_EVENT_SIGNS = {
    "message": "M-8.5-5.5h17v11h-17z",
    "error": "M-7 7-3-6.5 2 1.5 7-7.5 3.2 6.5-2-1.5z",
    "escalation": "M0-8.5 6.5 7.5 0 1.5-6.5 7.5z",
    "signal": "M0-8 8.2 6.2H-8.2z",
    "link": "M-8.5-3.2H1V-7.5L8.8 0 1 7.5V3.2h-9.5z",
    "compensate": "M0-6.5v13L-8.5 0zM8-6.5v13L-.5 0z",
    "cancel": "M-5.5-8.2 0-2.7 5.5-8.2 8.2-5.5 2.7 0 8.2 5.5 5.5 8.2 0 2.7-5.5 8.2-8.2 "
    "5.5-2.7 0-8.2-5.5z",
    "multiple": _PENTAGON,
    "together": "M-2.5-8.5h5v6h6v5h-6v6h-5v-6h-6v-5h6z",
}


def event_icon(
    trigger: str, centre: tuple[float, float], radius: float, ink: str, paper: str, *, throws: bool
) -> str:
    """Return the sign inside an event; those that throw are filled."""
    inside = _event_sign(trigger, ink, paper, throws=throws)
    if not inside:
        return ""
    scale = f" scale({radius / 18:.2f})" if abs(radius - 18) > 0.5 else ""
    return (
        f'<g transform="translate({number(centre[0])} {number(centre[1])}){scale}" fill="none" '
        f'stroke="{ink}" stroke-width="1.3" stroke-linejoin="round" stroke-linecap="round">'
        f"{inside}</g>"
    )


def _event_sign(trigger: str, ink: str, paper: str, *, throws: bool) -> str:
    if trigger == "terminate":
        return f'<circle r="10" fill="{ink}"/>'
    if trigger == "timer":
        return '<circle r="9.5"/><path d="M0-6V0l4 2.5M0-9.5v2M0 9.5v-2M9.5 0h-2M-9.5 0h2"/>'
    if trigger == "conditional":
        return '<path d="M-6.5-8.5h13v17h-13zM-3.8-5h7.6M-3.8-1.7h7.6M-3.8 1.7h7.6M-3.8 5h7.6"/>'
    sign = _EVENT_SIGNS.get(trigger)
    if sign is None:
        return ""
    if trigger == "message":
        fill, flap = (ink, paper) if throws else ("none", ink)
        return (
            f'<path d="{sign}" fill="{fill}"/><path d="m-8.5-5.5 8.5 6.5 8.5-6.5" stroke="{flap}"/>'
        )
    return f'<path d="{sign}" fill="{ink if throws else "none"}"/>'


def gateway_icon(kind: str, traits: frozenset[str], ink: str) -> str:
    """Return the sign inside a gateway, around (0, 0), for a diamond of 50 pixels."""
    ring = f'<circle r="13.5" stroke="{ink}" stroke-width="1.2"/>'
    if kind == "exclusiveGateway":
        return '<path d="m-7.5-8.5 15 17m0-17-15 17" stroke-width="3.6"/>'
    if kind == "parallelGateway":
        return '<path d="M-11 0h22M0-11v22" stroke-width="3.6"/>'
    if kind == "inclusiveGateway":
        return '<circle r="10.5" stroke-width="2.8"/>'
    if kind == "complexGateway":
        return '<path d="M-11 0h22M0-11v22m-7.5-18.5 15 15m0-15-15 15" stroke-width="2.6"/>'
    if "instantiate" not in traits:
        ring += f'<circle r="11" stroke="{ink}" stroke-width="1.2"/>'
    sign = _EVENT_SIGNS["together"] if "together" in traits else _PENTAGON
    return f'{ring}<g transform="scale(.72)"><path d="{sign}" stroke-width="1.6"/></g>'


_MARKERS = {
    "loop": "M-1.8 5.8A5.4 5.4 0 1 1 2.5 5M-5.5 5.8h3.9V2",
    "parallel": "M-4-5.5v11M0-5.5v11M4-5.5v11",
    "sequential": "M-5.5-4h11M-5.5 0h11M-5.5 4h11",
    "compensation": "M0-5v10L-6.5 0zM6.5-5v10L0 0z",
    "collapsed": "M-6.5-6.5h13v13h-13zM-3.8 0h7.6M0-3.8v7.6",
    "adhoc": "M-6 2c1.5-4.5 3.5-4.5 6-1.5S4.5 2.5 6-2",
}
_BOLD_MARKERS = frozenset({"parallel", "sequential", "adhoc"})
MARKER_ORDER = ("loop", "parallel", "sequential", "compensation", "collapsed", "adhoc")
MARKER_WIDTH = 17.0


def markers(names: list[str], x: float, y: float, ink: str) -> str:
    """Return a row of activity markers centred on (x, y)."""
    start = x - MARKER_WIDTH * (len(names) - 1) / 2
    return "".join(
        f'<path d="{_MARKERS[name]}" transform="translate({number(start + i * MARKER_WIDTH)} '
        f'{number(y)})" fill="none" stroke="{ink}" '
        f'stroke-width="{2 if name in _BOLD_MARKERS else 1.2}" stroke-linejoin="round"/>'
        for i, name in enumerate(names)
    )


def state_mark(state: str, x: float, y: float, ink: str) -> str:
    """Return a round mark that tells the state without colour: done, incident or cancelled."""
    sign = {
        "done": "m-3 .2 2.2 2.3L3.2-2.4",
        "incident": "M0-3.7V.6M0 3.2v.5",
        "cancelled": "m-2.4-2.4 4.8 4.8m0-4.8-4.8 4.8",
    }.get(state)
    if sign is None:
        return ""
    return (
        f'<g transform="translate({number(x)} {number(y)})"><circle r="6.5" fill="{ink}"/>'
        f'<path d="{sign}" fill="none" stroke="#fff" stroke-width="1.7" '
        'stroke-linecap="round" stroke-linejoin="round"/></g>'
    )
