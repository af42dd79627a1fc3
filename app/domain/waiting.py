"""What an instance waits for besides people: jobs, timers, subscriptions, messages."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from app.domain.engine import JobKind, StartKind, SubscriptionKind
from app.domain.errors import InvalidState

BACKOFF_BASE = timedelta(seconds=5)
BACKOFF_CAP = timedelta(hours=1)
DEFAULT_ATTEMPTS = 5
LEASE = timedelta(seconds=60)


class JobState(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


def backoff(attempt: int, jitter: float) -> timedelta:
    """How long to wait after the given failed attempt (1, 2, …); `jitter` in 0..1.

    min(cap, base·2^n)·U(0.5, 1.5), reliability.md §2.2.
    """
    growing = min(BACKOFF_CAP, BACKOFF_BASE * float(2 ** min(attempt - 1, 20)))
    return growing * (0.5 + jitter)


@dataclass(eq=False)
class Job:
    """A promise to do something for a token, kept at least once (the outbox).

    `fence` grows with each claim: an answer that carries an older fence comes from a worker
    whose lease has lapsed, and is not used. Attempts are counted at the claim, so that a job
    that kills its worker runs out of them too.
    """

    id: str
    tenant_id: str
    agency_id: str
    instance_id: str
    token: int
    element: str
    kind: JobKind
    topic: str
    parameters: dict[str, Any]
    key: str  # idempotency key, stable over retries
    created_at: datetime
    run_at: datetime
    max_attempts: int = DEFAULT_ATTEMPTS
    retry_every: list[float] = field(default_factory=list)
    priority: int = 50
    state: JobState = JobState.PENDING
    attempts: int = 0
    fence: int = 0
    lease_until: datetime | None = None
    last_error: str = ""
    done_at: datetime | None = None

    def free(self, now: datetime) -> bool:
        """Say whether it waits to be done, is due, and nobody is at it."""
        busy = self.lease_until is not None and self.lease_until > now
        return self.state is JobState.PENDING and not busy and self.run_at <= now

    def claim(self, now: datetime, lease: timedelta = LEASE) -> int:
        """Take the job for one attempt and return the fence that its answer must carry."""
        if self.state is not JobState.PENDING:
            raise InvalidState(f"job {self.id} is {self.state}")
        if self.lease_until is not None and self.lease_until > now:
            raise InvalidState(f"job {self.id} is being worked on")
        self.attempts += 1
        self.fence += 1
        self.lease_until = now + lease
        return self.fence

    def extend(self, until: datetime) -> None:
        """Hold the claim longer: whoever has it is still at work."""
        self.lease_until = until

    def holds(self, fence: int) -> bool:
        """Say whether an answer that carries `fence` may still be used."""
        return self.state is JobState.PENDING and self.fence == fence

    def done(self, at: datetime) -> None:
        self.state = JobState.DONE
        self.done_at = at
        self.lease_until = None

    def postpone(self, until: datetime, error: str, *, count: bool = True) -> None:
        """Come back at `until`; with count=False the attempt is given back (breaker open)."""
        if not count:
            self.attempts -= 1
        self.run_at = until
        self.lease_until = None
        self.last_error = error

    def delay(self, jitter: float) -> timedelta:
        """How long to wait before the next attempt, by the diagram's retry cycle or by default."""
        if self.retry_every:
            place = min(self.attempts, len(self.retry_every)) - 1
            return timedelta(seconds=self.retry_every[place])
        return backoff(self.attempts, jitter)

    @property
    def exhausted(self) -> bool:
        return self.attempts >= self.max_attempts

    def fail(self, error: str) -> None:
        self.state = JobState.FAILED
        self.last_error = error
        self.lease_until = None

    def retry(self, now: datetime) -> None:
        """Give a failed job a fresh set of attempts (an administrator's decision)."""
        if self.state is not JobState.FAILED:
            raise InvalidState("Công việc này không ở trạng thái lỗi.")
        self.state = JobState.PENDING
        self.attempts = 0
        self.run_at = now

    def cancel(self) -> None:
        if self.state is JobState.PENDING or self.state is JobState.FAILED:
            self.state = JobState.CANCELLED
            self.lease_until = None


class TimerState(StrEnum):
    PENDING = "pending"
    FIRED = "fired"
    CANCELLED = "cancelled"


@dataclass(eq=False)
class Timer:
    """An instant at which the engine must be woken at `token`."""

    id: str
    tenant_id: str
    instance_id: str
    token: int
    element: str
    due_at: datetime
    state: TimerState = TimerState.PENDING

    def fire(self) -> None:
        if self.state is not TimerState.PENDING:
            raise InvalidState(f"timer {self.id} is {self.state}")
        self.state = TimerState.FIRED

    def cancel(self) -> None:
        if self.state is TimerState.PENDING:
            self.state = TimerState.CANCELLED


@dataclass(eq=False)
class Subscription:
    """A token waiting for an event by name and key."""

    id: str
    tenant_id: str
    instance_id: str
    token: int
    element: str
    kind: SubscriptionKind
    name: str
    key: str | None
    created_at: datetime
    open: bool = True


@dataclass(eq=False)
class StartEvent:
    """A start event of the newest version of a process: what comes begins an instance.

    `fired` counts how often a timer began one; `due_at` is when it does so next.
    """

    id: str
    tenant_id: str
    definition_id: str
    definition_key: str
    element: str
    kind: StartKind
    name: str
    created_at: datetime
    due_at: datetime | None = None
    fired: int = 0
    open: bool = True

    def fire(self, following: datetime | None) -> None:
        """The timer was due; it is again at `following`, or not any more."""
        if not self.open:
            raise InvalidState(f"start event {self.id} waits no longer")
        self.fired += 1
        self.due_at = following
        self.open = following is not None

    def close(self) -> None:
        """A newer version of the process has taken its place."""
        self.open = False


@dataclass(eq=False)
class Message:
    """Something that arrived: kept in the inbox, correlated once.

    `dedup` is unique: the sender's own id, so that what arrives twice counts once.
    """

    id: str
    tenant_id: str
    name: str
    key: str | None
    payload: dict[str, Any]
    dedup: str
    received_at: datetime
    expires_at: datetime
    correlated_at: datetime | None = None
    instance_id: str | None = None
