"""Work to be done later: what wakes a worker, and what was given up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Jobs(Protocol):
    """Wakes a worker, at least once, after this transaction commits (design.md §7)."""

    def enqueue(
        self,
        kind: str,
        args: Mapping[str, str],
        *,
        run_at: datetime | None = None,
        lock: str | None = None,
        dedup: str | None = None,
        priority: int = 50,
    ) -> None:
        """`kind` names a handler, `args` are its strings.

        Work with the same `lock` never runs at the same time; a `dedup` that is waiting
        already is not enqueued again. Smaller `priority` runs first.
        """


@dataclass(frozen=True)
class Parked:
    """An entry that was tried to the end: it waits for a person, and blocks its `dedup`."""

    id: str
    kind: str
    args: Mapping[str, str]
    attempts: int
    error: str


class ParkedWork(Protocol):
    """Entries of the queue that were given up. Each call is a transaction of its own."""

    def parked(self, limit: int = 100) -> list[Parked]:
        """Newest last."""

    def unpark(self, key: str) -> bool:
        """Give a parked entry all its attempts again; False where it is not parked."""
