"""Random block-structured diagrams under random schedules: nothing is lost, nothing is left.

The same schedule is played with the living state and restored from bytes before each step; the
facts must be equal, and after each step the state must be sound.
"""

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.engine import (
    ActivityEnded,
    ActivityStarted,
    Fact,
    IncidentRaised,
    InstanceEnded,
    Snapshot,
    Step,
)
from app.engine.codec import encode
from app.engine.program import CompiledProgram
from app.engine.state import JOINING, State
from tests.engine import diagrams as d
from tests.engine.desk import NOON, Shelf

MAX_STEPS = 400


@dataclass
class Drawing:
    """Collects elements; every block has one way in and one way out."""

    parts: list[str] = field(default_factory=list)
    count: int = 0

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def add(self, *parts: str) -> None:
        self.parts.extend(parts)


Block = Any  # a nested tuple from the strategy


def _leaf() -> st.SearchStrategy[Block]:
    return st.sampled_from(
        ["user", "external", "manual", "timer", "message", "script", "async", "mapped"]
    ).map(lambda kind: (kind,))


def _inner(blocks: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    several = st.lists(blocks, min_size=2, max_size=3)
    switch = st.integers(0, 3)
    return st.one_of(
        several.map(lambda inner: ("sequence", inner)),
        several.map(lambda inner: ("parallel", inner)),
        st.tuples(st.just("exclusive"), several, switch),
        st.tuples(st.just("inclusive"), several, switch),
        st.tuples(st.just("sub"), blocks),
        st.tuples(st.just("rounds"), blocks, st.integers(0, 3), st.booleans()),
        st.tuples(st.just("guarded"), blocks, blocks, st.booleans(), st.sampled_from("tmc")),
        st.tuples(st.just("loop"), blocks),
        st.tuples(st.just("race"), blocks, blocks),
        st.tuples(st.just("escalating"), blocks, blocks, st.booleans()),
        st.tuples(st.just("beside"), blocks, blocks, st.booleans()),
    )


BLOCKS = st.recursive(_leaf(), _inner, max_leaves=10)


def draw(drawing: Drawing, block: Block) -> tuple[str, str]:
    """Add a block; give its first and last element."""
    return _DRAWERS[block[0]](drawing, block)


def _task(drawing: Drawing, block: Block) -> tuple[str, str]:
    kind = block[0]
    name = drawing.name(kind)
    made = {
        "user": lambda: d.user(name),
        "external": lambda: d.external(name),
        "manual": lambda: d.node("manualTask", name),
        "timer": lambda: d.node("intermediateCatchEvent", name, d.after()),
        "message": lambda: d.node("intermediateCatchEvent", name, d.on_message()),
        "script": lambda: d.script(name, "dem = dem + 1"),
        "async": lambda: d.user(name, camunda__asyncBefore="true", camunda__asyncAfter="true"),
        "mapped": lambda: d.user(name, d.mapping({"rieng": "=dem"}, {"ra": "=rieng"})),
    }[kind]
    drawing.add(made())
    return name, name


def _sequence(drawing: Drawing, block: Block) -> tuple[str, str]:
    ends = [draw(drawing, inner) for inner in block[1]]
    for (_, last), (first, _) in pairwise(ends):
        drawing.add(d.flow(last, first))
    return ends[0][0], ends[-1][1]


def _split(drawing: Drawing, block: Block) -> tuple[str, str]:
    kind = block[0]
    split, join = drawing.name("split"), drawing.name("join")
    first_flow = f"{split}-default"
    default = {"default": first_flow} if kind != "parallel" else {}
    drawing.add(d.node(f"{kind}Gateway", split, **default), d.node(f"{kind}Gateway", join))
    for index, inner in enumerate(block[1]):
        first, last = draw(drawing, inner)
        when = f"cong = {index}" if kind == "exclusive" else f"cong >= {index}"
        conditional = kind != "parallel" and index
        drawing.add(
            d.flow(split, first, when if conditional else None, first_flow if not index else None),
            d.flow(last, join),
        )
    return split, join


def _sub(drawing: Drawing, block: Block, *more: str) -> tuple[str, str]:
    name, start, end = drawing.name("sub"), drawing.name("s"), drawing.name("e")
    inner = Drawing(count=drawing.count)
    first, last = draw(inner, block[1])
    drawing.count = inner.count
    inner.add(d.start(start), d.end(end), d.flow(start, first), d.flow(last, end))
    drawing.add(d.sub(name, *more, *inner.parts))
    return name, name


def _rounds(drawing: Drawing, block: Block) -> tuple[str, str]:
    return _sub(drawing, block, d.many(str(block[2]), sequential=block[3]))


def _guarded(drawing: Drawing, block: Block) -> tuple[str, str]:
    """A sub-process with a boundary event whose path meets the normal one again, or ends."""
    _, inner, way_out, interrupting, event = block
    host, _ = _sub(drawing, ("sub", inner))
    name = drawing.name("bien")
    written = {"t": d.after("PT2H"), "m": d.on_message(), "c": d.on_condition("dem > 3")}[event]
    drawing.add(d.boundary(name, host, written, interrupting=interrupting))
    first, last = draw(drawing, way_out)
    drawing.add(d.flow(name, first))
    if not interrupting:
        end = drawing.name("e")
        drawing.add(d.end(end), d.flow(last, end))
        return host, host
    join = drawing.name("gop")
    drawing.add(d.node("exclusiveGateway", join), d.flow(host, join), d.flow(last, join))
    return host, join


def _loop(drawing: Drawing, block: Block) -> tuple[str, str]:
    enter, again, tick = drawing.name("vao"), drawing.name("lai"), drawing.name("dem")
    first, last = draw(drawing, block[1])
    counter = drawing.name("vong")
    drawing.add(
        d.node("exclusiveGateway", enter),
        d.node("exclusiveGateway", again, default=f"{again}-ra"),
        d.script(tick, f"{counter} = (if {counter} = null then 0 else {counter}) + 1"),
        d.node("manualTask", counter),
        d.flow(enter, first),
        d.flow(last, tick),
        d.flow(tick, again),
        d.flow(again, enter, f"{counter} < 2"),
        d.flow(again, counter, identifier=f"{again}-ra"),
    )
    return enter, counter


def _race(drawing: Drawing, block: Block) -> tuple[str, str]:
    gate, join = drawing.name("dua"), drawing.name("gop")
    drawing.add(d.node("eventBasedGateway", gate), d.node("exclusiveGateway", join))
    for event, inner in zip((d.after(), d.on_message()), block[1:], strict=True):
        catch = drawing.name("bat")
        first, last = draw(drawing, inner)
        drawing.add(
            d.node("intermediateCatchEvent", catch, event),
            d.flow(gate, catch),
            d.flow(catch, first),
            d.flow(last, join),
        )
    return gate, join


def _escalating(drawing: Drawing, block: Block) -> tuple[str, str]:
    """A sub-process that escalates first; the boundary's path meets the normal one or ends."""
    _, inner, way_out, interrupting = block
    thrower = drawing.name("bao")
    holder, start, end = drawing.name("sub"), drawing.name("s"), drawing.name("e")
    inside = Drawing(count=drawing.count)
    first, last = draw(inside, inner)
    drawing.count = inside.count
    inside.add(
        d.start(start),
        d.node("intermediateThrowEvent", thrower, d.on_escalation()),
        d.end(end),
        d.chain(start, thrower, first),
        d.flow(last, end),
    )
    name = drawing.name("bien")
    drawing.add(
        d.sub(holder, *inside.parts),
        d.boundary(name, holder, d.on_escalation(), interrupting=interrupting),
    )
    first, last = draw(drawing, way_out)
    join = drawing.name("gop")
    drawing.add(d.node("exclusiveGateway", join), d.flow(holder, join), d.flow(name, first))
    if interrupting:
        drawing.add(d.flow(last, join))
    else:
        stop = drawing.name("e")
        drawing.add(d.end(stop), d.flow(last, stop))
    return holder, join


def _beside(drawing: Drawing, block: Block) -> tuple[str, str]:
    """A sub-process with an event sub-process inside."""
    _, inner, other, interrupting = block
    name, start, end = drawing.name("sub"), drawing.name("s"), drawing.name("e")
    event, begin, stop = drawing.name("ep"), drawing.name("s"), drawing.name("e")
    inside = Drawing(count=drawing.count)
    first, last = draw(inside, inner)
    inside.add(d.start(start), d.end(end), d.flow(start, first), d.flow(last, end))
    aside = Drawing(count=inside.count)
    first, last = draw(aside, other)
    drawing.count = aside.count
    aside.add(
        d.start(begin, d.on_message(), isInterrupting=str(interrupting).lower()),
        d.end(stop),
        d.flow(begin, first),
        d.flow(last, stop),
    )
    drawing.add(d.sub(name, *inside.parts, d.sub(event, *aside.parts, triggeredByEvent="true")))
    return name, name


_DRAWERS = {
    **dict.fromkeys(
        ("user", "external", "manual", "timer", "message", "script", "async", "mapped"), _task
    ),
    "sequence": _sequence,
    "parallel": _split,
    "exclusive": _split,
    "inclusive": _split,
    "sub": _sub,
    "rounds": _rounds,
    "guarded": _guarded,
    "loop": _loop,
    "race": _race,
    "escalating": _escalating,
    "beside": _beside,
}


def diagram(block: Block) -> bytes:
    drawing = Drawing()
    first, last = draw(drawing, block)
    drawing.add(d.start(), d.end(), d.flow("s", first), d.flow(last, "e"))
    return d.process(*drawing.parts, around=d.message() + d.escalation())


# --- playing ------------------------------------------------------------------------------------


def play(
    program: CompiledProgram, shelf: Shelf, chance: Random, *, restored: bool, switch: int
) -> list[Fact]:
    step = program.start({"dem": 0, "cong": switch}, at=NOON, programs=shelf)
    facts = list(step.facts)
    check_sound(program.state_of(step.snapshot, shelf), step)
    for _ in range(MAX_STEPS):
        if any(isinstance(fact, InstanceEnded) for fact in step.facts):
            return facts
        given = step.snapshot
        if restored:
            given = Snapshot(given.tokens, given.variables)
        step = _move(program, shelf, given, chance)
        facts.extend(step.facts)
        check_sound(program.state_of(step.snapshot, shelf), step)
    msg = f"still running after {MAX_STEPS} steps"
    raise AssertionError(msg)


def _move(program: CompiledProgram, shelf: Shelf, given: Snapshot, chance: Random) -> Step:
    """Let one waiting token go on, whichever it is."""
    state = program.state_of(given, shelf)
    able = [one for one in state.tokens.values() if one.status in _MOVES]
    calm = [one for one in able if not one.is_listener]
    token = chance.choice(calm if calm and chance.random() < 0.8 else able)
    command, arguments = _MOVES[token.status]
    return getattr(program, command)(given, token.id, *arguments, at=NOON, programs=shelf)


_MOVES: dict[str, tuple[str, tuple[Any, ...]]] = {
    "t": ("finish", ({},)),
    "j": ("finish", ({"tu_xa": 1},)),
    "a": ("resume", ()),
    "w": ("fire_timer", ()),
    "m": ("deliver", ({},)),
}


def check_sound(state: State, step: Step) -> None:
    """Every link in the state holds, and its written form is what was given out."""
    assert encode(state) == step.snapshot.tokens
    for scope in state.scopes.values():
        assert scope.live == sum(not one.is_listener for one in scope.tokens.values())
        if scope.owner is not None:
            assert scope.owner.id in state.tokens
        for node_id, waiting in scope.joins.items():
            assert all(one.status == JOINING and one.node.id == node_id for one in waiting)
    for token in state.tokens.values():
        assert token.scope.id in state.scopes
        assert token.status not in ("", "r")
        if token.host is not None:
            assert token in token.host.listeners
    places = {key.split(".")[0] for key in step.snapshot.variables}
    assert places <= set(state.scopes) | {"0"}


def check_whole(facts: list[Fact]) -> None:
    """Everything that began has ended, once; everything that was opened was closed."""
    assert not [fact for fact in facts if isinstance(fact, IncidentRaised)]
    begun = Counter(
        (fact.token, fact.element) for fact in facts if isinstance(fact, ActivityStarted)
    )
    ended = Counter((fact.token, fact.element) for fact in facts if isinstance(fact, ActivityEnded))
    assert begun == ended
    names = Counter(type(fact).__name__ for fact in facts)
    assert names["UserTaskOpened"] == names["UserTaskClosed"]
    assert names["JobCreated"] == names["JobClosed"]
    assert names["TimerStarted"] == names["TimerClosed"]
    assert names["SubscriptionOpened"] == names["SubscriptionClosed"]
    assert names["InstanceEnded"] == 1


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(BLOCKS, st.integers(0, 2**32), st.integers(0, 3))
def test_random_diagrams_run_to_their_end(block, seed, switch):
    shelf = Shelf()
    program = shelf.add(diagram(block))
    living = play(program, shelf, Random(seed), restored=False, switch=switch)
    restored = play(program, shelf, Random(seed), restored=True, switch=switch)
    assert living == restored
    check_whole(living)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BLOCKS, st.integers(0, 2**32), st.integers(0, 12))
def test_random_diagrams_can_be_cancelled_at_any_moment(block, seed, moves):
    shelf = Shelf()
    program = shelf.add(diagram(block))
    chance = Random(seed)
    step = program.start({"dem": 0, "cong": 1}, at=NOON, programs=shelf)
    facts = list(step.facts)
    for _ in range(moves):
        if any(isinstance(fact, InstanceEnded) for fact in facts):
            return
        step = _move(program, shelf, step.snapshot, chance)
        facts.extend(step.facts)
    if not any(isinstance(fact, InstanceEnded) for fact in facts):
        step = program.cancel(step.snapshot, at=NOON, programs=shelf)
        facts.extend(step.facts)
        assert program.state_of(step.snapshot, shelf).tokens == {}
    check_whole(facts)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(BLOCKS, st.integers(0, 2**32))
def test_moving_to_the_same_diagram_changes_nothing(block, seed):
    shelf = Shelf()
    bpmn = diagram(block)
    program, twin = shelf.add(bpmn), shelf.add(bpmn, definition_id="p:2")
    stayed = play(program, shelf, Random(seed), restored=False, switch=1)
    chance = Random(seed)
    step = program.start({"dem": 0, "cong": 1}, at=NOON, programs=shelf)
    moved = list(step.facts)
    while not any(isinstance(fact, InstanceEnded) for fact in moved):
        arrived = program.migrate(step.snapshot, twin, {}, at=NOON, programs=shelf)
        assert arrived.facts == ()
        assert arrived.snapshot.tokens == step.snapshot.tokens
        program, twin = twin, program
        step = _move(program, shelf, arrived.snapshot, chance)
        moved.extend(step.facts)
    assert moved == stayed


@settings(max_examples=20, deadline=None)
@given(st.lists(BLOCKS, min_size=2, max_size=3), st.integers(0, 2**32))
def test_interleaved_instances_do_not_disturb_each_other(blocks, seed):
    shelf = Shelf()
    programs = [shelf.add(diagram(block), definition_id=f"p:{n}") for n, block in enumerate(blocks)]
    alone = [
        play(program, shelf, Random(seed + n), restored=False, switch=1)
        for n, program in enumerate(programs)
    ]
    chances = [Random(seed + n) for n in range(len(programs))]
    steps = [program.start({"dem": 0, "cong": 1}, at=NOON, programs=shelf) for program in programs]
    together = [list(step.facts) for step in steps]
    running = set(range(len(programs)))
    turn = Random(seed)
    while running:
        n = turn.choice(sorted(running))
        if any(isinstance(fact, InstanceEnded) for fact in together[n]):
            running.discard(n)
            continue
        steps[n] = _move(programs[n], shelf, steps[n].snapshot, chances[n])
        together[n].extend(steps[n].facts)
    assert together == alone
