"""Rules that a compiled process must obey: whatever breaks one would run wrong.

Each rule looks at one node (`rules_flows`, `rules_events`, `rules_activities`); here are those
that look at a whole process or sub-process. They hold at deployment and again whenever a file is
compiled.
"""

from collections.abc import Iterator, Sequence

from app.engine import rules_activities, rules_events, rules_flows
from app.engine.graph import Container, Event, Node, Process
from app.engine.reports import Report
from app.engine.rules import Look, label, source
from app.engine.specs import Drawn


def check_structure(process: Process, drawn: dict[str, Drawn], report: Report) -> None:
    """Apply every rule to every node."""
    if not process.root.nodes:
        report.error("empty-process", process.key, f"Quy trình “{process.name}” chưa có bước nào.")
    for node in process.nodes.values():
        look = Look(node, drawn[node.id], report)
        for rule in (*rules_flows.RULES, *rules_events.RULES, *rules_activities.RULES):
            rule(look)
    for container in _containers(process):
        _starts(container, report)
        _same_events(container, report)


def _containers(process: Process) -> Iterator[Container]:
    yield process.root
    for node in process.nodes.values():
        if node.inside is not None:
            yield node.inside


def _starts(container: Container, report: Report) -> None:
    owner = container.node
    where = owner.id if owner else container.process.key
    name = label(owner) if owner else f"quy trình “{container.process.name}”"
    nones = [start for start in container.starts if not start.events]
    if owner is not None and owner.kind == "adHocSubProcess":
        if container.starts:
            report.error(
                "ad-hoc-start", where, f"{name} là tiến trình tùy chọn, không có sự kiện bắt đầu."
            )
        return
    if len(nones) > 1:
        report.error(
            "several-starts", where, f"{name} có {len(nones)} sự kiện bắt đầu thường; chỉ được một."
        )
    is_event = owner is not None and owner in owner.container.event_subprocesses
    if is_event:
        if len(container.starts) != 1 or nones:
            report.error(
                "event-subprocess-start",
                where,
                f"Tiến trình con sự kiện {name} phải có đúng một sự kiện bắt đầu, có điều kiện kích hoạt.",
            )
    elif owner is not None and (len(container.starts) != 1 or not nones):
        report.error(
            "subprocess-start",
            where,
            f"Tiến trình con {name} phải có đúng một sự kiện bắt đầu thường.",
        )
    elif not container.starts:
        report.error("no-start", where, f"{name} không có sự kiện bắt đầu.")


def _same_events(container: Container, report: Report) -> None:
    """Two listeners of one place must not wait for the same thing.

    Equal conditions inside an instance may both fire; those that begin one would begin two.
    """
    _distinct(container.starts, report, also=("conditional",))
    within = [
        sub.inside.starts[0]
        for sub in container.event_subprocesses
        if sub.inside and sub.inside.starts
    ]
    for listeners in (within, *(node.boundaries for node in container.nodes)):
        _distinct(listeners, report)
        _catch_all(listeners, report)


def _catch_all(nodes: Sequence[Node], report: Report) -> None:
    """Who catches every escalation of a place is alone there: Camunda's rule."""
    catching = [
        (node, event) for node in nodes for event in node.events if event.kind == "escalation"
    ]
    if len(catching) < 2:
        return
    for node, event in catching:
        if not source(event.code):
            report.error(
                "catch-all",
                node.id,
                f"{label(node)} bắt mọi báo cáo cấp trên nên không đứng cạnh sự kiện bắt từng mã.",
            )


def _distinct(nodes: Sequence[Node], report: Report, also: tuple[str, ...] = ()) -> None:
    seen: dict[tuple[str, object], Node] = {}
    for node in nodes:
        for event in node.events:
            key = _identity(event)
            if key is None or (event.kind == "conditional" and event.kind not in also):
                continue
            if key in seen and seen[key] is not node:
                report.error(
                    "same-event",
                    node.id,
                    f"{label(node)} và {label(seen[key])} chờ cùng một sự kiện.",
                )
            seen[key] = node


def _identity(event: Event) -> tuple[str, object] | None:
    if event.kind in ("message", "signal"):
        return event.kind, source(event.name)
    if event.kind in ("error", "escalation"):
        return event.kind, source(event.code)
    if event.kind == "conditional" and event.condition is not None:
        return event.kind, (event.condition.source, event.variable_name, event.variable_events)
    if event.kind in ("compensate", "cancel"):
        return event.kind, None
    return None
