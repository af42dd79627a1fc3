"""What those who watch the house ask of the store, on both databases."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.domain.clocks import ClockKind
from app.domain.engine import Outcome
from app.domain.instances import HistoryEntry, IncidentState
from app.store.rows import Rows
from app.store.work import SqlWork, Store
from app.usecases.ports import ClockCount, ClockFilter, InstanceFilter
from tests.store.builders import a_clock, a_message, an_incident, an_instance
from tests.store.rooms import MORNING

LATER = MORNING + timedelta(hours=1)


@pytest.fixture
def work(store: Store) -> Iterator[SqlWork]:
    with store.open_work() as opened:
        yield opened


def added(repository: Rows[Any], *things: object) -> None:
    for thing in things:
        repository.add(thing)
    repository.session.flush()
    repository.session.read_again()


def ids(things: Iterable[Any]) -> list[str]:
    return [thing.id for thing in things]


def test_running_instances_are_counted_by_definition(work: SqlWork) -> None:
    healthy, troubled = an_instance(), an_instance(open_incidents=2)
    still = an_instance(definition_id="d2")
    still.suspend()
    over = an_instance()
    over.end(Outcome.COMPLETED, LATER)
    added(work.instances, healthy, troubled, still, over)
    assert work.instances.count_running() == {"d1": (2, 1), "d2": (1, 0)}


def test_instances_of_one_version_and_those_that_do_not_move(work: SqlWork) -> None:
    old = an_instance(moved_at=MORNING)
    new = an_instance(moved_at=LATER, definition_id="d2")
    suspended = an_instance(moved_at=MORNING)
    suspended.suspend()
    added(work.instances, old, new, suspended)
    found = work.instances.page(InstanceFilter(still_since=LATER), 1, 10)
    assert ids(found.items) == [old.id]
    assert found.total == 1
    assert ids(work.instances.page(InstanceFilter(definition_id="d2"), 1, 10).items) == [new.id]


def test_history_is_read_in_pieces(work: SqlWork) -> None:
    entries = [HistoryEntry("i1", n, MORNING, "job", "e", "", "an", "An") for n in range(1, 8)]
    work.instances.record(entries)
    assert [e.seq for e in work.instances.history("i1", limit=3)] == [5, 6, 7]
    assert [e.seq for e in work.instances.history("i1", limit=3, before=5)] == [2, 3, 4]
    assert [e.seq for e in work.instances.history("i1", limit=3, before=2)] == [1]
    assert work.instances.history("i1", before=1) == []


def test_incidents_of_a_group(work: SqlWork) -> None:
    one, other = an_incident(token=1, message="a"), an_incident(token=2, message="b")
    elsewhere = an_incident(token=3, message="a", element="khac")
    added(work.incidents, one, other, elsewhere)
    group = ("a", one.element)
    page = work.incidents.page(IncidentState.OPEN, 1, 10, group=group)
    assert ids(page.items) == [one.id]
    assert ("a", one.element, 1) in work.incidents.grouped()


def test_messages_that_nobody_has_taken(work: SqlWork) -> None:
    first, second = a_message(received_at=MORNING), a_message(received_at=LATER)
    taken = a_message(received_at=MORNING)
    taken.correlated_at = LATER
    for message in (second, first, taken):
        assert work.inbox.add(message)
    page = work.inbox.uncorrelated(1, 1)
    assert ids(page.items) == [first.id]
    assert page.total == 2


def test_clocks_late_soon_and_far(work: SqlWork) -> None:
    far = a_clock(subject_id="r1")
    soon = a_clock(subject_id="r2", started_at=MORNING - timedelta(days=7))
    late = a_clock(subject_id="r3", started_at=MORNING - timedelta(days=30))
    done = a_clock(subject_id="r4", started_at=MORNING - timedelta(days=30))
    done.stop(MORNING)
    other = a_clock(
        subject_id="r5", kind=ClockKind.K2, agency_id="so-gtvt", started_at=late.started_at
    )
    added(work.clocks, far, soon, late, done, other)
    now = soon.warn_at
    assert late.due_at < now < soon.due_at

    def found(
        kinds: frozenset[ClockKind] = frozenset({ClockKind.K1, ClockKind.K2}), **wanted: Any
    ) -> list[str]:
        return ids(work.clocks.watched(ClockFilter(kinds, **wanted), 1, 10, now).items)

    assert found() == [late.id, other.id, soon.id]
    assert found(late=True) == [late.id, other.id]
    assert found(late=False) == [soon.id]
    assert found(agency_ids=frozenset({"so-gtvt"})) == [other.id]
    assert found(agency_ids=frozenset()) == []
    assert found(kinds=frozenset({ClockKind.K2})) == [other.id]
    everything = ClockFilter(frozenset({ClockKind.K1, ClockKind.K2}))
    counts = sorted(work.clocks.counts(everything, now), key=lambda count: count.kind)
    assert counts == [
        ClockCount("so-tttt", ClockKind.K1, late=1, soon=1, running=3),
        ClockCount("so-gtvt", ClockKind.K2, late=1, soon=0, running=1),
    ]
