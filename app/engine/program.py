"""One compiled definition, and the commands that move its instances."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.domain.ad_hoc import Offer
from app.domain.engine import (
    ROOT_SCOPE,
    Due,
    ElementView,
    JobClosed,
    Modification,
    Outcome,
    Problem,
    Snapshot,
    Step,
    Surroundings,
)
from app.domain.errors import InvalidInput, InvalidState
from app.domain.migrations import CalledProcess, Pairing, Standing
from app.engine import ad_hoc
from app.engine.catching import caught, keep_local
from app.engine.codec import decode, encode, written_leaves
from app.engine.events import seen_by, start_listening
from app.engine.faults import Fault
from app.engine.formulas import is_name
from app.engine.graph import Process
from app.engine.listing import called, form_keys, in_flow_order, leaves, standing, view
from app.engine.migration import migrate
from app.engine.migration_course import chart
from app.engine.migration_plan import Plan
from app.engine.modification import modify
from app.engine.pairing import pairings
from app.engine.placing import node_of, place, start_due, start_holds, start_node
from app.engine.run import Run
from app.engine.runtime import drain
from app.engine.scopes import Variables, process_scope
from app.engine.state import (
    ASYNC,
    CONDITION,
    INCIDENT,
    JOB,
    MESSAGE,
    PROCESS,
    SIGNAL,
    TASK,
    TIMER,
    Scope,
    State,
    Token,
    new_state,
)
from app.engine.throws import attempt_failed, raise_error, uncaught

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
        local: Mapping[str, Any] | None = None,
    ) -> Step:
        """See the port. An ad-hoc sub-process is closed."""
        run, found = self._awake(snapshot, token, at, programs)
        if ad_hoc.is_open(found):
            _or_refuse(ad_hoc.finish, run, found)
        elif found.status in _ALIVE and not found.is_listener:
            run.wake(found)
        else:
            raise _not_waiting(found)
        run.set(found, found.home, _named(values))
        keep_local(run, found, _named(local) if local else None)
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
            if not raise_error(run, found, code, message, _named(values)):
                uncaught(run, found, code, message)
        except Fault as fault:
            run.wake(found)
            run.park(found, "execute", fault.message)
        return self._step(run)

    def attempt_failed(
        self,
        snapshot: Snapshot,
        token: int,
        message: str,
        details: str = "",
        values: Mapping[str, Any] | None = None,
        *,
        at: datetime,
        programs: Any,
        local: Mapping[str, Any] | None = None,
    ) -> Step:
        """See the port."""
        run, found = self._awake(snapshot, token, at, programs)
        if found.status != JOB:
            raise _not_waiting(found)
        run.set(found, found.home, _named(values or {}))
        keep_local(run, found, _named(local) if local else None)
        try:
            attempt_failed(run, found, message, details)
        except Fault as fault:
            run.wake(found)
            run.park(found, "execute", fault.message)
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
        if not ad_hoc.is_open(found):
            raise _not_waiting(found)
        _or_refuse(ad_hoc.choose, run, found, element)
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
        self,
        snapshot: Snapshot,
        target: Any,
        mapping: Mapping[str, str],
        *,
        programs: Any,
        scope: str = ROOT_SCOPE,
    ) -> list[Problem]:
        """See the port."""
        root = _process_in(self._state(snapshot, programs, keep=True), scope)
        return chart(root, Plan(root.process, target.process, mapping)).problems

    def migrate(
        self,
        snapshot: Snapshot,
        target: Any,
        mapping: Mapping[str, str],
        *,
        at: datetime,
        programs: Any,
        scope: str = ROOT_SCOPE,
        renew: frozenset[str] = frozenset(),
    ) -> Step:
        """See the port."""
        state = self._state(snapshot, programs)
        root = _process_in(state, scope)
        course = chart(root, Plan(root.process, target.process, mapping, renew))
        if course.problems:
            vars(snapshot)[_LIVE] = state
            raise InvalidState(" ".join(problem.message for problem in course.problems[:5]))
        program = target if scope == ROOT_SCOPE else self
        run = program.open(state, snapshot.variables, at, programs)
        _or_refuse(migrate, run, course, target.definition_id)
        return self._step(run)

    # --- looking ------------------------------------------------------------------------

    def start_due(self, element: str, *, at: datetime, fired: int) -> Due | None:
        """See the port."""
        return start_due(node_of(self.process, element), at=at, fired=fired)

    def local_to(self, snapshot: Snapshot, token: int, *, programs: Any) -> dict[str, Any]:
        """See the port."""
        found = self._state(snapshot, programs, keep=True).tokens.get(token)
        place = seen_by(found).id if found is not None else ""
        return dict(snapshot.variables.get(place) or {})

    def surroundings(self, snapshot: Snapshot, token: int, *, programs: Any) -> Surroundings | None:
        """See the port."""
        found = self._state(snapshot, programs, keep=True).tokens.get(token)
        if found is None:
            return None
        definition_id = process_scope(found.scope).definition or self.definition_id
        return Surroundings(definition_id, Variables(snapshot.variables).seen_from(found.home))

    def start_holds(self, element: str, variables: Mapping[str, Any], *, at: datetime) -> bool:
        """See the port."""
        return start_holds(node_of(self.process, element), variables, at)

    def active_elements(self, snapshot: Snapshot, programs: Any = None) -> list[str]:
        """See the port."""
        kept = vars(snapshot).get(_LIVE)
        if programs is None and not isinstance(kept, State):
            return written_leaves(snapshot.tokens)
        return [token.node.id for token in leaves(self._state(snapshot, programs, keep=True))]

    def pairings(self, target: Any, also: Iterable[str] = ()) -> list[Pairing]:
        """See the port."""
        return pairings(self.process, target.process, also)

    def standing(
        self,
        snapshot: Snapshot,
        *,
        programs: Any,
        scope: str = ROOT_SCOPE,
        listeners: bool = False,
    ) -> list[Standing]:
        """See the port."""
        root = _process_in(self._state(snapshot, programs, keep=True), scope)
        return standing(root, listeners=listeners)

    def called(self, snapshot: Snapshot, *, programs: Any) -> list[CalledProcess]:
        """See the port."""
        return called(self._state(snapshot, programs, keep=True))

    def form_keys(
        self, snapshot: Snapshot, *, at: datetime, programs: Any, scope: str = ROOT_SCOPE
    ) -> dict[int, str | None]:
        """See the port. Raises InvalidState where a form key cannot be evaluated."""
        state = self._state(snapshot, programs, keep=True)
        try:
            run = self._run(state, snapshot.variables, at, programs)
            return form_keys(run, _process_in(state, scope))
        except Fault as fault:
            raise InvalidState(fault.message) from fault

    def offered(
        self, snapshot: Snapshot, *, at: datetime, programs: Any, token: int | None = None
    ) -> list[Offer]:
        """See the port."""
        state = self._state(snapshot, programs, keep=True)
        return ad_hoc.offered(self._run(state, snapshot.variables, at, programs), token)

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

        Who moves it on takes it out: whoever asks the same snapshot again reads the bytes. Who only
        looks (`keep`) leaves it there for the next.
        """
        kept = vars(snapshot)
        state = kept.pop(_LIVE, None)
        if not isinstance(state, State):
            state = decode(snapshot.tokens, self.process, lambda key: _process(programs, key))
        if keep:
            kept[_LIVE] = state
        return state

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


def _process_in(state: State, scope: str) -> Scope:
    """The process itself, or one that it has called. Raises InvalidState when it has ended."""
    found = state.scopes.get(scope)
    if found is None or found.kind != PROCESS:
        raise InvalidState("Quy trình được gọi này không còn chạy.")
    return found


def _process(programs: Any, key: str) -> Process:
    if programs is None:
        raise InvalidState(f"Cần các quy trình được gọi ({key}) để đọc trạng thái này.")
    process: Process = programs.get(key).process
    return process


def _or_refuse(act: Callable[..., None], *arguments: Any) -> None:
    """What the diagram does not let people do now is refused; nothing is parked."""
    try:
        act(*arguments)
    except Fault as fault:
        raise InvalidState(fault.message) from fault


def _not_waiting(token: Token) -> InvalidState:
    return InvalidState(f"Bước “{token.node.name or token.node.id}” không chờ việc này.")


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    """Variables from outside. Raises InvalidInput for a name that expressions could not read."""
    wrong = [name for name in values if not is_name(name)]
    if wrong:
        raise InvalidInput(f"Tên biến không hợp lệ: {', '.join(map(repr, wrong[:5]))}")
    return dict(values)
