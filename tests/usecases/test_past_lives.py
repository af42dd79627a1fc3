"""A whole life through the use cases, by chance: what is shown of each moment is what was.

Everything at once in one diagram: a called process, an undone step, a loop, events around and
inside, a task for workers outside that fails or errs; and an administrator who suspends, retries,
moves tokens and writes variables.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from app.domain.engine import Modification, SubscriptionKind
from app.domain.errors import DomainError
from app.domain.instances import IncidentState, InstanceState
from app.domain.migrations import MigrationPlan
from app.domain.user_tasks import TaskState
from app.domain.waiting import JobState
from app.engine.program import CompiledProgram
from app.usecases import (
    broadcasts,
    external_tasks,
    incidents,
    instances,
    jobs,
    migrations,
    modifications,
    past,
    timers,
    user_tasks,
)
from app.usecases.chronicle import THE_SYSTEM, Cause
from app.usecases.external_tasks import Answer
from app.usecases.migrations import Migrate
from app.usecases.modifications import Modify
from app.usecases.ports import Work
from app.usecases.recording import advance
from tests.engine import diagrams as d
from tests.service import House, actor
from tests.usecases import desk
from tests.usecases.film import Seen, replayed, truth

ADMIN, CLERK = "viet.admin", "giang.specialist"
WHO = {"camunda__candidateGroups": "specialist"}
TOPIC = "worker.sign"
UNDO = "<compensateEventDefinition/>"
LONGEST = 60
AROUND = d.message() + d.signal() + d.error()


def step(identifier: str, *inner: str, **more: str) -> str:
    return d.user(identifier, *inner, **WHO, **more)


def undoable(identifier: str) -> str:
    return (
        step(identifier)
        + d.boundary(f"x_{identifier}", identifier, UNDO)
        + d.node("userTask", f"undo_{identifier}", isForCompensation="true", **WHO)
        + f'<association id="l_{identifier}" sourceRef="x_{identifier}" targetRef="undo_{identifier}"/>'
    )


def frame() -> str:
    """A sub-process that is looked after from outside, and has an event sub-process inside."""
    beside = d.sub(
        "beside",
        d.start("bs", d.on_message(), isInterrupting="false"),
        step("note"),
        d.end("be"),
        d.chain("bs", "note", "be"),
        triggeredByEvent="true",
    )
    return d.sub(
        "frame",
        d.mapping({"inside": "=fee + 1"}, {"outside": "=inside"}),
        d.start("fs"),
        undoable("a"),
        step("rounds", d.many("2")),
        d.external("sign", topic=TOPIC, camunda__asyncBefore="true"),
        d.boundary("refused", "sign", d.on_error("LOI")),
        step("mend"),
        d.end("fe"),
        d.chain("fs", "a", "rounds", "sign", "fe"),
        d.chain("refused", "mend", "sign"),
        beside,
    )


def life(last: str) -> bytes:
    main = d.body(
        d.start(),
        d.node("parallelGateway", "split"),
        frame(),
        d.boundary("late", "frame", d.after("PT2H"), interrupting=False),
        step("hurry"),
        d.node("callActivity", "call", d.extensions('<camunda:in variables="all"/>'), calledElement="part"),
        d.node("intermediateCatchEvent", "hear", d.on_signal()),
        d.node("parallelGateway", "join"),
        d.node("intermediateThrowEvent", "undo", UNDO),
        step(last),
        d.script("sum", "total := fee + 1"),
        d.end(),
        d.end("e2"),
        d.chain("s", "split", "frame", "join", "undo", last, "sum", "e"),
        d.chain("split", "call", "hear", "join"),
        d.chain("late", "hurry", "e2"),
    )  # fmt: skip
    return d.definitions(AROUND, main)


def part() -> bytes:
    """The process that is called."""
    steps = (d.start("ps"), step("inner"), d.end("pe"), d.chain("ps", "inner", "pe"))
    return d.definitions(d.body(*steps, key="part"))


@dataclass
class Life:
    """One instance in many hands. `seen` is what it truly was, by number of the entry."""

    house: House
    chance: Random
    instance_id: str
    versions: list[str]
    seen: dict[int, Seen] = field(default_factory=dict)
    states: dict[int, InstanceState] = field(default_factory=dict)

    def look(self) -> None:
        with self.house.open_work(read_only=True) as work:
            instance = work.instances.get(self.instance_id)
            program = work.programs.get(instance.definition_id)
            assert isinstance(program, CompiledProgram)
            state = program.state_of(instance.snapshot, work.programs)
            seen = truth(state, instance.snapshot)
            assert self.rows(work) == (seen.tasks, {t: e for t, (e, _) in seen.waits.items()})
        self.seen[instance.history_seq] = seen
        self.states[instance.history_seq] = instance.state

    def rows(self, work: Work) -> tuple[dict[int, str], dict[int, str]]:
        """Open tasks, and timers and subscriptions that wait, by token."""
        key = self.instance_id
        tasks = [one for one in work.user_tasks.of_instance(key) if one.state is TaskState.OPEN]
        heard = [one for one in work.subscriptions.of_instance(key) if one.open]
        due = {one.token: one.element for one in work.timers.pending(key)}
        waits = due | {one.token: one.element for one in heard}
        return {one.token: one.element for one in tasks}, waits

    def live(self) -> None:
        self.look()
        while self.state in {InstanceState.ACTIVE, InstanceState.SUSPENDED}:
            if len(self.seen) > LONGEST:
                self.cancel()
            else:
                hand = self.chance.choice((self.work, self.work, self.meddle))
                try:
                    hand()
                except DomainError:
                    continue  # refused: nothing was kept
                finally:
                    self.house.clock.pass_(minutes=self.chance.randint(0, 40))
            self.look()

    @property
    def state(self) -> InstanceState:
        return desk.instance(self.house, self.instance_id).state

    def cancel(self) -> None:
        with self.house.open_work() as work:
            instances.cancel(work, actor(work, ADMIN), self.instance_id, "Đủ rồi")

    # --- those who work ---------------------------------------------------------------------

    def work(self) -> None:
        """One of all that wait goes on; nobody sleeps for long."""
        if self.state is InstanceState.SUSPENDED:
            self._sleep()
        ways: list[Callable[[], None]] = [self._fire, self._signal, self._message, self._retry]
        self.chance.choice([*ways, self._finish, self._finish, self._finish, self._job])()

    def _finish(self) -> None:
        with self.house.open_work() as work:
            tasks = work.user_tasks.of_instance(self.instance_id)
            found = [task for task in tasks if task.state is TaskState.OPEN]
            if found:
                clerk = actor(work, CLERK)
                task = user_tasks.workable(work, clerk, self.chance.choice(found).id)
                values: dict[str, Any] = {"fee": self.chance.choice([1, 2, "không phải số"])}
                user_tasks.finish(work, clerk, task, values)

    def _job(self) -> None:
        with self.house.open_work(read_only=True) as work:
            found = [
                job
                for job in work.jobs.of_instance(self.instance_id)
                if job.state is JobState.PENDING
            ]
        for job in found[:1]:
            if job.topic == TOPIC:
                self._answer()
            else:
                jobs.run(self.house.open_work, self.house.assembly.service.connectors, job.id)

    def _answer(self) -> None:
        admin = self.house.actor(ADMIN)
        lease = timedelta(seconds=1)
        for job in external_tasks.fetch(self.house.open_work, admin, [TOPIC], lease=lease):
            answer = Answer(job.id, job.fence)
            with self.house.open_work() as work:
                match self.chance.choice(["done", "error", "unknown", "fail", "fail for good"]):
                    case "done":
                        external_tasks.complete(work, admin, answer, {"signed": True})
                    case "error":
                        external_tasks.throw_error(work, admin, answer, "LOI", values={"why": "x"})
                    case "unknown":
                        external_tasks.throw_error(work, admin, answer, "LA")
                    case "fail":
                        external_tasks.fail(work, admin, answer, "bận")
                    case _:
                        external_tasks.fail(work, admin, answer, "hỏng", for_good=True)

    def _fire(self) -> None:
        with self.house.open_work(read_only=True) as work:
            found = work.timers.due(work.now(), 100)
        for timer in found:
            if timer.instance_id == self.instance_id:
                timers.fire(self.house.open_work, timer.id)
                return

    def _signal(self) -> None:
        with self.house.open_work() as work:
            admin = actor(work, ADMIN)
            agency = desk.AGENCY
            broadcasts.broadcast(
                work, admin, "sig", {"heard": 1}, agency_id=agency, instance_id=self.instance_id
            )
        if self.state is InstanceState.ACTIVE:
            self.house.work_off()

    def _message(self) -> None:
        with self.house.open_work() as work:
            instance = work.instances.lock(self.instance_id)
            instance.require_active()
            waiting = [
                one
                for one in work.subscriptions.of_instance(instance.id)
                if one.open and one.kind is SubscriptionKind.MESSAGE
            ]
            if waiting:
                event = self.chance.choice(waiting)
                made = work.programs.get(instance.definition_id).deliver(
                    instance.snapshot, event.token, {}, at=work.now(), programs=work.programs
                )
                advance(work, instance, made, Cause(THE_SYSTEM, "message", event.element))

    def _retry(self) -> None:
        with self.house.open_work() as work:
            for one in work.incidents.of_instance(self.instance_id):
                if one.state is IncidentState.OPEN:
                    incidents.retry(work, actor(work, ADMIN), one.id)
                    return

    # --- the administrator ------------------------------------------------------------------

    def meddle(self) -> None:
        self.chance.choice([self._modify, self._write, self._sleep, self._migrate])()

    def _modify(self) -> None:
        with self.house.open_work() as work:
            instance = work.instances.get(self.instance_id)
            program = work.programs.get(instance.definition_id)
            tokens = program.standing(instance.snapshot, programs=work.programs)
            places = ("a", "rounds", "hurry", "frame", "inner")
            change = Modification(
                cancel=(self.chance.choice(tokens).token,) if self.chance.random() < 0.3 else (),
                before=(self.chance.choice(places),),
            )
            command = Modify(change, {}, "Làm nhầm", None)
            modifications.modify(work, actor(work, ADMIN), instance.id, command)

    def _write(self) -> None:
        with self.house.open_work() as work:
            scopes = list(work.instances.get(self.instance_id).variables)
            scope = self.chance.choice([one for one in scopes if "." not in one])
            command = Modify(Modification(), {scope: {"fee": 1}}, "Sửa phí", None)
            modifications.modify(work, actor(work, ADMIN), self.instance_id, command)

    def _sleep(self) -> None:
        command = instances.resume if self.state is InstanceState.SUSPENDED else instances.suspend
        with self.house.open_work() as work:
            command(work, actor(work, ADMIN), self.instance_id)

    def _migrate(self) -> None:
        source, target = self.versions
        with self.house.open_work() as work:
            names = {source: "z", target: "z2"}
            plan = MigrationPlan(source, target, {names[source]: names[target]})
            admin = actor(work, ADMIN)
            migrations.migrate(work, admin, self.instance_id, Migrate(plan, "Bản mới"))
        self.versions = [target, source]

    # --- looking back -----------------------------------------------------------------------

    def check(self) -> None:
        with self.house.open_work(read_only=True) as work:
            instance = work.instances.get(self.instance_id)
            for seq, seen in self.seen.items():
                *before, state = past.states_at(work, instance, seq)
                assert replayed(state) == seen, seq
                assert state.state is self.states[seq]
                assert [one.seq for one in before] == ([seq - 1] if seq > 1 else [])


def begin(house: House, seed: int) -> Life:
    desk.deploy(house, part())
    first, second = desk.deploy(house, life("z")), desk.deploy(house, life("z2"))
    instance_id = desk.begin(house, first, {"fee": 1, "file": {"pages": [1, 2]}})
    return Life(house, Random(seed), instance_id, [first.id, second.id])


@pytest.mark.parametrize("seed", [4, 6, 14])
def test_every_moment_of_a_life_can_be_shown(house: House, seed: int) -> None:
    one = begin(house, seed)
    one.live()
    one.check()
    assert len(one.seen) > 15


def test_with_checkpoints_on_the_way_too(one_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.usecases.chronicle.CHECKPOINT_EVERY", 7)
    monkeypatch.setattr("app.usecases.past.CHECKPOINT_EVERY", 7)
    one = begin(one_house, 11)
    one.live()
    one_house.work_off()
    with one_house.open_work(read_only=True) as work:
        last = desk.instance(one_house, one.instance_id).history_seq
        kept = work.instances.checkpoint(one.instance_id, last)
    assert kept is not None
    assert kept[0] == last - last % 7
    one.check()
