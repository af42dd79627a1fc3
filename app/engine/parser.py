"""SpiffWorkflow's parser, made iterative and complete.

The library walks a diagram from its start event along the flows, one Python call per element;
this parser walks the elements of each process and sub-process in the order of the file, so that
a chain of thousands parses and nothing unreachable is lost. It keeps the library's tables of
messages, signals, errors, escalations and correlations, its spec classes and event definitions.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from app.engine import dialect
from app.engine.elements import KINDS, SPEC_CLASSES, SUB_PROCESSES, ElementParser
from app.engine.names import camunda, children, text_of
from app.engine.specs import (
    Drawn,
    LaneSpec,
)
from app.engine.xml import Element, local_name


class ContainerParser(ProcessParser):
    """Reads one process or sub-process: its direct children, in the order of the file."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self.lanes: dict[str, LaneSpec] = {}
        super().__init__(*arguments, **named)

    def _index_process_nodes(self) -> None:
        for node in children(self.node):
            identifier = node.get("id")
            name = local_name(node)
            if identifier is not None:
                self.nodes_by_id[identifier] = node
            if name == "sequenceFlow":
                self.outgoing_sequence_flows.setdefault(node.get("sourceRef"), []).append(node)
            elif name == "boundaryEvent":
                self.boundary_events_by_attached.setdefault(node.get("attachedToRef"), []).append(
                    node
                )
            elif name == "laneSet":
                self._index_lanes(node)

    def _index_lanes(self, lane_set: Element) -> None:
        for lane in children(lane_set, "lane"):
            spec = LaneSpec(lane.get("name"), dialect.read(lane))
            for reference in children(lane, "flowNodeRef"):
                self.lanes[text_of(reference)] = spec
            for nested in children(lane, "childLaneSet"):
                self._index_lanes(nested)

    def lane_of(self, identifier: str | None) -> LaneSpec | None:
        """Find the innermost lane of an element; inside a sub-process, that of its frame."""
        place: ContainerParser | None = self
        found = None
        while found is None and place is not None:
            found = place.lanes.get(identifier or "")
            identifier = place.bpmn_id
            place = place.parent
        return found

    def _parse(self) -> None:
        self.spec = BpmnProcessSpec(
            name=self.bpmn_id, description=self.get_name(), filename=self.filename
        )
        self.spec.task_specs.clear()  # the library's own start, join and end
        self.spec.extensions = Drawn(kind=local_name(self.node), dialect=dialect.read(self.node))
        self.add_tasks()

    def add_tasks(self) -> None:
        for node in self.flow_nodes():
            element, spec_class = self.parser._get_parser_class(node.tag)  # noqa: SLF001
            lane = self.lane_of(node.get("id"))
            name = lane.name if lane else None
            element(self, spec_class, node, self.nsmap, lane=name or "").parse_node()
            if local_name(node) in SUB_PROCESSES:
                self.parser.create_parser(node, filename=self.filename)
                self.parser.process_parsers[node.get("id")].parent = self

    def flow_nodes(self) -> Iterator[Element]:
        return (node for node in children(self.node) if local_name(node) in KINDS)


class DiagramParser(BpmnParser):
    """The library's parser with our element and container parsers (its own class tables)."""

    OVERRIDE_PARSER_CLASSES: ClassVar[dict[str, Any]] = {
        full_tag(kind): (ElementParser, spec_class) for kind, spec_class in SPEC_CLASSES.items()
    }
    PROCESS_PARSER_CLASS = ContainerParser
    AD_HOC_PARSER_CLASS = ContainerParser

    def __init__(self) -> None:
        super().__init__()
        self.associations: dict[str, str] = {}
        self.error_messages: dict[str, str] = {}

    def _add_processes(self, bpmn: Element, filename: str | None = None) -> None:
        for association in bpmn.iter(full_tag("association")):
            self.associations[association.get("sourceRef", "")] = association.get("targetRef", "")
        for error in bpmn.iter(full_tag("error")):
            self.error_messages[error.get("id", "")] = camunda(error, "errorMessage") or ""
        super()._add_processes(bpmn, filename)

    def _add_data_stores(self, bpmn: Element) -> None:
        """Data stores are documentation: nothing is bound to them."""

    def _add_diagram_indexes(self, bpmn: Element) -> None:
        """Positions belong to the drawing, lanes to each container."""

    def _add_correlations(self, bpmn: Element) -> None:
        if any(True for _ in bpmn.iter(full_tag("correlationProperty"))):
            super()._add_correlations(bpmn)
