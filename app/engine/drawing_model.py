"""What a BPMN file says, as far as a picture or a list needs it: nodes, flows, lanes, pools."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.domain.errors import InvalidInput
from app.engine.xml import Element, local_name

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"

TASKS = frozenset(
    {
        "task",
        "userTask",
        "serviceTask",
        "sendTask",
        "receiveTask",
        "scriptTask",
        "businessRuleTask",
        "manualTask",
    }
)
SCOPES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES = TASKS | SCOPES | {"callActivity"}
EVENTS = frozenset(
    {
        "startEvent",
        "endEvent",
        "intermediateCatchEvent",
        "intermediateThrowEvent",
        "boundaryEvent",
    }
)
GATEWAYS = frozenset(
    {
        "exclusiveGateway",
        "parallelGateway",
        "inclusiveGateway",
        "eventBasedGateway",
        "complexGateway",
    }
)
STEPS = ACTIVITIES | EVENTS | GATEWAYS
DATA = frozenset({"dataObjectReference", "dataStoreReference", "dataInput", "dataOutput"})
ARTIFACTS = DATA | {"textAnnotation", "group"}
SWIMLANES = frozenset({"participant", "lane"})
DATA_FLOWS = frozenset({"dataInputAssociation", "dataOutputAssociation"})
_FLOWS = DATA_FLOWS | {"sequenceFlow", "messageFlow", "association"}
_DRAWN = STEPS | ARTIFACTS | SWIMLANES
_LONGEST_NAME = 400


@dataclass(frozen=True)
class Node:
    """Anything that a diagram shows as a shape.

    `scope` is the id of the process or sub-process around it; `triggers` are the local names of
    its event definitions; `traits` are plain words such as "loop" or "gentle" (does not interrupt).
    """

    id: str
    kind: str
    name: str = ""
    scope: str = ""
    host: str = ""
    process: str = ""
    triggers: tuple[str, ...] = ()
    traits: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Flow:
    """Anything that a diagram shows as a line."""

    id: str
    kind: str
    source: str
    target: str
    name: str = ""
    traits: frozenset[str] = frozenset()


@dataclass(eq=False)
class Model:
    """Nodes and flows in the order of the file; the first of two equal ids wins.

    `outgoing` has the sequence flows that leave a step.
    """

    nodes: dict[str, Node] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    scopes: dict[str, list[Node]] = field(default_factory=dict)
    processes: dict[str, str] = field(default_factory=dict)
    outgoing: dict[str, list[Flow]] = field(default_factory=dict)
    lane_of: dict[str, str] = field(default_factory=dict)
    lane_parent: dict[str, str] = field(default_factory=dict)

    def steps(self, scope: str) -> list[Node]:
        return [node for node in self.scopes.get(scope, ()) if node.kind in STEPS]

    def is_attached(self, node: Node) -> bool:
        """Tell whether `node` is a boundary event that sits on an activity of its own scope."""
        host = self.nodes.get(node.host)
        return (
            node.kind == "boundaryEvent"
            and host is not None
            and host.kind in ACTIVITIES
            and host.scope == node.scope
        )

    def lane_name(self, node: Node) -> str | None:
        """Return the name of the innermost lane around `node`, also for a step inside a scope."""
        seen: set[str] = set()
        current: Node | None = node
        while current is not None and current.id not in seen:
            seen.add(current.id)
            lane = self.lane_of.get(current.id) or self.lane_of.get(current.host)
            if lane:
                return self.nodes[lane].name or None
            current = self.nodes.get(current.scope)
        return None

    def ancestors(self, node_id: str) -> Iterator[str]:
        """Yield the ids of the sub-processes around a node, from the inside to the outside."""
        seen = {node_id}
        node = self.nodes.get(node_id)
        while node is not None and node.scope not in seen:
            seen.add(node.scope)
            yield node.scope
            node = self.nodes.get(node.scope)


def read_model(root: Element) -> Model:
    """Read the nodes and flows of a BPMN file; `InvalidInput` when it is not one."""
    if root.tag != f"{{{BPMN}}}definitions":
        raise InvalidInput("Tệp này không phải sơ đồ BPMN: thiếu phần tử definitions.")
    return _Reader(root).read()


class _Reader:
    def __init__(self, root: Element) -> None:
        self._root = root
        self._model = Model()
        self._defaults: set[str] = set()
        self._collections: set[str] = set()
        self._category_names: dict[str, str] = {}

    def read(self) -> Model:
        for element in self._bpmn(self._root.iter()):
            self._note(element)
        for element in self._bpmn(self._root.iter()):
            self._take(element)
        for node in self._model.nodes.values():
            self._model.scopes.setdefault(node.scope, []).append(node)
        for flow in self._model.flows.values():
            if flow.kind == "sequenceFlow":
                self._model.outgoing.setdefault(flow.source, []).append(flow)
        return self._model

    @staticmethod
    def _bpmn(elements: Iterator[Element]) -> Iterator[Element]:
        prefix = f"{{{BPMN}}}"
        return (element for element in elements if str(element.tag).startswith(prefix))

    def _note(self, element: Element) -> None:
        """Remember what other elements will refer to."""
        if default := element.get("default"):
            self._defaults.add(default)
        kind = local_name(element)
        if kind == "dataObject" and element.get("isCollection") == "true":
            self._collections.add(element.get("id", ""))
        if kind == "categoryValue":
            self._category_names[element.get("id", "")] = element.get("value", "")

    def _take(self, element: Element) -> None:
        kind = local_name(element)
        if kind in _DRAWN:
            self._take_node(element, kind)
        elif kind in _FLOWS:
            self._take_flow(element, kind)
        elif kind == "process":
            self._model.processes.setdefault(element.get("id", ""), _words(element.get("name")))

    def _take_node(self, element: Element, kind: str) -> None:
        node_id = element.get("id") or f"~{len(self._model.nodes)}"
        if node_id in self._model.nodes:
            return
        self._model.nodes[node_id] = Node(
            id=node_id,
            kind=kind,
            name=self._name(element, kind),
            scope=_scope(element),
            host=element.get("attachedToRef", ""),
            process=element.get("processRef", ""),
            triggers=_triggers(element),
            traits=self._traits(element, kind),
        )
        if kind == "lane":
            self._take_lane(element, node_id)

    def _take_lane(self, element: Element, lane_id: str) -> None:
        outer = element.getparent()
        around = outer.getparent() if outer is not None else None
        if around is not None and local_name(around) == "lane":
            self._model.lane_parent[lane_id] = around.get("id", "")
        for child in element.iterfind(f"{{{BPMN}}}flowNodeRef"):
            self._model.lane_of[(child.text or "").strip()] = lane_id

    def _take_flow(self, element: Element, kind: str) -> None:
        flow_id = element.get("id") or f"~{len(self._model.flows)}"
        source, target = element.get("sourceRef", ""), element.get("targetRef", "")
        if kind in DATA_FLOWS:
            source, target = _data_ends(element, kind)
        traits = {element.get("associationDirection", "None")} if kind == "association" else set()
        if flow_id in self._defaults:
            traits.add("default")
        if element.find(f"{{{BPMN}}}conditionExpression") is not None:
            traits.add("conditional")
        self._model.flows.setdefault(
            flow_id,
            Flow(flow_id, kind, source, target, _words(element.get("name")), frozenset(traits)),
        )

    def _name(self, element: Element, kind: str) -> str:
        if kind == "textAnnotation":
            return _words(element.findtext(f"{{{BPMN}}}text"))
        if kind == "group":
            return _words(self._category_names.get(element.get("categoryValueRef", "")))
        name = _words(element.get("name"))
        state = element.find(f"{{{BPMN}}}dataState")
        if state is not None and state.get("name"):
            return f"{name} [{_words(state.get('name'))}]".strip()
        return name

    def _traits(self, element: Element, kind: str) -> frozenset[str]:
        traits = {trait for attribute, value, trait in _MARKS if element.get(attribute) == value}
        for child in element:
            if local_name(child) == "standardLoopCharacteristics":
                traits.add("loop")
            elif local_name(child) == "multiInstanceLoopCharacteristics":
                sequential = child.get("isSequential") == "true"
                traits.add("sequential" if sequential else "parallel")
            elif local_name(child) == "participantMultiplicity":
                traits.add("parallel")
        if kind == "adHocSubProcess":
            traits.add("adhoc")
        if element.get("dataObjectRef", "") in self._collections:
            traits.add("collection")
        return frozenset(traits)


_MARKS = (
    ("isForCompensation", "true", "compensation"),
    ("triggeredByEvent", "true", "event"),
    ("cancelActivity", "false", "gentle"),
    ("isInterrupting", "false", "gentle"),
    ("parallelMultiple", "true", "together"),
    ("instantiate", "true", "instantiate"),
    ("eventGatewayType", "Parallel", "together"),
    ("isCollection", "true", "collection"),
)


def _words(text: str | None) -> str:
    """Return `text` on one line, cut where nobody reads on."""
    words = " ".join((text or "")[: 4 * _LONGEST_NAME].split())
    return words if len(words) <= _LONGEST_NAME else f"{words[: _LONGEST_NAME - 1]}…"


def _scope(element: Element) -> str:
    parent = element.getparent()
    while parent is not None and local_name(parent) not in SCOPES | {"process"}:
        parent = parent.getparent()
    return parent.get("id", "") if parent is not None else ""


def _triggers(element: Element) -> tuple[str, ...]:
    return tuple(
        name.removesuffix("EventDefinition")
        for child in element
        if (name := local_name(child)).endswith("EventDefinition")
    )


def _data_ends(element: Element, kind: str) -> tuple[str, str]:
    activity = element.getparent()
    owner = activity.get("id", "") if activity is not None else ""
    tag = "sourceRef" if kind == "dataInputAssociation" else "targetRef"
    other = (element.findtext(f"{{{BPMN}}}{tag}") or "").strip()
    return (other, owner) if kind == "dataInputAssociation" else (owner, other)
