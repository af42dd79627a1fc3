"""What the use cases may ask for. This file is the map: each port explains its promise."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from app.domain.batches import Batch, BatchItem, ItemState
from app.domain.calendars import Calendar
from app.domain.cases import Case, CaseStatus, Paper, PostalOrder
from app.domain.clocks import Clock, ClockKind
from app.domain.connectors import Call, Descriptor
from app.domain.definitions import (
    DecisionDefinition,
    DefinitionEvent,
    Deployment,
    DiagramDraft,
    FileSet,
    ProcessDefinition,
)
from app.domain.engine import (
    DrawingStates,
    Due,
    ElementView,
    Modification,
    Outcome,
    Problem,
    ProcessOutline,
    Rehearsal,
    Snapshot,
    StartKind,
    Step,
    SubscriptionKind,
    Vocabulary,
)
from app.domain.forms import Submission
from app.domain.instances import (
    HistoryEntry,
    Incident,
    IncidentState,
    InstanceState,
    ProcessInstance,
)
from app.domain.migrations import Pairing, Standing
from app.domain.people import (
    Agency,
    AgencyPart,
    LoginAttempts,
    Notice,
    Role,
    Session,
    User,
)
from app.domain.permissions import Actor
from app.domain.procedures import (
    OnlineService,
    Procedure,
    RegistrationState,
    ServiceRegistration,
    ServiceVersion,
)
from app.domain.user_tasks import UserTask
from app.domain.waiting import Job, JobState, Message, StartEvent, Subscription, Timer

T = TypeVar("T")

# --- the engine room ------------------------------------------------------------------


class Program(Protocol):
    """One compiled process definition. Every method is a function: no I/O, no clock.

    `at` is the instant of the step (aware, UTC). A failing expression does not raise: its
    token is parked and the step carries an IncidentRaised. Raises InvalidState where the token
    is not waiting for what is asked.
    """

    definition_id: str
    key: str

    def start(
        self,
        variables: Mapping[str, Any],
        *,
        at: datetime,
        programs: "Programs",
        business_key: str | None = None,
        message: str | None = None,
        start_event: str | None = None,
        before: "Sequence[str]" = (),
        started_by: str | None = None,
    ) -> Step:
        """Begin an instance at its none start event, or at the start event of `message`.

        `start_event` names a start event by id (timer, signal, condition); `before` puts the
        tokens before these elements instead, as a modification does. `started_by` becomes the
        variable that `camunda:initiator` names.
        """

    def finish(
        self,
        snapshot: Snapshot,
        token: int,
        values: Mapping[str, Any],
        *,
        at: datetime,
        programs: "Programs",
    ) -> Step:
        """A user task, external job or receive task at `token` is done, with these variables."""

    def resume(self, snapshot: Snapshot, token: int, *, at: datetime, programs: "Programs") -> Step:
        """Go on from an async boundary (continuation job) or from an incident (retry)."""

    def fire_timer(
        self, snapshot: Snapshot, token: int, *, at: datetime, programs: "Programs"
    ) -> Step:
        """The timer at `token` is due."""

    def deliver(
        self,
        snapshot: Snapshot,
        token: int,
        payload: Mapping[str, Any],
        *,
        at: datetime,
        programs: "Programs",
        local: Mapping[str, Any] | None = None,
    ) -> Step:
        """The message or signal that `token` subscribed to has arrived.

        `payload` becomes process variables; `local` lives in the event that was waited for (an
        event sub-process, or the event with its output mappings) and goes with it.
        """

    def throw_error(
        self,
        snapshot: Snapshot,
        token: int,
        code: str,
        message: str,
        values: Mapping[str, Any],
        *,
        at: datetime,
        programs: "Programs",
    ) -> Step:
        """The work at `token` ended in a BPMN error; uncaught, it becomes an incident there."""

    def fail(
        self,
        snapshot: Snapshot,
        token: int,
        message: str,
        *,
        programs: "Programs | None" = None,
    ) -> Step:
        """Park `token` with an incident: its job has no attempt left.

        `programs` is needed where a call activity may be running.
        """

    def cancel(
        self, snapshot: Snapshot, *, at: datetime, programs: "Programs | None" = None
    ) -> Step:
        """End every token of the instance. `programs` as for `fail`."""

    def choose(
        self,
        snapshot: Snapshot,
        token: int,
        element: str,
        *,
        at: datetime,
        programs: "Programs",
    ) -> Step:
        """Begin one of the steps that an ad-hoc sub-process offers (`StepsOffered`).

        Raises InvalidState for a step that is not offered. `finish` closes the sub-process.
        """

    def set_variables(
        self,
        snapshot: Snapshot,
        values: Mapping[str, Any],
        *,
        at: datetime,
        programs: "Programs",
        scope: str = "0",
    ) -> Step:
        """Write variables from outside; conditional events may fire."""

    def modify(
        self,
        snapshot: Snapshot,
        change: Modification,
        *,
        at: datetime,
        programs: "Programs",
    ) -> Step:
        """End tokens and begin elements by hand. Raises InvalidState, InvalidInput.

        A scope in which nothing is left is cancelled, not completed; so is the instance.
        """

    def obstacles(
        self,
        snapshot: Snapshot,
        target: "Program",
        mapping: Mapping[str, str],
        *,
        programs: "Programs",
    ) -> list[Problem]:
        """What keeps the instance from moving to `target`: ids of elements, and why."""

    def migrate(
        self,
        snapshot: Snapshot,
        target: "Program",
        mapping: Mapping[str, str],
        *,
        at: datetime,
        programs: "Programs",
    ) -> Step:
        """Move the instance to `target`; elements keep their id unless `mapping` says otherwise.

        Tasks, jobs, timers and subscriptions keep their token and due time. The snapshot belongs
        to `target`. Raises InvalidState where `obstacles` finds any.
        """

    def pairings(self, target: "Program", also: Iterable[str] = ()) -> list[Pairing]:
        """What becomes of each element where tokens can stand (and of those named `also`)."""

    def standing(self, snapshot: Snapshot, *, programs: "Programs") -> list[Standing]:
        """The tokens of the instance, without those that only listen, from the outside in."""

    def form_keys(
        self, snapshot: Snapshot, *, at: datetime, programs: "Programs"
    ) -> dict[int, str | None]:
        """The form of each open user task, by token, as this definition says it now."""

    def start_due(self, element: str, *, at: datetime, fired: int) -> Due | None:
        """When a timer start event is due, having begun `fired` instances; None: not any more.

        Raises InvalidInput where its expression says no instant.
        """

    def active_elements(self, snapshot: Snapshot) -> list[str]:
        """Element ids that hold a token (leaves only), with repetition."""

    def elements(self) -> list[ElementView]:
        """The steps of the diagram in flow order."""


class Programs(Protocol):
    """Finds definitions, their forms and decisions; each compiled once, then cached."""

    def get(self, definition_id: str) -> Program:
        """Raises NotFound."""

    def title(self, definition_id: str) -> str:
        """What people call the process. Raises NotFound."""

    def form(self, definition_id: str, form_key: str) -> "Form":
        """The form that was deployed with a definition. Raises NotFound."""

    def called(
        self,
        key: str,
        *,
        by: str,
        binding: str = "latest",
        version: int | None = None,
        version_tag: str | None = None,
    ) -> Program:
        """The definition a call activity of definition `by` means. Raises NotFound."""

    def decide(
        self,
        decision_id: str,
        variables: Mapping[str, Any],
        *,
        by: str,
        at: datetime,
        binding: str = "latest",
        version: int | None = None,
        version_tag: str | None = None,
    ) -> Any:  # the result of a decision is a process variable
        """Evaluate a deployed decision. Raises NotFound, InvalidInput."""


class Engine(Protocol):
    """Reads, checks, compiles and draws diagrams."""

    def outline(self, bpmn: bytes) -> list[ProcessOutline]:
        """The executable processes of a file. Raises InvalidInput for malformed or hostile XML."""

    def decisions(self, dmn: bytes) -> list[tuple[str, str]]:
        """(id, name) of the decisions of a file. Raises InvalidInput."""

    def decision_tags(self, dmn: bytes) -> dict[str, str]:
        """By id, the version tags of those decisions of a file that carry one."""

    def check(self, files: Mapping[str, bytes], vocabulary: Vocabulary) -> list[Problem]:
        """Lint a whole set of files: .bpmn, .dmn, .form, .yaml. Never raises for bad content."""

    def rehearse(self, files: Mapping[str, bytes], at: datetime) -> list[Rehearsal]:
        """Play the processes of a set in memory, by its scenario files (`.yaml`).

        Without a scenario, every process is walked with plausible answers to each form.
        """

    def compile(self, definition_id: str, key: str, bpmn: bytes) -> Program:
        """Compile one process of a file. Raises InvalidInput where `check` reports an error."""

    def draw(self, bpmn: bytes, states: DrawingStates, *, title: str, around: int | None) -> str:
        """SVG; `around` crops to so many steps about the active ones."""


# --- forms ----------------------------------------------------------------------------


class Form(Protocol):
    """One form-js form, parsed."""

    @property
    def reads(self) -> frozenset[str]:
        """The names of variables that any part of it depends on."""

    def validate(self, typed: Mapping[str, Any], variables: Mapping[str, Any]) -> Submission:
        """Check and convert what was typed; `variables` feed conditions and defaults."""

    def view(
        self,
        values: Mapping[str, Any],
        variables: Mapping[str, Any],
        errors: Mapping[str, Sequence[str]],
        *,
        read_only: bool = False,
    ) -> Any:  # a tree of plain objects for the templates, see app/forms
        """What a page needs to draw the form."""


class Forms(Protocol):
    def check(self, file: str, source: bytes) -> list[Problem]:
        """Lint one `.form` file."""

    def read(self, source: bytes) -> Form:
        """Parse (cached by content). Raises InvalidInput."""


# --- the store ------------------------------------------------------------------------
#
# `get` raises NotFound, `find` returns None. Lists are paged and never scan history.
# Entities are tracked: what is changed within a Work is written when it commits.


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; `total` is counted by the same query as `items`."""

    items: list[T]
    total: int
    number: int  # from 1
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


class Repository(Protocol[T]):
    def get(self, key: str) -> T: ...
    def find(self, key: str) -> T | None: ...
    def add(self, thing: T) -> None: ...


class Files(Protocol):
    """Bytes by checksum: adding what is there already changes nothing."""

    def put(self, content: bytes, at: datetime) -> str:
        """Store and return the SHA-256."""

    def read(self, sha256: str) -> bytes:
        """Raises NotFound; raises InvalidState where the bytes no longer match their checksum."""

    def has(self, sha256: str) -> bool: ...
    def put_set(self, file_set: FileSet) -> None: ...
    def get_set(self, checksum: str) -> FileSet: ...
    def read_set(self, checksum: str) -> dict[str, bytes]: ...


@dataclass(frozen=True)
class ElementLoad:
    """What stands at one element over all instances of a definition."""

    element: str
    waiting: int  # open user tasks and pending jobs
    since: datetime | None  # the oldest of them
    incidents: int


class Definitions(Repository[ProcessDefinition], Protocol):
    def latest(self, key: str) -> ProcessDefinition | None: ...
    def version(self, key: str, version: int) -> ProcessDefinition | None: ...
    def tagged(self, key: str, version_tag: str) -> ProcessDefinition | None:
        """The version that carries the tag. Raises InvalidState where several do."""

    def in_deployment(self, deployment_id: str) -> list[ProcessDefinition]: ...
    def next_version(self, key: str) -> int:
        """The number the next version of `key` gets; locks the key until commit."""

    def keys(self) -> list[str]: ...
    def versions(self, key: str) -> list[ProcessDefinition]: ...
    def record(self, event: DefinitionEvent) -> None: ...
    def events(self, definition_id: str) -> list[DefinitionEvent]:
        """When a version was suspended and activated, newest first; at most 50."""

    def loads(self, definition_id: str) -> list[ElementLoad]:
        """Where the instances of a definition stand, in one query; the most loaded first."""

    def started_by_message(self, name: str) -> list[ProcessDefinition]:
        """Latest definitions whose start event waits for this message."""

    def add_deployment(self, deployment: Deployment) -> None: ...
    def deployment(self, deployment_id: str) -> Deployment: ...
    def add_decision(self, decision: DecisionDefinition) -> None: ...
    def latest_decision(self, key: str) -> DecisionDefinition | None: ...
    def decision_in(self, deployment_id: str, key: str) -> DecisionDefinition | None: ...
    def decision_version(self, key: str, version: int) -> DecisionDefinition | None: ...
    def tagged_decision(self, key: str, version_tag: str) -> DecisionDefinition | None:
        """As `tagged`."""

    def next_decision_version(self, key: str) -> int: ...


@dataclass(frozen=True)
class InstanceFilter:
    state: InstanceState | None = None
    definition_key: str | None = None
    definition_id: str | None = None  # one version
    search: str = ""  # by business key
    with_incidents: bool = False
    agency_ids: frozenset[str] | None = None  # None: all
    still_since: datetime | None = None  # active, and no step since then
    running: bool = False  # not over: active or suspended


class Instances(Repository[ProcessInstance], Protocol):
    def lock(self, instance_id: str) -> ProcessInstance:
        """Take the row lock and re-read: from here on what is read is true until commit."""

    def page(self, wanted: InstanceFilter, number: int, size: int) -> Page[ProcessInstance]: ...
    def codes(self, wanted: InstanceFilter, limit: int) -> list[tuple[str, str]]:
        """Ids and business keys alone, newest first: for commands to many."""

    def by_business_key(self, key: str) -> list[ProcessInstance]: ...
    def of_subject(self, kind: str, subject_id: str) -> list[ProcessInstance]:
        """Instances about a case or registration, oldest first."""

    def record(self, entries: Sequence[HistoryEntry]) -> None: ...
    def history(
        self,
        instance_id: str,
        *,
        kinds: Sequence[str] | None = None,
        limit: int = 500,
        before: int | None = None,
    ) -> list[HistoryEntry]:
        """Newest last; at most `limit` of the newest, or of those numbered below `before`."""

    def count_by_state(self) -> dict[str, int]: ...
    def count_running(self) -> dict[str, tuple[int, int]]:
        """By definition id: instances that have not ended, and how many of them have incidents."""


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


class JobsStore(Repository[Job], Protocol):
    """Promises to call (entities). What wakes a worker for them is the `Jobs` port."""

    def lock(self, job_id: str) -> Job: ...
    def at_token(self, instance_id: str, token: int) -> Job | None: ...
    def of_instance(self, instance_id: str) -> list[Job]: ...
    def stranded(self, now: datetime, limit: int) -> list[Job]:
        """Pending, due, and their lease (if any) lapsed: the sweeper wakes a worker for them.

        Without those that workers outside fetch for themselves.
        """

    def fetchable(self, topics: Sequence[str], now: datetime, limit: int) -> list[Job]:
        """What a worker outside may fetch, the highest `priority` first, then the oldest."""

    def page(self, state: JobState | None, number: int, size: int) -> Page[Job]: ...


class Timers(Repository[Timer], Protocol):
    def due(self, now: datetime, limit: int) -> list[Timer]: ...
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


class Incidents(Repository[Incident], Protocol):
    def page(
        self,
        state: IncidentState,
        number: int,
        size: int,
        *,
        search: str = "",
        group: tuple[str, str] | None = None,
    ) -> Page[Incident]:
        """`group` is one of `grouped`: exactly this message at this element."""

    def open_at(self, instance_id: str, token: int) -> Incident | None: ...
    def of_instance(self, instance_id: str) -> list[Incident]: ...
    def grouped(self) -> list[tuple[str, str, int]]:
        """Open ones by (message, element) with their number, most first."""


@dataclass(frozen=True)
class ClockFilter:
    """Which open clocks are watched: `late` ones, those that will be late (False), or both (None)."""

    kinds: frozenset[ClockKind]
    agency_ids: frozenset[str] | None = None  # None: all
    late: bool | None = None


@dataclass(frozen=True)
class ClockCount:
    """Running clocks of one kind at one agency: past due, and warned of but not yet due."""

    agency_id: str
    kind: ClockKind
    late: int
    soon: int
    running: int


class Clocks(Repository[Clock], Protocol):
    def running(self, subject_kind: str, subject_id: str, kind: ClockKind) -> Clock | None:
        """The running or paused one of this kind, if any."""

    def of_subject(self, subject_kind: str, subject_id: str) -> list[Clock]: ...
    def of_subjects(self, subject_kind: str, ids: Sequence[str]) -> list[Clock]: ...
    def to_warn(self, now: datetime, limit: int) -> list[Clock]:
        """Running, past warn_at, not warned yet."""

    def to_mark_overdue(self, now: datetime, limit: int) -> list[Clock]: ...
    def open_by_calendar(self, calendar_id: str) -> list[Clock]: ...
    def overdue_page(
        self, agency_ids: frozenset[str] | None, number: int, size: int
    ) -> Page[Clock]: ...
    def watched(self, wanted: ClockFilter, number: int, size: int, now: datetime) -> Page[Clock]:
        """Running clocks that are late or will be, by the very conditions of `counts`."""

    def counts(self, wanted: ClockFilter, now: datetime) -> list[ClockCount]:
        """By agency and kind, in one query."""


class Calendars(Repository[Calendar], Protocol):
    def for_agency(self, agency_id: str) -> Calendar:
        """The agency's own calendar, else the province's."""

    def all(self) -> list[Calendar]: ...
    def save(self, calendar: Calendar, *, expected_version: int) -> None:
        """Replace; raises Conflict where somebody saved in between."""


class Agencies(Repository[Agency], Protocol):
    def all(self) -> list[Agency]: ...
    def by_part(self, part: AgencyPart) -> Agency: ...


class Users(Repository[User], Protocol):
    def by_username(self, username: str) -> User | None: ...
    def holding(self, role: Role, agency_id: str, unit: str | None = None) -> list[User]: ...
    def at_agency(self, agency_id: str) -> list[User]: ...
    def all(self) -> list[User]: ...


class Sessions(Protocol):
    def add(self, session: Session) -> None: ...
    def find(self, token_hash: str) -> Session | None: ...
    def remove(self, token_hash: str) -> None: ...
    def remove_expired(self, now: datetime) -> int: ...
    def attempts(self, key: str) -> LoginAttempts | None: ...
    def keep_attempts(self, attempts: LoginAttempts) -> None: ...
    def forget_attempts(self, key: str) -> None: ...


class Notices(Protocol):
    def add(self, notice: Notice) -> bool:
        """Give it; False where the same `dedup` was given to that person already."""

    def page(self, user_id: str, number: int, size: int) -> Page[Notice]: ...
    def unread(self, user_id: str) -> int: ...
    def mark_read(self, user_id: str, now: datetime) -> None: ...


class Procedures(Repository[Procedure], Protocol):
    def all(self) -> list[Procedure]: ...
    def at_agency(self, agency_id: str) -> list[Procedure]: ...


class Services(Repository[OnlineService], Protocol):
    def of_procedure(self, procedure_id: str, agency_id: str) -> OnlineService | None: ...
    def page(self, search: str, number: int, size: int) -> Page[OnlineService]: ...
    def live_at(self, agency_id: str) -> list[OnlineService]: ...
    def lock(self, service_id: str) -> OnlineService: ...
    def add_version(self, version: ServiceVersion) -> None: ...
    def versions(self, service_id: str) -> list[ServiceVersion]: ...
    def version(self, service_id: str, number: int) -> ServiceVersion | None: ...
    def version_of_registration(self, registration_id: str) -> ServiceVersion | None: ...


class Registrations(Repository[ServiceRegistration], Protocol):
    def of_procedure(self, procedure_id: str, agency_id: str) -> list[ServiceRegistration]: ...
    def lock(self, registration_id: str) -> ServiceRegistration: ...
    def page(
        self,
        agency_ids: frozenset[str] | None,
        state: RegistrationState | None,
        search: str,
        number: int,
        size: int,
    ) -> Page[ServiceRegistration]: ...


class Cases(Repository[Case], Protocol):
    def by_code(self, code: str) -> Case | None: ...
    def lock(self, case_id: str) -> Case: ...
    def next_number(self, agency_code: str, day: date) -> int:
        """Next number of the day for the agency; serialised until commit (domain.md §2.4)."""

    def page(
        self,
        agency_ids: frozenset[str] | None,
        search: str,
        number: int,
        size: int,
        *,
        status: CaseStatus | None = None,
    ) -> Page[Case]: ...
    def not_accepted(self, service_id: str) -> list[Case]: ...


class Papers(Repository[Paper], Protocol):
    def of_subject(self, subject_kind: str, subject_id: str) -> list[Paper]: ...


class PostalOrders(Repository[PostalOrder], Protocol):
    def by_item(self, item_code: str) -> PostalOrder | None: ...
    def of_case(self, case_id: str) -> list[PostalOrder]: ...


class Drafts(Repository[DiagramDraft], Protocol):
    def page(self, agency_ids: frozenset[str], number: int, size: int) -> Page[DiagramDraft]: ...
    def remove(self, draft: DiagramDraft) -> None: ...


class Replies(Protocol):
    """Answers kept by idempotency key (API): the same question gets the same answer."""

    def find(self, scope: str, key: str) -> tuple[str, int, str] | None:
        """(SHA-256 of the request body, status, response body), if the key was used."""

    def keep(self, scope: str, key: str, body_hash: str, status: int, body: str) -> None:
        """Raises Conflict where the key was used meanwhile."""


class Batches(Repository[Batch], Protocol):
    """Commands for many instances; their items are worked off in the order they were added."""

    def lock(self, batch_id: str) -> Batch: ...
    def page(self, number: int, size: int) -> Page[Batch]:
        """Newest first."""

    def add_items(self, items: Sequence[BatchItem]) -> None: ...
    def item(self, item_id: str) -> BatchItem: ...
    def next_item(self, batch_id: str) -> BatchItem | None:
        """The first one whose turn has not come."""

    def items(
        self, batch_id: str, state: ItemState | None, number: int, size: int
    ) -> Page[BatchItem]: ...
    def leave_out(self, batch_id: str) -> None:
        """Mark every item that still waits: the batch was cancelled."""


# --- work to be done later --------------------------------------------------------------


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


# --- one transaction --------------------------------------------------------------------


@dataclass(frozen=True)
class SubjectView:
    """What an instance is about, in the words of a task list."""

    name: str  # procedure or service
    person: str  # owner of the case, or the registering agency
    href: str


class House(Protocol):
    """What the service itself does for a diagram: the operations of `lien_mach.…`.

    They run inside the transaction of the step that led to them.
    """

    def perform(
        self,
        work: "Work",
        instance: ProcessInstance,
        topic: str,
        parameters: Mapping[str, Any],
        actor: Actor,
    ) -> dict[str, Any]:
        """Perform and return the results as process variables. Raises domain errors."""

    def describe(self, work: "Work", instance: ProcessInstance) -> SubjectView: ...
    def instance_ended(self, work: "Work", instance: ProcessInstance, outcome: Outcome) -> None: ...


class Work(Protocol):
    """One transaction and all that may take part in it (style.md, rule 6)."""

    files: Files
    definitions: Definitions
    instances: Instances
    user_tasks: UserTasks
    jobs: JobsStore
    timers: Timers
    subscriptions: Subscriptions
    start_events: StartEvents
    inbox: Inbox
    incidents: Incidents
    clocks: Clocks
    calendars: Calendars
    agencies: Agencies
    users: Users
    sessions: Sessions
    notices: Notices
    procedures: Procedures
    services: Services
    registrations: Registrations
    cases: Cases
    papers: Papers
    postal_orders: PostalOrders
    drafts: Drafts
    replies: Replies
    batches: Batches
    queue: Jobs
    programs: Programs
    engine: Engine
    forms: Forms
    passwords: "Passwords"
    house: House
    vocabulary: Vocabulary  # roles, agencies, topics, clocks; process keys are added per check
    tenant_id: str

    def now(self) -> datetime:
        """The instant of this transaction (aware, UTC)."""

    def new_id(self) -> str:
        """A time-ordered identifier (UUIDv7)."""

    def new_secret(self, length: int) -> str:
        """Random characters that people can read out: no 0/O, 1/I/L."""


class OpenWork(Protocol):
    def __call__(self, *, read_only: bool = False) -> AbstractContextManager[Work]:
        """One transaction: commits at its end, rolls back when an error leaves it."""


class Together(Protocol):
    def __call__(self, task_id: str, act: Callable[[Work], T]) -> T:
        """Carry out a command about a user task, in one transaction with others that arrive now.

        Its outcome is its own: the refusal of one does not touch the others. `act` may be called
        a second time, after a first one of which nothing was kept.
        """


class Passwords(Protocol):
    def hash(self, password: str) -> str: ...
    def verify(self, stored: str, password: str) -> bool:
        """Takes the same time whether or not it matches."""


class Connectors(Protocol):
    """The outside systems by topic "connector.operation"."""

    def call(self, topic: str, call: Call) -> dict[str, Any]:
        """Raises TemporaryFailure, Postponed, PermanentFailure or BusinessError."""

    def descriptors(self) -> tuple[Descriptor, ...]: ...
