"""Small ways of Camunda on which its diagrams depend: who sees what, and what comes first."""

import pytest

from app.domain.engine import (
    ActivityEnded,
    InstanceEnded,
    Outcome,
    SubscriptionOpened,
    TimerStarted,
)
from app.domain.errors import InvalidInput
from tests.engine import diagrams as d
from tests.engine.desk import NOON, Shelf

UNDO = "<compensateEventDefinition/>"


def undoable(identifier: str) -> str:
    return (
        d.user(identifier)
        + d.boundary(f"x_{identifier}", identifier, UNDO)
        + d.node("userTask", f"huy_{identifier}", isForCompensation="true")
        + f'<association id="as_{identifier}" sourceRef="x_{identifier}"'
        f' targetRef="huy_{identifier}"/>'
    )


def called(*inner: str) -> bytes:
    """The process `con` that is called: one task `c`."""
    body = d.body(d.start(), d.user("c"), d.end(), d.chain("s", "c", "e"), key="con")
    return d.definitions(*inner, body)


def calling(*inner: str, boundary: str = "") -> bytes:
    call = d.node("callActivity", "goi", *inner, calledElement="con")
    around = boundary and d.user("h") + d.chain("x", "h")
    return d.process(d.start(), call, boundary, around, d.user("z"), d.chain("s", "goi", "z"))


# --- who sees what --------------------------------------------------------------------------


def test_a_condition_on_a_call_does_not_see_into_the_called_process(play, shelf):
    shelf.add(called(), key="con")
    desk = play(calling(boundary=d.boundary("x", "goi", d.on_condition("${so == 1}"))))
    desk.finish("c", {"so": 1})
    assert desk.at == ["z"]


def test_a_condition_on_a_call_sees_what_the_called_process_hands_back(play, shelf):
    shelf.add(called(), key="con")
    out = d.extensions('<camunda:out source="so" target="so"/>')
    desk = play(calling(out, boundary=d.boundary("x", "goi", d.on_condition("${so == 1}"))))
    desk.finish("c", {"so": 1})
    assert desk.at == ["h"]


def test_what_is_handed_back_locally_ends_with_the_call(play, shelf):
    shelf.add(called(), key="con")
    out = d.extensions(
        '<camunda:out source="so" target="rieng" local="true"/>'
        '<camunda:out source="so" target="chung"/>'
        "<camunda:inputOutput>"
        '<camunda:outputParameter name="gap">${rieng * 2}</camunda:outputParameter>'
        "</camunda:inputOutput>"
    )
    desk = play(calling(out))
    desk.finish("c", {"so": 4})
    assert desk.variables == {"chung": 4, "gap": 8}


def test_an_event_on_an_activity_sees_the_activitys_own_variables(play):
    task = d.user("a", d.mapping({"cho": "PT2H", "ma": "k1"}))
    timer = d.boundary("x", "a", d.after("${cho}"))
    listener = d.boundary("y", "a", d.on_message())
    around = '<message id="m" name="tin-${ma}"/>'
    desk = play(d.process(d.start(), task, timer, listener, d.chain("s", "a"), around=around))
    [started] = desk.seen(TimerStarted)
    assert (started.due - NOON).total_seconds() == 7200
    assert [one.name for one in desk.seen(SubscriptionOpened)] == ["tin-k1"]


def test_equal_conditions_may_both_fire(play):
    watched = [d.boundary(n, "a", d.on_condition("${so == 1}"), interrupting=False) for n in "xy"]
    desk = play(
        d.process(
            d.start(),
            d.user("a"),
            *watched,
            d.user("hx"),
            d.user("hy"),
            d.chain("s", "a"),
            d.chain("x", "hx"),
            d.chain("y", "hy"),
        )
    )
    desk.do("set_variables", {"so": 1})
    assert desk.at == ["a", "hx", "hy"]


# --- what comes first -----------------------------------------------------------------------


def test_who_hears_a_signal_acts_before_its_thrower_goes_on(play):
    inner = d.sub(
        "trong",
        d.start("s2"),
        d.node("intermediateThrowEvent", "t", d.on_signal()),
        d.user("b"),
        d.chain("s2", "t", "b"),
    )
    desk = play(
        d.process(
            d.start(),
            inner,
            d.boundary("x", "trong", d.on_signal()),
            d.user("h"),
            d.chain("s", "trong"),
            d.chain("x", "h"),
            around=d.signal(),
        )
    )
    assert desk.at == ["h"]
    assert "b" not in desk.path()
    assert "t" in desk.cancelled()


def test_a_signal_is_heard_by_everybody_in_the_instance_once(play):
    catch = [d.node("intermediateCatchEvent", n, d.on_signal()) for n in ("c1", "c2")]
    gate = d.node("parallelGateway", "g")
    payload = d.extensions('<camunda:in source="so" target="nghe"/>')
    desk = play(
        d.process(
            d.start(),
            gate,
            *catch,
            d.user("a"),
            d.end("t", d.on_signal("sig", payload)),
            d.user("z1"),
            d.user("z2"),
            d.chain("s", "g", "c1", "z1"),
            d.chain("g", "c2", "z2"),
            d.chain("g", "a", "t"),
            around=d.signal(),
        ),
        {"so": 3},
    )
    desk.finish("a")
    assert desk.at == ["z1", "z2"]
    assert desk.variables["nghe"] == 3


def test_a_computed_name_of_a_signal_is_the_one_it_had_when_the_wait_began(play):
    catch = d.node("intermediateCatchEvent", "c", d.on_signal())
    gate = d.node("parallelGateway", "g")
    throw = d.node("intermediateThrowEvent", "t", d.on_signal("khac"))
    around = '<signal id="sig" name="tin-${so}"/><signal id="khac" name="tin-1"/>'
    desk = play(
        d.process(
            d.start(),
            gate,
            catch,
            d.user("a"),
            throw,
            d.user("z"),
            d.chain("s", "g", "c", "z"),
            d.chain("g", "a", "t"),
            around=around,
        ),
        {"so": 1},
    )
    desk.finish("a", {"so": 2})
    assert desk.at == ["z"]


def test_a_default_flow_of_a_task_is_the_last_resort_whatever_it_says(play):
    desk = play(
        d.process(
            d.start(),
            d.user("a", default="a-c"),
            d.user("b"),
            d.user("c"),
            d.chain("s", "a"),
            d.flow("a", "b", "${so == 1}"),
            d.flow("a", "c", "${so == 7}"),
        ),
        {"so": 2},
    )
    desk.finish("a")
    assert desk.at == ["c"]


# --- what stays, and what ends --------------------------------------------------------------


def test_variables_stay_until_the_boundary_after_an_activity_that_leads_nowhere(play):
    task = d.user("a", d.mapping({"rieng": "${1}"}), camunda__asyncAfter="true")
    desk = play(d.process(d.start(), task, d.user("b"), d.chain("s", "a"), d.chain("s", "b")))
    desk.finish("a")
    assert desk.at == ["a", "b"]
    assert any("rieng" in values for values in desk.snapshot.variables.values())
    desk.resume("a")
    assert desk.at == ["b"]
    assert set(desk.snapshot.variables) <= {"0"}


def test_compensation_out_of_an_event_sub_process_undoes_there_and_around(play):
    handler = d.sub(
        "ep",
        d.start("es", d.on_message(), isInterrupting="false"),
        undoable("b"),
        d.node("intermediateThrowEvent", "bu", UNDO),
        d.user("z"),
        d.chain("es", "b", "bu", "z"),
        triggeredByEvent="true",
    )
    desk = play(
        d.process(
            d.start(),
            undoable("a"),
            d.user("y"),
            handler,
            d.chain("s", "a", "y"),
            around=d.message(),
        )
    )
    desk.finish("a")
    desk.tell("es")
    desk.finish("b")
    assert desk.at == ["bu", "huy_a", "huy_b", "y"]
    desk.finish("huy_a")
    desk.finish("huy_b")
    assert desk.at == ["y", "z"]


LENIENT = 'xmlns:lm="http://lienmach.vn/schema/bpmn/1.0" lm:uncaughtErrors="end"'


def lenient(*parts: str) -> bytes:
    return d.definitions(d.error(), d.body(*parts, attributes=LENIENT))


def test_an_error_that_nobody_catches_may_end_its_token(play):
    inner = d.sub("trong", d.start("s2"), d.end("e2", d.on_error()), d.chain("s2", "e2"))
    desk = play(lenient(d.start(), inner, d.user("z"), d.chain("s", "trong", "z")))
    assert desk.at == ["z"], "the sub-process ends as by any other end event"
    assert desk.incidents == []


def test_an_answer_that_is_an_error_may_end_its_token(play):
    desk = play(
        lenient(
            d.start(),
            d.external("a"),
            d.user("b"),
            d.user("z"),
            d.chain("s", "a", "z"),
            d.chain("s", "b"),
        )
    )
    desk.do("throw_error", desk.token("a"), "KHAC", "không có", {})
    assert desk.at == ["b"]
    assert [one.element for one in desk.new(ActivityEnded)] == ["a"]
    desk.finish("b")
    assert desk.ended == InstanceEnded(0, "", Outcome.COMPLETED)


def test_a_round_that_ends_by_an_uncaught_error_counts_as_done(play):
    rounds = d.external("a", d.many("2"))
    desk = play(lenient(d.start(), rounds, d.user("z"), d.chain("s", "a", "z")))
    desk.do("throw_error", desk.token("a"), "KHAC", "không có", {})
    assert desk.at == ["a"]
    desk.finish("a")
    assert desk.at == ["z"]


# --- what begins an instance ----------------------------------------------------------------


def test_the_condition_of_a_start_event_is_asked_with_variables() -> None:
    shelf = Shelf()
    starts = [d.start("s1", d.on_condition("${so == 1}")), d.start("s2", d.on_message())]
    ways = [d.chain("s1", "a"), d.chain("s2", "a")]
    program = shelf.add(d.process(*starts, d.user("a"), *ways, around=d.message()))
    assert program.start_holds("s1", {"so": 1}, at=NOON)
    assert not program.start_holds("s1", {"so": 2}, at=NOON)
    assert not program.start_holds("s1", {}, at=NOON)
    for element in ("s2", "a"):
        with pytest.raises(InvalidInput):
            program.start_holds(element, {}, at=NOON)


# --- how it is written ----------------------------------------------------------------------


def test_the_older_name_of_a_result_and_the_older_namespace_are_read(play):
    task = d.node(
        "serviceTask", "a", camunda__expression="${so + 1}", camunda__resultVariableName="kq"
    )
    drawn = d.process(d.start(), task, d.user("z"), d.chain("s", "a", "z"))
    older = drawn.replace(b"http://camunda.org/schema/1.0/bpmn", b"http://activiti.org/bpmn")
    desk = play(older, {"so": 1})
    assert desk.variables["kq"] == 2
