"""Everything that ever happened, kept whole: what the pruned state must agree with at each step."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from app.domain.engine import (
    ROOT_SCOPE,
    ActivityEnded,
    ActivityStarted,
    CalledInstanceEnded,
    CalledInstanceStarted,
    Fact,
    FlowTaken,
    IncidentCleared,
    IncidentRaised,
    InstanceEnded,
    JobClosed,
    JobCreated,
    SignalThrown,
    Step,
    SubscriptionClosed,
    SubscriptionOpened,
    TimerClosed,
    TimerStarted,
    TokenMigrated,
    UserTaskClosed,
    UserTaskOpened,
    VariablesSet,
)
from app.engine.codec import encode
from app.engine.state import (
    ASYNC,
    CONDITION,
    EVENTS,
    INCIDENT,
    JOB,
    JOINING,
    MESSAGE,
    OFFERING,
    OWNING,
    PROCESS,
    SIGNAL,
    TASK,
    TIMER,
    UNDOING,
    State,
    Token,
)

OPENING: dict[type[Fact], str] = {
    UserTaskOpened: "task",
    JobCreated: "job",
    TimerStarted: "timer",
    SubscriptionOpened: "subscription",
    IncidentRaised: "incident",
}
CLOSING: dict[type[Fact], str] = {
    UserTaskClosed: "task",
    JobClosed: "job",
    TimerClosed: "timer",
    SubscriptionClosed: "subscription",
    IncidentCleared: "incident",
}
AWAITED = {
    TASK: "task",
    JOB: "job",
    ASYNC: "job",
    TIMER: "timer",
    MESSAGE: "subscription",
    SIGNAL: "subscription",
    CONDITION: "subscription",
    INCIDENT: "incident",
}


class Ledger:
    """Folds facts, and forgets nothing: no token, no scope, no value is ever dropped."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.open: dict[tuple[str, int], str] = {}
        self.begun: dict[int, str] = {}
        self.running: dict[int, str] = {}
        self.variables: dict[str, dict[str, Any]] = defaultdict(dict)
        self.calls: set[str] = set()
        self.ended = False

    @property
    def has_signalled(self) -> bool:
        return any(isinstance(fact, SignalThrown) for fact in self.facts)

    def add(self, facts: Iterable[Fact]) -> None:
        for fact in facts:
            assert not self.ended, f"{fact} after the end"
            self.facts.append(fact)
            self._fold(fact)

    def _fold(self, fact: Fact) -> None:
        kind = type(fact)
        if kind in OPENING:
            key = (OPENING[kind], fact.token)
            assert key not in self.open, f"opened twice: {fact}"
            self.open[key] = fact.element
        elif kind in CLOSING:
            assert self.open.pop((CLOSING[kind], fact.token), None) == fact.element, fact
        elif isinstance(fact, ActivityStarted):
            self._start(fact)
        elif isinstance(fact, ActivityEnded):
            assert self.running.pop(fact.token, None) == fact.element, fact
        elif isinstance(fact, VariablesSet):
            self.variables[fact.scope].update(fact.values)
        elif isinstance(fact, TokenMigrated):
            self._move(fact)
        elif isinstance(fact, CalledInstanceStarted):
            self.calls.add(fact.scope)
        elif isinstance(fact, CalledInstanceEnded):
            self.calls.remove(fact.scope)
        elif isinstance(fact, InstanceEnded):
            self.ended = True

    def _move(self, fact: TokenMigrated) -> None:
        for known in (self.begun, self.running):
            if fact.token in known:
                known[fact.token] = fact.to_element
        for key in [one for one in self.open if one[1] == fact.token]:
            self.open[key] = fact.to_element

    def _start(self, fact: ActivityStarted) -> None:
        assert self.begun.get(fact.token) is None, f"a number used twice: {fact}"
        self.begun[fact.token] = self.running[fact.token] = fact.element

    # --- agreement ------------------------------------------------------------------------

    def agrees(self, state: State, step: Step) -> None:
        """The pruned state says of this moment what all facts together say."""
        tokens = state.tokens.values()
        waiting = {
            (AWAITED[one.status], one.id): one.node.id for one in tokens if one.status in AWAITED
        }
        waiting |= {("task", one.id): one.node.id for one in tokens if OFFERING in one.data}
        assert waiting == self.open
        assert {one.id: one.node.id for one in tokens if one.begun} == self.running
        calls = {one.id for one in state.scopes.values() if one.kind == PROCESS and one.parent}
        assert calls == self.calls
        assert self.ended == (not tokens)
        for scope in state.scopes:
            known = step.snapshot.variables.get(scope, {})
            assert known == self.variables.get(scope, {}), f"variables of {scope}"

    def whole(self) -> None:
        """Everything that began has ended; everything that was opened was closed."""
        assert self.ended
        assert self.open == {}
        assert self.running == {}
        assert self.calls == set()

    def incidents(self) -> list[str]:
        return [fact.element for fact in self.facts if isinstance(fact, IncidentRaised)]


# --- the state by itself ------------------------------------------------------------------------


def check_sound(state: State, step: Step) -> None:
    """Every link in the state holds, nobody is stuck, and its written form is what was given out."""
    assert encode(state) == step.snapshot.tokens
    for scope in state.scopes.values():
        assert scope.live == sum(not one.is_listener for one in scope.tokens.values())
        if scope.owner is not None:
            assert state.tokens[scope.owner.id] is scope.owner
            assert scope.parent is not None
        for node_id, waiting in scope.joins.items():
            assert all(one.status == JOINING and one.node.id == node_id for one in waiting)
    for token in state.tokens.values():
        assert state.scopes[token.scope.id].tokens[token.id] is token
        if token.host is not None:
            assert token in token.host.listeners
            assert state.tokens[token.host.id] is token.host
        _can_go_on(state, token)
    _keeps_nothing(state, step)


def _can_go_on(state: State, token: Token) -> None:
    """No zombie: whoever waits for something inside or beside it has that something."""
    if token.status == OWNING:
        assert token.inner is not None
        assert token.inner.live or token.node.kind == "adHocSubProcess"
    elif token.status == EVENTS:
        assert token.is_listener or token.listeners
    elif token.status == UNDOING:
        handlers = [one for one in state.tokens.values() if one.data.get("by") == token.id]
        assert len(handlers) == token.data["left"]
    elif token.status == JOINING:
        assert token in token.scope.joins[token.node.id]
    else:
        assert token.status in AWAITED


def _keeps_nothing(state: State, step: Step) -> None:
    """No variables are kept of scopes that are gone, nor for what can never be undone."""
    kept = set()
    todo = [record for scope in state.scopes.values() for record in scope.records]
    todo.extend(one.data["undo"] for one in state.tokens.values() if "undo" in one.data)
    while todo:
        record = todo.pop()
        kept.add(record.get("v"))
        todo.extend(record.get("in", ()))
    for key in step.snapshot.variables:
        number, _, what = key.partition(".")
        if what == "done":
            assert key in kept, key
        elif what == "payload":
            assert int(number) in state.tokens
        else:
            assert number in state.scopes or number == ROOT_SCOPE, key


def check_whole(facts: Iterable[Fact]) -> None:
    """Everything that began has ended, once; everything that was opened was closed."""
    ledger = Ledger()
    ledger.add(facts)
    ledger.whole()
    flows = Counter(fact.token for fact in ledger.facts if isinstance(fact, FlowTaken))
    assert all(number == 1 for number in flows.values())
