"""Decision tables under every hit policy."""

from datetime import UTC, datetime

import pytest

from app.feel import FeelError, FeelEvaluationError
from app.feel.decisions import DecisionError, DecisionViolation
from tests.feel.dmn import decision, model, table

OVERLAPPING = [["> 10", '"lớn"'], ["> 5", '"vừa"'], ["> 0", '"nhỏ"']]
RANKED = {"size": '"vừa", "lớn", "nhỏ"'}
AMOUNTS = [["> 10", "100"], ["> 5", "10"], ["> 0", "10"]]


def decide(value, rules=OVERLAPPING, attributes="", **more):
    compiled = model(decision(table(["x"], ["size"], rules, attributes, **more)))
    return compiled.evaluate("x", {"x": value})


def test_unique_takes_the_one_rule():
    assert decide(3) == "nhỏ"
    assert decide(-1) is None


def test_unique_names_the_rules_that_collide():
    with pytest.raises(DecisionViolation) as caught:
        decide(7)
    assert caught.value.rule_ids == ("r2", "r3")
    assert caught.value.decision_id == "x"
    assert "UNIQUE" in caught.value.message


def test_any_accepts_equal_results_only():
    rules = [["> 10", '"a"'], ["> 5", '"a"'], ["> 0", '"b"']]
    assert decide(-5, rules, 'hitPolicy="ANY"') is None
    assert decide(3, rules, 'hitPolicy="ANY"') == "b"
    assert decide(3, [["> 1", '"a"'], ["> 2", '"a"']], 'hitPolicy="ANY"') == "a"
    with pytest.raises(DecisionViolation) as caught:
        decide(12, rules, 'hitPolicy="ANY"')
    assert caught.value.rule_ids == ("r1", "r2", "r3")


def test_priority_takes_the_best_value():
    assert decide(12, attributes='hitPolicy="PRIORITY"', values=RANKED) == "vừa"
    assert decide(3, attributes='hitPolicy="PRIORITY"', values=RANKED) == "nhỏ"
    assert decide(-3, attributes='hitPolicy="PRIORITY"', values=RANKED) is None


def test_first_takes_the_first_rule():
    assert decide(12, attributes='hitPolicy="FIRST"') == "lớn"
    assert decide(7, attributes='hitPolicy="FIRST"') == "vừa"


def test_rule_order_lists_all():
    assert decide(12, attributes='hitPolicy="RULE ORDER"') == ["lớn", "vừa", "nhỏ"]
    assert decide(-1, attributes='hitPolicy="RULE ORDER"') == []


def test_output_order_lists_the_best_first():
    assert decide(12, attributes='hitPolicy="OUTPUT ORDER"', values=RANKED) == ["vừa", "lớn", "nhỏ"]


def test_collect_lists_all():
    assert decide(7, attributes='hitPolicy="COLLECT"') == ["vừa", "nhỏ"]
    assert decide(-1, attributes='hitPolicy="COLLECT"') == []


@pytest.mark.parametrize(
    ("aggregation", "many", "none"),
    [("SUM", 120, None), ("COUNT", 3, 0), ("MIN", 10, None), ("MAX", 100, None)],
)
def test_collect_aggregates(aggregation, many, none):
    attributes = f'hitPolicy="COLLECT" aggregation="{aggregation}"'
    assert decide(12, AMOUNTS, attributes) == many
    assert decide(-1, AMOUNTS, attributes) == none


def test_collect_of_what_cannot_be_added_is_null():
    attributes = 'hitPolicy="COLLECT" aggregation="{}"'
    rules = [["> 0", '"a"'], ["> 0", "1"]]
    assert decide(1, rules, attributes.format("SUM")) is None
    assert decide(1, rules, attributes.format("MIN")) is None


def test_a_default_stands_in_when_no_rule_hits():
    assert decide(-1, defaults={"size": '"không"'}) == "không"
    assert decide(-1, attributes='hitPolicy="FIRST"', defaults={"size": '"không"'}) == "không"
    assert decide(-1, attributes='hitPolicy="COLLECT"', defaults={"size": '"không"'}) == ["không"]
    collected = decide(-1, AMOUNTS, 'hitPolicy="COLLECT" aggregation="SUM"', defaults={"size": "7"})
    assert collected == 7


def test_several_outputs_make_a_context():
    rules = [["> 5", '"a"', "1"], ["-", '"b"', ""]]
    compiled = model(decision(table(["x"], ["p", "q"], rules, 'hitPolicy="FIRST"')))
    assert compiled.evaluate("x", {"x": 9}) == {"p": "a", "q": 1}
    assert compiled.evaluate("x", {"x": 1}) == {"p": "b", "q": None}
    compiled = model(decision(table(["x"], ["p", "q"], rules, 'hitPolicy="COLLECT"')))
    assert compiled.evaluate("x", {"x": 9}) == [{"p": "a", "q": 1}, {"p": "b", "q": None}]
    compiled = model(decision(table(["x"], ["p", "q"], rules[:1], defaults={"p": '"d"'})))
    assert compiled.evaluate("x", {"x": 1}) == {"p": "d", "q": None}


def test_priority_compares_the_outputs_from_left_to_right():
    rules = [["-", '"b"', '"x"'], ["-", '"a"', '"y"'], ["-", '"a"', '"x"']]
    values = {"p": '"a", "b"', "q": '"x", "y"'}
    compiled = model(decision(table(["x"], ["p", "q"], rules, 'hitPolicy="PRIORITY"', values)))
    assert compiled.evaluate("x", {"x": 1}) == {"p": "a", "q": "x"}
    assert compiled.explain("x", {"x": 1}).rule_ids == ("r3",)


def test_a_fee_table_reads_like_the_law():
    rules = [
        ['"cấp mới"', "< 100", 'date("2026-01-01") <= ?', "50000"],
        ['"cấp mới"', ">= 100", "-", "area * 1000"],
        ['not("cấp mới")', "-", "-", "0"],
    ]
    compiled = model(decision(table(["loại", "area", "date(ngày)"], ["phí"], rules)))
    given = {"loại": "cấp mới", "area": 50, "ngày": "2026-05-05"}
    assert compiled.evaluate("x", given) == 50_000
    assert compiled.evaluate("x", {**given, "area": 250}) == 250_000
    assert compiled.evaluate("x", {**given, "loại": "gia hạn"}) == 0
    assert compiled.evaluate("x", {**given, "ngày": "2025-05-05"}) is None


def test_null_and_missing_inputs_match_only_what_says_so():
    rules = [["null", '"trống"'], ["-", '"khác"']]
    assert decide(None, rules, 'hitPolicy="FIRST"') == "trống"
    assert decide(1, rules, 'hitPolicy="FIRST"') == "khác"


def test_a_table_without_inputs_always_hits():
    compiled = model(decision(table([], ["p"], [["1"], ["2"]], 'hitPolicy="COLLECT"')))
    assert compiled.evaluate("x", {}) == [1, 2]


def test_a_value_without_rank_comes_last():
    rules = [["-", '"lạ"'], ["-", '"nhỏ"']]
    attributes = 'hitPolicy="OUTPUT ORDER"'
    assert decide(1, rules, attributes, values=RANKED) == ["nhỏ", "lạ"]


def test_a_decision_has_a_name():
    assert model(decision(table(["x"], ["p"], []))).name_of("x") == "x"


def test_the_explanation_tells_inputs_and_rules():
    compiled = model(decision(table(["x"], ["size"], OVERLAPPING, 'hitPolicy="COLLECT"')))
    explanation = compiled.explain("x", {"x": 7})
    (trace,) = explanation.tables
    assert explanation.result == ["vừa", "nhỏ"]
    assert explanation.rule_ids == ("r2", "r3")
    assert (trace.decision_id, trace.inputs, trace.output) == (
        "x",
        (("x", 7),),
        ["vừa", "nhỏ"],
    )


def test_the_clock_is_handed_in():
    compiled = model(decision(table(["today()"], ["p"], [['date("2026-11-24")', "1"]])))
    assert compiled.evaluate("x", {}, now=datetime(2026, 11, 23, 20, tzinfo=UTC)) == 1


def test_camunda_7_is_understood():
    body = """
    <decision id="fee" name="Fee"><decisionTable id="t" hitPolicy="UNIQUE">
      <input id="i" label="A" camunda:inputVariable="cell">
        <inputExpression id="e" typeRef="integer" expressionLanguage="juel">
          <text>${order.amount}</text></inputExpression></input>
      <input id="j"><inputExpression typeRef="date"><text>day</text></inputExpression></input>
      <output id="o" name="discount" typeRef="double"/>
      <rule id="r"><inputEntry><text>cell &gt; 5 and cellInput &gt; 5</text></inputEntry>
        <inputEntry><text>&lt; date("2026-06-01")</text></inputEntry>
        <outputEntry expressionLanguage="juel"><text>order.amount * 0.1</text></outputEntry></rule>
    </decisionTable></decision>"""
    compiled = model(body, namespace="http://www.omg.org/spec/DMN/20151101/dmn.xsd")
    given = {"order": {"amount": "20"}, "day": "2026-01-01"}
    assert compiled.evaluate("fee", given) == 2
    assert compiled.evaluate("fee", {**given, "day": "2026-07-01"}) is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (decision(table(["x"], ["p"], [["< ", "1"]])), "ô '<'"),
        (decision(table(["x"], ["p"], [["1", "1 +"]])), "giữa chừng"),
        (decision(table(["x"], ["p"], [["1", "sun(1)"]])), "'sun'"),
        (decision(table(["x ~"], ["p"], [])), "Ký tự lạ"),
        (decision(table([""], ["p"], [])), "thiếu biểu thức"),
        (decision(table(["x"], [], [])), "thiếu cột kết quả"),
        (decision(table(["x"], ["p", "p"], [])), "tên riêng"),
        (decision(table(["x"], ["p"], [["1"]])), "số ô khác số cột"),
        (decision(table(["x"], ["p"], [], 'hitPolicy="LAST"')), "hit policy"),
        (decision(table(["x"], ["p"], [], 'hitPolicy="COLLECT" aggregation="AVG"')), "cách gộp"),
        (decision(table(["x"], ["p"], [], 'hitPolicy="FIRST" aggregation="SUM"')), "COLLECT"),
        (
            decision(table(["x"], ["p", "q"], [], 'hitPolicy="COLLECT" aggregation="SUM"')),
            "nhiều cột",
        ),
        (decision(table(["x"], ["p"], [], 'hitPolicy="PRIORITY"')), "ưu tiên"),
        (
            decision(table(["x"], ["p"], [], 'hitPolicy="PRIORITY"', values={"p": '"a'})),
            "danh sách giá trị",
        ),
    ],
)
def test_a_wrong_table_is_refused_by_name(body, message):
    with pytest.raises(DecisionError, match=message) as caught:
        model(body)
    assert caught.value.problems[0].element_id in ("x", "r1")


def test_all_problems_are_told_at_once():
    with pytest.raises(DecisionError) as caught:
        model(decision(table(["x"], ["p"], [["<", "1 +"], ["(", "2"]])))
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize("language", ["javascript", "groovy", "python"])
def test_other_languages_are_refused(language):
    with pytest.raises(DecisionError, match="chỉ có FEEL"):
        model(decision(table(["x"], ["p"], [["1", "2"]])), f'expressionLanguage="{language}"')


def test_juel_cells_are_refused():
    with pytest.raises(DecisionError, match="phải viết bằng FEEL"):
        model(decision(table(["x"], ["p"], [["1", "2"]])), 'expressionLanguage="juel"')


def test_an_unknown_decision_is_told():
    with pytest.raises(FeelError, match="'y'"):
        model(decision(table(["x"], ["p"], []))).evaluate("y", {})


def test_a_greedy_table_is_stopped():
    greedy = [["every i in lst satisfies every j in lst satisfies i + j >= 0", "1"]]
    compiled = model(decision(table(["x"], ["p"], greedy)))
    with pytest.raises(FeelEvaluationError):
        compiled.evaluate("x", {"x": 1, "lst": list(range(50_000))})
