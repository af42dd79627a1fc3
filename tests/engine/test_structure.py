"""What is refused because it would run wrong: each rule, with the element it names."""

import pytest

from app.domain.engine import Severity
from app.domain.errors import InvalidInput
from app.engine.reading import only_process, read
from tests.engine import diagrams as d

A = d.user("a")


def body(*parts: str, around: str = "") -> bytes:
    """A sound process, and in it the parts that are looked at."""
    return d.process(d.start(), A, d.end(), d.chain("s", "a", "e"), *parts, around=around)


def errors(bpmn: bytes) -> list[tuple[str, str]]:
    return [(one.code, one.element_id) for one in read(bpmn).report.errors]


def test_a_sound_process_is_sound():
    assert errors(body()) == []


@pytest.mark.parametrize("days", ["180", "P180D", ""])
def test_history_is_kept_for_days(days):
    drawn = d.body(d.start(), attributes=f'camunda:historyTimeToLive="{days}"')
    assert errors(d.definitions(drawn)) == []


GATE = d.node("exclusiveGateway", "g")
CASES = {
    "malformed": (b"<definitions", "malformed", ""),
    "hostile": (b'<!DOCTYPE d [<!ENTITY x "y">]><d>&x;</d>', "unsafe", ""),
    "something else": (b"<html/>", "not-bpmn", ""),
    "nothing to run": (
        d.definitions('<process id="p" isExecutable="false"/>'),
        "no-executable-process",
        "",
    ),
    "empty": (d.process(), "empty-process", "p"),
    "duplicate id": (body(d.user("a")), "duplicate-id", "a"),
    "no id": (body("<userTask/>"), "missing-id", ""),
    "flow to nowhere": (body(d.flow("a", "xx")), "flow-target", "a-xx"),
    "flow from nowhere": (body(d.flow("xx", "a")), "flow-source", "xx-a"),
    "flow out of its frame": (
        body(d.sub("t", d.start("s2"), d.user("b"), d.chain("s2", "b")), d.flow("a", "b")),
        "flow-target",
        "a-b",
    ),
    "unknown message": (
        body(d.node("intermediateCatchEvent", "c", d.on_message("khong"))),
        "reference",
        "c",
    ),
    "two signals of one name": (
        body(around='<signal id="x" name="n"/><signal id="y" name="n"/>'),
        "same-signal",
        "y",
    ),
    "gateway without way out": (body(GATE, d.flow("a", "g")), "no-outgoing", "g"),
    "two flows without condition": (
        body(GATE, d.user("b"), d.user("c"), d.chain("a", "g", "b"), d.flow("g", "c")),
        "missing-condition",
        "g-b",
    ),
    "one flow with condition": (
        body(GATE, d.user("b"), d.flow("a", "g"), d.flow("g", "b", "x = 1")),
        "single-condition",
        "g-b",
    ),
    "default with condition": (
        body(
            d.node("exclusiveGateway", "g", default="g-b"),
            d.user("b"),
            d.user("c"),
            d.flow("a", "g"),
            d.flow("g", "b", "x = 1"),
            d.flow("g", "c", "x = 2"),
        ),
        "default-condition",
        "g-b",
    ),
    "default of somebody else": (
        body(
            d.node("exclusiveGateway", "g", default="s-a"),
            d.user("b"),
            d.flow("a", "g"),
            d.flow("g", "b"),
        ),
        "default-flow",
        "g",
    ),
    "event gateway before a task": (
        body(d.node("eventBasedGateway", "g"), d.user("b"), d.chain("a", "g", "b")),
        "event-gateway-target",
        "g-b",
    ),
    "event after event gateway reached otherwise": (
        body(
            d.node("eventBasedGateway", "g"),
            d.node("intermediateCatchEvent", "c", d.after()),
            d.chain("a", "g", "c"),
            d.flow("a", "c"),
        ),
        "event-gateway-target",
        "c",
    ),
    "condition after event gateway": (
        body(
            d.node("eventBasedGateway", "g"),
            d.node("intermediateCatchEvent", "c", d.after()),
            d.flow("a", "g"),
            d.flow("g", "c", "x = 1"),
        ),
        "event-gateway-target",
        "g-c",
    ),
    "multiple event after event gateway": (
        body(
            d.node("eventBasedGateway", "g"),
            d.node("intermediateCatchEvent", "c", d.after(), d.after("PT2H")),
            d.chain("a", "g", "c"),
        ),
        "event-gateway-target",
        "c",
    ),
    "flow out of an end": (body(d.user("b"), d.flow("e", "b")), "end-outgoing", "e"),
    "flow into a start": (body(d.flow("a", "s")), "start-incoming", "s"),
    "two none starts": (body(d.start("s2"), d.flow("s2", "a")), "several-starts", "p"),
    "no start": (d.process(d.user("a")), "no-start", "p"),
    "sub-process without start": (
        body(d.sub("t", d.user("b")), d.flow("a", "t")),
        "subprocess-start",
        "t",
    ),
    "sub-process with a message start": (
        body(
            d.sub("t", d.start("s2", d.on_message())),
            d.flow("a", "t"),
            around=d.message(),
        ),
        "subprocess-start",
        "t",
    ),
    "event sub-process with a none start": (
        body(d.sub("t", d.start("s2"), triggeredByEvent="true")),
        "event-subprocess-start",
        "t",
    ),
    "event sub-process in the flow": (
        body(
            d.sub("t", d.start("s2", d.after()), triggeredByEvent="true"),
            d.flow("a", "t"),
        ),
        "event-subprocess-flow",
        "t",
    ),
    "ad-hoc with a start": (
        body(d.node("adHocSubProcess", "t", d.start("s2")), d.flow("a", "t")),
        "ad-hoc-start",
        "t",
    ),
    "error start of a process": (
        body(d.start("s2", d.on_error()), around=d.error()),
        "start-kind",
        "s2",
    ),
    "non-interrupting error start": (
        body(
            d.sub(
                "t",
                d.start("s2", d.on_error(), isInterrupting="false"),
                triggeredByEvent="true",
            ),
            around=d.error(),
        ),
        "interrupting",
        "s2",
    ),
    "computed name of a start message": (
        body(d.start("s2", d.on_message("x")), around='<message id="x" name="${a}"/>'),
        "message-name",
        "s2",
    ),
    "one event twice": (
        body(
            d.boundary("x", "a", d.on_message()),
            d.boundary("y", "a", d.on_message()),
            around=d.message(),
        ),
        "same-event",
        "y",
    ),
    "two beginnings by one condition": (
        body(d.start("s2", d.on_condition("a = 1")), d.start("s3", d.on_condition("a = 1"))),
        "same-event",
        "s3",
    ),
    "who catches every escalation beside another": (
        body(
            d.sub("su", d.start("su1")),
            d.chain("a", "su"),
            d.boundary("x", "su", d.on_escalation(None)),
            d.boundary("y", "su", d.on_escalation()),
            around=d.escalation(),
        ),
        "catch-all",
        "x",
    ),
    "an escalation out of a task that cannot tell": (
        body(
            d.node("manualTask", "b"),
            d.chain("a", "b"),
            d.boundary("x", "b", d.on_escalation()),
            around=d.escalation(),
        ),
        "escalation-host",
        "x",
    ),
    "compensation of a whole process": (
        body(
            d.sub(
                "su",
                d.start("su1", "<compensateEventDefinition/>", isInterrupting="true"),
                triggeredByEvent="true",
            )
        ),
        "compensation-start",
        "su1",
    ),
    "compensation of what lies elsewhere": (
        body(
            d.sub("su", d.start("su1"), d.user("b"), d.chain("su1", "b")),
            d.node("intermediateThrowEvent", "t", '<compensateEventDefinition activityRef="b"/>'),
            d.chain("a", "su", "t"),
        ),
        "compensation-activity",
        "t",
    ),
    "a handler that is none": (
        body(
            d.boundary("x", "a", "<compensateEventDefinition/>"),
            d.user("b"),
            '<association id="as" sourceRef="x" targetRef="b" associationDirection="One"/>',
        ),
        "compensation-handler",
        "b",
    ),
    "two ways to undo one sub-process": (
        body(
            d.sub(
                "su",
                d.start("su1"),
                d.sub(
                    "ev",
                    d.start("ev1", "<compensateEventDefinition/>", isInterrupting="true"),
                    triggeredByEvent="true",
                ),
            ),
            d.chain("a", "su"),
            d.boundary("x", "su", "<compensateEventDefinition/>"),
            d.user("b", isForCompensation="true"),
            '<association id="as" sourceRef="x" targetRef="b" associationDirection="One"/>',
        ),
        "compensation-handler",
        "su",
    ),
    "an event gateway that ends later": (
        body(
            d.node("eventBasedGateway", "g", camunda__asyncAfter="true"),
            d.node("intermediateCatchEvent", "c", d.after()),
            d.chain("a", "g", "c"),
        ),
        "async-after",
        "g",
    ),
    "error in the flow": (
        body(d.node("intermediateCatchEvent", "c", d.on_error()), around=d.error()),
        "event-kind",
        "c",
    ),
    "nothing to wait for": (body(d.node("intermediateCatchEvent", "c")), "event-missing", "c"),
    "error among several": (
        body(d.boundary("x", "a", d.on_error() + d.after()), around=d.error()),
        "event-multiple",
        "x",
    ),
    "several throws": (
        body(
            d.end("e2", d.on_signal() + "<terminateEventDefinition/>"),
            d.flow("a", "e2"),
            around=d.signal(),
        ),
        "event-multiple",
        "e2",
    ),
    "message without name": (
        body(
            d.boundary("x", "a", d.on_message()),
            around='<message id="m"/>',
        ),
        "event-name",
        "x",
    ),
    "error without code": (
        body(d.end("e2", d.on_error("x")), d.flow("a", "e2"), around='<error id="x"/>'),
        "event-code",
        "e2",
    ),
    "condition without text": (
        body(d.boundary("x", "a", d.on_condition(""))),
        "event-condition",
        "x",
    ),
    "timer without time": (body(d.boundary("x", "a", d.after(""))), "timer", "x"),
    "timer that makes no sense": (
        body(d.boundary("x", "a", d.after("năm ngày"))),
        "timer",
        "x",
    ),
    "cycle that makes no sense": (body(d.boundary("x", "a", d.every("R3"))), "timer", "x"),
    "boundary on nothing": (body(d.boundary("x", "khong", d.after())), "boundary-host", "x"),
    "boundary on a gateway": (
        body(
            d.node("parallelGateway", "g"),
            d.user("b"),
            d.chain("a", "g", "b"),
            d.boundary("x", "g", d.after()),
        ),
        "boundary-host",
        "x",
    ),
    "cancel event on a task": (
        body(d.boundary("x", "a", "<cancelEventDefinition/>")),
        "cancel-boundary",
        "x",
    ),
    "non-interrupting error": (
        body(d.boundary("x", "a", d.on_error(), interrupting=False), around=d.error()),
        "interrupting",
        "x",
    ),
    "cancel end outside a transaction": (
        body(d.end("e2", "<cancelEventDefinition/>"), d.flow("a", "e2")),
        "cancel-end",
        "e2",
    ),
    "transaction without cancel event": (
        body(
            d.node(
                "transaction",
                "t",
                d.start("s2"),
                d.end("e2", "<cancelEventDefinition/>"),
                d.flow("s2", "e2"),
            ),
            d.flow("a", "t"),
        ),
        "cancel-end",
        "t",
    ),
    "link to nowhere": (
        body(
            d.node("intermediateThrowEvent", "l", '<linkEventDefinition name="x"/>'),
            d.flow("a", "l"),
        ),
        "link",
        "l",
    ),
    "compensation of nothing": (
        body(d.end("e2", '<compensateEventDefinition activityRef="zz"/>'), d.flow("a", "e2")),
        "compensation-activity",
        "e2",
    ),
    "compensation without handler": (
        body(d.boundary("x", "a", "<compensateEventDefinition/>")),
        "compensation-handler",
        "x",
    ),
    "handler in the flow": (
        body(d.user("h", isForCompensation="true"), d.flow("a", "h")),
        "compensation-flow",
        "h",
    ),
    "loop without count": (
        body(d.user("b", d.many()), d.flow("a", "b")),
        "loop",
        "b",
    ),
    "loop without end": (
        body(d.user("b", "<standardLoopCharacteristics/>"), d.flow("a", "b")),
        "loop",
        "b",
    ),
    "element without collection": (
        body(d.user("b", d.many("3", element="x")), d.flow("a", "b")),
        "loop",
        "b",
    ),
    "outputs of many rounds": (
        body(d.user("b", d.mapping({}, {"x": "1"}), d.many("3")), d.flow("a", "b")),
        "loop-output",
        "b",
    ),
    "mapping at a start": (
        d.process(d.start("s", d.mapping({"x": "1"})), A, d.flow("s", "a")),
        "mapping-place",
        "s",
    ),
    "outputs at an end": (
        d.process(d.start(), d.end("e", d.mapping({}, {"x": "1"})), d.flow("s", "e")),
        "mapping-place",
        "e",
    ),
    "mapping in a script": (
        body(
            d.user(
                "b",
                d.extensions(
                    '<camunda:inputOutput><camunda:inputParameter name="x">'
                    '<camunda:script scriptFormat="groovy">1</camunda:script>'
                    "</camunda:inputParameter></camunda:inputOutput>"
                ),
            ),
            d.flow("a", "b"),
        ),
        "script",
        "b",
    ),
    "a name that expressions cannot read": (
        body(d.user("b", d.mapping({"_x": "1"})), d.flow("a", "b")),
        "variable-name",
        "b",
    ),
    "Java class": (
        body(d.node("serviceTask", "b", camunda__class="vn.gov.Goi"), d.flow("a", "b")),
        "java",
        "b",
    ),
    "Java delegate": (
        body(d.node("serviceTask", "b", camunda__delegateExpression="${goi}"), d.flow("a", "b")),
        "java",
        "b",
    ),
    "connector element": (
        body(d.node("serviceTask", "b", d.extensions("<camunda:connector/>")), d.flow("a", "b")),
        "connector",
        "b",
    ),
    "listener": (
        body(
            d.user("b", d.extensions('<camunda:taskListener class="x" event="create"/>')),
            d.flow("a", "b"),
        ),
        "listener",
        "b",
    ),
    "unknown kind of service": (
        body(d.node("serviceTask", "b", camunda__type="mail"), d.flow("a", "b")),
        "service-type",
        "b",
    ),
    "service that calls nothing": (
        body(d.node("serviceTask", "b"), d.flow("a", "b")),
        "service-what",
        "b",
    ),
    "external without topic": (
        body(d.node("serviceTask", "b", camunda__type="external"), d.flow("a", "b")),
        "topic",
        "b",
    ),
    "sends nothing": (body(d.node("sendTask", "b"), d.flow("a", "b")), "send-what", "b"),
    "decision without tag": (
        body(
            d.node(
                "businessRuleTask",
                "b",
                camunda__decisionRef="x",
                camunda__decisionRefBinding="versionTag",
            ),
            d.flow("a", "b"),
        ),
        "binding",
        "b",
    ),
    "call of nothing": (
        body(d.node("callActivity", "b"), d.flow("a", "b")),
        "called-process",
        "b",
    ),
    "call by an unknown binding": (
        body(
            d.node("callActivity", "b", calledElement="x", camunda__calledElementBinding="sao"),
            d.flow("a", "b"),
        ),
        "binding",
        "b",
    ),
    "call by version without version": (
        body(
            d.node("callActivity", "b", calledElement="x", camunda__calledElementBinding="version"),
            d.flow("a", "b"),
        ),
        "binding",
        "b",
    ),
    "call with a half mapping": (
        body(
            d.node(
                "callActivity",
                "b",
                d.extensions('<camunda:in source="x"/>'),
                calledElement="x",
            ),
            d.flow("a", "b"),
        ),
        "mapping",
        "b",
    ),
    "case call": (
        body(
            d.node("callActivity", "b", calledElement="x", camunda__caseRef="c"), d.flow("a", "b")
        ),
        "java",
        "b",
    ),
    "two forms": (
        body(d.user("b", camunda__formKey="x", camunda__formRef="y"), d.flow("a", "b")),
        "form",
        "b",
    ),
    "form with an unknown binding": (
        body(d.user("b", camunda__formRef="y", camunda__formRefBinding="sao"), d.flow("a", "b")),
        "form",
        "b",
    ),
    "script in another language": (
        body(
            d.node("scriptTask", "b", "<script>x = 1</script>", scriptFormat="javascript"),
            d.flow("a", "b"),
        ),
        "script-language",
        "b",
    ),
    "script that is no assignment": (
        body(d.script("b", "print(1)"), d.flow("a", "b")),
        "script",
        "b",
    ),
    "expression that does not compile": (
        body(d.user("b"), d.flow("a", "b", "x > ")),
        "expression",
        "a-b",
    ),
    "due duration that makes no sense": (
        body(d.user("b", lm__dueDuration="16 giờ"), d.flow("a", "b")),
        "due",
        "b",
    ),
    "priority that is no number": (
        body(d.user("b", camunda__priority="cao"), d.flow("a", "b")),
        "priority",
        "b",
    ),
    "retry that makes no sense": (
        body(
            d.external(
                "b",
                d.extensions(
                    "<camunda:failedJobRetryTimeCycle>mãi</camunda:failedJobRetryTimeCycle>"
                ),
            ),
            d.flow("a", "b"),
        ),
        "retry",
        "b",
    ),
    "history kept for no number of days": (
        d.definitions(
            d.body(d.start(), attributes='camunda:historyTimeToLive="lâu"'),
        ),
        "days",
        "p",
    ),
    "decision result that is no shape": (
        body(
            d.node(
                "businessRuleTask",
                "b",
                camunda__decisionRef="x",
                camunda__mapDecisionResult="dictionary",
            ),
            d.flow("a", "b"),
        ),
        "decision-result",
        "b",
    ),
    "error rule without condition": (
        body(
            d.external("b", d.extensions('<camunda:errorEventDefinition id="r"/>')),
            d.flow("a", "b"),
        ),
        "error-mark",
        "b",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_would_run_wrong_is_refused(name):
    bpmn, code, element = CASES[name]
    assert (code, element) in errors(bpmn)
    with pytest.raises(InvalidInput):
        only_process(bpmn, "p")


@pytest.mark.parametrize("name", CASES)
def test_sentences_are_vietnamese_and_say_where(name):
    bpmn, code, _ = CASES[name]
    problem = next(one for one in read(bpmn, "x.bpmn").report.errors if one.code == code)
    assert problem.file == "x.bpmn"
    assert problem.severity is Severity.ERROR
    assert problem.message.endswith(".")
    assert any(letter > "\x7f" for letter in problem.message)


def test_an_expression_says_its_line_and_column():
    bpmn = body(d.user("b"), d.flow("a", "b", "x = 1 and\n  y >"))
    (problem,) = read(bpmn).report.errors
    assert "dòng 2" in problem.message


def test_the_only_flow_without_condition_is_taken_as_default():
    bpmn = body(
        GATE,
        d.user("b"),
        d.user("c"),
        d.flow("a", "g"),
        d.flow("g", "b", "x = 1"),
        d.flow("g", "c"),
    )
    reading = read(bpmn)
    assert not reading.report.errors
    assert [one.code for one in reading.report.problems] == ["assumed-default"]
    assert reading.processes["p"].nodes["g"].default.id == "g-c"


def test_a_process_that_the_file_does_not_have():
    with pytest.raises(InvalidInput):
        only_process(body(), "khac")
