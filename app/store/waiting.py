"""What instances wait for: jobs, timers, subscriptions; and the inbox of messages."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Index,
    Table,
    UniqueConstraint,
    exists,
    or_,
)

from app.domain.engine import JobKind, SubscriptionKind
from app.domain.instances import InstanceState
from app.domain.waiting import (
    Job,
    JobState,
    Message,
    Subscription,
    Timer,
    TimerState,
)
from app.store.counters import lock_name
from app.store.instances import process_instances
from app.store.rows import Rows
from app.store.schema import (
    entity,
    instant,
    is_word,
    json,
    key,
    maybe,
    metadata,
    number,
    partial_index,
    tenant,
    word,
    words,
)
from app.usecases.ports import Page

jobs = Table(
    "jobs",
    metadata,
    key(),
    tenant(),
    words("agency_id"),
    words("instance_id"),
    number("token"),
    words("element"),
    word("kind", JobKind),
    words("topic"),
    json("parameters"),
    words("key"),
    instant("created_at"),
    instant("run_at"),
    number("max_attempts"),
    json("retry_every"),
    number("priority"),
    word("state", JobState),
    number("attempts"),
    number("fence"),
    instant("lease_until", nullable=True),
    words("last_error"),
    instant("done_at", nullable=True),
    Index("ix_jobs_instance_id", "instance_id", "token"),
    Index("ix_jobs_state", "tenant_id", "state", "id"),
)
job = jobs.c
job_pending = is_word(job.state, JobState.PENDING)
partial_index("ix_jobs_due", job.tenant_id, job.run_at, where=job_pending)
job_fetched = is_word(job.kind, JobKind.FETCHED)
partial_index(
    "ix_jobs_fetched",
    job.tenant_id,
    job.topic,
    job.priority,
    job.id,
    where=job_pending & job_fetched,
)

timers = Table(
    "timers",
    metadata,
    key(),
    tenant(),
    words("instance_id"),
    number("token"),
    words("element"),
    instant("due_at"),
    word("state", TimerState),
    Index("ix_timers_instance_id", "instance_id", "token"),
)
timer = timers.c
timer_pending = is_word(timer.state, TimerState.PENDING)
partial_index("ix_timers_due", timer.tenant_id, timer.due_at, where=timer_pending)

subscriptions = Table(
    "subscriptions",
    metadata,
    key(),
    tenant(),
    words("instance_id"),
    number("token"),
    words("element"),
    word("kind", SubscriptionKind),
    words("name"),
    maybe("key"),
    instant("created_at"),
    Column("open", Boolean, nullable=False),
    Index("ix_subscriptions_instance_id", "instance_id", "token"),
)
subscription = subscriptions.c
partial_index(
    "ix_subscriptions_open",
    subscription.tenant_id,
    subscription.name,
    subscription.key,
    where=subscription.open.is_(True),
)

messages = Table(
    "messages",
    metadata,
    key(),
    tenant(),
    words("name"),
    maybe("key"),
    json("payload"),
    words("dedup"),
    instant("received_at"),
    instant("expires_at"),
    instant("correlated_at", nullable=True),
    maybe("instance_id"),
    UniqueConstraint("tenant_id", "dedup"),
)
message = messages.c
partial_index(
    "ix_messages_waiting",
    message.tenant_id,
    message.name,
    message.key,
    where=message.correlated_at.is_(None),
)

entity(Job, jobs)
entity(Timer, timers)
entity(Subscription, subscriptions)
entity(Message, messages)


def _awake(instance_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Jobs and timers of a suspended instance wait until it is resumed."""
    instance = process_instances.c
    return ~exists().where(
        instance.id == instance_id, is_word(instance.state, InstanceState.SUSPENDED)
    )


class JobRows(Rows[Job]):
    entity = Job
    missing = "Không tìm thấy công việc này."

    def lock(self, job_id: str) -> Job:
        return self._locked(job_id)

    def at_token(self, instance_id: str, token: int) -> Job | None:
        """The job that the token waits for: pending, or failed and behind an incident."""
        found = self._of_instance(
            instance_id,
            "AND token = ? AND state IN ('pending', 'failed')",
            token,
            order="id DESC",
        )
        return found[0] if found else None

    def of_instance(self, instance_id: str) -> list[Job]:
        return self._all(job.instance_id == instance_id)

    def pending(self, instance_id: str) -> list[Job]:
        return self._all(job.instance_id == instance_id, job_pending)

    def stranded(self, now: datetime, limit: int) -> list[Job]:
        return self._all(
            job_pending,
            job.kind != JobKind.FETCHED,
            job.run_at <= now,
            or_(job.lease_until.is_(None), job.lease_until <= now),
            _awake(job.instance_id),
            order=[job.run_at, job.id],
            limit=limit,
        )

    def fetchable(self, topics: Sequence[str], now: datetime, limit: int) -> list[Job]:
        return self._all(
            job_pending,
            job_fetched,
            job.topic.in_(topics),
            job.run_at <= now,
            or_(job.lease_until.is_(None), job.lease_until <= now),
            _awake(job.instance_id),
            order=[job.priority.desc(), job.id],
            limit=limit,
        )

    def page(self, state: JobState | None, number: int, size: int) -> Page[Job]:
        """Newest first."""
        conditions = [] if state is None else [job.state == state]
        return self._page(conditions, [], number, size, newest_first=True)


class TimerRows(Rows[Timer]):
    entity = Timer
    missing = "Không tìm thấy hẹn giờ này."

    def due(self, now: datetime, limit: int) -> list[Timer]:
        return self._all(
            timer_pending,
            timer.due_at <= now,
            _awake(timer.instance_id),
            order=[timer.due_at, timer.id],
            limit=limit,
        )

    def pending(self, instance_id: str) -> list[Timer]:
        return self._all(timer.instance_id == instance_id, timer_pending)

    def at_token(self, instance_id: str, token: int) -> Timer | None:
        """The timer that the token waits for."""
        found = self._of_instance(
            instance_id, "AND token = ? AND state = 'pending'", token, order="id DESC"
        )
        return found[0] if found else None

    def of_instance(self, instance_id: str) -> list[Timer]:
        return self._all(timer.instance_id == instance_id)


class SubscriptionRows(Rows[Subscription]):
    entity = Subscription
    missing = "Không tìm thấy đăng ký chờ này."

    def at_token(self, instance_id: str, token: int) -> list[Subscription]:
        """The open ones of the token."""
        return self._of_instance(instance_id, "AND token = ? AND open", token)

    def waiting(
        self, kind: SubscriptionKind, name: str | None, key: str | None
    ) -> list[Subscription]:
        conditions = [subscription.kind == kind, subscription.open.is_(True)]
        if name is not None:
            conditions.append(subscription.name == name)
        if key is not None:
            conditions.append(subscription.key == key)
        return self._all(*conditions, order=[subscription.created_at, subscription.id])

    def of_instance(self, instance_id: str) -> list[Subscription]:
        return self._all(subscription.instance_id == instance_id)


class InboxRows(Rows[Message]):
    entity = Message

    def lock(self, name: str, key: str | None) -> None:
        lock_name(self.session, self.tenant_id, "inbox", name, "" if key is None else f"={key}")

    def add(self, message: Message) -> bool:  # type: ignore[override] # says whether it was new
        return self.session.add_unless_known(message)

    def waiting(self, name: str, key: str | None, now: datetime) -> Message | None:
        """The oldest one with exactly this key; without a key, the oldest that carries none."""
        return self._first(
            message.name == name,
            message.key.is_(None) if key is None else message.key == key,
            message.correlated_at.is_(None),
            message.expires_at > now,
            order=[message.received_at, message.id],
        )

    def uncorrelated(self, number: int, size: int) -> Page[Message]:
        return self._page([message.correlated_at.is_(None)], [message.received_at], number, size)

    def expire(self, now: datetime) -> int:
        """Forget what nobody has waited for in time; says how many."""
        gone = messages.delete().where(
            self.mine, message.correlated_at.is_(None), message.expires_at <= now
        )
        return self.session.change(gone, Message)
