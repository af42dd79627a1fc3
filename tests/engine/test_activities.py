"""Tasks of every kind, their mappings, async boundaries and incidents."""

from datetime import datetime, timedelta

import pytest

from app.domain.engine import (
    ClockTouched,
    IncidentCleared,
    JobClosed,
    JobCreated,
    JobKind,
    MessageThrown,
    Outcome,
    SubscriptionOpened,
    UserTaskClosed,
    UserTaskOpened,
    VariablesSet,
    WorkingDuration,
)
from app.domain.errors import InvalidInput, InvalidState
from app.engine.activities import mapped_result
from app.engine.faults import Fault
from app.engine.xml import parse_xml
from app.feel.decisions import Decisions
from tests.engine import diagrams as d
from tests.engine.desk import NOON


def test_a_user_task_opens_with_what_the_drawing_says(play):
    desk = play(
        d.straight(
            d.user(
                "a",
                camunda__assignee="${nguoi}",
                camunda__candidateGroups="specialist, unit_head",
                camunda__candidateUsers="=nhom",
                camunda__formKey="tham_dinh",
                camunda__priority="70",
                camunda__dueDate="P2D",
                camunda__followUpDate="2026-03-09T08:00",
                lm__unit="=don_vi",
                lm__agency="provider",
                lm__publicName="Đang thẩm định",
            ),
            identifiers=("a",),
        ),
        {"nguoi": "an", "nhom": ["binh", "cuc"], "don_vi": "phong-1"},
    )
    (task,) = desk.seen(UserTaskOpened)
    assert task.name == "A"
    assert task.assignee == "an"
    assert task.candidate_groups == ("specialist", "unit_head")
    assert task.candidate_users == ("binh", "cuc")
    assert task.form_key == "tham_dinh"
    assert task.priority == 70
    assert task.due == NOON + timedelta(days=2)
    assert task.follow_up == datetime.fromisoformat("2026-03-09T08:00+07:00")
    assert (task.unit, task.agency, task.public_name) == ("phong-1", "provider", "Đang thẩm định")


def test_a_due_duration_is_left_to_the_calendar(play):
    desk = play(d.straight(d.user("a", lm__dueDuration="16 working_hour"), identifiers=("a",)))
    assert desk.seen(UserTaskOpened)[0].due == WorkingDuration(16, "working_hour")


def test_a_lane_lends_its_agency_and_roles(play):
    lanes = (
        '<laneSet id="ls"><lane id="l" name="Một cửa" lm:agency="provider"'
        ' camunda:candidateGroups="reception"><flowNodeRef>a</flowNodeRef></lane></laneSet>'
    )
    desk = play(d.process(lanes, d.start(), d.user("a"), d.end(), d.chain("s", "a", "e")))
    (task,) = desk.seen(UserTaskOpened)
    assert (task.lane, task.agency, task.candidate_groups) == (
        "Một cửa",
        "provider",
        ("reception",),
    )


def test_finishing_a_task_sets_variables_and_ends_the_instance(play):
    desk = play(d.straight(d.user("a"), identifiers=("a",)), {"so": 1})
    desk.finish("a", {"ket_qua": "đạt"})
    assert desk.variables == {"so": 1, "ket_qua": "đạt"}
    assert desk.ended.outcome is Outcome.COMPLETED
    assert desk.path() == ["s", "a", "e"]


def test_a_token_of_a_finished_task_is_of_no_use_any_more(play):
    desk = play(d.straight(d.user("a"), d.user("b"), identifiers=("a", "b")))
    old = desk.token("a")
    desk.finish("a")
    with pytest.raises(InvalidState):
        desk.do("finish", old, {})
    assert desk.at == ["b"]


def test_variable_names_from_outside_are_checked(play):
    desk = play(d.straight(d.user("a"), identifiers=("a",)))
    with pytest.raises(InvalidInput):
        desk.finish("a", {"_x": 1})
    with pytest.raises(InvalidInput):
        desk.finish("a", {"a.b": 1})


def test_a_service_task_is_a_job_with_its_parameters(play):
    desk = play(
        d.straight(
            d.external(
                "goi",
                d.extensions(
                    '<camunda:inputOutput><camunda:inputParameter name="ma">=upper case(ten)'
                    "</camunda:inputParameter></camunda:inputOutput>"
                    "<camunda:failedJobRetryTimeCycle>R5/PT10S</camunda:failedJobRetryTimeCycle>"
                ),
                topic="buu_dien.tao_don",
                camunda__taskPriority="9",
            ),
            identifiers=("goi",),
        ),
        {"ten": "an"},
    )
    (job,) = desk.seen(JobCreated)
    assert job.kind is JobKind.EXTERNAL
    assert (job.topic, job.parameters) == ("buu_dien.tao_don", {"ma": "AN"})
    assert (job.retries, job.retry_every, job.priority) == (5, (10.0,), 9)
    desk.finish("goi", {"don": "B1"})
    assert desk.variables == {"ten": "an", "don": "B1"}
    assert desk.ended is not None


def test_growing_pauses_between_attempts(play):
    cycle = "<camunda:failedJobRetryTimeCycle>PT1M,PT5M,PT1H</camunda:failedJobRetryTimeCycle>"
    desk = play(d.straight(d.external("goi", d.extensions(cycle)), identifiers=("goi",)))
    (job,) = desk.seen(JobCreated)
    assert (job.retries, job.retry_every) == (4, (60.0, 300.0, 3600.0))


@pytest.mark.parametrize(
    ("variables", "priority"),
    [({"uu_tien": 22}, 22), ({"uu_tien": -1}, -1), ({}, 50)],
)
@pytest.mark.parametrize("kind", ["job", "task"])
def test_a_job_whose_priority_cannot_be_computed_has_the_usual_one(play, kind, variables, priority):
    task = (
        d.user("a", camunda__asyncBefore="true", camunda__jobPriority="${uu_tien}")
        if kind == "job"
        else d.external("a", camunda__taskPriority="${uu_tien}")
    )
    desk = play(d.straight(task, identifiers=("a",)), variables)
    (job,) = desk.seen(JobCreated)
    assert job.priority == priority


@pytest.mark.parametrize("value", [None, "cao", "5", 4.2, True])
def test_a_priority_that_is_no_integer_is_an_incident(play, value):
    task = d.user("a", camunda__asyncBefore="true", camunda__jobPriority="${uu_tien}")
    desk = play(d.straight(task, identifiers=("a",)), {"uu_tien": value})
    assert "số nguyên" in desk.incidents[0]


def test_behind_an_async_boundary_each_chosen_flow_has_a_job_of_its_own(play):
    """Chosen before the boundary, as in Camunda: what is written meanwhile changes nothing."""
    desk = play(
        d.process(
            d.start(),
            d.user("a", camunda__asyncAfter="true"),
            d.user("b"),
            d.user("c"),
            d.user("e"),
            d.chain("s", "a"),
            d.flow("a", "b", "x > 1"),
            d.flow("a", "c", "x > 2"),
            d.flow("a", "e", "x > 3"),
        )
    )
    desk.finish("a", {"x": 3})
    assert desk.at == ["a", "a"]
    assert len(desk.new(JobCreated)) == 2
    desk.do("set_variables", {"x": 0})
    desk.resume("a")
    assert desk.at == ["a", "b"]
    desk.resume("a")
    assert desk.at == ["b", "c"]
    assert desk.path().count("a") == 1


def test_flows_that_cannot_be_chosen_before_an_async_boundary_are_chosen_again(play):
    desk = play(
        d.process(
            d.start(),
            d.user("a", camunda__asyncAfter="true"),
            d.user("b"),
            d.user("c"),
            d.chain("s", "a"),
            d.flow("a", "b", "${x == 1}"),
            d.flow("a", "c", "${x == 2}"),
        )
    )
    desk.finish("a")
    assert "x" in desk.incidents[0]
    desk.do("set_variables", {"x": 2})
    desk.resume("a")
    desk.resume("a")
    assert (desk.at, desk.incidents) == (["c"], [])


RETRIED = "<camunda:failedJobRetryTimeCycle>${chu_ky}</camunda:failedJobRetryTimeCycle>"


@pytest.mark.parametrize(
    ("written", "retries", "pauses"),
    [
        ("R4/PT5M", 4, (300.0,)),
        ("PT1M,PT1H", 3, (60.0, 3600.0)),
        ("mãi", None, ()),
        (None, None, ()),
    ],
)
def test_a_retry_cycle_is_computed_when_the_job_is_made(play, written, retries, pauses):
    task = d.external("goi", d.extensions(RETRIED))
    desk = play(d.straight(task, identifiers=("goi",)), {"chu_ky": written})
    (job,) = desk.seen(JobCreated)
    assert (job.retries, job.retry_every) == (retries, pauses)


def test_a_retry_cycle_of_a_variable_that_is_missing_is_an_incident(play):
    task = d.user("a", d.extensions(RETRIED), camunda__asyncBefore="true")
    desk = play(d.straight(task, identifiers=("a",)))
    assert "chu_ky" in desk.incidents[0]


def ruled(condition: str, *more: str) -> bytes:
    rule = f'<camunda:errorEventDefinition id="r" errorRef="LOI" expression="{condition}"/>'
    return d.process(
        d.start(),
        d.external("goi", d.extensions(rule, *more)),
        d.boundary("hong", "goi", d.on_error()),
        d.user("b"),
        d.chain("s", "goi"),
        d.chain("hong", "b"),
        around=d.error(),
    )


def test_a_failure_that_a_rule_knows_is_an_error(play):
    desk = play(ruled("${externalTask.errorMessage == 'hết hạn'}"))
    token = desk.token("goi")
    desk.do("attempt_failed", token, "khác", "", {"lan": 1})
    assert (desk.at, desk.variables) == (["goi"], {"lan": 1})
    assert desk.last == [VariablesSet(token, "goi", "0", {"lan": 1})]
    desk.do("attempt_failed", token, "hết hạn")
    assert desk.at == ["b"]
    assert desk.new(JobClosed)


def test_a_rule_that_cannot_be_computed_leaves_the_failure_as_it_is(play):
    desk = play(ruled("${khong_co}"))
    desk.do("attempt_failed", desk.token("goi"), "hỏng")
    assert (desk.at, desk.last) == (["goi"], [])


def test_what_a_worker_keeps_local_feeds_rules_and_outputs_only(play):
    desk = play(ruled("${ma == 'X'}"))
    desk.do("attempt_failed", desk.token("goi"), "hỏng", local={"ma": "X"})
    assert (desk.at, desk.variables) == (["b"], {})
    mapping = (
        '<camunda:inputOutput><camunda:outputParameter name="ra">=trong * 2'
        "</camunda:outputParameter></camunda:inputOutput>"
    )
    done = play(ruled("=false", mapping))
    done.do("finish", done.token("goi"), {"ngoai": 1}, local={"trong": 4})
    assert done.variables == {"ngoai": 1, "ra": 8}


def test_only_an_external_job_can_fail_for_now(play):
    desk = play(d.straight(d.user("a"), identifiers=("a",)))
    with pytest.raises(InvalidState):
        desk.do("attempt_failed", desk.token("a"), "hỏng")


def test_a_known_failure_that_nobody_catches_is_an_incident(play):
    rule = '<camunda:errorEventDefinition id="r" errorRef="LOI" expression="=true"/>'
    task = d.external("goi", d.extensions(rule))
    desk = play(d.straight(task, identifiers=("goi",), around=d.error()))
    desk.do("attempt_failed", desk.token("goi"), "hỏng")
    assert "LOI" in desk.incidents[0]
    assert desk.new(JobClosed)


def test_an_interrupted_activity_hands_out_what_it_can(play):
    mapping = d.mapping({"x": "=1"}, {"ra": "=x + 1", "loi": "${chua_co}", "sau": "=3"})
    desk = play(
        d.process(
            d.start(),
            d.user("a", mapping),
            d.boundary("k", "a", d.after("PT1H")),
            d.user("b"),
            d.chain("s", "a"),
            d.chain("k", "b"),
        )
    )
    desk.fire("k")
    assert (desk.at, desk.incidents) == (["b"], [])
    assert desk.variables == {"ra": 2}


def test_a_cancelled_instance_hands_out_nothing(play):
    desk = play(d.straight(d.user("a", d.mapping({}, {"ra": "=1"})), identifiers=("a",)))
    desk.do("cancel")
    assert desk.new(VariablesSet) == []


def test_a_job_without_attempts_becomes_an_incident_and_can_be_retried(play):
    desk = play(d.straight(d.external("goi"), identifiers=("goi",)))
    desk.fail("goi", "hệ thống kia không trả lời")
    assert desk.incidents == ["hệ thống kia không trả lời"]
    assert desk.at == ["goi"]
    with pytest.raises(InvalidState):
        desk.finish("goi")
    desk.resume("goi")
    assert desk.new(IncidentCleared)
    assert len(desk.new(JobCreated)) == 1
    desk.finish("goi")
    assert desk.ended is not None


def test_an_expression_of_a_service_task(play):
    task = d.node(
        "serviceTask", "tinh", camunda__expression="=phi * 2", camunda__resultVariable="gap_doi"
    )
    desk = play(d.straight(task, identifiers=("tinh",)), {"phi": 4000})
    assert desk.variables["gap_doi"] == 8000


def test_a_script_is_a_list_of_assignments(play):
    text = "// tính phí\nle_phi = 8000 * so_ban\ntong = le_phi +\n  phu_phi\n"
    desk = play(
        d.straight(d.script("tinh", text), identifiers=("tinh",)), {"so_ban": 2, "phu_phi": 500}
    )
    assert desk.variables["le_phi"] == 16000
    assert desk.variables["tong"] == 16500


def test_input_and_output_mappings_keep_the_inside_inside(play):
    mapping = d.mapping({"noi_bo": "=so + 1"}, {"ra": "=noi_bo * 10"})
    desk = play(d.straight(d.user("a", mapping), identifiers=("a",)), {"so": 1})
    assert "noi_bo" not in desk.variables
    desk.finish("a", {"noi_bo": 7})
    assert desk.variables == {"so": 1, "ra": 70}


def test_lists_and_maps_in_mappings(play):
    mapping = d.extensions(
        '<camunda:inputOutput><camunda:outputParameter name="ra"><camunda:map>'
        '<camunda:entry key="a">=1 + 1</camunda:entry>'
        '<camunda:entry key="b"><camunda:list><camunda:value>x</camunda:value>'
        "<camunda:value>=so</camunda:value></camunda:list></camunda:entry>"
        "</camunda:map></camunda:outputParameter></camunda:inputOutput>"
    )
    desk = play(d.straight(d.user("a", mapping), identifiers=("a",)), {"so": 3})
    desk.finish("a")
    assert desk.variables["ra"] == {"a": 2, "b": ["x", 3]}


def test_a_mapping_that_fails_parks_the_token_and_runs_again(play):
    mapping = d.mapping({"x": "${chua_co}"})
    desk = play(d.straight(d.user("a", mapping), identifiers=("a",)))
    assert "chua_co" in desk.incidents[0]
    assert not desk.seen(UserTaskOpened)
    desk.do("set_variables", {"chua_co": 5})
    desk.resume("a")
    assert desk.new(UserTaskOpened)
    assert desk.path() == ["s", "a"]


def test_async_before_and_after_are_jobs(play):
    desk = play(
        d.straight(
            d.user("a", camunda__asyncBefore="true", camunda__asyncAfter="true"), identifiers=("a",)
        )
    )
    assert not desk.seen(UserTaskOpened)
    assert desk.seen(JobCreated)[0].kind is JobKind.CONTINUATION
    desk.resume("a")
    assert desk.new(JobClosed)
    desk.finish("a")
    assert desk.ended is None
    assert desk.new(UserTaskClosed)
    desk.resume("a")
    assert desk.ended is not None
    assert desk.path() == ["s", "a", "e"]


def test_async_after_a_gateway_remembers_its_choice(play):
    desk = play(
        d.process(
            d.start(),
            d.node("exclusiveGateway", "g", default="g-b", camunda__asyncAfter="true"),
            d.user("a"),
            d.user("b"),
            d.chain("s", "g"),
            d.flow("g", "a", "x = 1"),
            d.flow("g", "b"),
        ),
        {"x": 1},
    )
    desk.do("set_variables", {"x": 2})
    desk.resume("g")
    assert desk.at == ["a"]


def test_send_and_receive(play):
    desk = play(
        d.straight(
            d.node("sendTask", "gui", messageRef="m", lm__key="=ma"),
            d.node("receiveTask", "nhan", messageRef="m", lm__key="=ma"),
            identifiers=("gui", "nhan"),
            around=d.message(),
        ),
        {"ma": "HS-1"},
    )
    (thrown,) = desk.seen(MessageThrown)
    assert (thrown.name, thrown.key) == ("m", "HS-1")
    (waiting,) = desk.seen(SubscriptionOpened)
    assert (waiting.name, waiting.key) == ("m", "HS-1")
    desk.tell("nhan", {"tra_loi": True})
    assert desk.variables["tra_loi"] is True
    assert desk.ended is not None


def test_a_receive_task_without_message_is_finished_by_hand(play):
    desk = play(d.straight(d.node("receiveTask", "cho"), identifiers=("cho",)))
    desk.finish("cho", {"xong": True})
    assert desk.ended is not None


def test_a_business_rule_task_asks_a_decision(play, shelf):
    dmn = b"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d"
      namespace="n"><decision id="phi" name="Phi"><variable id="v" name="phi"/>
      <literalExpression id="l"><text>so_ban * 8000</text></literalExpression></decision></definitions>"""
    shelf.decisions["phi"] = Decisions.parse(parse_xml(dmn))
    task = d.node(
        "businessRuleTask",
        "tinh",
        camunda__decisionRef="phi",
        camunda__resultVariable="le_phi",
        camunda__mapDecisionResult="singleEntry",
    )
    desk = play(d.straight(task, identifiers=("tinh",)), {"so_ban": 3})
    assert desk.variables["le_phi"] == 24000
    assert shelf.asked[-1]["by"] == "p:1"


def test_a_missing_decision_is_an_incident(play):
    task = d.node("businessRuleTask", "tinh", camunda__decisionRef="khong_co")
    desk = play(d.straight(task, identifiers=("tinh",)))
    assert "khong_co" in desk.incidents[0]


def test_clocks_are_touched_on_the_way(play):
    marks = d.extensions(
        '<lm:clock kind="K3" on="enter" action="start"/><lm:clock kind="K3" on="leave" action="stop"/>'
        '<lm:clock kind="K4" on="leave" action="start"/>'
    )
    desk = play(d.straight(d.user("a", marks), identifiers=("a",)))
    assert [(one.kind, one.action) for one in desk.seen(ClockTouched)] == [("K3", "start")]
    desk.finish("a")
    assert [(one.kind, one.action) for one in desk.new(ClockTouched)] == [
        ("K3", "stop"),
        ("K4", "start"),
    ]


def test_conditional_flows_leave_any_activity(play):
    bpmn = d.process(
        d.start(),
        d.user("a", default="a-d"),
        d.user("b"),
        d.user("c"),
        d.user("d"),
        d.chain("s", "a"),
        d.flow("a", "b", "x > 1"),
        d.flow("a", "c", "x > 2"),
        d.flow("a", "d"),
    )
    both = play(bpmn, {"x": 3})
    both.finish("a")
    assert both.at == ["b", "c"]
    none = play(bpmn, {"x": 0})
    none.finish("a")
    assert none.at == ["d"]


def test_no_flow_to_take_is_an_incident_that_can_be_mended(play):
    bpmn = d.process(
        d.start(), d.user("a"), d.end(), d.chain("s", "a"), d.flow("a", "e", "dung = true")
    )
    desk = play(bpmn)
    desk.finish("a", {"dung": False})
    assert "không" in desk.incidents[0].lower()
    desk.do("set_variables", {"dung": True})
    desk.resume("a")
    assert desk.ended is not None


def test_a_condition_must_say_yes_or_no(play):
    bpmn = d.process(d.start(), d.user("a"), d.end(), d.chain("s", "a"), d.flow("a", "e", "1 + 1"))
    desk = play(bpmn)
    desk.finish("a")
    assert "1 + 1" in desk.incidents[0]


def test_cancel_ends_everything_and_says_so(play):
    desk = play(
        d.process(
            d.start(),
            d.user("a"),
            d.external("b"),
            d.chain("s", "a"),
            d.chain("s", "b"),
            d.boundary("t", "a", d.after()),
        )
    )
    desk.do("cancel")
    assert desk.ended.outcome is Outcome.CANCELLED
    assert sorted(desk.cancelled()) == ["a", "b"]
    assert desk.new(UserTaskClosed)[0].cancelled
    assert desk.new(JobClosed)
    assert desk.at == []


def test_variables_set_from_outside_are_told(play):
    desk = play(d.straight(d.user("a"), identifiers=("a",)))
    desk.do("set_variables", {"x": [1, 2]})
    (fact,) = desk.new(VariablesSet)
    assert (fact.token, fact.element, fact.values) == (0, "", {"x": [1, 2]})


def test_what_came_in_is_never_changed(shelf):
    program = shelf.add(d.straight(d.user("a"), d.script("b", "x = x + 1"), identifiers=("a", "b")))
    first = program.start({"x": 1}, at=NOON, programs=shelf)
    tokens, variables = first.snapshot.tokens, {"0": {"x": 1}}
    task = next(one for one in first.facts if isinstance(one, UserTaskOpened))
    for _ in range(3):
        step = program.finish(first.snapshot, task.token, {"y": 2}, at=NOON, programs=shelf)
        assert step.snapshot.root == {"x": 2, "y": 2}
        assert first.snapshot.tokens == tokens
        assert first.snapshot.variables == variables


@pytest.mark.parametrize(
    ("answer", "mapping", "shaped"),
    [
        ({"a": 1}, "singleEntry", 1),
        ({"a": 1}, "singleResult", {"a": 1}),
        (5, "singleEntry", 5),
        (None, "singleEntry", None),
        ([], "singleResult", None),
        ([{"a": 1}, {"a": 2}], "collectEntries", [1, 2]),
        ([{"a": 1}], "resultList", [{"a": 1}]),
        ({"a": 1}, "resultList", [{"a": 1}]),
        ([1, 2], "", [1, 2]),
        ({"a": 1, "b": None}, "singleEntry", 1),
        ({"a": None}, "singleEntry", None),
        ({"a": 1, "b": None}, "singleResult", {"a": 1}),
        ([{"a": 1, "b": None}, {"a": 2, "b": None}], "collectEntries", [1, 2]),
        ([], "collectEntries", []),
    ],
)
def test_the_shapes_of_a_decision_s_answer(answer, mapping, shaped, some_node):
    assert mapped_result(answer, mapping, some_node) == shaped


@pytest.mark.parametrize(
    ("answer", "mapping"),
    [
        ([1, 2], "singleEntry"),
        ([1, 2], "singleResult"),
        ({"a": 1, "b": 2}, "singleEntry"),
        ([{"a": 1}, {"b": 2}], "collectEntries"),
    ],
)
def test_an_answer_of_the_wrong_shape_is_a_fault(answer, mapping, some_node):
    with pytest.raises(Fault):
        mapped_result(answer, mapping, some_node)


@pytest.fixture
def some_node(shelf):
    return shelf.add(d.straight(d.user("a"), identifiers=("a",))).process.nodes["a"]


@pytest.mark.parametrize("kind", ["sendTask", "businessRuleTask"])
def test_other_tasks_may_be_jobs_too(play, kind):
    task = d.node(kind, "goi", camunda__type="external", camunda__topic="x.y")
    desk = play(d.straight(task, identifiers=("goi",)))
    assert desk.seen(JobCreated)[0].topic == "x.y"
    desk.finish("goi")
    assert desk.ended is not None


def test_a_message_event_may_be_a_job(play):
    event = '<messageEventDefinition camunda:type="external" camunda:topic="x.y"/>'
    desk = play(d.straight(d.node("intermediateThrowEvent", "goi", event), identifiers=("goi",)))
    assert desk.at == ["goi"]
    desk.finish("goi")
    assert desk.ended is not None


@pytest.mark.parametrize(
    ("task", "said"),
    [
        (d.external("a", topic="${chu_de}"), "topic"),
        (d.user("a", camunda__priority="${uu_tien}"), "ưu tiên"),
        (d.user("a", camunda__dueDate="${han}"), "thời điểm"),
    ],
)
def test_values_that_make_no_sense_are_incidents(play, task, said):
    desk = play(
        d.straight(task, identifiers=("a",)), {"chu_de": "", "uu_tien": "cao", "han": "mai"}
    )
    assert said in desk.incidents[0]
    assert desk.at == ["a"]


def test_commands_for_somebody_else_are_refused(play):
    desk = play(d.straight(d.user("a"), identifiers=("a",)))
    task = desk.token("a")
    for command, arguments in (
        ("resume", ()),
        ("fire_timer", ()),
        ("choose", ("b",)),
    ):
        with pytest.raises(InvalidState):
            desk.do(command, task, *arguments)
    with pytest.raises(InvalidState):
        desk.fail("a")
    with pytest.raises(InvalidState):
        desk.do("set_variables", {}, scope="99")
    with pytest.raises(InvalidState):
        desk.do("finish", 999, {})
    timer = play(d.straight(d.node("intermediateCatchEvent", "t", d.after()), identifiers=("t",)))
    for command, arguments in (
        ("finish", ({},)),
        ("deliver", ({},)),
        ("throw_error", ("x", "", {})),
    ):
        with pytest.raises(InvalidState):
            timer.do(command, timer.token("t"), *arguments)


def test_a_failed_continuation_goes_on_where_it_stood(play):
    desk = play(d.straight(d.user("a", camunda__asyncBefore="true"), identifiers=("a",)))
    desk.fail("a", "máy chủ dừng giữa chừng")
    desk.resume("a")
    assert desk.new(UserTaskOpened)


def test_beginning_at_an_unknown_element_is_refused(shelf):
    program = shelf.add(d.straight(d.user("a"), identifiers=("a",)))
    with pytest.raises(InvalidInput):
        program.start({}, at=NOON, programs=shelf, before=("khong_co",))
