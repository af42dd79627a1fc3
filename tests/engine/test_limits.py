"""Large diagrams, long loops, many rounds: flat cost, no recursion."""

import time

import pytest

from app.domain.engine import UserTaskOpened
from app.engine.reading import read
from app.engine.runtime import MAX_OPERATIONS
from tests.engine import diagrams as d
from tests.engine.desk import NOON, Desk, Shelf


def chain_of(count: int, make) -> bytes:
    names = [f"t{index}" for index in range(count)]
    return d.straight(*(make(name) for name in names), identifiers=tuple(names))


def test_a_chain_of_a_thousand_elements():
    bpmn = chain_of(1000, lambda name: d.node("manualTask", name))
    begun = time.process_time()
    shelf = Shelf()
    program = shelf.add(bpmn)
    assert time.process_time() - begun < 1.5
    desk = Desk(shelf, program).start()
    assert desk.ended is not None
    assert len(desk.path()) == 1002


def test_ten_thousand_rounds_in_one_step():
    bpmn = d.process(
        d.start(),
        d.script("t", "n = n + 1"),
        d.node("exclusiveGateway", "g", default="g-e"),
        d.end(),
        d.chain("s", "t", "g"),
        d.flow("g", "t", "n < 10000"),
        d.flow("g", "e"),
    )
    shelf = Shelf()
    desk = Desk(shelf, shelf.add(bpmn)).start({"n": 0})
    assert desk.ended is not None
    assert desk.variables == {"n": 10_000}


def test_ten_thousand_rounds_of_a_user_task_cost_the_same_each():
    bpmn = d.process(
        d.start(),
        d.user("a"),
        d.node("exclusiveGateway", "g", default="g-e"),
        d.end(),
        d.chain("s", "a", "g"),
        d.flow("g", "a", "lai = true"),
        d.flow("g", "e"),
    )
    shelf = Shelf()
    program = shelf.add(bpmn)
    step = program.start({}, at=NOON, programs=shelf)
    spent = []
    for _ in range(10):
        begun = time.process_time()
        for _ in range(1000):
            token = next(one.token for one in step.facts if isinstance(one, UserTaskOpened))
            step = program.finish(step.snapshot, token, {"lai": True}, at=NOON, programs=shelf)
        spent.append(time.process_time() - begun)
    assert min(spent[5:]) < 2 * min(spent[:5])
    assert len(step.snapshot.tokens) < 100


def test_a_parallel_block_inside_a_loop():
    bpmn = d.process(
        d.start(),
        d.node("parallelGateway", "chia"),
        d.node("manualTask", "a"),
        d.node("manualTask", "b"),
        d.node("parallelGateway", "j"),
        d.script("t", "n = n + 1"),
        d.node("exclusiveGateway", "x"),
        d.node("exclusiveGateway", "g", default="g-e"),
        d.end(),
        d.chain("s", "x", "chia", "a", "j", "t", "g"),
        d.chain("chia", "b", "j"),
        d.flow("g", "x", "n < 1000"),
        d.flow("g", "e"),
    )
    shelf = Shelf()
    desk = Desk(shelf, shelf.add(bpmn)).start({"n": 0})
    assert desk.ended is not None


@pytest.mark.parametrize("boundary", [False, True])
def test_a_thousand_parallel_rounds(boundary):
    parts = [d.start(), d.user("a", d.many("1000")), d.chain("s", "a")]
    if boundary:
        parts.append(d.boundary("x", "a", d.after()))
    shelf = Shelf()
    program = shelf.add(d.process(*parts))
    begun = time.process_time()
    step = program.start({}, at=NOON, programs=shelf)
    tokens = [one.token for one in step.facts if isinstance(one, UserTaskOpened)]
    assert len(tokens) == 1000
    for token in tokens:
        step = program.finish(step.snapshot, token, {}, at=NOON, programs=shelf)
    assert program.active_elements(step.snapshot) == []
    assert time.process_time() - begun < 20


def test_a_diagram_that_turns_in_circles_is_stopped():
    bpmn = d.process(
        d.start(),
        d.node("exclusiveGateway", "g"),
        d.node("manualTask", "a"),
        d.chain("s", "g", "a", "g"),
    )
    shelf = Shelf()
    desk = Desk(shelf, shelf.add(bpmn)).start()
    assert "chạy vòng" in desk.incidents[0]
    assert len(desk.facts) < 4 * MAX_OPERATIONS


def test_deeply_nested_sub_processes():
    inner = d.user("a")
    first = "a"
    for depth in range(60):
        start = f"s{depth}"
        inner = d.sub(f"p{depth}", d.start(start), inner, d.chain(start, first))
        first = f"p{depth}"
    shelf = Shelf()
    desk = Desk(shelf, shelf.add(d.process(d.start(), inner, d.chain("s", first)))).start()
    assert desk.at == ["a"]
    desk.do("cancel")
    assert len(desk.cancelled()) == 61


def test_a_big_diagram_is_read_quickly():
    parts = [d.start(), d.end()]
    names = []
    for index in range(250):
        gate, yes, no, join = (f"{kind}{index}" for kind in ("g", "y", "n", "j"))
        parts += [
            d.node("exclusiveGateway", gate, default=f"{gate}-{no}"),
            d.user(yes, camunda__candidateGroups="specialist"),
            d.user(no, camunda__candidateGroups="specialist"),
            d.node("exclusiveGateway", join),
            d.flow(gate, yes, f"x = {index}"),
            d.chain(gate, no, join),
            d.chain(yes, join),
        ]
        names += [gate, join]
    for first, second in zip(names[1::2], names[2::2], strict=False):
        parts.append(d.chain(first, second))
    parts.append(d.chain("s", names[0]) + d.chain(names[-1], "e"))
    begun = time.process_time()
    reading = read(d.process(*parts))
    assert not reading.report.errors
    assert time.process_time() - begun < 2
