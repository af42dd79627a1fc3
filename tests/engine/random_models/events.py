"""Blocks that somebody or something interrupts: boundary events and event sub-processes."""

from tests.engine import diagrams as d
from tests.engine.random_models.drawing import (
    Block,
    Drawing,
    Ends,
    aside,
    draw,
    drawer,
    meet,
    within,
)
from tests.engine.random_models.insides import sub
from tests.engine.random_models.tasks import TWO_EVENTS

WRITTEN = {
    "t": d.after("PT2H"),
    "m": d.on_message(),
    "s": d.on_signal(),
    "c": d.on_condition("san", camunda__variableName="san", camunda__variableEvents="create"),
    "C": d.on_condition("san", camunda__variableName="san", camunda__variableEvents="update"),
    "y": d.every("R2/PT1H"),
    "M": TWO_EVENTS,
    "P": TWO_EVENTS,
    "e": d.on_escalation(),
}
"""Events by letter; M is any of several, P all of them.

C interrupts always: a way that calls a process, which hands out everything, would make it true again.
"""


def _written(event: str, *, interrupts: bool) -> str:
    """The event; what does not interrupt hears a signal that nobody throws, lest it calls itself."""
    return WRITTEN[event] if interrupts else WRITTEN[event].replace('"sig"', '"khac"')


@drawer("guarded")
def guarded(drawing: Drawing, block: Block) -> Ends:
    """A sub-process with a boundary event whose path meets the normal one again, or ends."""
    _, inner, way_out, interrupting, event = block
    interrupting = interrupting or event == "C"
    host, _ = sub(drawing, ("sub", inner))
    name = drawing.name("bien")
    written = d.boundary(
        name, host, _written(event, interrupts=interrupting), interrupting=interrupting
    )
    if event == "P":
        written = written.replace(" cancelActivity", ' parallelMultiple="true" cancelActivity')
    drawing.add(written)
    return _leave_by(drawing, host, name, way_out, interrupting=interrupting)


def _leave_by(
    drawing: Drawing, host: str, event: str, way_out: Block, *, interrupting: bool
) -> Ends:
    if not interrupting:
        aside(drawing, event, way_out)
        return host, host
    first, last = draw(drawing, way_out)
    drawing.add(d.flow(event, first))
    return host, meet(drawing, host, last)


@drawer("escalating")
def escalating(drawing: Drawing, block: Block) -> Ends:
    """A sub-process that escalates first; the boundary's path meets the normal one or ends."""
    _, inner, way_out, interrupting = block
    holder, name = drawing.name("sub"), drawing.name("bien")
    drawing.add(
        d.sub(holder, *_thrown_first(drawing, inner).parts),
        d.boundary(name, holder, d.on_escalation(), interrupting=interrupting),
    )
    return _leave_by(drawing, holder, name, way_out, interrupting=interrupting)


def _thrown_first(drawing: Drawing, block: Block) -> Drawing:
    """A sheet that escalates before the block begins."""
    start, thrower, end = (drawing.name(kind) for kind in ("s", "bao", "e"))
    inside = drawing.inside()
    first, last = draw(inside, block)
    inside.add(
        d.start(start),
        d.node("intermediateThrowEvent", thrower, d.on_escalation()),
        d.end(end),
        d.chain(start, thrower, first),
        d.flow(last, end),
    )
    return inside


@drawer("failing")
def failing(drawing: Drawing, block: Block) -> Ends:
    """A sub-process that ends in an error, caught at its edge or by an event sub-process."""
    _, inner, way_out, by_code, at_edge = block
    holder, name = drawing.name("sub"), drawing.name("bien")
    inside = within(drawing, inner, last=d.on_error())
    caught = d.on_error("LOI" if by_code else None)
    if at_edge:
        drawing.add(d.sub(holder, *inside.parts), d.boundary(name, holder, caught))
        first, last = draw(drawing, way_out)
        drawing.add(d.flow(name, first))
        return holder, meet(drawing, last, holder)
    drawing.add(d.sub(holder, *inside.parts, _handler(drawing, way_out, caught, interrupts=True)))
    return holder, holder


def _handler(drawing: Drawing, block: Block, event: str, *, interrupts: bool) -> str:
    """An event sub-process."""
    name, begin, stop = (drawing.name(kind) for kind in ("ep", "s", "e"))
    inside = drawing.inside()
    first, last = draw(inside, block)
    inside.add(
        d.start(begin, event, isInterrupting=str(interrupts).lower()),
        d.end(stop),
        d.flow(begin, first),
        d.flow(last, stop),
    )
    return d.sub(name, *inside.parts, triggeredByEvent="true")


@drawer("beside")
def beside(drawing: Drawing, block: Block) -> Ends:
    """A sub-process with an event sub-process inside."""
    _, inner, other, interrupting, event = block
    name = drawing.name("sub")
    inside = _thrown_first(drawing, inner) if event == "e" else within(drawing, inner)
    handler = _handler(
        drawing, other, _written(event, interrupts=interrupting), interrupts=interrupting
    )
    drawing.add(d.sub(name, *inside.parts, handler))
    return name, name
