"""What one instance is at this moment: scopes, and the tokens in them.

A scope is a place where tokens and variables live: the process, a called process, a sub-process,
the body of a multi-instance activity, or one activity that has variables of its own. A token
stands at one node of one scope. A token that owns a scope waits for what happens inside it; a
listener (boundary event, event sub-process, event after a gateway) is a token too.
"""

from typing import Any

from app.domain.engine import ROOT_SCOPE
from app.engine.graph import Container, Node, Process

RUNNING = "r"
TASK = "t"
JOB = "j"
ASYNC = "a"
TIMER = "w"
MESSAGE = "m"
SIGNAL = "s"
CONDITION = "c"
JOINING = "g"
OWNING = "o"
EVENTS = "e"  # waits for its listeners: event-based gateway, multiple event
UNDOING = "k"  # waits for compensation handlers
INCIDENT = "x"
GONE = ""

OFFERING = "offering"
"""In the data of an ad-hoc sub-process: a user task at its token asks what to do next."""

BOUNDARY = "b"
ALTERNATIVE = "g"  # an event after an event-based gateway
PART = "p"  # one of several events of a multiple event
STARTER = "e"  # start event of an event sub-process
INSTANCE = "i"  # one round of a multi-instance activity
HANDLER = "h"  # a compensation handler at work
LISTENERS = frozenset((BOUNDARY, ALTERNATIVE, PART, STARTER))

PROCESS = "p"
SUBPROCESS = "s"
BODY = "b"
LOCAL = "l"


OUTSIDE = frozenset(
    (
        "enter",
        "begin",
        "begin_loop",
        "depart",
        "depart_by",
        "depart_later",
        "instance_done",
        "handled",
    )
)
"""Operations before an activity has started, or after it has ended."""


class Token:
    """`begun` is true from the moment an activity has started until it has ended."""

    __slots__ = (
        "begun",
        "data",
        "host",
        "id",
        "inner",
        "listeners",
        "node",
        "op",
        "role",
        "scope",
        "status",
    )

    def __init__(self, identifier: int, node: Node, scope: "Scope", role: str = "") -> None:
        self.id = identifier
        self.node = node
        self.scope = scope
        self.role = role
        self.status = RUNNING
        self.begun = False
        self.op = ""
        self.host: Token | None = None
        self.inner: Scope | None = None
        self.listeners: list[Token] = []
        self.data: dict[str, Any] = {}

    @property
    def is_listener(self) -> bool:
        return self.role in LISTENERS

    @property
    def home(self) -> "Scope":
        """Where the activity's own variables live."""
        return self.inner or self.scope

    @property
    def ground(self) -> "Scope":
        """What an event on the activity can see: a called process keeps its variables to itself."""
        inner = self.inner
        if inner is not None and inner.kind == PROCESS:
            inner = inner.parent
        return inner or self.scope


class Scope:
    __slots__ = (
        "container",
        "data",
        "definition",
        "id",
        "joins",
        "kind",
        "live",
        "owner",
        "parent",
        "process",
        "records",
        "tokens",
    )

    def __init__(
        self,
        identifier: str,
        kind: str,
        process: Process,
        *,
        parent: "Scope | None" = None,
        owner: Token | None = None,
        container: Container | None = None,
        definition: str | None = None,
    ) -> None:
        self.id = identifier
        self.kind = kind
        self.process = process
        self.parent = parent
        self.owner = owner
        self.container = container
        self.definition = definition
        self.tokens: dict[int, Token] = {}
        self.live = 0
        self.joins: dict[str, list[Token]] = {}
        self.records: list[dict[str, Any]] = []
        self.data: dict[str, Any] = {}

    def add(self, token: Token) -> None:
        self.tokens[token.id] = token
        if token.role not in LISTENERS:
            self.live += 1

    def remove(self, token: Token) -> None:
        del self.tokens[token.id]
        if token.role not in LISTENERS:
            self.live -= 1


class State:
    """All scopes and tokens, with the indexes that make every step cheap."""

    def __init__(self, root: Scope) -> None:
        self.root = root
        self.next = 1
        self.scopes: dict[str, Scope] = {root.id: root}
        self.tokens: dict[int, Token] = {}
        self.conditions: dict[int, Token] = {}
        self.joins: set[tuple[str, str]] = set()  # (scope, inclusive or complex join) that wait

    def number(self) -> int:
        number = self.next
        self.next = number + 1
        return number


def new_state(process: Process) -> State:
    return State(Scope(ROOT_SCOPE, PROCESS, process, container=process.root))
