"""What both queues share: the entry, how often it is tried, and what a worker asks of a queue."""

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Event
from typing import Protocol

from app.domain.waiting import backoff
from app.store.session import Session
from app.usecases.ports import Jobs, OpenWork, ParkedWork

MOST_ATTEMPTS = 10
"""How often an entry is tried before it is parked: about 45 minutes with the growing delay."""
LONGEST_ERROR = 2_000  # characters of an error that are kept

Perform = Callable[[str, Mapping[str, str], OpenWork], None]
"""Do the work of an entry: kind, args, and how to open a Work. An error means: try again."""

Fence = Callable[[Session], None]
"""Called in a transaction before it commits: raises LeaseLost where the entry is another's now."""

OpenFenced = Callable[[Fence], OpenWork]


class LeaseLost(RuntimeError):
    """The entry was given to another worker meanwhile; nothing of this transaction may be kept."""


class Enqueuing(Jobs, Protocol):
    """The queue as one transaction sees it."""

    def committed(self) -> None:
        """The transaction has committed: wake who waits."""


class Queue(ParkedWork, Protocol):
    """Work to be done later. Two adapters, one promise (tests/store/test_jobs_contract.py)."""

    def within(self, session: Session, at: datetime) -> Enqueuing: ...

    def serve(
        self, perform: Perform, open_fenced: OpenFenced, *, threads: int, stopping: Event
    ) -> None:
        """Work until `stopping` is set. Blocks; entries in hand are finished first."""

    def drain(self, perform: Perform, open_fenced: OpenFenced, *, limit: int) -> int:
        """Do what is due by the service's own clock, one after the other; say how many."""

    def wake(self) -> None:
        """Let waiting threads look again (also to notice that they should stop)."""


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many failed attempts."""
    return backoff(attempts, random.random())  # noqa: S311 - spreads retries, guards nothing


def error_text(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:LONGEST_ERROR]
