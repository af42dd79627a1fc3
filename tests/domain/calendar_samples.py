"""Calendars and instants for tests: readable ones and random ones."""

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

from hypothesis import strategies as st

from app.domain.calendars import (
    ZONE,
    Calendar,
    CalendarException,
    Duration,
    ExceptionKind,
    Unit,
    WeeklyHours,
    monday_to_friday,
)

FIRST, LAST = date(2022, 6, 1), date(2024, 6, 1)
SHORT_WEEK = WeeklyHours(
    date(2018, 1, 1),
    monday_to_friday((time(7, 30), time(11, 30)), (time(13, 30), time(17))),
)
"""7 h 30 of presence credited with 8 h."""


def at(text: str) -> datetime:
    """ "2023-04-28 17:10" on the wall clock, as an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def read(instant: datetime) -> str:
    return f"{instant.astimezone(ZONE):%Y-%m-%d %H:%M}"


def so_many(value, unit: str) -> Duration:
    return Duration.of(value, unit)


def closed(day: str, reason: str = "nghỉ đột xuất") -> CalendarException:
    return CalendarException(date.fromisoformat(day), ExceptionKind.CLOSED, reason)


def a_calendar(*exceptions: CalendarException, weekly=None, parent=None) -> Calendar:
    weeks = {} if weekly is None else {"weekly": tuple(weekly)}
    return Calendar("tinh", "Lịch tỉnh", exceptions=exceptions, parent=parent, **weeks)


instants = st.datetimes(
    datetime.combine(FIRST, time.min), datetime.combine(LAST, time.min), timezones=st.just(ZONE)
).map(lambda moment: moment.astimezone(UTC))

minutes = st.integers(0, 40 * 60).map(lambda amount: Fraction(amount, 60))
hours = st.fractions(0, 40, max_denominator=3600)


@st.composite
def intervals(draw, most: int = 2):
    bounds = sorted(draw(st.sets(st.integers(0, 205), min_size=2, max_size=2 * most)))
    clock = [time(7 * seventh // 60, 7 * seventh % 60) for seventh in bounds]
    return tuple(zip(clock[::2], clock[1::2], strict=False))


@st.composite
def weeks(draw, valid_from: date, *, real_hours: bool):
    days = draw(st.dictionaries(st.integers(0, 6), intervals(), min_size=1))
    week = WeeklyHours(valid_from, days)
    if not real_hours:
        return week
    return WeeklyHours(valid_from, days, week.credited_hours_per_day / week.credit)


@st.composite
def exceptional_days(draw):
    days = st.integers(0, (LAST - FIRST).days).map(lambda count: FIRST + timedelta(count))
    chosen = draw(st.sets(days, max_size=12))
    return tuple(draw(_exceptions(day)) for day in chosen)


@st.composite
def _exceptions(draw, day: date):
    if draw(st.booleans()):
        return CalendarException(day, ExceptionKind.CLOSED, "nghỉ")
    own = draw(st.none() | intervals())
    swapped = draw(st.none() | st.just(day + timedelta(2)))
    return CalendarException(day, ExceptionKind.WORKDAY, "làm bù", swapped, own)


@st.composite
def calendars(draw, *, real_hours: bool = True):
    """Any calendar: with real hours also seasons and a parent, with credited hours one week."""
    starts = [date(2018, 1, 1)]
    if real_hours:
        starts += sorted(draw(st.sets(st.dates(FIRST, LAST), max_size=2)))
    weekly = tuple(draw(weeks(start, real_hours=real_hours)) for start in starts)
    root = Calendar("tinh", "Lịch tỉnh", weekly, draw(exceptional_days()))
    if not (real_hours and draw(st.booleans())):
        return root
    own_start = draw(st.dates(FIRST, LAST))
    own = draw(st.just(()) | weeks(own_start, real_hours=True).map(lambda week: (week,)))
    return Calendar("so", "Lịch sở", own, draw(exceptional_days()), parent=root)


WORKING_UNITS = (Unit.WORKING_HOUR, Unit.WORKING_DAY, Unit.SAME_DAY)
