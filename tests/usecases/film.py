"""What an instance truly is, looked up in the engine's own state, beside what the replay makes of it."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from app.domain.engine import InstanceEnded, Snapshot, Step
from app.domain.instances import HistoryEntry, InstanceState
from app.engine.state import CONDITION, INCIDENT, MESSAGE, SIGNAL, TASK, TIMER, State, Token
from app.usecases.chronicle import compact
from app.usecases.replay import PastState, Replay

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
WAITS = {TIMER: "timer", MESSAGE: "message", SIGNAL: "signal", CONDITION: "condition"}


@dataclass(frozen=True)
class Seen:
    """An instance at one moment, in a form that both sides can be brought into."""

    active: dict[str, int]
    tasks: dict[int, str]
    waits: dict[int, tuple[str, str]]
    incidents: frozenset[str]
    variables: dict[str, dict[str, Any]]


def truth(state: State, snapshot: Snapshot) -> Seen:
    tokens = list(state.tokens.values())
    return Seen(
        active=dict(Counter(one.node.id for one in tokens if _stands(one))),
        tasks={one.id: one.node.id for one in tokens if one.status == TASK},
        waits={one.id: (one.node.id, WAITS[one.status]) for one in tokens if one.status in WAITS},
        incidents=frozenset(one.node.id for one in tokens if one.status == INCIDENT),
        variables=_known(state, snapshot),
    )


def _stands(token: Token) -> bool:
    """It holds an element: not an owner of something that moves, nor a listener that only listens."""
    listens = token.is_listener and token.status != INCIDENT
    return not listens and not (token.inner is not None and token.inner.live)


def _known(state: State, snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    known = as_json({scope: snapshot.variables.get(scope, {}) for scope in state.scopes})
    return {scope: values for scope, values in known.items() if values}


def replayed(past: PastState) -> Seen:
    return Seen(
        active=past.active,
        tasks=past.tasks,
        waits={token: (wait.element, wait.kind) for token, wait in past.waits.items()},
        incidents=past.incidents,
        variables={scope: values for scope, values in past.variables.items() if values},
    )


def as_json(data: Any) -> Any:
    """As it comes back from the database."""
    return json.loads(json.dumps(data))


@dataclass
class Film:
    """Every step goes through history; the replay must agree with the engine's state each time.

    `is_put_away`: the replay goes through a checkpoint after each entry.
    """

    replay: Replay = field(default_factory=Replay)
    is_put_away: bool = False

    def take(self, before: Snapshot, step: Step, state: State) -> None:
        data = as_json(compact(step, before.variables))
        seq = self.replay.seq + 1
        entry = HistoryEntry("i", seq, NOON, "step", "", "", "", "", data)
        self.replay.play(entry)
        if self.is_put_away:
            self.replay = Replay.of(seq, as_json(self.replay.kept()))
        assert replayed(self.replay.after(entry)) == truth(state, step.snapshot)
        assert self.runs != any(isinstance(fact, InstanceEnded) for fact in step.facts)

    @property
    def runs(self) -> bool:
        return self.replay.state is InstanceState.ACTIVE
