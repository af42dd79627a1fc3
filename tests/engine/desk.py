"""One instance on a desk: played by hand, step by step, with every fact kept.

After every step the replay of what history keeps must agree with the engine's own state.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from app.domain.engine import (
    ActivityEnded,
    ActivityStarted,
    Fact,
    IncidentRaised,
    InstanceEnded,
    JobCreated,
    Snapshot,
    Step,
    SubscriptionOpened,
    TimerStarted,
    UserTaskOpened,
)
from app.domain.errors import NotFound
from app.engine.program import CompiledProgram
from app.engine.room import EngineRoom
from app.feel.decisions import DecisionModel
from tests.usecases.film import Film

NOON = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
F = TypeVar("F", bound=Fact)


class Shelf:
    """The compiled processes and decisions that a test needs; implements `Programs`."""

    def __init__(self) -> None:
        self.programs: dict[str, CompiledProgram] = {}
        self.decisions: dict[str, DecisionModel] = {}
        self.asked: list[dict[str, Any]] = []

    def add(self, bpmn: bytes, key: str = "p", definition_id: str | None = None) -> CompiledProgram:
        room = EngineRoom(lambda file, source: [])
        program = room.compile(definition_id or f"{key}:1", key, bpmn)
        self.programs[program.definition_id] = program
        return program

    def get(self, definition_id: str) -> CompiledProgram:
        return self.programs[definition_id]

    def called(self, key: str, **how: Any) -> CompiledProgram:
        self.asked.append({"key": key, **how})
        found = [one for one in self.programs.values() if one.key == key]
        if not found:
            raise NotFound(f"Không có quy trình {key}.")
        return found[-1]

    def decide(self, decision_id: str, variables: Mapping[str, Any], **how: Any) -> Any:
        self.asked.append({"decision": decision_id, "variables": dict(variables), **how})
        if decision_id not in self.decisions:
            raise NotFound(f"Không có quyết định {decision_id}.")
        return self.decisions[decision_id].evaluate(decision_id, variables, now=how["at"])


class Desk:
    """Plays one instance. `restored`: every step begins from the bytes of the last one."""

    def __init__(self, shelf: Shelf, program: CompiledProgram, *, restored: bool = False) -> None:
        self.shelf = shelf
        self.program = program
        self.restored = restored
        self.now = NOON
        self.snapshot = Snapshot(b"", {})
        self.facts: list[Fact] = []
        self.last: list[Fact] = []
        self.film = Film()

    # --- commands ---------------------------------------------------------------------------

    def start(self, variables: Mapping[str, Any] | None = None, **more: Any) -> "Desk":
        self._keep(self.program.start(variables or {}, at=self.now, programs=self.shelf, **more))
        return self

    def do(self, command: str, *arguments: Any, **more: Any) -> list[Fact]:
        step = getattr(self.program, command)(
            self._given(), *arguments, at=self.now, programs=self.shelf, **more
        )
        return self._keep(step)

    def finish(self, element: str, values: Mapping[str, Any] | None = None) -> list[Fact]:
        """Finish the oldest user task, job or receive task at `element`."""
        return self.do("finish", self.token(element), values or {})

    def fire(self, element: str) -> list[Fact]:
        """Let the clock run to the timer at `element`."""
        timer = next(one for one in self.waiting(TimerStarted) if one.element == element)
        assert isinstance(timer.due, datetime)
        self.now = max(self.now, timer.due)
        return self.do("fire_timer", timer.token)

    def tell(
        self, element: str, payload: Mapping[str, Any] | None = None, **more: Any
    ) -> list[Fact]:
        """Bring the message or signal that `element` waits for."""
        waiting = next(one for one in self.waiting(SubscriptionOpened) if one.element == element)
        return self.do("deliver", waiting.token, payload or {}, **more)

    def resume(self, element: str) -> list[Fact]:
        return self.do("resume", self.token(element))

    def fail(self, element: str, message: str = "hỏng") -> list[Fact]:
        step = self.program.fail(self._given(), self.token(element), message, programs=self.shelf)
        return self._keep(step)

    def pass_(self, **time: float) -> None:
        self.now += timedelta(**time)

    # --- looking ------------------------------------------------------------------------------

    @property
    def at(self) -> list[str]:
        """The elements that hold a token, sorted."""
        return sorted(self.program.active_elements(self.snapshot, self.shelf))

    @property
    def variables(self) -> dict[str, Any]:
        return self.snapshot.root

    @property
    def ended(self) -> InstanceEnded | None:
        return next((one for one in self.facts if isinstance(one, InstanceEnded)), None)

    @property
    def incidents(self) -> list[str]:
        return [one.message for one in self.last if isinstance(one, IncidentRaised)]

    def token(self, element: str) -> int:
        state = self.program.state_of(self.snapshot, self.shelf)
        tokens = [one for one in state.tokens.values() if one.node.id == element]
        waiting = [one for one in tokens if one.status not in ("o", "g") or one.inner is None]
        return min(one.id for one in waiting)

    def seen(self, kind: type[F]) -> list[F]:
        """Every fact of a kind, from the beginning."""
        return [one for one in self.facts if isinstance(one, kind)]

    def new(self, kind: type[F]) -> list[F]:
        """Every fact of a kind in the last step."""
        return [one for one in self.last if isinstance(one, kind)]

    def waiting(self, kind: type[F]) -> list[F]:
        """Tasks, jobs, timers or subscriptions that are still open, oldest first."""
        state = self.program.state_of(self.snapshot, self.shelf)
        closing = kind_of_closing(kind)
        opened: dict[int, F] = {}
        for fact in self.facts:
            if isinstance(fact, kind):
                opened[fact.token] = fact
            elif type(fact).__name__ == closing:
                opened.pop(fact.token, None)
        return [one for one in opened.values() if one.token in state.tokens]

    def path(self) -> list[str]:
        """Element ids in the order in which they were begun."""
        return [one.element for one in self.seen(ActivityStarted)]

    def cancelled(self) -> list[str]:
        return [one.element for one in self.seen(ActivityEnded) if one.cancelled]

    # --- inside -------------------------------------------------------------------------------

    def _given(self) -> Snapshot:
        if self.restored:
            return Snapshot(self.snapshot.tokens, self.snapshot.variables)
        return self.snapshot

    def _keep(self, step: Step) -> list[Fact]:
        self.film.take(self.snapshot, step, vars(step.snapshot)["_live"])
        self.snapshot = step.snapshot
        self.last = list(step.facts)
        self.facts.extend(step.facts)
        return self.last


def kind_of_closing(kind: type[Fact]) -> str:
    return {
        UserTaskOpened: "UserTaskClosed",
        JobCreated: "JobClosed",
        TimerStarted: "TimerClosed",
        SubscriptionOpened: "SubscriptionClosed",
    }[kind]
