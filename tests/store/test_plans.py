"""No list and no tick walks through history: every question is answered by an index.

Asked of SQLite's planner, with the statistics of a province: a million rows in each table, of which
some thousands are still alive. (PostgreSQL's planner is told the same by autovacuum.)
"""

import re
import sqlite3
from datetime import timedelta

import pytest
from sqlalchemy import event

from app.domain.clocks import ClockKind
from app.domain.engine import SubscriptionKind
from app.domain.instances import IncidentState, InstanceState
from app.domain.people import Role
from app.domain.procedures import RegistrationState
from app.domain.waiting import JobState
from app.store.session import Session
from app.store.tables import metadata
from app.usecases.ports import ClockFilter, DueFilter, InstanceFilter, Queue, TaskFilter
from tests.store.builders import an_actor
from tests.store.rooms import MORNING, a_store

AN = an_actor(("a", Role.SPECIALIST, None), ("b", Role.UNIT_HEAD, "Phòng 1"))
HERE = frozenset({"a"})

QUESTIONS = {
    "tasks: mine": lambda w: w.user_tasks.page(TaskFilter(AN), 1, 50, MORNING),
    "tasks: unassigned": lambda w: w.user_tasks.page(
        TaskFilter(AN, Queue.UNASSIGNED, search="do thi"), 1, 50, MORNING
    ),
    "tasks: unit": lambda w: w.user_tasks.page(
        TaskFilter(AN, Queue.UNIT, due=DueFilter.PAUSED), 1, 50, MORNING
    ),
    "tasks: counts": lambda w: w.user_tasks.counts(TaskFilter(AN), MORNING),
    "tasks: mark": lambda w: w.user_tasks.version_of(TaskFilter(AN)),
    "tasks: at token": lambda w: w.user_tasks.at_token("i", 1),
    "tasks: of instance": lambda w: w.user_tasks.of_instance("i"),
    "tasks: before": lambda w: w.user_tasks.open_before(MORNING, None, 50),
    "instances: page": lambda w: w.instances.page(InstanceFilter(), 1, 50),
    "instances: active": lambda w: w.instances.page(
        InstanceFilter(state=InstanceState.ACTIVE), 1, 50
    ),
    "instances: of a definition": lambda w: w.instances.page(
        InstanceFilter(definition_key="p04"), 1, 50
    ),
    "instances: with incidents": lambda w: w.instances.page(
        InstanceFilter(with_incidents=True), 1, 50
    ),
    "instances: by key": lambda w: w.instances.by_business_key("x"),
    "instances: of subject": lambda w: w.instances.of_subject("case", "x"),
    "instances: history": lambda w: w.instances.history("x"),
    "instances: history, a piece": lambda w: w.instances.history("x", limit=50, before=900),
    "instances: running": lambda w: w.instances.count_running(),
    "instances: that stand still": lambda w: w.instances.page(
        InstanceFilter(still_since=MORNING), 1, 50
    ),
    "instances: counts": lambda w: w.instances.count_by_state(),
    "jobs: stranded": lambda w: w.jobs.stranded(MORNING, 50),
    "jobs: at token": lambda w: w.jobs.at_token("i", 1),
    "jobs: failed": lambda w: w.jobs.page(JobState.FAILED, 1, 50),
    "timers: due": lambda w: w.timers.due(MORNING, 50),
    "timers: at token": lambda w: w.timers.at_token("i", 1),
    "subscriptions: waiting": lambda w: w.subscriptions.waiting(SubscriptionKind.MESSAGE, "n", "k"),
    "subscriptions: at token": lambda w: w.subscriptions.at_token("i", 1),
    "inbox: waiting": lambda w: w.inbox.waiting("n", "k", MORNING),
    "inbox: uncorrelated": lambda w: w.inbox.uncorrelated(1, 50),
    "inbox: expire": lambda w: w.inbox.expire(MORNING),
    "incidents: open": lambda w: w.incidents.page(IncidentState.OPEN, 1, 50),
    "incidents: at token": lambda w: w.incidents.open_at("i", 1),
    "incidents: of instance": lambda w: w.incidents.of_instance("i"),
    "clocks: running": lambda w: w.clocks.running("case", "c", ClockKind.K4),
    "clocks: of subjects": lambda w: w.clocks.of_subjects("case", ["c", "d"]),
    "clocks: to warn": lambda w: w.clocks.to_warn(MORNING, 50),
    "clocks: to mark": lambda w: w.clocks.to_mark_overdue(MORNING, 50),
    "clocks: overdue": lambda w: w.clocks.overdue_page(None, 1, 50),
    "clocks: watched": lambda w: w.clocks.watched(
        ClockFilter(frozenset({ClockKind.K4}), late=True), 1, 50, MORNING
    ),
    "clocks: counts": lambda w: w.clocks.counts(ClockFilter(frozenset(ClockKind)), MORNING),
    "clocks: by calendar": lambda w: w.clocks.open_by_calendar("c"),
    "cases: by code": lambda w: w.cases.by_code("c"),
    "cases: page": lambda w: w.cases.page(HERE, "", 1, 50),
    "cases: not accepted": lambda w: w.cases.not_accepted("s"),
    "papers": lambda w: w.papers.of_subject("case", "c"),
    "post: by item": lambda w: w.postal_orders.by_item("c"),
    "post: of case": lambda w: w.postal_orders.of_case("c"),
    "registrations: page": lambda w: w.registrations.page(HERE, RegistrationState.DRAFT, "", 1, 50),
    "notices: page": lambda w: w.notices.page("an", 1, 50),
    "notices: unread": lambda w: w.notices.unread("an"),
    "users: holding": lambda w: w.users.holding(Role.CLERK, "a"),
    "sessions": lambda w: w.sessions.find("h"),
    "definitions: loads": lambda w: w.definitions.loads("d1"),
    "definitions: latest": lambda w: w.definitions.latest("p04"),
    "drafts": lambda w: w.drafts.page(HERE, 1, 50),
    "queue": lambda w: w.queue.enqueue("x", {}, dedup="d", run_at=MORNING + timedelta(1)),
}
SMALL = {"role_bindings", "users", "sessions", "agencies", "calendars"}
"""Tables that a walk through does not hurt: they grow with the staff, not with the work."""

WALKS_AN_INDEX = {
    "instances: page": "counts all instances, in the index alone; shows the first fifty",
    "instances: counts": "counts them by state, in the index alone",
}
ALIVE, ROWS = 5_000, 1_000_000
LIVING = {
    index.name
    for table in metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["sqlite"]["where"] is not None
}


@pytest.fixture
def watched(sqlite_url, clock, monkeypatch):
    """A store and the statements that it has sent."""
    give_statistics(sqlite_url)
    store = a_store(sqlite_url, clock)
    sent = []

    @event.listens_for(store.database, "before_cursor_execute")
    def note(_connection, _cursor, statement, parameters, _context, _many):
        if not statement.startswith(("EXPLAIN", "BEGIN", "SAVEPOINT", "RELEASE")):
            sent.append((statement, parameters))

    asked = Session.rows

    def ask(session, lens, statement, parameters):
        sent.append((statement, parameters))
        return asked(session, lens, statement, parameters)

    monkeypatch.setattr(Session, "rows", ask)
    yield store, sent
    store.close()


def give_statistics(url):
    """Tell the planner how a province looks: see sqlite.org/fileformat2.html#stat1tab."""
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    connection.execute("ANALYZE")
    connection.execute("DELETE FROM sqlite_stat1")
    for name, table, sql in connection.execute(
        "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index'"
    ).fetchall():
        columns = [row[2] for row in connection.execute(f"PRAGMA index_info({name})")]
        rows = ALIVE if sql and " WHERE " in sql else ROWS
        rows = 500 if table in SMALL else rows
        same = rows
        numbers = [rows]
        for column in columns:
            same = same if column == "tenant_id" else max(1, same // 100)
            numbers.append(same)
        if sql is None or "UNIQUE" in sql:
            numbers[-1] = 1
        connection.execute(
            "INSERT INTO sqlite_stat1 VALUES (?, ?, ?)",
            (table, name, " ".join(map(str, numbers))),
        )
    connection.commit()
    connection.close()


def plan(connection, statement, parameters):
    """The planner's lines for a statement."""
    rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
    return [row[-1] for row in rows]


@pytest.mark.parametrize("question", QUESTIONS)
def test_no_table_is_walked_through(watched, question):
    store, sent = watched
    with store.open_work() as work:
        QUESTIONS[question](work)
        connection = work.files.session.connection()
        lines = [line for asked in list(sent) for line in plan(connection, *asked)]
    assert sent
    walks = [line for line in lines if re.match(r"SCAN (?!CONSTANT|anon_)(\w+)", line)]
    big = [line for line in walks if line.split()[1] not in SMALL]
    assert not big, lines
    if question not in WALKS_AN_INDEX:
        whole = [line for line in lines if whole_province(line)]
        assert not whole, lines


def whole_province(line):
    """The planner reads every row of the province, living or not."""
    found = re.match(r"SEARCH (\w+) USING (?:COVERING )?INDEX (\w+) \(tenant_id=\?\)$", line)
    return found and found[1] not in SMALL and found[2] not in LIVING


@pytest.mark.parametrize(
    ("question", "index"),
    [
        ("tasks: unassigned", "ix_user_tasks_agency"),
        ("tasks: mine", "ix_user_tasks_assignee"),
        ("jobs: stranded", "ix_jobs_due"),
        ("timers: due", "ix_timers_due"),
        ("clocks: to warn", "ix_clocks_to_warn"),
        ("clocks: to mark", "ix_clocks_to_mark_overdue"),
        ("clocks: overdue", "ix_clocks_overdue"),
        ("inbox: waiting", "ix_messages_waiting"),
        ("subscriptions: waiting", "ix_subscriptions_open"),
        ("instances: with incidents", "ix_process_instances_incidents"),
        ("incidents: at token", "ix_incidents_open_token"),
        ("notices: unread", "ix_notices_unread"),
    ],
)
def test_living_rows_have_an_index_of_their_own(watched, question, index):
    store, sent = watched
    with store.open_work() as work:
        QUESTIONS[question](work)
        connection = work.files.session.connection()
        lines = [line for asked in list(sent) for line in plan(connection, *asked)]
    assert any(index in line for line in lines), lines


def test_the_next_entry_of_the_queue_is_found_by_its_index(watched):
    store, sent = watched
    assert store.queue.claim("w") is None
    with store.database.begin() as connection:
        lines = [line for asked in list(sent) for line in plan(connection, *asked)]
    assert any("ix_queue_next" in line for line in lines), lines
    assert not [line for line in lines if line.startswith("SCAN")], lines
