"""One transaction: what it keeps, what it refuses, what it says when the database fails."""

# ruff: noqa: PT012 - what a transaction refuses takes statements, and shows at its end

import sqlite3
from dataclasses import fields

import pytest
from sqlalchemy.exc import DataError, OperationalError

from app.domain.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    StorageFull,
    StorageUnavailable,
)
from app.domain.people import Role
from app.store.failures import refusal
from app.store.mapping import MAPPED
from app.store.user_tasks import user_tasks
from app.usecases.ports import TaskFilter
from tests.store.builders import (
    a_case,
    a_definition,
    a_message,
    a_registration,
    a_task,
    a_user,
    an_actor,
    an_instance,
)
from tests.store.rooms import MORNING, a_store


def test_what_is_added_is_there_after_the_commit(store):
    instance = an_instance()
    with store.open_work() as work:
        work.instances.add(instance)
    with store.open_work(read_only=True) as work:
        found = work.instances.get(instance.id)
    assert found is not instance
    assert found.snapshot == instance.snapshot
    assert found.started_at == MORNING
    assert found.subject_kind == instance.subject_kind


def test_an_error_leaves_nothing(store):
    instance = an_instance()
    with pytest.raises(ZeroDivisionError), store.open_work() as work:
        work.instances.add(instance)
        work.queue.enqueue("job", {})
        raise ZeroDivisionError
    with store.open_work(read_only=True) as work:
        assert work.instances.find(instance.id) is None
    assert store.drain(lambda *_: None, limit=10) == 0


def test_what_was_read_can_be_shown_after_an_error(store):
    task = a_task()
    with store.open_work() as work:
        work.user_tasks.add(task)
    with pytest.raises(ZeroDivisionError), store.open_work() as work:
        read = work.user_tasks.get(task.id)
        work.user_tasks.version_of(TaskFilter(an_actor()))
        raise ZeroDivisionError
    assert read.name == task.name


def test_changes_are_written_without_being_told(store):
    instance, registration = an_instance(), a_registration(files={"a.bpmn": "1"})
    with store.open_work() as work:
        work.instances.add(instance)
        work.registrations.add(registration)
    with store.open_work() as work:
        work.instances.get(instance.id).suspend()
        kept = work.registrations.get(registration.id)
        kept.files["b.form"] = "2"
        kept.lint_report.append({"code": "x"})
        work.instances.get(instance.id).variables["0"]["owners"][0]["name"] = "Giàng A Páo"
    with store.open_work(read_only=True) as work:
        assert work.instances.get(instance.id).state == "suspended"
        kept = work.registrations.get(registration.id)
        assert kept.files == {"a.bpmn": "1", "b.form": "2"}
        assert kept.lint_report == [{"code": "x"}]
        variables = work.instances.get(instance.id).variables
        assert variables["0"]["owners"] == [{"name": "Giàng A Páo"}]


def test_what_changes_inside_json_after_it_was_added_is_written_once_more(store):
    registration = a_registration()
    with store.open_work() as work:
        work.registrations.add(registration)
        assert work.registrations.get(registration.id) is registration
        registration.files["a.bpmn"] = "1"
        work.registrations.lock(registration.id)
        assert registration.files == {"a.bpmn": "1"}
        registration.files["b.form"] = "2"
    with store.open_work(read_only=True) as work:
        assert work.registrations.get(registration.id).files == {"a.bpmn": "1", "b.form": "2"}


def test_json_that_nobody_touched_is_not_written(store):
    registration = a_registration(files={"a.bpmn": "1"})
    with store.open_work() as work:
        work.registrations.add(registration)
    with store.open_work() as work:
        before = work.registrations.get(registration.id).version
    with store.open_work(read_only=True) as work:
        assert work.registrations.get(registration.id).version == before


def test_two_people_cannot_change_the_same_version(store):
    task = a_task()
    with store.open_work() as work:
        work.user_tasks.add(task)
    with pytest.raises(Conflict, match="người khác"), store.open_work() as work:
        stale = work.user_tasks.get(task.id)
        others = user_tasks.update().values(version=2, assignee="an", assignee_name="An")
        work.session.execute(others)  # as if somebody else had been faster
        stale.claim("binh", "Bình")


def test_the_version_travels_and_counts(store):
    task = a_task()
    with store.open_work() as work:
        work.user_tasks.add(task)
    assert task.version == 1
    with store.open_work() as work:
        changed = work.user_tasks.get(task.id)
        changed.claim("an", "An")
    assert changed.version == 2
    assert changed.assignee_name == "An"


@pytest.mark.postgres
def test_a_lock_reads_again_what_came_before_it(postgres_url, clock):
    """Somebody else writes between our first look and our lock; on SQLite nobody can."""
    store, other = a_store(postgres_url, clock), a_store(postgres_url, clock)
    instance, task = an_instance(), a_task()
    with store.open_work() as work:
        work.instances.add(instance)
        work.user_tasks.add(task)
    with store.open_work() as work:
        seen = work.user_tasks.get(task.id)
        with other.open_work() as elsewhere:
            elsewhere.instances.get(instance.id).suspend()
            elsewhere.user_tasks.get(task.id).claim("an", "An")
        locked = work.instances.lock(instance.id)
        assert locked.state == "suspended"
        assert seen.assignee == "an"
    other.close()
    store.close()


def test_what_a_lock_made_stale_can_be_read_after_the_end(store):
    instance, task = an_instance(), a_task()
    with store.open_work() as work:
        work.instances.add(instance)
        work.user_tasks.add(task)
        work.instances.lock(instance.id)
    assert task.name == "Thẩm định hồ sơ"
    assert instance.version == 1


def test_a_read_only_work_refuses_changes(store):
    task = a_task()
    with store.open_work() as work:
        work.user_tasks.add(task)
    with pytest.raises(RuntimeError, match="read-only"), store.open_work(read_only=True) as work:
        work.user_tasks.get(task.id).claim("an", "An")
    with store.open_work(read_only=True) as work:
        assert work.user_tasks.get(task.id).assignee is None


def test_a_lock_on_nothing_finds_nothing(store):
    with pytest.raises(NotFound), store.open_work() as work:
        work.instances.lock("nobody")


def test_the_same_key_twice_is_a_conflict(store):
    with store.open_work() as work:
        work.definitions.add(a_definition())
    with pytest.raises(Conflict), store.open_work() as work:
        work.definitions.add(a_definition())


def test_another_province_sees_nothing(store, database_url, clock):
    elsewhere = a_store(database_url, clock, tenant_id="son-la")
    case, user = a_case(), a_user(bindings=[("a", Role.CLERK, None)])
    with store.open_work() as work:
        work.cases.add(case)
        work.users.add(user)
        work.files.put(b"abc", MORNING)
    with elsewhere.open_work(read_only=True) as work:
        assert work.cases.find(case.id) is None
        assert work.cases.by_code(case.code) is None
        assert work.users.all() == []
        assert work.users.holding(Role.CLERK, "a") == []
    with elsewhere.open_work() as work:
        with pytest.raises(NotFound):
            work.cases.lock(case.id)
        work.cases.add(a_case(code=case.code, tenant_id="son-la"))
    elsewhere.close()


def test_identifiers_are_ordered_by_time_and_secrets_are_readable(store):
    with store.open_work(read_only=True) as work:
        ids = [work.new_id() for _ in range(100)]
        secret = work.new_secret(400)
        assert work.now() == MORNING
    assert ids == sorted(set(ids))
    assert len(secret) == 400
    assert not set(secret) & set("0O1IL")


def test_every_field_of_an_entity_has_a_column():
    assert len(MAPPED) > 20
    for cls, mapped in MAPPED.items():
        children = {mapped.children[0]} if mapped.children else set()
        missing = {f.name for f in fields(cls)} - set(mapped.names) - children
        assert not missing, f"{cls.__name__}: {missing}"


@pytest.mark.postgres
def test_text_that_cannot_be_stored_is_an_invalid_input(postgres_url, clock):
    store = a_store(postgres_url, clock)
    with pytest.raises(InvalidInput), store.open_work() as work:
        work.inbox.add(a_message(name="a\0b"))
    store.close()


def test_no_room_left_has_a_name(sqlite_url, clock):
    """A real full database: SQLite is told to stop growing."""
    store = a_store(sqlite_url, clock)
    with pytest.raises(StorageFull), store.open_work() as work:
        pages = work.files.session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()
        work.files.session.connection().exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        work.files.put(b"x" * 100_000, MORNING)
    store.close()


def test_a_start_migrates_and_learns_how_large_the_tables_are(tmp_path, clock):
    url = f"sqlite:///{tmp_path / 'new.db'}"
    store = a_store(url, clock)
    assert store.ready()
    store.migrate()
    with store.open_work() as work:
        for _ in range(20):
            work.cases.add(a_case())
    store.migrate()
    with store.database.begin() as connection:
        known = connection.exec_driver_sql(
            "SELECT stat FROM sqlite_stat1 WHERE tbl = 'cases'"
        ).all()
    store.close()
    assert any(row.stat.startswith("20 ") for row in known)


def test_a_database_that_is_not_there_is_not_ready(tmp_path, clock):
    store = a_store(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}", clock)
    assert not store.ready()
    with pytest.raises(StorageUnavailable), store.open_work() as work:
        work.cases.find("x")
    store.close()


@pytest.mark.postgres
def test_the_store_of_a_server_migrates_too(postgres_url, clock):
    store = a_store(postgres_url, clock)
    store.migrate()
    assert store.ready()
    store.close()


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (sqlite3.SQLITE_BUSY, StorageUnavailable),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, StorageUnavailable),
        (sqlite3.SQLITE_FULL, StorageFull),
        (sqlite3.SQLITE_IOERR_WRITE, StorageFull),
        (sqlite3.SQLITE_CANTOPEN, StorageUnavailable),
    ],
)
def test_what_sqlite_says_gets_a_name(code, meaning):
    cause = sqlite3.OperationalError("…")
    cause.sqlite_errorcode = code
    assert type(refusal(OperationalError("", {}, cause))) is meaning


def test_a_mistake_of_ours_keeps_its_own_name():
    cause = sqlite3.OperationalError("no such column")
    cause.sqlite_errorcode = sqlite3.SQLITE_ERROR
    assert refusal(OperationalError("", {}, cause)) is None
    assert isinstance(refusal(DataError("", {}, ValueError())), InvalidInput)


@pytest.mark.postgres
def test_a_server_that_went_away_has_a_name(cluster, postgres_url, clock):
    import psycopg

    store = a_store(postgres_url, clock)
    assert store.ready()
    name = postgres_url.split("/")[3].partition("?")[0]
    with pytest.raises(StorageUnavailable), store.open_work() as work:
        work.cases.find("x")
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [name],
            )
        work.cases.add(a_case())
    with store.open_work() as work:  # the next one gets a living connection
        work.cases.add(a_case())
    store.close()
