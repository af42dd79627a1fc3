"""A diagram among its files, and what it may name."""

import pytest

from app.domain.engine import DrawingStates, Problem, Severity, Vocabulary
from app.domain.errors import InvalidInput
from app.engine.room import EngineRoom
from tests.engine import diagrams as d

WORDS = Vocabulary(
    roles=frozenset(("specialist", "reception")),
    agencies=frozenset(("provider",)),
    topics={"buu_dien.tao_don": frozenset(("nguoi_nhan", "dia_chi"))},
    clocks=frozenset(("K1", "K2")),
    process_keys=frozenset(("da_co",)),
)
DMN = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="phi" name="Phi"><variable id="v" name="phi"/><literalExpression id="l"><text>1</text>
</literalExpression></decision></definitions>"""


@pytest.fixture
def room() -> EngineRoom:
    def check_form(file: str, source: bytes) -> list[Problem]:
        if source == b"hong":
            return [Problem(Severity.ERROR, "form", "Biểu mẫu hỏng.", file)]
        return []

    return EngineRoom(check_form)


def found(room: EngineRoom, *parts: str, **files: bytes) -> set[tuple[str, str]]:
    named = {name.replace("__", "."): source for name, source in files.items()}
    problems = room.check({"x.bpmn": d.process(*parts), **named}, WORDS)
    return {(one.code, one.element_id) for one in problems}


def good(*more: str, **attributes: str) -> str:
    return d.user("a", *more, camunda__candidateGroups="specialist", **attributes)


def sound(task: str) -> tuple[str, ...]:
    return d.start(), task, d.end(), d.chain("s", "a", "e")


def test_a_sound_set_has_no_problem(room):
    assert found(room, *sound(good(camunda__formKey="don")), don__form=b"{}") == set()


@pytest.mark.parametrize(
    ("task", "code"),
    [
        (d.user("a", camunda__candidateGroups="vua"), "role"),
        (d.user("a"), "nobody"),
        (good(lm__agency="ai_do"), "agency"),
        (good(camunda__formKey="khong_co"), "form"),
        (good(d.extensions('<lm:clock kind="K99"/>')), "clock"),
        (good(d.extensions('<lm:clock kind="K1" action="nhảy"/>')), "clock"),
        (good(d.extensions('<lm:clock kind="K1" on="lúc nào"/>')), "clock"),
        (d.external("a", topic="la.la"), "topic"),
        (d.external("a", d.mapping({"dia_chi": "x"}), topic="buu_dien.tao_don"), "parameter"),
        (d.node("callActivity", "a", calledElement="khong_co"), "called-process"),
        (d.node("businessRuleTask", "a", camunda__decisionRef="khong_co"), "decision"),
    ],
)
def test_what_is_named_must_be_there(room, task, code):
    assert (code, "a") in found(room, *sound(task))


@pytest.mark.parametrize(
    "task",
    [
        good(lm__agency="provider"),
        good(d.extensions('<lm:clock kind="K1" on="leave" action="stop"/>')),
        d.external("a", d.mapping({"dia_chi": "x", "nguoi_nhan": "y"}), topic="buu_dien.tao_don"),
        d.external("a", topic="worker.ky_so"),
        d.node(
            "businessRuleTask",
            "a",
            camunda__decisionRef="phi",
            camunda__decisionRefBinding="versionTag",
            camunda__decisionRefVersionTag="1",
        ),
        d.node("callActivity", "a", calledElement="da_co"),
        d.node("callActivity", "a", calledElement="p"),
        d.node("callActivity", "a", calledElement="${quy_trinh}"),
        d.node("businessRuleTask", "a", camunda__decisionRef="phi"),
        d.user("a", camunda__assignee="${nguoi}"),
    ],
)
def test_what_is_there_may_be_named(room, task):
    problems = found(room, *sound(task), phi__dmn=DMN)
    assert not {code for code, _ in problems} - {"no-form", "no-name"}


def test_unreachable_elements_are_errors(room):
    problems = found(room, *sound(good()), d.user("la", camunda__assignee="x"))
    assert ("unreachable", "la") in problems


def test_what_only_events_reach_is_reachable(room):
    inner = d.sub(
        "ep", d.start("es", d.after()), d.end("ee"), d.chain("es", "ee"), triggeredByEvent="true"
    )
    problems = found(room, *sound(good()), inner)
    assert "unreachable" not in {code for code, _ in problems}


@pytest.mark.parametrize(
    ("parts", "code", "element"),
    [
        (sound(d.node("manualTask", "a")), "no-name", "a"),
        ((d.start(), good(), d.chain("s", "a")), "dead-end", "a"),
        (sound(good()), "no-form", "a"),
        (
            (
                d.start(),
                d.node("inclusiveGateway", "g"),
                good(),
                d.user("b", camunda__assignee="x"),
                d.end(),
                d.flow("s", "g"),
                d.flow("g", "a", "x = 1"),
                d.flow("g", "b", "x = 2"),
                d.chain("a", "e"),
                d.chain("b", "e"),
            ),
            "no-default",
            "g",
        ),
    ],
)
def test_warnings(room, parts, code, element):
    problems = room.check({"x.bpmn": d.process(*parts)}, WORDS)
    warnings = {(one.code, one.element_id) for one in problems if one.severity is Severity.WARNING}
    assert (code, element) in warnings


def test_an_error_without_catcher_is_a_warning(room):
    bpmn = d.process(d.start(), d.end("e", d.on_error()), d.chain("s", "e"), around=d.error())
    assert [one.code for one in room.check({"x.bpmn": bpmn}, WORDS)] == ["uncaught-error"]


def test_a_caught_error_is_no_warning(room):
    inner = d.sub("t", d.start("s2"), d.end("e2", d.on_error()), d.chain("s2", "e2"))
    bpmn = d.process(
        d.start(),
        inner,
        d.end(),
        d.boundary("x", "t", d.on_error()),
        d.chain("s", "t", "e"),
        d.chain("x", "e"),
        around=d.error(),
    )
    assert [one.code for one in room.check({"x.bpmn": bpmn}, WORDS)] == ["no-name"]


def test_forms_and_decisions_are_checked_with_the_set(room):
    problems = found(room, *sound(good(camunda__formKey="don")), don__form=b"hong", x__dmn=b"<x/>")
    assert {code for code, _ in problems} == {"form", "decision"}
    problems = found(room, *sound(good()), x__dmn=b"<x")
    assert "malformed" in {code for code, _ in problems}


def test_one_process_in_two_files(room):
    bpmn = d.process(*sound(good()))
    problems = room.check({"x.bpmn": bpmn, "y.bpmn": bpmn}, WORDS)
    assert ("same-process", "p") in {(one.code, one.element_id) for one in problems}


def test_the_outline_tells_what_a_file_declares(room):
    bpmn = d.definitions(
        d.message(),
        d.signal(),
        d.body(
            d.start("s", camunda__formKey="dang_ky"),
            d.start("s2", d.on_message()),
            d.start("s3", d.on_signal()),
            d.start("s4", d.every("R/P1D")),
            d.user("a", camunda__formKey="tham_dinh"),
            d.chain("s", "a"),
            d.chain("s2", "a"),
            d.chain("s3", "a"),
            d.chain("s4", "a"),
            key="mot",
            attributes='camunda:versionTag="1.0" camunda:historyTimeToLive="P180D"',
        ),
        d.body(d.start("t"), key="hai"),
    )
    one, two = room.outline(bpmn)
    assert (one.key, one.name, one.version_tag, one.history_days) == (
        "mot",
        "Quy trình",
        "1.0",
        180,
    )
    assert one.start_form_key == "dang_ky"
    assert one.form_keys == {"dang_ky", "tham_dinh"}
    assert (one.start_messages, one.start_signals, one.start_timers) == (
        ("m",),
        ("sig",),
        ("R/P1D",),
    )
    assert [(start.element, start.kind, start.name) for start in one.starts] == [
        ("s2", "message", "m"),
        ("s3", "signal", "sig"),
        ("s4", "timer", ""),
    ]
    assert (two.key, two.start_form_key, two.history_days) == ("hai", None, None)


def test_an_outline_of_nonsense_is_refused(room):
    with pytest.raises(InvalidInput):
        room.outline(b"<x")


def test_a_program_lists_its_steps_in_flow_order(room):
    bpmn = d.process(
        d.end(),
        d.user("b"),
        d.user("a"),
        d.start(),
        d.chain("s", "a", "b", "e"),
        d.boundary("x", "a", d.after()),
        d.flow("x", "e"),
    )
    steps = room.compile("p:1", "p", bpmn).elements()
    assert [one.id for one in steps] == ["s", "a", "b", "e", "x"]
    assert steps[1].next_names == ("B",)


def test_a_diagram_is_drawn(room):
    picture = room.draw(
        d.process(*sound(good())), DrawingStates(active=frozenset("a")), title="Hồ sơ", around=1
    )
    assert picture.startswith("<svg")


# --- ad-hoc sub-processes -------------------------------------------------------------------------


def choosing(*inner: str, **attributes: str) -> tuple[str, ...]:
    box = d.node("adHocSubProcess", "tuy", *inner, name="Tuỳ chọn", **attributes)
    return d.start(), box, d.end(), d.chain("s", "tuy", "e")


def test_steps_to_choose_are_sound(room):
    assert found(room, *choosing(good(camunda__formKey="don")), don__form=b"{}") == set()
    named = {"camunda__candidateGroups": "specialist", "lm__agency": "provider"}
    assert found(room, *choosing(d.script("a", "x = 1"), **named)) == {("no-name", "a")}


@pytest.mark.parametrize(
    ("inner", "attributes", "code", "element"),
    [
        ((), {}, "ad-hoc-empty", "tuy"),
        ((d.node("intermediateThrowEvent", "i"),), {}, "ad-hoc-empty", "tuy"),
        ((good(), d.node("intermediateThrowEvent", "i")), {}, "unreachable", "i"),
        ((d.script("a", "x = 1"),), {}, "nobody", "tuy"),
        ((good(),), {"camunda__candidateGroups": "vua"}, "role", "tuy"),
        ((good(),), {"lm__agency": "xa"}, "agency", "tuy"),
        (
            (
                good(),
                d.user("b", camunda__candidateGroups="specialist", lm__agency="portal_manager"),
            ),
            {},
            "ad-hoc-agencies",
            "tuy",
        ),
    ],
)
def test_steps_to_choose_that_make_no_sense(room, inner, attributes, code, element):
    assert (code, element) in found(room, *choosing(*inner, **attributes))
