"""A changed calendar measures open clocks again and leaves what was judged."""

from dataclasses import replace
from datetime import date

import pytest

from app.domain.calendars import Calendar, CalendarException, ExceptionKind
from app.domain.clocks import Clock
from app.domain.errors import Conflict, Forbidden, InvalidState
from app.usecases import calendars, clocks, overrides
from tests.scenarios import flows
from tests.service import House, actor

TUESDAY = date(2026, 11, 17)


def closed(calendar: Calendar, day: date = TUESDAY) -> Calendar:
    extra = CalendarException(day, ExceptionKind.CLOSED, "Nghỉ bù")
    return replace(calendar, exceptions=(*calendar.exceptions, extra), version=calendar.version + 1)


def of_agency(house: House, agency: str = "stttt") -> Calendar:
    with house.open_work(read_only=True) as work:
        return work.calendars.for_agency(agency)


def save(
    house: House, changed: Calendar, by: str = "viet.admin", version: int | None = None
) -> int:
    with house.open_work() as work:
        moved = clocks.save_calendar(
            work,
            actor(work, by),
            changed,
            expected_version=changed.version - 1,
        )
        return len(moved)


def clock(house: House, subject_id: str, kind: str) -> Clock:
    with house.open_work(read_only=True) as work:
        [found] = [c for c in work.clocks.of_subject("case", subject_id) if c.kind == kind]
        return found


def test_open_clocks_and_tasks_move_and_closed_ones_stay(house: House) -> None:
    case, done = flows.enter(house), flows.enter(house)
    house.complete(done.code, "receive", "chi.reception", decision="accept")
    before = clock(house, case.id, "K3")
    judged, k4 = clock(house, done.id, "K3"), clock(house, done.id, "K4")
    assert save(house, closed(of_agency(house))) >= 2

    after = clock(house, case.id, "K3")
    assert after.due_at > before.due_at
    assert after.history[-1]["what"] == "recomputed"
    assert house.task(case.code, "receive").due_at == after.due_at
    assert clock(house, done.id, "K3").due_at == judged.due_at
    assert clock(house, done.id, "K3").state == judged.state
    moved = clock(house, done.id, "K4")
    assert moved.due_at > k4.due_at
    assert flows.reread_case(house, done.code).due_at == moved.due_at


def test_a_preview_says_what_would_move_and_moves_nothing(one_house: House) -> None:
    case = flows.enter(one_house)
    before = clock(one_house, case.id, "K3").due_at
    with one_house.open_work(read_only=True) as work:
        changed = closed(work.calendars.for_agency("stttt"))
        moves = calendars.preview(work, actor(work, "viet.admin"), changed)
    [mine] = [move for move in moves if move.subject_id == case.id]
    assert (mine.kind, mine.old_due) == ("K3", before)
    assert clock(one_house, case.id, "K3").due_at == before
    save(one_house, changed)
    assert clock(one_house, case.id, "K3").due_at == mine.new_due


def test_who_saves_what_another_saved_meanwhile_is_refused(house: House) -> None:
    opened = of_agency(house)
    save(house, closed(opened))
    with pytest.raises(Conflict):
        save(house, closed(opened, date(2026, 11, 18)))


@pytest.mark.parametrize("username", ["binh.leader", "uyen.auditor", "lan.analyst"])
def test_only_the_administrator_changes_the_calendar(one_house: House, username: str) -> None:
    with pytest.raises(Forbidden):
        save(one_house, closed(of_agency(one_house)), by=username)


def test_an_agency_of_its_own_calendar_moves_alone(one_house: House) -> None:
    with one_house.open_work() as work:
        own = overrides.create(work, actor(work, "viet.admin"), "stttt")
    case = flows.enter(one_house)
    before = clock(one_house, case.id, "K3")
    assert before.calendar_id == own.id
    other = of_agency(one_house, "sgtvt")
    save(one_house, closed(of_agency(one_house)))
    assert clock(one_house, case.id, "K3").due_at > before.due_at
    assert of_agency(one_house, "sgtvt") == other


def with_own(house: House, agency: str = "stttt") -> Calendar:
    """The agency's own calendar, in which it rests on one more day than the province."""
    with house.open_work() as work:
        overrides.create(work, actor(work, "viet.admin"), agency)
    save(house, closed(of_agency(house, agency)))
    return of_agency(house, agency)


def take_away(house: House, own: Calendar, by: str = "viet.admin") -> list[Clock]:
    with house.open_work() as work:
        known = work.calendars.get(own.id)
        moved = overrides.remove(work, actor(work, by), known, expected_version=own.version)
        return [clock for clock, _old, _new in moved]


def test_without_its_own_calendar_an_agency_goes_by_the_one_above(one_house: House) -> None:
    done, case = flows.enter(one_house), flows.enter(one_house)
    usual = clock(one_house, case.id, "K3").due_at
    own = with_own(one_house)
    one_house.complete(done.code, "receive", "chi.reception", decision="accept")
    judged = clock(one_house, done.id, "K3")
    assert clock(one_house, case.id, "K3").due_at > usual

    with one_house.open_work(read_only=True) as work:
        moves = overrides.preview_removal(work, actor(work, "viet.admin"), own)
    moved = take_away(one_house, own)
    assert {move.subject_id for move in moves} == {each.subject_id for each in moved}
    after = clock(one_house, case.id, "K3")
    assert (after.due_at, after.calendar_id) == (usual, of_agency(one_house).id)
    assert one_house.task(case.code, "receive").due_at == usual
    assert of_agency(one_house).parent is None

    assert vars(clock(one_house, done.id, "K3")) == vars(judged)
    with one_house.open_work(read_only=True) as work:
        assert own.id not in {calendar.id for calendar in work.calendars.all()}
        assert work.calendars.get(judged.calendar_id).id == own.id


def test_which_calendar_can_be_taken_away_and_by_whom(one_house: House) -> None:
    province = of_agency(one_house)
    own = with_own(one_house)
    with pytest.raises(InvalidState, match="lịch gốc"):
        take_away(one_house, province)
    with pytest.raises(Forbidden):
        take_away(one_house, own, by="uyen.auditor")
    with pytest.raises(Conflict):
        take_away(one_house, replace(own, version=own.version - 1))
    take_away(one_house, own)
    with pytest.raises(Conflict):
        take_away(one_house, own)
    again = with_own(one_house)
    assert again.id != own.id
