"""What happens when an event comes that a token waited for."""

from collections.abc import Mapping
from typing import Any

from app.domain.engine import TimerStarted
from app.engine import ad_hoc
from app.engine.events import event_of, seen_by
from app.engine.faults import Fault, present
from app.engine.graph import Node
from app.engine.run import Run, operation
from app.engine.scopes import PAYLOAD
from app.engine.state import (
    ALTERNATIVE,
    BOUNDARY,
    CONDITION,
    EVENTS,
    LOCAL,
    PART,
    PROCESS,
    SIGNAL,
    STARTER,
    TIMER,
    Scope,
    Token,
)
from app.engine.timing import Cycle, next_due, parse_cycle


def caught(
    run: Run, token: Token, payload: Mapping[str, Any], local: Mapping[str, Any] | None = None
) -> None:
    """The event that `token` waited for has come; `local` values live in the event only."""
    if token.role == BOUNDARY:
        _boundary_caught(run, token, payload, local)
    elif token.role == STARTER:
        _starter_caught(run, token, payload, local)
    elif token.role == ALTERNATIVE:
        _alternative_caught(run, token, payload, local)
    elif token.role == PART:
        _part_caught(run, token, payload)
    else:
        run.wake(token)
        run.set(token, token.home, payload)
        keep_local(run, token, local)
        run.push("leave", token)


def keep_local(run: Run, token: Token, local: Mapping[str, Any] | None) -> None:
    """Give an activity or event variables of its own, which go with it."""
    if local:
        run.set_local(token, token.inner or run.new_scope(LOCAL, token), local)


def _boundary_caught(
    run: Run, token: Token, payload: Mapping[str, Any], local: Mapping[str, Any] | None
) -> None:
    node, host = token.node, present(token.host, "hoạt động của sự kiện biên")
    if node.parallel_multiple and not _all_parts(run, token, host.listeners):
        run.set(token, token.scope, payload)
        return
    if node.interrupting:
        run.cancel(host)
    else:
        _listen_again(run, token)
    fire_boundary(run, node, token.scope, payload, local)


def fire_boundary(
    run: Run,
    node: Node,
    scope: Scope,
    payload: Mapping[str, Any],
    local: Mapping[str, Any] | None = None,
) -> None:
    """Let a token out of a boundary event."""
    token = run.new_token(node, scope)
    run.set(token, scope, payload)
    keep_local(run, token, local)
    run.push("enter", token)


def _all_parts(run: Run, token: Token, listeners: list[Token]) -> bool:
    """A parallel multiple event has come when each of its parts has; re-arms what is needed."""
    parts = [one for one in listeners if one.node is token.node]
    token.data["came"] = True
    if all(one.data.get("came") for one in parts):
        for one in parts:
            one.data.pop("came")
            if one is not token and not token.node.interrupting:
                run.push("await_event", _renewed(run, one))
        return True
    run.wake(token)
    run.wait(token, EVENTS)
    return False


def _listen_again(run: Run, token: Token) -> None:
    """A non-interrupting listener stays; a timer comes again only if it is a cycle."""
    if token.status != TIMER:
        return
    run.wake(token)
    if not _next_round(run, token):
        run.remove(token)


def _next_round(run: Run, token: Token) -> bool:
    cycle: Cycle | None = parse_cycle(token.data.get("cycle", ""))
    if cycle is None:
        return False
    left = token.data.get("left")
    if left is not None:
        if left <= 1:
            return False
        token.data["left"] = left - 1
    again = _renewed(run, token)
    run.wait(again, TIMER)
    run.facts.append(TimerStarted(again.id, again.node.id, next_due(cycle, run.at)))
    return True


def _renewed(run: Run, token: Token) -> Token:
    """The same listener under a new number: what it waited for will not be taken twice."""
    again = run.new_token(token.node, token.scope, token.role)
    again.data = dict(token.data)
    again.host = token.host
    if again.host is not None:
        again.host.listeners.append(again)
    run.remove(token)
    return again


def _starter_caught(
    run: Run, token: Token, payload: Mapping[str, Any], local: Mapping[str, Any] | None
) -> None:
    start, scope = token.node, token.scope
    if start.parallel_multiple:
        same = [one for one in scope.tokens.values() if one.role == STARTER]
        if not _all_parts(run, token, same):
            run.set(token, scope, payload)
            return
    if not start.interrupting:
        _listen_again(run, token)
    start_event_subprocess(run, start, scope, payload, local)


def start_event_subprocess(
    run: Run,
    start: Node,
    scope: Scope,
    payload: Mapping[str, Any],
    local: Mapping[str, Any] | None = None,
) -> None:
    """Begin an event sub-process in `scope`; an interrupting one ends all else there."""
    node = present(start.container.node, "tiến trình con sự kiện")
    if start.interrupting:
        run.cancel_inside(scope)
        ad_hoc.interrupt(run, scope)
    token = run.new_token(node, scope)
    token.data["start"] = start.id
    if payload:
        run.set(token, scope, payload)
    if local:
        run.variables.keep(f"{token.id}{PAYLOAD}", local)
    run.push("enter", token)


def _alternative_caught(
    run: Run, token: Token, payload: Mapping[str, Any], local: Mapping[str, Any] | None
) -> None:
    gateway = present(token.host, "cổng sự kiện")
    node, scope, flow = token.node, token.scope, token.data.get("flow", "")
    run.close_listeners(gateway)
    run.wake(gateway)
    run.ended(gateway)
    follower = run.new_token(node, scope)
    run.flow_taken(follower, flow)
    run.remove(gateway)
    run.started(follower)
    run.set(follower, scope, payload)
    keep_local(run, follower, local)
    run.push("leave", follower)


def _part_caught(run: Run, token: Token, payload: Mapping[str, Any]) -> None:
    host = present(token.host, "sự kiện gộp")
    run.set(token, token.scope, payload)
    if token.node.parallel_multiple and not _all_parts(run, token, host.listeners):
        return
    run.close_listeners(host)
    run.wake(host)
    run.push("leave", host)


@operation
def hear(run: Run, token: Token) -> None:
    """A signal thrown in this very instance has come to one who waited for it."""
    payload = run.told.pop(token.id, None)
    if payload is not None and token.status == SIGNAL:
        caught(run, token, payload)


# --- conditions -------------------------------------------------------------------------


@operation
def test_condition(run: Run, token: Token) -> None:
    """A condition that holds already when one begins to wait for it."""
    if token.status == CONDITION and _holds(run, token):
        caught(run, token, {})


def test_conditions(run: Run) -> None:
    """Variables have changed: let the conditions that look at them fire."""
    for place, name, how in run.variables.changes:
        for token in list(run.state.conditions.values()):
            if token.status == CONDITION and _sees(token, place, name, how) and _holds(run, token):
                caught(run, token, {})


def _sees(token: Token, place: Scope, name: str, how: str) -> bool:
    event = event_of(token)
    if event.variable_name is not None and event.variable_name != name:
        return False
    if event.variable_events and how not in event.variable_events:
        return False
    scope: Scope | None = seen_by(token)
    while scope is not None:
        if scope is place:
            return True
        scope = None if scope.kind == PROCESS else scope.parent
    return False


def _holds(run: Run, token: Token) -> bool:
    try:
        return run.holds(event_of(token).condition, seen_by(token))
    except Fault:
        return False
