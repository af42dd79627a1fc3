"""Rules for flows and gateways."""

from app.engine.rules import Look, Rule, label


def _exclusive(look: Look) -> None:
    node, report = look.node, look.report
    if node.kind != "exclusiveGateway":
        return
    bare = [flow for flow in node.outgoing if flow.condition is None and flow is not node.default]
    if len(node.outgoing) > 1 and len(bare) == 1 and node.default is None:
        node.default = bare.pop()
        report.warning(
            "assumed-default",
            node.default.id,
            f"Luồng {node.default.id} ra khỏi cổng {label(node)} không có điều kiện; "
            "được coi là luồng mặc định.",
        )
    for flow in bare if len(node.outgoing) > 1 else ():
        report.error(
            "missing-condition",
            flow.id,
            f"Luồng {flow.id} ra khỏi cổng {label(node)} thiếu điều kiện "
            "và không phải luồng mặc định.",
        )
    for flow in node.outgoing:
        if flow.condition is not None and len(node.outgoing) == 1 and flow is not node.default:
            report.error(
                "single-condition",
                flow.id,
                f"Cổng {label(node)} chỉ có một luồng ra, luồng ấy không được có điều kiện.",
            )


def _default(look: Look) -> None:
    node, drawn, report = look.node, look.drawn, look.report
    if drawn.default_flow and node.default is None:
        report.error(
            "default-flow",
            node.id,
            f"Luồng mặc định {drawn.default_flow} không đi ra từ {label(node)}.",
        )
    if node.default is not None and node.default.condition is not None:
        told = report.error if node.kind == "exclusiveGateway" else report.warning
        told(
            "default-condition",
            node.default.id,
            f"Luồng mặc định của {label(node)} có điều kiện; điều kiện ấy không được xét.",
        )


def _gateway_out(look: Look) -> None:
    node, report = look.node, look.report
    if node.kind.endswith("Gateway") and not node.outgoing:
        report.error("no-outgoing", node.id, f"Cổng {label(node)} không có luồng ra.")


def _event_gateway(look: Look) -> None:
    node, report = look.node, look.report
    if node.kind != "eventBasedGateway":
        return
    if node.async_after:
        report.error(
            "async-after",
            node.id,
            f"Cổng sự kiện {label(node)} rời đi bằng sự kiện đến nên không được đặt asyncAfter.",
        )
    for flow in node.outgoing:
        target = flow.target
        kinds = {event.kind for event in target.events}
        waits = target.kind in ("intermediateCatchEvent", "receiveTask") and kinds
        if not waits or not kinds <= {"message", "signal", "timer", "conditional"}:
            report.error(
                "event-gateway-target",
                flow.id,
                f"Sau cổng sự kiện {label(node)} chỉ được là sự kiện chờ (tin, tín hiệu, "
                f"thời gian, điều kiện), không phải {label(target)}.",
            )
        elif len(target.events) > 1 or target.loop is not None:
            report.error(
                "event-gateway-target",
                target.id,
                f"{label(target)} đứng sau cổng sự kiện nên chỉ được chờ một sự kiện, một lần.",
            )
        if target.incoming > 1:
            report.error(
                "event-gateway-target",
                target.id,
                f"{label(target)} đứng sau cổng sự kiện nên không được có luồng vào khác.",
            )
        if flow.condition is not None:
            report.error(
                "event-gateway-target",
                flow.id,
                f"Luồng ra khỏi cổng sự kiện {label(node)} không được có điều kiện.",
            )


def _ends(look: Look) -> None:
    node, drawn, report = look.node, look.drawn, look.report
    if node.kind == "endEvent" and node.outgoing:
        report.error(
            "end-outgoing", node.id, f"Sự kiện kết thúc {label(node)} không được có luồng ra."
        )
    if node.kind in ("startEvent", "boundaryEvent") and node.incoming:
        report.error("start-incoming", node.id, f"Sự kiện {label(node)} không được có luồng vào.")
    if drawn.triggered_by_event and (node.incoming or node.outgoing):
        report.error(
            "event-subprocess-flow",
            node.id,
            f"Tiến trình con sự kiện {label(node)} không được nối luồng.",
        )
    if node.for_compensation and (node.incoming or node.outgoing):
        report.error(
            "compensation-flow",
            node.id,
            f"Hoạt động bù trừ {label(node)} không được nối luồng tuần tự.",
        )


RULES: tuple[Rule, ...] = (
    _exclusive,
    _default,
    _gateway_out,
    _event_gateway,
    _ends,
)
