"""What history keeps of a move: one entry, with its cause and the facts that it brought about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain import engine as facts
from app.domain.engine import Step
from app.domain.instances import HistoryEntry, ProcessInstance
from app.domain.permissions import SYSTEM, Actor
from app.usecases.ports import Work

THE_SYSTEM = Actor(id=SYSTEM, name="Hệ thống")
CHECKPOINT_EVERY = 200  # entries of a history; from one of them a replay begins (`past`)
CHECKPOINT_PRIORITY = 90  # whatever else waits goes first


@dataclass(frozen=True)
class Cause:
    """Why an instance moves: who, by which command, at which element."""

    actor: Actor
    command: str
    element: str = ""
    name: str = ""
    data: dict[str, Any] = field(default_factory=dict)  # what history keeps besides the facts


def note(
    work: Work, instance: ProcessInstance, cause: Cause, data: dict[str, Any] | None = None
) -> None:
    """Append one entry to the history of the instance."""
    instance.history_seq += 1
    entry = HistoryEntry(
        instance_id=instance.id,
        seq=instance.history_seq,
        at=work.now(),
        kind=cause.command,
        element=cause.element,
        name=cause.name,
        actor=cause.actor.id,
        actor_name=cause.actor.name,
        data=data or {},
    )
    work.instances.record([entry])
    if entry.seq % CHECKPOINT_EVERY == 0:
        args = {"instance_id": instance.id, "seq": str(entry.seq)}
        work.queue.enqueue("checkpoint", args, priority=CHECKPOINT_PRIORITY)


# Facts as history keeps them: a letter and what a timeline, a drawing or a replay needs.
COMPACT: dict[type[facts.Fact], Callable[[Any], list[Any]]] = {
    facts.ActivityStarted: lambda f: ["+", f.element, f.kind, f.name, f.scope],
    facts.ActivityEnded: lambda f: ["x" if f.cancelled else "-", f.element],
    facts.FlowTaken: lambda f: [">", f.element],
    facts.VariablesSet: lambda f: ["=", f.scope, f.values],
    facts.JobCreated: lambda f: ["a", f.element, f.scope],
    facts.JobClosed: lambda f: ["w", f.element],
    facts.TimerStarted: lambda f: ["t", f.element],
    facts.TimerClosed: lambda f: ["c", f.element],
    facts.SubscriptionOpened: lambda f: ["o", f.element, f.kind, f.name],
    facts.SubscriptionClosed: lambda f: ["c", f.element],
    facts.IncidentRaised: lambda f: ["!", f.element, f.message, f.scope],
    facts.IncidentCleared: lambda f: ["?", f.element],
    facts.MessageThrown: lambda f: ["m", f.element, f.name],
    facts.SignalThrown: lambda f: ["s", f.element, f.name],
    facts.ClockTouched: lambda f: ["k", f.element, f.kind, f.action],
    facts.CalledInstanceStarted: lambda f: ["(", f.element, f.scope, f.definition_id],
    facts.CalledInstanceEnded: lambda f: [")", f.element, f.scope, f.outcome],
    facts.CalledInstanceMigrated: lambda f: ["(", f.element, f.scope, f.definition_id],
    facts.TokenMigrated: lambda f: ["~", f.element, f.to_element, *filter(None, [f.to_scope])],
    facts.InstanceEnded: lambda f: [".", f.element, f.outcome],
}


def compact(step: Step, known: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that history keeps, of each the number of its token; whose scopes are new or gone.

    `known` are the variables by scope as they were before the step.
    """
    kept = [fact for fact in step.facts if type(fact) in COMPACT and not _is_call(fact)]
    data: dict[str, Any] = {
        "facts": [COMPACT[type(fact)](fact) for fact in kept],
        "tokens": [fact.token for fact in kept],
    }
    owned = {
        fact.inner: fact.token
        for fact in kept
        if isinstance(fact, facts.ActivityStarted) and fact.inner
    }
    written = {fact.scope for fact in kept if isinstance(fact, facts.VariablesSet)}
    over = (written | known.keys()) - step.snapshot.variables.keys()
    gone = sorted(scope for scope in over if "." not in scope)
    return data | ({"scopes": owned} if owned else {}) | ({"gone": gone} if gone else {})


def _is_call(fact: facts.Fact) -> bool:
    """A job that calls a connector is a row of its own; history keeps where tokens stand."""
    return isinstance(fact, facts.JobCreated) and fact.kind is not facts.JobKind.CONTINUATION
