"""Work that waits for a person."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.domain.permissions import Actor
from app.domain.user_tasks import UserTask
from app.usecases.ports.repository import Page, Repository


class Queue(StrEnum):
    """The queues of the task list."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    UNIT = "unit"


class DueFilter(StrEnum):
    OVERDUE = "overdue"
    TODAY = "today"
    PAUSED = "paused"


@dataclass(frozen=True)
class TaskFilter:
    """What of a person's tasks is wanted. Reach is always bounded by `actor`'s bindings."""

    actor: Actor
    queue: Queue = Queue.MINE
    due: DueFilter | None = None
    definition_key: str | None = None
    search: str = ""  # case code or name, diacritics and case ignored
    sort: str = "due"  # due, created, code


@dataclass(frozen=True)
class TaskCounts:
    queues: dict[Queue, int]
    due: dict[DueFilter, int]
    definitions: list[tuple[str, str, int]]  # key, subject name, count


class UserTasks(Repository[UserTask], Protocol):
    def page(self, wanted: TaskFilter, number: int, size: int, now: datetime) -> Page[UserTask]: ...
    def counts(self, wanted: TaskFilter, now: datetime) -> TaskCounts:
        """Counts of every queue by the very conditions that `page` uses."""

    def version_of(self, wanted: TaskFilter) -> str:
        """A cheap mark that changes when the list may have changed (ETag of the poll)."""

    def at_token(self, instance_id: str, token: int) -> UserTask | None: ...
    def of_instance(self, instance_id: str) -> list[UserTask]: ...
    def open_before(
        self, due_before: datetime, agency_ids: frozenset[str] | None, limit: int
    ) -> list[UserTask]: ...
