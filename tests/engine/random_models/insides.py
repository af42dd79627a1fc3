"""Blocks with something inside: sub-processes of every kind, repetitions, calls."""

from typing import Any

from tests.engine import diagrams as d
from tests.engine.random_models.drawing import Block, Drawing, Ends, draw, drawer, meet, within
from tests.engine.test_compensation import undoable


@drawer("sub")
def sub(drawing: Drawing, block: Block, *more: str) -> Ends:
    name = drawing.name("sub")
    inner = within(drawing, block[1])
    drawing.add(d.sub(name, *more, *inner.parts, **drawing.boundaries()))
    return name, name


@drawer("rounds")
def rounds(drawing: Drawing, block: Block) -> Ends:
    """As often as a number says, or until enough rounds are done."""
    _, _, number, sequential, enough = block
    until = f"nrOfCompletedInstances >= {enough}".replace(">", "&gt;") if enough else None
    return sub(drawing, block, d.many(str(number), sequential=sequential, until=until))


@drawer("gathered")
def gathered(drawing: Drawing, block: Block) -> Ends:
    """Once for each item of a list; each round gives a result."""
    _, _, number, sequential = block
    gather = (
        f"<loopDataOutputRef>kq{number}</loopDataOutputRef>"
        '<outputDataItem id="{0}" name="muc_do"/>'.format(drawing.name("d"))
    )
    items = f"=for i in 1..{number} return i" if number else "=[]"
    many = d.many(collection=items, element="muc_do", sequential=sequential, inner=gather)
    return sub(drawing, block, many)


@drawer("repeated")
def repeated(drawing: Drawing, block: Block) -> Ends:
    """A standard loop."""
    _, _, most, before = block
    test = "" if before else "<loopCondition>dem &lt; 3</loopCondition>"
    loop = (
        f'<standardLoopCharacteristics testBefore="{str(before).lower()}" loopMaximum="{most}">'
        f"{test}</standardLoopCharacteristics>"
    )
    return sub(drawing, block, loop)


@drawer("called")
def called(drawing: Drawing, block: Block) -> Ends:
    """Another process of the file, with everything handed in and out."""
    key, name = drawing.name("q"), drawing.name("goi")
    inner = within(drawing, block[1])
    drawing.processes.append(d.body(*inner.parts, key=key))
    passing = '<camunda:in variables="all"/>'
    if block[2]:
        passing += '<camunda:out variables="all"/>'
    drawing.add(
        d.node(
            "callActivity",
            name,
            d.extensions(passing),
            calledElement=key,
            **drawing.boundaries(),
        )
    )
    return name, name


@drawer("adhoc")
def adhoc(drawing: Drawing, block: Block) -> Ends:
    """People choose the steps; closed by hand, or by a condition."""
    _, blocks, ordered, until = block
    name, inner = drawing.name("tuy"), drawing.inside()
    for one in blocks:
        step, done = drawing.name("manual"), drawing.name("manual")
        first, last = draw(inner, one)
        inner.add(d.node("manualTask", step), d.node("manualTask", done))
        inner.add(d.flow(step, first), d.flow(last, done))
    if until:
        inner.add(f"<completionCondition>{until}</completionCondition>".replace(" >", " &gt;"))
    order: dict[str, Any] = {"ordering": "Sequential"} if ordered else {}
    drawing.add(d.node("adHocSubProcess", name, *inner.parts, **order))
    return name, name


@drawer("undone")
def undone(drawing: Drawing, block: Block) -> Ends:
    """What was done, also deep inside, is undone: all of it, or one activity."""
    _, inner_block, rounds_done, whole = block
    first, deep, holder, throw = (drawing.name(kind) for kind in ("user", "user", "sub", "bu"))
    inner = drawing.inside()
    start, end = drawing.name("s"), drawing.name("e")
    begin, last = draw(inner, inner_block)
    inner.add(
        d.start(start), undoable(deep), d.end(end), d.chain(start, deep, begin), d.flow(last, end)
    )
    many = (d.many(str(rounds_done)),) if rounds_done else ()
    reference = "" if whole else f' activityRef="{first}"'
    drawing.add(
        undoable(first),
        d.sub(holder, *many, *inner.parts),
        d.node("intermediateThrowEvent", throw, f"<compensateEventDefinition{reference}/>"),
        d.chain(first, holder, throw),
    )
    return first, throw


@drawer("transaction")
def transaction(drawing: Drawing, block: Block) -> Ends:
    """Kept, or cancelled where the switch says so: then what was done is undone first."""
    _, inner_block, way_out, switch = block
    name, done, gate = drawing.name("sub"), drawing.name("user"), drawing.name("split")
    start, kept, dropped = (drawing.name(kind) for kind in ("s", "e", "e"))
    inner = drawing.inside()
    begin, last = draw(inner, inner_block)
    inner.add(
        d.start(start),
        undoable(done),
        d.node("exclusiveGateway", gate, default=f"{gate}-giu"),
        d.end(kept),
        d.end(dropped, "<cancelEventDefinition/>"),
        d.chain(start, done, begin),
        d.flow(last, gate),
        d.flow(gate, kept, identifier=f"{gate}-giu"),
        d.flow(gate, dropped, f"cong = {switch}"),
    )
    bound = drawing.name("bien")
    drawing.add(
        d.node("transaction", name, *inner.parts, **drawing.boundaries()),
        d.boundary(bound, name, "<cancelEventDefinition/>"),
    )
    first, last = draw(drawing, way_out)
    drawing.add(d.flow(bound, first))
    return name, meet(drawing, name, last)


@drawer("ending")
def ending(drawing: Drawing, block: Block) -> Ends:
    """Two ways in a sub-process; one of them terminates the other."""
    name, gate = drawing.name("sub"), drawing.name("split")
    start, end, stop = (drawing.name(kind) for kind in ("s", "e", "e"))
    inner = drawing.inside()
    inner.add(
        d.start(start),
        d.node("parallelGateway", gate),
        d.flow(start, gate),
        d.end(end),
        d.end(stop, "<terminateEventDefinition/>"),
    )
    for one, last_one in zip(block[1:], (end, stop), strict=True):
        first, last = draw(inner, one)
        inner.add(d.flow(gate, first), d.flow(last, last_one))
    drawing.add(d.sub(name, *inner.parts))
    return name, name
