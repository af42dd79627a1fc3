"""History is small, is never changed, and however long it is each moment of it is near."""

import json
from typing import Any

import pytest
from sqlalchemy.exc import DatabaseError

from app.domain.errors import NotFound
from app.domain.instances import HistoryEntry
from app.domain.user_tasks import TaskState
from app.store.instances import InstanceRows
from app.usecases import past, user_tasks
from app.usecases.chronicle import CHECKPOINT_EVERY
from app.usecases.user_tasks import CompleteTask
from bench import flow
from tests.engine import diagrams as d
from tests.service import MONDAY, House, actor
from tests.usecases import desk

CLERK = "giang.specialist"
STEP = d.user("a", camunda__candidateGroups="specialist")
LONG = 10_000
MOST = 4 * 1024  # bytes of history for one completed task


def test_a_completed_task_writes_little(house: House) -> None:
    forms = {name: flow.form(name) for name in flow.FIELDS}
    made = desk.deploy(house, flow.our_diagram(), **forms)
    instance_id = desk.begin(house, made, flow.APPLICATION)
    for element, values in flow.STEPS:
        [task] = desk.open_tasks(house, instance_id, element)
        with house.open_work() as work:
            user_tasks.complete(work, CompleteTask(task.id, actor(work, CLERK), dict(values)))
    with house.open_work(read_only=True) as work:
        done = [
            t for t in work.user_tasks.of_instance(instance_id) if t.state is TaskState.COMPLETED
        ]
    entries = [one for one in desk.history(house, instance_id) if one.kind == "complete"]
    assert len(done) == len(entries) == len(flow.STEPS)
    assert max(map(_size, entries)) <= MOST


def _size(entry: HistoryEntry) -> int:
    """Bytes of the row as it is stored, about."""
    words = (entry.instance_id, entry.kind, entry.element, entry.name, entry.actor_name)
    return len("".join((*words, json.dumps(entry.data, ensure_ascii=False))).encode()) + 64


@pytest.mark.parametrize(
    "statement", ["UPDATE history SET actor = 'x'", "DELETE FROM history WHERE seq = 1"]
)
def test_nobody_changes_what_was(house: House, statement: str) -> None:
    instance_id = desk.begin(house, desk.deploy(house, d.straight(STEP, identifiers=("a",))))
    before = [vars(one) for one in desk.history(house, instance_id)]
    with (
        pytest.raises(DatabaseError, match="append-only"),
        house.assembly.store.database.begin() as connection,
    ):
        connection.exec_driver_sql(statement)
    assert [vars(one) for one in desk.history(house, instance_id)] == before


# --- a long one -------------------------------------------------------------------------


def long_history(house: House) -> str:
    """An instance that has gone round ten thousand times, as its history tells it."""
    bpmn = d.process(
        d.start(),
        d.node("exclusiveGateway", "in"),
        STEP,
        d.end(),
        d.chain("s", "in", "a", "e"),
        d.flow("a", "in", "again", identifier="back"),
    )
    instance_id = desk.begin(house, desk.deploy(house, bpmn), {"again": True})
    with house.open_work() as work:
        instance = work.instances.lock(instance_id)
        [standing] = work.programs.get(instance.definition_id).standing(
            instance.snapshot, programs=work.programs
        )
        for seq in range(2, LONG + 1):
            work.instances.record([_round(instance_id, seq, standing.token + 2 * (seq - 2))])
        instance.history_seq = LONG
    return instance_id


def _round(instance_id: str, seq: int, token: int) -> HistoryEntry:
    """The entry of one more round; `token` stood at the task."""
    facts = [
        (token, ["=", "0", _written(seq)]),
        (token, ["-", "a"]),
        (token + 1, [">", "back"]),
        (token + 1, ["+", "in", "exclusiveGateway", "", "0"]),
        (token + 1, ["-", "in"]),
        (token + 2, [">", "in-a"]),
        (token + 2, ["+", "a", "userTask", "A", "0"]),
    ]
    data = {"facts": [fact for _, fact in facts], "tokens": [number for number, _ in facts]}
    return HistoryEntry(instance_id, seq, MONDAY, "complete", "a", "A", "u", "Giang", data)


@pytest.fixture
def rows_read(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many entries each question to the history gave."""
    read: list[int] = []
    ask = InstanceRows.history

    def counted(rows: InstanceRows, *arguments: Any, **more: Any) -> list[HistoryEntry]:
        found = ask(rows, *arguments, **more)
        read.append(len(found))
        return found

    monkeypatch.setattr(InstanceRows, "history", counted)
    return read


def test_every_moment_of_a_long_history_is_near(house: House, rows_read: list[int]) -> None:
    instance_id = long_history(house)
    past.keep_checkpoint(house.open_work, instance_id, LONG)
    assert max(rows_read) <= past.PIECE, "no more than a piece is held at a time"
    for seq in (1, CHECKPOINT_EVERY, CHECKPOINT_EVERY + 1, LONG // 2 - 1, LONG):
        rows_read.clear()
        with house.open_work(read_only=True) as work:
            state = past.state_at(work, work.instances.get(instance_id), seq)
        assert sum(rows_read) <= CHECKPOINT_EVERY + 1
        assert state.active == {"a": 1}
        assert len(state.tasks) == 1
        assert state.variables["0"] == {"again": True} | (_written(seq) if seq > 1 else {})


def _written(seq: int) -> dict[str, Any]:
    return {"round": seq, "note": "Đạt yêu cầu. " * 20}


def test_a_checkpoint_may_be_made_again_or_be_missing(one_house: House) -> None:
    instance_id = long_history(one_house)
    with one_house.open_work(read_only=True) as work:
        without = past.states_at(work, work.instances.get(instance_id), 450)
    for _ in range(2):
        past.keep_checkpoint(one_house.open_work, instance_id, 400)
    with one_house.open_work(read_only=True) as work:
        nearest = [work.instances.checkpoint(instance_id, seq) for seq in (199, 399, 450)]
        assert [found and found[0] for found in nearest] == [None, 200, 400]
        assert past.states_at(work, work.instances.get(instance_id), 450) == without


def test_a_history_that_is_not_whole_is_said_to_be_so(one_house: House) -> None:
    instance_id = long_history(one_house)
    with one_house.open_work() as work:
        work.instances.lock(instance_id).history_seq = LONG + 1
    with one_house.open_work(read_only=True) as work, pytest.raises(NotFound, match="dựng lại"):
        past.state_at(work, work.instances.get(instance_id), LONG + 1)
