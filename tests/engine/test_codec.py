"""The written form of a state."""

from random import Random

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.engine import Snapshot
from app.domain.errors import InvalidInput
from app.engine.codec import VERSION, decode, encode, written_leaves
from app.engine.listing import leaves
from tests.engine import diagrams as d
from tests.engine.desk import NOON, Desk
from tests.engine.random_models.blocks import ANYTHING, diagram
from tests.engine.random_models.playing import Playing, server

WRITTEN_BY_VERSION_1 = (
    b'{"v":1,"n":12,"s":[["0","p","",0,"","",{"key":"HS-1"}],["5","b","0",3,"a","",{"count":2}],'
    b'["7","l","5",6,"a"],["9","l","5",8,"a"]],'
    b'"t":[[3,"a","0","o"],[6,"a","5","t","i","",0,{"round":0}],[8,"a","5","x","i","execute",0,'
    b'{"round":1}],[10,"x","0","w","b","",3,{"cycle":"R2/PT1H","left":2}]]}'
)


def model() -> bytes:
    return d.process(
        d.start(),
        d.user("a", d.many("2")),
        d.user("z"),
        d.boundary("x", "a", d.every("R2/PT1H"), interrupting=False),
        d.chain("s", "a", "z"),
        d.chain("x", "z"),
    )


def test_a_state_is_written_and_read_without_change(shelf):
    program = shelf.add(model())
    desk = Desk(shelf, program).start({"ten": "Nguyễn Văn An"}, business_key="HS-1")
    for _ in range(2):
        desk.fire("x")
        state = program.state_of(desk.snapshot, shelf)
        assert encode(state) == desk.snapshot.tokens


def test_no_variable_is_written_into_the_state(shelf):
    program = shelf.add(
        d.straight(
            d.user("a", d.many(collection="ds", element="x", sequential=True)), identifiers=("a",)
        )
    )
    desk = Desk(shelf, program).start({"ds": ["bí mật", "riêng tư"]})
    assert "bí mật".encode() not in desk.snapshot.tokens
    assert "riêng tư".encode() not in desk.snapshot.tokens


def test_a_state_of_version_1_can_be_read_for_ever(shelf):
    program = shelf.add(model())
    counters = {"nrOfInstances": 2, "nrOfCompletedInstances": 0, "nrOfActiveInstances": 2}
    snapshot = Snapshot(
        WRITTEN_BY_VERSION_1,
        {"0": {}, "5": counters, "7": {"loopCounter": 0}, "9": {"loopCounter": 1}},
    )
    assert encode(program.state_of(snapshot)) == WRITTEN_BY_VERSION_1
    assert sorted(program.active_elements(snapshot)) == ["a", "a"]
    step = program.resume(snapshot, 8, at=NOON, programs=shelf)
    step = program.finish(step.snapshot, 8, {}, at=NOON, programs=shelf)
    step = program.finish(step.snapshot, 6, {}, at=NOON, programs=shelf)
    assert program.active_elements(step.snapshot) == ["z"]


def test_the_state_is_small(shelf):
    desk = Desk(shelf, shelf.add(d.straight(d.user("a"), identifiers=("a",)))).start()
    assert len(desk.snapshot.tokens) < 100


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"n":1}',
        orjson.dumps({"v": VERSION + 1, "n": 1, "s": [], "t": []}),
    ],
)
def test_nonsense_is_refused(shelf, broken):
    program = shelf.add(model())
    with pytest.raises(InvalidInput):
        decode(broken, program.process, lambda _: program.process)


def test_a_state_without_scopes_is_refused(shelf):
    program = shelf.add(model())
    with pytest.raises(InvalidInput):
        decode(b'{"v":1,"n":1,"s":[],"t":[]}', program.process, lambda _: program.process)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.builds(diagram, ANYTHING), st.integers(0, 2**32), st.integers(0, 10))
def test_where_tokens_stand_is_read_without_knowing_any_process(bpmn, seed, moves):
    playing = Playing([server(bpmn)], Random(seed)).start()
    while moves and not playing.ledger.ended:
        playing.turn()
        moves -= 1
    program, shelf = playing.servers[0]
    found = [one.node.id for one in leaves(program.state_of(playing.snapshot, shelf))]
    assert written_leaves(playing.snapshot.tokens) == found
