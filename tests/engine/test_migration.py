"""Moving to another version, kind by kind: what keeps its identity, what cannot move, and why."""

from typing import Any

import pytest

from app.domain.engine import (
    FlowTaken,
    IncidentCleared,
    JobCreated,
    SubscriptionClosed,
    SubscriptionOpened,
    TimerClosed,
    TimerStarted,
    TokenMigrated,
    UserTaskOpened,
)
from tests.engine import diagrams as d
from tests.engine.desk import Desk
from tests.engine.moving import moved, refused

# --- one test for each kind of element ------------------------------------------------------------

CATCH = "intermediateCatchEvent"
AROUND = d.message() + d.message("m2") + d.signal() + d.error() + d.escalation()

KINDS: dict[str, tuple[Any, type]] = {
    "user task": (d.user, UserTaskOpened),
    "external job": (d.external, JobCreated),
    "async before": (lambda one: d.user(one, camunda__asyncBefore="true"), JobCreated),
    "timer": (lambda one: d.node(CATCH, one, d.after()), TimerStarted),
    "cycle": (lambda one: d.node(CATCH, one, d.every("R3/PT1H")), TimerStarted),
    "message": (lambda one: d.node(CATCH, one, d.on_message()), SubscriptionOpened),
    "signal": (lambda one: d.node(CATCH, one, d.on_signal()), SubscriptionOpened),
    "condition": (lambda one: d.node(CATCH, one, d.on_condition("nay = 1")), SubscriptionOpened),
    "receive task": (lambda one: d.node("receiveTask", one, messageRef="m"), SubscriptionOpened),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_waits_keeps_its_token_under_another_id(play, kind):
    written, opened = KINDS[kind]
    desk = play(d.straight(written("a"), identifiers=("a",), around=AROUND))
    token = desk.token("a")
    assert [one.token for one in desk.waiting(opened)] == [token]
    newer = d.straight(written("moi"), d.user("z"), identifiers=("moi", "z"), around=AROUND)
    moved(desk, newer, {"a": "moi"})
    assert desk.last == [TokenMigrated(token, "a", "moi")]
    assert desk.token("moi") == token
    go_on(desk, kind, token)
    assert desk.at == ["z"]


def go_on(desk: Desk, kind: str, token: int) -> None:
    if kind == "async before":
        desk.do("resume", token)
        desk.finish("moi")
    elif kind in ("timer", "cycle"):
        desk.do("fire_timer", token)
    elif kind == "condition":
        desk.do("set_variables", {"nay": 1})
    elif kind in ("message", "signal", "receive task"):
        desk.do("deliver", token, {})
    else:
        desk.do("finish", token, {})


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_moves_to_another_kind(play, kind):
    written, _ = KINDS[kind]
    desk = play(d.straight(written("a"), identifiers=("a",), around=AROUND))
    others = {name: made for name, (made, _) in KINDS.items() if name not in SAME.get(kind, kind)}
    for made, _ in (KINDS[name] for name in others):
        [message] = refused(desk, d.straight(made("a"), identifiers=("a",), around=AROUND))
        assert "không" in message


SAME = {
    "user task": ("user task", "async before"),
    "async before": ("user task", "async before"),
    "timer": ("timer", "cycle"),
    "cycle": ("timer", "cycle"),
}


def test_a_step_without_a_place_in_the_new_version_is_named(play):
    desk = play(d.straight(d.user("a"), identifiers=("a",)))
    [message] = refused(desk, d.straight(d.user("b"), identifiers=("b",)))
    assert "“A”" in message
    assert "không có trong phiên bản mới" in message


def test_a_parked_token_moves_with_its_incident_and_goes_on_by_the_repaired_diagram(play):
    def version(expression: str) -> bytes:
        task = d.node(
            "serviceTask", "x", camunda__expression=expression, camunda__resultVariable="x"
        )
        return d.straight(task, d.user("z"), identifiers=("x", "z"))

    desk = play(version("${khong_co}"), {"y": 1})
    assert desk.incidents
    moved(desk, version("${y}"))
    assert desk.last == []
    desk.resume("x")
    assert desk.new(IncidentCleared)
    assert (desk.at, desk.variables["x"]) == (["z"], 1)


def test_a_gateway_that_found_no_way_out_finds_one_in_the_new_version(play):
    def version(*more: str) -> bytes:
        return d.process(
            d.start(),
            d.node("exclusiveGateway", "g"),
            d.user("a"),
            d.user("z"),
            d.chain("s", "g"),
            d.flow("g", "a", "n = 1"),
            d.flow("g", "a", "n = 3", "g-a3"),
            *more,
        )

    desk = play(version(), {"n": 2})
    assert desk.incidents
    moved(desk, version(d.flow("g", "z", "n = 2")))
    desk.resume("g")
    assert desk.at == ["z"]


# --- places ---------------------------------------------------------------------------------------


def framed(frame: str, *more: str) -> bytes:
    inner = d.sub(frame, d.start("s2"), d.user("a"), d.user("b"), d.chain("s2", "a", "b"), *more)
    return d.process(d.start(), inner, d.user("z"), d.chain("s", frame, "z"), around=AROUND)


def test_a_sub_process_moves_with_what_is_in_it(play):
    desk = play(framed("t"))
    moved(desk, framed("u"), {"t": "u"})
    assert [one.to_element for one in desk.new(TokenMigrated)] == ["u"]
    desk.finish("a")
    desk.finish("b")
    assert desk.at == ["z"]


def rounds(*loop: str, key: str = "a", **more: str) -> bytes:
    return d.straight(d.user(key, *loop, **more), d.user("z"), identifiers=(key, "z"))


@pytest.mark.parametrize("sequential", [True, False])
def test_rounds_go_on_where_they_were(play, sequential):
    desk = play(rounds(d.many("3", sequential=sequential)))
    desk.finish("a")
    moved(desk, rounds(d.many("3", sequential=sequential), key="moi"), {"a": "moi"})
    desk.finish("moi")
    assert "z" not in desk.at
    desk.finish("moi")
    assert desk.at == ["z"]
    assert desk.variables.get("nrOfInstances") is None


def test_a_loop_of_another_kind_cannot_take_over(play):
    desk = play(rounds(d.many("2")))
    for loop in (d.many("2", sequential=True), '<standardLoopCharacteristics loopMaximum="2"/>'):
        assert any("lặp" in message for message in refused(desk, rounds(loop)))


def test_results_are_gathered_from_the_migration_on(play):
    gather = "<loopDataOutputRef>ds</loopDataOutputRef>"
    item = '<outputDataItem name="kq"/>'
    desk = play(rounds(d.many("2")))
    moved(desk, rounds(d.many("2", inner=f"{gather}{item}")))
    desk.finish("a", {"kq": 1})
    desk.finish("a", {"kq": 2})
    assert sorted(desk.variables["ds"]) == [1, 2]


def test_a_called_process_of_the_same_definition_stays_on_its_version(play, shelf):
    def version(step: str) -> bytes:
        call = d.node("callActivity", "goi", calledElement="p")
        return d.process(
            d.start(),
            d.node("exclusiveGateway", "g", default="g-a"),
            call,
            d.user("a"),
            d.user(step),
            d.chain("s", "g"),
            d.flow("g", "goi", "sau = true"),
            d.flow("g", "a", identifier="g-a"),
            d.chain("goi", step),
        )

    desk = play(version("z"), {"sau": True})
    assert desk.at == ["a"]
    moved(desk, version("y"))
    desk.finish("a")
    assert desk.at == ["y"]


# --- listeners ------------------------------------------------------------------------------------


def with_boundary(*boundaries: str, host: str = "a") -> bytes:
    names = [one.split('id="')[1].split('"')[0] for one in boundaries]
    ways = [d.flow(name, "z") for name in names]
    return d.process(
        d.start(), d.user(host), d.user("z"), *boundaries, d.chain("s", host), *ways, around=AROUND
    )


def test_a_boundary_event_moves_with_its_activity(play):
    desk = play(with_boundary(d.boundary("x", "a", d.after())))
    [timer] = desk.waiting(TimerStarted)
    moved(desk, with_boundary(d.boundary("y", "b", d.after()), host="b"), {"a": "b", "x": "y"})
    assert {(one.element, one.to_element) for one in desk.last} == {("a", "b"), ("x", "y")}
    assert desk.waiting(TimerStarted) == [timer]
    desk.do("fire_timer", timer.token)
    assert desk.at == ["z"]


def test_a_boundary_event_that_became_another_is_closed_and_opened_anew(play):
    desk = play(with_boundary(d.boundary("x", "a", d.after())))
    moved(desk, with_boundary(d.boundary("x", "a", d.on_message())))
    assert desk.new(TimerClosed)
    assert desk.new(SubscriptionOpened)


def test_a_reminder_that_has_fired_does_not_fire_again(play):
    version = with_boundary(d.boundary("x", "a", d.after(), interrupting=False))
    desk = play(version)
    desk.fire("x")
    moved(desk, version)
    assert desk.last == []
    assert desk.waiting(TimerStarted) == []


def aside(*, interrupting: bool = True, key: str = "es", event: str | None = None) -> str:
    return d.sub(
        f"{key}-khung",
        d.start(key, event or d.on_message(), isInterrupting=str(interrupting).lower()),
        d.user(f"{key}-q"),
        d.chain(key, f"{key}-q"),
        triggeredByEvent="true",
    )


def test_event_sub_processes_are_lost_and_gained(play):
    desk = play(framed("t", aside()))
    moved(desk, framed("t"))
    assert desk.new(SubscriptionClosed)
    moved(desk, framed("t", aside(key="em", event=d.on_signal())))
    desk.tell("em")
    assert desk.at == ["em-q"]


def test_nothing_begins_beside_an_event_sub_process_that_interrupted(play):
    desk = play(framed("t", aside()))
    desk.tell("es")
    moved(desk, framed("t", aside(), aside(key="em", event=d.on_signal())))
    assert desk.last == []
    assert desk.at == ["es-q"]


def raced(*events: tuple[str, str]) -> bytes:
    nodes = [d.node(CATCH, name, event) for name, event in events]
    flows = [d.flow("g", name) + d.flow(name, "z") for name, _ in events]
    return d.process(
        d.start(),
        d.node("eventBasedGateway", "g"),
        d.user("z"),
        *nodes,
        d.chain("s", "g"),
        *flows,
        around=AROUND,
    )


def test_events_after_a_gateway_are_kept_lost_and_gained(play):
    desk = play(raced(("t1", d.after()), ("m1", d.on_message())))
    [timer] = desk.waiting(TimerStarted)
    moved(desk, raced(("t9", d.after()), ("m3", d.on_message("m2"))), {"t1": "t9"})
    assert desk.waiting(TimerStarted) == [timer]
    assert [one.element for one in desk.waiting(SubscriptionOpened)] == ["m3"]
    desk.do("fire_timer", timer.token)
    assert desk.at == ["z"]
    assert desk.waiting(SubscriptionOpened) == []


def test_ids_that_change_places_do_not_confuse_it(play):
    """Each element of the new version has an id that another one had in the old."""
    written = [("t1", d.after()), ("m1", d.on_message())]
    desk = play(raced(*written))
    [timer] = desk.waiting(TimerStarted)
    swapped = raced(("m1", d.after()), ("t1", d.on_message()))
    moved(desk, swapped, {"t1": "m1", "m1": "t1"})
    assert {(one.element, one.to_element) for one in desk.last} == {("t1", "m1"), ("m1", "t1")}
    desk.do("fire_timer", timer.token)
    assert desk.at == ["z"]
    assert "g-m1" in [one.element for one in desk.new(FlowTaken)]


# --- joins ----------------------------------------------------------------------------------------


def joined(kind: str, steps: str, join: str = "j") -> bytes:
    ways = "".join(
        d.flow("g", step, "true" if kind == "inclusiveGateway" else None) + d.flow(step, join)
        for step in steps
    )
    return d.process(
        d.start(),
        d.node(kind, "g"),
        *(d.user(step) for step in steps),
        d.node(kind, join),
        d.user("z"),
        d.chain("s", "g"),
        ways,
        d.flow(join, "z"),
    )


@pytest.mark.parametrize("kind", ["parallelGateway", "inclusiveGateway"])
def test_who_waits_at_a_join_waits_at_its_successor(play, kind):
    desk = play(joined(kind, "abc"))
    desk.finish("a")
    moved(desk, joined(kind, "abc", "k"), {"j": "k"})
    desk.finish("b")
    assert "z" not in desk.at
    desk.finish("c")
    assert desk.at == ["z"]


def test_a_join_that_could_never_open_again_is_refused(play):
    desk = play(joined("parallelGateway", "abc"))
    desk.finish("a")
    desk.finish("b")
    messages = refused(desk, joined("parallelGateway", "bc"), {"a": "c"})
    assert any("đang giữ 2 nhánh" in message for message in messages)


def test_a_branch_that_no_longer_leads_to_the_join_is_refused(play):
    desk = play(joined("inclusiveGateway", "abc"))
    desk.finish("a")
    messages = refused(desk, joined("inclusiveGateway", "bc"))
    assert any("luồng không còn nữa" in message for message in messages)


# --- what was decided before, and what may have to be undone ------------------------------------------


def test_flows_that_a_gateway_has_chosen_must_still_be_there(play):
    def version(flow: str) -> bytes:
        return d.process(
            d.start(),
            d.node("parallelGateway", "g", camunda__asyncAfter="true"),
            d.user("a"),
            d.user("b"),
            d.chain("s", "g"),
            d.flow("g", "a", identifier=flow),
            d.flow("g", "b", identifier="g-b"),
        )

    desk = play(version("g-a"))
    assert "đã chọn luồng ra" in refused(desk, version("khac"))[0]
    moved(desk, version("g-a"))
    desk.resume("g")
    desk.resume("g")
    assert desk.at == ["a", "b"]


def test_an_event_sub_process_that_is_about_to_begin_keeps_its_beginning(play):
    def version(start: str, event: str = "") -> bytes:
        inside = d.sub(
            "ep",
            d.start(start, event or d.on_message(), isInterrupting="false"),
            d.user("q"),
            d.chain(start, "q"),
            triggeredByEvent="true",
            camunda__asyncBefore="true",
        )
        return d.process(d.start(), d.user("a"), inside, d.chain("s", "a"), around=AROUND)

    desk = play(version("es"))
    desk.tell("es")
    assert "sắp bắt đầu" in refused(desk, version("khac"))[0]
    moved(desk, version("em"), {"es": "em"})
    desk.resume("ep")
    assert desk.at == ["a", "q"]


def undoable(handler: str, inner: str = "b") -> bytes:
    """A sub-process that was completed, with a step inside that can be undone."""
    inside = d.sub(
        "t",
        d.start("s2"),
        d.user(inner),
        d.boundary("x", inner, "<compensateEventDefinition/>"),
        d.node("userTask", handler, isForCompensation="true"),
        f'<association id="as" sourceRef="x" targetRef="{handler}"/>',
        d.chain("s2", inner),
    )
    return d.process(
        d.start(),
        inside,
        d.user("z"),
        d.end("e", "<compensateEventDefinition/>"),
        d.chain("s", "t", "z", "e"),
    )


def test_what_was_done_inside_a_completed_sub_process_can_still_be_undone(play):
    desk = play(undoable("huy"))
    desk.finish("b")
    assert any("hoàn tác" in message for message in refused(desk, undoable("khac", "c")))
    moved(desk, undoable("khac", "c"), {"huy": "khac", "b": "c"})
    desk.finish("z")
    assert desk.at == ["e", "khac"]
    moved(desk, undoable("khac", "c"))
    desk.finish("khac")
    assert desk.ended is not None


def test_a_complex_gateway_remembers_that_it_has_opened(play):
    def version(join: str) -> bytes:
        return d.process(
            d.start(),
            d.node("parallelGateway", "g"),
            *(d.user(step) for step in "abc"),
            d.node(
                "complexGateway",
                join,
                "<activationCondition>activationCount = 2</activationCondition>",
            ),
            d.user("z"),
            d.chain("s", "g"),
            *(d.flow("g", step) + d.flow(step, join) for step in "abc"),
            d.flow(join, "z"),
        )

    desk = play(version("j"))
    desk.finish("a")
    desk.finish("b")
    assert desk.at == ["c", "z"]
    moved(desk, version("k"), {"j": "k"})
    desk.finish("c")
    assert desk.at == ["z"]


def test_every_part_of_a_multiple_event_begins_to_wait(play):
    desk = play(with_boundary())
    newer = d.process(
        d.start(),
        d.user("a"),
        d.user("z"),
        d.node("boundaryEvent", "x", d.on_message(), d.on_signal(), attachedToRef="a"),
        d.chain("s", "a"),
        d.flow("x", "z"),
        around=AROUND,
    )
    moved(desk, newer)
    opened = {one.name: one.token for one in desk.new(SubscriptionOpened)}
    assert set(opened) == {"m", "sig"}
    desk.do("deliver", opened["sig"], {})
    assert desk.at == ["z"]


def test_two_joins_cannot_become_one(play):
    def version(*joins: str) -> bytes:
        ways = [
            d.flow("g", step) + d.flow(step, join)
            for step, join in zip("abcd", (joins[0], joins[0], joins[-1], joins[-1]), strict=True)
        ]
        ends = [d.flow(join, "z") for join in dict.fromkeys(joins)]
        return d.process(
            d.start(),
            d.node("parallelGateway", "g"),
            *(d.user(step) for step in "abcd"),
            *(d.node("parallelGateway", join) for join in dict.fromkeys(joins)),
            d.user("z"),
            d.chain("s", "g"),
            *ways,
            *ends,
        )

    desk = play(version("j", "k"))
    desk.finish("a")
    desk.finish("c")
    messages = refused(desk, version("j"), {"k": "j"})
    assert any("dùng chung một cổng" in message for message in messages)


# --- pairing --------------------------------------------------------------------------------------


def test_pairs_are_made_by_id_and_suggested_by_name(shelf):
    old = shelf.add(
        d.straight(d.user("a"), d.external("b"), d.user("c"), identifiers=("a", "b", "c"))
    )
    written = [d.user("a"), d.node("userTask", "moi", name="C"), d.user("b")]
    new = shelf.add(d.straight(*written, identifiers=("a", "moi", "b")), definition_id="p:2")
    found = {one.element: one for one in old.pairings(new)}
    assert set(found) == {"a", "b", "c"}
    assert found["a"].target == "a"
    assert (found["b"].target, found["b"].suggestions) == (None, ())
    assert "không cùng loại" in found["b"].problem
    assert (found["c"].target, found["c"].suggestions[0]) == (None, "moi")
    assert set(found["c"].choices) == {"a", "moi", "b"}


def test_steps_where_nothing_waits_are_paired_only_when_asked_for(shelf):
    old = shelf.add(d.straight(d.script("x", "a = 1"), d.user("u"), identifiers=("x", "u")))
    assert [one.element for one in old.pairings(old)] == ["u"]
    assert {one.element for one in old.pairings(old, ["x"])} == {"x", "u"}


def test_standing_tells_rounds_and_what_is_around_them(play):
    inner = d.sub("t", d.many("2"), d.start("s2"), d.user("b"), d.chain("s2", "b"))
    desk = play(d.process(d.start(), inner, d.chain("s", "t")))
    found = desk.program.standing(desk.snapshot, programs=desk.shelf)
    assert [(one.element, one.round, one.holds) for one in found] == [
        ("t", None, True),
        ("t", 1, True),
        ("t", 2, True),
        ("b", None, False),
        ("b", None, False),
    ]
    body, *each = (one.token for one in found[:3])
    assert {one.within for one in found[3:]} == {(body, one) for one in each}
