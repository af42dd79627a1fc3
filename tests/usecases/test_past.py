"""Any past state can be shown: the replay of history equals what was, after every single step."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.domain.engine import Modification
from app.domain.errors import NotFound
from app.domain.migrations import MigrationPlan
from app.usecases import migrations, modifications, past, user_tasks
from app.usecases.chronicle import THE_SYSTEM, Cause
from app.usecases.migrations import Migrate
from app.usecases.modifications import Modify
from app.usecases.recording import advance
from tests.engine import diagrams as d
from tests.service import House, actor
from tests.usecases import desk

ADMIN, CLERK = "viet.admin", "giang.specialist"
WHO = {"camunda__candidateGroups": "specialist"}
Seen = tuple[dict[str, int], dict[str, dict[str, Any]]]


def live(house: House, instance_id: str) -> Seen:
    """Where the tokens stand and what is known, as the engine has it now."""
    with house.open_work(read_only=True) as work:
        instance = work.instances.get(instance_id)
        program = work.programs.get(instance.definition_id)
        standing = program.active_elements(instance.snapshot)
        known = {k: v for k, v in instance.snapshot.variables.items() if v and "." not in k}
        return dict(Counter(standing)), known


def replayed(house: House, instance_id: str, seq: int) -> Seen:
    with house.open_work(read_only=True) as work:
        state = past.state_at(work, work.instances.get(instance_id), seq)
    return state.active, {scope: values for scope, values in state.variables.items() if values}


@dataclass
class Film:
    """What was seen after each command; `check` compares all of it with the replay."""

    house: House
    instance_id: str
    seen: dict[int, Seen] = field(default_factory=dict)

    def take(self) -> None:
        seq = desk.instance(self.house, self.instance_id).history_seq
        self.seen[seq] = live(self.house, self.instance_id)

    def complete(self, element: str, **typed: Any) -> None:
        task = desk.open_tasks(self.house, self.instance_id, element)[0]
        with self.house.open_work() as work:
            clerk = actor(work, CLERK)
            user_tasks.finish(work, clerk, user_tasks.workable(work, clerk, task.id), typed)
        self.take()

    def deliver(self, name: str, **payload: Any) -> None:
        with self.house.open_work() as work:
            instance = work.instances.lock(self.instance_id)
            [waiting] = [
                one
                for one in work.subscriptions.of_instance(instance.id)
                if one.open and one.name == name
            ]
            step = work.programs.get(instance.definition_id).deliver(
                instance.snapshot, waiting.token, payload, at=work.now(), programs=work.programs
            )
            advance(work, instance, step, Cause(THE_SYSTEM, "message", waiting.element))
        self.take()

    def check(self) -> None:
        assert len(self.seen) > 1
        for seq, seen in self.seen.items():
            assert replayed(self.house, self.instance_id, seq) == seen, seq


def film(house: House, bpmn: bytes, **variables: Any) -> Film:
    made = Film(house, desk.begin(house, desk.deploy(house, bpmn), variables))
    made.take()
    return made


def step(identifier: str, *inner: str) -> str:
    return d.user(identifier, *inner, **WHO)


def test_parallel_steps_and_their_join(one_house: House) -> None:
    bpmn = d.process(
        d.start(),
        d.node("parallelGateway", "split"),
        *(step(one) for one in "ab"),
        d.node("parallelGateway", "join"),
        step("z"),
        d.end(),
        d.chain("s", "split", "a", "join", "z", "e"),
        d.chain("split", "b", "join"),
    )
    shown = film(one_house, bpmn, fee=1)
    for element in "abz":
        shown.complete(element, **{f"by_{element}": [element]})
    shown.check()
    assert [sum(active.values()) for active, _ in shown.seen.values()] == [2, 2, 1, 0]


@pytest.mark.parametrize("sequential", [False, True])
def test_each_round_of_a_repeated_step_with_its_own_variables(
    one_house: House, *, sequential: bool
) -> None:
    loop = d.many("3", sequential=sequential)
    bpmn = d.straight(step("a", loop), step("z"), identifiers=("a", "z"))
    shown = film(one_house, bpmn)
    for _ in range(3):
        shown.complete("a", finding="xong")
    shown.complete("z")
    shown.check()
    first = next(iter(shown.seen.values()))
    assert first[0] == {"a": 1 if sequential else 3}
    assert any("loopCounter" in values for values in first[1].values())  # scopes of their own


def test_a_way_back_and_a_frame_that_an_event_breaks(one_house: House) -> None:
    frame = d.sub("f", d.start("fs"), step("a"), d.end("fe"), d.chain("fs", "a", "fe"))
    bpmn = d.process(
        d.start(),
        frame,
        d.boundary("late", "f", d.on_message()),
        step("b"),
        d.node("exclusiveGateway", "g", default="done"),
        step("z"),
        d.end(),
        d.chain("s", "f", "b", "g"),
        d.flow("g", "f", "=again", identifier="back"),
        d.flow("g", "e", identifier="done"),
        d.chain("late", "z", "e"),
        around=d.message(),
    )
    shown = film(one_house, bpmn, again=True)
    shown.complete("a")
    shown.complete("b", again=True)
    shown.deliver("m", note="khách rút hồ sơ")
    shown.complete("z")
    shown.check()


def test_what_is_put_off_or_fails_is_shown_where_it_stands(one_house: House) -> None:
    script = d.script("x", "fee := total + 1")
    later = {"camunda__asyncBefore": "true"}
    frame = d.sub(
        "f",
        d.start("fs"),
        step("a"),
        d.external("call", topic="worker.count", **later),
        d.end("fe"),
        d.chain("fs", "a", "call", "fe"),
    )
    bpmn = d.straight(step("q"), frame, script, identifiers=("q", "f", "x"))
    shown = film(one_house, bpmn, total=1)
    shown.complete("q")
    shown.complete("a", total="không phải số")
    shown.check()
    assert list(shown.seen.values())[-1][0] == {"call": 1}


def test_changed_by_hand_and_moved_to_another_version(one_house: House) -> None:
    def version(last: str) -> bytes:
        return d.straight(step("a"), step("b"), step(last), identifiers=("a", "b", last))

    old = desk.deploy(one_house, version("c"))
    shown = Film(one_house, desk.begin(one_house, old, {"fee": 1}))
    shown.take()
    token = desk.open_task(one_house, shown.instance_id).token
    change = Modification(cancel=(token,), before=("b", "c"))
    with one_house.open_work() as work:
        command = Modify(change, {"0": {"fee": 2}}, "Làm nhầm", None)
        modifications.modify(work, actor(work, ADMIN), shown.instance_id, command)
    shown.take()
    new = desk.deploy(one_house, version("d"))
    before = max(shown.seen)
    with one_house.open_work() as work:
        plan = MigrationPlan(old.id, new.id, {"b": "b", "c": "d"})
        migrations.migrate(work, actor(work, ADMIN), shown.instance_id, Migrate(plan, "Bản mới"))
    shown.take()
    shown.complete("d")
    shown.complete("b")
    shown.complete("d")
    shown.check()
    with one_house.open_work(read_only=True) as work:
        instance = work.instances.get(shown.instance_id)
        assert past.definition_at(work, instance, before) == old.id
        assert past.definition_at(work, instance, max(shown.seen)) == new.id


def test_only_entries_that_exist(one_house: House) -> None:
    bpmn = d.straight(step("a"), identifiers=("a",))
    shown = film(one_house, bpmn)
    with one_house.open_work(read_only=True) as work:
        instance = work.instances.get(shown.instance_id)
        for seq in (0, instance.history_seq + 1):
            with pytest.raises(NotFound):
                past.state_at(work, instance, seq)


def test_pieces_join_and_rows_stay_small(one_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past, "PIECE", 2)
    names = tuple("abcdfgh")
    shown = film(one_house, d.straight(*map(step, names), identifiers=names), note="x" * 200)
    for name in names:
        shown.complete(name, finding="Đạt yêu cầu. " * 20, fee=15_000)
    shown.check()
    rows = [
        json.dumps(e.data, ensure_ascii=False) for e in desk.history(one_house, shown.instance_id)
    ]
    assert max(len(row.encode()) for row in rows) <= 4096
