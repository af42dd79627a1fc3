"""The task list against a model in plain Python: whose task is it, when is it due, how many."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.domain.people import Role
from app.domain.user_tasks import UserTask
from app.store.search import fold
from app.usecases.ports import DueFilter, Queue, TaskFilter
from tests.store.builders import (
    a_clock,
    a_definition,
    a_task,
    an_actor,
    an_instance,
)
from tests.store.rooms import MORNING, a_store

END_OF_DAY = datetime(2025, 11, 25, 17, 0, tzinfo=UTC)  # midnight in Hà Nội
AGENCIES = ("a", "b", "c")
ROLES = (Role.SPECIALIST, Role.CLERK, Role.UNIT_HEAD, Role.AGENCY_LEADER)
UNITS = (None, "Phòng 1", "Phòng 2")
DUES = (None, -400, -1, 0, 1, 539, 540, 541, 4000)  # minutes from now; the day ends at 540
NAMES = ("Đỗ Thị Ánh", "Lò Văn Páo", "100% _thật_ \\ nhé")


def may_work(task, actor):
    return any(
        binding.agency_id == task.agency_id
        and binding.role in task.roles
        and (task.unit is None or binding.unit is None or binding.unit == task.unit)
        for binding in actor.bindings
    ) or (task.agency_id in actor.agency_ids and actor.username in task.candidates)


def leads(task, actor):
    return any(
        binding.agency_id == task.agency_id
        and binding.role in {Role.UNIT_HEAD, Role.AGENCY_LEADER}
        and (task.unit is None or binding.unit is None or binding.unit == task.unit)
        for binding in actor.bindings
    )


def in_queue(task, wanted):
    match wanted.queue:
        case Queue.MINE:
            return task.assignee == wanted.actor.id
        case Queue.UNASSIGNED:
            return task.assignee is None and may_work(task, wanted.actor)
        case Queue.UNIT:
            return may_work(task, wanted.actor) or leads(task, wanted.actor)


def is_due(task, due, paused, now):
    match due:
        case None:
            return True
        case DueFilter.OVERDUE:
            return task.due_at is not None and task.due_at < now
        case DueFilter.TODAY:
            return task.due_at is not None and now <= task.due_at < END_OF_DAY
        case DueFilter.PAUSED:
            return task.instance_id in paused


def is_found(task, search):
    text = fold(f"{task.case_code} {task.name} {task.subject_name} {task.person_name}")
    return all(word in text for word in fold(search).split())


def model(tasks, paused, wanted, now):
    """Ids of the tasks that a page shows, by the words of the design."""
    return {
        task.id
        for task in tasks
        if task.state == "open"
        and in_queue(task, wanted)
        and is_due(task, wanted.due, paused, now)
        and is_found(task, wanted.search)
        and wanted.definition_key in {None, task.definition_key}
    }


def a_random_task(rng, instances):
    minutes = rng.choice(DUES)
    task: UserTask = a_task(
        agency_id=rng.choice(AGENCIES),
        instance_id=rng.choice(instances).id,
        roles=[role.value for role in rng.sample(ROLES, rng.randint(0, 2))],
        unit=rng.choice(UNITS),
        candidates=rng.choice(([], ["an"], ["anh", "binh"], ['a"n'])),
        assignee=rng.choice((None, None, "an", "binh")),
        due_at=None if minutes is None else MORNING + timedelta(minutes=minutes),
        definition_key=rng.choice(("p04", "dieu_11")),
        subject_name=rng.choice(("Cấp phép", "Đăng ký")),
        person_name=rng.choice(NAMES),
        created_at=MORNING - timedelta(minutes=rng.randint(0, 3)),
    )
    if rng.random() < 0.15:
        task.complete("an", "An", MORNING)
    return task


def a_random_actor(rng):
    bindings = [
        (rng.choice(AGENCIES), rng.choice(ROLES), rng.choice(UNITS))
        for _ in range(rng.randint(0, 3))
    ]
    return an_actor(*bindings, username=rng.choice(("an", "", 'a"n')))


def a_random_filter(rng):
    return TaskFilter(
        actor=a_random_actor(rng),
        queue=rng.choice(list(Queue)),
        due=rng.choice([None, None, *DueFilter]),
        definition_key=rng.choice((None, None, "p04", "dieu_11")),
        search=rng.choice(("", "", "do thi", "ÁNH", "100%", "_", "\\", "%", "khong co", "pao cap")),
        sort=rng.choice(("due", "created", "code")),
    )


@pytest.fixture
def population(store):
    """A hundred random tasks of nine instances, some with a paused clock."""
    rng = random.Random(1912)
    instances = [an_instance(subject_id=f"c{n}") for n in range(9)]
    clocks = []
    for instance in instances:
        clock = a_clock(subject_kind="case", subject_id=instance.subject_id)
        if rng.random() < 0.4:
            clock.pause(MORNING + timedelta(minutes=1))
        clocks.append(clock)
    tasks = [a_random_task(rng, instances) for _ in range(100)]
    with store.open_work() as work:
        for instance, clock in zip(instances, clocks, strict=True):
            work.instances.add(instance)
            work.clocks.add(clock)
        for task in tasks:
            work.user_tasks.add(task)
        work.definitions.add(a_definition(key="dieu_11", name="Đăng ký dịch vụ công"))
        work.definitions.add(a_definition(key="p04", name="Quy trình mẫu"))
    paused = {
        instance.id
        for instance, clock in zip(instances, clocks, strict=True)
        if clock.state == "paused"
    }
    return tasks, paused


def test_page_and_counts_agree_with_the_model(store, population):
    tasks, paused = population
    rng = random.Random(7)
    seen = 0
    with store.open_work(read_only=True) as work:
        for _ in range(70):
            wanted = a_random_filter(rng)
            page = work.user_tasks.page(wanted, 1, 200, MORNING)
            expected = model(tasks, paused, wanted, MORNING)
            assert {task.id for task in page.items} == expected, wanted
            assert page.total == len(expected)
            seen += len(expected)

            counts = work.user_tasks.counts(wanted, MORNING)
            for queue, number in counts.queues.items():
                other = replace(wanted, queue=queue)
                assert number == len(model(tasks, paused, other, MORNING)), other
            for due, number in counts.due.items():
                other = replace(wanted, due=due)
                assert number == len(model(tasks, paused, other, MORNING)), other
            for key, _name, number in counts.definitions:
                other = replace(wanted, definition_key=key)
                assert number == len(model(tasks, paused, other, MORNING)), other
            everything = model(tasks, paused, replace(wanted, definition_key=None), MORNING)
            assert sum(number for _, _, number in counts.definitions) == len(everything)
    assert seen > 150, "the population is rich enough to mean something"


def test_pages_follow_each_other_without_gap(store, population):
    wanted = TaskFilter(an_actor(("a", Role.AGENCY_LEADER, None)), Queue.UNIT)
    with store.open_work(read_only=True) as work:
        for sort in ("due", "created", "code", "nonsense"):
            chosen = replace(wanted, sort=sort)
            whole = work.user_tasks.page(chosen, 1, 100, MORNING).items
            parts = [
                task
                for number in range(1, len(whole) // 4 + 2)
                for task in work.user_tasks.page(chosen, number, 4, MORNING).items
            ]
            assert parts == whole
            assert len(whole) > 8


def test_first_what_is_due_first_and_undated_last(store):
    due = [None, MORNING + timedelta(days=1), MORNING, None, MORNING - timedelta(days=1)]
    tasks = [a_task(due_at=at, case_code=f"HS-{n}") for n, at in enumerate(due)]
    with store.open_work() as work:
        for task in tasks:
            work.user_tasks.add(task)
    wanted = TaskFilter(an_actor(("so-xay-dung", Role.SPECIALIST, None)), Queue.UNASSIGNED)
    with store.open_work(read_only=True) as work:
        codes = [t.case_code for t in work.user_tasks.page(wanted, 1, 10, MORNING).items]
        assert codes == ["HS-4", "HS-2", "HS-1", "HS-0", "HS-3"]
        by_code = work.user_tasks.page(replace(wanted, sort="code"), 1, 10, MORNING).items
        assert [t.case_code for t in by_code] == [f"HS-{n}" for n in range(5)]


def test_a_group_is_named_by_what_its_tasks_are_about_or_by_its_process(store):
    with store.open_work() as work:
        work.definitions.add(a_definition(key="dieu_11", name="Đăng ký dịch vụ"))
        work.user_tasks.add(a_task(subject_name="Cấp phép"))
        work.user_tasks.add(a_task(subject_name="Cấp phép"))
        for name in ("Dịch vụ 1", "Dịch vụ 2", "Dịch vụ 3"):
            work.user_tasks.add(a_task(definition_key="dieu_11", subject_name=name))
    wanted = TaskFilter(an_actor(("so-xay-dung", Role.SPECIALIST, None)), Queue.UNASSIGNED)
    with store.open_work(read_only=True) as work:
        assert work.user_tasks.counts(wanted, MORNING).definitions == [
            ("dieu_11", "Đăng ký dịch vụ", 3),
            ("p04", "Cấp phép", 2),
        ]


def test_the_mark_changes_with_the_list(store, clock):
    wanted = TaskFilter(an_actor(("so-xay-dung", Role.SPECIALIST, None)))
    marks = []

    def note():
        with store.open_work(read_only=True) as work:
            marks.append(work.user_tasks.version_of(wanted))

    def changes(change):
        with store.open_work() as work:
            change(work)
        note()

    instance = an_instance(subject_id="c1")
    task = a_task(due_at=MORNING + timedelta(hours=1), instance_id=instance.id)
    legal_clock = a_clock(subject_kind="case", subject_id="c1")
    note()
    changes(lambda work: (work.user_tasks.add(task), work.instances.add(instance)))
    changes(lambda work: work.user_tasks.get(task.id).claim("an", "An"))
    changes(lambda work: work.user_tasks.get(task.id).complete("an", "An", MORNING))
    replacement = a_task(due_at=MORNING + timedelta(hours=1), instance_id=instance.id)
    changes(lambda work: work.user_tasks.add(replacement))
    clock.pass_(hours=2)
    note()
    legal_clock.pause(MORNING)
    changes(lambda work: work.clocks.add(legal_clock))
    assert len(set(marks)) == len(marks) - 1, "back to nothing open is the same as nothing"
    assert marks[0] == marks[3]
    changes(lambda work: work.user_tasks.add(a_task(agency_id="elsewhere")))
    assert marks[-1] == marks[-2], "what is out of reach is not noticed"


def test_another_province_has_its_own_list(store, database_url, clock):
    with store.open_work() as work:
        work.user_tasks.add(a_task(assignee="an"))
    elsewhere = a_store(database_url, clock, tenant_id="son-la")
    with elsewhere.open_work(read_only=True) as work:
        wanted = TaskFilter(an_actor(("so-xay-dung", Role.SPECIALIST, None)))
        assert work.user_tasks.page(wanted, 1, 10, MORNING).total == 0
        assert set(work.user_tasks.counts(wanted, MORNING).queues.values()) == {0}
    elsewhere.close()


def test_text_is_folded_for_search():
    assert fold("Đỗ  Thị ÁNH") == "do thi anh"
    assert fold("Hồ sơ số 12/QĐ-UBND") == "ho so so 12/qd-ubnd"
    assert fold("") == ""
