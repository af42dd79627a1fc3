"""What an instance waits for besides people: calls, timers, messages, signals."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from app.domain.engine import StartKind, SubscriptionKind
from app.domain.waiting import Job, JobState, Message, StartEvent, Subscription, Timer
from app.usecases.ports.repository import Page, Repository


class JobsStore(Repository[Job], Protocol):
    """Promises to call (entities). What wakes a worker for them is the `Jobs` port."""

    def lock(self, job_id: str) -> Job: ...
    def at_token(self, instance_id: str, token: int) -> Job | None: ...
    def of_instance(self, instance_id: str) -> list[Job]: ...
    def pending(self, instance_id: str) -> list[Job]: ...
    def stranded(self, now: datetime, limit: int) -> list[Job]:
        """Pending, due, and their lease (if any) lapsed: the sweeper wakes a worker for them.

        Without those that workers outside fetch for themselves.
        """

    def fetchable(self, topics: Sequence[str], now: datetime, limit: int) -> list[Job]:
        """What a worker outside may fetch, the highest `priority` first, then the oldest."""

    def page(self, state: JobState | None, number: int, size: int) -> Page[Job]: ...


class Timers(Repository[Timer], Protocol):
    def due(self, now: datetime, limit: int) -> list[Timer]: ...
    def pending(self, instance_id: str) -> list[Timer]: ...
    def at_token(self, instance_id: str, token: int) -> Timer | None: ...
    def of_instance(self, instance_id: str) -> list[Timer]: ...


class Subscriptions(Repository[Subscription], Protocol):
    def at_token(self, instance_id: str, token: int) -> list[Subscription]: ...
    def waiting(
        self, kind: SubscriptionKind, name: str | None, key: str | None
    ) -> list[Subscription]:
        """Open subscriptions by name and key, where they are given, oldest first."""

    def of_instance(self, instance_id: str) -> list[Subscription]: ...


class StartEvents(Repository[StartEvent], Protocol):
    """What begins instances by itself: the start events of the newest versions."""

    def lock(self, key: str) -> StartEvent: ...
    def waiting(self, kind: StartKind, name: str) -> list[StartEvent]:
        """Open ones by name, oldest first."""

    def of_definition(self, definition_id: str) -> list[StartEvent]:
        """All of one version, also those that wait no longer."""

    def of_key(self, definition_key: str) -> list[StartEvent]:
        """The open ones of a process, of whichever version."""

    def due(self, now: datetime, limit: int) -> list[StartEvent]:
        """Open timers whose time has come, of definitions that take new instances."""


class Inbox(Protocol):
    """Messages from outside; correlated exactly once."""

    def lock(self, name: str, key: str | None) -> None:
        """Serialise correlation on (name, key): both sides take it before they look."""

    def add(self, message: Message) -> bool:
        """Keep it; False where its `dedup` is known already."""

    def waiting(self, name: str, key: str | None, now: datetime) -> Message | None:
        """The oldest uncorrelated message, not expired."""

    def expire(self, now: datetime) -> int: ...
    def uncorrelated(self, number: int, size: int) -> Page[Message]:
        """What nobody has waited for yet, oldest first."""
