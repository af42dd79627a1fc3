"""Decisions that require others, functions, services, and boxed expressions."""

import pytest
from lxml import etree

from app.feel import FeelEvaluationError
from app.feel.decisions import DecisionError, Decisions
from tests.feel.dmn import decision, literal, model, needs, table

PERSON = """
<itemDefinition name="tPerson"><itemComponent name="born"><typeRef>date</typeRef></itemComponent>
  <itemComponent name="kids" isCollection="true"><typeRef>date</typeRef></itemComponent>
</itemDefinition>
<itemDefinition name="tSize"><typeRef>string</typeRef>
  <allowedValues><text>"to", "nhỏ"</text></allowedValues></itemDefinition>
<inputData id="in" name="Người nộp"><variable name="Người nộp" typeRef="tPerson"/></inputData>
<inputData id="day" name="Ngày"><variable name="Ngày" typeRef="date"/></inputData>
"""
FUNCTION = """
<businessKnowledgeModel id="double" name="Gấp đôi"><variable name="Gấp đôi"/>
  <encapsulatedLogic><formalParameter name="số" typeRef="number"/>{}</encapsulatedLogic>
</businessKnowledgeModel>
"""


def value(body, variables=None, key="x"):
    return model(body).evaluate(key, variables or {})


def boxed(logic, variables=None):
    return value(decision(logic), variables)


# Graphs


def test_a_decision_reads_another_under_its_name():
    body = decision(literal("a * 2"), "Số nền") + decision(
        literal("Số nền + 1"), requires=needs("requiredDecision", "Số nền")
    )
    assert value(body, {"a": 5}) == 11
    assert model(body).decision_ids == ("Số nền", "x")


def test_a_required_table_without_a_hit_leaves_its_outputs_out():
    base = decision(table(["a"], ["p", "q"], [["1", "a", "a"]]), "base")
    top = decision(literal("base = null and p = null"), requires=needs("requiredDecision", "base"))
    assert value(base + top, {"a": 5}) is True


def test_a_required_decision_is_made_once():
    base = decision(table(["a"], ["p"], [["-", "a"]]), "base")
    left = decision(literal("base + 1"), "left", needs("requiredDecision", "base"))
    right = decision(literal("base + 2"), "right", needs("requiredDecision", "base"))
    top = decision(
        literal("left + right"),
        requires=needs("requiredDecision", "left") + needs("requiredDecision", "right"),
    )
    explanation = model(base + left + right + top).explain("x", {"a": 1})
    assert explanation.result == 5
    assert [trace.decision_id for trace in explanation.tables] == ["base"]
    assert explanation.rule_ids == ()


def test_outputs_of_a_required_table_stand_under_their_own_names():
    base = decision(table(["a"], ["p", "q"], [["-", "a", "a * 2"]]), "base")
    single = decision(table(["a"], ["s"], [["-", "a + 7"]]), "single")
    top = decision(
        literal("p + q + base.p + s"),
        requires=needs("requiredDecision", "base") + needs("requiredDecision", "single"),
    )
    assert value(base + single + top, {"a": 1}) == 12


def test_input_data_gets_its_type():
    body = PERSON + decision(
        literal("Người nộp.born.year + count(Người nộp.kids[item > Ngày])"),
        requires=needs("requiredInput", "in") + needs("requiredInput", "day"),
    )
    given = {
        "Người nộp": {"born": "1990-05-06", "kids": ["2020-01-01", "2024-01-01"], "khác": 1},
        "Ngày": "2022-01-01",
    }
    assert value(body, given) == 1991
    assert given["Người nộp"]["born"] == "1990-05-06"


def test_allowed_values_rank_the_outputs():
    logic = table(["a"], ["p"], [["-", '"nhỏ"'], ["-", '"to"']], 'hitPolicy="PRIORITY"')
    logic = logic.replace('<output name="p">', '<output name="p" typeRef="tSize">')
    assert value(PERSON + decision(logic), {"a": 1}) == "to"


LIMITED = """
<itemDefinition name="tAge"><typeRef>number</typeRef>
  <allowedValues><text>[0..150]</text></allowedValues></itemDefinition>
<itemDefinition name="tAdult"><typeRef>tAge</typeRef>
  <allowedValues><text>&gt;= 18</text></allowedValues></itemDefinition>
<itemDefinition name="tCopy"><typeRef>tAge</typeRef></itemDefinition>
<itemDefinition name="tAges" isCollection="true"><typeRef>tAge</typeRef></itemDefinition>
<itemDefinition name="tPair"><itemComponent name="age"><typeRef>tAge</typeRef></itemComponent>
</itemDefinition>
"""


@pytest.mark.parametrize(
    ("type_ref", "source", "expected"),
    [
        ("tAge", "17", 17),
        ("tAge", "200", None),
        ("tAge", "null", None),
        ("tCopy", "200", None),
        ("tCopy", "20", 20),
        ("tAdult", "17", None),
        ("tAdult", "20", 20),
        ("tAges", "[1, 2]", [1, 2]),
        ("tAges", "[1, 200]", None),
        ("tPair", "{age: 5}", {"age": 5}),
        ("tPair", "{age: 500}", None),
    ],
)
def test_values_that_are_not_allowed_are_null(type_ref, source, expected):
    variable = f'<variable name="x" typeRef="{type_ref}"/>'
    assert value(LIMITED + decision(literal(source), variable=variable)) == expected
    given = f'<inputData id="in" name="vào"><variable name="vào" typeRef="{type_ref}"/></inputData>'
    assert (
        value(LIMITED + given + decision(literal("vào")), {"vào": value(decision(literal(source)))})
        == expected
    )


def test_arguments_that_are_not_allowed_are_null():
    function = FUNCTION.format(literal("số")).replace('typeRef="number"', 'typeRef="tAge"')
    body = (
        LIMITED
        + function
        + decision(literal("Gấp đôi(a)"), requires=needs("requiredKnowledge", "double"))
    )
    assert value(body, {"a": 20}) == 20
    assert value(body, {"a": 200}) is None


def test_allowed_values_that_cannot_be_read_are_named():
    broken = LIMITED.replace("[0..150]", "[0..")
    with pytest.raises(DecisionError, match="tAge: giá trị cho phép"):
        model(broken + decision(literal("1")))


@pytest.mark.parametrize("body", ["", FUNCTION.format(literal("số * 2"))])
def test_a_file_that_decides_nothing_is_refused(body):
    with pytest.raises(DecisionError, match="không có quyết định"):
        model(body)


def test_the_result_gets_the_type_of_its_variable():
    variable = '<variable name="x" typeRef="feel:number"/>'
    assert value(decision(literal('"12"'), variable=variable)) == 12


@pytest.mark.parametrize(
    ("type_ref", "source", "expected"),
    [
        ("number", "5", 5),
        ("number", '"abc"', None),
        ("number", "[5]", 5),
        ("number", '["abc"]', None),
        ("number", "[1, 2]", None),
        ("string", "5", None),
        ("string", "null", None),
        ("Any", "[1]", [1]),
        ("feel:boolean", '"true"', True),
        ("tNumbers", "5", [5]),
        ("tNumbers", "[1, 2]", [1, 2]),
        ("tNumbers", '["a"]', None),
        ("tNumbers", "null", None),
        ("tPair", '{a: 1, b: "x"}', {"a": 1, "b": "x"}),
        ("tPair", "{a: 1}", None),
        ("tPair", '{a: "q", b: "x"}', None),
        ("tPair", "5", None),
    ],
)
def test_a_result_conforms_to_its_type_or_is_null(type_ref, source, expected):
    types = """
    <itemDefinition name="tNumbers" isCollection="true"><typeRef>number</typeRef></itemDefinition>
    <itemDefinition name="tPair"><itemComponent name="a"><typeRef>number</typeRef></itemComponent>
      <itemComponent name="b"><typeRef>string</typeRef></itemComponent></itemDefinition>"""
    variable = f'<variable name="x" typeRef="{type_ref}"/>'
    assert value(types + decision(literal(source), variable=variable)) == expected


def test_an_argument_conforms_to_its_parameter_or_is_null():
    body = FUNCTION.format(literal("số")) + decision(
        literal('[Gấp đôi("abc"), Gấp đôi("12"), Gấp đôi(7)]'),
        requires=needs("requiredKnowledge", "double"),
    )
    assert value(body) == [None, 12, 7]


def test_names_with_signs_are_read_as_one():
    body = '<inputData id="i" name="thu-chi"/>' + decision(
        literal("thu-chi + 1"), requires=needs("requiredInput", "i")
    )
    assert value(body, {"thu-chi": 2, "thu": 100, "chi": 1}) == 3


# Functions


def test_a_business_knowledge_model_is_called():
    body = FUNCTION.format(literal("số * 2")) + decision(
        literal("Gấp đôi(4) + Gấp đôi(số: 1)"), requires=needs("requiredKnowledge", "double")
    )
    assert value(body) == 10
    assert model(body).decision_ids == ("x",)


def test_a_business_knowledge_model_may_be_a_table_and_use_another():
    other = (
        '<businessKnowledgeModel id="half" name="half"><encapsulatedLogic>'
        f'<formalParameter name="n"/>{literal("n / 2")}</encapsulatedLogic>'
        "</businessKnowledgeModel>"
    )
    logic = table(["số"], ["p"], [["> 10", "half(số)"], ["<= 10", "số"]])
    used = FUNCTION.format(logic).replace("<encap", needs("requiredKnowledge", "half") + "<encap")
    body = (
        other
        + used
        + decision(
            literal("[Gấp đôi(20), Gấp đôi(5)]"), requires=needs("requiredKnowledge", "double")
        )
    )
    assert value(body) == [10, 5]


def test_an_invocation_binds_by_name():
    invocation = (
        f"<invocation>{literal('Gấp đôi')}<binding><parameter name='số'/>{literal('a + 1')}"
        "</binding></invocation>"
    )
    body = FUNCTION.format(literal("số * 2")) + decision(
        invocation, requires=needs("requiredKnowledge", "double")
    )
    assert value(body, {"a": 2}) == 6


def test_a_decision_service_is_a_function():
    service = """
    <inputData id="in" name="n"/>
    <decisionService id="s" name="phục vụ">
      <outputDecision href="#out"/><encapsulatedDecision href="#mid"/>
      <inputDecision href="#given"/><inputData href="#in"/></decisionService>"""
    body = (
        service
        + decision(literal("1"), "given")
        + decision(literal("n * 10"), "mid")
        + decision(
            literal("mid + given"),
            "out",
            needs("requiredDecision", "mid") + needs("requiredDecision", "given"),
        )
        + decision(literal("phục vụ(5, n)"), requires=needs("requiredKnowledge", "s"))
    )
    assert value(body, {"n": 2}) == 25
    assert value(body, {"n": 2}, "out") == 21


def test_recursion_between_functions_is_stopped():
    body = FUNCTION.format(literal("{f: function(g, n) g(g, n + 1), r: f(f, số)}.r")) + decision(
        literal("Gấp đôi(1)"), requires=needs("requiredKnowledge", "double")
    )
    with pytest.raises(FeelEvaluationError):
        value(body)


# Boxed expressions


def entry(name, logic):
    variable = f'<variable name="{name}"/>' if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


def test_a_context_sees_what_came_before():
    logic = entry("a", literal("1")) + entry("tổng số", literal("a + 1"))
    assert boxed(f"<context>{logic}</context>") == {"a": 1, "tổng số": 2}
    assert boxed(f"<context>{logic}{entry('', literal('tổng số * 5'))}</context>") == 10


def test_a_function_inside_a_context_is_called():
    function = (
        f"<functionDefinition><formalParameter name='n'/>{literal('n + k')}</functionDefinition>"
    )
    logic = entry("k", literal("10")) + entry("cộng", function) + entry("", literal("cộng(1)"))
    assert boxed(f"<context>{logic}</context>") == 11


def test_a_list_and_a_relation():
    assert boxed(f"<list>{literal('1')}{literal('a')}</list>", {"a": 2}) == [1, 2]
    rows = "".join(f"<row>{literal(p)}{literal(q)}</row>" for p, q in (("1", "2"), ("3", "a")))
    relation = f'<relation><column name="p"/><column name="q r"/>{rows}</relation>'
    assert boxed(relation, {"a": 4}) == [{"p": 1, "q r": 2}, {"p": 3, "q r": 4}]


def test_boxed_conditionals_loops_and_filters():
    parts = {"if": "a > 1", "then": '"lớn"', "else": '"nhỏ"'}
    inner = "".join(f"<{name}>{literal(source)}</{name}>" for name, source in parts.items())
    assert boxed(f"<conditional>{inner}</conditional>", {"a": 2}) == "lớn"
    assert boxed(f"<conditional>{inner}</conditional>", {}) == "nhỏ"

    def loop(kind, last, source, body):
        return boxed(
            f'<{kind} iteratorVariable="i"><in>{literal(source)}</in>'
            f"<{last}>{literal(body)}</{last}></{kind}>",
            {"xs": [1, 2, 3]},
        )

    assert loop("for", "return", "xs", "i + count(partial)") == [1, 3, 5]
    assert loop("for", "return", "missing", "i") is None
    assert loop("some", "satisfies", "xs", "i > 2") is True
    assert loop("some", "satisfies", "xs", "i > 3") is False
    assert loop("every", "satisfies", "xs", "i > 0") is True
    assert loop("every", "satisfies", "xs", "i > missing") is None

    kept = f"<filter><in>{literal('xs')}</in><match>{literal('item > 1')}</match></filter>"
    assert boxed(kept, {"xs": [1, 2, 3]}) == [2, 3]
    assert boxed(kept, {}) is None
    named = kept.replace("item", "n")
    assert boxed(named, {"xs": [{"n": 1}, {"n": 5}]}) == [{"n": 5}]


def test_comments_in_a_cell_are_not_text():
    assert boxed("<literalExpression><text>1<!-- lời bình --> + 1</text></literalExpression>") == 2


def test_an_empty_literal_is_null():
    assert boxed(literal("")) is None


# What is refused


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (decision("", "x"), "thiếu biểu thức"),
        (decision(literal("1"), requires=needs("requiredDecision", "y")), "cần 'y'"),
        (decision(literal("1"), requires=needs("requiredDecision", "x")), "vòng tròn"),
        (decision(literal("1")) + decision(literal("2")), "id riêng"),
        (decision(literal("1 +")), "giữa chừng"),
        ('<import name="khác" namespace="n"/>', "import"),
        (decision(literal("1", 'expressionLanguage="python"')), "chỉ có FEEL"),
        (decision("<functionDefinition kind='Java'/>"), "chỉ có FEEL"),
        (
            decision(
                "<functionDefinition><formalParameter name='a'/><formalParameter name='a'/>"
                f"{literal('1')}</functionDefinition>"
            ),
            "tên riêng",
        ),
        (decision("<literalExpression><importedValues/></literalExpression>"), "importedValues"),
        (decision("<conditional/>"), "'if'"),
        (decision("<for/>"), "tên biến"),
        (decision(f'<relation><column name="a"/><row>{literal("1") * 2}</row></relation>'), "dòng"),
        (decision("<list>" * 40 + literal("1") + "</list>" * 40), "20 tầng"),
        ('<businessKnowledgeModel id="b" name="b"/>', "thiếu phần logic"),
        (
            '<decisionService id="s" name="s"><outputDecision href="#q"/></decisionService>',
            "cần 'q'",
        ),
        (
            decision(literal("1"))
            + '<decisionService id="s" name="s"><outputDecision href="#x"/>'
            + '<inputData href="#w"/></decisionService>',
            "cần 'w'",
        ),
    ],
)
def test_a_wrong_model_is_refused(body, message):
    with pytest.raises(DecisionError, match=message):
        model(body)


def test_a_long_chain_is_refused():
    chain = decision(literal("1"), "d0") + "".join(
        decision(literal("1"), f"d{place}", needs("requiredDecision", f"d{place - 1}"))
        for place in range(1, 60)
    )
    with pytest.raises(DecisionError, match="quá 40"):
        model("".join(f"{part}</decision>" for part in reversed(chain.split("</decision>")[:-1])))


def test_another_file_is_no_model():
    with pytest.raises(DecisionError, match="không phải DMN"):
        Decisions.parse(etree.fromstring("<html/>"))
