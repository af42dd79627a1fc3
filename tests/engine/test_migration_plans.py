"""What Camunda's own tests say of migration plans, in our words: what is paired, what is refused.

Where we differ on purpose, docs/bpmn.md says so.
"""

from datetime import timedelta

import pytest

from app.domain.engine import SubscriptionClosed, SubscriptionOpened, TimerClosed, TimerStarted
from app.domain.migrations import Pairing
from tests.engine import diagrams as d
from tests.engine.desk import NOON, Shelf
from tests.engine.moving import moved, refused

AROUND = "".join((d.message(), d.message("m2"), d.signal(), d.error(), d.escalation()))
CATCH = "intermediateCatchEvent"


def diagram(*parts: str) -> bytes:
    return d.process(*parts, around=AROUND)


def one(step: str, *more: str, identifier: str = "a") -> bytes:
    return diagram(d.start(), step, *more, d.chain("s", identifier))


def aside(event: str, *, key: str = "es", interrupting: bool = True) -> str:
    start = d.start(f"{key}-s", event, isInterrupting=str(interrupting).lower())
    flows = d.chain(f"{key}-s", f"{key}-q")
    return d.sub(key, start, d.user(f"{key}-q"), flows, triggeredByEvent="true")


def box(kind: str = "subProcess", identifier: str = "t", step: str = "a") -> str:
    inner = (d.start(f"{identifier}-s"), d.user(step), d.chain(f"{identifier}-s", step))
    return d.node(kind, identifier, *inner)


# --- plans (MigrationPlanGenerationTest) --------------------------------------------------------


def paired(shelf: Shelf, old: bytes, new: bytes | None = None) -> dict[str, Pairing]:
    source, target = shelf.add(old), shelf.add(new or old, definition_id="p:2")
    return {one.element: one for one in source.pairings(target)}


def kept(shelf: Shelf, old: bytes, new: bytes | None = None) -> set[str]:
    return {name for name, one in paired(shelf, old, new).items() if one.target == name}


def test_a_step_before_or_after_which_a_job_waits_is_paired(shelf):
    waits = {"camunda__asyncBefore": "true"}
    after = {"camunda__asyncAfter": "true"}
    assert kept(
        shelf,
        diagram(
            d.start("s", **waits),
            d.node("scriptTask", "x", "<script>a = 1</script>", **waits),
            d.node("intermediateThrowEvent", "w", **after),
            d.node("manualTask", "y"),
            d.node("exclusiveGateway", "g", **waits),
            d.end("e", **waits),
            d.chain("s", "x", "w", "y", "g", "e"),
        ),
    ) == {"s", "x", "w", "g", "e"}


@pytest.mark.parametrize(
    ("event", "starts"),
    [
        (d.after(), {"es-s"}),
        (d.on_message(), {"es-s"}),
        (d.on_signal(), {"es-s"}),
        (d.on_condition("n = 1"), {"es-s"}),
        (d.on_error(), set()),
        (d.on_escalation(), set()),
    ],
    ids=["timer", "message", "signal", "condition", "error", "escalation"],
)
def test_the_start_of_an_event_sub_process_is_paired_where_it_waits(shelf, event, starts):
    process = one(d.user("a"), aside(event))
    assert kept(shelf, process) == {"a", "es", "es-q", *starts}


def test_boundary_events_are_paired_where_they_wait(shelf):
    events = {
        "tin": d.on_message(),
        "hieu": d.on_signal(),
        "gio": d.after(),
        "loi": d.on_error(),
        "len": d.on_escalation(),
    }
    boundaries = (d.boundary(name, "t", event) for name, event in events.items())
    process = one(box(), *boundaries, identifier="t")
    assert kept(shelf, process) == {"t", "a", "tin", "hieu", "gio"}


@pytest.mark.parametrize(
    ("old", "new", "unpaired"),
    [
        (d.user("a"), d.node("receiveTask", "a", messageRef="m"), {"a"}),
        (d.user("a"), box(identifier="a", step="b"), {"a"}),
        (d.user("a", d.many("2")), d.user("a", d.many("2", sequential=True)), {"a"}),
        (
            d.user("a") + d.boundary("x", "a", d.on_message()),
            d.user("a") + d.boundary("x", "a", d.on_signal()),
            {"x"},
        ),
        (d.user("a") + aside(d.after()), d.user("a") + aside(d.on_signal()), {"es-s"}),
        (
            box(step="b") + d.user("a"),
            d.node("adHocSubProcess", "t", d.user("b")) + d.user("a"),
            {"t"},
        ),
    ],
    ids=["kind", "sub-process", "loop", "boundary", "event-sub-process", "ad-hoc"],
)
def test_what_does_other_work_is_not_paired_and_says_why(shelf, old, new, unpaired):
    found = paired(shelf, one(old), one(new))
    assert {name for name, pairing in found.items() if pairing.problem} == unpaired
    assert all(found[name].target is None for name in unpaired)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (d.external("a"), d.node("sendTask", "a", camunda__type="external", camunda__topic="x.y")),
        (
            d.external("a"),
            d.node("businessRuleTask", "a", camunda__type="external", camunda__topic="x.y"),
        ),
        (
            d.node("callActivity", "a", calledElement="q"),
            d.node("callActivity", "a", calledElement="khac"),
        ),
        (box(identifier="a", step="b"), box("transaction", "a", "b")),
    ],
    ids=["send", "decide", "call", "transaction"],
)
def test_what_does_the_same_work_in_another_dress_is_paired(shelf, old, new):
    assert "a" in kept(shelf, one(old), one(new))


def test_gateways_of_another_kind_are_not_paired(shelf):
    def version(kind: str) -> bytes:
        steps = (d.node(kind, "f"), d.user("a"), d.user("b"), d.node(kind, "j"), d.user("z"))
        ways = (d.chain("s", "f", "a", "j", "z"), d.chain("f", "b", "j"))
        return diagram(d.start(), *steps, *ways)

    assert kept(shelf, version("parallelGateway")) == {"a", "b", "j", "z"}
    found = kept(shelf, version("parallelGateway"), version("inclusiveGateway"))
    assert found == {"a", "b", "z"}


def test_events_after_a_gateway_are_paired_one_by_one(shelf):
    def version(identifier: str, event: str) -> bytes:
        catch = d.node(CATCH, identifier, event)
        gateway = d.node("eventBasedGateway", "g")
        return diagram(d.start(), gateway, catch, d.user("z"), d.chain("s", "g", identifier, "z"))

    assert kept(shelf, version("h", d.after())) == {"g", "h", "z"}
    assert kept(shelf, version("h", d.after()), version("b", d.on_signal())) == {"g", "z"}


# --- what is asked for must be possible (MigrationPlanCreationTest) -----------------------------


def bounded(boundary: str, host: str, event: str) -> bytes:
    return diagram(
        d.start(), d.node("parallelGateway", "f"), d.user("a"), d.user("b"),
        d.boundary(boundary, host, event), d.user("z"),
        d.chain("s", "f", "a"), d.chain("f", "b"), d.flow(boundary, "z"),
    )  # fmt: skip


WAITS_ELSEWHERE = "không chờ tiếp ở"


@pytest.mark.parametrize("event", [d.after("PT5H"), d.on_message()], ids=["timer", "message"])
def test_a_boundary_event_cannot_be_paired_with_one_of_another_step(play, event):
    desk = play(bounded("x", "a", event))
    for mapping in ({"x": "x"}, {"x": "y"}):
        [message] = refused(desk, bounded(mapping["x"], "b", event), mapping)
        assert WAITS_ELSEWHERE in message
    moved(desk, bounded("y", "a", event), {"x": "y"})
    assert not desk.new(TimerClosed)
    assert not desk.new(SubscriptionClosed)


def test_a_boundary_event_that_only_changed_its_step_waits_anew(play):
    """Nobody has paired it: it is closed, and its namesake begins to wait."""
    desk = play(bounded("x", "a", d.after("PT5H")))
    desk.pass_(hours=1)
    moved(desk, bounded("x", "b", d.after("PT5H")))
    assert desk.new(TimerClosed)
    [timer] = desk.waiting(TimerStarted)
    assert timer.due == NOON + timedelta(hours=6)


def test_a_boundary_event_goes_with_its_step_whatever_that_is_called(play):
    desk = play(one(d.user("a"), d.boundary("x", "a", d.after("PT5H"))))
    [before] = desk.waiting(TimerStarted)
    moved(desk, one(d.user("b"), d.boundary("x", "b", d.after("PT9H")), identifier="b"), {"a": "b"})
    assert desk.waiting(TimerStarted) == [before]


def test_a_boundary_event_cannot_be_paired_with_one_of_the_sub_process_or_a_step_in_it(play):
    def version(host: str) -> bytes:
        return one(box(), d.boundary("x", host, d.on_message()), identifier="t")

    def inside() -> bytes:
        inner = (
            d.start("t-s"), d.user("a"), d.boundary("x", "a", d.on_message()), d.chain("t-s", "a"),
        )  # fmt: skip
        return one(d.sub("t", *inner), identifier="t")

    [message] = refused(play(version("t")), inside(), {"x": "x"})
    assert WAITS_ELSEWHERE in message
    [message] = refused(play(inside()), version("t"), {"x": "x"})
    assert WAITS_ELSEWHERE in message


def test_the_start_of_an_event_sub_process_cannot_be_paired_with_one_elsewhere(play):
    def version(inside: str = "", outside: str = "") -> bytes:
        frame = d.sub("t", d.start("t-s"), d.user("a"), d.chain("t-s", "a"), inside)
        return diagram(d.start(), frame, outside, d.chain("s", "t"))

    starting = aside(d.after("PT5H"))
    [message] = refused(play(version(inside=starting)), version(outside=starting), {"es-s": "es-s"})
    assert WAITS_ELSEWHERE in message


def test_an_event_after_a_gateway_cannot_be_paired_with_one_of_another_kind(play):
    def version(event: str) -> bytes:
        catches = (d.node(CATCH, "h", event), d.node(CATCH, "k", d.on_message("m2")))
        ways = (d.chain("s", "g", "h"), d.chain("g", "k"))
        return diagram(d.start(), d.node("eventBasedGateway", "g"), *catches, *ways)

    desk = play(version(d.after("PT5H")))
    [message] = refused(desk, version(d.on_signal()), {"h": "h"})
    assert WAITS_ELSEWHERE in message
    moved(desk, version(d.on_signal()))
    assert [one.element for one in desk.waiting(SubscriptionOpened)] == ["k", "h"]
