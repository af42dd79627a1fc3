"""Changing a running instance by hand, and moving it to another version."""

import pytest

from app.domain.engine import (
    Modification,
    Outcome,
    SubscriptionOpened,
    TimerClosed,
    TimerStarted,
    TokenMigrated,
    UserTaskOpened,
)
from app.domain.errors import InvalidInput, InvalidState
from tests.engine import diagrams as d
from tests.engine.desk import Desk


def three() -> bytes:
    return d.straight(d.user("a"), d.user("b"), d.user("c"), identifiers=("a", "b", "c"))


# --- by hand ------------------------------------------------------------------------------------


def test_a_token_is_moved_by_hand(play):
    desk = play(three())
    desk.do("modify", Modification(cancel=(desk.token("a"),), before=("c",)))
    assert desk.at == ["c"]
    assert desk.cancelled() == ["a"]
    desk.finish("c")
    assert desk.ended.outcome is Outcome.COMPLETED


def test_a_step_is_skipped(play):
    desk = play(three())
    desk.do("modify", Modification(cancel=(desk.token("a"),), after=("b",)))
    assert desk.at == ["c"]
    assert "b" not in desk.path()


def test_work_is_added_inside_a_sub_process(play):
    inner = d.sub(
        "t", d.start("s2"), d.user("b"), d.user("c"), d.chain("s2", "b"), d.chain("b", "c")
    )
    desk = play(d.process(d.start(), d.user("a"), inner, d.chain("s", "a", "t")))
    desk.do("modify", Modification(before=("c", "b")))
    assert desk.at == ["a", "b", "c"]
    assert desk.path().count("t") == 1
    desk.do("modify", Modification(cancel=(desk.token("b"), desk.token("c"))))
    assert desk.at == ["a"]
    assert desk.cancelled() == ["b", "c", "t"]


def test_nothing_left_is_a_cancelled_instance(play):
    desk = play(three())
    desk.do("modify", Modification(cancel=(desk.token("a"),)))
    assert desk.ended.outcome is Outcome.CANCELLED


def test_what_is_not_there_cannot_be_changed(play):
    desk = play(three())
    with pytest.raises(InvalidState):
        desk.do("modify", Modification(cancel=(999,)))
    with pytest.raises(InvalidInput):
        desk.do("modify", Modification(before=("khong_co",)))


# --- to another version -------------------------------------------------------------------------


def guarded(duration: str = "PT1H", *more: str) -> bytes:
    return d.process(
        d.start(),
        d.user("a"),
        d.user("z"),
        d.boundary("x", "a", d.after(duration), interrupting=False),
        d.chain("s", "a", "z"),
        d.chain("x", "z"),
        *more,
    )


def moved(desk: Desk, bpmn: bytes, mapping: dict[str, str] | None = None) -> Desk:
    target = desk.shelf.add(bpmn, definition_id="p:2")
    desk.do("migrate", target, mapping or {})
    desk.program = target
    return desk


def problems(desk: Desk, bpmn: bytes, mapping: dict[str, str] | None = None) -> list[str]:
    target = desk.shelf.add(bpmn, definition_id="p:2")
    found = desk.program.obstacles(desk.snapshot, target, mapping or {}, programs=desk.shelf)
    if found:
        with pytest.raises(InvalidState):
            desk.do("migrate", target, mapping or {})
    return [one.element_id for one in found]


def test_tasks_and_timers_keep_their_identity_and_due_time(play):
    desk = play(guarded("PT1H"))
    task, timer = desk.token("a"), desk.seen(TimerStarted)[0]
    moved(desk, guarded("PT9H"))
    assert desk.last == []
    assert desk.waiting(TimerStarted) == [timer]
    assert desk.token("a") == task
    desk.fire("x")
    desk.finish("a")
    assert desk.at == ["z", "z"]


def test_an_element_with_another_id_is_mapped(play):
    desk = play(three())
    moved(desk, d.straight(d.user("moi"), d.user("c"), identifiers=("moi", "c")), {"a": "moi"})
    (fact,) = desk.new(TokenMigrated)
    assert (fact.element, fact.to_element) == ("a", "moi")
    desk.finish("moi")
    assert desk.at == ["c"]


def test_new_boundaries_wait_and_old_ones_are_closed(play):
    desk = play(guarded())
    newer = d.process(
        d.start(),
        d.user("a"),
        d.user("z"),
        d.boundary("y", "a", d.on_message()),
        d.chain("s", "a", "z"),
        d.chain("y", "z"),
        around=d.message(),
    )
    moved(desk, newer)
    assert desk.new(TimerClosed)
    assert [one.element for one in desk.new(SubscriptionOpened)] == ["y"]
    desk.tell("y")
    assert desk.at == ["z"]


def test_new_event_subprocesses_wait(play):
    desk = play(three())
    inner = d.sub(
        "ep",
        d.start("es", d.on_message()),
        d.user("q"),
        d.chain("es", "q"),
        triggeredByEvent="true",
    )
    newer = d.process(d.start(), d.user("a"), d.chain("s", "a"), inner, around=d.message())
    moved(desk, newer)
    desk.tell("es")
    assert desk.at == ["q"]


def test_tokens_inside_sub_processes_and_rounds_move(play):
    def version(extra: str = "") -> bytes:
        inner = d.sub("t", d.many("2"), d.start("s2"), d.user("b"), d.chain("s2", "b"), extra)
        return d.process(d.start(), inner, d.user("z"), d.chain("s", "t", "z"))

    desk = play(version())
    desk.finish("b")
    moved(desk, version(d.user("c") + d.chain("b", "c")))
    desk.finish("b")
    assert desk.at == ["c"]
    desk.finish("c")
    assert desk.at == ["z"]


def test_waiting_at_a_join_is_kept(play):
    def version() -> bytes:
        return d.process(
            d.start(),
            d.node("inclusiveGateway", "g"),
            d.user("a"),
            d.user("b"),
            d.node("inclusiveGateway", "j"),
            d.user("z"),
            d.chain("s", "g"),
            d.flow("g", "a", "true"),
            d.flow("g", "b", "true"),
            d.chain("a", "j", "z"),
            d.chain("b", "j"),
        )

    desk = play(version())
    desk.finish("a")
    moved(desk, version())
    desk.finish("b")
    assert desk.at == ["z"]


def test_what_cannot_move_is_said(play):
    desk = play(three())
    assert problems(desk, d.straight(d.user("b"), identifiers=("b",))) == ["a"]
    assert problems(desk, d.straight(d.external("a"), identifiers=("a",))) == ["a"]
    assert problems(desk, d.straight(d.user("a", d.many("2")), identifiers=("a",))) == ["a"]
    rounds = d.sub("t", d.many("2"), d.start("s2"), d.user("a"), d.chain("s2", "a"))
    assert problems(desk, d.process(d.start(), rounds, d.chain("s", "t"))) == ["a"]
    assert problems(desk, three()) == []


def test_an_event_of_another_kind_cannot_take_over(play):
    def version(event: str) -> bytes:
        return d.straight(
            d.node("intermediateCatchEvent", "c", event), identifiers=("c",), around=d.message()
        )

    assert problems(play(version(d.after())), version(d.on_message())) == ["c"]


def test_what_may_have_to_be_undone_must_be_there(play):
    def version(handler: str) -> bytes:
        return d.process(
            d.start(),
            d.user("a"),
            d.boundary("x", "a", "<compensateEventDefinition/>"),
            d.node("userTask", handler, isForCompensation="true"),
            f'<association id="as" sourceRef="x" targetRef="{handler}"/>',
            d.user("z"),
            d.end("e", "<compensateEventDefinition/>"),
            d.chain("s", "a", "z", "e"),
        )

    desk = play(version("huy"))
    desk.finish("a")
    plain = d.straight(d.user("a"), d.user("z"), identifiers=("a", "z"))
    assert problems(desk, plain) == ["a"]
    moved(desk, version("huy_moi"))
    desk.finish("z")
    assert [one.element for one in desk.new(UserTaskOpened)] == ["huy_moi"]


def test_a_called_process_stays_on_its_version(play, shelf):
    shelf.add(
        d.definitions(d.body(d.start("cs"), d.user("ca"), d.chain("cs", "ca"), key="con")), "con"
    )
    call = d.node("callActivity", "goi", calledElement="con")
    desk = play(d.process(d.start(), call, d.user("z"), d.chain("s", "goi", "z")))
    moved(desk, d.process(d.start(), call, d.user("y"), d.chain("s", "goi", "y")))
    assert desk.at == ["ca"]
    desk.finish("ca")
    assert desk.at == ["y"]
