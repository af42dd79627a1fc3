"""What one place hands to another: `in`/`out` mappings, messages and signals."""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from app.domain.engine import MessageThrown, SignalThrown
from app.engine.graph import Event, Pass
from app.engine.run import Run
from app.engine.state import Scope, Token


def throw(run: Run, token: Token, event: Event) -> None:
    """Throw a message or a signal to the outside; the host brings it to those who wait."""
    scope = token.home
    name = run.word(event.name, scope) or ""
    payload = passed(run, event.payload, scope)
    if event.kind == "message":
        key = run.word(event.key, scope)
        run.facts.append(MessageThrown(token.id, token.node.id, name, key, payload))
    else:
        key = business_key(run, event.payload, scope)
        run.facts.append(SignalThrown(token.id, token.node.id, name, payload, key, event.later))
        if not event.later:
            run.tell(name, payload)


def business_key(run: Run, passes: tuple[Pass, ...], scope: Scope) -> str | None:
    """What a mapping says about the business key of the instance that is begun."""
    for one in passes:
        if one.business_key is not None:
            return run.word(one.business_key, scope)
    return None


def passed(run: Run, passes: tuple[Pass, ...], scope: Scope, *, own: bool = True) -> dict[str, Any]:
    """Evaluate `in`/`out` mappings against `scope`.

    A local mapping sees what is in `scope` itself; nothing at all where that is not the
    activity's `own`.
    """
    values: dict[str, Any] = {}
    for one in passes:
        here = (run.variables.of.get(scope.id) or {}) if own else {}
        if one.everything:
            values.update(here if one.local else run.variables.seen_from(scope))
        elif one.target is None:
            continue
        elif one.source is not None:
            seen = here if one.local else run.variables.find(scope, (one.source,))
            values[one.target] = seen.get(one.source)
        elif one.local and one.formula is not None:
            values[one.target] = one.formula.get(partial(_only, here), run.at, run.purse)
        else:
            values[one.target] = run.value(one.formula, scope)
    return values


def _only(here: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: here[name] for name in names if name in here}
