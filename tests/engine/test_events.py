"""Waiting, boundaries, event sub-processes, conditions, throwing."""

from datetime import datetime, timedelta

import pytest

from app.domain.engine import (
    IncidentRaised,
    MessageThrown,
    Outcome,
    SignalThrown,
    SubscriptionKind,
    SubscriptionOpened,
    TimerClosed,
    TimerStarted,
    WorkingDuration,
)
from app.domain.errors import InvalidInput, InvalidState
from tests.engine import diagrams as d
from tests.engine.desk import NOON


def guarded(event: str, *, interrupting: bool = True, around: str = "") -> bytes:
    """A task with one boundary event that leads to another task."""
    return d.process(
        d.start(),
        d.user("a"),
        d.user("b"),
        d.end(),
        d.boundary("x", "a", event, interrupting=interrupting),
        d.chain("s", "a", "e"),
        d.chain("x", "b"),
        around=around,
    )


# --- in the flow ----------------------------------------------------------------------------


def test_an_intermediate_timer(play):
    desk = play(
        d.straight(d.node("intermediateCatchEvent", "cho", d.after("P5D")), identifiers=("cho",))
    )
    assert desk.seen(TimerStarted)[0].due == NOON + timedelta(days=5)
    desk.fire("cho")
    assert desk.ended is not None


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("5 working_day", WorkingDuration(5, "working_day")),
        ("=han", NOON + timedelta(hours=3)),
        ("${han}", NOON + timedelta(hours=3)),
    ],
)
def test_what_a_timer_may_say(play, written, due):
    bpmn = d.straight(
        d.node("intermediateCatchEvent", "cho", d.after(written)), identifiers=("cho",)
    )
    assert play(bpmn, {"han": "PT3H"}).seen(TimerStarted)[0].due == due


def test_a_date_without_zone_is_on_the_wall_clock(play):
    desk = play(
        d.straight(
            d.node("intermediateCatchEvent", "cho", d.at_date("2026-05-01T08:00")),
            identifiers=("cho",),
        )
    )
    assert desk.seen(TimerStarted)[0].due == datetime.fromisoformat("2026-05-01T08:00+07:00")


def test_a_timer_fires_once(play):
    desk = play(
        d.straight(
            d.node("intermediateCatchEvent", "cho", d.after()),
            d.user("a"),
            identifiers=("cho", "a"),
        )
    )
    token = desk.token("cho")
    desk.fire("cho")
    with pytest.raises(InvalidState):
        desk.do("fire_timer", token)


def test_messages_and_signals_wait_by_name(play):
    desk = play(
        d.straight(
            d.node("intermediateCatchEvent", "tin", d.on_message()),
            d.node("intermediateCatchEvent", "hieu", d.on_signal()),
            identifiers=("tin", "hieu"),
            around=d.message() + d.signal(),
        )
    )
    desk.tell("tin", {"x": 1})
    assert [(one.kind, one.name) for one in desk.seen(SubscriptionOpened)] == [
        (SubscriptionKind.MESSAGE, "m"),
        (SubscriptionKind.SIGNAL, "sig"),
    ]
    desk.tell("hieu")
    assert desk.ended is not None


def test_a_signal_name_may_be_computed(play):
    desk = play(
        d.straight(
            d.node("intermediateCatchEvent", "hieu", d.on_signal()),
            identifiers=("hieu",),
            around='<signal id="sig" name="bao-${so}"/>',
        ),
        {"so": 7},
    )
    assert desk.seen(SubscriptionOpened)[0].name == "bao-7"


def test_throwing_in_the_flow_and_at_the_end(play):
    payload = '<camunda:in source="x" target="gia_tri"/><camunda:in businessKey="=ma"/>'
    desk = play(
        d.process(
            d.start(),
            d.node("intermediateThrowEvent", "phat", d.on_signal("sig", d.extensions(payload))),
            d.end("e", d.on_message("m", lm__key="=ma")),
            d.chain("s", "phat", "e"),
            around=d.message() + d.signal(),
        ),
        {"x": 4, "ma": "HS-9"},
    )
    (signal,) = desk.seen(SignalThrown)
    assert (signal.name, signal.payload, signal.business_key) == ("sig", {"gia_tri": 4}, "HS-9")
    (message,) = desk.seen(MessageThrown)
    assert (message.name, message.key) == ("m", "HS-9")
    assert desk.ended is not None


def test_links_jump(play):
    link = '<linkEventDefinition name="nhay"/>'
    desk = play(
        d.process(
            d.start(),
            d.node("intermediateThrowEvent", "di", link),
            d.node("intermediateCatchEvent", "den", link),
            d.user("a"),
            d.chain("s", "di"),
            d.chain("den", "a"),
        )
    )
    assert desk.at == ["a"]


def test_a_multiple_event_comes_with_the_first_of_its_parts(play):
    bpmn = d.straight(
        d.node("intermediateCatchEvent", "cho", d.on_message(), d.after()),
        identifiers=("cho",),
        around=d.message(),
    )
    by_timer = play(bpmn)
    assert by_timer.at == ["cho"]
    by_timer.fire("cho")
    assert by_timer.ended is not None
    by_message = play(bpmn)
    by_message.tell("cho")
    assert by_message.ended is not None
    assert not by_message.waiting(TimerStarted)


def test_a_parallel_multiple_event_needs_every_part(play):
    bpmn = d.straight(
        d.node(
            "intermediateCatchEvent",
            "cho",
            d.on_message(),
            d.on_message("n"),
            parallelMultiple="true",
        ),
        identifiers=("cho",),
        around=d.message() + d.message("n"),
    )
    desk = play(bpmn)
    desk.tell("cho", {"mot": 1})
    assert desk.ended is None
    desk.tell("cho", {"hai": 2})
    assert desk.ended is not None
    assert desk.variables == {"mot": 1, "hai": 2}


# --- boundaries -------------------------------------------------------------------------------


def test_an_interrupting_boundary_ends_its_activity(play):
    desk = play(guarded(d.after()))
    desk.fire("x")
    assert desk.at == ["b"]
    assert desk.cancelled() == ["a"]


def test_a_boundary_that_did_not_fire_is_closed(play):
    desk = play(guarded(d.after()))
    desk.finish("a")
    assert desk.new(TimerClosed)
    assert desk.ended is not None


def test_a_non_interrupting_message_can_come_again(play):
    desk = play(guarded(d.on_message(), interrupting=False, around=d.message()))
    desk.tell("x")
    desk.tell("x")
    assert desk.at == ["a", "b", "b"]


def test_a_reminder_comes_as_often_as_its_cycle_says(play):
    desk = play(guarded(d.every("R3/PT1H"), interrupting=False))
    for count in (1, 2, 3):
        desk.fire("x")
        assert desk.at == ["a", *["b"] * count]
    assert not desk.waiting(TimerStarted)


def test_an_endless_reminder_stops_with_its_task(play):
    desk = play(guarded(d.every("R/PT1H"), interrupting=False))
    for _ in range(5):
        desk.fire("x")
    desk.finish("a")
    assert not desk.waiting(TimerStarted)


def test_a_cycle_after_downtime_fires_one_period_at_a_time_from_now(play):
    desk = play(guarded(d.every("R/PT1H"), interrupting=False))
    desk.pass_(hours=10)
    desk.fire("x")
    (again,) = desk.new(TimerStarted)
    assert again.due == desk.now + timedelta(hours=1)


def test_an_error_from_a_job_goes_to_the_matching_boundary(play):
    bpmn = d.process(
        d.start(),
        d.external("goi"),
        d.user("a"),
        d.user("b"),
        d.boundary(
            "x",
            "goi",
            d.on_error("LOI", camunda__errorCodeVariable="ma", camunda__errorMessageVariable="loi"),
        ),
        d.boundary("moi", "goi", d.on_error(None)),
        d.chain("s", "goi"),
        d.chain("x", "a"),
        d.chain("moi", "b"),
        around=d.error(),
    )
    exact = play(bpmn)
    exact.do("throw_error", exact.token("goi"), "LOI", "không có", {"chi_tiet": 1})
    assert exact.at == ["a"]
    assert exact.variables == {"ma": "LOI", "loi": "không có", "chi_tiet": 1}
    other = play(bpmn)
    other.do("throw_error", other.token("goi"), "KHAC", "lạ", {})
    assert other.at == ["b"]


def test_an_error_that_nobody_catches_is_an_incident(play):
    desk = play(d.straight(d.external("goi"), identifiers=("goi",)))
    desk.do("throw_error", desk.token("goi"), "LOI", "hỏng", {})
    assert desk.new(IncidentRaised)
    assert desk.at == ["goi"]


def test_a_result_can_mean_an_error(play):
    rule = d.extensions(
        '<camunda:errorEventDefinition id="r" errorRef="LOI" expression="=ok = false"/>'
    )
    bpmn = d.process(
        d.start(),
        d.external("goi", rule),
        d.user("a"),
        d.user("b"),
        d.boundary("x", "goi", d.on_error()),
        d.chain("s", "goi", "a"),
        d.chain("x", "b"),
        around=d.error(),
    )
    bad = play(bpmn)
    bad.finish("goi", {"ok": False})
    assert bad.at == ["b"]
    good = play(bpmn)
    good.finish("goi", {"ok": True})
    assert good.at == ["a"]


# --- errors and escalations from inside ---------------------------------------------------------


def nested(thrower: str, catcher: str, *, interrupting: bool = True, around: str = "") -> bytes:
    """The thrower `n` stands two sub-processes deep; `x` catches on the outer one."""
    after = "" if "endEvent" in thrower else d.user("t") + d.chain("n", "t")
    inside = d.sub("trong", d.start("s2"), thrower, d.chain("s2", "n"), after)
    outer = d.sub("ngoai", d.start("s1"), inside, d.end("e1"), d.chain("s1", "trong", "e1"))
    return d.process(
        d.start(),
        outer,
        d.user("a"),
        d.end(),
        d.boundary("x", "ngoai", catcher, interrupting=interrupting),
        d.chain("s", "ngoai", "e"),
        d.chain("x", "a"),
        around=around,
    )


def test_an_error_end_event_is_caught_further_out(play):
    desk = play(nested(d.end("n", d.on_error()), d.on_error(), around=d.error()))
    assert desk.at == ["a"]
    assert desk.cancelled() == ["n", "trong", "ngoai"]


def test_an_error_end_event_without_catcher_is_an_incident(play):
    desk = play(d.process(d.start(), d.end("e", d.on_error()), d.chain("s", "e"), around=d.error()))
    assert "LOI" in desk.incidents[0]


def test_an_escalation_may_leave_the_thrower_running(play):
    throw = d.node("intermediateThrowEvent", "n", d.on_escalation())
    desk = play(nested(throw, d.on_escalation(), interrupting=False, around=d.escalation()))
    assert desk.at == ["a", "t"]


def test_an_interrupting_escalation_ends_the_thrower(play):
    throw = d.node("intermediateThrowEvent", "n", d.on_escalation())
    desk = play(nested(throw, d.on_escalation(None), around=d.escalation()))
    assert desk.at == ["a"]


def test_an_escalation_that_nobody_catches_goes_on(play):
    desk = play(
        d.process(
            d.start(), d.end("e", d.on_escalation()), d.chain("s", "e"), around=d.escalation()
        )
    )
    assert desk.ended.outcome is Outcome.COMPLETED


def test_terminate_ends_its_scope_only(play):
    inner = d.sub(
        "trong",
        d.start("s2"),
        d.user("b"),
        d.user("c"),
        d.end("t", "<terminateEventDefinition/>"),
        d.chain("s2", "b", "t"),
        d.chain("s2", "c"),
    )
    desk = play(d.process(d.start(), inner, d.user("a"), d.chain("s", "trong", "a")))
    desk.finish("b")
    assert desk.at == ["a"]
    assert desk.cancelled() == ["c"]


def test_terminate_at_the_top_ends_the_instance(play):
    desk = play(
        d.process(
            d.start(),
            d.user("a"),
            d.user("b"),
            d.end("t", "<terminateEventDefinition/>"),
            d.chain("s", "a", "t"),
            d.chain("s", "b"),
        )
    )
    desk.finish("a")
    assert desk.ended.outcome is Outcome.TERMINATED
    assert desk.at == []


# --- conditions ---------------------------------------------------------------------------------


def test_a_condition_waits_for_its_variable(play):
    desk = play(
        d.straight(
            d.node("intermediateCatchEvent", "cho", d.on_condition("du = true")),
            identifiers=("cho",),
        ),
        {"du": False},
    )
    desk.do("set_variables", {"khac": 1})
    assert desk.at == ["cho"]
    desk.do("set_variables", {"du": True})
    assert desk.ended is not None


def test_a_condition_that_holds_already_does_not_wait(play):
    desk = play(
        d.straight(
            d.node("intermediateCatchEvent", "cho", d.on_condition("du = true")),
            identifiers=("cho",),
        ),
        {"du": True},
    )
    assert desk.ended is not None


def test_a_non_interrupting_condition_fires_at_each_change(play):
    desk = play(guarded(d.on_condition("x > 1"), interrupting=False), {"x": 0})
    desk.do("set_variables", {"x": 2})
    desk.do("set_variables", {"x": 3})
    assert desk.at == ["a", "b", "b"]


def test_a_condition_may_look_at_one_variable_only(play):
    event = d.on_condition("x > 1", camunda__variableName="x", camunda__variableEvents="update")
    desk = play(guarded(event, interrupting=False), {"y": 0})
    desk.do("set_variables", {"x": 5})
    assert desk.at == ["a"]
    desk.do("set_variables", {"y": 5})
    assert desk.at == ["a"]
    desk.do("set_variables", {"x": 6})
    assert desk.at == ["a", "b"]


# --- event sub-processes ------------------------------------------------------------------------


def with_event_subprocess(event: str, *, interrupting: bool = True, around: str = "") -> bytes:
    inner = d.sub(
        "ep",
        d.start("es", event, isInterrupting=str(interrupting).lower()),
        d.user("b"),
        d.chain("es", "b"),
        triggeredByEvent="true",
    )
    return d.process(d.start(), d.user("a"), d.end(), d.chain("s", "a", "e"), inner, around=around)


def test_an_interrupting_event_subprocess_ends_the_rest(play):
    desk = play(with_event_subprocess(d.on_message(), around=d.message()))
    desk.tell("es", {"ly_do": "rút hồ sơ"})
    assert desk.at == ["b"]
    assert desk.variables == {"ly_do": "rút hồ sơ"}
    desk.finish("b")
    assert desk.ended is not None


def test_a_non_interrupting_event_subprocess_runs_beside(play):
    desk = play(with_event_subprocess(d.on_signal(), interrupting=False, around=d.signal()))
    desk.tell("es")
    desk.tell("es")
    assert desk.at == ["a", "b", "b"]
    desk.finish("a")
    assert desk.ended is None
    desk.finish("b")
    desk.finish("b")
    assert desk.ended is not None


def test_an_unfired_timer_does_not_keep_the_instance_open(play):
    desk = play(with_event_subprocess(d.after("P30D")))
    desk.finish("a")
    assert desk.ended is not None
    assert desk.new(TimerClosed)


def test_local_values_of_a_message_live_in_the_event_subprocess(play):
    desk = play(with_event_subprocess(d.on_message(), around=d.message()))
    desk.tell("es", {"chung": 1}, local={"rieng": 2})
    assert desk.variables == {"chung": 1}
    assert {"rieng": 2} in desk.snapshot.variables.values()


def test_an_error_event_subprocess_waits_for_its_error(play):
    inner = d.sub(
        "ep", d.start("es", d.on_error()), d.user("b"), d.chain("es", "b"), triggeredByEvent="true"
    )
    desk = play(
        d.process(
            d.start(),
            d.user("a"),
            d.end("e", d.on_error()),
            d.chain("s", "a", "e"),
            inner,
            around=d.error(),
        )
    )
    assert desk.at == ["a"]
    desk.finish("a")
    assert desk.at == ["b"]
    desk.finish("b")
    assert desk.ended is not None


# --- starts -------------------------------------------------------------------------------------


def many_starts() -> bytes:
    return d.process(
        d.start("tay"),
        d.start("tin", d.on_message()),
        d.start("gio", d.after()),
        d.user("a"),
        d.user("b"),
        d.user("c"),
        d.chain("tay", "a"),
        d.chain("tin", "b"),
        d.chain("gio", "c"),
        around=d.message(),
    )


def test_each_start_event_begins_its_own_path(play):
    assert play(many_starts()).at == ["a"]
    assert play(many_starts(), message="m").at == ["b"]
    assert play(many_starts(), start_event="gio").at == ["c"]
    with pytest.raises(InvalidInput):
        play(many_starts(), message="khong_co")


def test_starting_before_elements(play):
    inner = d.sub("trong", d.start("s2"), d.user("b"), d.chain("s2", "b"))
    bpmn = d.process(d.start(), inner, d.user("a"), d.chain("s", "trong", "a"))
    desk = play(bpmn, before=("b", "b", "a"))
    assert desk.at == ["a", "b", "b"]
    assert desk.path().count("trong") == 1


def test_the_initiator_is_a_variable(play):
    bpmn = d.process(
        d.start("s", camunda__initiator="nguoi_mo"),
        d.user("a", camunda__assignee="${nguoi_mo}"),
        d.chain("s", "a"),
    )
    assert play(bpmn, started_by="an").variables == {"nguoi_mo": "an"}


# --- rarer turns ----------------------------------------------------------------------------------


@pytest.mark.parametrize("interrupting", [True, False])
def test_a_parallel_multiple_boundary(play, interrupting):
    event = d.on_message() + d.on_message("n")
    bpmn = guarded(event, interrupting=interrupting, around=d.message() + d.message("n"))
    bpmn = bpmn.replace(b'id="x"', b'id="x" parallelMultiple="true"')
    desk = play(bpmn)
    for first in (1, 2):
        desk.tell("x", {f"lan_{first}": 1})
        if interrupting and first == 2:
            break
    assert desk.at == (["b"] if interrupting else ["a", "b"])
    if not interrupting:
        desk.tell("x")
        desk.tell("x")
        assert desk.at == ["a", "b", "b"]


def test_a_parallel_multiple_event_subprocess(play):
    event = d.on_message() + d.on_message("n")
    bpmn = with_event_subprocess(event, around=d.message() + d.message("n"))
    desk = play(bpmn.replace(b'id="es"', b'id="es" parallelMultiple="true"'))
    desk.tell("es", {"mot": 1})
    assert desk.at == ["a"]
    desk.tell("es", {"hai": 2})
    assert desk.at == ["b"]
    assert desk.variables == {"mot": 1, "hai": 2}


def test_a_multiple_event_subprocess_starts_with_either(play):
    event = d.on_message() + d.after()
    desk = play(with_event_subprocess(event, interrupting=False, around=d.message()))
    desk.tell("es")
    assert desk.at == ["a", "b"]
    desk.fire("es")
    assert desk.at == ["a", "b", "b"]


def test_local_values_of_a_boundary_end_with_it(play):
    desk = play(guarded(d.on_message(), around=d.message()))
    desk.tell("x", {"chung": 1}, local={"rieng": 2})
    assert desk.variables == {"chung": 1}
    assert list(desk.snapshot.variables) == ["0"]


def test_local_values_feed_output_mappings(play):
    catch = d.node(
        "intermediateCatchEvent", "c", d.mapping({}, {"ra": "=rieng * 2"}), d.on_message()
    )
    desk = play(d.straight(catch, d.user("a"), identifiers=("c", "a"), around=d.message()))
    desk.tell("c", {}, local={"rieng": 21})
    assert desk.variables == {"ra": 42}


def test_a_condition_that_cannot_be_computed_does_not_fire(play):
    desk = play(guarded(d.on_condition("${khong_co == 1}")))
    desk.do("set_variables", {"khac": 1})
    assert desk.at == ["a"]
    desk.do("set_variables", {"khong_co": 1})
    assert desk.at == ["b"]


def test_a_condition_after_an_event_gateway(play):
    bpmn = d.process(
        d.start(),
        d.node("eventBasedGateway", "g"),
        d.node("intermediateCatchEvent", "c", d.on_condition("x = 1")),
        d.node("intermediateCatchEvent", "t", d.after()),
        d.user("a"),
        d.chain("s", "g", "c", "a"),
        d.chain("g", "t"),
    )
    desk = play(bpmn)
    desk.do("set_variables", {"x": 1})
    assert desk.at == ["a"]


def test_a_timer_that_cannot_be_computed_waits_for_help(play):
    desk = play(guarded(d.after("${han}")))
    assert "han" in desk.incidents[0]
    assert desk.at == ["a"]
    desk.do("set_variables", {"han": "PT1H"})
    desk.do("resume", desk.token("x"))
    desk.fire("x")
    assert desk.at == ["b"]


def test_a_cycle_that_cannot_be_read_waits_for_help(play):
    desk = play(guarded(d.every("${chu_ky}"), interrupting=False), {"chu_ky": "thỉnh thoảng"})
    assert "chu kỳ" in desk.incidents[0]


def test_a_message_start_inside_a_multiple_start(play):
    bpmn = d.process(
        d.start("s", d.on_message(), d.on_signal()),
        d.user("a"),
        d.chain("s", "a"),
        around=d.message() + d.signal(),
    )
    assert play(bpmn, message="m").at == ["a"]
    assert play(bpmn).at == ["a"]


def test_a_signal_may_be_delivered_later(play):
    event = '<signalEventDefinition signalRef="sig" camunda:async="true"/>'
    desk = play(d.process(d.start(), d.end("e", event), d.chain("s", "e"), around=d.signal()))
    assert desk.seen(SignalThrown)[0].later


def test_an_error_rule_without_catcher_is_an_incident(play):
    rule = d.extensions('<camunda:errorEventDefinition id="r" errorRef="LOI" expression="=true"/>')
    desk = play(d.straight(d.external("goi", rule), identifiers=("goi",), around=d.error()))
    desk.finish("goi")
    assert "LOI" in desk.incidents[0]


def test_a_code_that_cannot_be_computed_is_an_incident(play):
    bpmn = d.process(
        d.start(),
        d.external("goi"),
        d.boundary("x", "goi", d.on_error("r")),
        d.end(),
        d.chain("s", "goi", "e"),
        d.chain("x", "e"),
        around='<error id="r" errorCode="${ma}"/>',
    )
    desk = play(bpmn)
    desk.do("throw_error", desk.token("goi"), "LOI", "hỏng", {})
    assert "ma" in desk.incidents[0]


def test_a_task_whose_boundary_fires_at_once_has_begun_and_ended(play):
    bpmn = guarded(d.on_condition("x = 1")).replace(
        b'<userTask id="a"', b'<userTask id="a" camunda:asyncBefore="true"'
    )
    desk = play(bpmn, {"x": 1})
    desk.resume("a")
    assert desk.at == ["b"]
    assert desk.cancelled() == ["a"]
    assert desk.path() == ["s", "a", "x", "b"]
