"""The queue on PostgreSQL: Procrastinate, enqueued on the transaction's own connection.

The library fetches, locks, notifies and keeps heartbeats. Ours is what it leaves open: an entry
that failed, or whose worker died, comes back as a *new* entry (so the id is the fence: a worker that
slept cannot finish or commit what was given to another), and its attempts are counted over all of
them. A `dedup` that waits, or was parked, is not enqueued again.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import orjson
import procrastinate
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from app.store.procrastinate_statements import (
    BRING_FORWARD,
    DELETE,
    KNOWN,
    MERGE,
    NOTE,
    OWN,
    PARKED,
    STALLED_ENTRIES,
    STILL_OURS,
    TO_UNPARK,
)
from app.store.queues import (
    MOST_ATTEMPTS,
    Fence,
    LeaseLost,
    OpenFenced,
    Perform,
    error_text,
    pause_after,
)
from app.store.schema import TENANT
from app.store.session import Session
from app.usecases.ports import Parked

log = logging.getLogger(__name__)

TASK = "lien_mach"
HEARTBEAT = 10.0  # seconds between two signs of life of a worker
STALLED = 30.0  # seconds without one after which its entries are given to others
POLL = 2.0  # seconds between two looks when no notification comes
LONGEST_CHANNEL = 63  # bytes of an identifier of PostgreSQL
CHANNEL = "procrastinate_queue_v1#"  # the library notifies workers on this and the queue's name


class Exhausted(RuntimeError):
    """No attempt left: the library marks the entry as failed, and so it stays to be seen."""


def queue_of(tenant_id: str) -> str:
    """The name of a province's queue: its id, or a checksum where no channel could carry that."""
    if len(f"{CHANNEL}{tenant_id}".encode()) <= LONGEST_CHANNEL:
        return tenant_id
    return hashlib.sha256(tenant_id.encode()).hexdigest()[:32]


@dataclass
class ProcrastinateJobs:
    """The queue within one transaction."""

    session: Session
    defer: Callable[..., bool]
    at: datetime

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
        later = run_at - self.at if run_at is not None and run_at > self.at else None
        self.defer(
            self.session.connection(),
            {"kind": kind, "args": dict(args), "tries": 0, "error": ""},
            lock=lock,
            dedup=dedup,
            priority=-priority,
            later=later,
        )

    def committed(self) -> None:
        """The database notifies the workers itself."""


class ProcrastinateQueue:
    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime],
        *,
        heartbeat: float = HEARTBEAT,
        stalled: float = STALLED,
        poll: float = POLL,
    ) -> None:
        self.engine = engine
        self.now = now
        self.heartbeat = heartbeat
        self.stalled = stalled
        self.poll = poll
        self.queue = queue_of(str(engine.get_execution_options()[TENANT]))
        self.conninfo = engine.url.set(drivername="postgresql").render_as_string(
            hide_password=False
        )
        # Never opened: it only writes on connections that it is given.
        self._enqueuing = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())

    # --- enqueuing ------------------------------------------------------------------------

    def within(self, session: Session, at: datetime) -> ProcrastinateJobs:
        return ProcrastinateJobs(session, self._defer, at)

    def wake(self) -> None:
        """Nothing waits in this process: notifications come from the database."""

    def _defer(
        self,
        connection: Connection,
        content: Mapping[str, Any],
        *,
        lock: str | None,
        dedup: str | None,
        priority: int,
        later: timedelta | None,
    ) -> bool:
        """Enqueue in the transaction of `connection`; False where its like waits already."""
        name, run_at, due = self._scoped(dedup), None, None
        if name and connection.execute(KNOWN, {"dedup": name}).first():
            return False
        if later is not None:
            run_at = _database_time(connection) + later
            due = (self.now() + later).isoformat()
        deferrer = self._enqueuing.configure_task(
            TASK,
            allow_unknown=True,
            queue=self.queue,
            lock=self._scoped(lock),
            queueing_lock=name,
            schedule_at=run_at,
            priority=priority,
            connection=connection.connection.driver_connection,
        )
        try:
            with connection.begin_nested():
                deferrer.defer(**content, due=due)
        except AlreadyEnqueued:
            return False
        return True

    def _scoped(self, name: str | None) -> str | None:
        """Names are of one province; the library's are of the whole database."""
        return None if name is None else f"{self.queue}:{name}"

    def _again(
        self, connection: Connection, old: Any, *, tries: int, error: str, later: timedelta
    ) -> None:
        """Enqueue an entry anew. Where its like was enqueued meanwhile, that one carries on."""
        lock, dedup = (self._unscoped(name) for name in (old.lock, old.queueing_lock))
        content = {"kind": old.args["kind"], "args": old.args["args"]}
        fresh = self._defer(
            connection,
            {**content, "tries": tries, "error": error},
            lock=lock,
            dedup=dedup,
            priority=old.priority,
            later=later,
        )
        if not fresh:
            more = {"tries": tries, "error": error, "due": (self.now() + later).isoformat()}
            connection.execute(
                MERGE,
                {
                    "more": orjson.dumps(more).decode(),
                    "run_at": _database_time(connection) + later,
                    "dedup": old.queueing_lock,
                },
            )

    def _unscoped(self, name: str | None) -> str | None:
        return None if name is None else name.removeprefix(f"{self.queue}:")

    # --- one entry ------------------------------------------------------------------------

    def _run(self, job: procrastinate.jobs.Job, perform: Perform, open_fenced: OpenFenced) -> None:
        """Do one entry, in a thread. A failure ends here: the entry comes back as a new one."""
        content, job_id = job.task_kwargs, job.id or 0
        tries = int(str(content["tries"])) + 1
        ids = {"entry": job_id, "kind": content["kind"], "attempt": tries}
        if tries > MOST_ATTEMPTS:
            raise Exhausted(str(content["error"]))
        try:
            perform(str(content["kind"]), _strings(content["args"]), open_fenced(_fence(job_id)))
        except LeaseLost:
            log.warning("queue entry lost to another worker", extra=ids)
        except Exception as error:  # the edge of the worker: a handler may fail in any way
            log.exception("queue entry failed", extra=ids)
            self._failed(job_id, tries, error)

    def _failed(self, job_id: int, tries: int, error: Exception) -> None:
        """Raises Exhausted after the last attempt."""
        with self.engine.begin() as connection:
            if tries < MOST_ATTEMPTS:
                own = connection.execute(OWN, {"id": job_id}).one_or_none()
                if own is not None:
                    self._again(
                        connection,
                        own,
                        tries=tries,
                        error=error_text(error),
                        later=pause_after(tries),
                    )
                return
            more = orjson.dumps({"tries": tries, "error": error_text(error)}).decode()
            connection.execute(NOTE, {"id": job_id, "more": more})
        raise Exhausted(error_text(error)) from error

    def sweep(self) -> int:
        """Give entries of workers that show no sign of life to others; say how many."""
        with self.engine.begin() as connection:
            stalled = connection.execute(
                STALLED_ENTRIES, {"queue": self.queue, "age": f"{self.stalled} seconds"}
            ).all()
            for old in stalled:
                connection.execute(DELETE, {"id": old.id})
                self._again(
                    connection,
                    old,
                    tries=int(old.args["tries"]) + 1,
                    error=old.args["error"] or "Tiến trình xử lý dừng đột ngột.",
                    later=timedelta(0),
                )
        return len(stalled)

    # --- working --------------------------------------------------------------------------

    def serve(
        self, perform: Perform, open_fenced: OpenFenced, *, threads: int, stopping: Event
    ) -> None:
        asyncio.run(self._serve(perform, open_fenced, threads, stopping))

    async def _serve(
        self, perform: Perform, open_fenced: OpenFenced, threads: int, stopping: Event
    ) -> None:
        app = self._app(perform, open_fenced)
        with ThreadPoolExecutor(threads + 2, thread_name_prefix="queue") as pool:
            asyncio.get_running_loop().set_default_executor(pool)
            async with app.open_async():
                worker = asyncio.create_task(
                    app.run_worker_async(
                        **self._options(threads),
                        fetch_job_polling_interval=self.poll,
                    )
                )
                await self._watch(worker, stopping)

    async def _watch(self, worker: "asyncio.Task[None]", stopping: Event) -> None:
        """Sweep now and then; end when asked to, or when the library gives up."""
        loop = asyncio.get_running_loop()
        next_sweep = loop.time()
        try:
            while not stopping.is_set() and not worker.done():
                if loop.time() >= next_sweep:
                    await asyncio.to_thread(self._sweep_quietly)
                    next_sweep = loop.time() + self.stalled / 3
                await asyncio.sleep(0.05)
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)
        if not worker.cancelled() and (error := worker.exception()) is not None:
            raise error

    def _sweep_quietly(self) -> None:
        try:
            self.sweep()
        except SQLAlchemyError:
            log.exception("stalled entries not swept")

    def _app(
        self,
        perform: Perform,
        open_fenced: OpenFenced,
    ) -> procrastinate.App:
        app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(conninfo=self.conninfo, min_size=1, max_size=4)
        )

        @app.task(name=TASK, queue=self.queue, pass_context=True)
        def handle(context: procrastinate.JobContext, /, **_content: Any) -> None:
            self._run(context.job, perform, open_fenced)

        return app

    def _options(self, threads: int) -> dict[str, Any]:
        return {
            "queues": [self.queue],
            "concurrency": threads,
            "delete_jobs": "successful",
            "install_signal_handlers": False,
            "update_heartbeat_interval": self.heartbeat,
            "stalled_worker_timeout": self.stalled,
        }

    def drain(self, perform: Perform, open_fenced: OpenFenced, *, limit: int) -> int:
        done = 0
        while done < limit:
            with self.engine.begin() as connection:
                connection.execute(BRING_FORWARD, {"queue": self.queue, "now": self.now()})
            more = asyncio.run(self._drain_once(perform, open_fenced, limit - done))
            if more == 0:
                break
            done += more
        return done

    async def _drain_once(self, perform: Perform, open_fenced: OpenFenced, limit: int) -> int:
        done = 0

        def count(call: Callable[[], Any], _context: Any, worker: Any) -> Any:
            nonlocal done
            done += 1
            if done >= limit:
                worker.stop()
            return call()

        app = self._app(perform, open_fenced)
        async with app.open_async():
            await app.run_worker_async(
                **self._options(threads=1),
                wait=False,
                listen_notify=False,
                task_middleware=[count],
            )
        return done

    # --- dead letters -----------------------------------------------------------------------

    def parked(self, limit: int = 100) -> list[Parked]:
        with self.engine.begin() as connection:
            rows = connection.execute(PARKED, {"queue": self.queue, "limit": limit}).all()
        return [
            Parked(
                str(row.id),
                row.args["kind"],
                row.args["args"],
                int(row.args["tries"]),
                row.args["error"],
            )
            for row in rows
        ]

    def unpark(self, key: str) -> bool:
        if not (key.isascii() and key.isdecimal()):
            return False
        with self.engine.begin() as connection:
            old = connection.execute(TO_UNPARK, {"queue": self.queue, "id": int(key)}).one_or_none()
            if old is None:
                return False
            connection.execute(DELETE, {"id": old.id})
            self._again(connection, old, tries=0, error=old.args["error"], later=timedelta(0))
        return True


def _fence(job_id: int) -> Fence:
    def check(session: Session) -> None:
        if session.execute(STILL_OURS, {"id": job_id}).first() is None:
            raise LeaseLost(f"queue entry {job_id}")

    return check


def _strings(args: object) -> dict[str, str]:
    if not isinstance(args, dict):
        raise TypeError(f"args of a queue entry: {args!r}")
    return {str(name): str(value) for name, value in args.items()}


def _database_time(connection: Connection) -> datetime:
    found: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return found.astimezone(UTC)
