"""The node's clock."""

import threading
import time

from app.worker import Clock


def open_work(*, read_only=False):
    raise AssertionError("nobody opens a Work here")


def test_ticks_happen_and_a_failing_one_does_not_end_the_clock(caplog):
    calm, wild = threading.Semaphore(0), threading.Semaphore(0)

    def fail(_open_work):
        wild.release()
        raise RuntimeError("hỏng")

    clock = Clock(
        open_work,
        {"calm": (0.05, lambda got: calm.release() if got is open_work else None),
         "wild": (0.05, fail)},
    )  # fmt: skip
    clock.start()
    try:
        assert all(calm.acquire(timeout=10) for _ in range(3))
        assert all(wild.acquire(timeout=10) for _ in range(3))
    finally:
        clock.stop()
    assert "tick failed" in caplog.text
    while calm.acquire(blocking=False):
        pass
    time.sleep(0.15)
    assert not calm.acquire(blocking=False), "nothing ticks after the stop"


def test_a_slow_tick_is_not_started_twice():
    running, most = [], []
    done = threading.Semaphore(0)

    def slow(_open_work):
        running.append(1)
        most.append(len(running))
        time.sleep(0.2)
        running.pop()
        done.release()

    clock = Clock(open_work, {"slow": (0.05, slow)})
    clock.start()
    try:
        assert all(done.acquire(timeout=10) for _ in range(3))
    finally:
        clock.stop()
    assert set(most) == {1}
    assert running == [], "stop waits for the tick in hand"
