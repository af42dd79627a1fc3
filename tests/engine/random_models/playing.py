"""Who moves an instance: people, clocks, systems, an administrator; chosen by a seed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from lxml import etree

from app.domain.engine import InstanceEnded, Modification, Snapshot, Step
from app.domain.errors import DomainError
from app.engine.ad_hoc import choices, is_open
from app.engine.graph import Node
from app.engine.program import CompiledProgram
from app.engine.scopes import process_scope
from app.engine.state import (
    ASYNC,
    CONDITION,
    INCIDENT,
    JOB,
    MESSAGE,
    SIGNAL,
    TASK,
    TIMER,
    State,
    Token,
)
from tests.engine.desk import NOON, Shelf
from tests.engine.random_models.ledger import Ledger, check_sound
from tests.feel import dmn

BEGINNING = {"dem": 0, "san": False}
MAX_STEPS = 1_500
DECISION = dmn.model(
    dmn.decision(dmn.table(["dem"], ["muc"], [["< 2", '"it"'], [">= 2", '"nhieu"']], ""), "muc")
)


def server(bpmn: bytes, version: int = 1) -> tuple[CompiledProgram, Shelf]:
    """A process and all that it calls, compiled once for one server."""
    shelf = Shelf()
    shelf.decisions["muc"] = DECISION
    keys = [one.get("id") for one in etree.fromstring(bpmn).iter("{*}process")]
    for key in keys:
        shelf.add(bpmn, key, f"{key}:{version}")
    return shelf.programs[f"{keys[0]}:{version}"], shelf


# --- one move -----------------------------------------------------------------------------------


@dataclass
class Table:
    """An instance that is about to move: its state, read from the snapshot."""

    program: CompiledProgram
    shelf: Shelf
    given: Snapshot
    state: State

    def do(self, command: str, *arguments: Any, **more: Any) -> Step:
        done: Step = getattr(self.program, command)(
            self.given, *arguments, at=NOON, programs=self.shelf, **more
        )
        return done

    def write(self, token: Token, values: dict[str, Any]) -> Step:
        """Change variables of the process, called or not, in which the token moves."""
        return self.do("set_variables", values, scope=process_scope(token.scope).id)


def move(program: CompiledProgram, shelf: Shelf, given: Snapshot, chance: Random) -> Step:
    """Let one waiting token go on, whichever it is."""
    state = program.state_of(given, shelf)
    able = [one for one in state.tokens.values() if one.status in MOVES or is_open(one)]
    assert able, (
        f"nobody can go on: {sorted((one.node.id, one.status) for one in state.tokens.values())}"
    )
    calm = [one for one in able if not one.is_listener or one.node.kind not in INTERRUPTING]
    token = chance.choice(calm if calm and chance.random() < _patience(state) else able)
    table = Table(program, shelf, given, state)
    return MOVES.get(token.status, _adhoc)(table, token, chance)


INTERRUPTING = frozenset({"boundaryEvent", "startEvent"})
"""Listeners that do not bring what is there nearer to its end."""


def _patience(state: State) -> float:
    """How often nobody interrupts: seldom at first, and no more once there was a lot of it."""
    return 0.8 if state.next < 300 else 0.97 if state.next < 1_500 else 1.0


def _task(table: Table, token: Token, chance: Random) -> Step:
    if chance.random() < 0.2:
        return table.do("finish", token.id, {"dem": chance.randint(0, 5)})
    return table.do("finish", token.id, {})


def _job(table: Table, token: Token, chance: Random) -> Step:
    if token.node.id.startswith("risky") and chance.random() < 0.5:
        code = chance.choice(["LOI", "LA"])
        return table.do("throw_error", token.id, code, "hỏng", {"ly_do": code})
    return table.do("finish", token.id, {"tu_xa": 1})


def _resume(table: Table, token: Token, _: Random) -> Step:
    return table.do("resume", token.id)


def _timer(table: Table, token: Token, _: Random) -> Step:
    return table.do("fire_timer", token.id)


def _message(table: Table, token: Token, chance: Random) -> Step:
    if token.node.kind == "receiveTask" and chance.random() < 0.3:
        return table.do("finish", token.id, {})
    return table.do("deliver", token.id, {"tin": token.id} if chance.random() < 0.3 else {})


def _condition(table: Table, token: Token, chance: Random) -> Step:
    """What is waited for becomes true by a change of variables, or is said to be true."""
    if chance.random() < 0.5:
        return table.write(token, {"dem": chance.randint(3, 9), "san": True})
    return table.do("deliver", token.id, {})


def _retry(table: Table, token: Token, chance: Random) -> Step:
    """Somebody mends the cause, then tries again; or only tries again."""
    if chance.random() < 0.5:
        return table.write(token, {"san": True})
    return table.do("resume", token.id)


def _adhoc(table: Table, token: Token, chance: Random) -> Step:
    inner = token.inner
    assert inner is not None
    ends = chance.random() < 0.4 and (not inner.live or chance.random() < 0.2)
    try:
        if ends:
            return table.do("finish", token.id, {})
        return table.do("choose", token.id, chance.choice(choices(token.node)).id)
    except DomainError:
        return table.write(token, {"dem": chance.randint(0, 9)})


Mover = Callable[[Table, Token, Random], Step]
MOVES: dict[str, Mover] = {
    TASK: _task,
    JOB: _job,
    ASYNC: _resume,
    TIMER: _timer,
    MESSAGE: _message,
    SIGNAL: _message,
    CONDITION: _condition,
    INCIDENT: _retry,
}


def meddle(program: CompiledProgram, shelf: Shelf, given: Snapshot, chance: Random) -> Step:
    """An administrator's hand, or bad luck: a job fails, values change, tokens are put elsewhere.

    Gives the step of an ordinary move where the engine refuses what was wanted.
    """
    state = program.state_of(given, shelf)
    table = Table(program, shelf, given, state)
    tokens = list(state.tokens.values())
    try:
        return chance.choice(_MEDDLERS)(table, chance.choice(tokens), chance)
    except DomainError:
        return table.do("set_variables", {"dem": chance.randint(0, 9)})


def _fail(table: Table, token: Token, _: Random) -> Step:
    return table.program.fail(table.given, token.id, "không gọi được", programs=table.shelf)


def _bpmn_error(table: Table, token: Token, _: Random) -> Step:
    return table.do("throw_error", token.id, "LOI", "hỏng", {})


def _write(table: Table, token: Token, chance: Random) -> Step:
    values = {"dem": chance.randint(0, 9), "san": chance.random() < 0.5}
    scope = chance.choice([token.scope.id, *table.state.scopes])
    return table.do("set_variables", values, scope=scope)


def _modify(table: Table, token: Token, chance: Random) -> Step:
    nodes: list[Node] = list(table.program.process.nodes.values())
    places = tuple(one.id for one in chance.sample(nodes, min(2, len(nodes))))
    cancel = (token.id,) if chance.random() < 0.5 else ()
    cut = chance.randint(0, len(places))
    return table.do("modify", Modification(cancel, places[:cut], places[cut:]))


_MEDDLERS: tuple[Mover, ...] = (_fail, _bpmn_error, _write, _modify)


# --- a whole run --------------------------------------------------------------------------------


@dataclass
class Playing:
    """One instance from its start to its end, checked after every step.

    `servers`: who does the steps, in turn; with several, nothing but bytes passes between them.
    """

    servers: list[tuple[CompiledProgram, Shelf]]
    chance: Random
    switch: int = 1
    checked: bool = True
    ledger: Ledger = field(default_factory=Ledger)
    steps: int = 0
    snapshot: Snapshot = field(default_factory=lambda: Snapshot(b"", {}))

    def start(self) -> "Playing":
        program, shelf = self.servers[0]
        variables = {**BEGINNING, "cong": self.switch}
        return self.keep(program.start(variables, at=NOON, programs=shelf))

    def turn(self, mover: Callable[..., Step] = move) -> "Playing":
        program, shelf = self.servers[self.steps % len(self.servers)]
        given = self.snapshot
        if len(self.servers) > 1:
            given = Snapshot(given.tokens, given.variables)
        return self.keep(mover(program, shelf, given, self.chance))

    def to_the_end(self) -> Ledger:
        """Move on until it ends. What keeps itself alive by its own signals is cancelled one day."""
        while not self.ledger.ended:
            if self.steps == MAX_STEPS:
                assert self.ledger.has_signalled, "still running"
                return self.cancel().ledger
            self.turn()
        return self.ledger

    def cancel(self) -> "Playing":
        program, shelf = self.servers[0]
        return self.keep(program.cancel(self.snapshot, at=NOON, programs=shelf))

    def keep(self, step: Step) -> "Playing":
        self.steps += 1
        self.snapshot = step.snapshot
        self.ledger.add(step.facts)
        if self.checked:
            program, shelf = self.servers[0]
            state = program.state_of(step.snapshot, shelf)
            check_sound(state, step)
            self.ledger.agrees(state, step)
            ended = any(isinstance(fact, InstanceEnded) for fact in step.facts)
            assert ended == self.ledger.ended == (not state.tokens)
        return self
