"""Plays the commands of a scenario through the use cases, on a real database."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from app.domain.definitions import ProcessDefinition
from app.domain.engine import (
    Fact,
    InstanceEnded,
    JobCreated,
    Modification,
    SubscriptionOpened,
    TimerStarted,
    UserTaskOpened,
)
from app.domain.errors import DomainError
from app.domain.people import AgencyPart
from app.domain.permissions import Actor
from app.domain.user_tasks import TaskState
from app.domain.waiting import JobState, TimerState
from app.engine.program import CompiledProgram
from app.store.work import SqlWork, Store
from app.usecases import (
    broadcasts,
    correlation,
    deployments,
    external_tasks,
    instances,
    jobs,
    modifications,
    start_events,
    timers,
    user_tasks,
)
from app.usecases.chronicle import THE_SYSTEM, Cause
from app.usecases.correlation import Correlation
from app.usecases.external_tasks import Answer
from app.usecases.modifications import Modify
from app.usecases.ports import OpenWork, Work
from app.usecases.recording import start
from app.usecases.signals import Signal
from app.worker import Worker
from tests.conformance.host import Instance, Refused, later
from tests.conformance.player import (
    Command,
    job_of,
    message_of,
    payload_of,
    resources,
    variables_of,
)
from tests.conformance.service import Clock, NobodyOutside
from tests.conformance.tables import Tables

ENTRIES = 10_000  # of the queue after one command: more is a loop
LONG = timedelta(hours=1)
REASON = "Chạy lại"


class Desk:
    """One scenario in a province of its own. `host` is what the tables say after each command."""

    def __init__(self, store: Store, clock: Clock, models: Path) -> None:
        self.store = store
        self.clock = clock
        self.models = models
        self.host = Tables()
        self.fences: dict[str, int] = {}
        self.incidents = 0
        self.failures: list[str] = []
        self.worker = Worker(store, self._handlers(), threads=1)
        with store.open_work(read_only=True) as work:
            self.agency_id = work.agencies.by_part(AgencyPart.PORTAL_MANAGER).id

    def do(self, command: Command) -> str | None:
        """Carry a command out; "refused" or an explanation when it fails, None when it is done."""
        act = getattr(self, f"_{command['do']}")
        if "clockAdvanceMs" in command:
            self.clock.at = later(self.clock.at, command["clockAdvanceMs"])
        self.failures.clear()
        outcome = None
        try:
            act(command)
            self._work_off()
        except (Refused, DomainError) as refusal:
            outcome = "refused" if "throws" in command else f"refused: {refusal}"
        with self.store.open_work(read_only=True) as work:
            self.host.read(work)
        return outcome

    # --- transactions -----------------------------------------------------------------------

    @contextmanager
    def _open(self, *, read_only: bool = False) -> Iterator[SqlWork]:
        """One transaction. A step that leads to an incident is taken back, as Operaton does."""
        with self.store.open_work(read_only=read_only) as work:
            yield work
            if not read_only:
                self._refuse_incidents(work)

    def _refuse_incidents(self, work: Work) -> None:
        found = work.incidents.grouped()
        if sum(count for _message, _element, count in found) > self.incidents:
            raise Refused(found[0][0])

    def _work_off(self) -> None:
        """Deliver what was thrown. Jobs and timers wait for their own commands."""
        self.worker.drain(ENTRIES)
        if self.failures:
            raise Refused(self.failures[0])

    def _handlers(self) -> dict[str, Any]:
        def nothing(_open_work: OpenWork, _args: Mapping[str, str]) -> None:
            """A recording says itself when a job runs; its messages reach nobody by themselves."""

        return {
            "job": nothing,
            "timer": nothing,
            "start_timer": nothing,
            "correlate": nothing,
            "signal": self._signal_came,
            "signal_start": self._signal_came,
        }

    def _signal_came(self, _open_work: OpenWork, args: Mapping[str, str]) -> None:
        if self._thrown_later(args["source"]):
            self.host.world.signal_jobs.append((args, "", {}, None))
        else:
            self._hear(args)

    def _hear(self, args: Mapping[str, str]) -> None:
        signal = Signal.read(args)
        try:
            if "start_event_id" in args:
                broadcasts.begin(self._open, args["start_event_id"], signal)
            else:
                broadcasts.deliver(self._open, args["subscription_id"], signal)
        except (Refused, DomainError) as refusal:
            self.failures.append(str(refusal))

    def _thrown_later(self, source: str) -> bool:
        """Whether the event that threw it is drawn as asynchronous."""
        thrower, _, place = source.partition(":")
        with self.store.open_work(read_only=True) as work:
            instance = work.instances.find(thrower)
            if instance is None:
                return False
            program = cast("CompiledProgram", work.programs.get(instance.definition_id))
        node = program.process.nodes.get(place.partition(":")[2])
        return node is not None and any(event.later for event in node.events)

    # --- commands: deploy, start, tasks -----------------------------------------------------

    def _deploy(self, command: Command) -> None:
        files: dict[str, bytes] = {}
        for number, (source, ending, name) in enumerate(resources(self.models, command)):
            files[f"{number:03}-{name}.{ending}"] = source
        with self._open() as work:
            file_set = deployments.freeze(work, files)
            deployments.deploy(work, file_set, source="recording", actor=THE_SYSTEM)

    def _start(self, command: Command) -> None:
        values = variables_of(command, self.clock.at)
        places = command.get("at") or []
        for one in places:
            values.update(one.get("variables") or {})
            values.update(one.get("variablesLocal") or {})
        with self._open() as work:
            definition = work.definitions.latest(command["key"])
            if definition is None:
                raise Refused("no such definition")
            start(
                work,
                definition.id,
                values,
                Cause(THE_SYSTEM, "start"),
                agency_id=self.agency_id,
                business_key=command.get("businessKey") or work.new_id(),
                before=[one["activityId"] for one in places],
            )

    def _completeTask(self, command: Command) -> None:  # noqa: N802  (the recording's name)
        instance_id, token = self._first(UserTaskOpened, command["task"])
        with self._open() as work:
            task = work.user_tasks.at_token(instance_id, token)
            if task is None:
                raise Refused(f"nothing waits at {command['task']}")
            actor = _person(work, task.assignee)
            values = variables_of(command, self.clock.at)
            if task.form_key is None and not values:
                user_tasks.complete(work, user_tasks.CompleteTask(task.id, actor, {}))
            else:  # the recording has no forms that could check the values
                found = user_tasks.workable(work, actor, task.id)
                user_tasks.finish(work, actor, found, values)

    def _claim(self, command: Command) -> None:
        """Operaton lets anybody claim: the role that a task demands here is not asked for."""
        instance_id, token = self._first(UserTaskOpened, command["task"])
        with self._open() as work:
            task = work.user_tasks.at_token(instance_id, token)
            user = work.users.by_username(command["user"])
            if task is None or user is None or task.state is not TaskState.OPEN:
                raise Refused("nothing to claim")
            user_tasks.workable(work, THE_SYSTEM, task.id)
            task.claim(user.id, user.full_name)

    # --- commands: jobs and timers ----------------------------------------------------------

    def _runJob(self, command: Command) -> None:  # noqa: N802
        handler, element = job_of(command)
        if handler == "event":
            self._run_signal_job()
        elif handler == "timer-start-event":
            self._run_start_timer(element)
        elif handler == "async-continuation":
            self._run_continuation(element)
        else:
            self._run_timer(element)

    def _run_signal_job(self) -> None:
        if not self.host.world.signal_jobs:
            raise Refused("no signal waits to be delivered")
        args, *_ = self.host.world.signal_jobs.pop(0)
        self._hear(args)

    def _run_start_timer(self, element: str) -> None:
        with self.store.open_work(read_only=True) as work:
            keys = work.definitions.keys()
            waiting = [one for key in keys for one in work.start_events.of_key(key)]
            found = [one for one in waiting if one.element == element and one.due_at is not None]
        if not found or found[0].due_at is None:
            raise Refused("no such timer")
        self.clock.at = max(self.clock.at, found[0].due_at)
        start_events.fire(self._open, found[0].id)

    def _run_continuation(self, element: str) -> None:
        instance_id, token = self._first(JobCreated, element)
        with self.store.open_work(read_only=True) as work:
            job = work.jobs.at_token(instance_id, token)
        if job is None or job.state is not JobState.PENDING:
            raise Refused("no such job")
        self.clock.at = max(self.clock.at, job.run_at)
        jobs.run(self._open, NobodyOutside(), job.id)

    def _run_timer(self, element: str) -> None:
        instance_id, token = self._first(TimerStarted, element)
        with self.store.open_work(read_only=True) as work:
            timer = work.timers.at_token(instance_id, token)
        if timer is None or timer.state is not TimerState.PENDING:
            raise Refused("no such timer")
        self.clock.at = max(self.clock.at, timer.due_at)
        timers.fire(self._open, timer.id)

    # --- commands: instances ----------------------------------------------------------------

    def _setVariables(self, command: Command) -> None:  # noqa: N802
        reference = str(command.get("pi") or command.get("at") or "pi1")
        instance = self._instance(reference)
        values = variables_of(command, self.clock.at)
        with self._open() as work:
            placed = self.host.placed(instance, reference, command, values)
            change = Modify(variables=placed, reason=REASON)
            modifications.modify(work, THE_SYSTEM, self.host.id_of(instance), change)

    def _deleteInstance(self, command: Command) -> None:  # noqa: N802
        instance, token = self._instance(command["pi"]), self.host.calling(command["pi"])
        instance_id = self.host.id_of(instance)
        with self._open() as work:
            if token is None or self._all_of(work, instance, token):
                instances.cancel(work, THE_SYSTEM, instance_id, REASON)
            else:
                change = Modify(Modification(cancel=(token,)), reason=REASON)
                modifications.modify(work, THE_SYSTEM, instance_id, change)

    def _all_of(self, work: Work, instance: Instance, token: int) -> bool:
        """Whether with this call the whole instance goes: it does nothing else."""
        change, programs = Modification(cancel=(token,)), work.programs
        step = instance.definition.program.modify(
            instance.snapshot, change, at=self.clock.at, programs=programs
        )
        return any(isinstance(fact, InstanceEnded) for fact in step.facts)

    # --- commands: external tasks -----------------------------------------------------------

    def _fetchAndLock(self, command: Command) -> None:  # noqa: N802
        wanted = command.get("args") or command
        fetched = external_tasks.fetch(
            self._open,
            THE_SYSTEM,
            [one if isinstance(one, str) else one["topicName"] for one in wanted["topics"]],
            limit=min(int(wanted.get("maxTasks", external_tasks.MOST)), external_tasks.MOST),
            lease=LONG,
        )
        self.fences.update({job.id: job.fence for job in fetched})

    def _answer(self, command: Command) -> Answer:
        element = command["externalTaskId"].removeprefix("ext:")
        with self.store.open_work(read_only=True) as work:
            found = [
                work.jobs.at_token(self.host.id_of(instance), fact.token)
                for instance, fact in self._waits(JobCreated, element)
            ]
        waiting = [job for job in found if job is not None]
        if waiting and not any(job.id in self.fences for job in waiting):
            # Operaton lets a worker lock one task by its id, which is not recorded.
            self._fetchAndLock({"topics": sorted({job.topic for job in waiting})})
        for job in waiting:
            if job.id in self.fences:
                return Answer(job.id, self.fences[job.id])
        raise Refused(f"nobody has fetched a task at {element}")

    def _completeExternalTask(self, command: Command) -> None:  # noqa: N802
        answer = self._answer(command)
        with self._open() as work:
            values = variables_of(command, self.clock.at)
            local = variables_of(command, self.clock.at, "localVariables")
            external_tasks.complete(work, THE_SYSTEM, answer, values, local)

    def _handleExternalTaskFailure(self, command: Command) -> None:  # noqa: N802
        answer = self._answer(command)
        pause = command.get("retryDuration") or command.get("retryTimeout")
        with self.store.open_work() as work:
            external_tasks.fail(
                work,
                THE_SYSTEM,
                answer,
                str(command.get("errorMessage") or ""),
                retry_after=timedelta(milliseconds=float(pause or 0)),
                for_good=command.get("retries") == 0,
                details=str(command.get("errorDetails") or ""),
                values=variables_of(command, self.clock.at),
                local=variables_of(command, self.clock.at, "localVariables"),
            )
            self.incidents = sum(count for *_where, count in work.incidents.grouped())

    def _handleExternalTaskBpmnError(self, command: Command) -> None:  # noqa: N802
        answer = self._answer(command)
        with self._open() as work:
            external_tasks.throw_error(
                work,
                THE_SYSTEM,
                answer,
                command["errorCode"],
                message=str(command.get("errorMessage") or ""),
                values=variables_of(command, self.clock.at),
            )

    # --- commands: messages and signals -----------------------------------------------------

    def _messageReceived(self, command: Command) -> None:  # noqa: N802
        instance, name = self._instance(command["at"]), command["message"]
        waiting = [
            wait
            for wait in self.host.world.waits.values()
            if wait.instance is instance
            and isinstance(wait.fact, SubscriptionOpened)
            and wait.fact.name == name
        ]
        if not waiting:
            raise Refused("no subscription")
        wanted = Correlation(
            name=name,
            instance_id=self.host.id_of(instance),
            token=self.host.nearest(waiting, command["at"])[0].token,
            payload=variables_of(command, self.clock.at),
        )
        with self._open() as work:
            correlation.correlate(work, THE_SYSTEM, wanted)

    def _trigger(self, command: Command) -> None:
        wait = self.host.to_trigger(self._instance(command["at"]), command["at"])
        values = variables_of(command, self.clock.at)
        instance_id = self.host.id_of(wait.instance)
        name = wait.fact.name if isinstance(wait.fact, SubscriptionOpened) else ""
        with self._open() as work:
            if name:
                wanted = Correlation(
                    name=name, instance_id=instance_id, token=wait.token, payload=values
                )
                correlation.correlate(work, THE_SYSTEM, wanted)
            else:
                correlation.trigger(work, THE_SYSTEM, instance_id, wait.token, values)

    def _signal(self, command: Command) -> None:
        reference = command.get("executionId")
        only = self.host.id_of(self._instance(reference)) if reference else None
        with self._open() as work:
            broadcasts.broadcast(
                work,
                THE_SYSTEM,
                command["signal"],
                variables_of(command, self.clock.at),
                agency_id=self.agency_id,
                instance_id=only,
            )

    def _correlate(self, command: Command) -> None:
        with self._open() as work:
            correlation.correlate(work, THE_SYSTEM, self._correlation(work, command))

    def _correlateStart(self, command: Command) -> None:  # noqa: N802
        self._correlate({**command, "startMessagesOnly": True})

    def _correlateAll(self, command: Command) -> None:  # noqa: N802
        with self._open() as work:
            correlation.correlate_all(work, THE_SYSTEM, self._correlation(work, command))

    def _correlation(self, work: Work, command: Command) -> Correlation:
        name = message_of(command)
        waiting = [
            wait.node(self.host)
            for wait in self.host.world.waits.values()
            if isinstance(wait.fact, SubscriptionOpened) and wait.fact.name == name
        ]
        payload, local = payload_of(command, waiting)
        reference = command.get("processInstanceId")
        definition = self._version(work, command.get("processDefinitionId"))
        return Correlation(
            name=name,
            business_key=command.get("businessKey"),
            instance_id=self.host.id_of(self._instance(reference)) if reference else None,
            keys=command.get("correlationProcessInstanceVariables") or {},
            local_keys=command.get("correlationLocalVariables") or {},
            payload=payload,
            local=local,
            definition_id=definition.id if definition is not None else None,
            agency_id=self.agency_id,
            starts_only=bool(command.get("startMessagesOnly")),
        )

    def _version(self, work: Work, reference: str | None) -> ProcessDefinition | None:
        if reference is None:
            return None
        key, version, *_ = reference.split(":")
        definition = work.definitions.version(key, int(version))
        if definition is None:
            raise Refused(f"no definition {reference}")
        return definition

    # --- finding ----------------------------------------------------------------------------

    def _waits(self, kind: type[Fact], element: str | None = None) -> list[tuple[Instance, Fact]]:
        return [
            (wait.instance, wait.fact)
            for wait in self.host.world.waits.values()
            if isinstance(wait.fact, kind) and element in {None, wait.fact.element}
        ]

    def _first(self, kind: type[Fact], element: str) -> tuple[str, int]:
        """The instance's id and the token of the first that waits there."""
        for instance, fact in self._waits(kind, element):
            return self.host.id_of(instance), fact.token
        raise Refused(f"nothing waits at {element}")

    def _instance(self, reference: str) -> Instance:
        number = reference.removeprefix("exec:").split(":")[0].removeprefix("pi")
        known = self.host.world.numbered
        if not number.isdigit() or not 1 <= int(number) <= len(known):
            raise Refused(f"no instance {reference}")
        return known[int(number) - 1]


def _person(work: Work, user_id: str | None) -> Actor:
    """Whoever has the task; nobody in particular otherwise."""
    user = work.users.find(user_id or "")
    return Actor(id=user.id, name=user.full_name, username=user.username) if user else THE_SYSTEM
