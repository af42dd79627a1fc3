"""What becomes of each element of a running instance in another version, and what cannot move.

A token may move where the other element does the same work (`pairing.nature`) in the same place.
Listeners are not obstacles: what the other version does not have is closed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.engine import Problem, Severity
from app.engine.graph import Container, Flow, Node, Process
from app.engine.pairing import difference
from app.engine.rules import label
from app.engine.state import LISTENERS, PROCESS, Scope, State, Token


@dataclass(frozen=True)
class Plan:
    """From one process to another: elements by id, others as `mapping` says."""

    old: Process
    new: Process
    mapping: Mapping[str, str]

    def named(self, element: str) -> Node | None:
        """The element that is meant, whether or not it can take over."""
        return self.new.nodes.get(self.mapping.get(element, element))

    def target(self, node: Node) -> Node | None:
        """The element that takes over from `node`."""
        found = self.named(node.id)
        return found if found is not None and not difference(node, found) else None

    def container(self, container: Container) -> Container | None:
        if container.node is None:
            return self.new.root
        frame = self.target(container.node)
        return frame.inside if frame is not None else None

    def boundary(self, node: Node) -> Node | None:
        """The boundary event that goes on waiting for `node`, at the same activity."""
        found = self.target(node)
        if found is None or found.host is None or node.host is None:
            return None
        return found if found.host is self.target(node.host) else None

    def starter(self, start: Node) -> Node | None:
        """The start of the event sub-process that goes on waiting for `start`, in the same scope."""
        found, frame = self.target(start), start.container.node
        framed = found.container.node if found is not None else None
        if frame is None or framed is None or framed not in framed.container.event_subprocesses:
            return None
        return found if framed.container is self.container(frame.container) else None

    def alternative(self, gateway: Node, event: Node) -> Flow | None:
        """The flow to the event that goes on waiting for `event` after an event-based gateway."""
        there, found = self.target(gateway), self.target(event)
        if there is None or found is None:
            return None
        return next((flow for flow in there.outgoing if flow.target is found), None)

    def way_in(self, gateway: Node, flow_id: str) -> str | None:
        """The flow into a join by which a token has come: the same, or from the same element."""
        flows = {flow.id: flow for flow in _into(gateway)}
        target = self.target(gateway)
        if target is None or flow_id not in flows:
            return None
        there = {flow.id: flow for flow in _into(target)}
        if flow_id in there:
            return flow_id
        source = self.named(flows[flow_id].source.id)
        return next((flow.id for flow in there.values() if flow.source is source), None)


def _into(node: Node) -> Iterator[Flow]:
    return (flow for one in node.container.nodes for flow in one.outgoing if flow.target is node)


def own_scopes(state: State) -> list[Scope]:
    """The scopes of the instance itself, from the outside in: those of called processes stay out."""
    found = [state.root]
    for scope in found:
        for token in scope.tokens.values():
            inner = token.inner
            while inner is not None and inner.owner is token:
                if inner.kind != PROCESS:
                    found.append(inner)
                inner = inner.parent
    return found


def own_tokens(state: State) -> list[Token]:
    return [token for scope in own_scopes(state) for token in scope.tokens.values()]


# --- what cannot move -----------------------------------------------------------------------


def obstacles(state: State, plan: Plan) -> list[Problem]:
    """Say which tokens cannot move, and why."""
    found = [
        _problem(token.node.id, reason)
        for token in own_tokens(state)
        if (reason := _obstacle(token, plan))
    ]
    for scope in own_scopes(state):
        found.extend(_join_obstacles(scope, plan))
        for record in scope.records:
            found.extend(_record_obstacles(record, plan))
    return found


def _problem(element: str, message: str) -> Problem:
    return Problem(Severity.ERROR, "migration", message, element_id=element)


def _obstacle(token: Token, plan: Plan) -> str:
    node = token.node
    if token.role in LISTENERS:
        return ""
    target = plan.named(node.id)
    if target is None:
        return f"{label(node)} không có trong phiên bản mới; hãy chọn bước thay thế."
    if unlike := difference(node, target):
        return unlike
    if target.container is not plan.container(node.container):
        return f"{label(node)} nằm trong tiến trình con khác ở phiên bản mới."
    flows = {flow.id for flow in target.outgoing}
    if any(flow not in flows for flow in token.data.get("flows", ())):
        return f"{label(node)} đã chọn luồng ra mà phiên bản mới không có."
    start = plan.old.nodes.get(token.data.get("start", ""))
    if start is not None and plan.starter(start) is None:
        return f"{label(node)} sắp bắt đầu bằng sự kiện mà phiên bản mới không có."
    return ""


def _join_obstacles(scope: Scope, plan: Plan) -> Iterator[Problem]:
    """A join must still be able to open, and to tell by which flow each token has come."""
    taken: dict[Node, str] = {}
    for element, waiting in scope.joins.items():
        node = plan.old.nodes[element]
        target = plan.target(node)
        if target is None or not waiting:
            continue  # said already
        if taken.setdefault(target, element) != element:
            yield _problem(element, f"{label(node)} dùng chung một cổng đích với cổng khác.")
        if target.kind == "parallelGateway" and target.incoming <= len(waiting):
            yield _problem(
                element,
                f"{label(node)} đang giữ {len(waiting)} nhánh, "
                f"nhưng ở phiên bản mới chỉ có {target.incoming} luồng vào.",
            )
        if target.gathers and any(
            plan.way_in(node, token.data.get("via", "")) is None for token in waiting
        ):
            yield _problem(element, f"{label(node)} có nhánh đến bằng luồng không còn nữa.")


def _record_obstacles(record: Mapping[str, Any], plan: Plan) -> Iterator[Problem]:
    for key in ("a", "h"):
        node = plan.old.nodes.get(record.get(key, ""))
        if node is not None and plan.target(node) is None:
            yield _problem(
                node.id,
                f"{label(node)} còn phải hoàn tác được nhưng không có trong phiên bản mới.",
            )
    for inner in record.get("in", ()):
        yield from _record_obstacles(inner, plan)
