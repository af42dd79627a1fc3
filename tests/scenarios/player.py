"""Play one scenario file of `processes/` on a real database, through the use cases."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.cases import Case
from app.domain.durations import Duration
from app.domain.instances import ProcessInstance, SubjectKind
from app.domain.procedures import ServiceRegistration
from app.domain.waiting import TimerState
from app.usecases import messages
from tests.scenarios import flows
from tests.service import House

Line = Mapping[str, Any]

AGENCY_OF = {flows.P04: "stttt", flows.P10: "sgtvt", flows.FLOW: "stttt"}
PROCEDURE_OF = {flows.P04: "P04", flows.P10: "P10"}


class UnknownLine(Exception):
    """A line of the scenario that says nothing this player understands."""


@dataclass
class Player:
    """One scenario on its way. What it compares, it compares with rows that were committed."""

    house: House
    scenario: Mapping[str, Any]
    code: str = ""
    subject: tuple[SubjectKind, str] = (SubjectKind.CASE, "")
    played: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        return str(self.scenario["process"])

    def play(self) -> None:
        self.start()
        for line in self.scenario["steps"]:
            self._perform(line)
        if "ends" in self.scenario:
            assert self._instance().state == self.scenario["ends"], self.played

    def start(self) -> None:
        """Submit the registration, or enter the case; what a case needs online is published first."""
        for topic, answer in (self.scenario.get("answers") or {}).items():
            if (outside := topic.partition(".")[0]) in self.house.outside:
                self.house.outside[outside].answers[topic] = answer
        if self.key == flows.FLOW:
            made = flows.register(self.house)
            self.code, self.subject = made.code, (SubjectKind.REGISTRATION, made.id)
            return
        if self.key == flows.P10:
            flows.publish(self.house, flows.register_p10(self.house))
        case = flows.enter(
            self.house,
            self.scenario["start"],
            procedure=PROCEDURE_OF[self.key],
            agency=AGENCY_OF[self.key],
        )
        self.code, self.subject = case.code, (SubjectKind.CASE, case.id)

    def _perform(self, line: Line) -> None:
        verbs = [verb for verb in VERBS if verb in line]
        if len(verbs) != 1:
            raise UnknownLine(f"{line} in {self.scenario['name']}")
        self.played.append(f"{verbs[0]}: {line[verbs[0]]}")
        VERBS[verbs[0]](self, line)

    # --- what a line does ---

    def complete(self, line: Line) -> None:
        values = line.get("with") or {}
        self.house.complete(self.code, line["complete"], line["by"], **values)

    def message(self, line: Line) -> None:
        with self.house.open_work() as work:
            dedup = f"scenario:{self.code}:{len(self.played)}"
            payload = dict(line.get("with") or {})
            assert messages.receive(work, line["message"], self.code, payload, dedup=dedup)
        self.house.work_off()

    def advance(self, line: Line) -> None:
        value, unit = str(line["advance"]).split()
        with self.house.open_work(read_only=True) as work:
            calendar = work.calendars.for_agency(AGENCY_OF[self.key])
        due = calendar.due(self.house.clock.at, Duration.of(int(value), unit))
        self.house.clock.at = due.at
        self.house.work_off()

    def timer(self, line: Line) -> None:
        """Let the time come for which a timer of this element waits."""
        instance = self._instance()
        with self.house.open_work(read_only=True) as work:
            waiting = [
                timer.due_at
                for timer in work.timers.of_instance(instance.id)
                if timer.element == line["timer"] and timer.state is TimerState.PENDING
            ]
        assert waiting, f"no timer waits at {line['timer']}; {self.played}"
        self.house.clock.at = max(self.house.clock.at, min(waiting))
        self.house.work_off()

    # --- what a line compares ---

    def at(self, line: Line) -> None:
        instance = self._instance()
        with self.house.open_work(read_only=True) as work:
            program = work.programs.get(instance.definition_id)
            found = sorted(set(program.active_elements(instance.snapshot)))
        assert found == sorted(line["at"]), self.played

    def clocks(self, line: Line) -> None:
        with self.house.open_work(read_only=True) as work:
            found = work.clocks.of_subject(*self.subject)
        found.sort(key=lambda clock: (clock.started_at, clock.id))
        newest = {clock.kind.value: clock.state.value for clock in found}
        wanted = dict(line["clocks"])
        assert {kind: newest.get(kind) for kind in wanted} == wanted, self.played

    def status(self, line: Line) -> None:
        about = self._about()
        found = about.status if isinstance(about, Case) else about.state
        assert found == line["status"], self.played

    # --- where it stands ---

    def _about(self) -> Case | ServiceRegistration:
        kind, subject_id = self.subject
        with self.house.open_work(read_only=True) as work:
            if kind is SubjectKind.CASE:
                return work.cases.get(subject_id)
            return work.registrations.get(subject_id)

    def _instance(self) -> ProcessInstance:
        with self.house.open_work(read_only=True) as work:
            return work.instances.by_business_key(self.code)[-1]


VERBS: dict[str, Callable[[Player, Line], None]] = {
    "complete": Player.complete,
    "message": Player.message,
    "advance": Player.advance,
    "timer": Player.timer,
    "at": Player.at,
    "clocks": Player.clocks,
    "status": Player.status,
}
