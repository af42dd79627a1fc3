"""The state of an instance, moved on by one entry of its history after the other.

History keeps facts (`chronicle.COMPACT`), not states. A replay keeps where tokens stand, what they
wait for and what is known, never the rows it has read: the memory it takes is that of the state,
however long the history is.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from app.domain.engine import ROOT_SCOPE, DrawingStates
from app.domain.instances import HistoryEntry, InstanceState

TIMER = "timer"
"""What a `Wait` for an instant is of; others are of their kind of subscription."""


@dataclass(frozen=True)
class Wait:
    """A timer or an event that a token waits for; `name` is that of the message or signal."""

    element: str
    kind: str
    name: str = ""


@dataclass(frozen=True)
class PastState:
    """What an instance was right after the entry `seq` of its history.

    `active` counts the tokens that stood at an element; `tasks` and `waits` lie by token;
    `incidents` are elements with one open. `variables` lie by scope, as in the snapshot; `called`
    says which scopes ran another definition.
    """

    seq: int
    at: datetime
    actor: str
    command: str
    element: str
    state: InstanceState
    active: dict[str, int]
    tasks: dict[int, str]
    waits: dict[int, Wait]
    done: frozenset[str]
    cancelled: frozenset[str]
    flows: frozenset[str]
    variables: dict[str, dict[str, Any]]
    incidents: frozenset[str]
    called: dict[str, str]

    @property
    def drawing(self) -> DrawingStates:
        """The marks of the diagram; an element counts as where it stands before where it was."""
        active = frozenset(self.active)
        return DrawingStates(
            done=self.done - active,
            active=active - self.incidents,
            incident=self.incidents,
            cancelled=self.cancelled - self.done - active,
            flows=self.flows,
            badges={element: count for element, count in self.active.items() if count > 1},
        )


@dataclass
class Place:
    """Where a token stands, from the moment history knows of it until it has gone on."""

    element: str
    scope: str
    kind: str = ""
    begun: bool = False
    later: bool = False  # waits for a job to wake it
    failed: bool = False

    @property
    def is_held(self) -> bool:
        return self.begun or self.later or self.failed

    @property
    def is_task(self) -> bool:
        """Say whether a person has to act."""
        return self.kind == "userTask" and self.begun and not (self.later or self.failed)


@dataclass
class Replay:
    """`owners` says which token owns a scope; `seq` is the last entry that was played."""

    seq: int = 0
    state: InstanceState = InstanceState.ACTIVE
    places: dict[int, Place] = field(default_factory=dict)
    owners: dict[str, int] = field(default_factory=dict)
    waits: dict[int, Wait] = field(default_factory=dict)
    variables: dict[str, dict[str, Any]] = field(default_factory=dict)
    called: dict[str, str] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    flows: set[str] = field(default_factory=set)

    # --- moving on ------------------------------------------------------------------------

    def play(self, entry: HistoryEntry) -> None:
        """Move on by the next entry."""
        self.seq = entry.seq
        self.state = STATES.get(entry.kind, self.state)
        facts, tokens = entry.data.get("facts", ()), entry.data.get("tokens", ())
        self.owners |= entry.data.get("scopes", {})
        for fact, token in zip(facts, tokens, strict=True):
            self._play(fact, token)
        self._forget_what_is_over(set(tokens), entry.data.get("gone", ()))

    def _play(self, fact: list[Any], token: int) -> None:
        match fact:
            case ["+", element, kind, _, scope]:
                place = self._stand(token, element, scope)
                place.begun, place.kind = True, kind
            case ["-" | "x" as how, element]:
                self._end(token, element, cancelled=how == "x")
            case [">", flow]:
                self.flows.add(flow)
            case ["=", scope, values]:
                if scope != ROOT_SCOPE:
                    self.owners.setdefault(scope, token)
                self.variables.setdefault(scope, {}).update(values)
            case ["(", _, scope, definition_id]:
                self.owners[scope], self.called[scope] = token, definition_id
            case [")", _, scope, _]:
                self.called.pop(scope, None)
            case [".", _, outcome]:
                self.state = OUTCOMES[outcome]
            case _:
                self._play_wait(fact, token)

    def _play_wait(self, fact: list[Any], token: int) -> None:
        """What befalls a token while it waits, perhaps before its activity has begun."""
        match fact:
            case ["t", element]:
                self.waits[token] = Wait(element, TIMER)
            case ["o", element, kind, name]:
                self.waits[token] = Wait(element, kind, name)
            case ["c", _]:
                self.waits.pop(token, None)
            case ["a", element, scope]:
                self._stand(token, element, scope).later = True
            case ["!", element, _, scope]:
                self._stand(token, element, scope).failed = True
            case ["w", _] if token in self.places:
                self.places[token].later = False
            case ["?", _] if token in self.places:
                self.places[token].failed = False
            case ["~", _, element, *scope]:
                self._migrate(token, element, *scope)

    def _migrate(self, token: int, element: str, scope: str = "") -> None:
        if token in self.places:
            place = self.places[token]
            place.element, place.scope = element, scope or place.scope
        if token in self.waits:
            wait = self.waits[token]
            self.waits[token] = Wait(element, wait.kind, wait.name)

    def _stand(self, token: int, element: str, scope: str) -> Place:
        return self.places.setdefault(token, Place(element, scope))

    def _end(self, token: int, element: str, *, cancelled: bool) -> None:
        (self.cancelled if cancelled else self.done).add(element)
        if not cancelled:
            self.cancelled.discard(element)
        if token in self.places:
            self.places[token].begun = False

    def _forget_what_is_over(self, touched: set[int], gone: list[str] | tuple[()]) -> None:
        """Between two steps every token waits: one that holds nothing has gone on."""
        over = {
            token for token in touched if token not in self.places or not self.places[token].is_held
        }
        for token in over:
            self.places.pop(token, None)
        for scope in gone:
            self.variables.pop(scope, None)
        for scope in [one for one, owner in self.owners.items() if owner in over]:
            del self.owners[scope]

    # --- looking --------------------------------------------------------------------------

    def after(self, entry: HistoryEntry) -> PastState:
        """The state now, right after `entry`; it does not move on with the replay."""
        holders = {self.owners.get(place.scope) for place in self.places.values()}
        standing = [place for token, place in self.places.items() if token not in holders]
        return PastState(
            seq=entry.seq,
            at=entry.at,
            actor=entry.actor_name,
            command=entry.kind,
            element=entry.element,
            state=self.state,
            active=dict(Counter(place.element for place in standing)),
            tasks={token: one.element for token, one in self.places.items() if one.is_task},
            waits=dict(self.waits),
            done=frozenset(self.done),
            cancelled=frozenset(self.cancelled),
            flows=frozenset(self.flows),
            variables={scope: dict(values) for scope, values in self.variables.items()},
            incidents=frozenset(p.element for p in self.places.values() if p.failed),
            called=dict(self.called),
        )

    # --- putting away ---------------------------------------------------------------------

    def kept(self) -> dict[str, Any]:
        """The whole replay as JSON, to go on from (`Replay.of`)."""
        return {
            "state": self.state.value,
            "places": [[token, asdict(place)] for token, place in self.places.items()],
            "owners": self.owners,
            "waits": [[token, asdict(wait)] for token, wait in self.waits.items()],
            "variables": self.variables,
            "called": self.called,
            "done": sorted(self.done),
            "cancelled": sorted(self.cancelled),
            "flows": sorted(self.flows),
        }

    @classmethod
    def of(cls, seq: int, kept: Mapping[str, Any]) -> "Replay":
        return cls(
            seq=seq,
            state=InstanceState(kept["state"]),
            places={token: Place(**place) for token, place in kept["places"]},
            owners=dict(kept["owners"]),
            waits={token: Wait(**wait) for token, wait in kept["waits"]},
            variables={scope: dict(values) for scope, values in kept["variables"].items()},
            called=dict(kept["called"]),
            done=set(kept["done"]),
            cancelled=set(kept["cancelled"]),
            flows=set(kept["flows"]),
        )


STATES = {"suspend": InstanceState.SUSPENDED, "resume": InstanceState.ACTIVE}
"""What the entries do that carry no facts."""

OUTCOMES = {
    "completed": InstanceState.COMPLETED,
    "terminated": InstanceState.COMPLETED,
    "cancelled": InstanceState.CANCELLED,
}
