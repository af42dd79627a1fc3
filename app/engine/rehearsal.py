"""Rehearse a set of files in memory: play its scenarios, or walk it when it has none.

A scenario is YAML that an analyst can read (`processes/<key>/scenarios/*.yaml`). People, systems
and messages are played by the scenario; nothing leaves this room and nothing is stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import yaml

from app.domain.ad_hoc import Offer, OfferedStep
from app.domain.engine import (
    Fact,
    IncidentRaised,
    InstanceEnded,
    JobClosed,
    JobCreated,
    JobKind,
    Rehearsal,
    Snapshot,
    Step,
    SubscriptionClosed,
    SubscriptionOpened,
    TimerClosed,
    TimerStarted,
    UserTaskClosed,
    UserTaskOpened,
)
from app.domain.errors import DomainError, InvalidInput, NotFound
from app.engine.decisions import compile_decision, parse_decisions
from app.engine.program import CompiledProgram
from app.engine.reading import read

MOST_STEPS = 500
MOST_BYTES = 100_000
KEY = "chay-thu"


class Stuck(Exception):
    """The scenario expected something that is not so; the sentence goes into the report."""


@dataclass
class Company:
    """The programs and decisions of the set, for call activities and business rule tasks."""

    processes: dict[str, CompiledProgram]
    decisions: dict[str, bytes]

    def get(self, definition_id: str) -> CompiledProgram:
        for program in self.processes.values():
            if program.definition_id == definition_id:
                return program
        raise NotFound(f"Không có quy trình {definition_id}.")

    def called(self, key: str, **_binding: Any) -> CompiledProgram:
        if key not in self.processes:
            raise NotFound(f"Bộ tệp không có quy trình {key} được gọi.")
        return self.processes[key]

    def decide(
        self, decision_id: str, variables: Mapping[str, Any], *, at: datetime, **_binding: Any
    ) -> Any:
        if decision_id not in self.decisions:
            raise NotFound(f"Bộ tệp không có quyết định {decision_id}.")
        return compile_decision(decision_id, self.decisions[decision_id])(variables, at)


@dataclass
class Player:
    """One instance being played."""

    program: CompiledProgram
    company: Company
    answers: Mapping[str, Mapping[str, Any]]
    at: datetime
    snapshot: Snapshot | None = None
    tasks: dict[int, UserTaskOpened] = field(default_factory=dict)
    jobs: dict[int, JobCreated] = field(default_factory=dict)
    timers: dict[int, TimerStarted] = field(default_factory=dict)
    waiting: dict[int, SubscriptionOpened] = field(default_factory=dict)
    ended: str | None = None
    told: list[str] = field(default_factory=list)

    def start(self, variables: Mapping[str, Any]) -> None:
        self._take(
            self.program.start(variables, at=self.at, programs=self.company, business_key=KEY)
        )

    def complete(self, element: str, values: Mapping[str, Any]) -> None:
        token, task = self._find(self.tasks, element, "việc")
        self.told.append(task.name or element)
        self._take(self._finish(token, values))

    def choose(self, element: str) -> None:
        """Begin a step that an ad-hoc sub-process offers."""
        for offer in self._offers():
            step = offer.step(element)
            if step is not None:
                self.told.append(f"Chọn “{step.name}”")
                self._take(
                    self.program.choose(
                        self._state(), offer.token, element, at=self.at, programs=self.company
                    )
                )
                return
        raise Stuck(f"Không có nhóm việc tùy chọn nào đang mở có bước “{element}”.")

    def _offers(self) -> list[Offer]:
        return self.program.offered(self._state(), at=self.at, programs=self.company)

    def message(self, name: str, payload: Mapping[str, Any]) -> None:
        for token, fact in self.waiting.items():
            if fact.name == name:
                self.told.append(f"Nhận “{name}”")
                self._take(
                    self.program.deliver(
                        self._state(), token, payload, at=self.at, programs=self.company
                    )
                )
                return
        raise Stuck(f"Không có bước nào đang chờ thông điệp “{name}”.")

    def timer(self, element: str) -> None:
        token, _fact = self._find(self.timers, element, "hẹn giờ")
        self.told.append(f"Đến giờ: {element}")
        self._take(self.program.fire_timer(self._state(), token, at=self.at, programs=self.company))

    def expect_at(self, elements: list[str]) -> None:
        found = sorted(set(self.program.active_elements(self._state())))
        if self.ended is not None or found != sorted(elements):
            where = ", ".join(found) if self.ended is None else "đã kết thúc"
            raise Stuck(f"Mong đợi ở {', '.join(elements)}, nhưng đang ở: {where}.")

    def _state(self) -> Snapshot:
        if self.snapshot is None:
            raise Stuck("Quy trình chưa bắt đầu.")
        return self.snapshot

    def _find(self, among: Mapping[int, Any], element: str, what: str) -> tuple[int, Any]:
        for token, fact in among.items():
            if fact.element == element:
                return token, fact
        raise Stuck(f"Không có {what} nào đang mở ở bước “{element}”.")

    def _finish(self, token: int, values: Mapping[str, Any]) -> Step:
        return self.program.finish(self._state(), token, values, at=self.at, programs=self.company)

    def _take(self, step: Step) -> None:
        """Note what the step brought about, then answer every job at once."""
        self._note(step)
        done = 0
        while self.jobs and self.ended is None:
            done += 1
            if done > MOST_STEPS:
                raise Stuck("Các bước tự động lặp lại không có điểm dừng.")
            token, job = next(iter(self.jobs.items()))
            del self.jobs[token]
            if job.kind is JobKind.CONTINUATION:
                step = self.program.resume(self._state(), token, at=self.at, programs=self.company)
            else:
                step = self._finish(token, dict(self.answers.get(job.topic, {})))
            self._note(step)

    def _note(self, step: Step) -> None:
        self.snapshot = step.snapshot
        for fact in step.facts:
            self._hear(fact)

    def _hear(self, fact: Fact) -> None:
        if opened := OPENS.get(type(fact)):
            getattr(self, opened)[fact.token] = fact
        elif closed := CLOSES.get(type(fact)):
            getattr(self, closed).pop(fact.token, None)
        elif isinstance(fact, IncidentRaised):
            raise Stuck(f"Sự cố ở bước “{fact.element}”: {fact.message}")
        elif isinstance(fact, InstanceEnded):
            self.ended = str(fact.outcome)

    def expect_end(self, outcome: object) -> None:
        if outcome and self.ended != outcome:
            raise Stuck(f"Mong đợi kết thúc “{outcome}”, nhưng quy trình chưa kết thúc như vậy.")

    def walk(self) -> None:
        """Complete whatever is open, with empty answers, until the end or until nothing is open.

        Of an ad-hoc sub-process every step is done once, then it is ended.
        """
        self.start({})
        while self.ended is None and self.tasks:
            if len(self.told) > MOST_STEPS:
                raise Stuck("Với câu trả lời trống, quy trình lặp mãi; hãy viết kịch bản chạy thử.")
            self._walk_on()
        if self.ended is None:
            raise Stuck("Quy trình dừng chờ sự kiện bên ngoài; hãy viết kịch bản chạy thử.")

    def _walk_on(self) -> None:
        offers = {offer.token: offer for offer in self._offers()}
        untried = [
            step for offer in offers.values() if not offer.closed for step in _untried(offer)
        ]
        work = [task for token, task in self.tasks.items() if token not in offers]
        if untried:
            self.choose(untried[0].element)
        else:
            self.complete((work or list(self.tasks.values()))[0].element, {})


def _untried(offer: Offer) -> list[OfferedStep]:
    return [step for step in offer.steps if not step.begun]


OPENS: dict[type[Fact], str] = {
    UserTaskOpened: "tasks",
    JobCreated: "jobs",
    TimerStarted: "timers",
    SubscriptionOpened: "waiting",
}
CLOSES: dict[type[Fact], str] = {
    UserTaskClosed: "tasks",
    JobClosed: "jobs",
    TimerClosed: "timers",
    SubscriptionClosed: "waiting",
}


def rehearse(files: Mapping[str, bytes], at: datetime) -> list[Rehearsal]:
    """Play every scenario of the set; walk each process when there is none."""
    company = _company(files)
    scenarios = {name: data for name, data in files.items() if name.endswith(".yaml")}
    if scenarios:
        return [_play(company, name, data, at) for name, data in sorted(scenarios.items())]
    return [_walk(company, program, at) for program in company.processes.values()]


def _company(files: Mapping[str, bytes]) -> Company:
    processes = {}
    for name, data in files.items():
        if name.endswith(".bpmn"):
            for key, process in read(data).processes.items():
                processes[key] = CompiledProgram(f"rehearsal:{key}", key, process)
    decisions = {
        one: data
        for name, data in files.items()
        if name.endswith(".dmn")
        for one in parse_decisions(data).decision_ids
    }
    return Company(processes, decisions)


def read_scenario(name: str, data: bytes) -> dict[str, Any]:
    """Read a scenario file. Raises InvalidInput with the place where it makes no sense."""
    if len(data) > MOST_BYTES:
        raise InvalidInput(f"{name}: kịch bản lớn hơn 100 KB.")
    try:
        scenario = yaml.safe_load(data)
    except yaml.YAMLError as error:
        raise InvalidInput(f"{name}: kịch bản không đọc được: {error}") from error
    if not isinstance(scenario, dict) or not isinstance(scenario.get("steps"), list):
        raise InvalidInput(f"{name}: kịch bản cần có các bước (steps).")
    if not all(isinstance(step, dict) for step in scenario["steps"]):
        raise InvalidInput(f"{name}: mỗi bước của kịch bản là một nhóm khóa: giá trị.")
    return scenario


def _play(company: Company, file: str, data: bytes, at: datetime) -> Rehearsal:
    told: list[str] = []
    name = file
    try:
        scenario = read_scenario(file, data)
        name = str(scenario.get("name") or file)
        key = scenario.get("process") or next(iter(company.processes), "")
        program = company.called(str(key))
        player = Player(program, company, _mapping(scenario.get("answers")), at, told=told)
        player.start(_mapping(scenario.get("start")))
        for step in scenario["steps"]:
            _perform(player, step)
        player.expect_end(scenario.get("ends"))
    except (Stuck, DomainError) as error:
        return Rehearsal(name, ok=False, steps=tuple(told), message=str(error))
    return Rehearsal(name, ok=True, steps=tuple(told))


def _mapping(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Stuck("Kịch bản ghi giá trị theo dạng khóa: giá trị.")
    return value


def _perform(player: Player, step: dict[str, Any]) -> None:
    """Perform one line of a scenario; what only a database can show is passed over here."""
    values = _mapping(step.get("with"))
    match step:
        case {"complete": element}:
            player.complete(str(element), values)
        case {"choose": element}:
            player.choose(str(element))
        case {"message": name}:
            player.message(str(name), values)
        case {"timer": element}:
            player.timer(str(element))
        case {"at": elements}:
            player.expect_at([str(element) for element in elements])
        case _:
            pass


def _walk(company: Company, program: CompiledProgram, at: datetime) -> Rehearsal:
    told: list[str] = []
    try:
        Player(program, company, {}, at, told=told).walk()
    except (Stuck, DomainError) as error:
        return Rehearsal(program.key, ok=False, steps=tuple(told), message=str(error))
    return Rehearsal(program.key, ok=True, steps=tuple(told))
