"""Gateways: where tokens split and meet."""

from bisect import insort

from app.engine.faults import Fault
from app.engine.graph import Flow, Node
from app.engine.moves import follow, part
from app.engine.run import Run, operation
from app.engine.state import ALTERNATIVE, EVENTS, JOINING, Scope, Token


def exclusive(run: Run, token: Token) -> None:
    """The first flow whose condition holds."""
    node = token.node
    chosen = None
    for flow in node.outgoing:
        if flow is not node.default and (
            flow.condition is None or run.holds(flow.condition, token.scope)
        ):
            chosen = flow
            break
    if chosen is None:
        chosen = node.default
    if chosen is None:
        raise _no_way(node)
    pass_on(run, token, [chosen])


def inclusive_split(run: Run, node: Node, scope: Scope) -> list[Flow]:
    flows = [
        flow
        for flow in node.outgoing
        if flow is not node.default and (flow.condition is None or run.holds(flow.condition, scope))
    ]
    if not flows and node.default is not None:
        flows = [node.default]
    if not flows:
        raise _no_way(node)
    return flows


def _no_way(node: Node) -> Fault:
    return Fault(
        f"Không có luồng ra nào của cổng “{node.name or node.id}” thoả điều kiện; "
        "cần thêm một luồng mặc định."
    )


def pass_on(run: Run, token: Token, flows: list[Flow]) -> None:
    """Leave a gateway by these flows."""
    run.ended(token)
    if token.node.async_after:
        part(run, token, flows)
    else:
        follow(run, token, flows)


@operation
def depart_by(run: Run, token: Token) -> None:
    """Take the flow that was chosen before the async boundary."""
    chosen = token.data.pop("flows", ())
    follow(run, token, [flow for flow in token.node.outgoing if flow.id in chosen])


def parallel(run: Run, token: Token) -> None:
    """Wait until as many tokens are here as flows lead here; then take every flow."""
    node = token.node
    if node.incoming > 1:
        waiting = token.scope.joins.setdefault(node.id, [])
        if len(waiting) + 1 < node.incoming:
            _line_up(run, token, waiting)
            return
        for other in list(waiting):
            _merge(run, other)
    pass_on(run, token, list(node.outgoing))


def _line_up(run: Run, token: Token, waiting: list[Token]) -> None:
    """Wait at a join, in the order of the tokens' numbers: the one that a stored state has."""
    run.wait(token, JOINING)
    insort(waiting, token, key=lambda one: one.id)


def _merge(run: Run, other: Token) -> None:
    run.wake(other)
    run.ended(other)
    run.remove(other)


def inclusive(run: Run, token: Token) -> None:
    """Wait until no other token can come here; then take every flow whose condition holds."""
    node = token.node
    if node.incoming > 1:
        _line_up(run, token, token.scope.joins.setdefault(node.id, []))
        run.state.joins.add((token.scope.id, node.id))
    else:
        pass_on(run, token, inclusive_split(run, node, token.scope))


def complex_gateway(run: Run, token: Token) -> None:
    """As an inclusive gateway, but an activation condition may open it earlier, once.

    `activationCount` in the condition is the number of tokens that wait. Tokens that come after
    the gateway has opened are swallowed until none can come any more; then it is as new.
    """
    inclusive(run, token)


@operation
def open_join(run: Run, token: Token) -> None:
    """The join has all it can get: one token goes on for all of them."""
    run.wake(token)
    flows = inclusive_split(run, token.node, token.scope)
    for other in list(token.scope.joins.get(token.node.id, ())):
        _merge(run, other)
    pass_on(run, token, flows)


@operation
def swallow(run: Run, token: Token) -> None:
    """A complex gateway that has opened already takes what still comes."""
    run.wake(token)
    run.ended(token)
    run.consume(token)


def open_joins(run: Run) -> bool:
    """Let inclusive and complex joins go on that have all they can get. True if one did."""
    opened = False
    for scope_id, node_id in sorted(run.state.joins):
        scope = run.state.scopes.get(scope_id)
        waiting = scope.joins.get(node_id) if scope is not None else None
        if scope is None or not waiting:
            run.state.joins.discard((scope_id, node_id))
            continue
        node = waiting[0].node
        complete = _may_open(scope, node, waiting)
        if node.kind == "complexGateway":
            opened = _turn_complex(run, scope, waiting, complete=complete) or opened
        elif complete:
            run.push("open_join", waiting[0])
            opened = True
    return opened


def _turn_complex(run: Run, scope: Scope, waiting: list[Token], *, complete: bool) -> bool:
    node = waiting[0].node
    passed: list[str] = scope.data.get("passed", [])
    if node.id in passed:
        for token in waiting:
            run.push("swallow", token)
        if complete:
            _note_passed(scope, [one for one in passed if one != node.id])
        return True
    if _activated(run, waiting, complete=complete):
        if not complete:
            _note_passed(scope, [*passed, node.id])
        run.push("open_join", waiting[0])
        return True
    return False


def _note_passed(scope: Scope, passed: list[str]) -> None:
    """Keep which complex gateways have opened early; nothing where none has."""
    scope.data.pop("passed", None)
    if passed:
        scope.data["passed"] = passed


def _activated(run: Run, waiting: list[Token], *, complete: bool) -> bool:
    first = waiting[0]
    if first.node.formula is None:
        return complete
    try:
        opened = run.holds(first.node.formula, first.scope, {"activationCount": len(waiting)})
    except Fault as fault:
        _give_up(run, first, fault.message)
        return False
    if complete and not opened:
        name = first.node.name or first.node.id
        _give_up(run, first, f"Điều kiện mở cổng “{name}” không đạt được nữa.")
    return opened


def _give_up(run: Run, token: Token, message: str) -> None:
    run.wake(token)
    run.park(token, "behave_again", message)


@operation
def behave_again(run: Run, token: Token) -> None:
    """A parked join tries once more."""
    token.node.behave(run, token)


def _may_open(scope: Scope, join: Node, waiting: list[Token]) -> bool:
    """Whether nothing is to be waited for any more (BPMN 2.0.2, table 13.3).

    A token elsewhere is waited for when it can come by a flow where none has come yet, unless it
    can as well come by one where one waits already.
    """
    filled = {token.data.get("via") for token in waiting}
    feeds = _feeds(join)
    empty = [flow for flow in feeds if flow not in filled]
    for token in scope.tokens.values():
        if token.is_listener or (token.node is join and token.status == JOINING):
            continue
        if token.node is join:
            return False
        place = token.node.id
        if any(place in feeds[flow] for flow in empty) and not any(
            place in feeds[flow] for flow in feeds if flow in filled
        ):
            return False
    return True


def _feeds(join: Node) -> dict[str, frozenset[str]]:
    """For each flow into `join`: the nodes from which it can be reached without passing `join`."""
    if join.feeds is None:
        sources: dict[str, list[str]] = {}
        flows = [flow for node in join.container.nodes for flow in node.outgoing]
        for flow in flows:
            sources.setdefault(flow.target.id, []).append(flow.source.id)
        join.feeds = {
            flow.id: _upstream(flow.source.id, sources, but=join.id)
            for flow in flows
            if flow.target is join
        }
    return join.feeds


def _upstream(start: str, sources: dict[str, list[str]], *, but: str) -> frozenset[str]:
    found: set[str] = set()
    todo = [start]
    while todo:
        current = todo.pop()
        if current not in found and current != but:
            found.add(current)
            todo.extend(sources.get(current, ()))
    return frozenset(found)


def event_based(run: Run, token: Token) -> None:
    """Wait for the first of the events that follow."""
    run.wait(token, EVENTS)
    for flow in token.node.outgoing:
        listener = run.new_token(flow.target, token.scope, ALTERNATIVE)
        listener.host = token
        token.listeners.append(listener)
        listener.data["flow"] = flow.id
        run.push("await_event", listener)
