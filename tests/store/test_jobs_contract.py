"""The promise of the Jobs port, asked of both adapters, and of ours on both databases."""

# ruff: noqa: PT012 - what a transaction refuses takes statements, and shows at its end

import threading
import time
from datetime import timedelta
from functools import partial

import pytest

from app.store.embedded_queue import EmbeddedQueue
from app.store.procrastinate_queue import ProcrastinateQueue
from app.store.queues import MOST_ATTEMPTS, LeaseLost
from app.worker.loop import UnknownKind, Worker
from tests.store.builders import a_task
from tests.store.rooms import MORNING, a_store

SOON = 15  # seconds a background worker gets

QUEUES = {
    "embedded on SQLite": ("sqlite_url", partial(EmbeddedQueue, lease=timedelta(seconds=1))),
    "embedded on PostgreSQL": ("postgres_url", partial(EmbeddedQueue, lease=timedelta(seconds=1))),
    "Procrastinate": (
        "postgres_url",
        partial(ProcrastinateQueue, heartbeat=0.3, stalled=1.2, poll=0.1),
    ),
}


@pytest.fixture(
    params=[
        pytest.param(name, marks=pytest.mark.postgres if "sqlite" not in url else ())
        for name, (url, _) in QUEUES.items()
    ]
)
def open_store(request, clock):
    """Open another store on the same database: another process, so to say."""
    fixture, make_queue = QUEUES[request.param]
    url = request.getfixturevalue(fixture)
    opened = []

    def open_one(tenant_id="lao-cai"):
        opened.append(a_store(url, clock, tenant_id=tenant_id, make_queue=make_queue))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()


@pytest.fixture
def store(open_store):
    return open_store()


class Diary:
    """Handlers that write down what they were asked; some misbehave."""

    def __init__(self):
        self.lines = []
        self.failing = 0
        self.running = set()
        self.together = 0
        self.lock = threading.Lock()

    def note(self, open_work, args):
        self.lines.append(args["n"])

    def fail(self, open_work, args):
        self.lines.append(args["n"])
        if len(self.lines) <= self.failing:
            raise RuntimeError(f"lần {len(self.lines)}")

    def slow(self, open_work, args):
        """Notices whether two with the same lock run at the same time."""
        with self.lock:
            self.together += args["lock"] in self.running
            self.running.add(args["lock"])
        time.sleep(0.02)
        with self.lock:
            self.running.discard(args["lock"])
            self.lines.append(args["n"])

    def worker(self, store, threads=4):
        handlers = {"note": self.note, "fail": self.fail, "slow": self.slow}
        return Worker(store, handlers, threads=threads)


@pytest.fixture
def diary():
    return Diary()


def enqueue(store, kind="note", n="1", **options):
    with store.open_work() as work:
        work.queue.enqueue(kind, {"n": n, **options.pop("args", {})}, **options)


def until(condition, seconds=SOON):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.01)


# --- enqueuing ------------------------------------------------------------------------------


def test_what_is_committed_is_done_once(store, diary):
    for n in "123":
        enqueue(store, n=n)
    assert diary.worker(store).drain() == 3
    assert diary.worker(store).drain() == 0
    assert diary.lines == ["1", "2", "3"]


def test_what_is_rolled_back_was_never_enqueued(store, diary):
    with pytest.raises(ZeroDivisionError), store.open_work() as work:
        work.queue.enqueue("note", {"n": "1"}, dedup="once")
        raise ZeroDivisionError
    assert diary.worker(store).drain() == 0
    enqueue(store, n="2", dedup="once")
    assert diary.worker(store).drain() == 1


def test_nothing_is_seen_before_the_commit(open_store, diary):
    store, other = open_store(), open_store()
    if store.database.dialect.name == "sqlite":
        with store.open_work() as work:
            work.queue.enqueue("note", {"n": "1"})
            assert other.queue.parked() == []  # a reader is not held up; it sees nothing
        assert diary.worker(other).drain() == 1
        return
    with store.open_work() as work:
        work.queue.enqueue("note", {"n": "1"})
        assert diary.worker(other).drain() == 0
    assert diary.worker(other).drain() == 1


def test_handlers_work_in_transactions_and_enqueue_more(store):
    def first(open_work, args):
        with open_work() as work:
            work.user_tasks.add(a_task(id=args["n"]))
            work.queue.enqueue("second", {"n": args["n"]})

    def second(open_work, args):
        with open_work() as work:
            work.user_tasks.get(args["n"]).claim("an", "An")

    enqueue(store, "first", "t1")
    assert Worker(store, {"first": first, "second": second}).drain() == 2
    with store.open_work(read_only=True) as work:
        assert work.user_tasks.get("t1").assignee == "an"


def test_a_drain_stops_at_its_limit(store, diary):
    for n in "12345":
        enqueue(store, n=n)
    assert diary.worker(store).drain(limit=2) == 2
    assert diary.lines == ["1", "2"]
    assert diary.worker(store).drain() == 3


# --- time and order ---------------------------------------------------------------------------


def test_nothing_runs_before_its_time(store, diary, clock):
    enqueue(store, run_at=MORNING + timedelta(minutes=5))
    assert diary.worker(store).drain() == 0
    clock.pass_(minutes=4, seconds=59)
    assert diary.worker(store).drain() == 0
    clock.pass_(seconds=1)
    assert diary.worker(store).drain() == 1


def test_smaller_priority_runs_first(store, diary):
    for n, priority in (("3", 90), ("1", 10), ("2", 50)):
        enqueue(store, n=n, priority=priority)
    diary.worker(store).drain()
    assert diary.lines == ["1", "2", "3"]


# --- dedup ------------------------------------------------------------------------------------


def test_what_waits_already_is_not_enqueued_again(store, diary):
    enqueue(store, n="1", dedup="timer:1")
    enqueue(store, n="2", dedup="timer:1")
    enqueue(store, n="3", dedup="timer:2")
    with store.open_work() as work:  # twice in one transaction, which goes on all the same
        for _ in range(2):
            work.queue.enqueue("note", {"n": "4"}, dedup="timer:3")
        work.user_tasks.add(a_task(id="t1"))
    assert diary.worker(store).drain() == 3
    assert diary.lines == ["1", "3", "4"]
    enqueue(store, n="5", dedup="timer:1")
    assert diary.worker(store).drain() == 1
    with store.open_work(read_only=True) as work:
        assert work.user_tasks.get("t1")


def test_two_at_once_enqueue_one(open_store, diary):
    stores = [open_store() for _ in range(4)]
    barrier = threading.Barrier(len(stores))

    def run(store):
        for n in range(5):
            barrier.wait()
            enqueue(store, n=str(n), dedup=f"once:{n}")

    in_threads(run, stores)
    diary.worker(stores[0]).drain()
    assert sorted(diary.lines) == list("01234")


def test_what_runs_may_be_enqueued_again(store):
    """It may have read the old state already."""
    seen = []

    def again(open_work, args):
        seen.append(args["n"])
        if args["n"] == "1":
            with open_work() as work:
                work.queue.enqueue("again", {"n": "2"}, dedup="x")

    enqueue(store, "again", "1", dedup="x")
    assert Worker(store, {"again": again}).drain() == 2
    assert seen == ["1", "2"]


def test_what_failed_is_still_waiting(store, diary, clock):
    """A tick that enqueues every second must not pile up work behind a failure."""
    diary.failing = 1
    enqueue(store, "fail", "1", dedup="timer:1")
    diary.worker(store).drain()
    for _ in range(3):
        enqueue(store, "fail", "2", dedup="timer:1")
    assert diary.worker(store).drain() == 0
    clock.pass_(hours=1)
    assert diary.worker(store).drain() == 1
    assert diary.lines == ["1", "1"]


def test_what_failed_is_merged_with_what_was_enqueued_meanwhile(store, clock):
    calls = []

    def handler(open_work, args):
        calls.append(args["n"])
        if args["n"] == "1":
            with open_work() as work:
                work.queue.enqueue("x", {"n": "2"}, dedup="d")
            raise RuntimeError("nửa chừng")

    enqueue(store, "x", "1", dedup="d")
    worker = Worker(store, {"x": handler})
    worker.drain()
    clock.pass_(hours=2)
    worker.drain()
    assert calls == ["1", "2"]
    assert store.queue.parked() == []


# --- failing, parking -------------------------------------------------------------------------


def test_a_failure_is_tried_again_with_growing_delays(store, diary, clock):
    diary.failing = 2
    enqueue(store, "fail")
    worker = diary.worker(store)
    assert worker.drain() == 1
    assert worker.drain() == 0, "not at once"
    clock.pass_(seconds=8)  # base 5 s, jitter up to half as much again
    assert worker.drain() == 1
    clock.pass_(seconds=4)
    assert worker.drain() == 0, "the second pause is longer than the first"
    clock.pass_(seconds=12)
    assert worker.drain() == 1
    assert len(diary.lines) == 3


def test_after_the_last_attempt_it_is_parked_and_seen(store, diary, clock):
    diary.failing = 1_000
    enqueue(store, "fail", "7", dedup="d")
    worker = diary.worker(store)
    for _ in range(MOST_ATTEMPTS + 3):
        worker.drain()
        clock.pass_(hours=2)
    assert len(diary.lines) == MOST_ATTEMPTS
    (parked,) = store.queue.parked()
    assert (parked.kind, parked.args, parked.attempts) == ("fail", {"n": "7"}, MOST_ATTEMPTS)
    assert f"lần {MOST_ATTEMPTS}" in parked.error
    enqueue(store, "fail", "8", dedup="d")
    assert worker.drain() == 0, "what is parked blocks its like"

    diary.failing = 0
    assert store.queue.unpark(parked.id)
    assert not store.queue.unpark(parked.id)
    assert worker.drain() == 1
    assert store.queue.parked() == []


def test_a_kind_that_nobody_knows_is_kept(store, clock):
    enqueue(store, "from_the_next_release")
    assert Worker(store, {}).drain() == 1
    clock.pass_(hours=1)
    with pytest.raises(UnknownKind):
        Worker(store, {}).perform("from_the_next_release", {}, store.open_work)
    seen = []
    handler = {"from_the_next_release": lambda _open, args: seen.append(args["n"])}
    assert Worker(store, handler).drain() == 1
    assert seen == ["1"]


# --- locks ------------------------------------------------------------------------------------


def test_the_same_lock_never_runs_twice_at_once(open_store, diary):
    stores = [open_store(), open_store()]
    for n in range(24):
        lock = f"i{n % 3}"
        enqueue(stores[0], "slow", str(n), lock=lock, args={"lock": lock})
    workers = [diary.worker(store, threads=3) for store in stores]
    for worker in workers:
        worker.start()
    until(lambda: len(diary.lines) == 24)
    assert all(worker.stop(SOON) for worker in workers)
    assert diary.together == 0
    assert sorted(map(int, diary.lines)) == list(range(24))


# --- workers that die or sleep ----------------------------------------------------------------


def test_what_a_dead_worker_held_is_done_by_another(open_store, diary):
    """The first worker never comes back from its handler."""
    dead, alive = open_store(), open_store()
    hang = threading.Event()
    enqueue(dead, n="1", dedup="d", lock="i1")
    die_with_an_entry_in_hand(dead)
    assert diary.lines == []
    worker = diary.worker(alive)
    worker.start()
    until(lambda: diary.lines == ["1"])
    assert worker.stop(SOON)
    hang.set()


def test_a_job_that_kills_its_worker_runs_out_of_attempts(open_store, diary):
    store = open_store()
    enqueue(store, n="1")
    for _ in range(MOST_ATTEMPTS):
        die_with_an_entry_in_hand(store)
        time.sleep(0.01)
        let_leases_lapse(store)
    worker = diary.worker(store)
    worker.start()
    until(lambda: len(store.queue.parked()) == 1)
    assert worker.stop(SOON)
    assert diary.lines == []
    assert store.queue.parked()[0].attempts == MOST_ATTEMPTS


def test_a_worker_that_slept_through_its_lease_can_change_nothing(open_store):
    sleeper, other = open_store(), open_store()
    seen = []

    def handler(open_work, args):
        """Asleep in the middle; meanwhile another worker gets the entry."""
        seen.append("asleep")
        if len(seen) == 1:
            let_leases_lapse(other)
            Worker(other, {"x": handler}).drain()
            try:
                with open_work() as work:
                    work.user_tasks.add(a_task(id="of the sleeper"))
            except LeaseLost:
                seen.append("noticed")
            return
        with open_work() as work:
            work.user_tasks.add(a_task(id="of the other"))

    enqueue(sleeper, "x")
    Worker(sleeper, {"x": handler}).drain()
    with other.open_work(read_only=True) as work:
        assert work.user_tasks.find("of the other")
        assert not work.user_tasks.find("of the sleeper")
    assert Worker(other, {"x": handler}).drain() == 0
    assert seen == ["asleep", "asleep", "noticed"]


# --- in the background ------------------------------------------------------------------------


def test_a_waiting_worker_is_woken_by_a_commit(open_store, diary):
    store = open_store()
    worker = diary.worker(store)
    worker.start()
    time.sleep(0.5)
    started = time.monotonic()
    enqueue(store)
    until(lambda: diary.lines == ["1"])
    took = time.monotonic() - started
    assert worker.stop(SOON)
    assert took < 2


def test_a_province_may_have_a_long_name(open_store, diary):
    long = "tỉnh-" * 15
    store, like_it = open_store(tenant_id=long), open_store(tenant_id=f"{long}khác")
    worker = diary.worker(store)
    worker.start()
    enqueue(like_it, n="2", dedup="once")
    enqueue(store, n="1", dedup="once")
    until(lambda: diary.lines == ["1"])
    worker.stop()
    assert diary.worker(store).drain() == 0
    assert diary.worker(like_it).drain() == 1


def test_a_worker_finishes_what_it_has_in_hand(open_store):
    store = open_store()
    begun, done = threading.Event(), threading.Event()

    def handler(open_work, args):
        begun.set()
        time.sleep(0.5)
        done.set()

    worker = Worker(store, {"x": handler}, threads=2)
    worker.start()
    enqueue(store, "x")
    assert begun.wait(SOON)
    assert worker.stop(SOON)
    assert done.is_set()
    assert Worker(store, {"x": handler}).drain() == 0


def test_a_long_handler_keeps_its_lease(open_store):
    store = open_store()
    runs = []

    def handler(open_work, args):
        runs.append(time.monotonic())
        time.sleep(2.5)  # more than two leases
        with open_work() as work:
            work.user_tasks.add(a_task(id="t1"))

    worker = Worker(store, {"x": handler}, threads=2)
    worker.start()
    enqueue(store, "x")
    until(lambda: has_task(store))
    assert worker.stop(SOON)
    assert len(runs) == 1


# --- helpers ----------------------------------------------------------------------------------


def has_task(store):
    with store.open_work(read_only=True) as work:
        return work.user_tasks.find("t1") is not None


def in_threads(function, things):
    errors = []

    def guarded(thing):
        try:
            function(thing)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(thing,)) for thing in things]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []


def die_with_an_entry_in_hand(store):
    """Claim the next entry and never be heard of again."""
    with store.database.begin() as connection:
        if isinstance(store.queue, EmbeddedQueue):
            pass
        else:
            connection.exec_driver_sql(
                "SELECT procrastinate_fetch_job_v2(NULL, (SELECT worker_id FROM procrastinate_register_worker_v1()))"
            )
    if isinstance(store.queue, EmbeddedQueue):
        store.queue.claim("a worker that dies", lambda _connection: MORNING)


def let_leases_lapse(store):
    """As if the lease of every claimed entry had run out."""
    with store.database.begin() as connection:
        if isinstance(store.queue, EmbeddedQueue):
            connection.exec_driver_sql("UPDATE queue SET lease_until = run_at")
            return
        connection.exec_driver_sql("DELETE FROM procrastinate_workers")
    store.queue.sweep()
