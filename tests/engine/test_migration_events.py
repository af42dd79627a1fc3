"""Events in another version: kept as they are, or waited for anew when somebody says so."""

from datetime import timedelta

import pytest

from app.domain.engine import (
    SubscriptionClosed,
    SubscriptionOpened,
    TimerClosed,
    TimerStarted,
)
from tests.engine import diagrams as d
from tests.engine.desk import NOON, Desk
from tests.engine.moving import moved
from tests.engine.test_migration_scopes import tree

AROUND = d.message() + d.message("m2") + d.signal() + d.signal("sig2")
CATCH = "intermediateCatchEvent"


def catching(event: str) -> bytes:
    return d.straight(d.node(CATCH, "x", event), d.user("z"), identifiers=("x", "z"), around=AROUND)


def anew(desk: Desk, bpmn: bytes, *elements: str, **mapping: str) -> Desk:
    target = desk.shelf.add(bpmn, definition_id="p:2")
    desk.do("migrate", target, mapping, renew=frozenset(elements))
    desk.program = target
    return desk


def test_a_timer_keeps_its_due_time_unless_it_is_told_otherwise(play):
    desk = play(catching(d.after("PT5H")))
    [before] = desk.waiting(TimerStarted)
    desk.pass_(hours=1)
    moved(desk, catching(d.after("PT9H")))
    assert desk.waiting(TimerStarted) == [before]
    anew(desk, catching(d.after("PT9H")), "x")
    [after] = desk.waiting(TimerStarted)
    assert desk.new(TimerClosed)
    assert (after.token, after.due) == (before.token, NOON + timedelta(hours=10))
    desk.fire("x")
    assert desk.at == ["z"]


def test_a_message_keeps_its_name_unless_it_is_told_otherwise(play):
    desk = play(catching(d.on_message()))
    moved(desk, catching(d.on_message("m2")))
    assert [one.name for one in desk.waiting(SubscriptionOpened)] == ["m"]
    anew(desk, catching(d.on_message("m2")), "x")
    assert desk.new(SubscriptionClosed)
    assert [one.name for one in desk.waiting(SubscriptionOpened)] == ["m2"]
    desk.tell("x")
    assert desk.at == ["z"]


def test_a_signal_and_a_receive_task_are_told_anew(play):
    desk = play(catching(d.on_signal()))
    anew(desk, catching(d.on_signal("sig2")), "x")
    assert [one.name for one in desk.waiting(SubscriptionOpened)] == ["sig2"]

    def receiving(message: str) -> bytes:
        step = d.node("receiveTask", "x", messageRef=message)
        return d.straight(step, identifiers=("x",), around=AROUND)

    desk = play(receiving("m"))
    anew(desk, receiving("m2"), "x")
    assert [one.name for one in desk.waiting(SubscriptionOpened)] == ["m2"]


def test_a_condition_is_always_that_of_the_new_version(play):
    desk = play(catching(d.on_condition("n = 1")), {"n": 0})
    moved(desk, catching(d.on_condition("n = 2")))
    desk.do("set_variables", {"n": 1})
    assert desk.at == ["x"]
    desk.do("set_variables", {"n": 2})
    assert desk.at == ["z"]


def test_a_condition_that_holds_already_is_seen_when_it_is_told_anew(play):
    desk = play(catching(d.on_condition("n = 1")), {"n": 2})
    moved(desk, catching(d.on_condition("n = 2")))
    assert desk.at == ["x"]
    anew(desk, catching(d.on_condition("n = 2")), "x")
    assert desk.at == ["z"]


def test_a_cycle_begins_again(play):
    desk = play(catching(d.every("R3/PT1H")))
    desk.pass_(minutes=30)
    anew(desk, catching(d.after("PT2H")), "x")
    [timer] = desk.waiting(TimerStarted)
    assert timer.due == NOON + timedelta(minutes=150)
    desk.fire("x")
    assert desk.at == ["z"]
    assert desk.waiting(TimerStarted) == []


def bounded(length: str, *, boundary: str = "x", interrupting: bool = True) -> bytes:
    return d.process(
        d.start(),
        d.user("a"),
        d.boundary(boundary, "a", d.after(length), interrupting=interrupting),
        d.user("z"),
        d.chain("s", "a", "z"),
        d.flow(boundary, "z"),
    )


def test_a_boundary_event_is_told_anew_under_another_id(play):
    desk = play(bounded("PT5H"))
    anew(desk, bounded("PT1H", boundary="y"), "x", x="y")
    [timer] = desk.waiting(TimerStarted)
    assert (timer.element, timer.due) == ("y", NOON + timedelta(hours=1))
    desk.fire("y")
    assert desk.at == ["z"]


def test_a_reminder_that_has_fired_is_not_armed_by_telling_it_anew(play):
    desk = play(bounded("PT1H", interrupting=False))
    desk.fire("x")
    anew(desk, bounded("PT9H", interrupting=False), "x")
    assert desk.waiting(TimerStarted) == []


def test_a_boundary_event_left_out_is_closed_and_its_successor_begins_to_wait(play):
    desk = play(bounded("PT5H"))
    moved(desk, bounded("PT1H"), {"x": ""})
    assert desk.new(TimerClosed)
    [timer] = desk.waiting(TimerStarted)
    assert timer.due == NOON + timedelta(hours=1)


def aside(event: str, *, key: str = "es", interrupting: bool = True) -> str:
    start = d.start(f"{key}-s", event, isInterrupting=str(interrupting).lower())
    return d.sub(
        key, start, d.user(f"{key}-q"), d.chain(f"{key}-s", f"{key}-q"), triggeredByEvent="true"
    )


def beside(*asides: str) -> bytes:
    return d.process(d.start(), d.user("a"), *asides, d.chain("s", "a"), around=AROUND)


@pytest.mark.parametrize("event", [d.on_message(), d.on_signal(), d.after()])
def test_the_start_of_an_event_sub_process_keeps_what_it_waits_for(play, event):
    desk = play(beside(aside(event)))
    moved(desk, beside(aside(event, key="em")), {"es": "em", "es-s": "em-s"})
    assert not desk.new(SubscriptionOpened)
    assert not desk.new(TimerStarted)
    [opened] = desk.waiting(SubscriptionOpened) or desk.waiting(TimerStarted)
    desk.do("deliver" if isinstance(opened, SubscriptionOpened) else "fire_timer", opened.token,
            *([{}] if isinstance(opened, SubscriptionOpened) else []))  # fmt: skip
    assert tree(desk) == ["em/em-q"]


def test_the_start_of_an_event_sub_process_is_told_anew(play):
    desk = play(beside(aside(d.after("PT5H"))))
    anew(desk, beside(aside(d.after("PT1H"))), "es-s")
    [timer] = desk.waiting(TimerStarted)
    assert timer.due == NOON + timedelta(hours=1)


def test_a_nested_event_sub_process_is_lost_and_gained_with_what_is_around_it(play):
    def version(*inside: str, outside: str = "") -> bytes:
        frame = d.sub("t", d.start("t-s"), d.user("a"), d.chain("t-s", "a"), *inside)
        return d.process(d.start(), frame, outside, d.chain("s", "t"), around=AROUND)

    desk = play(version(aside(d.on_message())))
    moved(desk, version(outside=aside(d.on_message())))
    assert desk.new(SubscriptionClosed)
    assert desk.new(SubscriptionOpened)
    desk.tell("es-s")
    assert tree(desk) == ["es/es-q"]


def test_an_event_sub_process_that_runs_goes_on_and_may_come_again(play):
    reminding = aside(d.on_message(), interrupting=False)
    desk = play(beside(reminding))
    desk.tell("es-s")
    moved(desk, beside(reminding))
    assert desk.last == []
    desk.tell("es-s")
    assert tree(desk) == ["a", "es/es-q", "es/es-q"]


def test_events_after_a_gateway_are_told_anew(play):
    def version(length: str, message: str) -> bytes:
        return d.process(
            d.start(),
            d.node("eventBasedGateway", "g"),
            d.node(CATCH, "t1", d.after(length)),
            d.node(CATCH, "m1", d.on_message(message)),
            d.user("z"),
            d.chain("s", "g", "t1", "z"),
            d.chain("g", "m1", "z"),
            around=AROUND,
        )

    desk = play(version("PT5H", "m"))
    anew(desk, version("PT1H", "m2"), "t1")
    [timer] = desk.waiting(TimerStarted)
    assert timer.due == NOON + timedelta(hours=1)
    assert [one.name for one in desk.waiting(SubscriptionOpened)] == ["m"]


def test_a_job_boundary_after_a_step_ends_where_no_flow_leads_on(play):
    """Camunda: a transition after an activity survives the loss of what followed."""

    def version(*more: str) -> bytes:
        return d.process(
            d.start(), d.user("a", camunda__asyncAfter="true"), *more, d.flow("s", "a")
        )

    desk = play(version(d.user("b"), d.flow("a", "b")))
    desk.finish("a")
    moved(desk, version())
    desk.resume("a")
    assert desk.ended is not None
