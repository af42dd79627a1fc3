"""Rules for activities: loops, mappings, services, calls, forms."""

from app.engine.graph import BINDINGS
from app.engine.rules import Look, Rule, label, source


def _compensation(look: Look) -> None:
    node, report = look.node, look.report
    for event in node.events:
        if event.kind != "compensate" or event.activity is None:
            continue
        target = node.container.process.nodes.get(event.activity)
        if target is None or not target.is_activity:
            report.error(
                "compensation-activity",
                node.id,
                f"{label(node)} bù trừ hoạt động {event.activity} không có trong sơ đồ.",
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
    decision = node.decision
    if decision is not None and decision.binding == "versionTag" and decision.version_tag is None:
        report.error("binding", node.id, f"{label(node)} chọn theo nhãn phiên bản mà thiếu nhãn.")


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
    _loop,
    _mappings,
    _foreign_code,
    _service,
    _error_marks,
    _call,
    _forms,
)
