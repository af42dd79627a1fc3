"""Rules for events: where each kind may stand, and what it has to say."""

from collections.abc import Callable

from app.engine.expressions import Formula, Literal
from app.engine.graph import Event, Node
from app.engine.reports import Report
from app.engine.rules import Look, Rule, label, source
from app.engine.timing import parse_cycle, parse_duration, parse_instant, parse_working

_ROOT_STARTS = frozenset(("message", "signal", "timer", "conditional"))
_SUB_STARTS = _ROOT_STARTS | {"error", "escalation", "compensate"}


def _start_events(look: Look) -> None:
    node, report = look.node, look.report
    if node.kind != "startEvent":
        return
    owner = node.container.node
    allowed = _SUB_STARTS if owner is not None else _ROOT_STARTS
    for event in node.events:
        if event.kind not in allowed:
            report.error(
                "start-kind",
                node.id,
                f"Sự kiện bắt đầu {label(node)} không được là loại {event.kind}.",
            )
        if event.kind in ("error", "compensate") and not node.interrupting:
            report.error(
                "interrupting",
                node.id,
                f"Sự kiện bắt đầu {label(node)} bắt lỗi hoặc bù trừ nên phải là loại ngắt.",
            )
        if event.kind == "compensate" and owner is not None and owner.container.node is None:
            report.error(
                "compensation-start",
                node.id,
                f"Tiến trình con bù trừ {label(owner)} phải nằm trong một tiến trình con khác: "
                "cả quy trình thì không ai bù trừ được.",
            )
        root_message = event.kind == "message" and owner is None
        if root_message and isinstance(event.name, Formula):
            report.error(
                "message-name",
                node.id,
                f"Tên tin của sự kiện bắt đầu {label(node)} không được là biểu thức.",
            )


def _definitions(look: Look) -> None:
    node, report = look.node, look.report
    allowed = _ALLOWED.get(node.kind)
    if allowed is None:
        return
    for event in node.events:
        if event.kind not in allowed:
            report.error(
                "event-kind",
                node.id,
                f"{label(node)}: loại sự kiện {event.kind} không đặt được ở đây.",
            )
        _named(node, event, report)
        _timer(node, event, report)
    if node.kind in ("boundaryEvent", "intermediateCatchEvent") and not node.events:
        report.error("event-missing", node.id, f"{label(node)} chưa nói chờ sự kiện gì.")
    if len(node.events) > 1:
        kinds = {event.kind for event in node.events}
        catching = node.kind in ("boundaryEvent", "intermediateCatchEvent", "startEvent")
        if catching and not kinds <= _ROOT_STARTS:
            report.error(
                "event-multiple",
                node.id,
                f"{label(node)} gộp nhiều sự kiện: chỉ gộp được tin, tín hiệu, thời gian, điều kiện.",
            )
        if not catching and not kinds <= {"message", "signal"}:
            report.error(
                "event-multiple",
                node.id,
                f"{label(node)} gộp nhiều sự kiện: chỉ gộp được tin và tín hiệu.",
            )


_ALLOWED = {
    "startEvent": _SUB_STARTS,
    "intermediateCatchEvent": _ROOT_STARTS | {"link"},
    "boundaryEvent": _SUB_STARTS | {"cancel"},
    "intermediateThrowEvent": frozenset(("message", "signal", "escalation", "compensate", "link")),
    "endEvent": frozenset(
        ("message", "signal", "escalation", "compensate", "error", "cancel", "terminate")
    ),
    "receiveTask": frozenset(("message",)),
    "sendTask": frozenset(("message",)),
}
_NAMES = {"message": "tin", "signal": "tín hiệu", "link": "liên kết"}


def _named(node: Node, event: Event, report: Report) -> None:
    unnamed = event.kind in _NAMES and not source(event.name).strip() and event.job is None
    if unnamed and event.kind == "message" and node.kind in ("endEvent", "intermediateThrowEvent"):
        report.warning("event-name", node.id, f"{label(node)} gửi tin mà chưa nói tin nào.")
    elif unnamed:
        report.error("event-name", node.id, f"{label(node)}: {_NAMES[event.kind]} chưa có tên.")
    throws = node.kind in ("endEvent", "intermediateThrowEvent")
    if throws and event.kind in ("error", "escalation") and not source(event.code).strip():
        what = "lỗi" if event.kind == "error" else "báo cấp trên"
        report.error("event-code", node.id, f"{label(node)} phát {what} mà chưa có mã.")
    if event.kind == "conditional" and event.condition is None:
        report.error("event-condition", node.id, f"{label(node)} chưa có điều kiện.")


_TIMER_READERS: dict[str, tuple[Callable[[str], object | None], ...]] = {
    "date": (parse_instant, parse_duration, parse_working),
    "duration": (parse_duration, parse_working, parse_instant),
    "cycle": (parse_cycle,),
}


def _timer(node: Node, event: Event, report: Report) -> None:
    if event.kind != "timer":
        return
    if event.name is None or not source(event.name).strip():
        report.error("timer", node.id, f"{label(node)} chưa nói chờ đến bao giờ.")
    elif isinstance(event.name, Literal):
        text = source(event.name)
        if not any(reader(text) for reader in _TIMER_READERS[event.timer]):
            report.error(
                "timer",
                node.id,
                f"{label(node)}: không hiểu thời gian “{text}”. Ví dụ: P5D, PT2H, R3/PT1H, "
                "2026-02-03T08:00, 5 working_day.",
            )


_ESCALATING = frozenset(
    ("subProcess", "transaction", "adHocSubProcess", "callActivity", "userTask")
)
"""What an escalation can come out of: Camunda's list."""


def _boundary(look: Look) -> None:
    node, report = look.node, look.report
    if node.kind != "boundaryEvent" or node.host is None:
        return
    for event in node.events:
        if event.kind == "cancel" and node.host.kind != "transaction":
            report.error(
                "cancel-boundary", node.id, f"Sự kiện hủy {label(node)} chỉ gắn được vào giao dịch."
            )
        if event.kind == "escalation" and node.host.kind not in _ESCALATING:
            report.error(
                "escalation-host",
                node.id,
                f"Sự kiện báo cấp trên {label(node)} chỉ gắn được vào tiến trình con, "
                "quy trình được gọi hoặc việc của người.",
            )
        if event.kind == "error" and not node.interrupting:
            report.error(
                "interrupting", node.id, f"Sự kiện biên bắt lỗi {label(node)} phải là loại ngắt."
            )
        if event.kind == "cancel" and not node.interrupting:
            report.error(
                "interrupting", node.id, f"Sự kiện biên hủy {label(node)} phải là loại ngắt."
            )


def _cancel_end(look: Look) -> None:
    node, report = look.node, look.report
    if node.kind != "endEvent" or not any(event.kind == "cancel" for event in node.events):
        return
    owner = node.container.node
    if owner is None or owner.kind != "transaction":
        report.error("cancel-end", node.id, f"Sự kiện hủy {label(node)} phải nằm trong giao dịch.")
    elif not any(
        event.kind == "cancel" for boundary in owner.boundaries for event in boundary.events
    ):
        report.error(
            "cancel-end",
            owner.id,
            f"Giao dịch {label(owner)} có sự kiện hủy nhưng thiếu sự kiện biên hủy.",
        )


def _links(look: Look) -> None:
    node, report = look.node, look.report
    for event in node.events:
        if event.kind != "link":
            continue
        same = [
            other
            for other in node.container.nodes
            if other.kind == "intermediateCatchEvent"
            and any(
                one.kind == "link" and source(one.name) == source(event.name)
                for one in other.events
            )
        ]
        if len(same) > 1:
            report.error(
                "link", node.id, f"Có nhiều sự kiện liên kết đến tên “{source(event.name)}”."
            )
        if node.kind == "intermediateThrowEvent" and not same:
            report.error("link", node.id, f"Liên kết {label(node)} không có nơi đến cùng tên.")
        if node.kind == "intermediateCatchEvent" and node.incoming:
            report.error(
                "link", node.id, f"Nơi đến của liên kết {label(node)} không được có luồng vào."
            )


RULES: tuple[Rule, ...] = (
    _start_events,
    _definitions,
    _boundary,
    _cancel_end,
    _links,
)
