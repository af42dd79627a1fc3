"""One transaction: opened here, committed here, and nowhere else."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event

import uuid_utils
from sqlalchemy import Engine, inspect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.domain.engine import Vocabulary
from app.store.batches import BatchRows
from app.store.calendars import CalendarRows, ParsedCalendars
from app.store.cases import CaseRows, PaperRows, PostalOrderRows
from app.store.clocks import ClockRows
from app.store.database import READ_ONLY, open_engine
from app.store.definitions import DefinitionRows
from app.store.drafts import DraftRows
from app.store.embedded_queue import EmbeddedQueue
from app.store.failures import refusal
from app.store.files import FileRows
from app.store.incidents import IncidentRows
from app.store.instances import InstanceRows
from app.store.migrate import migrate
from app.store.people import AgencyRows, NoticeRows, SessionRows, UserRows
from app.store.procedures import ProcedureRows, RegistrationRows, ServiceRows
from app.store.procrastinate_queue import ProcrastinateQueue
from app.store.programs import CompileDecision, ProgramCache, ProgramRows
from app.store.queues import Fence, Perform, Queue
from app.store.replies import ReplyRows
from app.store.task_list import UserTaskRows
from app.store.tracking import flush
from app.store.waiting import InboxRows, JobRows, SubscriptionRows, TimerRows
from app.usecases import ports
from app.usecases.ports import OpenWork, Work

READABLE = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that is read wrongly


@dataclass(frozen=True)
class Rooms:
    """What a Work offers besides the store; brought by bootstrap."""

    engine: ports.Engine
    compile_decision: CompileDecision
    forms: ports.Forms
    passwords: ports.Passwords
    house: ports.House
    vocabulary: Vocabulary


@dataclass
class Shared:
    """What the transactions of one process share: nothing that another process must know."""

    programs: ProgramCache = field(default_factory=ProgramCache)
    calendars: ParsedCalendars = field(default_factory=ParsedCalendars)


class SqlWork(Work):
    """The repositories, all on one session."""

    def __init__(
        self,
        session: Session,
        *,
        tenant_id: str,
        at: datetime,
        rooms: Rooms,
        shared: Shared,
        queue: Queue,
    ) -> None:
        self.tenant_id = tenant_id
        self._at = at
        self.engine = rooms.engine
        self.forms = rooms.forms
        self.passwords = rooms.passwords
        self.house = rooms.house
        self.vocabulary = rooms.vocabulary
        self.files = FileRows(session, tenant_id)
        self.definitions = DefinitionRows(session, tenant_id)
        self.instances = InstanceRows(session, tenant_id)
        self.user_tasks = UserTaskRows(session, tenant_id, self.now)
        self.jobs = JobRows(session, tenant_id)
        self.timers = TimerRows(session, tenant_id)
        self.subscriptions = SubscriptionRows(session, tenant_id)
        self.inbox = InboxRows(session, tenant_id)
        self.incidents = IncidentRows(session, tenant_id)
        self.clocks = ClockRows(session, tenant_id)
        self.calendars = CalendarRows(session, tenant_id, shared.calendars)
        self.agencies = AgencyRows(session, tenant_id)
        self.users = UserRows(session, tenant_id)
        self.sessions = SessionRows(session, tenant_id)
        self.notices = NoticeRows(session, tenant_id)
        self.procedures = ProcedureRows(session, tenant_id)
        self.services = ServiceRows(session, tenant_id)
        self.registrations = RegistrationRows(session, tenant_id)
        self.cases = CaseRows(session, tenant_id)
        self.papers = PaperRows(session, tenant_id)
        self.postal_orders = PostalOrderRows(session, tenant_id)
        self.drafts = DraftRows(session, tenant_id)
        self.replies = ReplyRows(session, tenant_id, self.now)
        self.batches = BatchRows(session, tenant_id)
        self.enqueuing = queue.within(session, at)
        self.queue = self.enqueuing
        self.programs = ProgramRows(
            rooms.engine, rooms.compile_decision, self.definitions, self.files, shared.programs
        )

    def now(self) -> datetime:
        return self._at

    def new_id(self) -> str:
        return str(uuid_utils.uuid7())

    def new_secret(self, length: int) -> str:
        return "".join(secrets.choice(READABLE) for _ in range(length))


MakeQueue = Callable[[Engine, Callable[[], datetime]], Queue]


def queue_for(engine: Engine, now: Callable[[], datetime]) -> Queue:
    """The queue that fits the database."""
    if engine.dialect.name == "postgresql":
        return ProcrastinateQueue(engine, now)
    return EmbeddedQueue(engine, now)


class Store:
    """The database of one province, as a process uses it."""

    def __init__(
        self,
        url: str,
        *,
        now: Callable[[], datetime],
        tenant_id: str,
        rooms: Rooms,
        make_queue: MakeQueue = queue_for,
    ) -> None:
        self.now = now
        self.tenant_id = tenant_id
        self.rooms = rooms
        self.shared = Shared()
        self.url = url
        self.database = open_engine(url, tenant_id)
        self._reading = self.database.execution_options(**{READ_ONLY: True})
        self.queue = make_queue(self.database, now)

    def open_work(self, *, read_only: bool = False) -> AbstractContextManager[SqlWork]:
        return self._open(read_only=read_only, fence=None)

    def fenced(self, fence: Fence) -> OpenWork:
        """Open transactions that commit only while `fence` lets them."""

        def open_work(*, read_only: bool = False) -> AbstractContextManager[Work]:
            return self._open(read_only=read_only, fence=fence)

        return open_work

    @contextmanager
    def _open(self, *, read_only: bool, fence: Fence | None) -> Iterator[SqlWork]:
        with translated(), self._session(read_only=read_only) as session:
            work = SqlWork(
                session,
                tenant_id=self.tenant_id,
                at=self.now(),
                rooms=self.rooms,
                shared=self.shared,
                queue=self.queue,
            )
            yield work
            if read_only:
                _require_unchanged(session)
                return
            flush(session)
            _read_what_expired(session)
            if fence is not None:
                fence(session)
            session.commit()
        work.enqueuing.committed()

    @contextmanager
    def _session(self, *, read_only: bool) -> Iterator[Session]:
        """A session that is rolled back unless it was committed.

        What was read stays readable after an error: a page may still have to show it.
        """
        session = Session(
            self._reading if read_only else self.database,
            expire_on_commit=False,
            info={READ_ONLY: read_only},
        )
        with session:
            try:
                yield session
            except BaseException:
                session.expunge_all()
                raise

    def migrate(self) -> None:
        """Bring the database to the newest schema; harmless where it is."""
        migrate(self.url)
        self.optimize()

    def ready(self) -> bool:
        """Say whether the database answers."""
        try:
            with self._reading.begin() as connection:
                connection.exec_driver_sql("SELECT 1")
        except SQLAlchemyError:
            return False
        return True

    def serve(self, perform: Perform, *, threads: int, stopping: Event) -> None:
        """Work off the queue until `stopping` is set."""
        self.queue.serve(perform, self.fenced, threads=threads, stopping=stopping)

    def drain(self, perform: Perform, *, limit: int) -> int:
        """Work off what is due now, in this thread; say how many entries."""
        return self.queue.drain(perform, self.fenced, limit=limit)

    def wake(self) -> None:
        self.queue.wake()

    def optimize(self) -> None:
        """Let SQLite learn how large its tables are, by samples; PostgreSQL does that by itself."""
        if self.database.dialect.name == "sqlite":
            with translated(), self.database.begin() as connection:
                connection.exec_driver_sql("PRAGMA analysis_limit = 1000")
                connection.exec_driver_sql("ANALYZE")

    def close(self) -> None:
        self.database.dispose()


@contextmanager
def translated() -> Iterator[None]:
    """Turn what a database says into what the service says."""
    try:
        yield
    except SQLAlchemyError as error:
        meant = refusal(error)
        if meant is None:
            raise
        raise meant from error


def _require_unchanged(session: Session) -> None:
    changed = [
        *session.new,
        *session.deleted,
        *(t for t in session.dirty if session.is_modified(t)),
    ]
    if changed:
        raise RuntimeError(f"changed in a read-only Work: {changed[0]!r}")


def _read_what_expired(session: Session) -> None:
    """Read again what a lock made stale and nobody has looked at since: it outlives the session."""
    for thing in list(session.identity_map.values()):
        if inspect(thing).expired:
            session.refresh(thing)
