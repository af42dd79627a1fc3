"""The parts of an element, compiled: events, jobs, loops, and what each kind of task says."""

from dataclasses import dataclass
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    TimeDateEventDefinition,
    TimerEventDefinition,
)

from app.engine.dialect import Dialect
from app.engine.expressions import Literal, Value
from app.engine.formulas import Formulas
from app.engine.graph import (
    Call,
    Decision,
    ErrorRule,
    Event,
    Job,
    Loop,
    Work,
)
from app.engine.names import flag
from app.engine.parser import DiagramParser
from app.engine.specs import Drawn, EventSpec, LoopSpec
from app.engine.timing import parse_working


@dataclass(frozen=True)
class Source:
    """The file around an element: its errors, and the defaults of its process."""

    parser: DiagramParser
    task_priority: Value | None


_EVENT_KINDS = {
    "MessageEventDefinition": "message",
    "SignalEventDefinition": "signal",
    "ErrorEventDefinition": "error",
    "EscalationEventDefinition": "escalation",
    "ConditionalEventDefinition": "conditional",
    "TerminateEventDefinition": "terminate",
    "CancelEventDefinition": "cancel",
    "CompensateEventDefinition": "compensate",
    "LinkEventDefinition": "link",
}


def job(dialect: Dialect, formulas: Formulas, source: Source) -> Job | None:
    if dialect.get("type") != "external":
        return None
    topic = formulas.value(dialect.get("topic"), "Tên công việc (topic)")
    rules = tuple(
        ErrorRule(
            formulas.value(_error_code(mark.error_ref, source), "Mã lỗi"),
            formulas.value(dialect.get("errorMessage"), "Lời lỗi"),
            formulas.condition(mark.expression, "Điều kiện lỗi"),
        )
        for mark in dialect.errors
    )
    priority = formulas.integer(dialect.get("taskPriority"), "Mức ưu tiên", "priority")
    return Job(topic or Literal(""), priority or source.task_priority, rules)


def _error_code(reference: str | None, source: Source) -> str | None:
    entry = source.parser.errors.get(reference) or {}
    code: str | None = entry.get("error_code")
    return code


def event(spec: EventSpec, formulas: Formulas, source: Source) -> Event:
    definition, dialect = spec.definition, spec.dialect
    if isinstance(definition, TimerEventDefinition):
        kinds = {CycleTimerEventDefinition: "cycle", TimeDateEventDefinition: "date"}
        timer = kinds.get(type(definition), "duration")
        return Event("timer", name=formulas.value(definition.expression, "Thời gian"), timer=timer)
    kind = _EVENT_KINDS[type(definition).__name__]
    if kind == "conditional":
        return Event(
            kind,
            condition=formulas.condition(definition.expression, "Điều kiện"),
            variable_name=dialect.get("variableName"),
            variable_events=frozenset(
                part.strip()
                for part in (dialect.get("variableEvents") or "").split(",")
                if part.strip()
            ),
        )
    name = getattr(definition, "name", None)
    return Event(
        kind,
        name=formulas.value(name, "Tên sự kiện"),
        code=formulas.value(getattr(definition, "code", None), "Mã"),
        key=formulas.value(dialect.own.get("key"), "Khoá tương quan")
        or _correlation(definition, formulas),
        activity=getattr(definition, "activity", None),
        wait=getattr(definition, "wait", True),
        code_variable=dialect.get("errorCodeVariable") or dialect.get("escalationCodeVariable"),
        message_variable=dialect.get("errorMessageVariable"),
        message=formulas.value(definition.description, "Lời lỗi"),
        later=flag(dialect.get("async")),
        payload=formulas.passes(dialect.passed_in, "Dữ liệu gửi kèm"),
        job=job(dialect, formulas, source),
    )


def _correlation(definition: Any, formulas: Formulas) -> Value | None:
    properties = getattr(definition, "correlation_properties", None) or []
    for one in properties:
        return formulas.condition(one.retrieval_expression, "Khoá tương quan")
    return None


def loop(spec: LoopSpec, formulas: Formulas) -> Loop:
    collection: Value | str | None = spec.collection
    if spec.collection and not spec.collection.replace("_", "a").isalnum():
        collection = formulas.condition(spec.collection, "Danh sách lặp")
    maximum = formulas.integer(spec.maximum, "Số vòng lặp tối đa", "loop")
    return Loop(
        sequential=spec.sequential,
        standard=spec.standard,
        cardinality=formulas.condition(spec.cardinality, "Số lần lặp"),
        collection=collection,
        element=spec.element,
        completion=formulas.condition(spec.completion, "Điều kiện dừng lặp"),
        output=spec.output,
        output_item=spec.output_item,
        test_before=spec.test_before,
        maximum=maximum.value if isinstance(maximum, Literal) else None,
        async_before=flag(spec.dialect.get("asyncBefore")) or flag(spec.dialect.get("async")),
        async_after=flag(spec.dialect.get("asyncAfter")),
        retry=formulas.retry(spec.dialect.retry_cycle),
    )


def work(drawn: Drawn, formulas: Formulas) -> Work:
    dialect = drawn.dialect
    lane = drawn.lane.dialect if drawn.lane else Dialect()
    groups = dialect.get("candidateGroups") or lane.get("candidateGroups")
    due = dialect.own.get("dueDuration")
    if due is not None and parse_working(due) is None:
        formulas.report.error(
            "due",
            formulas.element,
            f"Thời hạn (lm:dueDuration) của {formulas.label} phải có dạng “16 working_hour”, "
            f"“7 working_day” hoặc “5 calendar_day”, không phải “{due}”.",
        )
    return Work(
        form_key=formulas.value(dialect.get("formKey") or dialect.get("formRef"), "Biểu mẫu"),
        assignee=formulas.value(dialect.get("assignee"), "Người được giao"),
        users=formulas.values(dialect.get("candidateUsers"), "Người có thể nhận"),
        groups=formulas.values(groups, "Vai trò có thể nhận"),
        due=Literal(due) if due else formulas.value(dialect.get("dueDate"), "Hạn"),
        follow_up=formulas.value(dialect.get("followUpDate"), "Ngày nhắc"),
        priority=formulas.integer(dialect.get("priority"), "Mức ưu tiên", "priority"),
        agency=dialect.own.get("agency") or lane.own.get("agency"),
        unit=formulas.value(dialect.own.get("unit") or lane.own.get("unit"), "Đơn vị"),
        public_name=dialect.own.get("publicName"),
    )


def decision(dialect: Dialect, formulas: Formulas) -> Decision | None:
    reference = formulas.value(dialect.get("decisionRef"), "Bảng quyết định")
    if reference is None:
        return None
    return Decision(
        reference,
        dialect.get("decisionRefBinding") or "latest",
        formulas.value(dialect.get("decisionRefVersion"), "Phiên bản"),
        formulas.value(dialect.get("decisionRefVersionTag"), "Nhãn phiên bản"),
        dialect.get("resultVariable"),
        dialect.get("mapDecisionResult") or "",
    )


def call(drawn: Drawn, formulas: Formulas) -> Call | None:
    element = formulas.value(drawn.called, "Quy trình được gọi")
    if element is None:
        return None
    dialect = drawn.dialect
    out = formulas.passes(dialect.passed_out, "Dữ liệu ra")
    return Call(
        element,
        dialect.get("calledElementBinding") or "latest",
        formulas.value(dialect.get("calledElementVersion"), "Phiên bản"),
        formulas.value(dialect.get("calledElementVersionTag"), "Nhãn phiên bản"),
        formulas.passes(dialect.passed_in, "Dữ liệu vào"),
        tuple(one for one in out if not one.local),
        tuple(one for one in out if one.local),
    )


def script(drawn: Drawn, formulas: Formulas) -> tuple[tuple[str, Any], ...]:
    language = (drawn.script_format or "feel").lower()
    if language != "feel":
        formulas.report.error(
            "script-language",
            formulas.element,
            f"{formulas.label} viết bằng {drawn.script_format}; chỉ nhận FEEL: "
            "mỗi dòng “biến = biểu thức”.",
        )
        return ()
    result = drawn.dialect.get("resultVariable")
    if result and drawn.script:
        formula = formulas.condition(drawn.script, "Biểu thức")
        return ((result, formula),) if formula else ()
    return formulas.script(drawn.script or "")
