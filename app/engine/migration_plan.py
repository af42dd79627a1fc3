"""Which element of another version takes over from an element of a running one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.engine.graph import Container, Flow, Node, Process
from app.engine.pairing import difference
from app.engine.state import ALTERNATIVE, BOUNDARY, PROCESS, STARTER, Scope, Token


@dataclass(frozen=True)
class Plan:
    """From one process to another: elements by id, others as `mapping` says.

    A mapping to "" gives an element no successor. Events in `renew` are waited for anew.
    """

    old: Process
    new: Process
    mapping: Mapping[str, str]
    renew: frozenset[str] = frozenset()

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

    def heir(self, listener: Token) -> Node | None:
        """What goes on listening for a listener, where the successor of its place is."""
        node, host = listener.node, listener.host
        if listener.role == BOUNDARY:
            return self.boundary(node)
        if listener.role == STARTER:
            return self.starter(node)
        if listener.role == ALTERNATIVE and host is not None:
            way = self.alternative(host.node, node)
            return way.target if way is not None else None
        return self.target(node)

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


def way_down(top: Container, to: Container) -> tuple[Node, ...] | None:
    """The sub-processes from `top` down to `to`, the outer one first; None: it is not in there."""
    frames: list[Node] = []
    while to is not top:
        if to.node is None:
            return None
        frames.insert(0, to.node)
        to = to.node.container
    return tuple(frames)


def inner_scopes(token: Token) -> list[Scope]:
    """What a token holds of its own process, the inner first; a called process stays out."""
    found = []
    inner = token.inner
    while inner is not None and inner.owner is token:
        if inner.kind != PROCESS:
            found.append(inner)
        inner = inner.parent
    return found


def own_scopes(root: Scope) -> list[Scope]:
    """The scopes of one process, from the outside in: those of called processes stay out."""
    found = [root]
    for scope in found:
        for token in scope.tokens.values():
            found.extend(inner_scopes(token))
    return found


def own_tokens(root: Scope) -> list[Token]:
    return [token for scope in own_scopes(root) for token in scope.tokens.values()]
