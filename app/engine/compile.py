"""From specs to a graph: every expression compiled, every reference resolved.

What cannot be compiled is reported with its element; the graph is only used when there is no
error.
"""

from typing import Any

from app.engine import activities, ad_hoc, events, gateways, subprocesses, throws
from app.engine import compile_parts as parts
from app.engine.elements import SUB_PROCESSES
from app.engine.formulas import Formulas
from app.engine.graph import (
    Behaviour,
    Container,
    Flow,
    Node,
    Process,
)
from app.engine.names import flag
from app.engine.parser import DiagramParser
from app.engine.reports import Report
from app.engine.specs import Drawn, FlowSpec

BEHAVIOURS: dict[str, Behaviour] = {
    "startEvent": events.none_event,
    "boundaryEvent": events.none_event,
    "intermediateCatchEvent": events.intermediate_catch,
    "intermediateThrowEvent": throws.intermediate_throw,
    "endEvent": throws.end_event,
    "task": activities.pass_through,
    "manualTask": activities.pass_through,
    "userTask": activities.user_task,
    "serviceTask": activities.service_task,
    "sendTask": activities.send_task,
    "receiveTask": activities.receive_task,
    "scriptTask": activities.script_task,
    "businessRuleTask": activities.business_rule_task,
    "callActivity": subprocesses.call_activity,
    "subProcess": subprocesses.sub_process,
    "transaction": subprocesses.sub_process,
    "adHocSubProcess": ad_hoc.ad_hoc,
    "exclusiveGateway": gateways.exclusive,
    "inclusiveGateway": gateways.inclusive,
    "parallelGateway": gateways.parallel,
    "eventBasedGateway": gateways.event_based,
    "complexGateway": gateways.complex_gateway,
}


def compile_process(parser: DiagramParser, key: str, report: Report) -> "Compiler":
    """Compile one process of a parsed file; problems go to `report`."""
    return Compiler(parser, key, report)


class Compiler:
    """`process` is the graph; `specs` keeps what was drawn, by element id, for the lint."""

    def __init__(self, parser: DiagramParser, key: str, report: Report) -> None:
        self.parser = parser
        self.report = report
        self.specs: dict[str, Drawn] = {}
        spec = parser.get_spec(key)
        drawn: Drawn = spec.extensions
        self.process = Process(key, spec.description or key)
        self.process.version_tag = drawn.dialect.get("versionTag")
        self.process.ends_uncaught = drawn.dialect.own.get("uncaughtErrors") == "end"
        formulas = Formulas(report, key, "quy trình")
        self.process.job_priority = formulas.integer(
            drawn.dialect.get("jobPriority"), "Mức ưu tiên", "priority"
        )
        self.process.task_priority = formulas.integer(
            drawn.dialect.get("taskPriority"), "Mức ưu tiên", "priority"
        )
        formulas.days(drawn.dialect.get("historyTimeToLive"), "Thời hạn giữ lịch sử")
        self.source = parts.Source(parser, self.process.task_priority)
        self.process.root = Container(None, self.process)
        todo = [(key, self.process.root)]
        while todo:
            container_id, container = todo.pop()
            todo.extend(self._fill(container_id, container))
        for node in self.process.nodes.values():
            self._connect(node)
        for node in self.process.nodes.values():
            self._finish(node)

    def _fill(self, container_id: str, container: Container) -> list[tuple[str, Container]]:
        """Make the nodes of a container; give the containers inside it."""
        inner = []
        for identifier, spec in self.parser.get_spec(container_id).task_specs.items():
            drawn: Drawn = spec.extensions
            if identifier in self.process.nodes:
                continue
            node = self._node(spec, drawn, container)
            self.specs[identifier] = drawn
            self.process.nodes[identifier] = node
            container.nodes.append(node)
            if node.kind in SUB_PROCESSES:
                node.inside = Container(node, self.process)
                inner.append((identifier, node.inside))
                if drawn.triggered_by_event:
                    container.event_subprocesses.append(node)
            elif node.kind == "startEvent":
                container.starts.append(node)
        return inner

    def _node(self, spec: Any, drawn: Drawn, container: Container) -> Node:
        dialect = drawn.dialect
        node = Node(
            id=spec.bpmn_id,
            name=spec.bpmn_name or "",
            kind=drawn.kind,
            container=container,
            behave=BEHAVIOURS[drawn.kind],
            order=len(self.process.nodes),
            lane=drawn.lane.name if drawn.lane else None,
        )
        formulas = Formulas(self.report, node.id, f"“{node.name or node.id}”")
        node.interrupting = drawn.interrupting
        node.parallel_multiple = drawn.parallel_multiple
        node.for_compensation = drawn.for_compensation
        node.events = tuple(parts.event(one, formulas, self.source) for one in drawn.events)
        node.inputs = formulas.mappings(dialect.inputs, "Tham số vào")
        node.outputs = formulas.mappings(dialect.outputs, "Kết quả ra")
        node.enter_clocks = tuple((c.kind, c.action) for c in dialect.clocks if c.on == "enter")
        node.leave_clocks = tuple((c.kind, c.action) for c in dialect.clocks if c.on == "leave")
        node.async_before = flag(dialect.get("asyncBefore")) or flag(dialect.get("async"))
        node.async_after = flag(dialect.get("asyncAfter"))
        node.retry = formulas.retry(dialect.retry_cycle)
        node.job_priority = (
            formulas.integer(dialect.get("jobPriority"), "Mức ưu tiên", "priority")
            or self.process.job_priority
        )
        node.result = dialect.get("resultVariable")
        node.initiator = dialect.get("initiator")
        self._kind(node, drawn, formulas)
        if drawn.loop is not None:
            node.loop = parts.loop(drawn.loop, formulas)
        return node

    # --- what each kind says ------------------------------------------------------------

    def _kind(self, node: Node, drawn: Drawn, formulas: Formulas) -> None:
        if node.kind == "userTask":
            node.work = parts.work(drawn, formulas)
        elif node.kind in ("serviceTask", "sendTask", "businessRuleTask"):
            node.job = parts.job(drawn.dialect, formulas, self.source)
            node.formula = formulas.value(drawn.dialect.get("expression"), "Biểu thức")
            if node.kind == "businessRuleTask":
                node.decision = parts.decision(drawn.dialect, formulas)
        elif node.kind == "scriptTask":
            node.script = parts.script(drawn, formulas)
        elif node.kind == "callActivity":
            node.call = parts.call(drawn, formulas)
        elif node.kind == ad_hoc.KIND:
            node.work = parts.work(drawn, formulas)
            node.completion = formulas.condition(drawn.completion, "Điều kiện hoàn thành")
            node.ordered = drawn.ordered
            node.cancel_remaining = drawn.cancel_remaining
        elif node.kind == "complexGateway":
            node.formula = formulas.condition(drawn.condition, "Điều kiện mở cổng")

    # --- references ---------------------------------------------------------------------

    def _connect(self, node: Node) -> None:
        drawn: Drawn = self.specs[node.id]
        flows = []
        for spec in drawn.flows:
            target = self.process.nodes.get(spec.target)
            if target is None or target.container is not node.container:
                self.report.error(
                    "flow-target",
                    spec.id,
                    f"Luồng {spec.id} từ “{node.name or node.id}” không dẫn tới phần tử nào "
                    "cùng tiến trình.",
                )
                continue
            flow = Flow(spec.id, node, target, self._condition(spec))
            target.incoming += 1
            flows.append(flow)
            if spec.id == drawn.default_flow:
                node.default = flow
        node.outgoing = tuple(flows)
        if node.kind == "boundaryEvent":
            self._attach(node, drawn)

    def _condition(self, spec: FlowSpec) -> Any:
        formulas = Formulas(self.report, spec.id, f"luồng “{spec.name or spec.id}”")
        return formulas.condition(spec.condition, "Điều kiện")

    def _attach(self, node: Node, drawn: Drawn) -> None:
        host = self.process.nodes.get(drawn.attached_to or "")
        if host is None or host.container is not node.container or not host.is_activity:
            self.report.error(
                "boundary-host",
                node.id,
                f"Sự kiện biên “{node.name or node.id}” không gắn vào hoạt động nào.",
            )
            return
        node.host = host
        host.boundaries = (*host.boundaries, node)
        if node.events and node.events[0].kind == "compensate":
            handler = self.process.nodes.get(drawn.compensated_by or "")
            if handler is None:
                self.report.error(
                    "compensation-handler",
                    node.id,
                    f"Sự kiện bù trừ “{node.name or node.id}” chưa nối (association) "
                    "tới hoạt động bù trừ.",
                )
                return
            host.compensator = handler
            handler.compensates = host

    def _finish(self, node: Node) -> None:
        """Work out what a run would otherwise ask again and again."""
        node.listening = tuple(
            boundary
            for boundary in node.boundaries
            if any(event.kind in events.WAITING for event in boundary.events)
        )
        node.local = bool(node.inputs or node.outputs)
        joins = node.kind in ("inclusiveGateway", "complexGateway")
        node.gathers = joins and node.incoming > 1
        node.plain = not (
            node.local
            or node.listening
            or node.loop
            or node.async_before
            or node.async_after
            or node.inside
            or node.compensator
        )
        throws_link = node.kind == "intermediateThrowEvent" and node.events
        if throws_link and node.events[0].kind == "link":
            node.jump = _link_target(node)
        if node.inside is not None:
            for sub in node.inside.event_subprocesses:
                self._note_compensation_start(node.inside, sub)
        if not node.container.node:
            for sub in node.container.event_subprocesses:
                self._note_compensation_start(node.container, sub)

    @staticmethod
    def _note_compensation_start(container: Container, sub: Node) -> None:
        starts = sub.inside.starts if sub.inside else []
        if starts and starts[0].events and starts[0].events[0].kind == "compensate":
            container.compensation_handler = sub


def _link_target(thrower: Node) -> Node | None:
    for node in thrower.container.nodes:
        if node.kind == "intermediateCatchEvent" and node.events:
            event = node.events[0]
            if event.kind == "link" and event.name == thrower.events[0].name:
                return node
    return None
