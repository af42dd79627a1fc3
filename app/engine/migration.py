"""Moving a running instance to another version of its process, or to another process.

Tokens keep their numbers, so that tasks, jobs, timers and subscriptions keep their identity and
their due time. Boundary events and event sub-processes that only the new version has begin to
wait; those that it no longer has are closed; one that has fired already is not opened again.
Called processes stay on their own version.
"""

from typing import Any

from app.domain.engine import TokenMigrated
from app.engine.events import WAITING
from app.engine.graph import Flow, Node
from app.engine.migration_plan import Plan, own_scopes, own_tokens
from app.engine.run import Run
from app.engine.scopes import OUTPUT
from app.engine.state import (
    ALTERNATIVE,
    ASYNC,
    BODY,
    BOUNDARY,
    INCIDENT,
    INSTANCE,
    JOINING,
    LISTENERS,
    OWNING,
    STARTER,
    Scope,
    Token,
)

_DEAF = frozenset(("enter", "begin", "begin_loop", "depart", "depart_by", "instance_done"))
"""Operations at which a token may be parked while its boundary events do not wait."""


def migrate(run: Run, plan: Plan) -> None:
    """Move every token; `obstacles` must have found nothing."""
    state = run.state
    for token in own_tokens(state):
        if token.role in LISTENERS and _successor(token, plan) is None:
            run.cancel(token)
    scopes, tokens = own_scopes(state), own_tokens(state)
    was = {token.id: token.node for token in tokens}
    inside = {scope.id: scope.container for scope in scopes}
    successors = {token.id: _successor(token, plan) for token in tokens}
    ways = {one: way for one in tokens if one.role == ALTERNATIVE and (way := _way(one, plan))}
    for scope in scopes:
        _move_scope(scope, plan)
    state.joins = {(scope, node) for scope, node in state.joins if scope not in inside}
    for token in tokens:
        _move(run, token, successors[token.id] or token.node, plan)
    for token, way in ways.items():
        token.data["flow"] = way.id
    for scope in scopes:
        _fit_loop(run, scope)
    for token in tokens:
        _listen_to_new(run, token, was[token.id], plan)
    for scope in scopes:
        old = inside[scope.id]
        _start_new(run, scope, [] if old is None else old.event_subprocesses, plan)


def _successor(token: Token, plan: Plan) -> Node | None:
    """Where a token goes on; None for a listener that has no place in the new version."""
    node = token.node
    if token.role == BOUNDARY:
        return plan.boundary(node)
    if token.role == STARTER:
        return plan.starter(node)
    if token.role == ALTERNATIVE:
        flow = _way(token, plan)
        return flow.target if flow is not None else None
    return plan.target(node)


def _way(token: Token, plan: Plan) -> Flow | None:
    """The flow by which an event after a gateway goes on."""
    gateway = token.host
    return plan.alternative(gateway.node, token.node) if gateway is not None else None


def _move_scope(scope: Scope, plan: Plan) -> None:
    if scope.container is not None:
        scope.container = plan.container(scope.container)
    scope.process = plan.new
    scope.joins = {}
    for record in scope.records:
        _rename(record, plan)
    if "passed" in scope.data:
        scope.data["passed"] = [plan.mapping.get(one, one) for one in scope.data["passed"]]


def _rename(record: dict[str, Any], plan: Plan) -> None:
    for key in ("a", "h"):
        if key in record:
            record[key] = plan.mapping.get(record[key], record[key])
    for inner in record.get("in", ()):
        _rename(inner, plan)


def _move(run: Run, token: Token, target: Node, plan: Plan) -> None:
    old, data = token.node, token.data
    if "via" in data and target.gathers:
        data["via"] = plan.way_in(old, data["via"]) or data["via"]
    if "start" in data:
        data["start"] = plan.mapping.get(data["start"], data["start"])
    if "undo" in data:
        _rename(data["undo"], plan)
    token.node = target
    if old.id != target.id:
        run.facts.append(TokenMigrated(token.id, old.id, target.id))
    if token.status == JOINING:
        token.scope.joins.setdefault(target.id, []).append(token)
        if target.kind != "parallelGateway":
            run.state.joins.add((token.scope.id, target.id))


def _fit_loop(run: Run, scope: Scope) -> None:
    """A loop that gathers results only in the new version begins to, empty."""
    loop = scope.owner.node.loop if scope.kind == BODY and scope.owner is not None else None
    place = f"{scope.id}{OUTPUT}"
    if loop is not None and loop.output and "out" not in run.variables.kept(place):
        run.variables.keep(place, {"out": [None] * scope.data.get("count", 0)})


# --- what begins to wait ----------------------------------------------------------------


def _listen_to_new(run: Run, token: Token, old: Node, plan: Plan) -> None:
    """Boundary events, and events after a gateway, that the old version did not have."""
    if token.role in LISTENERS or token.role == INSTANCE or "silent" in token.data:
        return
    if token.status in (ASYNC, INCIDENT) and token.op in _DEAF:
        return
    known = {plan.boundary(boundary) for boundary in old.boundaries}
    for boundary in token.node.listening:
        if boundary not in known:
            _host(run, token, boundary, BOUNDARY)
    if token.node.kind == "eventBasedGateway":
        armed = {listener.node for listener in token.listeners}
        for flow in token.node.outgoing:
            if flow.target not in armed:
                _host(run, token, flow.target, ALTERNATIVE, flow=flow.id)


def _host(run: Run, host: Token, node: Node, role: str, **data: str) -> None:
    for listener in _listeners(run, host.scope, node, role):
        listener.host = host
        listener.data.update(data)
        host.listeners.append(listener)


def _start_new(run: Run, scope: Scope, old: list[Node], plan: Plan) -> None:
    """Event sub-processes that the old version did not have."""
    container, owner = scope.container, scope.owner
    if container is None or (owner is not None and owner.status != OWNING):
        return
    subs = container.event_subprocesses
    starts = {sub: sub.inside.starts[0] for sub in subs if sub.inside is not None}
    if any(token.node in starts and starts[token.node].interrupting for token in _flow(scope)):
        return  # an interrupting one is at work: nothing else may begin here
    known = {plan.starter(sub.inside.starts[0]) for sub in old if sub.inside is not None}
    for start in starts.values():
        if start not in known:
            for listener in _listeners(run, scope, start, STARTER):
                listener.data.setdefault("part", 0)


def _flow(scope: Scope) -> list[Token]:
    return [token for token in scope.tokens.values() if not token.is_listener]


def _listeners(run: Run, scope: Scope, node: Node, role: str) -> list[Token]:
    """A token for each event of `node` that can be waited for."""
    made = []
    for part, event in enumerate(node.events):
        if event.kind in WAITING:
            listener = run.new_token(node, scope, role)
            if part:
                listener.data["part"] = part
            made.append(listener)
            run.push("await_event", listener)
    return made
