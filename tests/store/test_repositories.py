"""What each repository promises in its port, on both databases."""

# ruff: noqa: PT012 - what a transaction refuses takes statements, and shows at its end

from datetime import date, timedelta
from fractions import Fraction

import pytest

from app.domain.calendars import Calendar
from app.domain.cases import CaseStatus
from app.domain.clocks import ClockKind
from app.domain.definitions import DiagramDraft, FileSet, sha256
from app.domain.durations import Duration, Unit
from app.domain.engine import Outcome, SubscriptionKind
from app.domain.errors import Conflict, InvalidState, NotFound
from app.domain.instances import HistoryEntry, IncidentState, InstanceState
from app.domain.people import AgencyLevel, AgencyPart, LoginAttempts, Role, Session
from app.domain.procedures import RegistrationState, ServiceLevel, ServiceVersion
from app.domain.waiting import JobState
from app.store.drafts import diagram_drafts
from app.store.files import files
from app.usecases.ports import ElementLoad, InstanceFilter
from tests.store.builders import (
    a_calendar,
    a_case,
    a_clock,
    a_decision,
    a_definition,
    a_deployment,
    a_job,
    a_message,
    a_notice,
    a_paper,
    a_postal_order,
    a_procedure,
    a_registration,
    a_service,
    a_subscription,
    a_task,
    a_timer,
    a_user,
    an_agency,
    an_incident,
    an_instance,
    new_id,
)
from tests.store.rooms import MORNING

LATER = MORNING + timedelta(hours=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def work(store):
    """One open transaction: what a test adds, it reads back from the database."""
    with store.open_work() as opened:
        yield opened


def added(repository, *things):
    """Add, write, and read back: what they hold comes from the database."""
    for thing in things:
        repository.add(thing)
    session = repository.session
    session.flush()
    session.read_again()
    return things[0] if len(things) == 1 else things


def ids(things):
    return [thing.id for thing in things]


# --- files ----------------------------------------------------------------------------------


def test_bytes_are_kept_once_by_their_checksum(work):
    first = work.files.put(b"abc", MORNING)
    assert work.files.put(b"abc", LATER) == first == sha256(b"abc")
    assert work.files.has(first)
    assert work.files.read(first) == b"abc"
    assert not work.files.has("0" * 64)
    with pytest.raises(NotFound):
        work.files.read("0" * 64)


def test_bytes_that_were_tampered_with_are_not_handed_out(work):
    checksum = work.files.put(b"abc", MORNING)
    work.files.session.execute(files.update().values(content=b"abd"))
    with pytest.raises(InvalidState):
        work.files.read(checksum)


def test_a_set_is_read_back_whole(work):
    names = {"a.bpmn": work.files.put(b"a", MORNING), "b.form": work.files.put(b"b", MORNING)}
    file_set = FileSet.of(names, MORNING)
    work.files.put_set(file_set)
    work.files.put_set(FileSet.of(names, LATER))
    assert vars(work.files.get_set(file_set.checksum)) == vars(file_set)
    assert work.files.read_set(file_set.checksum) == {"a.bpmn": b"a", "b.form": b"b"}
    with pytest.raises(NotFound):
        work.files.get_set("0" * 64)


# --- definitions ----------------------------------------------------------------------------


def test_versions_of_a_definition(work):
    one = a_definition(version_tag="2026", deployment_id="d1", start_messages=["nop", 'a "b"'])
    two = a_definition(version=2, deployment_id="d2", start_messages=["nop"])
    added(work.definitions, one, two, a_definition(key="khac"))
    definitions = work.definitions
    assert definitions.latest("p04") is two
    assert definitions.latest("nobody") is None
    assert definitions.version("p04", 1) is one
    assert definitions.tagged("p04", "2026") is one
    assert definitions.tagged("p04", "2027") is None
    assert definitions.in_deployment("d2") == [two]
    assert definitions.keys() == ["khac", "p04"]
    assert definitions.versions("p04") == [two, one]
    assert definitions.next_version("p04") == 3
    assert definitions.next_version("new") == 1
    assert definitions.started_by_message("nop") == [two]
    assert definitions.started_by_message('a "b"') == [], "only the latest version counts"
    assert definitions.started_by_message("no") == []


def test_where_the_instances_of_a_definition_stand(work):
    running, other, over = (an_instance(definition_id=d) for d in ("d1", "d2", "d1"))
    over.end(Outcome.COMPLETED, LATER)
    added(work.instances, running, other, over)

    def of(instance, **given):
        return {"instance_id": instance.id, **given}

    done = a_task(**of(running, element="a"))
    done.complete("an", "An", MORNING)
    added(
        work.user_tasks,
        done,
        a_task(**of(running, element="a", created_at=LATER)),
        a_task(**of(running, element="a", created_at=MORNING)),
        a_task(**of(other, element="a")),
        a_task(**of(over, element="a")),
    )
    broken = a_job(**of(running, element="b"))
    broken.fail("hỏng")
    added(work.jobs, broken, a_job(**of(running, element="c", created_at=LATER)))
    work.incidents.add(an_incident(**of(running, element="b")))
    assert work.definitions.loads("d1") == [
        ElementLoad("a", 2, MORNING, 0),
        ElementLoad("b", 0, None, 1),
        ElementLoad("c", 1, LATER, 0),
    ]
    assert work.definitions.loads("nobody") == []


def test_deployments_are_numbered(work):
    first, second = a_deployment(), a_deployment()
    work.definitions.add_deployment(first)
    work.definitions.add_deployment(second)
    assert (first.seq, second.seq) == (1, 2)
    assert work.definitions.deployment(second.id) is second
    with pytest.raises(NotFound):
        work.definitions.deployment("nobody")


def test_versions_of_a_decision(work):
    one, two = a_decision(deployment_id="d1"), a_decision(version=2, deployment_id="d2")
    work.definitions.add_decision(one)
    work.definitions.add_decision(two)
    assert work.definitions.latest_decision("le_phi") is two
    assert work.definitions.decision_in("d1", "le_phi") is one
    assert work.definitions.decision_in("d1", "khac") is None
    assert work.definitions.decision_version("le_phi", 1) is one
    assert work.definitions.next_decision_version("le_phi") == 3


# --- instances ------------------------------------------------------------------------------


def test_instances_are_listed_newest_first_and_filtered(work):
    one = an_instance(business_key="A-0001", agency_id="a")
    two = an_instance(business_key="A-0002", agency_id="b", definition_key="khac")
    three = an_instance(business_key="B%0003", agency_id="b", open_incidents=1)
    two.end(Outcome.COMPLETED, LATER)
    added(work.instances, one, two, three)

    def listed(**wanted):
        page = work.instances.page(InstanceFilter(**wanted), 1, 10)
        assert page.total == len(page.items)
        return page.items

    assert listed() == [three, two, one]
    assert listed(state=InstanceState.ACTIVE) == [three, one]
    assert listed(definition_key="khac") == [two]
    assert listed(search="A-") == [two, one]
    assert listed(search="A-0002 ") == [two]
    assert listed(search="B%") == [three]
    assert listed(search="%") == []
    assert listed(with_incidents=True) == [three]
    assert listed(agency_ids=frozenset({"a"})) == [one]
    assert listed(agency_ids=frozenset()) == []
    assert work.instances.by_business_key("A-0001") == [one]
    assert work.instances.of_subject("case", "case-1") == [one, two, three]
    assert work.instances.of_subject("registration", "case-1") == []
    assert work.instances.count_by_state() == {"active": 2, "completed": 1}


def test_pages_are_stable_and_bounded(work):
    instances = [an_instance() for _ in range(7)]
    added(work.instances, *instances)
    pages = [work.instances.page(InstanceFilter(), number, 3) for number in (1, 2, 3, 4)]
    assert [len(page.items) for page in pages] == [3, 3, 1, 0]
    assert {page.total for page in pages} == {7}
    assert pages[0].pages == 3
    assert [i for page in pages for i in ids(page.items)] == sorted(ids(instances), reverse=True)
    assert work.instances.page(InstanceFilter(), 0, 100_000).number == 1
    assert work.instances.page(InstanceFilter(), 1, 100_000).size == 200


def test_history_is_appended_and_read_newest_last(work):
    entries = [
        HistoryEntry("i1", n, MORNING + n * HOUR, "complete" if n % 2 else "timer", "e", "n", "an",
                     "An", {"facts": [["+", "e"]]})
        for n in range(1, 6)
    ]  # fmt: skip
    work.instances.record([])
    work.instances.record(entries[:2])
    work.instances.record(entries[2:])
    assert [vars(entry) for entry in work.instances.history("i1")] == [vars(e) for e in entries]
    assert [e.seq for e in work.instances.history("i1", limit=2)] == [4, 5]
    assert [e.seq for e in work.instances.history("i1", kinds=["timer"])] == [2, 4]
    assert work.instances.history("i2") == []


def test_the_same_history_number_twice_is_a_conflict(store):
    entry = HistoryEntry("i1", 1, MORNING, "x", "", "", "an", "An")
    with store.open_work() as work:
        work.instances.record([entry])
    with pytest.raises(Conflict), store.open_work() as work:
        work.instances.record([entry])


# --- jobs, timers, subscriptions, messages ----------------------------------------------------


def test_jobs_are_found_by_token_and_stranded_ones_by_time(work):
    due, later, held, done, failed = (a_job(token=n) for n in range(5))
    later.run_at = LATER
    held.claim(MORNING)
    done.done(MORNING)
    failed.fail("hỏng")
    added(work.jobs, due, later, held, done, failed)
    jobs = work.jobs
    assert jobs.at_token("i1", 0) is due
    assert jobs.at_token("i1", 3) is None, "what is done, no token waits for"
    assert jobs.at_token("i1", 4) is failed
    assert jobs.of_instance("i1") == [due, later, held, done, failed]
    assert jobs.stranded(MORNING, 10) == [due]
    assert jobs.stranded(MORNING + timedelta(seconds=61), 10) == [due, held]
    assert jobs.stranded(MORNING + timedelta(seconds=61), 1) == [due]
    assert jobs.page(JobState.FAILED, 1, 10).items == [failed]
    assert jobs.page(None, 1, 10).total == 5
    assert jobs.lock(due.id) is due
    assert due.parameters == {"code": "1"}


def test_timers(work):
    first, second, fired = a_timer(token=1), a_timer(token=2, due_at=LATER), a_timer(token=3)
    fired.fire()
    added(work.timers, second, first, fired)
    assert work.timers.due(MORNING, 10) == [first]
    assert work.timers.due(LATER, 10) == [first, second]
    assert work.timers.due(LATER, 1) == [first]
    assert work.timers.at_token("i1", 2) is second
    assert work.timers.at_token("i1", 3) is None
    assert work.timers.of_instance("i1") == [first, second, fired]


def test_subscriptions(work):
    first = a_subscription(token=1, created_at=MORNING)
    second = a_subscription(token=2, created_at=LATER, key="k2")
    closed = a_subscription(token=3, open=False)
    signal = a_subscription(token=4, kind=SubscriptionKind.SIGNAL, key=None)
    added(work.subscriptions, second, first, closed, signal)
    subscriptions = work.subscriptions
    assert subscriptions.waiting(SubscriptionKind.MESSAGE, "paid", None) == [first, second]
    assert subscriptions.waiting(SubscriptionKind.MESSAGE, "paid", "k2") == [second]
    assert subscriptions.waiting(SubscriptionKind.MESSAGE, "other", None) == []
    assert subscriptions.waiting(SubscriptionKind.SIGNAL, "paid", None) == [signal]
    assert subscriptions.at_token("i1", 1) == [first]
    assert subscriptions.at_token("i1", 3) == []
    assert len(subscriptions.of_instance("i1")) == 4


def test_the_inbox_keeps_what_arrives_once(work):
    newer, older = a_message(received_at=LATER), a_message(received_at=MORNING)
    nobody_s, expired = a_message(key=None), a_message(expires_at=LATER)
    assert all(work.inbox.add(m) for m in (newer, older, nobody_s, expired))
    assert not work.inbox.add(a_message(dedup=newer.dedup))
    work.inbox.lock("paid", "k")
    assert work.inbox.waiting("paid", "k", LATER) is older
    older.correlated_at = LATER
    assert work.inbox.waiting("paid", "k", LATER) is newer
    assert work.inbox.waiting("paid", None, LATER) is nobody_s
    assert work.inbox.waiting("paid", "other", LATER) is None
    assert work.inbox.expire(LATER) == 1
    assert work.inbox.find(expired.id) is None
    assert work.inbox.find(older.id) is older


def test_incidents(work):
    instance = an_instance(business_key="HS-77")
    added(work.instances, instance)
    same = [an_incident(created_at=MORNING + n * HOUR) for n in range(2)]
    other = an_incident(element="ký", message="Hết chỗ", instance_id=instance.id)
    solved = an_incident(instance_id="i-solved", token=3, message="Cũ")
    solved.resolve("an", LATER, "thử lại")
    added(work.incidents, *same, other, solved)
    incidents = work.incidents
    assert incidents.grouped() == [("Đối tác không trả lời", "gui", 2), ("Hết chỗ", "ký", 1)]
    assert incidents.page(IncidentState.OPEN, 1, 10).total == 3
    assert incidents.page(IncidentState.OPEN, 1, 10).items[0] is same[1]
    assert incidents.page(IncidentState.RESOLVED, 1, 10).items == [solved]
    assert incidents.page(IncidentState.OPEN, 1, 10, search="het cho").items == [other]
    assert incidents.page(IncidentState.OPEN, 1, 10, search="HS-77").items == [other]
    assert incidents.open_at(instance.id, other.token) is other
    assert incidents.open_at("i-solved", 3) is None
    assert incidents.of_instance(instance.id) == [other]


# --- clocks and calendars -------------------------------------------------------------------


def test_a_clock_is_read_back_as_it_was(store):
    clock = a_clock()
    clock.pause(LATER, "chờ bổ sung")
    with store.open_work() as work:
        work.clocks.add(clock)
    with store.open_work(read_only=True) as work:
        found = work.clocks.get(clock.id)
    assert found is not clock
    for name in ("duration", "measured", "cut_off", "counting", "explanation", "history", "due_at",
                 "warn_at", "state", "paused_at", "kind", "agency_id"):  # fmt: skip
        assert getattr(found, name) == getattr(clock, name), name


def test_a_measured_fraction_stays_exact(store):
    clock = a_clock(duration=Duration(Fraction(1, 3), Unit.WORKING_HOUR))
    with store.open_work() as work:
        work.clocks.add(clock)
    with store.open_work(read_only=True) as work:
        assert work.clocks.get(clock.id).duration.value == Fraction(1, 3)


def test_clocks_are_found_when_they_have_to_speak(work):
    one, two = a_clock(subject_id="r1"), a_clock(subject_id="r2", kind=ClockKind.K2)
    paused = a_clock(subject_id="r3", agency_id="khac")
    paused.pause(LATER)
    added(work.clocks, one, two, paused)
    clocks = work.clocks
    assert clocks.running("registration", "r1", ClockKind.K1) is one
    assert clocks.running("registration", "r3", ClockKind.K1) is paused
    assert clocks.running("registration", "r1", ClockKind.K2) is None
    assert clocks.running("case", "r1", ClockKind.K1) is None
    assert clocks.of_subject("registration", "r2") == [two]
    assert clocks.of_subjects("registration", ["r1", "r2"]) == [one, two]
    assert clocks.of_subjects("registration", []) == []
    assert clocks.open_by_calendar("tinh") == [one, two, paused]
    assert clocks.to_warn(one.warn_at - HOUR, 10) == []
    assert clocks.to_warn(one.warn_at, 10) == [one]
    one.mark_warned(one.warn_at)
    assert clocks.to_warn(one.warn_at, 10) == []
    assert clocks.to_mark_overdue(one.due_at, 10) == [], "due is not overdue"
    late = one.due_at + timedelta(seconds=1)
    assert clocks.to_mark_overdue(late, 10) == [one]
    one.mark_overdue(late)
    assert clocks.to_mark_overdue(late, 10) == []
    assert clocks.overdue_page(None, 1, 10).items == [one]
    assert clocks.overdue_page(frozenset({"so-tttt"}), 1, 10).items == [one]
    assert clocks.overdue_page(frozenset({"khac"}), 1, 10).items == []
    one.stop(late)
    assert clocks.running("registration", "r1", ClockKind.K1) is None
    assert clocks.overdue_page(None, 1, 10).total == 0


def test_the_calendar_of_an_agency(work):
    province = a_calendar()
    own = a_calendar(id="rieng", name="Lịch riêng", parent=province)
    work.calendars.add(province)
    work.calendars.add(own)
    added(
        work.agencies,
        an_agency(id="tinh-uy", level=AgencyLevel.PROVINCE, calendar_id="tinh"),
        an_agency(id="a", calendar_id="rieng"),
        an_agency(id="b"),
    )
    assert work.calendars.for_agency("a") == own
    assert work.calendars.for_agency("b") == province
    assert work.calendars.for_agency("unknown") == province
    assert work.calendars.get("rieng").parent == province
    assert [c.id for c in work.calendars.all()] == ["tinh", "rieng"]
    assert work.calendars.find("nobody") is None
    with pytest.raises(NotFound):
        work.calendars.get("nobody")


def test_without_any_calendar_there_is_a_sentence(work):
    with pytest.raises(NotFound, match="lịch"):
        work.calendars.for_agency("a")


def test_a_calendar_is_saved_on_top_of_what_was_read(store):
    with store.open_work() as work:
        work.calendars.add(a_calendar())
    with store.open_work() as work:
        changed = Calendar(id="tinh", name="Tên mới", version=1)
        work.calendars.save(changed, expected_version=1)
    with store.open_work(read_only=True) as work:
        assert (work.calendars.get("tinh").name, work.calendars.get("tinh").version) == (
            "Tên mới",
            2,
        )
    with pytest.raises(Conflict), store.open_work() as work:
        work.calendars.save(changed, expected_version=1)


def test_a_changed_parent_changes_the_child_that_is_kept_parsed(store):
    province = a_calendar()
    with store.open_work() as work:
        work.calendars.add(province)
        work.calendars.add(a_calendar(id="rieng", name="Riêng", parent=province))
    with store.open_work(read_only=True) as work:
        first = work.calendars.get("rieng")
        assert work.calendars.get("rieng") is first, "parsed once"
    with store.open_work() as work:
        work.calendars.save(a_calendar(name="Mới"), expected_version=1)
    with store.open_work(read_only=True) as work:
        assert work.calendars.get("rieng").parent.name == "Mới"


# --- people -----------------------------------------------------------------------------------


def test_agencies(work):
    manager = an_agency(name="Sở TT&TT", part=AgencyPart.PORTAL_MANAGER, valid_to=date(2025, 3, 1))
    other = an_agency(name="Ban Dân tộc")
    added(work.agencies, manager, other)
    assert work.agencies.all() == [other, manager]
    assert work.agencies.by_part(AgencyPart.PORTAL_MANAGER) is manager
    assert manager.valid_to == date(2025, 3, 1)
    with pytest.raises(NotFound):
        work.agencies.by_part(AgencyPart.VENDOR)


def test_users_and_their_roles(store):
    head = a_user(full_name="Bình", bindings=[("a", Role.UNIT_HEAD, "Phòng 1")])
    whole = a_user(full_name="An", bindings=[("a", Role.UNIT_HEAD, None), ("b", Role.CLERK, None)])
    gone = a_user(full_name="Cũ", active=False, bindings=[("a", Role.UNIT_HEAD, None)])
    with store.open_work() as work:
        for user in (head, whole, gone):
            work.users.add(user)
    with store.open_work(read_only=True) as work:
        found = work.users.by_username(whole.username)
        assert work.users.by_username("nobody") is None
        assert ids(work.users.holding(Role.UNIT_HEAD, "a")) == [whole.id, head.id]
        assert ids(work.users.holding(Role.UNIT_HEAD, "a", "Phòng 1")) == [whole.id, head.id]
        assert ids(work.users.holding(Role.UNIT_HEAD, "a", "Phòng 2")) == [whole.id]
        assert work.users.holding(Role.CLERK, "a") == []
        assert ids(work.users.at_agency("b")) == [whole.id]
        assert ids(work.users.all()) == [whole.id, head.id, gone.id]
    assert [(b.agency_id, b.role) for b in found.bindings] == [
        ("a", Role.UNIT_HEAD),
        ("b", Role.CLERK),
    ], "bindings come with the user, also after the Work"


def test_a_binding_that_is_taken_away_is_gone(store):
    user = a_user(bindings=[("a", Role.CLERK, None), ("b", Role.CLERK, None)])
    with store.open_work() as work:
        work.users.add(user)
    with store.open_work() as work:
        work.users.get(user.id).bindings.pop(0)
    with store.open_work(read_only=True) as work:
        assert [b.agency_id for b in work.users.get(user.id).bindings] == ["b"]
        assert work.users.holding(Role.CLERK, "a") == []


def test_sessions_end_when_they_are_idle_or_old(work):
    fresh = Session("h1", "an", MORNING, MORNING)
    idle = Session("h2", "an", MORNING - HOUR, MORNING - timedelta(minutes=30))
    old = Session("h3", "an", MORNING - timedelta(hours=12), MORNING)
    for session in (fresh, idle, old):
        work.sessions.add(session)
    assert work.sessions.find("h1") is fresh
    assert work.sessions.remove_expired(MORNING) == 2
    assert [work.sessions.find(h) for h in ("h1", "h2", "h3")] == [fresh, None, None]
    work.sessions.remove("h1")
    assert work.sessions.find("h1") is None
    assert work.sessions.find("") is None


def test_failed_sign_ins_are_remembered(work):
    assert work.sessions.attempts("an") is None
    work.sessions.keep_attempts(LoginAttempts("an", 1, MORNING))
    work.sessions.keep_attempts(LoginAttempts("an", 2, LATER))
    work.sessions.keep_attempts(LoginAttempts("binh", 1, MORNING))
    assert vars(work.sessions.attempts("an")) == {"key": "an", "failures": 2, "last_at": LATER}
    work.sessions.forget_attempts("an")
    assert work.sessions.attempts("an") is None
    assert work.sessions.attempts("binh")


def test_notices_are_given_once_and_read(work):
    assert work.notices.add(a_notice(dedup="k1"))
    assert not work.notices.add(a_notice(dedup="k1"))
    assert work.notices.add(a_notice(dedup="k1", user_id="binh"))
    newest = a_notice(at=LATER)
    assert work.notices.add(newest)
    assert work.notices.add(a_notice())
    assert work.notices.unread("an") == 3
    assert work.notices.page("an", 1, 2).items[0] is newest
    assert work.notices.page("an", 1, 2).total == 3
    work.notices.mark_read("an", LATER)
    assert work.notices.unread("an") == 0
    assert newest.read_at == LATER
    assert work.notices.unread("binh") == 1


# --- procedures, services, registrations ------------------------------------------------------


def test_procedures(work):
    second, first = a_procedure(code="2.1"), a_procedure(code="1.1", agency_id="khac")
    added(work.procedures, second, first)
    assert work.procedures.all() == [first, second]
    assert work.procedures.at_agency("khac") == [first]


def test_services_and_their_versions(work):
    live = a_service(name="Đăng ký kinh doanh", procedure_id="p1", live_version=2)
    planned = a_service(name="Cấp phép")
    added(work.services, live, planned)
    versions = [
        ServiceVersion(
            new_id(), "lao-cai", "a", live.id, number, f"r{number}", "d", "p04", "x",
            ServiceLevel.LEVEL_4, {"number": "1"}, {}, {}, {}, {"fees": "không có"}, MORNING,
        )
        for number in (1, 2)
    ]  # fmt: skip
    for version in versions:
        work.services.add_version(version)
    services = work.services
    assert services.of_procedure("p1", live.agency_id) is live
    assert services.of_procedure("p1", "khac") is None
    assert services.page("dang KINH", 1, 10).items == [live]
    assert services.page("", 1, 10).items == [planned, live]
    assert services.live_at(live.agency_id) == [live]
    assert services.lock(live.id) is live
    assert services.versions(live.id) == versions[::-1]
    assert services.version(live.id, 1) is versions[0]
    assert services.version(live.id, 3) is None
    assert services.version_of_registration("r2") is versions[1]
    assert versions[0].announcement == {"number": "1"}


def test_registrations(work):
    one = a_registration(created_at=MORNING)
    two = a_registration(created_at=LATER, agency_id="khac", service_name="Đấu nối đường")
    two.freeze("sum", LATER)
    added(work.registrations, one, two)
    registrations = work.registrations
    assert registrations.page(None, None, "", 1, 10).items == [two, one]
    assert registrations.page(frozenset({"khac"}), None, "", 1, 10).items == [two]
    assert registrations.page(None, RegistrationState.DRAFT, "", 1, 10).items == [one]
    assert registrations.page(None, None, "dau noi", 1, 10).items == [two]
    assert registrations.page(None, None, one.code.lower(), 1, 10).items == [one]
    assert registrations.lock(two.id).round == 1
    assert registrations.of_procedure("p1", "khac") == [two]
    assert one.document_date == date(2026, 11, 20)


# --- cases ------------------------------------------------------------------------------------


def test_cases(work):
    mine = a_case(submitted_at=MORNING)
    received = a_case(agency_id="khac", receiving_agency_id="so-xay-dung", submitted_at=LATER)
    other = a_case(agency_id="khac", owner_name="Lò Văn Páo")
    other.move_to(CaseStatus.DENIED)
    added(work.cases, mine, received, other)
    cases = work.cases
    assert cases.by_code(mine.code) is mine
    assert cases.by_code("nobody") is None
    assert cases.page(frozenset({"so-xay-dung"}), "", 1, 10).items == [received, mine]
    assert cases.page(None, "pao lo", 1, 10).items == [other]
    assert cases.page(None, mine.code[-8:], 1, 10).items == [mine]
    assert cases.page(None, "", 1, 10).total == 3
    assert cases.not_accepted("s1") == [mine, received]
    mine.accept(LATER, LATER, 1)
    assert cases.not_accepted("s1") == [received]
    assert cases.lock(mine.id) is mine


def test_papers_and_post(work):
    second, first = a_paper(uploaded_at=LATER), a_paper(component="TP01")
    added(work.papers, second, first, a_paper(subject_id="c2"))
    assert work.papers.of_subject("case", "c1") == [first, second]
    assert work.papers.of_subject("task", "c1") == []
    order = a_postal_order()
    added(work.postal_orders, order)
    assert work.postal_orders.by_item(order.item_code) is order
    assert work.postal_orders.by_item("x") is None
    assert work.postal_orders.of_case("c1") == [order]


# --- drafts, replies --------------------------------------------------------------------------


def a_draft(**given):
    values = {
        "id": new_id(), "tenant_id": "lao-cai", "agency_id": "a", "name": "Bản vẽ", "content": "<x/>",
        "revision": 1, "owner_id": "an", "updated_at": MORNING, "updated_by": "an",
    }  # fmt: skip
    return DiagramDraft(**(values | given))


def test_drafts(work):
    old, new, foreign = a_draft(), a_draft(updated_at=LATER), a_draft(agency_id="b")
    added(work.drafts, old, new, foreign)
    assert work.drafts.page(frozenset({"a"}), 1, 10).items == [new, old]
    work.drafts.remove(new)
    assert work.drafts.page(frozenset({"a"}), 1, 10).items == [old]


def test_a_draft_counts_its_own_revisions(store):
    draft = a_draft(id="d1")
    with store.open_work() as work:
        work.drafts.add(draft)
    with store.open_work() as work:
        found = work.drafts.get("d1")
        assert found.revision == 1
        found.content, found.revision = "<y/>", 2
    with pytest.raises(Conflict), store.open_work() as work:
        stale = work.drafts.get("d1")
        others = diagram_drafts.update().values(revision=3)
        work.drafts.session.execute(others)  # as if somebody else had been faster
        stale.content, stale.revision = "<z/>", 3
    with store.open_work(read_only=True) as work:
        assert work.drafts.get("d1").content == "<y/>"


def test_replies(work):
    assert work.replies.find("s", "k") is None
    work.replies.keep("s", "k", "hash", 201, "{}")
    assert work.replies.find("s", "k") == ("hash", 201, "{}")
    assert work.replies.find("s", "k2") is None
    with pytest.raises(Conflict):
        work.replies.keep("s", "k", "hash", 200, "[]")


def test_tasks_are_found_by_token_instance_and_time(work):
    one, two = a_task(token=1, due_at=LATER), a_task(token=2, due_at=MORNING, agency_id="khac")
    done = a_task(token=3, due_at=MORNING)
    done.complete("an", "An", MORNING)
    undated = a_task(token=4)
    added(work.user_tasks, one, two, done, undated)
    tasks = work.user_tasks
    assert tasks.at_token("i1", 1) is one
    assert tasks.at_token("i1", 3) is None
    assert tasks.of_instance("i1") == [one, two, done, undated]
    assert tasks.open_before(LATER + HOUR, None, 10) == [two, one]
    assert tasks.open_before(LATER, None, 10) == [two]
    assert tasks.open_before(LATER + HOUR, frozenset({"so-xay-dung"}), 10) == [one]
    assert tasks.open_before(LATER + HOUR, None, 1) == [two]
