"""Sub-processes, called processes, ad-hoc steps."""

import pytest

from app.domain.engine import (
    CalledInstanceEnded,
    CalledInstanceStarted,
    Outcome,
    StepsOffered,
    UserTaskOpened,
)
from app.domain.errors import InvalidState
from tests.engine import diagrams as d
from tests.engine.desk import NOON


def test_a_sub_process_ends_when_nothing_moves_inside(play):
    inner = d.sub(
        "trong", d.start("s2"), d.user("a"), d.user("b"), d.chain("s2", "a"), d.chain("s2", "b")
    )
    desk = play(d.process(d.start(), inner, d.user("c"), d.chain("s", "trong", "c")))
    desk.finish("a")
    assert desk.at == ["b"]
    desk.finish("b")
    assert desk.at == ["c"]


def test_variables_of_a_sub_process_with_inputs_stay_inside(play):
    inner = d.sub(
        "trong",
        d.mapping({"x": "=so + 1"}, {"ra": "=x"}),
        d.start("s2"),
        d.script("t", "x = x * 2"),
        d.chain("s2", "t"),
    )
    desk = play(d.process(d.start(), inner, d.chain("s", "trong")), {"so": 1})
    assert desk.variables == {"so": 1, "ra": 4}


def test_a_boundary_of_a_sub_process_ends_all_of_it(play):
    inner = d.sub(
        "trong",
        d.start("s2"),
        d.user("a"),
        d.external("b"),
        d.chain("s2", "a"),
        d.chain("s2", "b"),
    )
    desk = play(
        d.process(
            d.start(),
            inner,
            d.user("c"),
            d.boundary("x", "trong", d.after()),
            d.chain("s", "trong"),
            d.chain("x", "c"),
        )
    )
    desk.fire("x")
    assert desk.at == ["c"]
    assert sorted(desk.cancelled()) == ["a", "b", "trong"]


# --- called processes ---------------------------------------------------------------------------

CALLED = d.definitions(
    d.body(
        d.start("cs"),
        d.user("ca", camunda__assignee="=nguoi"),
        d.end("ce"),
        d.chain("cs", "ca", "ce"),
        key="con",
    )
)


def calling(*inner: str, **attributes: str) -> bytes:
    call = d.node("callActivity", "goi", *inner, calledElement="con", **attributes)
    return d.process(d.start(), call, d.user("z"), d.chain("s", "goi", "z"))


def test_a_called_process_has_its_own_variables(play, shelf):
    shelf.add(CALLED, "con")
    passing = d.extensions(
        '<camunda:in source="an" target="nguoi"/><camunda:in sourceExpression="=so + 1" target="so"/>'
        '<camunda:in businessKey="=ma"/><camunda:out source="ket_qua" target="kq"/>'
    )
    desk = play(calling(passing), {"an": "binh", "so": 1, "ma": "HS-1"})
    assert desk.at == ["ca"]
    (begun,) = desk.seen(CalledInstanceStarted)
    assert begun.definition_id == "con:1"
    assert desk.seen(UserTaskOpened)[0].assignee == "binh"
    assert desk.snapshot.variables[begun.scope] == {"nguoi": "binh", "so": 2}
    desk.finish("ca", {"ket_qua": "đạt", "rieng": 1})
    assert desk.at == ["z"]
    assert desk.variables == {"an": "binh", "so": 1, "ma": "HS-1", "kq": "đạt"}
    (ended,) = desk.seen(CalledInstanceEnded)
    assert (ended.scope, ended.outcome) == (begun.scope, Outcome.COMPLETED)


def test_everything_may_be_passed(play, shelf):
    shelf.add(CALLED, "con")
    everything = d.extensions('<camunda:in variables="all"/><camunda:out variables="all"/>')
    desk = play(calling(everything), {"nguoi": "an"})
    desk.finish("ca", {"moi": 1})
    assert desk.variables == {"nguoi": "an", "moi": 1}


def test_local_mappings_see_what_the_call_itself_has(play, shelf):
    shelf.add(CALLED, "con")
    passing = d.extensions(
        '<camunda:inputOutput><camunda:inputParameter name="rieng">=so + 1'
        "</camunda:inputParameter></camunda:inputOutput>"
        '<camunda:in source="rieng" target="a" local="true"/>'
        '<camunda:in source="so" target="b" local="true"/>'
        '<camunda:in sourceExpression="=rieng * 2" target="c" local="true"/>'
        '<camunda:in sourceExpression="chữ" target="d"/>'
    )
    desk = play(calling(passing), {"so": 1})
    (begun,) = desk.seen(CalledInstanceStarted)
    assert desk.snapshot.variables[begun.scope] == {"a": 2, "b": None, "c": 4, "d": "chữ"}


@pytest.mark.parametrize(
    ("mapping", "passed"),
    [
        ('<camunda:in variables="all" local="true"/>', {}),
        ('<camunda:in source="so" target="b" local="true"/>', {"b": None}),
        ('<camunda:in sourceExpression="=so" target="b" local="true"/>', {"b": None}),
    ],
)
def test_a_call_without_variables_of_its_own_passes_nothing_local(play, shelf, mapping, passed):
    shelf.add(CALLED, "con")
    desk = play(calling(d.extensions(mapping)), {"so": 1})
    (begun,) = desk.seen(CalledInstanceStarted)
    assert desk.snapshot.variables.get(begun.scope, {}) == passed


def test_a_local_expression_does_not_know_what_is_outside(play, shelf):
    shelf.add(CALLED, "con")
    passing = d.extensions('<camunda:in sourceExpression="${so}" target="b" local="true"/>')
    desk = play(calling(passing), {"so": 1})
    assert "so" in desk.incidents[0]


def test_a_call_says_which_version_it_means(play, shelf):
    shelf.add(CALLED, "con")
    play(
        calling(
            camunda__calledElementBinding="versionTag", camunda__calledElementVersionTag="${nhan}"
        ),
        {"nhan": "1.2"},
    )
    assert shelf.asked[-1] == {
        "key": "con",
        "by": "p:1",
        "binding": "versionTag",
        "version": None,
        "version_tag": "1.2",
    }


def test_a_process_that_is_not_there_is_an_incident(play):
    desk = play(calling())
    assert "con" in desk.incidents[0]
    assert desk.at == ["goi"]


def test_a_process_that_calls_itself_for_ever_is_stopped(play):
    call = d.node("callActivity", "goi", calledElement="p")
    desk = play(d.process(d.start(), call, d.chain("s", "goi")))
    assert "50 tầng" in desk.incidents[0]


def test_an_error_leaves_a_called_process(play, shelf):
    shelf.add(
        d.definitions(
            d.error(),
            d.body(
                d.start("cs"),
                d.script("ct", "ly_do = 1 + 1"),
                d.end("ce", d.on_error()),
                d.chain("cs", "ct", "ce"),
                key="con",
            ),
        ),
        "con",
    )
    out = d.extensions('<camunda:out source="ly_do" target="vi_sao"/>')
    call = d.node("callActivity", "goi", out, calledElement="con")
    desk = play(
        d.process(
            d.start(),
            call,
            d.user("z"),
            d.boundary("x", "goi", d.on_error()),
            d.chain("s", "goi"),
            d.chain("x", "z"),
            around=d.error(),
        )
    )
    assert desk.at == ["z"]
    assert desk.seen(CalledInstanceEnded)[0].outcome is Outcome.CANCELLED
    assert desk.variables == {"vi_sao": 2}


def test_cancelling_needs_the_called_processes(play, shelf):
    shelf.add(CALLED, "con")
    desk = play(calling(), {"nguoi": "an"})
    desk.restored = True
    with pytest.raises(InvalidState):
        desk.program.cancel(desk._given(), at=NOON)
    desk.do("cancel")
    assert desk.ended.outcome is Outcome.CANCELLED
    assert desk.seen(CalledInstanceEnded)


# --- ad-hoc -------------------------------------------------------------------------------------


def ad_hoc(completion: str = "", **attributes: str) -> bytes:
    condition = f"<completionCondition>{completion}</completionCondition>" if completion else ""
    inner = d.node(
        "adHocSubProcess",
        "tuy",
        condition,
        d.user("a"),
        d.user("b"),
        d.user("c"),
        d.chain("b", "c"),
        **attributes,
    )
    return d.process(d.start(), inner, d.user("z"), d.chain("s", "tuy", "z"))


def test_people_choose_the_steps_of_an_ad_hoc_sub_process(play):
    desk = play(ad_hoc())
    (offered,) = desk.seen(StepsOffered)
    assert offered.elements == ("a", "b")
    desk.do("choose", offered.token, "b")
    desk.do("choose", offered.token, "a")
    desk.do("choose", offered.token, "a")
    assert desk.at == ["a", "a", "b"]
    desk.finish("b")
    assert desk.at == ["a", "a", "c"]
    with pytest.raises(InvalidState):
        desk.do("choose", offered.token, "c")
    desk.do("finish", offered.token, {"xong": True})
    assert desk.at == ["z"]
    assert sorted(desk.cancelled()) == ["a", "a", "c"]


def test_a_completion_condition_closes_it(play):
    desk = play(ad_hoc("du = true"))
    (offered,) = desk.seen(StepsOffered)
    desk.do("choose", offered.token, "a")
    desk.do("choose", offered.token, "b")
    desk.finish("a", {"du": True})
    assert desk.at == ["z"]


def test_remaining_steps_may_be_finished_first(play):
    desk = play(ad_hoc("du = true", cancelRemainingInstances="false"))
    (offered,) = desk.seen(StepsOffered)
    desk.do("choose", offered.token, "a")
    desk.do("choose", offered.token, "a")
    desk.finish("a", {"du": True})
    assert desk.at == ["a"]
    desk.finish("a")
    assert desk.at == ["z"]


def test_ordered_steps_come_one_at_a_time(play):
    desk = play(ad_hoc(ordering="Sequential"))
    (offered,) = desk.seen(StepsOffered)
    desk.do("choose", offered.token, "a")
    with pytest.raises(InvalidState):
        desk.do("choose", offered.token, "b")
