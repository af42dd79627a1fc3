"""The worker: takes entries of the queue and calls their handlers."""

import logging
from collections.abc import Callable, Mapping
from threading import Event, Thread
from typing import Protocol

from app.usecases.ports import OpenWork

log = logging.getLogger(__name__)

Handler = Callable[[OpenWork, Mapping[str, str]], None]
"""Does the work of one kind of entry. It may be called again for the same entry, at any time:
also after it has done everything. An error means: try again later."""

PAUSE = 2.0  # seconds before a queue that failed as a whole is served again


class Consumer(Protocol):
    """What the store offers to a worker."""

    def serve(
        self,
        perform: Callable[[str, Mapping[str, str], OpenWork], None],
        *,
        threads: int,
        stopping: Event,
    ) -> None:
        """Work off the queue until `stopping` is set; blocks."""

    def drain(
        self, perform: Callable[[str, Mapping[str, str], OpenWork], None], *, limit: int
    ) -> int:
        """Work off what is due now, in this thread; says how many entries."""

    def wake(self) -> None:
        """Make waiting threads look up."""


class UnknownKind(LookupError):
    """No handler here: an entry of another release. It is tried again, then parked and seen."""


class Worker:
    def __init__(
        self, store: Consumer, handlers: Mapping[str, Handler], *, threads: int = 4
    ) -> None:
        self.store = store
        self.handlers = handlers
        self.threads = threads
        self._stopping = Event()
        self._thread: Thread | None = None

    def perform(self, kind: str, args: Mapping[str, str], open_work: OpenWork) -> None:
        handler = self.handlers.get(kind)
        if handler is None:
            raise UnknownKind(kind)
        handler(open_work, args)

    def start(self) -> None:
        """Work in the background until `stop`. A failing queue is served again after a pause."""
        self._stopping.clear()
        self._thread = Thread(target=self._serve, name="worker", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                self.store.serve(self.perform, threads=self.threads, stopping=self._stopping)
            except Exception:  # the edge of the process: nothing may end the worker
                log.exception("queue failed; serving it again")
            self._stopping.wait(PAUSE)

    def stop(self, timeout: float = 30.0) -> bool:
        """Finish what is in hand; False where that took longer than `timeout` seconds.

        What was not finished is done again by another worker when its lease has lapsed.
        """
        self._stopping.set()
        self.store.wake()
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def drain(self, limit: int = 1_000) -> int:
        """Do everything that is due now, and what comes of it, in this thread; at most `limit`."""
        return self.store.drain(self.perform, limit=limit)
