"""Changing a running instance by hand: what makes no sense is refused, and nothing is lost."""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.engine import Modification, Outcome, TimerStarted
from app.domain.errors import DomainError, InvalidInput, InvalidState
from tests.engine import diagrams as d
from tests.engine.desk import NOON, Desk
from tests.engine.random_models.blocks import ANYTHING, diagram
from tests.engine.random_models.playing import Playing, server


def changed(desk: Desk, **change: tuple[object, ...]) -> None:
    desk.do("modify", Modification(**change))


def refused(desk: Desk, **change: tuple[object, ...]) -> str:
    before = desk.snapshot.tokens
    with pytest.raises(DomainError) as told:
        changed(desk, **change)
    assert desk.snapshot.tokens == before
    return told.value.message


def test_enclosing_sub_processes_are_opened_with_their_deadlines(play):
    inner = d.sub("u", d.start("s3"), d.user("b"), d.chain("s3", "b"))
    outer = d.sub("t", d.start("s2"), d.user("x"), inner, d.chain("s2", "x", "u"))
    desk = play(
        d.process(
            d.start(),
            d.user("a"),
            outer,
            d.user("z"),
            d.boundary("han", "t", d.after()),
            d.chain("s", "a", "t", "z"),
            d.flow("han", "z"),
        )
    )
    changed(desk, cancel=(desk.token("a"),), before=("b",))
    assert desk.at == ["b"]
    assert [one.element for one in desk.new(TimerStarted)] == ["han"]
    desk.finish("b")
    assert desk.at == ["z"]


def test_a_second_token_joins_the_open_sub_process(play):
    inner = d.sub("t", d.start("s2"), d.user("b"), d.user("c"), d.chain("s2", "b", "c"))
    desk = play(d.process(d.start(), inner, d.user("z"), d.chain("s", "t", "z")))
    changed(desk, before=("c",))
    desk.finish("b")
    assert desk.at == ["c", "c"]
    desk.finish("c")
    desk.finish("c")
    assert desk.at == ["z"]


def loop(count: str) -> bytes:
    inner = d.sub("t", d.many(count), d.start("s2"), d.user("b"), d.chain("s2", "b"))
    return d.process(d.start(), d.user("a"), inner, d.user("z"), d.chain("s", "a", "t", "z"))


def test_a_place_in_a_loop_must_be_clear(play):
    desk = play(loop("2"))
    assert "chính hoạt động này" in refused(desk, before=("b",))
    desk.finish("a")
    assert "2 lượt" in refused(desk, before=("b",))
    changed(desk, before=("t",))
    assert desk.at == ["b"] * 4


def test_a_round_that_was_ended_by_hand_is_not_waited_for(play):
    desk = play(d.straight(d.user("a", d.many("3")), d.user("z"), identifiers=("a", "z")))
    standing = desk.program.standing(desk.snapshot, programs=desk.shelf)
    third = next(one.token for one in standing if one.round == 3)
    changed(desk, cancel=(third,))
    desk.finish("a")
    desk.finish("a")
    assert desk.at == ["z"]


def test_the_last_round_takes_its_loop_with_it(play):
    desk = play(loop("1"))
    desk.finish("a")
    changed(desk, cancel=(desk.token("b"),), before=("z",))
    assert desk.at == ["z"]
    desk.finish("z")
    assert desk.ended.outcome is Outcome.COMPLETED


def test_a_step_with_several_ways_out_cannot_be_skipped(play):
    desk = play(
        d.process(
            d.start(),
            d.user("a"),
            d.node("exclusiveGateway", "g", default="g-b"),
            d.user("b"),
            d.user("c"),
            d.chain("s", "a", "g"),
            d.flow("g", "b", identifier="g-b"),
            d.flow("g", "c", "x = 1"),
        )
    )
    assert "2 luồng ra" in refused(desk, after=("g",))
    assert "0 luồng ra" in refused(desk, after=("b",))
    changed(desk, cancel=(desk.token("a"),), after=("a",))
    assert desk.at == ["b"]


def test_an_event_sub_process_begins_at_its_event(play):
    inside = d.sub(
        "ep",
        d.start("es", d.on_message()),
        d.user("q"),
        d.chain("es", "q"),
        triggeredByEvent="true",
    )
    desk = play(d.process(d.start(), d.user("a"), inside, d.chain("s", "a"), around=d.message()))
    assert "sự kiện bên trong" in refused(desk, before=("ep",))
    changed(desk, before=("es",))
    assert desk.at == ["a", "q"]


def test_what_undoes_cannot_be_begun_alone(play):
    desk = play(
        d.process(
            d.start(),
            d.user("a"),
            d.boundary("x", "a", "<compensateEventDefinition/>"),
            d.node("userTask", "huy", isForCompensation="true"),
            '<association id="as" sourceRef="x" targetRef="huy"/>',
            d.chain("s", "a"),
        )
    )
    assert "hoàn tác" in refused(desk, before=("huy",))


def test_a_step_that_is_undoing_cannot_be_ended_alone(play):
    desk = play(
        d.process(
            d.start(),
            d.user("a"),
            d.boundary("x", "a", "<compensateEventDefinition/>"),
            d.node("userTask", "huy", isForCompensation="true"),
            '<association id="as" sourceRef="x" targetRef="huy"/>',
            d.end("e", "<compensateEventDefinition/>"),
            d.chain("s", "a", "e"),
        )
    )
    desk.finish("a")
    assert "đang hoàn tác" in refused(desk, cancel=(desk.token("huy"),), before=("a",))


def test_listeners_and_tokens_that_are_gone_are_not_ended_by_hand(play):
    desk = play(
        d.process(
            d.start(),
            d.user("a"),
            d.user("z"),
            d.boundary("x", "a", d.after()),
            d.chain("s", "a", "z"),
            d.flow("x", "z"),
        )
    )
    [timer] = desk.waiting(TimerStarted)
    for gone in (timer.token, 999):
        with pytest.raises(InvalidState):
            changed(desk, cancel=(gone,))
    with pytest.raises(InvalidInput):
        changed(desk, before=("khong_co",))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANYTHING, st.integers(0, 2**32), st.integers(0, 8))
def test_whatever_is_changed_by_hand_stays_whole(block, seed, moves):
    """Random changes of what stands somewhere leave a sound state."""
    chance = Random(seed)
    playing = Playing([server(diagram(block))], chance).start()
    while moves and not playing.ledger.ended:
        playing.turn()
        moves -= 1
    [(program, shelf)] = playing.servers
    elements = [view.id for view in program.elements()]
    for _ in range(3):
        if playing.ledger.ended:
            break
        standing = chance.choice(program.standing(playing.snapshot, programs=shelf))
        change = Modification(cancel=(standing.token,), before=(chance.choice(elements),))
        try:
            step = program.modify(playing.snapshot, change, at=NOON, programs=shelf)
        except DomainError:
            change = Modification(before=("s",))
            step = program.modify(playing.snapshot, change, at=NOON, programs=shelf)
        playing.keep(step)
    if not playing.ledger.ended:
        playing.cancel()
    playing.ledger.whole()
