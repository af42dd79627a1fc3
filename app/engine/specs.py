"""What a drawing says about one element, beyond what SpiffWorkflow's spec classes hold.

The classes of the library stay what they are; `Drawn` is put into their `extensions`, the place
the library keeps for it, so that `compile` reads specs and never XML.
"""

from dataclasses import dataclass

from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.mixins.bpmn_spec_mixin import BpmnSpecMixin

from app.engine.dialect import EMPTY, Dialect


@dataclass(frozen=True)
class FlowSpec:
    """One sequence flow as drawn."""

    id: str
    name: str
    source: str
    target: str
    condition: str | None
    language: str | None


@dataclass(frozen=True)
class LoopSpec:
    """Multi-instance or standard loop characteristics as drawn."""

    standard: bool = False
    sequential: bool = False
    cardinality: str | None = None
    collection: str | None = None
    element: str | None = None
    completion: str | None = None
    output: str | None = None
    output_item: str | None = None
    test_before: bool = False
    maximum: str | None = None
    dialect: Dialect = EMPTY


@dataclass(frozen=True)
class EventSpec:
    """One event definition: the library's object, and what the dialect adds to it."""

    definition: EventDefinition
    id: str
    dialect: Dialect


@dataclass(frozen=True)
class LaneSpec:
    """The innermost lane an element lies in."""

    name: str | None
    dialect: Dialect


@dataclass(frozen=True)
class Drawn:
    """What one element says; texts are as written, expressions not yet compiled."""

    kind: str
    dialect: Dialect
    flows: tuple[FlowSpec, ...] = ()
    default_flow: str | None = None
    events: tuple[EventSpec, ...] = ()
    parallel_multiple: bool = False
    loop: LoopSpec | None = None
    attached_to: str | None = None
    interrupting: bool = True
    triggered_by_event: bool = False
    for_compensation: bool = False
    compensated_by: str | None = None
    called: str | None = None
    script: str | None = None
    script_format: str | None = None
    completion: str | None = None
    condition: str | None = None
    ordered: bool = False
    cancel_remaining: bool = True
    lane: LaneSpec | None = None


class ComplexGateway(BpmnSpecMixin):
    """The library has no complex gateway."""


class LinkEventDefinition(EventDefinition):
    """A jump inside one process: throw and catch meet by name."""


class CompensateEventDefinition(EventDefinition):
    """Undo what was done: one activity (`activity`), or everything in the scope."""

    def __init__(self, activity: str | None, *, wait: bool) -> None:
        super().__init__()
        self.activity = activity
        self.wait = wait
