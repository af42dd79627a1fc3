"""One transaction: opened here, committed here, and nowhere else."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Any, NoReturn

import uuid_utils
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from app.domain.engine import Vocabulary
from app.store.batches import BatchRows
from app.store.calendars import CalendarRows, ParsedCalendars
from app.store.cases import CaseRows, PaperRows, PostalOrderRows
from app.store.clocks import ClockRows
from app.store.connections import Connections
from app.store.database import READ_ONLY, open_engine
from app.store.definitions import DefinitionRows
from app.store.drafts import DraftRows
from app.store.embedded_queue import EmbeddedQueue
from app.store.failures import FAILURES, refusal
from app.store.files import FileRows
from app.store.incidents import IncidentRows
from app.store.instances import InstanceRows
from app.store.migrate import migrate
from app.store.people import AgencyRows, NoticeRows, SessionRows, UserRows
from app.store.procedures import ProcedureRows, RegistrationRows, ServiceRows
from app.store.procrastinate_queue import ProcrastinateQueue
from app.store.programs import CompileDecision, ProgramCache, ProgramRows
from app.store.queues import Enqueuing, Fence, Perform, Queue
from app.store.recent import Recent
from app.store.replies import ReplyRows
from app.store.session import Session
from app.store.start_events import StartEventRows
from app.store.task_list import UserTaskRows
from app.store.together import Together
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
    """The repositories, all on one session; each is made when it is first asked for."""

    files: FileRows
    definitions: DefinitionRows
    instances: InstanceRows
    user_tasks: UserTaskRows
    jobs: JobRows
    timers: TimerRows
    subscriptions: SubscriptionRows
    start_events: StartEventRows
    inbox: InboxRows
    incidents: IncidentRows
    clocks: ClockRows
    agencies: AgencyRows
    users: UserRows
    sessions: SessionRows
    notices: NoticeRows
    procedures: ProcedureRows
    services: ServiceRows
    registrations: RegistrationRows
    cases: CaseRows
    papers: PaperRows
    postal_orders: PostalOrderRows
    drafts: DraftRows
    replies: ReplyRows
    batches: BatchRows
    calendars: CalendarRows
    programs: ProgramRows
    queue: Enqueuing

    def __init__(self, session: Session, rooms: Rooms, shared: Shared, queue: Queue) -> None:
        self.session = session
        self.tenant_id = session.tenant_id
        self.rooms = rooms
        self.shared = shared
        self.queues = queue
        self.engine = rooms.engine
        self.forms = rooms.forms
        self.passwords = rooms.passwords
        self.house = rooms.house
        self.vocabulary = rooms.vocabulary

    def __getattr__(self, name: str) -> Any:
        make = MAKERS.get(name)
        if make is None:
            raise AttributeError(name)
        made = make(self)
        setattr(self, name, made)
        return made

    def committed(self) -> None:
        """Tell the queue, if anything was put into it."""
        if "queue" in vars(self):
            self.queue.committed()

    def now(self) -> datetime:
        return self.session.at

    def new_id(self) -> str:
        return str(uuid_utils.uuid7())

    def new_secret(self, length: int) -> str:
        return "".join(secrets.choice(READABLE) for _ in range(length))


def _make(rows: Callable[[Session, str], Any]) -> Callable[[SqlWork], Any]:
    return lambda work: rows(work.session, work.tenant_id)


MAKERS: dict[str, Callable[[SqlWork], Any]] = {
    **{name: _make(rows) for name, rows in SqlWork.__annotations__.items()},
    "calendars": lambda work: CalendarRows(work.session, work.tenant_id, work.shared.calendars),
    "programs": lambda work: ProgramRows(
        work.rooms,
        DefinitionRows(work.session, work.tenant_id),
        FileRows(work.session, work.tenant_id),
        work.shared.programs,
    ),
    "queue": lambda work: work.queues.within(work.session, work.now()),
}
"""How each part of a Work is made, by its name in the port."""

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
        self.connections = Connections(self.database)
        self.recent = Recent()
        self.queue = make_queue(self.database, now)
        self.together = Together(self._assuming, self.open_work)

    def open_work(self, *, read_only: bool = False) -> AbstractContextManager[SqlWork]:
        return self._open(read_only=read_only, fence=None)

    def _assuming(self) -> AbstractContextManager[SqlWork]:
        """A transaction that believes what this process remembers, until it writes."""
        return self._open(read_only=False, fence=None, recent=self.recent)

    def fenced(self, fence: Fence) -> OpenWork:
        """Open transactions that commit only while `fence` lets them."""

        def open_work(*, read_only: bool = False) -> AbstractContextManager[Work]:
            return self._open(read_only=read_only, fence=fence)

        return open_work

    @contextmanager
    def _open(
        self, *, read_only: bool, fence: Fence | None, recent: Recent | None = None
    ) -> Iterator[SqlWork]:
        session = Session(
            self.connections, self.tenant_id, self.now(), read_only=read_only, recent=recent
        )
        work = SqlWork(session, self.rooms, self.shared, self.queue)
        try:
            yield work
            if read_only:
                _require_unchanged(session)
                return
            session.flush()
            session.require_verified()
            if fence is not None:
                fence(session)
            session.commit()
        except FAILURES as error:
            _tell(error)
        finally:
            session.close()
        self.recent.keep(session.remembered())
        work.committed()

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
        self.connections.close()
        self.database.dispose()


@contextmanager
def translated() -> Iterator[None]:
    """Turn what a database says into what the service says."""
    try:
        yield
    except FAILURES as error:
        _tell(error)


def _tell(error: Exception) -> NoReturn:
    """Raise what the service says instead; a mistake of ours stays what it is."""
    meant = refusal(error)
    if meant is None:
        raise error
    raise meant from error


def _require_unchanged(session: Session) -> None:
    changed = session.changed()
    if changed is not None:
        raise RuntimeError(f"changed in a read-only Work: {changed!r}")
