"""One element of a drawing, read into a spec of SpiffWorkflow with a `Drawn` in its extensions."""

from collections.abc import Callable
from typing import Any

from SpiffWorkflow.bpmn.parser.event_parsers import EventDefinitionParser
from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.conditional import ConditionalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import (
    ErrorEventDefinition,
    EscalationEventDefinition,
    SignalEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import (
    CancelEventDefinition,
    NoneEventDefinition,
    TerminateEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.timer import (
    CycleTimerEventDefinition,
    DurationTimerEventDefinition,
    TimeDateEventDefinition,
)

from app.engine import dialect
from app.engine.names import camunda, child, children, flag, text_of
from app.engine.specs import (
    CompensateEventDefinition,
    ComplexGateway,
    Drawn,
    EventSpec,
    FlowSpec,
    LinkEventDefinition,
    LoopSpec,
)
from app.engine.xml import Element, local_name

SUB_PROCESSES = ("subProcess", "transaction", "adHocSubProcess")

SPEC_CLASSES = {
    "startEvent": defaults.StartEvent,
    "endEvent": defaults.EndEvent,
    "intermediateCatchEvent": defaults.IntermediateCatchEvent,
    "intermediateThrowEvent": defaults.IntermediateThrowEvent,
    "boundaryEvent": defaults.BoundaryEvent,
    "task": defaults.NoneTask,
    "userTask": defaults.UserTask,
    "manualTask": defaults.ManualTask,
    "serviceTask": defaults.ServiceTask,
    "sendTask": defaults.SendTask,
    "receiveTask": defaults.ReceiveTask,
    "scriptTask": defaults.ScriptTask,
    "businessRuleTask": defaults.NoneTask,
    "callActivity": defaults.CallActivity,
    "subProcess": defaults.SubWorkflowTask,
    "transaction": defaults.TransactionSubprocess,
    "adHocSubProcess": defaults.AdHocSubprocess,
    "exclusiveGateway": defaults.ExclusiveGateway,
    "inclusiveGateway": defaults.InclusiveGateway,
    "parallelGateway": defaults.ParallelGateway,
    "eventBasedGateway": defaults.EventBasedGateway,
    "complexGateway": ComplexGateway,
}
KINDS = frozenset(SPEC_CLASSES)


class ElementParser(EventDefinitionParser):
    """Reads one flow node into a spec of the library; `spec.extensions` is a `Drawn`."""

    def parse_node(self) -> Any:
        spec = self.create_task()
        spec.extensions = self.parse_extensions()
        return spec

    def create_task(self) -> Any:
        arguments: dict[str, Any] = {"bpmn_name": self.node.get("name"), "lane": self.lane}
        kind = local_name(self.node)
        if kind in SUB_PROCESSES:
            arguments["subworkflow_spec"] = self.bpmn_id
        elif kind == "callActivity":
            arguments["subworkflow_spec"] = self.node.get("calledElement") or ""
        elif kind == "scriptTask":
            arguments["script"] = text_of(child(self.node, "script"))
        elif kind == "boundaryEvent":
            arguments["cancel_activity"] = flag(self.node.get("cancelActivity"), default=True)
        if kind.endswith("Event") or kind in ("sendTask", "receiveTask", "eventBasedGateway"):
            events = self._events()
            arguments["event_definition"] = (
                events[0].definition if events else NoneEventDefinition()
            )
        return self.spec_class(self.spec, self.bpmn_id, **arguments)

    def parse_extensions(self, node: Element | None = None) -> Drawn:
        node = self.node if node is None else node
        parser = self.process_parser
        condition = child(node, "activationCondition")
        return Drawn(
            kind=local_name(node),
            dialect=dialect.read(node),
            flows=tuple(_flow(flow) for flow in parser.get_outgoing_sequence_flows(node.get("id"))),
            default_flow=node.get("default"),
            events=self._events(),
            parallel_multiple=flag(node.get("parallelMultiple")),
            loop=_loop(node),
            attached_to=node.get("attachedToRef"),
            interrupting=_interrupting(node),
            triggered_by_event=flag(node.get("triggeredByEvent")),
            for_compensation=flag(node.get("isForCompensation")),
            compensated_by=parser.parser.associations.get(node.get("id")),
            called=node.get("calledElement"),
            script=text_of(child(node, "script")) or None,
            script_format=node.get("scriptFormat"),
            completion=text_of(child(node, "completionCondition")) or None,
            condition=text_of(condition) or None,
            ordered=node.get("ordering", "Parallel").lower() == "sequential",
            cancel_remaining=flag(node.get("cancelRemainingInstances"), default=True),
            lane=parser.lane_of(node.get("id")),
        )

    def _events(self) -> tuple[EventSpec, ...]:
        if local_name(self.node) in ("sendTask", "receiveTask"):
            if self.node.get("messageRef") is None:
                return ()
            definition = self._message(self.node)
            return (EventSpec(definition, "", dialect.Dialect(own=dialect.read(self.node).own)),)
        found = [
            EventSpec(
                _EVENTS[local_name(event)](self, event), event.get("id", ""), dialect.read(event)
            )
            for event in children(self.node)
            if local_name(event) in _EVENTS
        ]
        return tuple(found)

    def _message(self, event: Element) -> EventDefinition:
        reference = _bare(event.get("messageRef"))
        name = self.process_parser.parser.messages.get(reference)
        return MessageEventDefinition(name, self.get_message_correlations(reference))

    def _signal(self, event: Element) -> EventDefinition:
        return SignalEventDefinition(
            self.process_parser.parser.signals.get(_bare(event.get("signalRef")))
        )

    def _error(self, event: Element) -> EventDefinition:
        reference = _bare(event.get("errorRef"))
        entry = self.process_parser.parser.errors.get(reference) or {"error_code": reference}
        definition = ErrorEventDefinition(entry.get("name"), entry.get("error_code"))
        definition.description = self.process_parser.parser.error_messages.get(reference)
        return definition

    def _escalation(self, event: Element) -> EventDefinition:
        entry = self.process_parser.parser.escalations.get(_bare(event.get("escalationRef"))) or {}
        return EscalationEventDefinition(entry.get("name"), entry.get("escalation_code"))

    def _timer(self, event: Element) -> EventDefinition:
        name = self.bpmn_id
        for tag, made in _TIMERS.items():
            found = child(event, tag)
            if found is not None:
                return made(name, text_of(found))
        return DurationTimerEventDefinition(name, "")

    def _conditional(self, event: Element) -> EventDefinition:
        return ConditionalEventDefinition(text_of(child(event, "condition")))

    def _link(self, event: Element) -> EventDefinition:
        return LinkEventDefinition(event.get("name"))

    def _compensate(self, event: Element) -> EventDefinition:
        wait = flag(event.get("waitForCompletion"), default=True)
        return CompensateEventDefinition(event.get("activityRef"), wait=wait)


_TIMERS: dict[str, Any] = {
    "timeDate": TimeDateEventDefinition,
    "timeDuration": DurationTimerEventDefinition,
    "timeCycle": CycleTimerEventDefinition,
}
_EVENTS: dict[str, Callable[[ElementParser, Element], EventDefinition]] = {
    "messageEventDefinition": ElementParser._message,  # noqa: SLF001  (a table of this class)
    "signalEventDefinition": ElementParser._signal,  # noqa: SLF001
    "errorEventDefinition": ElementParser._error,  # noqa: SLF001
    "escalationEventDefinition": ElementParser._escalation,  # noqa: SLF001
    "timerEventDefinition": ElementParser._timer,  # noqa: SLF001
    "conditionalEventDefinition": ElementParser._conditional,  # noqa: SLF001
    "linkEventDefinition": ElementParser._link,  # noqa: SLF001
    "compensateEventDefinition": ElementParser._compensate,  # noqa: SLF001
    "terminateEventDefinition": lambda _, __: TerminateEventDefinition(),
    "cancelEventDefinition": lambda _, __: CancelEventDefinition(),
}


def _bare(reference: str | None) -> str | None:
    """A reference without the prefix of its namespace."""
    return None if reference is None else reference.rpartition(":")[2]


def _flow(node: Element) -> FlowSpec:
    condition = child(node, "conditionExpression")
    return FlowSpec(
        id=node.get("id") or f"{node.get('sourceRef')}→{node.get('targetRef')}",
        name=node.get("name") or "",
        source=node.get("sourceRef") or "",
        target=node.get("targetRef") or "",
        condition=None if condition is None else text_of(condition),
        language=None if condition is None else condition.get("language"),
    )


def _interrupting(node: Element) -> bool:
    value = node.get("cancelActivity") or node.get("isInterrupting")
    return flag(value, default=True)


def _loop(node: Element) -> LoopSpec | None:
    standard = child(node, "standardLoopCharacteristics")
    if standard is not None:
        return LoopSpec(
            standard=True,
            sequential=True,
            completion=text_of(child(standard, "loopCondition")) or None,
            test_before=flag(standard.get("testBefore")),
            maximum=standard.get("loopMaximum"),
        )
    loop = child(node, "multiInstanceLoopCharacteristics")
    if loop is None:
        return None
    item, output = child(loop, "inputDataItem"), child(loop, "outputDataItem")
    return LoopSpec(
        sequential=flag(loop.get("isSequential")),
        cardinality=text_of(child(loop, "loopCardinality")) or None,
        collection=camunda(loop, "collection") or text_of(child(loop, "loopDataInputRef")) or None,
        element=camunda(loop, "elementVariable")
        or (item.get("name") if item is not None else None),
        completion=text_of(child(loop, "completionCondition")) or None,
        output=text_of(child(loop, "loopDataOutputRef")) or None,
        output_item=output.get("name") if output is not None else None,
        dialect=dialect.read(loop),
    )
