"""The worker around the queue: what happens when serving itself fails."""

import threading

import pytest

from app.worker import Worker, loop


class BrokenStore:
    """Its queue cannot be served twice, then it can."""

    def __init__(self):
        self.served = 0
        self.working = threading.Event()

    def serve(self, perform, *, threads, stopping):
        self.served += 1
        if self.served < 3:
            raise ConnectionError("cơ sở dữ liệu không trả lời")
        self.working.set()
        stopping.wait()

    def wake(self):
        pass


def test_a_queue_that_fails_is_served_again(monkeypatch, caplog):
    monkeypatch.setattr(loop, "PAUSE", 0.01)
    store = BrokenStore()
    worker = Worker(store, {})
    worker.start()
    assert store.working.wait(10)
    assert worker.stop(10)
    assert store.served == 3
    assert caplog.text.count("queue failed") == 2


def test_a_worker_that_never_started_stops_at_once():
    assert Worker(BrokenStore(), {}).stop()


def test_handlers_are_called_by_kind():
    calls = []
    worker = Worker(BrokenStore(), {"x": lambda open_work, args: calls.append((open_work, args))})
    worker.perform("x", {"n": "1"}, "open_work")
    assert calls == [("open_work", {"n": "1"})]
    with pytest.raises(loop.UnknownKind, match="y"):
        worker.perform("y", {}, "open_work")
