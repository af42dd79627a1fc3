"""Rules for activities: loops, mappings, services, calls, forms."""

from app.engine.activities import MAPPINGS
from app.engine.graph import BINDINGS, Container, Decision, Node
from app.engine.reports import Report
from app.engine.rules import Look, Rule, label, source


def _compensation(look: Look) -> None:
    node, report = look.node, look.report
    for event in node.events:
        if event.kind != "compensate" or event.activity is None:
            continue
        if node.kind in ("startEvent", "boundaryEvent"):
            continue  # who catches says nothing of activities; Camunda takes no notice either
        target = node.container.process.nodes.get(event.activity)
        if target is None or not target.is_activity or target.container not in _reach(node):
            report.error(
                "compensation-activity",
                node.id,
                f"{label(node)} bù trừ hoạt động {event.activity} không có trong cùng tiến trình.",
            )


def _reach(node: Node) -> tuple[Container, ...]:
    """Where compensation thrown at a node can undo: around an event sub-process as well."""
    owner = node.container.node
    if owner is not None and owner in owner.container.event_subprocesses:
        return node.container, owner.container
    return (node.container,)


def _compensated(look: Look) -> None:
    """What undoes an activity is an activity of its own, drawn for that."""
    node, report = look.node, look.report
    handler = node.compensator
    if handler is None:
        return
    if not handler.for_compensation:
        report.error(
            "compensation-handler",
            handler.id,
            f"{label(handler)} bù trừ cho {label(node)} nên phải đặt isForCompensation=true.",
        )
    if node.inside is not None and node.inside.compensation_handler is not None:
        report.error(
            "compensation-handler",
            node.id,
            f"{label(node)} vừa có sự kiện biên bù trừ, vừa có tiến trình con bù trừ bên trong.",
        )


def _loop(look: Look) -> None:
    node, report = look.node, look.report
    loop = node.loop
    if loop is None:
        return
    if loop.standard:
        if loop.completion is None and loop.maximum is None:
            report.error(
                "loop", node.id, f"Vòng lặp {label(node)} cần điều kiện hoặc số vòng tối đa."
            )
    elif loop.cardinality is None and loop.collection is None:
        report.error(
            "loop", node.id, f"{label(node)} lặp nhiều bản nhưng thiếu số lần hoặc danh sách."
        )
    if loop.element and loop.collection is None:
        report.error("loop", node.id, f"{label(node)} có tên phần tử lặp nhưng thiếu danh sách.")
    if node.outputs and not loop.standard:
        report.error(
            "loop-output",
            node.id,
            f"{label(node)} lặp nhiều bản nên không được có kết quả ra (outputParameter).",
        )
    if node.for_compensation:
        report.error("loop", node.id, f"Hoạt động bù trừ {label(node)} không được lặp.")


_MAPPED = frozenset(
    (
        "userTask",
        "task",
        "manualTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
        "callActivity",
        "subProcess",
        "transaction",
        "adHocSubProcess",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "endEvent",
    )
)


def _mappings(look: Look) -> None:
    node, drawn, report = look.node, look.drawn, look.report
    if (node.inputs or node.outputs) and node.kind not in _MAPPED:
        report.error(
            "mapping-place", node.id, f"{label(node)} không nhận tham số vào hay kết quả ra."
        )
    if node.outputs and node.kind == "endEvent":
        report.error(
            "mapping-place", node.id, f"Sự kiện kết thúc {label(node)} không có kết quả ra."
        )
    if (node.inputs or node.outputs) and drawn.triggered_by_event:
        report.error(
            "mapping-place",
            node.id,
            f"Tiến trình con sự kiện {label(node)} không nhận tham số vào hay ra.",
        )


_FOREIGN = {"class": "lớp Java", "delegateExpression": "đối tượng Java"}


def _foreign_code(look: Look) -> None:
    node, drawn, report = look.node, look.drawn, look.report
    for attribute, what in _FOREIGN.items():
        dialects = [drawn.dialect, *(event.dialect for event in drawn.events)]
        if any(dialect.get(attribute) for dialect in dialects):
            report.error(
                "java",
                node.id,
                f"{label(node)} gọi {what} ({attribute}); hãy dùng việc gọi ngoài: "
                'camunda:type="external" và camunda:topic="bộ_nối.thao_tác".',
            )
    if drawn.dialect.has_connector:
        report.error(
            "connector",
            node.id,
            f'{label(node)} dùng camunda:connector; hãy dùng camunda:type="external" '
            "với topic của bộ nối.",
        )
    if drawn.dialect.has_listeners:
        report.error(
            "listener",
            node.id,
            f"{label(node)} có bộ lắng nghe (listener) chạy mã; hãy thay bằng nhiệm vụ gọi ngoài.",
        )


def _service(look: Look) -> None:
    node, drawn, report = look.node, look.drawn, look.report
    if node.kind not in ("serviceTask", "sendTask", "businessRuleTask"):
        return
    kind = drawn.dialect.get("type")
    if kind not in (None, "external"):
        report.error("service-type", node.id, f"{label(node)}: không có loại dịch vụ “{kind}”.")
    if kind == "external" and not source(node.job.topic if node.job else None).strip():
        report.error("topic", node.id, f"{label(node)} gọi ngoài nhưng chưa có topic.")
    done = node.job is not None or node.formula is not None or node.decision is not None
    foreign = any(drawn.dialect.get(name) for name in _FOREIGN)
    if node.kind == "sendTask" and not node.events and not done and not foreign:
        report.error("send-what", node.id, f"{label(node)} chưa nói gửi tin gì hay gọi bộ nối nào.")
    elif node.kind != "sendTask" and not done and not foreign and not drawn.dialect.has_connector:
        report.error(
            "service-what", node.id, f"{label(node)} chưa nói gọi dịch vụ hay quyết định nào."
        )
    if node.decision is not None:
        _asked(node, node.decision, report)


def _asked(node: Node, decision: Decision, report: Report) -> None:
    """Which version of a decision is asked, and what becomes of its answer."""
    if decision.binding == "versionTag" and decision.version_tag is None:
        report.error("binding", node.id, f"{label(node)} chọn theo nhãn phiên bản mà thiếu nhãn.")
    if decision.mapping and decision.mapping not in MAPPINGS:
        report.error(
            "decision-result",
            node.id,
            f"{label(node)}: không có cách nhận kết quả “{decision.mapping}” (mapDecisionResult).",
        )


def _error_marks(look: Look) -> None:
    node, drawn, report = look.node, look.drawn, look.report
    for mark in drawn.dialect.errors:
        if not mark.expression:
            report.error("error-mark", node.id, f"{label(node)} có quy tắc lỗi thiếu điều kiện.")


def _call(look: Look) -> None:
    node, drawn, report = look.node, look.drawn, look.report
    if node.kind != "callActivity":
        return
    if node.call is None:
        report.error("called-process", node.id, f"{label(node)} chưa nói gọi quy trình nào.")
        return
    dialect = drawn.dialect
    for name in ("caseRef", "variableMappingClass", "variableMappingDelegateExpression"):
        if dialect.get(name):
            report.error("java", node.id, f"{label(node)} dùng {name}, hệ thống không chạy.")
    if node.call.binding not in BINDINGS:
        report.error(
            "binding", node.id, f"{label(node)}: không có kiểu gắn phiên bản “{node.call.binding}”."
        )
    if node.call.binding == "version" and node.call.version is None:
        report.error(
            "binding", node.id, f"{label(node)} chọn theo phiên bản mà thiếu số phiên bản."
        )
    if node.call.binding == "versionTag" and node.call.version_tag is None:
        report.error("binding", node.id, f"{label(node)} chọn theo nhãn phiên bản mà thiếu nhãn.")


def _forms(look: Look) -> None:
    node, drawn, report = look.node, look.drawn, look.report
    dialect = drawn.dialect
    if dialect.get("formKey") and dialect.get("formRef"):
        report.error("form", node.id, f"{label(node)} dùng cả formKey lẫn formRef; chỉ chọn một.")
    binding = dialect.get("formRefBinding")
    if dialect.get("formRef") and binding not in ("latest", "deployment", "version"):
        report.error(
            "form",
            node.id,
            f"{label(node)}: formRefBinding phải là latest, deployment hoặc version.",
        )


RULES: tuple[Rule, ...] = (
    _compensation,
    _compensated,
    _loop,
    _mappings,
    _foreign_code,
    _service,
    _error_marks,
    _call,
    _forms,
)
