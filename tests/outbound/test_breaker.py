"""The breaker: when it opens, whom it lets through, and when it closes."""

import threading

import pytest

from app.domain.connectors import BusinessError, PermanentFailure, Postponed, TemporaryFailure
from app.outbound.breaker import Breaker


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def breaker(clock):
    return Breaker("Hệ thống một cửa", limit=3, pause=30, clock=clock)


def answering():
    return "ok"


def failing_with(error):
    def ask():
        raise error

    return ask


DOWN = failing_with(TemporaryFailure("503"))


def fail(breaker, times, error=TemporaryFailure):
    for _ in range(times):
        with pytest.raises(error):
            breaker.call(failing_with(error("503")))


def must_not_ask():
    raise AssertionError("asked although open")


def test_an_answer_passes_through(breaker):
    assert breaker.call(answering) == "ok"
    assert not breaker.is_open


def test_it_opens_at_the_limit_and_says_when_to_come_back(breaker, clock):
    fail(breaker, 3)
    clock.now += 10
    assert breaker.is_open
    with pytest.raises(Postponed, match="20 giây") as postponed:
        breaker.call(must_not_ask)
    assert postponed.value.retry_after == 20


def test_failures_must_come_in_a_row(breaker):
    fail(breaker, 2)
    breaker.call(answering)
    fail(breaker, 2)
    assert breaker.call(answering) == "ok"


@pytest.mark.parametrize("refusal", [PermanentFailure("404"), BusinessError("x", "không")])
def test_a_refusal_is_an_answer(breaker, refusal):
    fail(breaker, 2)
    with pytest.raises(type(refusal)):
        breaker.call(failing_with(refusal))
    fail(breaker, 2)
    assert not breaker.is_open


def test_a_bug_counts_as_a_failure_and_is_not_hidden(breaker):
    fail(breaker, 3, error=RuntimeError)
    assert breaker.is_open


def test_after_the_pause_a_good_probe_closes(breaker, clock):
    fail(breaker, 3)
    clock.now += 30
    assert breaker.call(answering) == "ok"
    fail(breaker, 2)
    assert not breaker.is_open


def test_after_the_pause_a_bad_probe_opens_again(breaker, clock):
    fail(breaker, 3)
    clock.now += 30
    fail(breaker, 1)
    with pytest.raises(Postponed):
        breaker.call(must_not_ask)


def test_only_one_may_probe(breaker, clock):
    fail(breaker, 3)
    clock.now += 30

    def probe():
        with pytest.raises(Postponed):
            breaker.call(must_not_ask)
        return "ok"

    assert breaker.call(probe) == "ok"
    assert breaker.call(answering) == "ok"


def test_threads_agree(clock):
    breaker, asked, together = (
        Breaker("x", limit=8, pause=30, clock=clock),
        [],
        threading.Barrier(8),
    )

    def ask():
        asked.append(1)
        together.wait(timeout=5)
        raise TemporaryFailure("503")

    def one():
        with pytest.raises(TemporaryFailure):
            breaker.call(ask)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) == 8
    assert breaker.is_open
