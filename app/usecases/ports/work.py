"""One transaction, and all that may take part in it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from app.domain.engine import Outcome, Vocabulary
from app.domain.instances import ProcessInstance
from app.domain.permissions import Actor
from app.usecases.ports.cases import Cases, Papers, PostalOrders
from app.usecases.ports.clocks import Calendars, Clocks
from app.usecases.ports.definitions import Definitions, Drafts
from app.usecases.ports.engine import Engine
from app.usecases.ports.files import Files
from app.usecases.ports.forms import Forms
from app.usecases.ports.instances import Batches, Incidents, Instances
from app.usecases.ports.people import Agencies, Notices, Passwords, Sessions, Users
from app.usecases.ports.procedures import Procedures, Registrations, Services
from app.usecases.ports.programs import Programs
from app.usecases.ports.queue import Jobs
from app.usecases.ports.replies import Replies
from app.usecases.ports.user_tasks import UserTasks
from app.usecases.ports.waiting import Inbox, JobsStore, StartEvents, Subscriptions, Timers

T = TypeVar("T")


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
    passwords: Passwords
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
