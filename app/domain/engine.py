"""What passes between the use cases and the engine room: snapshots, steps and facts.

The engine is a function: a snapshot and a command go in, a snapshot and facts come out
(style.md, rule 8). Facts are past tense and become rows in the same transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

ROOT_SCOPE = "0"


@dataclass(frozen=True)
class Snapshot:
    """The engine's whole memory of one instance.

    `tokens` is opaque, written by a versioned codec and engine-neutral (element ids, scopes,
    counters). `variables` maps a scope id to the names that live in it; the process scope is
    `ROOT_SCOPE`. A user's data never passes through the token codec.
    """

    tokens: bytes
    variables: dict[str, dict[str, Any]]

    @property
    def root(self) -> dict[str, Any]:
        return self.variables.get(ROOT_SCOPE, {})


@dataclass(frozen=True)
class WorkingDuration:
    """A length the calendar has to measure: "16 working_hour", "7 working_day", "5 calendar_day"."""

    value: int
    unit: str


Due = datetime | WorkingDuration


class SubscriptionKind(StrEnum):
    MESSAGE = "message"
    SIGNAL = "signal"
    CONDITION = "condition"


class JobKind(StrEnum):
    EXTERNAL = "external"  # a service task: topic names "connector.operation"
    FETCHED = "fetched"  # a service task whose topic a worker outside asks for (Vocabulary.fetched)
    CONTINUATION = "continuation"  # asyncBefore / asyncAfter: only wake the token


class StartKind(StrEnum):
    """What a start event waits for; one without an event waits for nobody."""

    MESSAGE = "message"
    SIGNAL = "signal"
    TIMER = "timer"
    CONDITION = "condition"


class Outcome(StrEnum):
    COMPLETED = "completed"
    TERMINATED = "terminated"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class Fact:
    """Something that happened at a token: past tense, nobody changes it.

    Not frozen, because a step makes a dozen of them and each would take twice as long.
    """

    token: int
    element: str


@dataclass(slots=True)
class ActivityStarted(Fact):
    kind: str  # BPMN local name: userTask, exclusiveGateway, …
    name: str
    scope: str
    inner: str = ""  # the scope that the token owns, where it has one


@dataclass(slots=True)
class ActivityEnded(Fact):
    cancelled: bool = False


@dataclass(slots=True)
class FlowTaken(Fact):
    """`element` is the id of the sequence flow."""


@dataclass(slots=True)
class VariablesSet(Fact):
    scope: str
    values: dict[str, Any]


@dataclass(slots=True)
class UserTaskOpened(Fact):
    """A person has to act. Expressions are evaluated already; groups are role names."""

    name: str
    form_key: str | None = None
    assignee: str | None = None
    candidate_users: tuple[str, ...] = ()
    candidate_groups: tuple[str, ...] = ()
    agency: str | None = None  # lm:agency of the task or its lane: provider, portal_manager, vendor
    unit: str | None = None  # lm:unit
    lane: str | None = None
    due: Due | None = None
    follow_up: Due | None = None
    priority: int = 50
    public_name: str | None = None  # lm:publicName: what a citizen may read


@dataclass(slots=True)
class UserTaskClosed(Fact):
    cancelled: bool = False


@dataclass(slots=True)
class JobCreated(Fact):
    kind: JobKind
    topic: str
    parameters: dict[str, Any] = field(default_factory=dict)
    retries: int | None = None  # from the retry cycle; None = the worker's default
    retry_every: tuple[float, ...] = ()  # seconds, growing; empty = the worker's default
    priority: int = 50
    scope: str = ""  # where the token stands; of a continuation


@dataclass(slots=True)
class JobClosed(Fact):
    """The token no longer waits for its job."""


@dataclass(slots=True)
class TimerStarted(Fact):
    due: Due


@dataclass(slots=True)
class TimerClosed(Fact):
    """The token no longer waits for its timer."""


@dataclass(slots=True)
class SubscriptionOpened(Fact):
    kind: SubscriptionKind
    name: str
    key: str | None = None  # correlation key; None = by business key


@dataclass(slots=True)
class SubscriptionClosed(Fact):
    """The token no longer waits for its event."""


@dataclass(slots=True)
class MessageThrown(Fact):
    name: str
    key: str | None
    payload: dict[str, Any]


@dataclass(slots=True)
class SignalThrown(Fact):
    """To be brought to every subscription and start event of that name, of any other instance.

    The instance's own tokens have heard it already, unless it is thrown `later`.
    """

    name: str
    payload: dict[str, Any]
    business_key: str | None = None  # of the instances that the signal starts
    later: bool = False  # by a job for each receiver, not in the same transaction


@dataclass(slots=True)
class ClockTouched(Fact):
    """An element carries `lm:clock`: a legal clock starts, stops, pauses, resumes or restarts."""

    kind: str  # K1 … K15
    action: str


@dataclass(slots=True)
class IncidentRaised(Fact):
    """The token could not go on and is parked where it stood."""

    message: str
    scope: str = ""


@dataclass(slots=True)
class IncidentCleared(Fact):
    """The parked token went on."""


@dataclass(slots=True)
class CalledInstanceStarted(Fact):
    """A call activity opened a scope that runs another definition, in the same snapshot."""

    scope: str
    definition_id: str


@dataclass(slots=True)
class CalledInstanceEnded(Fact):
    scope: str
    outcome: Outcome


@dataclass(slots=True)
class StepsOffered(Fact):
    """An ad-hoc sub-process waits for people to choose among its steps (`Program.choose`)."""

    elements: tuple[str, ...]


@dataclass(slots=True)
class CalledInstanceMigrated(Fact):
    """A process that was called goes on by another definition; its caller waits for it still."""

    scope: str
    definition_id: str


@dataclass(slots=True)
class TokenMigrated(Fact):
    """The process moved to another version, where this token's element has another id or place.

    `to_scope` is where it stands now, where that is another scope.
    """

    to_element: str
    to_scope: str = ""


@dataclass(frozen=True)
class Modification:
    """What a person changes by hand in a running instance: tokens to end, places to begin."""

    cancel: tuple[int, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(slots=True)
class InstanceEnded(Fact):
    outcome: Outcome


@dataclass(frozen=True)
class Surroundings:
    """What is about a token: the definition its process runs by, and the variables it can see."""

    definition_id: str
    variables: dict[str, Any]


@dataclass(frozen=True)
class Step:
    """One move: what the instance is now, and what the move brought about, in order."""

    snapshot: Snapshot
    facts: tuple[Fact, ...]


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """What the lint found: `file` and `element_id` say where, `message` is Vietnamese."""

    severity: Severity
    code: str
    message: str
    file: str = ""
    element_id: str = ""


WORKER_TOPICS = "worker."
"""What the topics begin with whose tasks are fetched and done by programs outside, over the API."""


@dataclass(frozen=True)
class Vocabulary:
    """What a diagram may name: anything else in it is refused at deployment."""

    roles: frozenset[str]
    agencies: frozenset[str]  # provider, portal_manager, vendor
    topics: Mapping[str, frozenset[str]]  # "connector.operation" -> required parameter names
    clocks: frozenset[str]
    process_keys: frozenset[str] = frozenset()  # callable processes already deployed

    def fetched(self, topic: str) -> bool:
        """Say whether a worker outside fetches the tasks of a topic; no connector is called."""
        return topic.startswith(WORKER_TOPICS)


@dataclass(frozen=True)
class ElementView:
    """One step of a diagram as a list shows it."""

    id: str
    name: str
    kind: str
    lane: str | None
    next_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class StartOutline:
    """A start event that begins instances by itself: the element, and what it waits for.

    `name` is that of the message or signal.
    """

    element: str
    kind: StartKind
    name: str = ""


@dataclass(frozen=True)
class ProcessOutline:
    """What a BPMN file declares about one executable process in it."""

    key: str
    name: str
    version_tag: str | None
    start_form_key: str | None
    form_keys: frozenset[str]
    start_messages: tuple[str, ...] = ()
    start_signals: tuple[str, ...] = ()
    start_timers: tuple[str, ...] = ()
    starts: tuple[StartOutline, ...] = ()
    history_days: int | None = None


@dataclass(frozen=True)
class Rehearsal:
    """One scenario played in memory: where it went, and what was not as expected."""

    name: str
    ok: bool
    steps: tuple[str, ...]
    message: str = ""


@dataclass(frozen=True)
class DrawingStates:
    """How elements of a drawn diagram are marked."""

    done: frozenset[str] = frozenset()
    active: frozenset[str] = frozenset()
    incident: frozenset[str] = frozenset()
    cancelled: frozenset[str] = frozenset()
    flows: frozenset[str] = frozenset()
    badges: Mapping[str, int] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
