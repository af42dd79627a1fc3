"""Blocks of one element or two: tasks, and events in the flow."""

from tests.engine import diagrams as d
from tests.engine.random_models.drawing import Block, Drawing, Ends, draw, drawer, meet

PLAIN = [
    "user",
    "external",
    "manual",
    "timer",
    "message",
    "signal",
    "condition",
    "thrown",
    "script",
    "async",
    "mapped",
    "receive",
    "link",
    "any",
    "all",
    "crowd",
]
RISKY = ["broken", "risky", "decided"]
"""What raises incidents, or needs more than the diagram."""

TWO_EVENTS = d.on_message() + d.on_signal()


@drawer(*PLAIN, "broken", "decided")
def task(drawing: Drawing, block: Block) -> Ends:
    kind = block[0]
    if kind == "link":
        return _link(drawing)
    name = drawing.name(kind)
    boundaries = drawing.boundaries()
    made = {
        "user": lambda: d.user(name, **boundaries),
        "external": lambda: d.external(name, **boundaries),
        "manual": lambda: d.node("manualTask", name, **boundaries),
        "timer": lambda: d.node("intermediateCatchEvent", name, d.after()),
        "message": lambda: d.node("intermediateCatchEvent", name, d.on_message(), **boundaries),
        "signal": lambda: d.node("intermediateCatchEvent", name, d.on_signal()),
        "condition": lambda: d.node("intermediateCatchEvent", name, d.on_condition("dem > 2")),
        "thrown": lambda: d.node("intermediateThrowEvent", name, d.on_signal()),
        "script": lambda: d.script(name, "dem = dem + 1"),
        "async": lambda: d.user(name, camunda__asyncBefore="true", camunda__asyncAfter="true"),
        "mapped": lambda: d.user(name, d.mapping({"rieng": "=dem"}, {"ra": "=rieng"})),
        "receive": lambda: d.node("receiveTask", name, messageRef="m", **boundaries),
        "any": lambda: d.node("intermediateCatchEvent", name, TWO_EVENTS),
        "all": lambda: d.node("intermediateCatchEvent", name, TWO_EVENTS, parallelMultiple="true"),
        "crowd": lambda: d.user(name, d.many("2", until="nrOfCompletedInstances >= dem")),
        "broken": lambda: d.script(name, 'lanh = assert(san, san, "chưa sẵn sàng")'),
        "decided": lambda: d.node(
            "businessRuleTask",
            name,
            camunda__decisionRef="muc",
            camunda__resultVariable="muc",
            **boundaries,
        ),
    }[kind]
    drawing.add(made())
    return name, name


def _link(drawing: Drawing) -> Ends:
    away, here = drawing.name("di"), drawing.name("den")
    link = f'<linkEventDefinition name="{away}"/>'
    drawing.add(
        d.node("intermediateThrowEvent", away, link), d.node("intermediateCatchEvent", here, link)
    )
    return away, here


@drawer("risky")
def risky(drawing: Drawing, _: Block) -> Ends:
    """A call that may end in an error which is caught here, or in one that nobody knows."""
    name, caught = drawing.name("risky"), drawing.name("bien")
    drawing.add(d.external(name, **drawing.boundaries()), d.boundary(caught, name, d.on_error()))
    first, last = draw(drawing, ("user",))
    drawing.add(d.flow(caught, first))
    return name, meet(drawing, name, last)
