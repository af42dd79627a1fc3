"""Waiting for events.

Every wait is a token of its own: an event in the flow, a boundary event (its host is the
activity), an event after an event-based gateway (its host is the gateway), the start of an event
sub-process, one part of a multiple event. A caught event either moves its own token (in the
flow), or wakes its host.
"""

from typing import Any

from app.domain.engine import SubscriptionKind, SubscriptionOpened, TimerStarted
from app.engine.expressions import Literal
from app.engine.faults import Fault, present
from app.engine.graph import Event, Node
from app.engine.run import Run, operation
from app.engine.state import (
    BOUNDARY,
    CONDITION,
    EVENTS,
    MESSAGE,
    PART,
    SIGNAL,
    STARTER,
    TIMER,
    Scope,
    Token,
)
from app.engine.timing import due, first_due, parse_cycle

WAITING = frozenset(("message", "signal", "timer", "conditional"))
"""Kinds of events that a token waits for; the others are found when they are thrown."""
_STATUS = {
    SubscriptionKind.MESSAGE: MESSAGE,
    SubscriptionKind.SIGNAL: SIGNAL,
    SubscriptionKind.CONDITION: CONDITION,
}


# --- waiting ----------------------------------------------------------------------------


def listen_for(run: Run, token: Token, event: Event) -> None:
    """Let `token` wait for `event`."""
    scope = seen_by(token)
    if event.kind == "timer":
        _start_timer(run, token, event, scope)
    elif event.kind == "message":
        name = run.word(event.name, scope) or ""
        _subscribe(run, token, SubscriptionKind.MESSAGE, name, key=run.word(event.key, scope))
    elif event.kind == "signal":
        name = run.word(event.name, scope) or ""
        if not isinstance(event.name, Literal):
            token.data["signal"] = name
        _subscribe(run, token, SubscriptionKind.SIGNAL, name)
    else:
        _subscribe(run, token, SubscriptionKind.CONDITION, "")
        run.push("test_condition", token)


def seen_by(token: Token) -> Scope:
    """Where an event that waits looks: in its own activity, or in the one that it is drawn on."""
    return token.host.ground if token.host is not None else token.home


def _subscribe(
    run: Run, token: Token, kind: SubscriptionKind, name: str, *, key: str | None = None
) -> None:
    run.wait(token, _STATUS[kind])
    run.facts.append(SubscriptionOpened(token.id, token.node.id, kind, name, key))


def _start_timer(run: Run, token: Token, event: Event, scope: Scope) -> None:
    written = run.value(event.name, scope)
    if event.timer == "cycle":
        cycle = parse_cycle(str(written))
        if cycle is None:
            raise Fault(f"Không hiểu chu kỳ thời gian: {written!r}")
        moment: Any = first_due(cycle, run.at)
        token.data["cycle"] = str(written)
        if cycle.times is not None:
            token.data["left"] = cycle.times
    else:
        moment = due(written, run.at)
    run.wait(token, TIMER)
    run.facts.append(TimerStarted(token.id, token.node.id, moment))


@operation
def listen(run: Run, token: Token) -> None:
    """Let the boundary events of an activity wait."""
    for boundary in token.node.listening:
        _host(run, token, boundary, BOUNDARY)


def _host(run: Run, host: Token, node: Node, role: str) -> None:
    """One listener per event of `node`; those of a multiple event share the node."""
    for index, event in enumerate(node.events):
        if event.kind in WAITING:
            listener = run.new_token(node, host.scope, role)
            listener.host = host
            host.listeners.append(listener)
            if index:
                listener.data["part"] = index
            run.push("await_event", listener)


@operation
def await_event(run: Run, token: Token) -> None:
    """A listener begins to wait."""
    listen_for(run, token, event_of(token))


def event_of(token: Token) -> Event:
    part: int = token.data.get("part", 0)
    return token.node.events[part]


def start_listening(run: Run, scope: Scope) -> None:
    """Let the event sub-processes of a scope wait for what starts them."""
    if scope.container is None:
        return
    for node in scope.container.event_subprocesses:
        start = present(node.inside, "sơ đồ bên trong").starts[0]
        for index, event in enumerate(start.events):
            if event.kind in WAITING:
                listener = run.new_token(start, scope, STARTER)
                listener.data["part"] = index
                run.push("await_event", listener)


def intermediate_catch(run: Run, token: Token) -> None:
    """Wait in the flow."""
    events = token.node.events
    if events[0].kind == "link":
        run.push("leave", token)
    elif len(events) == 1:
        listen_for(run, token, events[0])
    else:
        run.wait(token, EVENTS)
        _host(run, token, token.node, PART)


def none_event(run: Run, token: Token) -> None:
    """Start events, none intermediate events, boundary events that have fired: go on."""
    run.push("leave", token)
