"""Migrations go up, down and up again, leave no drift, and may be started twice at once."""

import threading

import pytest
from sqlalchemy import create_engine, inspect

from app.store.database import plain_url
from app.store.migrate import downgrade, drift, migrate


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request, tmp_path):
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    cluster = request.getfixturevalue("cluster")
    name = cluster.create()
    yield cluster.url(name)
    cluster.drop(name)


def tables(url):
    engine = create_engine(plain_url(url))
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_up_down_up_without_drift(empty_url):
    migrate(empty_url)
    assert drift(empty_url) == []
    there = tables(empty_url)
    assert {"process_instances", "user_tasks", "queue"} <= there
    downgrade(empty_url, "base")
    assert tables(empty_url) == {"alembic_version"}
    migrate(empty_url)
    assert tables(empty_url) == there
    assert drift(empty_url) == []


def test_a_second_start_changes_nothing(database_url):
    before = tables(database_url)
    migrate(database_url)
    assert tables(database_url) == before


def test_several_processes_may_migrate_at_once(empty_url):
    failures = []

    def start():
        try:
            migrate(empty_url)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert drift(empty_url) == []
