"""A host for the engine in memory: what tables, worker and clock do elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.domain import engine as facts
from app.domain.engine import Fact, Snapshot, Step
from app.domain.errors import DomainError, InvalidInput, NotFound
from app.engine.decisions import decision_tags, parse_decisions
from app.engine.events import seen_by
from app.engine.graph import Event, Node
from app.engine.program import CompiledProgram
from app.engine.reading import Reading, read
from app.engine.state import BODY, PROCESS, UNDOING, Scope, State, Token
from app.engine.timing import due as moment
from app.engine.timing import first_due, parse_cycle
from app.feel import to_json
from app.feel.decisions import DecisionModel

BEGINNING = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


class Refused(Exception):
    """The command failed; nothing has changed."""


@dataclass
class Definition:
    key: str
    version: int
    deployment: int
    program: CompiledProgram
    tag: str | None

    @property
    def id(self) -> str:
        return self.program.definition_id


@dataclass
class Decided:
    """One version of a decision."""

    key: str
    version: int
    deployment: int
    tag: str | None
    model: DecisionModel


@dataclass
class Instance:
    number: int
    definition: Definition
    snapshot: Snapshot
    business_key: str | None
    ended: bool = False


@dataclass
class Wait:
    """A user task, job, timer or subscription."""

    instance: Instance
    fact: Fact
    order: int
    started: datetime
    due: datetime | None = None

    @property
    def token(self) -> int:
        return self.fact.token

    def node(self, host: "Observed") -> Node:
        """The element that waits, perhaps of a called process."""
        return host.state(self.instance).tokens[self.token].node


@dataclass
class StartWait:
    """A start event that waits for a message, signal, condition or timer."""

    definition: Definition
    node: Node
    event: Event
    due: datetime | None = None
    left: int | None = None  # times a cycle still comes; None: for ever


@dataclass
class Past:
    """One line of the history."""

    instance: int
    token: int
    element: str
    ended: bool = False
    cancelled: bool = False


@dataclass
class World:
    definitions: list[Definition] = field(default_factory=list)
    decisions: list[Decided] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    waits: dict[tuple[int, int], Wait] = field(default_factory=dict)
    starts: list[StartWait] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    history: list[Past] = field(default_factory=list)
    now: datetime = BEGINNING
    deployments: int = 0
    orders: int = 0
    rounds: dict[tuple[int, int], tuple[str, dict[str, Any]]] = field(default_factory=dict)
    called_keys: dict[tuple[int, str], str] = field(default_factory=dict)
    numbered: list[Instance] = field(default_factory=list)  # called ones count as well
    called_scopes: dict[int, str] = field(default_factory=dict)  # by number, of the called ones
    signal_jobs: list[tuple[Any, str, dict[str, Any], str | None]] = field(default_factory=list)


class Observed:
    """A world that can be looked at: `programs` finds the called definitions."""

    def __init__(self, programs: Any) -> None:
        self.world = World()
        self.programs = programs

    def state(self, instance: Instance) -> State:
        return instance.definition.program.state_of(instance.snapshot, self.programs)

    def local_variables(self, wait: Wait) -> dict[str, Any]:
        """What is local to the execution that waits: the activity, or what the event is on."""
        token = self.state(wait.instance).tokens[wait.token]
        return dict(wait.instance.snapshot.variables.get(seen_by(token).id) or {})

    def placed(
        self, instance: Instance, reference: str, command: Mapping[str, Any], values: dict[str, Any]
    ) -> dict[str, dict[str, Any]]:
        """By scope: where variables that an execution is given come to lie."""
        scope = self._execution(instance, reference)
        placed: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            place = scope
            while not command.get("local") and place.kind != PROCESS and place.parent is not None:
                if name in (instance.snapshot.variables.get(place.id) or {}):
                    break
                place = place.parent
            placed.setdefault(place.id, {})[name] = value
        return placed

    def _execution(self, instance: Instance, reference: str) -> Scope:
        """The scope of `pi2` or `exec:pi2:activity`."""
        number, _, element = reference.removeprefix("exec:").removeprefix("pi").partition(":")
        state = self.state(instance)
        if element:
            for token in state.tokens.values():
                if token.node.id == element.split("#")[0]:
                    return token.home
        called = self.world.called_scopes.get(int(number), "") if number.isdigit() else ""
        return state.scopes.get(called, state.root)

    def calling(self, reference: str) -> int | None:
        """The token of the call activity that runs this instance; None where nobody called it."""
        number = reference.removeprefix("exec:").split(":")[0].removeprefix("pi")
        called = self.world.called_scopes.get(int(number)) if number.isdigit() else None
        if called is None:
            return None
        state = self.state(self.world.numbered[int(number) - 1])
        scope = state.scopes.get(called)
        return scope.owner.id if scope is not None and scope.owner is not None else None

    def to_trigger(self, instance: Instance, reference: str) -> Wait:
        """What an execution waits at in the flow; that of an instance is at it only if alone."""
        state = self.state(instance)
        waiting = [
            wait
            for wait in sorted(self.world.waits.values(), key=lambda one: one.order)
            if wait.instance is instance
            and isinstance(wait.fact, facts.SubscriptionOpened)
            and wait.fact.kind is facts.SubscriptionKind.MESSAGE
            and not state.tokens[wait.token].is_listener
        ]
        if reference.startswith("pi"):
            program = instance.definition.program
            if len(program.active_elements(instance.snapshot, self.programs)) > 1:
                raise Refused("the execution of the instance itself is at no activity")
            if any(_apart(wait, state.tokens[wait.token]) for wait in waiting):
                raise Refused("the activity has an execution of its own")
        if not waiting:
            raise Refused("nothing to trigger")
        return self.nearest(waiting, reference)[0]

    def nearest(self, waits: list[Wait], reference: str) -> list[Wait]:
        """Those first that wait at the activity that a reference names, or on it."""
        named = set(reference.removeprefix("exec:").partition(":")[2].split("#")[0].split(","))

        def distance(wait: Wait) -> int:
            token = self.state(wait.instance).tokens[wait.token]
            if token.node.id in named:
                return 0
            return 1 if token.host is not None and token.host.node.id in named else 2

        return sorted(waits, key=distance)

    def rounds(self, instance: Instance, state: State) -> list[tuple[Token, dict[str, Any]]]:
        """Finished rounds of parallel loops: Operaton keeps them, with their variables, until
        the loop ends."""
        kept = [values for key, values in self.world.rounds.items() if key[0] == instance.number]
        found: list[tuple[Token, dict[str, Any]]] = []
        for scope in state.scopes.values():
            loop = scope.owner.node.loop if scope.owner is not None else None
            if scope.kind != BODY or scope.owner is None or loop is None or loop.sequential:
                continue
            if scope.owner.status == UNDOING:
                continue
            live = {token.data.get("round") for token in scope.tokens.values()}
            found.extend(
                (scope.owner, values)
                for parent, values in kept
                if parent == scope.id and values["loopCounter"] not in live
            )
        return found


class Host(Observed):
    """Keeps a `World`; a command that is refused leaves it as it was."""

    def __init__(self) -> None:
        super().__init__(self)

    # --- what the engine asks for -----------------------------------------------------------

    def get(self, definition_id: str) -> CompiledProgram:
        for one in self.world.definitions:
            if one.id == definition_id:
                return one.program
        raise NotFound(f"Không có quy trình {definition_id}")

    def called(
        self,
        key: str,
        *,
        by: str,
        binding: str = "latest",
        version: int | None = None,
        version_tag: str | None = None,
    ) -> CompiledProgram:
        found = [one for one in self.world.definitions if one.key == key]
        if binding == "deployment":
            mine = next(one.deployment for one in self.world.definitions if one.id == by)
            found = [one for one in found if one.deployment == mine]
        elif binding == "version":
            found = [one for one in found if one.version == version]
        elif binding == "versionTag":
            found = [one for one in found if one.tag == version_tag]
            if len(found) > 1:
                raise InvalidInput(f"Có nhiều quy trình {key} mang nhãn {version_tag}")
        if not found:
            raise NotFound(f"Không có quy trình {key}")
        return found[-1].program

    def decide(
        self,
        decision_id: str,
        variables: Mapping[str, Any],
        *,
        by: str,
        at: datetime,
        binding: str = "latest",
        version: int | None = None,
        version_tag: str | None = None,
        spend: Callable[[int], None] | None = None,
    ) -> Any:
        found = [one for one in self.world.decisions if one.key == decision_id]
        if binding == "deployment":
            mine = next(one.deployment for one in self.world.definitions if one.id == by)
            found = [one for one in found if one.deployment == mine]
        elif binding == "version":
            found = [one for one in found if one.version == version]
        elif binding == "versionTag":
            found = [one for one in found if one.tag == version_tag]
            if len(found) > 1:
                raise InvalidInput(f"Có nhiều quyết định {decision_id} mang nhãn {version_tag}")
        if not found:
            raise NotFound(f"Không có quyết định {decision_id}")
        return to_json(found[-1].model.evaluate(decision_id, variables, now=at))

    # --- deployment -------------------------------------------------------------------------

    def deploy(self, sources: list[bytes]) -> None:
        self.world.deployments += 1
        readings = []
        for source in sources:
            if is_dmn(source):
                self._deploy_decisions(source)
                continue
            reading = read(source)
            if reading.report.errors:
                raise Refused(reading.report.errors[0].message)
            readings.append(reading)
        keys = [key for reading in readings for key in reading.processes]
        if len(set(keys)) < len(keys):
            raise Refused("two definitions with the same key")
        for reading in readings:
            for key, process in reading.processes.items():
                self._require_own_messages(key, process.root.starts)
            self._deploy(reading)

    def _deploy_decisions(self, source: bytes) -> None:
        try:
            model, tags = parse_decisions(source), decision_tags(source)
        except DomainError as error:
            raise Refused(error.message) from error
        for key in model.decision_ids:
            version = 1 + sum(one.key == key for one in self.world.decisions)
            self.world.decisions.append(
                Decided(key, version, self.world.deployments, tags.get(key), model)
            )

    def _require_own_messages(self, key: str, starts: list[Node]) -> None:
        names = {name_of(one) for start in starts for one in start.events if one.kind == "message"}
        for other in self.world.starts:
            message = other.event.kind == "message" and name_of(other.event) in names
            if message and other.definition.key != key:
                raise Refused(f"{name_of(other.event)} begins {other.definition.key} already")

    def _deploy(self, reading: Reading) -> None:
        for key, process in reading.processes.items():
            process.ends_uncaught = True  # as in Operaton
            version = 1 + sum(one.key == key for one in self.world.definitions)
            tag = process.version_tag
            program = CompiledProgram(f"{key}:{version}", key, process)
            definition = Definition(key, version, self.world.deployments, program, tag)
            self.world.definitions.append(definition)
            self.world.starts = [one for one in self.world.starts if one.definition.key != key]
            for node in process.root.starts:
                for event in node.events:
                    self.world.starts.append(self._start_wait(definition, node, event))

    def _start_wait(self, definition: Definition, node: Node, event: Event) -> StartWait:
        due = None
        if event.kind == "timer":
            text = str(event.name.get(lambda names: {}, self.world.now)) if event.name else ""
            cycle = parse_cycle(text) if event.timer == "cycle" else None
            found = first_due(cycle, self.world.now) if cycle else moment(text, self.world.now)
            due = found if isinstance(found, datetime) else None
            return StartWait(definition, node, event, due, cycle.times if cycle else 1)
        return StartWait(definition, node, event)

    def fire_start(self, start: StartWait) -> None:
        """The timer of a start event is due: an instance begins; a cycle waits again."""
        world = self.world
        if start.due is not None:
            world.now = max(world.now, start.due)
        self.start(start.definition, {}, start_event=start.node.id)
        world.starts = [one for one in world.starts if one is not start]
        left = None if start.left is None else start.left - 1
        if left is None or left > 0:
            again = self._start_wait(start.definition, start.node, start.event)
            world.starts.append(replace(again, left=left))

    # --- steps ------------------------------------------------------------------------------

    def start(
        self,
        definition: Definition,
        variables: Mapping[str, Any],
        *,
        business_key: str | None = None,
        **more: Any,
    ) -> Instance:
        step = self._do(
            lambda: definition.program.start(
                variables,
                at=self.world.now,
                programs=self,
                business_key=business_key,
                **more,
            )
        )
        number = len(self.world.instances) + 1
        instance = Instance(number, definition, step.snapshot, business_key)
        self.world.instances.append(instance)
        self.world.numbered.append(instance)
        self._record(instance, step)
        return instance

    def step(self, instance: Instance, name: str, *arguments: Any, **more: Any) -> None:
        """Run one command on an instance and keep what it brought about."""
        command = getattr(instance.definition.program, name)
        step = self._do(
            lambda: command(instance.snapshot, *arguments, at=self.world.now, programs=self, **more)
        )
        instance.snapshot = step.snapshot
        self._record(instance, step)

    def _do(self, command: Any) -> Step:
        try:
            step: Step = command()
        except DomainError as error:
            raise Refused(error.message) from error
        for fact in step.facts:
            if isinstance(fact, facts.IncidentRaised):
                raise Refused(fact.message)
        return step

    def _record(self, instance: Instance, step: Step) -> None:
        thrown = []
        for fact in step.facts:
            self._keep(instance, fact)
            if isinstance(fact, facts.SignalThrown):
                found = self.listening("signal", fact.name)
                if not fact.later:  # the engine has told the instance's own tokens
                    found = [one for one in found if getattr(one, "instance", None) is not instance]
                thrown.append((fact, found))
        for fact, listeners in thrown:
            if fact.later:
                self.world.signal_jobs.extend(
                    (one, fact.name, fact.payload, fact.business_key) for one in listeners
                )
            else:
                self.broadcast(fact.name, fact.payload, listeners, fact.business_key)

    def _keep(self, instance: Instance, fact: Fact) -> None:
        world, key = self.world, (instance.number, fact.token)
        if isinstance(fact, _OPENING):
            world.orders += 1
            due = fact.due if isinstance(fact, facts.TimerStarted) else None
            moment = due if isinstance(due, datetime) else None
            world.waits[key] = Wait(instance, fact, world.orders, world.now, moment)
        elif isinstance(fact, _CLOSING):
            world.waits.pop(key, None)
        elif isinstance(fact, facts.ActivityStarted):
            body = "#multiInstanceBody" if fact.kind == "multiInstanceBody" else ""
            world.history.append(Past(instance.number, fact.token, fact.element + body))
            if key in world.rounds and not body:
                world.rounds[key] = (fact.scope, world.rounds[key][1])
        elif isinstance(fact, facts.VariablesSet) and "loopCounter" in fact.values:
            world.rounds[key] = ("", fact.values)
        elif isinstance(fact, facts.ActivityEnded):
            self._end_past(instance, fact)
        elif isinstance(fact, facts.CalledInstanceEnded):
            self._called_ended(instance, fact)
        elif isinstance(fact, facts.CalledInstanceStarted):
            world.called_keys[instance.number, fact.scope] = self.get(fact.definition_id).key
            world.numbered.append(instance)
            world.called_scopes[len(world.numbered)] = fact.scope
        elif isinstance(fact, facts.InstanceEnded):
            instance.ended = True
            world.ended.append(f"{instance.definition.key}:{_ENDED[fact.outcome]}")

    def _called_ended(self, instance: Instance, fact: facts.CalledInstanceEnded) -> None:
        key = self.world.called_keys[instance.number, fact.scope]
        self.world.ended.append(f"{key}:{_ENDED[fact.outcome]}")

    def _end_past(self, instance: Instance, fact: facts.ActivityEnded) -> None:
        for past in reversed(self.world.history):
            same = (past.instance, past.token) == (instance.number, fact.token)
            if same and not past.ended and past.element.split("#")[0] == fact.element:
                past.ended = True
                past.cancelled = fact.cancelled
                return

    # --- events -------------------------------------------------------------------------------

    def listening(self, kind: str, name: str) -> list[Any]:
        """Everything that waits for a message or signal of this name, oldest first."""
        waits = sorted(self.world.waits.values(), key=lambda wait: wait.order)
        found: list[Any] = [
            wait
            for wait in waits
            if isinstance(wait.fact, facts.SubscriptionOpened)
            and (wait.fact.kind, wait.fact.name) == (kind, name)
        ]
        return found + [
            one
            for one in self.world.starts
            if one.event.kind == kind and name_of(one.event) == name
        ]

    def broadcast(
        self,
        name: str,
        payload: Mapping[str, Any],
        listeners: list[Any],
        business_key: str | None = None,
    ) -> None:
        for listener in listeners:
            if isinstance(listener, StartWait):
                self.start(
                    listener.definition,
                    payload,
                    business_key=business_key,
                    start_event=listener.node.id,
                )
            elif self.alive(listener):
                self.step(listener.instance, "deliver", listener.token, payload)

    def alive(self, wait: Wait) -> bool:
        return self.world.waits.get((wait.instance.number, wait.token)) is wait


_OPENING = (
    facts.UserTaskOpened,
    facts.JobCreated,
    facts.TimerStarted,
    facts.SubscriptionOpened,
)
_CLOSING = (
    facts.UserTaskClosed,
    facts.JobClosed,
    facts.TimerClosed,
    facts.SubscriptionClosed,
)
_ENDED = {
    facts.Outcome.COMPLETED: "COMPLETED",
    facts.Outcome.TERMINATED: "COMPLETED",
    facts.Outcome.CANCELLED: "INTERNALLY_TERMINATED",
}


def _apart(wait: Wait, token: Token) -> bool:
    """Whether an activity has an execution of its own in Operaton."""
    fact = wait.fact
    return not token.node.plain or (isinstance(fact, facts.SubscriptionOpened) and bool(fact.name))


def is_dmn(source: bytes) -> bool:
    """Whether a file holds decisions: its root is in one of the namespaces of DMN."""
    return b"omg.org/spec/DMN/" in source and b"omg.org/spec/BPMN/20100524/MODEL" not in source


def name_of(event: Event) -> str:
    return str(getattr(event.name, "value", ""))


def process_of(scope: Scope) -> Scope:
    while scope.kind != PROCESS and scope.parent is not None:
        scope = scope.parent
    return scope


def later(moment: datetime, milliseconds: float) -> datetime:
    return moment + timedelta(milliseconds=milliseconds)
