"""A world as the tables tell it: instances, tasks, jobs, timers, subscriptions, history."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from app.domain import engine as facts
from app.domain.definitions import ProcessDefinition
from app.domain.engine import Fact, JobKind, StartKind
from app.domain.instances import HistoryEntry, InstanceState, ProcessInstance
from app.domain.user_tasks import TaskState
from app.domain.waiting import DEFAULT_ATTEMPTS, Job, JobState, StartEvent, TimerState
from app.engine.program import CompiledProgram
from app.engine.state import INSTANCE, State, Token
from app.usecases.ports import InstanceFilter, Work
from tests.conformance.host import Definition, Instance, Observed, Past, StartWait, Wait, World

PAGE = 200
_ENDED = {InstanceState.COMPLETED: "COMPLETED", InstanceState.CANCELLED: "INTERNALLY_TERMINATED"}
_CALLED_ENDED = {
    facts.Outcome.COMPLETED: "COMPLETED",
    facts.Outcome.TERMINATED: "COMPLETED",
    facts.Outcome.CANCELLED: "INTERNALLY_TERMINATED",
}
_EVENT_KINDS = {
    StartKind.MESSAGE: "message",
    StartKind.SIGNAL: "signal",
    StartKind.TIMER: "timer",
    StartKind.CONDITION: "conditional",
}


class Tables(Observed):
    """Read anew after each command; only of the history is it remembered what was read."""

    def __init__(self) -> None:
        super().__init__(programs=None)
        self.ids: dict[str, Instance] = {}
        self._heard: dict[str, int] = {}
        self._called_ended: list[str] = []
        self._states: dict[int, State] = {}
        self._usernames: dict[str, str] = {}

    def read(self, work: Work) -> None:
        """Bring the world up to what is committed."""
        self.programs = work.programs
        self._usernames = self._usernames or {one.id: one.username for one in work.users.all()}
        before = self.world
        self.world = World(
            now=work.now(),
            numbered=before.numbered,
            called_scopes=before.called_scopes,
            history=before.history,
            rounds=before.rounds,
            called_keys=before.called_keys,
            signal_jobs=before.signal_jobs,
            definitions=before.definitions,
        )
        self._states.clear()
        self._read_definitions(work)
        self._read_starts(work)
        for row in _instances(work):
            self._read_instance(work, row)
        self.world.ended.extend(self._called_ended)

    def state(self, instance: Instance) -> State:
        """Decoded once for each reading."""
        if instance.number not in self._states:
            self._states[instance.number] = super().state(instance)
        return self._states[instance.number]

    def id_of(self, instance: Instance) -> str:
        return next(key for key, one in self.ids.items() if one is instance)

    # --- definitions ------------------------------------------------------------------------

    def _read_definitions(self, work: Work) -> None:
        rows = [row for key in work.definitions.keys() for row in work.definitions.versions(key)]  # noqa: SIM118 - a query
        if len(rows) == len(self.world.definitions):
            return
        self.world.definitions.clear()
        deployments = {row.deployment_id: n for n, row in enumerate(_by_age(rows))}
        for row in _by_age(rows):
            self.world.definitions.append(_definition(work, row, deployments[row.deployment_id]))

    def _definition(self, definition_id: str) -> Definition:
        return next(one for one in self.world.definitions if one.id == definition_id)

    def _read_starts(self, work: Work) -> None:
        for key in {one.key for one in self.world.definitions}:
            for row in work.start_events.of_key(key):
                self.world.starts.append(self._start(row))

    def _start(self, row: StartEvent) -> StartWait:
        definition = self._definition(row.definition_id)
        node = definition.program.process.nodes[row.element]
        kind = _EVENT_KINDS[row.kind]
        event = next(one for one in node.events if one.kind == kind)
        return StartWait(definition, node, event, row.due_at)

    # --- instances --------------------------------------------------------------------------

    def _read_instance(self, work: Work, row: ProcessInstance) -> None:
        instance = self.ids.get(row.id)
        if instance is None:
            number = len(self.ids) + 1
            instance = Instance(
                number, self._definition(row.definition_id), row.snapshot, row.business_key
            )
            self.ids[row.id] = instance
            self.world.numbered.append(instance)
        instance.snapshot = row.snapshot
        instance.ended = row.state in _ENDED
        self.world.instances.append(instance)
        self._hear(work, row, instance)
        if instance.ended:
            self.world.ended.append(f"{row.definition_key}:{_ENDED[row.state]}")
            return
        for order, fact in enumerate(self._waiting(work, row, instance)):
            due = fact.due if isinstance(fact, facts.TimerStarted) else None
            moment = due if isinstance(due, type(self.world.now)) else None
            self.world.waits[instance.number, fact.token] = Wait(
                instance, fact, order, row.started_at, moment
            )

    def _waiting(self, work: Work, row: ProcessInstance, instance: Instance) -> Iterator[Fact]:
        """The rows as the facts that made them."""
        for task in work.user_tasks.of_instance(row.id):
            if task.state is TaskState.OPEN:
                assignee = self._usernames.get(task.assignee or "")
                yield facts.UserTaskOpened(task.token, task.element, task.name, assignee=assignee)
        for job in work.jobs.of_instance(row.id):
            given_up = job.kind is JobKind.FETCHED and job.state is JobState.FAILED
            if job.state is JobState.PENDING or given_up:
                yield self._job(job, instance)
        for timer in work.timers.of_instance(row.id):
            if timer.state is TimerState.PENDING:
                yield facts.TimerStarted(timer.token, timer.element, timer.due_at)
        for one in work.subscriptions.of_instance(row.id):
            if one.open:
                yield facts.SubscriptionOpened(one.token, one.element, one.kind, one.name, one.key)

    def _job(self, job: Job, instance: Instance) -> facts.JobCreated:
        token = self.state(instance).tokens[job.token]
        kind = JobKind.EXTERNAL if job.kind is JobKind.FETCHED else job.kind
        return facts.JobCreated(
            job.token, job.element, kind, job.topic, job.parameters, _retries(token, job)
        )

    # --- history ----------------------------------------------------------------------------

    def _hear(self, work: Work, row: ProcessInstance, instance: Instance) -> None:
        """Read the entries that are new."""
        fresh = row.history_seq - self._heard.get(row.id, 0)
        if not fresh:
            return
        self._heard[row.id] = row.history_seq
        for entry in work.instances.history(row.id, limit=fresh):
            for fact, token in _facts(entry):
                self._learn(instance, fact, token)

    def _learn(self, instance: Instance, fact: list[Any], token: int) -> None:
        world, key = self.world, (instance.number, token)
        match fact:
            case ["+", element, kind, _name, scope, *_]:
                body = "#multiInstanceBody" if kind == "multiInstanceBody" else ""
                world.history.append(Past(instance.number, token, element + body))
                if key in world.rounds and not body:
                    world.rounds[key] = (scope, world.rounds[key][1])
            case ["=", _scope, dict() as values] if "loopCounter" in values:
                world.rounds[key] = ("", values)
            case ["-" | "x" as letter, element]:
                self._end(key, element, cancelled=letter == "x")
            case ["(", _element, scope, definition_id]:
                called = self._definition(definition_id).key
                world.called_keys[instance.number, scope] = called
                world.numbered.append(instance)
                world.called_scopes[len(world.numbered)] = scope
            case [")", _element, scope, outcome]:
                called = world.called_keys[instance.number, scope]
                self._called_ended.append(f"{called}:{_CALLED_ENDED[facts.Outcome(outcome)]}")

    def _end(self, key: tuple[int, int], element: str, *, cancelled: bool) -> None:
        for past in reversed(self.world.history):
            same = (past.instance, past.token) == key and past.element.split("#")[0] == element
            if same and not past.ended:
                past.ended, past.cancelled = True, cancelled
                return


def _retries(token: Token, job: Job) -> int | None:
    """What the diagram says; of an expression, what the job was made with."""
    loop = token.node.loop if token.role == INSTANCE else None
    retry = loop.retry if loop is not None else token.node.retry
    if retry.written is not None and job.max_attempts != DEFAULT_ATTEMPTS:
        return job.max_attempts
    return retry.retries


def _facts(entry: HistoryEntry) -> Iterator[tuple[list[Any], int]]:
    data: Mapping[str, Any] = entry.data
    yield from zip(data.get("facts", ()), data.get("tokens", ()), strict=True)


def _by_age(rows: list[ProcessDefinition]) -> list[ProcessDefinition]:
    return sorted(rows, key=lambda row: row.id)


def _definition(work: Work, row: ProcessDefinition, deployment: int) -> Definition:
    program = cast("CompiledProgram", work.programs.get(row.id))
    return Definition(row.key, row.version, deployment, program, row.version_tag)


def _instances(work: Work) -> list[ProcessInstance]:
    """All of them, oldest first."""
    found: list[ProcessInstance] = []
    number = 1
    while True:
        page = work.instances.page(InstanceFilter(), number, PAGE)
        found.extend(page.items)
        if number >= page.pages:
            return sorted(found, key=lambda one: one.id)
        number += 1
