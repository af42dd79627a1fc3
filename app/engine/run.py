"""One step of one instance: what an operation may do to tokens, scopes, variables and facts.

Operations are named (`push("leave", token)`), so that a token parked by a fault can be taken up
again where it stood, and so that no chapter of BPMN has to import another.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from app.domain.engine import (
    ActivityEnded,
    ActivityStarted,
    CalledInstanceEnded,
    ClockTouched,
    Fact,
    FlowTaken,
    IncidentCleared,
    IncidentRaised,
    InstanceEnded,
    JobClosed,
    JobCreated,
    JobKind,
    Outcome,
    SubscriptionClosed,
    TimerClosed,
    UserTaskClosed,
)
from app.engine.expressions import Formula, Literal, Value
from app.engine.faults import Fault
from app.engine.formulas import parse_retry
from app.engine.graph import Mapped, Node, Retry
from app.engine.scopes import Variables
from app.engine.state import (
    ASYNC,
    BODY,
    CONDITION,
    GONE,
    INCIDENT,
    INSTANCE,
    JOB,
    JOINING,
    MESSAGE,
    OFFERING,
    PROCESS,
    RUNNING,
    SIGNAL,
    TASK,
    TIMER,
    Scope,
    State,
    Token,
)
from app.feel import Purse

MAX_STEPS = 10_000_000
"""What all expressions and decisions of one step may spend together; about five seconds."""
MAX_MESSAGE = 2_000
"""Characters of an incident's message; a value that is quoted in it may be of any length."""
MAX_WORD = 500
"""Characters of a message's or signal's name, and of a correlation key."""
MAX_NUMBER = 2**31 - 1
"""Priorities and versions are kept as 32-bit integers."""
Operation = Callable[["Run", Token], None]
OPERATIONS: dict[str, Operation] = {}


def operation(function: Operation) -> Operation:
    """Give an operation its name in the stack, and in the state of a parked token."""
    OPERATIONS[function.__name__] = function
    return function


class Run:
    """One step of one instance."""

    __slots__ = (
        "at",
        "definition_id",
        "facts",
        "programs",
        "purse",
        "stack",
        "state",
        "telling",
        "told",
        "variables",
    )

    def __init__(
        self,
        state: State,
        variables: Variables,
        *,
        at: datetime,
        programs: Any,
        definition_id: str,
    ) -> None:
        self.state = state
        self.variables = variables
        self.at = at
        self.programs = programs
        self.definition_id = definition_id
        self.facts: list[Fact] = []
        self.stack: list[tuple[str, Token]] = []
        self.purse = Purse(MAX_STEPS)
        self.telling: list[Token] = []  # who waited for a signal that has just been thrown
        self.told: dict[int, Mapping[str, Any]] = {}  # what it brings them, until they hear it

    def push(self, op: str, token: Token) -> None:
        """Do `op` with `token` next, before what was pushed earlier."""
        self.stack.append((op, token))

    # --- facts and values ---------------------------------------------------------------

    def value(
        self, written: Value | None, scope: Scope, about: Mapping[str, Any] | None = None
    ) -> Any:
        """Evaluate in `scope`; `about` are names that only this expression sees."""
        if written is None:
            return None
        if isinstance(written, Literal):
            return written.value
        return written.get(partial(self.variables.find, scope, about=about), self.at, self.purse)

    def spend(self, steps: int) -> None:
        """Pay for what was evaluated elsewhere. Raises Fault when nothing is left."""
        self.purse.left -= steps
        if self.purse.left < 0:
            raise Fault("Các quyết định của bước này tính quá nhiều nên bị dừng.")

    def word(self, written: Value | None, scope: Scope) -> str | None:
        """A name or key by which things find each other. Raises Fault for one that no index holds."""
        found = self.text(written, scope)
        if found is not None and len(found) > MAX_WORD:
            raise Fault(f"Tên hoặc mã dài quá {MAX_WORD} ký tự: “{found[:50]}…”")
        return found

    def text(self, written: Value | None, scope: Scope) -> str | None:
        found = self.value(written, scope)
        return None if found is None else str(found)

    def holds(
        self, written: Value | None, scope: Scope, about: Mapping[str, Any] | None = None
    ) -> bool:
        """Whether a condition is true; anything but true or false is a fault."""
        found = self.value(written, scope, about)
        if found is None or found is False:
            return False
        if found is True:
            return True
        source = getattr(written, "source", "")
        raise Fault(f"Điều kiện {source} phải cho đúng hoặc sai, không phải {found!r}")

    def set(self, token: Token, scope: Scope, values: Mapping[str, Any]) -> None:
        """Write variables where they live already, or else into the process."""
        self.facts.extend(self.variables.set(token, scope, values))

    def set_local(self, token: Token, scope: Scope, values: Mapping[str, Any]) -> None:
        self.facts.extend(self.variables.set_local(token, scope, values))

    def tell(self, name: str, payload: Mapping[str, Any]) -> None:
        """A signal is thrown: whoever waits for it in this instance will hear it."""
        for token in self.state.tokens.values():
            if token.status == SIGNAL and self.signal_of(token) == name:
                self.telling.append(token)
                self.told[token.id] = payload

    def signal_of(self, token: Token) -> str:
        """The name that a token waits for: as it was computed when it began to wait."""
        computed: str | None = token.data.get("signal")
        if computed is not None:
            return computed
        part: int = token.data.get("part", 0)
        written = token.node.events[part].name
        return str(written.value) if isinstance(written, Literal) else ""

    # --- tokens -------------------------------------------------------------------------

    def new_token(self, node: Node, scope: Scope, role: str = "") -> Token:
        token = Token(self.state.number(), node, scope, role)
        self.state.tokens[token.id] = token
        scope.add(token)
        return token

    def new_scope(self, kind: str, owner: Token, **more: Any) -> Scope:
        scope = Scope(
            str(self.state.number()),
            kind,
            more.pop("process", owner.scope.process),
            parent=owner.home,
            owner=owner,
            **more,
        )
        self.state.scopes[scope.id] = scope
        owner.inner = scope
        return scope

    def remove(self, token: Token) -> None:
        token.status = GONE
        del self.state.tokens[token.id]
        token.scope.remove(token)
        host = token.host
        if host is not None and token in host.listeners:
            host.listeners.remove(token)

    def drop_scope(self, scope: Scope) -> None:
        """Forget an empty scope and its variables; a called process stands in its caller's."""
        del self.state.scopes[scope.id]
        self.variables.drop(scope)
        owner, parent = scope.owner, scope.parent
        if owner is not None:
            owner.inner = parent if parent is not None and parent.owner is owner else None

    def close_inside(self, token: Token) -> None:
        """Forget what is inside an activity that has ended; only listeners can be left there."""
        while token.inner is not None:
            self.cancel_inside(token.inner)
            self.drop_scope(token.inner)

    def flow_taken(self, token: Token, flow: str) -> None:
        self.facts.append(FlowTaken(token.id, flow))

    def started(self, token: Token) -> None:
        node = token.node
        token.begun = True
        inner = token.inner.id if token.inner is not None else ""
        self.facts.append(
            ActivityStarted(token.id, node.id, node.kind, node.name, token.scope.id, inner)
        )
        for kind, action in node.enter_clocks:
            self.facts.append(ClockTouched(token.id, node.id, kind, action))

    def ended(self, token: Token) -> None:
        node = token.node
        token.begun = False
        for kind, action in node.leave_clocks:
            self.facts.append(ClockTouched(token.id, node.id, kind, action))
        self.facts.append(ActivityEnded(token.id, node.id))

    def wait(self, token: Token, status: str, op: str = "") -> None:
        token.status = status
        token.op = op
        if status == CONDITION:
            self.state.conditions[token.id] = token

    def park(self, token: Token, op: str, message: str) -> None:
        """Leave the token where it stands, with an incident; `op` is what a retry repeats."""
        token.status = INCIDENT
        token.op = op
        told = message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}…"
        self.facts.append(IncidentRaised(token.id, token.node.id, told, token.scope.id))

    def wake(self, token: Token, *, cancelled: bool = False) -> None:
        """The token no longer waits: say so to whoever keeps the task, job or timer."""
        fact = _CLOSING.get(token.status)
        if fact is UserTaskClosed:
            self.facts.append(UserTaskClosed(token.id, token.node.id, cancelled))
        elif fact is not None:
            self.facts.append(fact(token.id, token.node.id))
        if token.status == CONDITION:
            self.state.conditions.pop(token.id, None)
        elif token.status == JOINING:
            waiting = token.scope.joins.get(token.node.id, [])
            if token in waiting:
                waiting.remove(token)
        token.status = RUNNING

    def continue_later(self, token: Token, op: str) -> None:
        """Stop at an async boundary: a job will wake the token."""
        node = token.node
        priority = self.priority(node.job_priority, token.scope)
        loop = node.loop if token.role == INSTANCE else None
        retry = self.retry(loop.retry if loop is not None else node.retry, token.scope)
        job = JobCreated(
            token.id,
            node.id,
            JobKind.CONTINUATION,
            topic="",
            retries=retry.retries,
            retry_every=retry.every,
            priority=priority,
            scope=token.scope.id,
        )
        self.wait(token, ASYNC, op)
        self.facts.append(job)

    def priority(self, written: Value | None, scope: Scope) -> int:
        """The priority of a job: the usual one where an expression cannot be computed.

        Raises Fault for what was computed and is no integer.
        """
        if written is None:
            return whole_number(None)
        try:
            found = self.value(written, scope)
        except Fault:
            return whole_number(None)
        if found is None or isinstance(found, bool) or found != whole_number(found):
            raise Fault(f"Mức ưu tiên phải là số nguyên, không phải {found!r}")
        return whole_number(found)

    def retry(self, drawn: Retry, scope: Scope) -> Retry:
        """The retry cycle of a job; what an expression gives that is none is not heeded."""
        if drawn.written is None:
            return drawn
        return parse_retry(self.text(drawn.written, scope) or "") or Retry()

    # --- ends ---------------------------------------------------------------------------

    def cancel(self, token: Token, *, discard: bool = False) -> None:
        """End a token and everything inside it, from the inside out.

        An activity that was at work still hands out its results, unless they are discarded.
        """
        todo = [token]
        order: list[Token] = []
        while todo:
            current = todo.pop()
            order.append(current)
            todo.extend(current.listeners)
            if current.inner is not None:
                todo.extend(current.inner.tokens.values())
        for current in reversed(order):
            self._kill(current, discard=discard)

    def _kill(self, token: Token, *, discard: bool) -> None:
        if token.status == GONE:
            return
        self.wake(token, cancelled=True)
        if OFFERING in token.data:
            self.facts.append(UserTaskClosed(token.id, token.node.id, cancelled=True))
        if token.inner is not None and token.inner.kind == PROCESS:
            self.called_ended(token, Outcome.CANCELLED)
            self.drop_scope(token.inner)
        if token.node.outputs and token.begun and not discard:
            self._hand_out_what_can_be(token)
        while token.inner is not None:
            self.drop_scope(token.inner)
        if token.begun:
            self.facts.append(ActivityEnded(token.id, token.node.id, cancelled=True))
        self.remove(token)

    def _hand_out_what_can_be(self, token: Token) -> None:
        """The outputs of an interrupted activity; what it has not come to is missing, no fault."""
        with suppress(Fault):
            self.hand_out(token)

    def hand_out(self, token: Token) -> None:
        """Output mappings see the inside of the activity and write outside of it."""
        inner = token.home
        if inner.kind == BODY and inner.owner is token:
            return  # each round has its own
        for name, written in token.node.outputs:
            self.set(token, token.scope, {name: self.mapped(written, inner)})

    def mapped(self, written: Mapped, scope: Scope) -> Any:
        """Evaluate a mapping: a value, a list of them, or a map."""
        if isinstance(written, Literal | Formula):
            return self.value(written, scope)
        if isinstance(written, tuple):
            return [self.mapped(item, scope) for item in written]
        return {self.text(key, scope): self.mapped(item, scope) for key, item in written["map"]}

    def cancel_inside(
        self, scope: Scope, *, but: Token | None = None, discard: bool = False
    ) -> None:
        """End every token of a scope, except one."""
        for token in list(scope.tokens.values()):
            if token is not but and token.status != GONE:
                self.cancel(token, discard=discard)

    def close_listeners(self, token: Token) -> None:
        for listener in list(token.listeners):
            self.cancel(listener)

    def called_ended(self, token: Token, outcome: Outcome) -> None:
        if token.inner is not None:
            self.facts.append(CalledInstanceEnded(token.id, token.node.id, token.inner.id, outcome))

    def consume(self, token: Token) -> None:
        """A token has come to its end; the scope may be done."""
        scope = token.scope
        self.remove(token)
        if scope.live == 0:
            self.scope_done(scope)
        elif scope.owner is not None and scope.owner.node.kind == "adHocSubProcess":
            self.push("inside_done", scope.owner)

    def scope_done(self, scope: Scope) -> None:
        """Nothing moves in the scope any more: its owner goes on, or the instance has ended."""
        if scope.owner is not None:
            self.push("inside_done", scope.owner)
        else:
            ended = Outcome.TERMINATED if scope.data.get("terminated") else Outcome.COMPLETED
            self.end_instance(ended)

    def end_instance(self, outcome: Outcome) -> None:
        """End the whole instance, with whatever is still in it."""
        self.cancel_inside(self.state.root, discard=True)
        self.facts.append(InstanceEnded(0, "", outcome))


def whole_number(written: Any, default: int = 50) -> int:
    """A priority or version as written. Raises Fault for what is no integer, or too large."""
    if written is None:
        return default
    try:
        number = int(written)
    except (TypeError, ValueError, OverflowError) as error:
        raise Fault(f"Mức ưu tiên phải là số nguyên, không phải {written!r}") from error
    if abs(number) > MAX_NUMBER:
        raise Fault(f"Mức ưu tiên không được quá {MAX_NUMBER}: {number}")
    return number


_CLOSING: dict[str, type[Fact]] = {
    TASK: UserTaskClosed,
    JOB: JobClosed,
    ASYNC: JobClosed,
    TIMER: TimerClosed,
    MESSAGE: SubscriptionClosed,
    SIGNAL: SubscriptionClosed,
    CONDITION: SubscriptionClosed,
    INCIDENT: IncidentCleared,
}
