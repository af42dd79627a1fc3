"""The queue in a table of our own: for SQLite, and able to run on PostgreSQL unchanged.

An entry is claimed with a lease in a transaction of its own and deleted when its handler is done.
Every transaction of the handler checks, before it commits, that the lease still holds: so a worker
that slept through its lease can change nothing. Attempts are counted at the claim, so that an
entry which kills its worker runs out of them too.
"""

import logging
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import uuid_utils
from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Table,
    func,
    or_,
    select,
)
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app.store.counters import lock_name
from app.store.queues import (
    MOST_ATTEMPTS,
    Fence,
    LeaseLost,
    OpenFenced,
    Perform,
    error_text,
    pause_after,
)
from app.store.rows import affected, insert_new
from app.store.schema import (
    TENANT,
    instant,
    json,
    key,
    maybe,
    metadata,
    number,
    partial_index,
    tenant,
    words,
)
from app.store.session import Session
from app.usecases.ports import Parked

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
POLL = 0.2  # seconds between two looks when nobody wakes us
PAUSE_AFTER_FAILURE = 1.0  # seconds to leave a database alone that does not answer

queue = Table(
    "queue",
    metadata,
    key(),
    tenant(),
    words("kind"),
    json("args"),
    instant("run_at"),
    number("priority"),
    maybe("lock"),
    maybe("dedup"),
    maybe("lease_owner"),
    instant("lease_until", nullable=True),
    number("attempts"),
    words("last_error"),
    instant("parked_at", nullable=True),
)
entry = queue.c
waiting = entry.parked_at.is_(None)
partial_index(
    "ix_queue_next", entry.tenant_id, entry.priority, entry.run_at, entry.id, where=waiting
)
partial_index(
    "uq_queue_dedup",
    entry.tenant_id,
    entry.dedup,
    where=entry.lease_owner.is_(None),
    unique=True,
)
partial_index("ix_queue_leased", entry.tenant_id, entry.lock, where=entry.lease_owner.isnot(None))

Clock = Callable[[Connection], datetime]


def database_time(connection: Connection) -> datetime:
    """The one clock of all workers. SQLite has none: there every worker is on the same machine."""
    if connection.dialect.name == "sqlite":
        return datetime.now(UTC)
    found: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return found.astimezone(UTC)


@dataclass(frozen=True)
class Claimed:
    id: str
    kind: str
    args: Mapping[str, str]
    attempts: int
    owner: str


@dataclass
class EmbeddedJobs:
    """The queue within one transaction."""

    session: Session
    tenant_id: str
    at: datetime
    wake: Callable[[], None]
    enqueued: int = 0

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
        values = {
            "id": str(uuid_utils.uuid7()),
            "tenant_id": self.tenant_id,
            "kind": kind,
            "args": dict(args),
            "run_at": run_at or self.at,
            "priority": priority,
            "lock": lock,
            "dedup": dedup,
            "attempts": 0,
            "last_error": "",
        }
        if insert_new(self.session, queue, values):
            self.enqueued += 1

    def committed(self) -> None:
        if self.enqueued:
            self.wake()


class EmbeddedQueue:
    def __init__(
        self,
        engine: Engine,
        now: Callable[[], datetime],
        *,
        lease: timedelta = LEASE,
        poll: float = POLL,
    ) -> None:
        self.engine = engine
        self.now = now
        self.lease = lease
        self.poll = poll
        self.tenant_id = str(engine.get_execution_options()[TENANT])
        self.mine = entry.tenant_id == self.tenant_id
        self._news = threading.Condition()
        self._in_hand: dict[str, Claimed] = {}

    def within(self, session: Session, at: datetime) -> EmbeddedJobs:
        return EmbeddedJobs(session, self.tenant_id, at, self.wake)

    def wake(self) -> None:
        with self._news:
            self._news.notify_all()

    # --- claiming -----------------------------------------------------------------------

    def claim(self, owner: str, clock: Clock = database_time) -> Claimed | None:
        """Lease the next due entry; entries without an attempt left are parked on the way."""
        with self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                lock_name(connection, self.tenant_id, "queue")
            now = clock(connection)
            while (found := self._next(connection, now)) is not None:
                if found.attempts < MOST_ATTEMPTS:
                    return self._lease(connection, found, owner, now)
                self._put_back(connection, found.id, parked_at=now)
        return None

    def _next(
        self, connection: Connection, now: datetime
    ) -> Row[str, str, Mapping[str, str], int] | None:
        held = select(entry.lock).where(
            self.mine,
            entry.lease_owner.isnot(None),
            entry.lock.isnot(None),
            entry.lease_until > now,
        )
        return connection.execute(
            select(entry.id, entry.kind, entry.args, entry.attempts)
            .where(
                self.mine,
                waiting,
                entry.run_at <= now,
                or_(entry.lease_until.is_(None), entry.lease_until <= now),
                or_(entry.lock.is_(None), entry.lock.not_in(held)),
            )
            .order_by(entry.priority, entry.run_at, entry.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()

    def _lease(
        self,
        connection: Connection,
        found: Row[str, str, Mapping[str, str], int],
        owner: str,
        now: datetime,
    ) -> Claimed:
        connection.execute(
            queue.update()
            .where(entry.id == found.id)
            .values(lease_owner=owner, lease_until=now + self.lease, attempts=found.attempts + 1)
        )
        return Claimed(found.id, found.kind, found.args, found.attempts + 1, owner)

    # --- keeping, giving back -------------------------------------------------------------

    def fence(self, claimed: Claimed, clock: Clock = database_time) -> Fence:
        """Check within a transaction that the lease holds, and lengthen it."""

        def check(session: Session) -> None:
            connection = session.connection()
            if not self._renew(connection, [claimed], clock(connection)):
                raise LeaseLost(f"queue entry {claimed.id} ({claimed.kind})")

        return check

    def _renew(self, connection: Connection, held: list[Claimed], now: datetime) -> int:
        renewed = connection.execute(
            queue.update()
            .where(
                entry.id.in_([claimed.id for claimed in held]),
                entry.lease_owner.in_({claimed.owner for claimed in held}),
                entry.lease_until > now,
            )
            .values(lease_until=now + self.lease)
        )
        return affected(renewed)

    def finish(self, claimed: Claimed) -> None:
        with self.engine.begin() as connection:
            connection.execute(queue.delete().where(_held(claimed)))

    def fail(self, claimed: Claimed, error: BaseException, clock: Clock = database_time) -> None:
        """Come back later; after the last attempt, park."""
        with self.engine.begin() as connection:
            held = select(entry.id).where(_held(claimed)).with_for_update()
            if connection.execute(held).one_or_none() is None:
                return
            now = clock(connection)
            last = claimed.attempts >= MOST_ATTEMPTS
            self._put_back(
                connection,
                claimed.id,
                last_error=error_text(error),
                parked_at=now if last else None,
                run_at=now if last else now + pause_after(claimed.attempts),
            )

    def _put_back(self, connection: Connection, key: str, **values: object) -> None:
        """Let an entry go. Where its like was enqueued meanwhile, that one carries on for both."""
        try:
            with connection.begin_nested():
                connection.execute(
                    queue.update()
                    .where(entry.id == key)
                    .values(lease_owner=None, lease_until=None, **values)
                )
        except IntegrityError:
            self._merge(connection, key, values)

    def _merge(self, connection: Connection, key: str, values: Mapping[str, object]) -> None:
        old = connection.execute(select(queue).where(entry.id == key)).one()
        connection.execute(queue.delete().where(entry.id == key))
        connection.execute(
            queue.update()
            .where(self.mine, entry.dedup == old.dedup, entry.lease_owner.is_(None))
            .values(attempts=old.attempts, **values)
        )

    # --- working ------------------------------------------------------------------------

    def serve(
        self, perform: Perform, open_fenced: OpenFenced, *, threads: int, stopping: Event
    ) -> None:
        workers = [
            Thread(
                target=self._work,
                args=(f"{os.getpid()}-{uuid_utils.uuid4()}", perform, open_fenced, stopping),
                name=f"queue-{place}",
                daemon=True,
            )
            for place in range(threads)
        ]
        for worker in workers:
            worker.start()
        while not stopping.wait(self.lease.total_seconds() / 3):
            self._renew_all()
        self.wake()
        for worker in workers:
            while worker.is_alive():
                worker.join(self.lease.total_seconds() / 3)
                self._renew_all()

    def _work(self, owner: str, perform: Perform, open_fenced: OpenFenced, stopping: Event) -> None:
        while not stopping.is_set():
            try:
                claimed = self.claim(owner)
            except SQLAlchemyError:
                log.exception("queue not readable")
                stopping.wait(PAUSE_AFTER_FAILURE)
                continue
            if claimed is not None:
                self._run(claimed, perform, open_fenced, database_time)
            elif not stopping.is_set():
                with self._news:
                    self._news.wait(self.poll)

    def _run(
        self, claimed: Claimed, perform: Perform, open_fenced: OpenFenced, clock: Clock
    ) -> None:
        """Do one entry. Whatever goes wrong here, the lease lapses and it is done again."""
        self._in_hand[claimed.id] = claimed
        ids = {"entry": claimed.id, "kind": claimed.kind, "attempt": claimed.attempts}
        try:
            perform(claimed.kind, claimed.args, open_fenced(self.fence(claimed, clock)))
            self.finish(claimed)
        except LeaseLost:
            log.warning("queue entry lost to another worker", extra=ids)
        except Exception as error:  # the edge of the worker: a handler may fail in any way
            log.exception("queue entry failed", extra=ids)
            self._fail_quietly(claimed, error, clock)
        finally:
            self._in_hand.pop(claimed.id, None)

    def _fail_quietly(self, claimed: Claimed, error: BaseException, clock: Clock) -> None:
        try:
            self.fail(claimed, error, clock)
        except SQLAlchemyError:
            log.exception("queue entry not put back; its lease will lapse")

    def _renew_all(self) -> None:
        held = list(self._in_hand.values())
        if not held:
            return
        try:
            with self.engine.begin() as connection:
                self._renew(connection, held, database_time(connection))
        except SQLAlchemyError:
            log.exception("leases not renewed")

    def drain(self, perform: Perform, open_fenced: OpenFenced, *, limit: int) -> int:
        clock: Clock = lambda _connection: self.now()  # noqa: E731 - a clock, not a function
        owner = f"drain-{uuid_utils.uuid4()}"
        for done in range(limit):
            claimed = self.claim(owner, clock)
            if claimed is None:
                return done
            self._run(claimed, perform, open_fenced, clock)
        return limit

    # --- dead letters ---------------------------------------------------------------------

    def parked(self, limit: int = 100) -> list[Parked]:
        with self.engine.execution_options(read_only=True).begin() as connection:
            rows = connection.execute(
                select(entry.id, entry.kind, entry.args, entry.attempts, entry.last_error)
                .where(self.mine, entry.parked_at.isnot(None))
                .order_by(entry.parked_at, entry.id)
                .limit(limit)
            )
            return [Parked(*row) for row in rows]

    def unpark(self, key: str) -> bool:
        with self.engine.begin() as connection:
            freed = connection.execute(
                queue.update()
                .where(self.mine, entry.id == key, entry.parked_at.isnot(None))
                .values(parked_at=None, attempts=0)
            )
        self.wake()
        return affected(freed) == 1


def _held(claimed: Claimed) -> ColumnElement[bool]:
    return (entry.id == claimed.id) & (entry.lease_owner == claimed.owner)
