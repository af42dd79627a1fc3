"""One compiled definition, and the commands that move its instances."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.domain.engine import (
    Due,
    ElementView,
    JobClosed,
    Modification,
    Outcome,
    Problem,
    Snapshot,
    Step,
)
from app.domain.errors import InvalidInput, InvalidState
from app.domain.migrations import Pairing, Standing
from app.engine.catching import caught
from app.engine.codec import decode, encode
from app.engine.events import start_listening
from app.engine.faults import Fault
from app.engine.formulas import is_name
from app.engine.graph import Process
from app.engine.listing import form_keys, in_flow_order, leaves, standing, view
from app.engine.migration import migrate
from app.engine.migration_plan import Plan, obstacles
from app.engine.modification import modify
from app.engine.pairing import pairings
from app.engine.placing import node_of, place, start_due, start_node
from app.engine.run import Run
from app.engine.runtime import drain
from app.engine.scopes import Variables
from app.engine.state import (
    ASYNC,
    CONDITION,
    INCIDENT,
    JOB,
    MESSAGE,
    OWNING,
    SIGNAL,
    TASK,
    TIMER,
    State,
    Token,
    new_state,
)
from app.engine.subprocesses import choose
from app.engine.throws import raise_error

_LIVE = "_live"
_ALIVE = (TASK, JOB, MESSAGE)


class CompiledProgram:
    """Implements the port `Program` over a compiled graph."""

    def __init__(self, definition_id: str, key: str, process: Process) -> None:
        self.definition_id = definition_id
        self.key = key
        self.process = process

    # --- commands -----------------------------------------------------------------------

    def start(
        self,
        variables: Mapping[str, Any],
        *,
        at: datetime,
        programs: Any,
        business_key: str | None = None,
        message: str | None = None,
        start_event: str | None = None,
        before: Sequence[str] = (),
        started_by: str | None = None,
    ) -> Step:
        """Begin an instance. Raises InvalidInput when there is no such beginning."""
        state = new_state(self.process)
        scope = state.root
        if business_key is not None:
            scope.data["key"] = business_key
        run = self._run(state, {}, at, programs)
        nodes = [node_of(self.process, one) for one in before] or [
            start_node(self.process, message, start_event)
        ]
        arrived = [place(run, node) for node in reversed(nodes)]
        values = _named(variables)
        for name in (node.initiator for node in self.process.root.starts if node.initiator):
            values.setdefault(name, started_by)
        run.set_local(arrived[0], scope, values)
        run.variables.changes.clear()
        start_listening(run, scope)
        return self._step(run)

    def finish(
        self,
        snapshot: Snapshot,
        token: int,
        values: Mapping[str, Any],
        *,
        at: datetime,
        programs: Any,
    ) -> Step:
        """See the port. An ad-hoc sub-process is closed."""
        run, found = self._awake(snapshot, token, at, programs)
        if found.status == OWNING and found.node.kind == "adHocSubProcess":
            run.set(found, found.home, _named(values))
            if found.inner is not None:
                run.cancel_inside(found.inner)
        elif found.status in _ALIVE and not found.is_listener:
            run.wake(found)
            run.set(found, found.home, _named(values))
        else:
            raise _not_waiting(found)
        run.push("job_done" if found.node.job is not None else "leave", found)
        return self._step(run)

    def resume(self, snapshot: Snapshot, token: int, *, at: datetime, programs: Any) -> Step:
        """See the port."""
        run, found = self._awake(snapshot, token, at, programs)
        if found.status not in (ASYNC, INCIDENT):
            raise _not_waiting(found)
        op = found.op
        run.wake(found)
        run.push(op, found)
        return self._step(run)

    def fire_timer(self, snapshot: Snapshot, token: int, *, at: datetime, programs: Any) -> Step:
        """See the port."""
        run, found = self._awake(snapshot, token, at, programs)
        if found.status != TIMER:
            raise _not_waiting(found)
        caught(run, found, {})
        return self._step(run)

    def deliver(
        self,
        snapshot: Snapshot,
        token: int,
        payload: Mapping[str, Any],
        *,
        at: datetime,
        programs: Any,
        local: Mapping[str, Any] | None = None,
    ) -> Step:
        """See the port."""
        run, found = self._awake(snapshot, token, at, programs)
        if found.status not in (MESSAGE, SIGNAL, CONDITION):
            raise _not_waiting(found)
        caught(run, found, _named(payload), _named(local or {}))
        return self._step(run)

    def throw_error(
        self,
        snapshot: Snapshot,
        token: int,
        code: str,
        message: str,
        values: Mapping[str, Any],
        *,
        at: datetime,
        programs: Any,
    ) -> Step:
        """See the port."""
        run, found = self._awake(snapshot, token, at, programs)
        if found.status not in _ALIVE:
            raise _not_waiting(found)
        try:
            caught_it = raise_error(run, found, code, message, _named(values))
            told = f"Lỗi {code} không có sự kiện nào bắt: {message}"
        except Fault as fault:
            caught_it, told = False, fault.message
        if not caught_it:
            run.wake(found)
            run.park(found, "execute", told)
        return self._step(run)

    def fail(self, snapshot: Snapshot, token: int, message: str, *, programs: Any = None) -> Step:
        """See the port."""
        run, found = self._awake(snapshot, token, _NEVER, programs)
        if found.status not in (JOB, ASYNC):
            raise _not_waiting(found)
        op = found.op if found.status == ASYNC else "execute"
        run.facts.append(JobClosed(found.id, found.node.id))
        run.park(found, op, message)
        return self._step(run)

    def cancel(self, snapshot: Snapshot, *, at: datetime, programs: Any = None) -> Step:
        """See the port."""
        state = self._state(snapshot, programs)
        run = self._run(state, snapshot.variables, at, programs)
        run.end_instance(Outcome.CANCELLED)
        return self._step(run)

    def set_variables(
        self,
        snapshot: Snapshot,
        values: Mapping[str, Any],
        *,
        at: datetime,
        programs: Any,
        scope: str = "0",
    ) -> Step:
        """See the port."""
        state = self._state(snapshot, programs)
        place = state.scopes.get(scope)
        if place is None:
            raise InvalidState("Phạm vi biến này không còn.")
        run = self._run(state, snapshot.variables, at, programs)
        run.facts.extend(run.variables.write(place, _named(values), token=0, element=""))
        return self._step(run)

    def choose(
        self, snapshot: Snapshot, token: int, element: str, *, at: datetime, programs: Any
    ) -> Step:
        """See the port."""
        run, found = self._awake(snapshot, token, at, programs)
        if found.status != OWNING or found.node.kind != "adHocSubProcess":
            raise _not_waiting(found)
        try:
            choose(run, found, element)
        except Fault as fault:
            raise InvalidState(fault.message) from fault
        return self._step(run)

    def modify(
        self, snapshot: Snapshot, change: Modification, *, at: datetime, programs: Any
    ) -> Step:
        """See the port."""
        state = self._state(snapshot, programs)
        run = self._run(state, snapshot.variables, at, programs)
        modify(run, self.process, change)
        return self._step(run)

    def obstacles(
        self, snapshot: Snapshot, target: Any, mapping: Mapping[str, str], *, programs: Any
    ) -> list[Problem]:
        """See the port."""
        state = self._state(snapshot, programs, keep=True)
        return obstacles(state, Plan(self.process, target.process, mapping))

    def migrate(
        self,
        snapshot: Snapshot,
        target: Any,
        mapping: Mapping[str, str],
        *,
        at: datetime,
        programs: Any,
    ) -> Step:
        """See the port."""
        found = self.obstacles(snapshot, target, mapping, programs=programs)
        if found:
            raise InvalidState(" ".join(problem.message for problem in found[:5]))
        run = target.open(self._state(snapshot, programs), snapshot.variables, at, programs)
        migrate(run, Plan(self.process, target.process, mapping))
        return self._step(run)

    # --- looking ------------------------------------------------------------------------

    def start_due(self, element: str, *, at: datetime, fired: int) -> Due | None:
        """See the port."""
        return start_due(node_of(self.process, element), at=at, fired=fired)

    def active_elements(self, snapshot: Snapshot, programs: Any = None) -> list[str]:
        """See the port."""
        return [token.node.id for token in leaves(self._state(snapshot, programs, keep=True))]

    def pairings(self, target: Any, also: Iterable[str] = ()) -> list[Pairing]:
        """See the port."""
        return pairings(self.process, target.process, also)

    def standing(self, snapshot: Snapshot, *, programs: Any) -> list[Standing]:
        """See the port."""
        return standing(self._state(snapshot, programs, keep=True))

    def form_keys(
        self, snapshot: Snapshot, *, at: datetime, programs: Any
    ) -> dict[int, str | None]:
        """See the port. Raises InvalidState where a form key cannot be evaluated."""
        state = self._state(snapshot, programs, keep=True)
        try:
            return form_keys(self._run(state, snapshot.variables, at, programs))
        except Fault as fault:
            raise InvalidState(fault.message) from fault

    def elements(self) -> list[ElementView]:
        """See the port."""
        return [view(node) for node in in_flow_order(self.process.root)]

    def state_of(self, snapshot: Snapshot, programs: Any = None) -> State:
        """Decode a snapshot, for those who look closely (tests, operations)."""
        return decode(snapshot.tokens, self.process, lambda key: programs.get(key).process)

    # --- inside -------------------------------------------------------------------------

    def open(
        self, state: State, variables: Mapping[str, dict[str, Any]], at: datetime, programs: Any
    ) -> Run:
        """A step of this definition over a state that another one has read."""
        return self._run(state, variables, at, programs)

    def _run(
        self, state: State, variables: Mapping[str, dict[str, Any]], at: datetime, programs: Any
    ) -> Run:
        return Run(
            state,
            Variables(variables),
            at=at,
            programs=programs,
            definition_id=self.definition_id,
        )

    def _state(self, snapshot: Snapshot, programs: Any, *, keep: bool = False) -> State:
        """Take the living state that came with the snapshot, or read its bytes.

        The living state is taken out: whoever asks the same snapshot again reads the bytes.
        """
        kept = vars(snapshot)
        state = kept.get(_LIVE) if keep else kept.pop(_LIVE, None)
        if isinstance(state, State):
            return state
        return decode(snapshot.tokens, self.process, lambda key: _process(programs, key))

    def _awake(
        self, snapshot: Snapshot, token: int, at: datetime, programs: Any
    ) -> tuple[Run, Token]:
        state = self._state(snapshot, programs)
        found = state.tokens.get(token)
        if found is None:
            vars(snapshot)[_LIVE] = state
            raise InvalidState("Bước này không còn chờ nữa.")
        return self._run(state, snapshot.variables, at, programs), found

    @staticmethod
    def _step(run: Run) -> Step:
        drain(run)
        snapshot = Snapshot(encode(run.state), run.variables.of)
        vars(snapshot)[_LIVE] = run.state
        return Step(snapshot, tuple(run.facts))


_NEVER = datetime.min.replace(tzinfo=UTC)
"""For steps in which nothing looks at the clock."""


def _process(programs: Any, key: str) -> Process:
    if programs is None:
        raise InvalidState(f"Cần các quy trình được gọi ({key}) để đọc trạng thái này.")
    process: Process = programs.get(key).process
    return process


def _not_waiting(token: Token) -> InvalidState:
    return InvalidState(f"Bước “{token.node.name or token.node.id}” không chờ việc này.")


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    """Variables from outside. Raises InvalidInput for a name that expressions could not read."""
    wrong = [name for name in values if not is_name(name)]
    if wrong:
        raise InvalidInput(f"Tên biến không hợp lệ: {', '.join(map(repr, wrong[:5]))}")
    return dict(values)
