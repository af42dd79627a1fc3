"""Commands that share a transaction: each with its own outcome, on both databases."""

import threading

import pytest

from app.domain.errors import InvalidState, NotFound, StorageUnavailable
from app.domain.user_tasks import UserTask
from app.store.mapping import MAPPED
from app.store.recent import Recent, Remembered
from app.store.session import Session
from app.store.together import Together, Waiting
from tests.store.builders import a_task, an_instance
from tests.store.rooms import a_store


@pytest.fixture
def tasks(store):
    """Ids of open tasks, each of an instance of its own."""
    made = []
    with store.open_work() as work:
        for _ in range(6):
            instance = an_instance()
            task = a_task(instance_id=instance.id)
            work.instances.add(instance)
            work.user_tasks.add(task)
            made.append(task.id)
    store.recent.forget()
    return made


def completing(task_id, by="an", refuse=False):
    def act(work):
        task = work.user_tasks.get(task_id)
        instance = work.instances.lock(task.instance_id)
        task.complete(by, by, work.now())
        instance.variables["0"]["owners"][0]["name"] = by
        extra = a_task(instance_id=instance.id, token=2)
        work.user_tasks.add(extra)
        if refuse:
            raise InvalidState("không được")
        return task

    return Waiting(task_id, act)


def state_of(store, task_id):
    with store.open_work(read_only=True) as work:
        task = work.user_tasks.get(task_id)
        instance = work.instances.get(task.instance_id)
        others = len(work.user_tasks.of_instance(instance.id)) - 1
        return task.completed_by, instance.variables["0"]["owners"][0]["name"], others


UNTOUCHED = (None, "Lò Văn Páo", 0)


def test_many_commands_are_one_transaction(store, tasks):
    batch = [completing(key) for key in tasks]
    store.together._carry_out(batch)
    assert all(one.is_done and not one.alone and one.error is None for one in batch)
    assert [one.result.version for one in batch] == [2] * len(tasks)
    assert {state_of(store, key) for key in tasks} == {("an", "an", 1)}


def test_a_refusal_takes_back_its_own_command_only(store, tasks):
    batch = [completing(key, refuse=place == 2) for place, key in enumerate(tasks)]
    store.together._carry_out(batch)
    assert isinstance(batch[2].error, InvalidState)
    assert not any(one.alone for one in batch)
    states = [state_of(store, key) for key in tasks]
    assert states.pop(2) == UNTOUCHED
    assert set(states) == {("an", "an", 1)}


def test_the_second_command_on_a_task_sees_the_first(store, tasks):
    batch = [completing(tasks[0], "an"), completing(tasks[0], "binh")]
    store.together._carry_out(batch)
    assert batch[0].result.completed_by == "an"
    assert "đã được hoàn thành" in str(batch[1].error)
    assert state_of(store, tasks[0]) == ("an", "an", 1)


def test_a_version_is_counted_for_the_next_command_too(store, tasks):
    def claim(name):
        def act(work):
            task = work.user_tasks.get(tasks[0])
            task.require_version(1)
            task.claim(name, name)
            return task

        return Waiting(tasks[0], act)

    batch = [claim("an"), claim("an")]
    store.together._carry_out(batch)
    assert batch[0].result.version == 2
    assert "đã thay đổi" in str(batch[1].error)


def test_where_a_refused_command_has_written_each_goes_alone(store, tasks):
    def writes_and_refuses(work):
        work.user_tasks.get(tasks[1]).claim("an", "An")
        work.session.flush()
        raise InvalidState("không được")

    batch = [completing(tasks[0]), Waiting(tasks[1], writes_and_refuses)]
    store.together._carry_out(batch)
    assert all(one.alone and one.is_done for one in batch)
    assert state_of(store, tasks[0]) == UNTOUCHED
    assert state_of(store, tasks[1]) == UNTOUCHED


def test_a_mistake_of_ours_is_the_affair_of_one(store, tasks):
    def broken(_work):
        raise ZeroDivisionError

    batch = [completing(tasks[0]), Waiting(tasks[1], broken)]
    store.together._carry_out(batch)
    assert all(one.alone for one in batch)
    with pytest.raises(ZeroDivisionError):
        store.together(tasks[1], broken)
    store.together(tasks[0], completing(tasks[0]).act)
    assert state_of(store, tasks[0]) == ("an", "an", 1)


def test_a_lost_database_is_told_to_all_and_nothing_is_tried_again(store, tasks):
    calls = []

    def act(work):
        calls.append(work)
        raise StorageUnavailable("mất kết nối")

    def lost():
        raise StorageUnavailable("mất kết nối")

    batch = [Waiting(key, act) for key in tasks]
    Together(lost, lost)._carry_out(batch)
    assert calls == []
    assert all(isinstance(one.error, StorageUnavailable) and one.is_done for one in batch)


def test_a_task_that_is_not_there_is_not_found(store, tasks):
    batch = [completing(tasks[0]), completing("nobody")]
    store.together._carry_out(batch)
    assert batch[1].alone
    with pytest.raises(NotFound):
        store.together("nobody", completing("nobody").act)


@pytest.mark.postgres
def test_who_is_locked_by_somebody_else_does_not_hold_up_the_others(postgres_url, clock):
    store, other = a_store(postgres_url, clock), a_store(postgres_url, clock)
    instances = [an_instance(), an_instance()]
    open_tasks = [a_task(instance_id=instance.id) for instance in instances]
    with store.open_work() as work:
        for thing in instances:
            work.instances.add(thing)
        for thing in open_tasks:
            work.user_tasks.add(thing)
    with other.open_work() as work:
        work.instances.lock(instances[0].id)
        batch = [completing(task.id) for task in open_tasks]
        store.together._carry_out(batch)
    assert [one.alone for one in batch] == [True, False]
    assert state_of(store, open_tasks[1].id) == ("an", "an", 1)
    other.close()
    store.close()


def test_eight_people_at_once_each_get_their_own_answer(store, tasks):
    barrier = threading.Barrier(8)
    answers = {}

    def person(name):
        for key in tasks:
            barrier.wait(60)
            try:
                store.together(key, completing(key, name).act)
            except InvalidState as error:
                answers[name, key] = str(error)
            else:
                answers[name, key] = "done"

    people = [threading.Thread(target=person, args=(f"u{n}",)) for n in range(8)]
    for one in people:
        one.start()
    for one in people:
        one.join(120)
        assert not one.is_alive()
    for key in tasks:
        outcomes = [answers[f"u{n}", key] for n in range(8)]
        assert outcomes.count("done") == 1
        [winner] = [f"u{n}" for n in range(8) if answers[f"u{n}", key] == "done"]
        assert state_of(store, key) == (winner, winner, 1)


# --- what the process remembers -------------------------------------------------------------


@pytest.fixture
def other(database_url, clock, store):
    """Another process on the same database."""
    opened = a_store(database_url, clock)
    yield opened
    opened.close()


@pytest.fixture
def remembered(store, tasks):
    """The first task, completed nowhere, as this process last wrote it."""
    with store.open_work() as work:
        task = work.user_tasks.get(tasks[0])
        work.instances.lock(task.instance_id)
        task.claim("an", "An")
    return tasks[0]


def test_what_was_written_last_is_not_read_again(store, remembered, monkeypatch):
    read = []
    rows = Session.rows
    monkeypatch.setattr(
        Session, "rows", lambda self, lens, *rest: read.append(lens.cls) or rows(self, lens, *rest)
    )
    store.together(remembered, completing(remembered).act)
    assert read == []
    monkeypatch.undo()
    assert state_of(store, remembered) == ("an", "an", 1)


def test_what_another_process_wrote_meanwhile_is_what_counts(store, other, remembered):
    other.together(remembered, completing(remembered, "binh").act)
    with pytest.raises(InvalidState, match="đã được hoàn thành"):
        store.together(remembered, completing(remembered).act)
    assert state_of(store, remembered) == ("binh", "binh", 1)


def test_nobody_is_refused_for_what_is_no_longer_so(store, other, remembered):
    with other.open_work() as work:
        task = work.user_tasks.get(remembered)
        work.instances.lock(task.instance_id)
        task.release()

    def unless_claimed(work):
        if work.user_tasks.get(remembered).assignee is not None:
            raise InvalidState("người khác đang làm")
        return completing(remembered).act(work)

    store.together(remembered, unless_claimed)
    assert state_of(store, remembered) == ("an", "an", 1)


def test_what_is_only_looked_at_is_read_from_the_database(store, other, remembered):
    with other.open_work() as work:
        work.user_tasks.get(remembered).release()
    assert store.together(remembered, lambda w: w.user_tasks.get(remembered).assignee) is None


def test_in_company_too_a_wrong_memory_is_the_affair_of_its_command(store, other, tasks):
    with store.open_work() as work:
        for key in tasks:
            work.user_tasks.get(key).claim("an", "An")
    other.together(tasks[0], completing(tasks[0], "binh").act)
    batch = [completing(key) for key in tasks]
    store.together._carry_out(batch)
    assert state_of(store, tasks[0]) == ("binh", "binh", 1)
    for one in batch:
        if one.alone and one.task_id != tasks[0]:
            store.together(one.task_id, one.act)
    assert {state_of(store, key) for key in tasks[1:]} == {("an", "an", 1)}


def test_a_command_that_failed_leaves_nothing_behind_in_memory(store, remembered):
    def spoils(work):
        task = work.user_tasks.get(remembered)
        work.instances.lock(task.instance_id).variables["0"]["owners"][0]["name"] = "?"
        raise InvalidState("không được")

    with pytest.raises(InvalidState):
        store.together(remembered, spoils)
    store.together(remembered, lambda work: work.user_tasks.get(remembered).claim("an", "An"))
    assert state_of(store, remembered) == UNTOUCHED


def test_memory_is_bounded_and_holds_what_is_open(store, tasks, monkeypatch):
    for key in tasks:
        store.together(key, completing(key).act)
    assert not any(store.recent.take(UserTask, key) for key in tasks)
    recent = Recent()
    monkeypatch.setattr("app.store.recent.MOST", 3)
    lens = MAPPED[UserTask].lens(store.database.dialect)
    recent.keep((str(n), Remembered(lens, (n,), {})) for n in range(5))
    assert [recent.take(UserTask, str(n)) is not None for n in range(5)] == [
        False,
        False,
        True,
        True,
        True,
    ]
    assert recent.take(UserTask, "4") is None
    recent.keep([("large", Remembered(lens, ("x" * 20_000,), {}))])
    assert recent.take(UserTask, "large") is None
