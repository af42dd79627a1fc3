"""Any past state of an instance, replayed from its history: one row for each step.

The replay keeps where tokens stand and what is known, never the rows it has read: the memory it
takes is that of the state, however long the history is.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.domain.engine import ROOT_SCOPE, DrawingStates
from app.domain.errors import NotFound
from app.domain.instances import HistoryEntry, ProcessInstance
from app.usecases.ports import Work

PIECE = 200  # rows read at a time
BODY = "multiInstanceBody"


@dataclass(frozen=True)
class PastState:
    """What an instance was right after the entry `seq` of its history.

    `active` counts the tokens that stood at an element; `incidents` are elements with one open.
    `variables` lie by scope, as in the snapshot.
    """

    seq: int
    at: datetime
    actor: str
    command: str
    element: str
    active: dict[str, int]
    done: frozenset[str]
    cancelled: frozenset[str]
    flows: frozenset[str]
    variables: dict[str, dict[str, Any]]
    incidents: frozenset[str]

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


def state_at(work: Work, instance: ProcessInstance, seq: int) -> PastState:
    """Replay the history of an instance up to and including the entry `seq`.

    Raises NotFound where there is no such entry.
    """
    replay = Replay()
    last: HistoryEntry | None = None
    for entry in _entries(work, instance, seq):
        replay.play(entry)
        last = entry
    if last is None or last.seq != seq:
        raise NotFound("Nhật ký không có mục này.")
    return replay.state(last)


def definition_at(work: Work, instance: ProcessInstance, seq: int) -> str:
    """By which definition the instance ran after the entry `seq`."""
    moves = work.instances.history(instance.id, kinds=["migrate"])
    later = [entry for entry in moves if entry.seq > seq]
    return str(later[0].data["from"]["id"]) if later else instance.definition_id


def _entries(work: Work, instance: ProcessInstance, until: int) -> Iterator[HistoryEntry]:
    """Oldest first, in pieces; the numbers of an instance's entries have no gaps."""
    for first in range(1, min(until, instance.history_seq) + 1, PIECE):
        size = min(PIECE, until - first + 1)
        yield from work.instances.history(instance.id, limit=size, before=first + size)


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


@dataclass
class Replay:
    """The state of an instance, moved on by one entry of its history after the other."""

    places: dict[int, Place] = field(default_factory=dict)
    owners: dict[str, int] = field(default_factory=dict)  # scope -> the token that owns it
    variables: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    flows: set[str] = field(default_factory=set)

    def play(self, entry: HistoryEntry) -> None:
        facts, tokens = entry.data.get("facts", ()), entry.data.get("tokens", ())
        self.owners |= entry.data.get("scopes", {})
        for fact, token in zip(facts, tokens, strict=True):
            self._play(fact, token)
        self._forget_what_is_over()

    def _play(self, fact: list[Any], token: int) -> None:
        match fact:
            case ["+", element, kind, _, scope]:
                self._stand(token, element, scope).begun = True
                self.places[token].kind = kind
            case ["-" | "x" as how, element]:
                self._end(token, element, cancelled=how == "x")
            case [">", flow]:
                self.flows.add(flow)
            case ["=", scope, values]:
                if scope != ROOT_SCOPE:
                    self.owners.setdefault(scope, token)
                self.variables.setdefault(scope, {}).update(values)
            case ["(", _, scope, _]:
                self.owners[scope] = token
            case [")", _, scope, _]:
                self._drop(scope)
            case _:
                self._play_wait(fact, token)

    def _play_wait(self, fact: list[Any], token: int) -> None:
        """What befalls a token while it waits, perhaps before its activity has begun."""
        match fact:
            case ["a", element, scope]:
                self._stand(token, element, scope).later = True
            case ["!", element, _, scope]:
                self._stand(token, element, scope).failed = True
            case ["w", _] if token in self.places:
                self.places[token].later = False
            case ["?", _] if token in self.places:
                self.places[token].failed = False
            case ["~", _, element] if token in self.places:
                self.places[token].element = element

    def _stand(self, token: int, element: str, scope: str) -> Place:
        return self.places.setdefault(token, Place(element, scope))

    def _end(self, token: int, element: str, *, cancelled: bool) -> None:
        """An activity is over. A round of a loop keeps its own variables until it is counted."""
        (self.cancelled if cancelled else self.done).add(element)
        if not cancelled:
            self.cancelled.discard(element)
        place = self.places.get(token)
        if place is None:
            return
        place.begun = False
        if not self._is_round(place):
            for scope in [one for one, owner in self.owners.items() if owner == token]:
                self._drop(scope)

    def _is_round(self, place: Place) -> bool:
        owner = self.places.get(self.owners.get(place.scope, 0))
        return owner is not None and owner.kind == BODY

    def _drop(self, scope: str) -> None:
        self.owners.pop(scope, None)
        self.variables.pop(scope, None)

    def _forget_what_is_over(self) -> None:
        """Between two steps every token waits: one that holds nothing has gone on."""
        self.places = {token: place for token, place in self.places.items() if place.is_held}
        used = {place.scope for place in self.places.values()}
        for scope, owner in list(self.owners.items()):
            if owner not in self.places and scope not in used:
                self._drop(scope)

    def state(self, entry: HistoryEntry) -> PastState:
        holders = {self.owners.get(place.scope) for place in self.places.values()}
        standing = [place for token, place in self.places.items() if token not in holders]
        return PastState(
            seq=entry.seq,
            at=entry.at,
            actor=entry.actor_name,
            command=entry.kind,
            element=entry.element,
            active=dict(Counter(place.element for place in standing)),
            done=frozenset(self.done),
            cancelled=frozenset(self.cancelled),
            flows=frozenset(self.flows),
            variables=self.variables,
            incidents=frozenset(p.element for p in self.places.values() if p.failed),
        )
