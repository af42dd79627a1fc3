"""Turn the facts of a step into rows, in the transaction of the step.

`advance` is the one way in which an instance moves: it records what the engine brought about and,
where a token stands at an operation of the house itself (publish, accept, notify …), performs it
and goes on, until nobody but people, clocks and other systems can move the token.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.domain import engine as facts
from app.domain.clocks import ClockKind
from app.domain.definitions import DefinitionState
from app.domain.engine import Due, Step, SubscriptionKind
from app.domain.errors import InvalidInput, InvalidState
from app.domain.instances import (
    HistoryEntry,
    Incident,
    InstanceState,
    ProcessInstance,
    SubjectKind,
)
from app.domain.people import AgencyPart
from app.domain.permissions import SYSTEM, Actor
from app.domain.user_tasks import UserTask
from app.domain.waiting import DEFAULT_ATTEMPTS, Job, JobState, Message, Subscription, Timer
from app.usecases import clocks, signals
from app.usecases.ports import Work
from app.usecases.signals import Signal

THE_SYSTEM = Actor(id=SYSTEM, name="Hệ thống")
HOUSE = "lien_mach."
MESSAGE_LIFE = timedelta(days=30)
INLINE_LIMIT = 100  # operations of the house in one step: more is a loop without an exit


@dataclass(frozen=True)
class Cause:
    """Why an instance moves: who, by which command, at which element."""

    actor: Actor
    command: str
    element: str = ""
    name: str = ""
    data: dict[str, Any] = field(default_factory=dict)  # what history keeps besides the facts


@dataclass(frozen=True)
class Heard:
    """A signal that the instance threw itself, and a token of its own that waited for it."""

    subscription: Subscription
    signal: Signal


@dataclass
class Recorder:
    """One step being recorded. `following` are the moves that it leads to, in their order."""

    work: Work
    instance: ProcessInstance
    cause: Cause
    at: datetime
    following: deque[facts.JobCreated | Heard]

    def agency_of(self, part: str | None) -> str:
        if part in {None, AgencyPart.PROVIDER}:
            return self.instance.agency_id
        return self.work.agencies.by_part(AgencyPart(part)).id

    def instant(self, due: Due, agency_id: str) -> datetime:
        if isinstance(due, datetime):
            return due
        calendar = self.work.calendars.for_agency(agency_id)
        return calendar.due(self.at, clocks.duration(due)).at

    def user(self, name: str | None) -> tuple[str | None, str]:
        """Id and name of the user whom a diagram names by username or by id."""
        if not name:
            return None, ""
        user = self.work.users.by_username(name) or self.work.users.find(name)
        return (user.id, user.full_name) if user else (None, "")


def advance(work: Work, instance: ProcessInstance, step: Step, cause: Cause) -> None:
    """Record `step` and all that it leads to at once: operations of the house, own signals.

    A refusal of such an operation refuses the whole move: the transaction is the caller's.
    """
    recorder = Recorder(work, instance, cause, work.now(), deque())
    _record(recorder, step)
    performed = 0
    while recorder.following and instance.state is InstanceState.ACTIVE:
        performed += 1
        move = recorder.following.popleft()
        if isinstance(move, Heard):
            _hear(recorder, move, at_once=performed <= INLINE_LIMIT)
        elif performed > INLINE_LIMIT:
            raise InvalidState("Quy trình lặp vô hạn qua các bước tự động. Hãy báo quản trị.")
        else:
            _perform(recorder, move, cause.actor)


def _perform(recorder: Recorder, job: facts.JobCreated, actor: Actor) -> None:
    work, instance = recorder.work, recorder.instance
    results = work.house.perform(work, instance, job.topic, job.parameters, actor)
    program = work.programs.get(instance.definition_id)
    step = program.finish(
        instance.snapshot, job.token, results, at=recorder.at, programs=work.programs
    )
    recorder.cause = Cause(actor, "operation", job.element, job.topic)
    _record(recorder, step)


def _hear(recorder: Recorder, heard: Heard, *, at_once: bool) -> None:
    """Deliver a signal to the instance that threw it; one after too many goes to the queue."""
    work, instance, subscription = recorder.work, recorder.instance, heard.subscription
    if not subscription.open:
        return
    if not at_once:
        signals.send(work, heard.signal, subscription)
        return
    step = work.programs.get(instance.definition_id).deliver(
        instance.snapshot,
        subscription.token,
        heard.signal.payload,
        at=recorder.at,
        programs=work.programs,
    )
    recorder.cause = Cause(THE_SYSTEM, "signal", subscription.element, heard.signal.name)
    _record(recorder, step)


def _record(recorder: Recorder, step: Step) -> None:
    recorder.instance.move(step.snapshot, recorder.at)
    for fact in step.facts:
        RECORDERS[type(fact)](recorder, fact)
    cause = recorder.cause
    note(recorder.work, recorder.instance, cause, {**cause.data, **_compact(step)})


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


# Facts as history keeps them: a letter and what a timeline, a drawing or a replay needs.
COMPACT: dict[type[facts.Fact], Callable[[Any], list[Any]]] = {
    facts.ActivityStarted: lambda f: ["+", f.element, f.kind, f.name, f.scope],
    facts.ActivityEnded: lambda f: ["x" if f.cancelled else "-", f.element],
    facts.FlowTaken: lambda f: [">", f.element],
    facts.VariablesSet: lambda f: ["=", f.scope, f.values],
    facts.JobCreated: lambda f: ["a", f.element, f.scope],
    facts.JobClosed: lambda f: ["w", f.element],
    facts.IncidentRaised: lambda f: ["!", f.element, f.message, f.scope],
    facts.IncidentCleared: lambda f: ["?", f.element],
    facts.MessageThrown: lambda f: ["m", f.element, f.name],
    facts.SignalThrown: lambda f: ["s", f.element, f.name],
    facts.ClockTouched: lambda f: ["k", f.element, f.kind, f.action],
    facts.CalledInstanceStarted: lambda f: ["(", f.element, f.scope, f.definition_id],
    facts.CalledInstanceEnded: lambda f: [")", f.element, f.scope, f.outcome],
    facts.TokenMigrated: lambda f: ["~", f.element, f.to_element],
    facts.InstanceEnded: lambda f: [".", f.element, f.outcome],
}


def _compact(step: Step) -> dict[str, Any]:
    """The facts that history keeps, of each the number of its token, and whose scopes are new."""
    kept = [fact for fact in step.facts if type(fact) in COMPACT and not _is_call(fact)]
    compact: dict[str, Any] = {
        "facts": [COMPACT[type(fact)](fact) for fact in kept],
        "tokens": [fact.token for fact in kept],
    }
    owned = {
        fact.inner: fact.token
        for fact in kept
        if isinstance(fact, facts.ActivityStarted) and fact.inner
    }
    return {**compact, "scopes": owned} if owned else compact


def _is_call(fact: facts.Fact) -> bool:
    """A job that calls a connector is a row of its own; history keeps where tokens stand."""
    return isinstance(fact, facts.JobCreated) and fact.kind is not facts.JobKind.CONTINUATION


# --- one function for each fact ---------------------------------------------------------


def _nothing(_recorder: Recorder, _fact: facts.Fact) -> None:
    """History alone keeps this fact."""


def _user_task_opened(recorder: Recorder, fact: facts.UserTaskOpened) -> None:
    instance, work = recorder.instance, recorder.work
    agency_id = recorder.agency_of(fact.agency)
    assignee, assignee_name = recorder.user(fact.assignee)
    due_at, due_source = None, ""
    if fact.due is not None:
        due_at = recorder.instant(fact.due, agency_id)
    else:
        due_at, due_source = clocks.governing(work, instance)
    subject = work.house.describe(work, instance)
    work.user_tasks.add(
        UserTask(
            id=work.new_id(),
            tenant_id=instance.tenant_id,
            agency_id=agency_id,
            instance_id=instance.id,
            token=fact.token,
            element=fact.element,
            name=fact.name,
            form_key=fact.form_key,
            roles=list(fact.candidate_groups),
            created_at=recorder.at,
            case_code=instance.business_key,
            subject_name=subject.name,
            person_name=subject.person,
            definition_key=instance.definition_key,
            unit=fact.unit,
            candidates=list(fact.candidate_users),
            assignee=assignee,
            assignee_name=assignee_name,
            due_at=due_at,
            due_source=due_source,
            follow_up_at=recorder.instant(fact.follow_up, agency_id) if fact.follow_up else None,
            priority=fact.priority,
            public_name=fact.public_name,
        )
    )


def _user_task_closed(recorder: Recorder, fact: facts.UserTaskClosed) -> None:
    if not fact.cancelled:
        return
    task = recorder.work.user_tasks.at_token(recorder.instance.id, fact.token)
    if task is not None:
        task.cancel()


def _job_created(recorder: Recorder, fact: facts.JobCreated) -> None:
    if fact.topic.startswith(HOUSE) and fact.kind is facts.JobKind.EXTERNAL:
        recorder.following.append(fact)
        return
    instance, work = recorder.instance, recorder.work
    failed = work.jobs.at_token(instance.id, fact.token)
    if failed is not None and failed.state is JobState.FAILED:
        # Tried again after an incident: the same promise, and so the same idempotency key.
        failed.parameters = fact.parameters
        failed.retry(recorder.at)
        wake(work, failed)
        return
    job = Job(
        id=work.new_id(),
        tenant_id=instance.tenant_id,
        agency_id=instance.agency_id,
        instance_id=instance.id,
        token=fact.token,
        element=fact.element,
        kind=_kind_of(work, fact),
        topic=fact.topic,
        parameters=fact.parameters,
        key=f"{instance.id}:{fact.token}:{fact.element}",
        created_at=recorder.at,
        run_at=recorder.at,
        max_attempts=fact.retries or DEFAULT_ATTEMPTS,
        retry_every=list(fact.retry_every),
        priority=fact.priority,
    )
    work.jobs.add(job)
    wake(work, job)


def _kind_of(work: Work, fact: facts.JobCreated) -> facts.JobKind:
    if fact.kind is facts.JobKind.EXTERNAL and work.vocabulary.fetched(fact.topic):
        return facts.JobKind.FETCHED
    return fact.kind


def wake(work: Work, job: Job) -> None:
    """Let a worker look at the job when it is due; workers outside look by themselves."""
    if job.kind is facts.JobKind.FETCHED:
        return
    work.queue.enqueue(
        "job",
        {"job_id": job.id},
        run_at=job.run_at,
        lock=job.instance_id,
        dedup=f"job:{job.id}:{job.fence}:{job.attempts}",
        priority=job.priority,
    )


def _job_closed(recorder: Recorder, fact: facts.JobClosed) -> None:
    job = recorder.work.jobs.at_token(recorder.instance.id, fact.token)
    if job is not None and job.state is JobState.PENDING:
        job.cancel()


def _timer_started(recorder: Recorder, fact: facts.TimerStarted) -> None:
    instance, work = recorder.instance, recorder.work
    work.timers.add(
        Timer(
            id=work.new_id(),
            tenant_id=instance.tenant_id,
            instance_id=instance.id,
            token=fact.token,
            element=fact.element,
            due_at=recorder.instant(fact.due, instance.agency_id),
        )
    )


def _timer_closed(recorder: Recorder, fact: facts.TimerClosed) -> None:
    timer = recorder.work.timers.at_token(recorder.instance.id, fact.token)
    if timer is not None:
        timer.cancel()


def _subscription_opened(recorder: Recorder, fact: facts.SubscriptionOpened) -> None:
    instance, work = recorder.instance, recorder.work
    key = fact.key
    if key is None and fact.kind is SubscriptionKind.MESSAGE:
        key = instance.business_key
    subscription = Subscription(
        id=work.new_id(),
        tenant_id=instance.tenant_id,
        instance_id=instance.id,
        token=fact.token,
        element=fact.element,
        kind=fact.kind,
        name=fact.name,
        key=key,
        created_at=recorder.at,
    )
    work.subscriptions.add(subscription)
    if fact.kind is SubscriptionKind.MESSAGE:
        work.queue.enqueue("correlate", {"name": fact.name, "key": key or ""}, lock=instance.id)


def _subscription_closed(recorder: Recorder, fact: facts.SubscriptionClosed) -> None:
    for subscription in recorder.work.subscriptions.at_token(recorder.instance.id, fact.token):
        subscription.open = False


def _message_thrown(recorder: Recorder, fact: facts.MessageThrown) -> None:
    instance, work = recorder.instance, recorder.work
    key = fact.key or instance.business_key
    message = Message(
        id=work.new_id(),
        tenant_id=instance.tenant_id,
        name=fact.name,
        key=key,
        payload=fact.payload,
        dedup=f"{instance.id}:{fact.token}:{fact.element}",
        received_at=recorder.at,
        expires_at=recorder.at + MESSAGE_LIFE,
    )
    if work.inbox.add(message):
        work.queue.enqueue("correlate", {"name": fact.name, "key": key})


def _signal_thrown(recorder: Recorder, fact: facts.SignalThrown) -> None:
    """Bring the signal to all that wait for it now.

    The instance's own tokens hear it in this very transaction, after the step. Another instance
    is never locked while this one is: it gets an entry of the queue, and so does everybody where
    the signal is thrown `later`.
    """
    instance = recorder.instance
    signal = Signal(
        name=fact.name,
        payload=fact.payload,
        source=f"{instance.id}:{fact.token}:{fact.element}",
        agency_id=instance.agency_id,
        business_key=fact.business_key,
    )
    waiting = recorder.work.subscriptions.waiting(SubscriptionKind.SIGNAL, fact.name, None)
    for subscription in waiting:
        if subscription.instance_id == instance.id and not fact.later:
            recorder.following.append(Heard(subscription, signal))
        else:
            signals.send(recorder.work, signal, subscription)
    signals.send_to_starts(recorder.work, signal)


def _clock_touched(recorder: Recorder, fact: facts.ClockTouched) -> None:
    clocks.touch(recorder.work, recorder.instance, ClockKind(fact.kind), fact.action)


def _incident_raised(recorder: Recorder, fact: facts.IncidentRaised) -> None:
    instance, work = recorder.instance, recorder.work
    if work.incidents.open_at(instance.id, fact.token) is not None:
        return
    job = work.jobs.at_token(instance.id, fact.token)
    work.incidents.add(
        Incident(
            id=work.new_id(),
            tenant_id=instance.tenant_id,
            agency_id=instance.agency_id,
            instance_id=instance.id,
            element=fact.element,
            token=fact.token,
            message=fact.message,
            created_at=recorder.at,
            job_id=job.id if job else None,
        )
    )
    instance.open_incidents += 1


def _incident_cleared(recorder: Recorder, fact: facts.IncidentCleared) -> None:
    instance = recorder.instance
    incident = recorder.work.incidents.open_at(instance.id, fact.token)
    if incident is not None:
        cause = recorder.cause
        ended = cause.command in {"cancel", "rebind"}
        why = cause.name if ended else "Quy trình đã đi tiếp"
        incident.resolve(cause.actor.id, recorder.at, why)
        instance.open_incidents -= 1


def _token_migrated(recorder: Recorder, fact: facts.TokenMigrated) -> None:
    """The token kept its number: what waits for it only learns where it stands now."""
    work, instance_id = recorder.work, recorder.instance.id
    for row in (
        work.user_tasks.at_token(instance_id, fact.token),
        work.jobs.at_token(instance_id, fact.token),
        work.timers.at_token(instance_id, fact.token),
        work.incidents.open_at(instance_id, fact.token),
        *work.subscriptions.at_token(instance_id, fact.token),
    ):
        if row is not None:
            row.element = fact.to_element


def _instance_ended(recorder: Recorder, fact: facts.InstanceEnded) -> None:
    cancelled = fact.outcome is facts.Outcome.CANCELLED
    recorder.instance.end(fact.outcome, recorder.at, recorder.cause.name if cancelled else "")
    recorder.work.house.instance_ended(recorder.work, recorder.instance, fact.outcome)


RECORDERS: dict[type[facts.Fact], Callable[[Recorder, Any], None]] = {
    facts.ActivityStarted: _nothing,
    facts.ActivityEnded: _nothing,
    facts.FlowTaken: _nothing,
    facts.VariablesSet: _nothing,
    facts.UserTaskOpened: _user_task_opened,
    facts.UserTaskClosed: _user_task_closed,
    facts.JobCreated: _job_created,
    facts.JobClosed: _job_closed,
    facts.TimerStarted: _timer_started,
    facts.TimerClosed: _timer_closed,
    facts.SubscriptionOpened: _subscription_opened,
    facts.SubscriptionClosed: _subscription_closed,
    facts.MessageThrown: _message_thrown,
    facts.SignalThrown: _signal_thrown,
    facts.ClockTouched: _clock_touched,
    facts.IncidentRaised: _incident_raised,
    facts.IncidentCleared: _incident_cleared,
    facts.CalledInstanceStarted: _nothing,
    facts.CalledInstanceEnded: _nothing,
    facts.StepsOffered: _nothing,
    facts.TokenMigrated: _token_migrated,
    facts.InstanceEnded: _instance_ended,
}


# --- starting ---------------------------------------------------------------------------


def start(
    work: Work,
    definition_id: str,
    variables: dict[str, Any],
    cause: Cause,
    *,
    agency_id: str,
    business_key: str,
    subject: tuple[SubjectKind, str] | None = None,
    message: str | None = None,
    start_event: str | None = None,
    before: Sequence[str] = (),
) -> ProcessInstance:
    """Start an instance of a definition, at its none start event or where it is said.

    `message` and `start_event` (an id) name another start event; `before` puts the tokens before
    these elements instead. Raises NotFound, InvalidInput, InvalidState (suspended definition).
    """
    definition = work.definitions.get(definition_id)
    if definition.state is DefinitionState.SUSPENDED:
        raise InvalidState(f"Quy trình “{definition.name}” đang tạm dừng nhận hồ sơ mới.")
    if not business_key:
        raise InvalidInput("Thiếu mã của hồ sơ hoặc việc cần khởi tạo quy trình.")
    at = work.now()
    kind, subject_id = subject or (None, None)
    instance = ProcessInstance(
        id=work.new_id(),
        tenant_id=work.tenant_id,
        agency_id=agency_id,
        definition_id=definition.id,
        definition_key=definition.key,
        business_key=business_key,
        subject_kind=kind,
        subject_id=subject_id,
        started_at=at,
        started_by=cause.actor.id,
    )
    work.instances.add(instance)
    step = work.programs.get(definition.id).start(
        variables,
        at=at,
        programs=work.programs,
        business_key=business_key,
        message=message,
        start_event=start_event,
        before=before,
        started_by=cause.actor.username or None,
    )
    advance(work, instance, step, cause)
    return instance
