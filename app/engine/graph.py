"""A compiled process: nodes, flows and containers, built once and never changed by a run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from app.engine.expressions import Formula, Value


class Behaviour(Protocol):
    """What a kind of node does when a token has begun it."""

    def __call__(self, run: Any, token: Any) -> None: ...


@dataclass(eq=False, slots=True)
class Flow:
    id: str
    source: "Node"
    target: "Node"
    condition: Formula | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One event definition, ready to be awaited or thrown.

    `kind`: message, signal, timer, conditional, error, escalation, compensate, cancel,
    terminate, link.
    """

    kind: str
    name: Value | None = None
    code: Value | None = None
    key: Value | None = None
    timer: str = ""  # date, duration, cycle
    condition: Formula | None = None
    activity: str | None = None
    wait: bool = True
    code_variable: str | None = None
    message_variable: str | None = None
    message: Value | None = None
    variable_name: str | None = None
    variable_events: frozenset[str] = frozenset()
    payload: tuple["Pass", ...] = ()
    job: "Job | None" = None
    later: bool = False  # a signal that is delivered by a job


@dataclass(frozen=True, slots=True)
class Pass:
    """One `in`/`out` mapping: everything, or a value under a name."""

    everything: bool = False
    source: str | None = None
    formula: Value | None = None
    target: str | None = None
    business_key: Value | None = None
    local: bool = False


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a job is tried, and the pauses between, in seconds; or the formula for both."""

    retries: int | None = None
    every: tuple[float, ...] = ()
    written: Formula | None = None


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """An external task that ends in a BPMN error when `condition` holds on its result."""

    code: Value | None
    message: Value | None
    condition: Formula | None


@dataclass(frozen=True, slots=True)
class Job:
    topic: Value
    priority: Value | None = None
    errors: tuple[ErrorRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """What a user task says about who does it, how and until when."""

    form_key: Value | None = None
    assignee: Value | None = None
    users: tuple[Value, ...] = ()
    groups: tuple[Value, ...] = ()
    due: Value | None = None
    follow_up: Value | None = None
    priority: Value | None = None
    agency: str | None = None
    unit: Value | None = None
    public_name: str | None = None


BINDINGS = ("latest", "deployment", "version", "versionTag")
"""How a call or a decision says which version it means."""


@dataclass(frozen=True, slots=True)
class Decision:
    reference: Value
    binding: str = "latest"
    version: Value | None = None
    version_tag: Value | None = None
    result: str | None = None
    mapping: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    element: Value
    binding: str = "latest"
    version: Value | None = None
    version_tag: Value | None = None
    passed_in: tuple[Pass, ...] = ()
    handed_back: tuple[Pass, ...] = ()
    handed_locally: tuple[Pass, ...] = ()  # into variables of the call activity itself


@dataclass(frozen=True, slots=True)
class Loop:
    """Multi-instance or standard loop."""

    sequential: bool
    standard: bool = False
    cardinality: Formula | None = None
    collection: "Value | str | None" = None
    element: str | None = None
    completion: Formula | None = None
    output: str | None = None
    output_item: str | None = None
    test_before: bool = False
    maximum: int | None = None
    async_before: bool = False
    async_after: bool = False
    retry: Retry = Retry()


Mapped = Value | tuple["Mapped", ...] | dict[str, Any]
"""A mapped value: a formula, a tuple of mapped values, or a map with formulas as keys."""


@dataclass(eq=False, slots=True)
class Node:
    """One element. Everything a run asks for is a plain attribute."""

    id: str
    name: str
    kind: str
    container: "Container"
    behave: Behaviour
    order: int = 0
    lane: str | None = None
    outgoing: tuple[Flow, ...] = ()
    incoming: int = 0
    default: Flow | None = None
    events: tuple[Event, ...] = ()
    parallel_multiple: bool = False
    boundaries: tuple["Node", ...] = ()
    listening: tuple["Node", ...] = ()  # boundaries that wait: all but error, escalation, …
    host: "Node | None" = None  # of a boundary event
    interrupting: bool = True
    inside: "Container | None" = None
    inputs: tuple[tuple[str, Mapped], ...] = ()
    outputs: tuple[tuple[str, Mapped], ...] = ()
    local: bool = False  # the activity has variables of its own
    plain: bool = False  # no scope, listeners, mappings, loop, clocks or async boundary
    loop: Loop | None = None
    enter_clocks: tuple[tuple[str, str], ...] = ()
    leave_clocks: tuple[tuple[str, str], ...] = ()
    async_before: bool = False
    async_after: bool = False
    retry: Retry = Retry()
    job_priority: Value | None = None
    work: Work | None = None
    job: Job | None = None
    decision: Decision | None = None
    call: Call | None = None
    formula: Value | None = None  # camunda:expression, activation condition
    result: str | None = None
    initiator: str | None = None
    script: tuple[tuple[str, Formula], ...] = ()
    completion: Formula | None = None  # ad-hoc
    ordered: bool = False
    cancel_remaining: bool = True
    compensator: "Node | None" = None  # handler of a compensation boundary
    compensates: "Node | None" = None  # the activity whose handler this is
    for_compensation: bool = False
    jump: "Node | None" = None  # where a throwing link event leads
    gathers: bool = False  # an inclusive or complex join: tokens remember how they came
    feeds: dict[str, frozenset[str]] | None = None  # its flows in: the nodes that lead to each

    @property
    def is_activity(self) -> bool:
        return not self.kind.endswith(("Event", "Gateway"))


@dataclass(eq=False, slots=True)
class Container:
    """The inside of a process or a sub-process."""

    node: Node | None
    process: "Process"
    nodes: list[Node] = field(default_factory=list)
    starts: list[Node] = field(default_factory=list)
    event_subprocesses: list[Node] = field(default_factory=list)
    compensation_handler: Node | None = None  # event sub-process started by compensation

    @property
    def none_start(self) -> Node | None:
        return next((start for start in self.starts if not start.events), None)

    @property
    def default_start(self) -> Node | None:
        """Where an instance begins that is started by hand: none event, timer, or the only one."""
        if self.none_start is not None:
            return self.none_start
        timers = [one for one in self.starts if one.events[0].kind == "timer"]
        for candidates in (timers, self.starts):
            if len(candidates) == 1:
                return candidates[0]
        return None


@dataclass(eq=False, slots=True)
class Process:
    key: str
    name: str
    root: Container = field(init=False)
    nodes: dict[str, Node] = field(default_factory=dict)
    version_tag: str | None = None
    job_priority: Value | None = None
    task_priority: Value | None = None
    ends_uncaught: bool = False  # an error that nobody catches ends its token; else an incident


Operation = Callable[[Any, Any], None]
