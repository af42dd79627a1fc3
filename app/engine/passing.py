"""What one place hands to another: `in`/`out` mappings, messages and signals."""

from typing import Any

from app.domain.engine import MessageThrown, SignalThrown
from app.engine.graph import Event, Pass
from app.engine.run import Run
from app.engine.state import Scope, Token


def throw(run: Run, token: Token, event: Event) -> None:
    """Throw a message or a signal to the outside; the host brings it to those who wait."""
    scope = token.home
    name = run.text(event.name, scope) or ""
    payload = passed(run, event.payload, scope)
    if event.kind == "message":
        key = run.text(event.key, scope)
        run.facts.append(MessageThrown(token.id, token.node.id, name, key, payload))
    else:
        key = business_key(run, event.payload, scope)
        run.facts.append(SignalThrown(token.id, token.node.id, name, payload, key, event.later))


def business_key(run: Run, passes: tuple[Pass, ...], scope: Scope) -> str | None:
    """What a mapping says about the business key of the instance that is begun."""
    for one in passes:
        if one.business_key is not None:
            return run.text(one.business_key, scope)
    return None


def passed(run: Run, passes: tuple[Pass, ...], scope: Scope) -> dict[str, Any]:
    """Evaluate `in`/`out` mappings against `scope`."""
    values: dict[str, Any] = {}
    for one in passes:
        if one.everything:
            local = run.variables.of.get(scope.id) or {}
            values.update(local if one.local else run.variables.seen_from(scope))
        elif one.target is not None:
            if one.source is not None:
                values[one.target] = run.variables.find(scope, (one.source,)).get(one.source)
            else:
                values[one.target] = run.value(one.formula, scope)
    return values
