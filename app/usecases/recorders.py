"""What each fact of a step means for the rows beside the instance: one function for each kind."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.domain import engine as facts
from app.domain.clocks import ClockKind
from app.domain.engine import Due, SubscriptionKind
from app.domain.instances import Incident, ProcessInstance
from app.domain.people import AgencyPart
from app.domain.user_tasks import UserTask
from app.domain.waiting import DEFAULT_ATTEMPTS, Job, JobState, Message, Subscription, Timer
from app.usecases import clocks, signals
from app.usecases.chronicle import Cause
from app.usecases.ports import Work
from app.usecases.signals import Signal

HOUSE = "lien_mach."
MESSAGE_LIFE = timedelta(days=30)
QUEUE_SPAN = 100  # a diagram's highest priority runs first, the queue's smallest; both begin at 50


@dataclass
class Recorder:
    """One step being recorded. `following` are the moves that it leads to, in their order."""

    work: Work
    instance: ProcessInstance
    cause: Cause
    at: datetime
    following: deque[facts.JobCreated]

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
        priority=QUEUE_SPAN - job.priority,
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

    The instance's own tokens have heard it in the engine. Another instance is never locked while
    this one is: it gets an entry of the queue, and so does everybody where the signal is thrown
    `later`.
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
        if fact.later or subscription.instance_id != instance.id:
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


def _called_runs(
    recorder: Recorder, fact: facts.CalledInstanceStarted | facts.CalledInstanceMigrated
) -> None:
    recorder.work.instances.keep_called(recorder.instance.id, fact.scope, fact.definition_id)


def _called_ended(recorder: Recorder, fact: facts.CalledInstanceEnded) -> None:
    recorder.work.instances.forget_called(recorder.instance.id, fact.scope)


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
    facts.CalledInstanceStarted: _called_runs,
    facts.CalledInstanceEnded: _called_ended,
    facts.CalledInstanceMigrated: _called_runs,
    facts.StepsOffered: _nothing,
    facts.TokenMigrated: _token_migrated,
    facts.InstanceEnded: _instance_ended,
}
