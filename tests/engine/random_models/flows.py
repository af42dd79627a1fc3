"""Blocks of gateways, loops and races."""

from itertools import pairwise

from tests.engine import diagrams as d
from tests.engine.random_models.drawing import Block, Drawing, Ends, draw, drawer, meet


@drawer("sequence")
def sequence(drawing: Drawing, block: Block) -> Ends:
    ends = [draw(drawing, inner) for inner in block[1]]
    for (_, last), (first, _) in pairwise(ends):
        drawing.add(d.flow(last, first))
    return ends[0][0], ends[-1][1]


@drawer("parallel", "exclusive", "inclusive")
def split(drawing: Drawing, block: Block) -> Ends:
    kind = block[0]
    begin, join = drawing.name("split"), drawing.name("join")
    default = {"default": f"{begin}-default"} if kind != "parallel" else {}
    drawing.add(
        d.node(f"{kind}Gateway", begin, **default, **drawing.boundaries()),
        d.node(f"{kind}Gateway", join, **drawing.boundaries()),
    )
    _branches(drawing, block[1], begin, join, conditional=kind != "parallel", one=kind[0] == "e")
    return begin, join


@drawer("implicit")
def implicit(drawing: Drawing, block: Block) -> Ends:
    """Conditional flows out of a task, met by an inclusive join."""
    begin, join = drawing.name("user"), drawing.name("join")
    drawing.add(
        d.user(begin, default=f"{begin}-default", **drawing.boundaries()),
        d.node("inclusiveGateway", join),
    )
    _branches(drawing, block[1], begin, join, conditional=True, one=False)
    return begin, join


@drawer("complex")
def complex_join(drawing: Drawing, block: Block) -> Ends:
    """A join that opens before everybody is there; who comes later is swallowed.

    In a sub-process, so that a way back cannot begin anew while the late ones are still coming.
    """
    begin, join, holder = (drawing.name(kind) for kind in ("split", "join", "sub"))
    start, end = drawing.name("s"), drawing.name("e")
    wanted = min(block[2], len(block[1]))
    opens = f"<activationCondition>activationCount &gt;= {wanted}</activationCondition>"
    inner = drawing.inside()
    inner.add(
        d.start(start),
        d.node("parallelGateway", begin),
        d.node("complexGateway", join, opens, **drawing.boundaries()),
        d.end(end),
        d.flow(start, begin),
        d.flow(join, end),
    )
    _branches(inner, block[1], begin, join, conditional=False, one=False)
    drawing.add(d.sub(holder, *inner.parts))
    return holder, holder


def _branches(
    drawing: Drawing, blocks: list[Block], begin: str, join: str, *, conditional: bool, one: bool
) -> None:
    for index, inner in enumerate(blocks):
        first, last = draw(drawing, inner)
        when = f"cong = {index}" if one else f"cong >= {index}"
        chosen = when if conditional and index else None
        identifier = f"{begin}-default" if not index else None
        drawing.add(d.flow(begin, first, chosen, identifier), d.flow(last, join))


@drawer("loop")
def loop(drawing: Drawing, block: Block) -> Ends:
    """Twice around, by a flow that leads back."""
    enter, again, tick = drawing.name("vao"), drawing.name("lai"), drawing.name("dem")
    first, last = draw(drawing, block[1])
    counter = drawing.name("vong")
    drawing.add(
        d.node("exclusiveGateway", enter),
        d.node("exclusiveGateway", again, default=f"{again}-ra"),
        d.script(tick, f"{counter} = (if {counter} = null then 0 else {counter}) + 1"),
        d.node("manualTask", counter),
        d.chain(enter, first),
        d.flow(last, tick),
        d.flow(tick, again),
        d.flow(again, enter, f"{counter} < 2"),
        d.flow(again, counter, identifier=f"{again}-ra"),
    )
    return enter, counter


RACERS = (
    d.after(),
    d.on_message(),
    d.on_signal(),
)


@drawer("race")
def race(drawing: Drawing, block: Block) -> Ends:
    gate = drawing.name("dua")
    drawing.add(d.node("eventBasedGateway", gate))
    lasts = []
    for event, inner in zip(RACERS, block[1], strict=False):
        catch = drawing.name("bat")
        first, last = draw(drawing, inner)
        drawing.add(
            d.node("intermediateCatchEvent", catch, event),
            d.flow(gate, catch),
            d.flow(catch, first),
        )
        lasts.append(last)
    return gate, meet(drawing, *lasts)
