"""Races that SQLite hides and PostgreSQL shows, through the repositories, on both."""

# ruff: noqa: PT012 - what a transaction refuses takes statements, and shows at its end

import itertools
import random
import threading
import time
from datetime import date

import pytest

from app.domain.engine import SubscriptionKind
from app.domain.errors import Conflict, InvalidState
from tests.store.builders import (
    a_definition,
    a_message,
    a_notice,
    a_subscription,
    a_task,
    an_instance,
    new_id,
)
from tests.store.rooms import MORNING, a_store

THREADS = 8
TASKS = 12


def together(*functions):
    """Run each function in a thread of its own; return their results in order."""
    results = [None] * len(functions)

    def run(place, function):
        try:
            results[place] = function()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            results[place] = error

    threads = [
        threading.Thread(target=run, args=(place, function))
        for place, function in enumerate(functions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    return results


def raised(results):
    return [result for result in results if isinstance(result, Exception)]


@pytest.fixture
def tasks(store):
    """Open tasks, each of an instance of its own."""
    made = []
    with store.open_work() as work:
        for _ in range(TASKS):
            instance = an_instance()
            task = a_task(instance_id=instance.id)
            work.instances.add(instance)
            work.user_tasks.add(task)
            made.append(task.id)
    return made


def race_for(tasks, complete):
    """Eight officers complete each task at the same moment; returns who got through."""
    barrier = threading.Barrier(THREADS)

    def officer(name):
        won = []
        for task_id in tasks:
            barrier.wait(60)
            try:
                complete(task_id, name)
            except (Conflict, InvalidState):
                continue
            won.append(task_id)
        return won

    results = together(*(lambda name=f"u{n}": officer(name) for n in range(THREADS)))
    assert not raised(results)
    return list(itertools.chain(*results))


def test_a_task_is_completed_by_exactly_one_of_eight(store, tasks):
    def complete(task_id, name):
        with store.open_work() as work:
            task = work.user_tasks.get(task_id)
            instance = work.instances.lock(task.instance_id)
            task.complete(name, name, work.now())
            instance.variables["0"]["by"] = name
            time.sleep(0.001)

    won = race_for(tasks, complete)
    assert sorted(won) == sorted(tasks)
    with store.open_work(read_only=True) as work:
        for task_id in tasks:
            task = work.user_tasks.get(task_id)
            instance = work.instances.get(task.instance_id)
            assert instance.variables["0"]["by"] == task.completed_by
            assert instance.version == 2


def test_the_version_alone_is_a_second_net(store, tasks):
    """Who forgets the lock loses work, but never completes a task twice."""

    def complete(task_id, name):
        with store.open_work() as work:
            task = work.user_tasks.get(task_id)
            task.require_open()
            time.sleep(0.001)
            task.complete(name, name, work.now())

    assert sorted(race_for(tasks, complete)) == sorted(tasks)


@pytest.mark.postgres
def test_who_comes_second_waits_at_the_lock_and_then_reads_the_truth(postgres_url, clock):
    """The lock itself, without the version behind it: nobody does work that is thrown away."""
    store = a_store(postgres_url, clock)
    instance = an_instance()
    with store.open_work() as work:
        work.instances.add(instance)
    entered, seen = threading.Event(), []

    def second():
        with store.open_work() as work:
            entered.set()
            seen.append(work.instances.lock(instance.id).end_reason)

    with store.open_work() as work:
        work.instances.lock(instance.id).end_reason = "người thứ nhất"
        thread = threading.Thread(target=second)
        thread.start()
        assert entered.wait(10)
        time.sleep(0.3)
        assert seen == [], "it waits"
    thread.join(10)
    assert seen == ["người thứ nhất"]
    store.close()


def test_a_message_and_its_subscription_always_meet(store):
    """Each side writes, then looks for the other. Without the lock both look too early."""
    keys = [f"k{n}" for n in range(60)]
    barrier = threading.Barrier(2)

    def meet(work, key):
        """Correlate under the lock; returns whether they met here."""
        work.inbox.lock("paid", key)
        message = work.inbox.waiting("paid", key, work.now())
        waiting = work.subscriptions.waiting(SubscriptionKind.MESSAGE, "paid", key)
        if message is None or not waiting:
            return 0
        message.correlated_at = work.now()
        waiting[0].open = False
        return 1

    def side(write):
        met = 0
        for key in keys:
            barrier.wait(60)
            time.sleep(random.random() * 0.002)
            with store.open_work() as work:
                work.inbox.lock("paid", key)
                write(work, key)
                time.sleep(random.random() * 0.002)
                met += meet(work, key)
        return met

    results = together(
        lambda: side(lambda work, key: work.subscriptions.add(a_subscription(key=key))),
        lambda: side(lambda work, key: work.inbox.add(a_message(key=key))),
    )
    assert not raised(results)
    assert sum(results) == len(keys)


def test_case_numbers_have_no_gap_and_no_twin(store):
    day = date(2026, 11, 24)

    def take():
        numbers = []
        for _ in range(10):
            with store.open_work() as work:
                numbers.append(work.cases.next_number("000.00.14.H38", day))
        return numbers

    results = together(*[take] * THREADS)
    assert not raised(results)
    assert sorted(itertools.chain(*results)) == list(range(1, 10 * THREADS + 1))


def test_a_number_of_a_transaction_that_failed_is_given_again(store):
    day = date(2026, 11, 24)
    with pytest.raises(ZeroDivisionError), store.open_work() as work:
        assert work.cases.next_number("a", day) == 1
        raise ZeroDivisionError
    with store.open_work() as work:
        assert work.cases.next_number("a", day) == 1
        assert work.cases.next_number("b", day) == 1
        assert work.cases.next_number("a", date(2026, 11, 25)) == 1


def test_versions_of_a_process_are_numbered_one_after_the_other(store):
    def deploy():
        with store.open_work() as work:
            version = work.definitions.next_version("p04")
            time.sleep(0.002)
            work.definitions.add(a_definition(version=version))
        return version

    results = together(*[deploy] * THREADS)
    assert not raised(results)
    assert sorted(results) == list(range(1, THREADS + 1))


def test_what_arrives_twice_at_once_is_kept_once(store):
    barrier = threading.Barrier(THREADS)
    dedup = [new_id() for _ in range(10)]

    def receive():
        fresh = 0
        for name in dedup:
            barrier.wait(60)
            with store.open_work() as work:
                fresh += work.inbox.add(a_message(dedup=name))
                fresh += work.notices.add(a_notice(dedup=name))
        return fresh

    results = together(*[receive] * THREADS)
    assert not raised(results)
    assert sum(results) == 2 * len(dedup)


def test_an_idempotency_key_is_used_once(store):
    barrier = threading.Barrier(THREADS)

    def keep():
        barrier.wait(60)
        with store.open_work() as work:
            work.replies.keep("an POST /cases", "k1", "hash", 201, "{}")
        return "kept"

    results = together(*[keep] * THREADS)
    assert results.count("kept") == 1
    assert all(isinstance(error, Conflict) for error in raised(results))


def test_a_stored_file_put_by_many_is_one(store):
    def put():
        with store.open_work() as work:
            return work.files.put("như nhau".encode(), MORNING)

    results = together(*[put] * THREADS)
    assert len(set(results)) == 1
