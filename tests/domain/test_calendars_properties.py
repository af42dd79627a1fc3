"""What must hold for every calendar, amount and instant."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.calendars import ZONE, Calendar, DayCounting, Duration, Unit
from tests.domain.calendar_samples import (
    WORKING_UNITS,
    calendars,
    hours,
    instants,
    minutes,
)

days = st.integers(0, 120)
any_duration = st.one_of(
    st.builds(Duration, hours, st.sampled_from([Unit.WORKING_HOUR, Unit.HOUR])),
    st.builds(Duration, days, st.sampled_from([Unit.WORKING_DAY, Unit.CALENDAR_DAY])),
    st.just(Duration(1, Unit.SAME_DAY)),
)

lenient = settings(deadline=None, max_examples=50)


def is_open(calendar: Calendar, instant) -> bool:
    moment = instant.astimezone(ZONE)
    return any(
        opens <= moment.time() <= closes for opens, closes in calendar.intervals(moment.date())
    )


@lenient
@given(calendars(), instants)
def test_the_next_opening_is_open_is_not_before_and_stays(calendar, start):
    opening = calendar.next_opening(start)
    assert opening >= start
    assert is_open(calendar, opening)
    assert calendar.next_opening(opening) == opening
    assert calendar.working_hours_between(start, opening) == 0


@lenient
@given(calendars(), instants, minutes, minutes)
def test_adding_hours_is_additive(calendar, start, x, y):
    in_two = calendar.add_working_hours(calendar.add_working_hours(start, x), y)
    assert in_two == calendar.add_working_hours(start, x + y)


@lenient
@given(calendars(), instants, minutes)
def test_hours_between_undoes_adding(calendar, start, x):
    end = calendar.add_working_hours(start, x)
    assert calendar.working_hours_between(start, end) == x
    assert calendar.working_hours_between(end, start) == -x
    assert is_open(calendar, end)


@lenient
@given(calendars(), instants, minutes)
def test_hours_between_undoes_subtracting(calendar, end, x):
    start = calendar.subtract_working_hours(end, x)
    assert start <= end
    assert calendar.working_hours_between(start, end) == x


@lenient
@given(calendars(real_hours=False), instants, minutes, minutes)
def test_credited_hours_are_additive_and_invertible_too(calendar, start, x, y):
    middle = calendar.add_working_hours(start, x)
    assert calendar.working_hours_between(start, middle) == x
    assert calendar.add_working_hours(middle, y) == calendar.add_working_hours(start, x + y)


@lenient
@given(calendars(real_hours=False), instants, hours)
def test_an_amount_that_is_no_whole_microsecond_is_off_by_less_than_one(calendar, start, x):
    end = calendar.add_working_hours(start, x)
    error = abs(calendar.working_hours_between(start, end) - x)
    largest_credit = calendar.weekly[0].credit
    assert error * 3_600_000_000 <= largest_credit


@lenient
@given(calendars(), instants, instants, hours, hours)
def test_adding_hours_is_monotone_in_both(calendar, a, b, x, y):
    first, second, less, more = min(a, b), max(a, b), min(x, y), max(x, y)
    assert calendar.add_working_hours(first, x) <= calendar.add_working_hours(second, x)
    assert calendar.add_working_hours(a, less) <= calendar.add_working_hours(a, more)


@lenient
@given(calendars(), instants, instants, instants)
def test_hours_between_add_up_over_a_stop_on_the_way(calendar, a, b, c):
    whole = calendar.working_hours_between(a, c)
    assert calendar.working_hours_between(a, b) + calendar.working_hours_between(b, c) == whole


@lenient
@given(calendars(), instants, days, days)
def test_working_days_are_additive_and_invertible(calendar, start, x, y):
    middle = calendar.add_working_days(start, x)
    assert calendar.working_days_between(start, middle) == x
    assert calendar.add_working_days(middle, y) == calendar.add_working_days(start, x + y)


@lenient
@given(calendars(), instants, instants, days)
def test_adding_days_is_monotone(calendar, a, b, n):
    first, second = min(a, b), max(a, b)
    assert calendar.add_working_days(first, n) <= calendar.add_working_days(second, n)
    assert calendar.add_working_days(a, n) < calendar.add_working_days(a, n + 1)
    assert calendar.add_calendar_days(first, n) <= calendar.add_calendar_days(second, n)
    assert calendar.add_calendar_days(a, n) <= calendar.add_calendar_days(a, n + 1)


@lenient
@given(calendars(), instants, days)
def test_a_calendar_day_that_rolls_ends_on_the_first_working_day_since(calendar, start, n):
    last = (start.astimezone(ZONE) + timedelta(days=n)).date()
    end = calendar.add_calendar_days(start, n).astimezone(ZONE)
    assert is_open(calendar, end)
    assert end.date() >= last
    assert not any(
        calendar.is_working_day(last + timedelta(days=step))
        for step in range((end.date() - last).days)
    )


@lenient
@given(calendars(), instants, st.integers(0, 40))
def test_so_many_days_before_is_never_too_late(calendar, event, n):
    by_calendar = calendar.calendar_days_before(event, n).astimezone(ZONE)
    assert by_calendar.date() <= event.astimezone(ZONE).date() - timedelta(days=n)
    by_work = calendar.working_days_before(event, n)
    assert calendar.add_working_days(by_work, n) <= event
    assert calendar.add_working_days(by_work, n + 1) > event


@lenient
@given(calendars(), instants, any_duration, st.sampled_from(DayCounting))
def test_a_due_instant_comes_after_its_start_and_says_so(calendar, start, duration, counting):
    due = calendar.due(start, duration, counting)
    assert start <= due.start_effective
    assert due.at >= start or duration.unit is Unit.CALENDAR_DAY
    if duration.unit in WORKING_UNITS:
        assert is_open(calendar, due.at)
    closing = due.at.astimezone(ZONE)
    assert f"Hạn: {closing:%H:%M}" in due.explanation.text


@lenient
@given(calendars(), instants)
def test_a_calendar_survives_json(calendar, start):
    parent = calendar.parent
    if parent is not None:
        parent = Calendar.from_json(parent.to_json())
    copy = Calendar.from_json(calendar.to_json(), parent)
    assert copy == calendar
    assert copy.add_working_hours(start, 100) == calendar.add_working_hours(start, 100)
