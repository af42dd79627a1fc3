"""Play a scenario in memory, with real forms, clocks, statuses and people.

What the database play shows for the whole service, this shows for the diagram alone: the legal
clocks of the domain run by a calendar, cases and registrations guard their own states, and every
answer passes the form of its step.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from app.domain.calendars import STANDARD_WEEK, Calendar, Duration, Unit, wall
from app.domain.cases import NATIONAL_STATUS, Case, CaseStatus, Channel
from app.domain.clocks import Clock, ClockKind, ClockState
from app.domain.engine import (
    ClockTouched,
    Fact,
    InstanceEnded,
    JobCreated,
    Outcome,
    Snapshot,
    Step,
    SubscriptionOpened,
    UserTaskClosed,
    UserTaskOpened,
)
from app.domain.procedures import RegistrationState, ServiceLevel, ServiceRegistration
from app.engine.program import CompiledProgram
from app.forms.views import FieldView, FormView
from app.usecases.cases import CLOSING
from tests.processes.sets import VOCABULARY, Scenario, assignable, form, process

STARTED = datetime.fromisoformat("2019-07-09T08:00:00+07:00")
CALENDAR = Calendar(id="c", name="Lịch thử", weekly=(STANDARD_WEEK,))
LENGTHS = {"postal_activity_confirmation": 10, "transport_business_licence": 5}  # working days
STANDS = {"proposal"}  # returned by others, it stands until the specialist changes it
OPEN = {ClockState.RUNNING, ClockState.PAUSED}


class NoPrograms:
    """These processes call nobody and decide nothing by table."""


@dataclass
class Story:
    scenario: Scenario
    now: datetime = STARTED
    tasks: dict[int, UserTaskOpened] = field(default_factory=dict)
    jobs: list[JobCreated] = field(default_factory=list)
    waiting: dict[int, SubscriptionOpened] = field(default_factory=dict)
    clocks: dict[ClockKind, Clock] = field(default_factory=dict)
    ended: Outcome | None = None
    refuse: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Topics to which the other side says no: error code and sentence."""
    silent: AbstractSet[str] = frozenset()
    """Topics to which the other side gives no answer until `answer_late`."""
    unanswered: list[JobCreated] = field(default_factory=list)
    reported: list[int] = field(default_factory=list)
    """National statuses, in the order in which they were to be reported."""

    def __post_init__(self) -> None:
        key = self.scenario.key
        self.content = self.scenario.content
        self.program = CompiledProgram(key, key, process(key))
        self.case = a_case()
        self.registration = a_registration()
        self.snapshot = Snapshot(b"", {})

    @property
    def status(self) -> str:
        if self.scenario.key in LENGTHS:
            return self.case.status.value
        return self.registration.state.value

    def start(self) -> None:
        self._take(self._started(dict(self.content["start"])))

    def _started(self, values: dict[str, Any]) -> Step:
        start_form = START_FORMS.get(self.scenario.key)
        if start_form is None:
            self.registration.freeze(values["checksum"], self.now)
        else:
            submission = form(start_form).validate(values, {})
            assert submission.ok, submission.errors
            values = {**submission.values, "case_code": self.case.code}
        return self.program.start(
            values, at=self.now, programs=NoPrograms(), business_key=self.case.code
        )

    def play(self) -> None:
        self.start()
        self.perform_all()
        assert self.ended is not None
        assert self.ended.value == self.content["ends"]

    def perform_all(self) -> None:
        for number, line in enumerate(self.content["steps"]):
            try:
                self.perform(line)
            except AssertionError as error:
                raise AssertionError(f"line {number + 1}, {line}: {error}") from error

    def places(self) -> list[str]:
        """Where the tokens are, but for those that wait for the answer of a silent system."""
        places = self.program.active_elements(self.snapshot)
        for job in self.unanswered:
            places.remove(job.element)
        return sorted(places)

    def answer_late(self) -> None:
        """The silent systems answer now, the newest question first."""
        self.silent = frozenset()
        self.jobs, self.unanswered = self.unanswered[::-1], []
        self._answer_all()

    def perform(self, line: Mapping[str, Any]) -> None:
        match line:
            case {"complete": element}:
                self.complete(element, line["by"], line["with"])
            case {"message": name}:
                self.deliver(name, line["with"])
            case {"advance": length}:
                self.advance(length)
            case {"at": elements}:
                assert self.places() == sorted(elements)
            case {"clocks": states}:
                found = {kind: self.clocks[ClockKind(kind)].state.value for kind in states}
                assert found == states
            case {"status": status}:
                assert self.status == status
            case _:
                raise AssertionError("a line that nobody understands")

    def complete(self, element: str, username: str, typed: Mapping[str, Any]) -> None:
        [task] = [task for task in self.tasks.values() if task.element == element]
        assert task.assignee in {None, username}
        assert task.form_key is not None
        asked = form(task.form_key)
        known = {**self.snapshot.root, **assignable(self.scenario.key)}
        assert ticked(asked.view({}, known, {})) <= STANDS
        submission = asked.validate(typed, known, strict=True)
        assert submission.ok, submission.errors
        self._take(self._finish(task.token, submission.values))

    def deliver(self, name: str, payload: Mapping[str, Any]) -> None:
        [token] = [token for token, fact in self.waiting.items() if fact.name == name]
        self.waiting.clear()
        self._take(
            self.program.deliver(self.snapshot, token, payload, at=self.now, programs=NoPrograms())
        )

    def advance(self, length: str) -> None:
        amount, unit = length.split()
        due = CALENDAR.due(self.now, Duration.of(int(amount), Unit(unit).value))
        self.now = max(due.at, self.now + timedelta(minutes=1))

    def _finish(self, token: int, values: Mapping[str, Any]) -> Step:
        return self.program.finish(self.snapshot, token, values, at=self.now, programs=NoPrograms())

    def _take(self, step: Step) -> None:
        self._note(step)
        self._answer_all()

    def _answer_all(self) -> None:
        while self.jobs:
            job = self.jobs.pop(0)
            if job.topic in self.silent:
                self.unanswered.append(job)
            elif job.topic in self.refuse:
                self._note(self._refused(job))
            else:
                self._note(self._finish(job.token, self._answered(job)))

    def _refused(self, job: JobCreated) -> Step:
        code, sentence = self.refuse[job.topic]
        return self.program.throw_error(
            self.snapshot, job.token, code, sentence, {}, at=self.now, programs=NoPrograms()
        )

    def _note(self, step: Step) -> None:
        self.snapshot = step.snapshot
        for fact in step.facts:
            self._hear(fact)

    def _hear(self, fact: Fact) -> None:
        match fact:
            case UserTaskOpened():
                self.tasks[fact.token] = fact
            case UserTaskClosed():
                del self.tasks[fact.token]
            case JobCreated():
                self._ask(fact)
            case SubscriptionOpened():
                self.waiting[fact.token] = fact
            case ClockTouched():
                self._touch(ClockKind(fact.kind), fact.action)
            case InstanceEnded():
                self.ended = fact.outcome
            case _:
                assert type(fact).__name__ != "IncidentRaised", fact

    def _touch(self, kind: ClockKind, action: str) -> None:
        """As `usecases.clocks.touch` does."""
        clock = self.clocks.get(kind)
        if clock is None or clock.state not in OPEN:
            if action in {"start", "restart"}:
                self.clocks[kind] = self._started_clock(kind)
            return
        match action:
            case "stop":
                clock.stop(self.now)
            case "pause":
                clock.pause(self.now)
            case "restart":
                clock.restart(self.now, CALENDAR)
            case _:
                assert action == "start", f"{kind} {action} is not used by these diagrams"

    def _started_clock(self, kind: ClockKind) -> Clock:
        length = LENGTHS.get(self.scenario.key) if kind is ClockKind.K4 else None
        return Clock.start(
            id=kind.value,
            kind=kind,
            subject_kind="case",
            subject_id="1",
            calendar=CALENDAR,
            started_at=self.now,
            duration=Duration.of(length, Unit.WORKING_DAY.value) if length else None,
        )

    def _ask(self, job: JobCreated) -> None:
        """A report speaks of the moment in which it became due, whenever it is answered."""
        given = job.parameters
        missing = {name for name in VOCABULARY.topics[job.topic] if given.get(name) in (None, "")}
        assert not missing, (job.element, missing)
        if job.topic == "one_stop_shop.report_status":
            assert given["status"] == NATIONAL_STATUS[self.case.status]
            assert datetime.fromisoformat(given["at"]) == self.now
            self.reported.append(given["status"])
        self.jobs.append(job)

    def _answered(self, job: JobCreated) -> dict[str, Any]:
        PERFORMED.get(job.topic, _nothing)(self, job.parameters)
        answers = dict(self.content["answers"].get(job.topic, {}))
        if job.topic in TELLING:
            answers |= self._told()
        return answers

    def _told(self) -> dict[str, Any]:
        """What the house returns of a case (`usecases.cases`), as far as these diagrams read it."""
        instants = {
            "received_at": self.case.accepted_at,
            "due_at": self.case.due_at,
            "finished_at": self.case.finished_at,
        }
        return {
            name: at and wall(at).isoformat(timespec="seconds") for name, at in instants.items()
        }


def ticked(drawn: FormView) -> set[str]:
    """The decisions that an empty form already shows as taken."""
    cells = [cell for row in drawn.rows for cell in row.cells]
    return {
        cell.path
        for cell in cells
        if isinstance(cell, FieldView) and (cell.checked or any(o.chosen for o in cell.options))
    }


def _nothing(_story: Story, _given: Mapping[str, Any]) -> None:
    """Neither status nor clock depends on it."""


def _accept(story: Story, _given: Mapping[str, Any]) -> None:
    story.case.accept(story.now, story.clocks[ClockKind.K4].due_at, 1)


def _status(story: Story, given: Mapping[str, Any]) -> None:
    wanted = CaseStatus(given["status"])
    if wanted is CaseStatus.WAITING and story.case.status is CaseStatus.PROCESSING:
        story.case.supplement_count += 1
    story.case.move_to(wanted)
    if wanted is CaseStatus.RELEASING and story.case.finished_at is None:
        story.case.finished_at = story.now


def _close(story: Story, given: Mapping[str, Any]) -> None:
    story.case.move_to(CLOSING[given["outcome"]])


def _decide(story: Story, given: Mapping[str, Any]) -> None:
    day = date.fromisoformat(given["date"]) if given.get("date") else None
    assert given["outcome"] == "approved" or given["reasons"]
    assert given["outcome"] != "approved" or (given["number"] and day)
    story.registration.decide(
        given["outcome"], given.get("number") or "", day, given.get("reasons") or ""
    )


def _freeze(story: Story, _given: Mapping[str, Any]) -> None:
    story.registration.freeze("checksum", story.now)


def _publish(story: Story, _given: Mapping[str, Any]) -> None:
    story.registration.publish(1, story.now)


PERFORMED = {
    "lien_mach.case_accept": _accept,
    "lien_mach.case_status": _status,
    "lien_mach.case_close": _close,
    "lien_mach.registration_decide": _decide,
    "lien_mach.registration_freeze": _freeze,
    "lien_mach.publish_service": _publish,
}
TELLING = {"lien_mach.case_accept", "lien_mach.case_status", "lien_mach.case_close"}
START_FORMS = {
    "postal_activity_confirmation": "postal-activity-application",
    "transport_business_licence": "transport-business-application",
}


def a_case(status: CaseStatus = CaseStatus.NEW) -> Case:
    return Case(
        id="1",
        tenant_id="tuyen-quang",
        agency_id="stttt",
        receiving_agency_id="stttt",
        code="000.00.02.H60-190709-0001",
        service_id="1",
        service_version=1,
        procedure_id="P04",
        procedure_name="Cấp văn bản xác nhận thông báo hoạt động bưu chính",
        owner_name="Công ty TNHH Chuyển phát Sông Lô",
        channel=Channel.DESK,
        submitted_at=STARTED,
        submitted_by="chi.reception",
        status=status,
    )


def a_registration(
    state: RegistrationState = RegistrationState.DRAFT,
) -> ServiceRegistration:
    return ServiceRegistration(
        id="1",
        tenant_id="tuyen-quang",
        agency_id="stttt",
        code="DK-190709-0001",
        procedure_id="P04",
        service_name="Cấp văn bản xác nhận thông báo hoạt động bưu chính",
        level=ServiceLevel.LEVEL_4,
        created_at=STARTED,
        created_by="lan.analyst",
        state=state,
    )
