"""Arithmetic in working hours, working days and calendar days.

Instants come and go as aware UTC datetimes; the counting happens on the wall clock of
Asia/Ho_Chi_Minh, which has been UTC+7 without a break since June 1975. Working time is walked
day by day over a cache of opening hours, never minute by minute.

The opening and the closing instant both belong to the working time. So an amount of time always
ends at the earliest instant at which it has passed (17:00, not 07:30 of the next day), and
    working_hours_between(a, add_working_hours(a, x)) == x
    add_working_hours(add_working_hours(a, x), y) == add_working_hours(a, x + y).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

from app.domain.durations import LARGEST_AMOUNT, DayCounting, exact
from app.domain.errors import InvalidInput
from app.domain.explanations import DayOff
from app.domain.working_hours import (
    STANDARD_WEEK,
    CalendarException,
    Day,
    Intervals,
    WeeklyHours,
)

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST_YEAR, LAST_YEAR = 1976, 2400
DEEPEST_PARENT = 5
LONGEST_NAME = 200
MOST_WEEKS = 200
MOST_EXCEPTIONS = 5_000
ONE_DAY = timedelta(days=1)
LAST_SECOND = time(23, 59, 59)


def wall(instant: datetime) -> datetime:
    """Return the wall-clock reading of an aware instant, without zone."""
    if instant.tzinfo is None:
        raise InvalidInput("Thời điểm phải có múi giờ")
    if not FIRST_YEAR < instant.year < LAST_YEAR:
        raise InvalidInput(f"Thời điểm ngoài phạm vi của lịch: năm {instant.year}")
    return instant.astimezone(ZONE).replace(tzinfo=None)


def utc(reading: datetime) -> datetime:
    return reading.replace(tzinfo=ZONE).astimezone(UTC)


@dataclass(frozen=True)
class WorkingTime:
    """Weekly hours, dated, with exceptions; what is not said here is said by the parent.

    An agency's own calendar names the province's as parent: its weekly hours replace the
    parent's from their `valid_from` on, its exceptions stand before the parent's.
    """

    id: str
    name: str
    weekly: tuple[WeeklyHours, ...] = (STANDARD_WEEK,)
    exceptions: tuple[CalendarException, ...] = ()
    parent: "WorkingTime | None" = None
    version: int = 1
    _exceptional: dict[date, CalendarException] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _days: dict[date, Day] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.id or not 0 < len(self.name.strip()) <= LONGEST_NAME:
            raise InvalidInput(f"Lịch cần có mã và tên, tên không quá {LONGEST_NAME} ký tự")
        if len(self.weekly) > MOST_WEEKS or len(self.exceptions) > MOST_EXCEPTIONS:
            raise InvalidInput("Lịch có quá nhiều bản giờ làm việc hoặc ngoại lệ")
        self._put("weekly", tuple(sorted(self.weekly, key=lambda week: week.valid_from)))
        self._put("exceptions", tuple(sorted(self.exceptions, key=lambda item: item.day)))
        if any(a.valid_from == b.valid_from for a, b in pairwise(self.weekly)):
            raise InvalidInput("Hai bản giờ làm việc có cùng ngày hiệu lực")
        if any(a.day == b.day for a, b in pairwise(self.exceptions)):
            raise InvalidInput("Một ngày chỉ có một ngoại lệ trong lịch")
        if not self.weekly and self.parent is None:
            raise InvalidInput("Lịch gốc phải có giờ làm việc trong tuần")
        if self._depth() > DEEPEST_PARENT:
            raise InvalidInput("Lịch kế thừa quá nhiều tầng")
        self._exceptional.update({item.day: item for item in self.exceptions})

    def _put(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _depth(self) -> int:
        return 1 + (self.parent._depth() if self.parent else 0)  # noqa: SLF001 - the same class

    # --- one day

    def week(self, day: date) -> WeeklyHours:
        """Return the weekly hours in force; before the first version of a root, that first one."""
        in_force = [week for week in self.weekly if week.valid_from <= day]
        if in_force:
            return in_force[-1]
        return self.parent.week(day) if self.parent else self.weekly[0]

    def exception(self, day: date) -> CalendarException | None:
        own = self._exceptional.get(day)
        return own or (self.parent.exception(day) if self.parent else None)

    def intervals(self, day: date) -> Intervals:
        exception = self.exception(day)
        week = self.week(day)
        return exception.intervals(week) if exception else week.days[day.weekday()]

    def is_working_day(self, day: date) -> bool:
        return bool(self._day(day).intervals)

    def days_off(self, first: date, last: date) -> Iterator[DayOff]:
        """Closed days from `first` to `last`, with their names."""
        for day in _days(first, last):
            if not self.is_working_day(day):
                exception = self.exception(day)
                yield DayOff(day, exception.reason if exception else "")

    def made_up_days(self, first: date, last: date) -> Iterator[CalendarException]:
        """Days that are worked although their weekday is free."""
        for day in _days(first, last):
            exception = self.exception(day)
            if exception and not exception.closed and not self.week(day).days[day.weekday()]:
                yield exception

    def _day(self, day: date) -> Day:
        known = self._days.get(day)
        if known is None:
            known = self._days[day] = Day.of(day, self.intervals(day), self.week(day).credit)
        return known

    # --- hours

    def next_opening(self, instant: datetime) -> datetime:
        """Return the instant itself in working hours, else the next opening (K3, K5)."""
        return utc(self._clamp(wall(instant)))

    def _clamp(self, at: datetime) -> datetime:
        found = self._day(at.date()).clamp(at)
        return found or self._day(self._working_day_after(at.date(), 1)).opening

    def add_working_hours(self, start: datetime, hours: Fraction | int) -> datetime:
        """Return the earliest instant at which `hours` working hours have passed since `start`."""
        at = self._clamp(wall(start))
        amount = _amount(hours)
        if not amount:
            return utc(at)
        day = at.date()
        left = amount + self._day(day).used(at)
        while left > self._day(day).total:
            left -= self._day(day).total
            day += ONE_DAY
        return utc(self._day(day).instant(left))

    def subtract_working_hours(self, end: datetime, hours: Fraction | int) -> datetime:
        """Return an instant from which `hours` working hours pass until `end`."""
        at, amount = wall(end), _amount(hours)
        if not amount:
            return end.astimezone(UTC)
        day = at.date()
        left = self._day(day).used(at) - amount
        while left < 0 or not self._day(day).intervals:
            day -= ONE_DAY
            left += self._day(day).total
        found = self._day(day)
        return utc(found.instant(left) if left else found.opening)

    def working_hours_between(self, first: datetime, last: datetime) -> Fraction:
        """Working hours from `first` to `last`; negative when `last` comes before."""
        if last < first:
            return -self.working_hours_between(last, first)
        a, b = wall(first), wall(last)
        hours = self._day(b.date()).used(b) - self._day(a.date()).used(a)
        day = a.date()
        while day < b.date():
            hours += self._day(day).total
            day += ONE_DAY
        return hours

    # --- working days

    def add_working_days(
        self, start: datetime, days: int, counting: DayCounting = DayCounting.END_OF_DAY
    ) -> datetime:
        """Return the end of `days` working days.

        `END_OF_DAY`: the day of receipt is not counted (the next working day, if received out of
        hours) and the last day ends with its working hours. `FROM_THE_HOUR`: a working day is as
        many working hours as the week credits to one, counted from the hour of receipt.
        """
        at = self._clamp(wall(start))
        if counting is DayCounting.FROM_THE_HOUR:
            return self.add_working_hours(start, days * self.hours_per_day(at.date()))
        return utc(self._day(self._working_day_after(at.date(), _count(days))).closing)

    def working_days_between(self, first: datetime, last: datetime) -> int:
        """Count working days after the day of `first`, up to and including the day of `last`.

        When `first` falls out of hours, its day is that of the next opening. Negative when `last`
        comes before `first`.
        """
        if last < first:
            return -self.working_days_between(last, first)
        start = self._clamp(wall(first)).date() + ONE_DAY
        return sum(self.is_working_day(day) for day in _days(start, wall(last).date()))

    def hours_per_day(self, day: date) -> Fraction:
        return self.week(day).credited_hours_per_day

    def working_days_before(self, instant: datetime, days: int) -> datetime:
        """Return the last close from which at least `days` whole working days pass until then."""
        at, left = wall(instant), _count(days)
        day = at.date()
        if self.is_working_day(day) and self._day(day).closing > at:
            day -= ONE_DAY
        while left:
            left -= self.is_working_day(day)
            day -= ONE_DAY
        return self.last_closing(day)

    def _working_day_after(self, day: date, count: int) -> date:
        while count:
            day += ONE_DAY
            count -= self.is_working_day(day)
        return day

    # --- calendar days

    def add_calendar_days(
        self,
        start: datetime,
        days: int,
        counting: DayCounting = DayCounting.END_OF_DAY,
        *,
        roll: bool = True,
    ) -> datetime:
        """Return the end of `days` days of the calendar, the first day not counted.

        A last day that is not worked rolls to the end of the next working day (Bộ luật Dân sự
        2015 Đ148.5); without `roll` it ends with that day.
        """
        last = wall(start) + ONE_DAY * _count(days)
        day = self._day(last.date())
        if not day.intervals:
            if roll:
                return utc(self._day(self._working_day_after(last.date(), 1)).closing)
            return utc(last if counting is DayCounting.FROM_THE_HOUR else _end(last.date()))
        return utc(last if counting is DayCounting.FROM_THE_HOUR else day.closing)

    def calendar_days_before(self, instant: datetime, days: int) -> datetime:
        """Return the last close of working hours that is at least `days` days before that date."""
        return self.last_closing(wall(instant).date() - ONE_DAY * _count(days))

    def last_closing(self, day: date) -> datetime:
        """Return the close of working hours on `day`, or of the last working day before."""
        while not self.is_working_day(day):
            day -= ONE_DAY
        return utc(self._day(day).closing)

    def closing_after(self, day: date, working_days: int) -> datetime:
        return utc(self._day(self._working_day_after(day, working_days)).closing)

    def opening_after(self, day: date) -> datetime:
        """Return the opening of the next working day."""
        return utc(self._day(self._working_day_after(day, 1)).opening)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += ONE_DAY


def _end(day: date) -> datetime:
    return datetime.combine(day, LAST_SECOND)


def _amount(hours: Fraction | int) -> Fraction:
    amount = exact(hours)
    if not 0 <= amount <= LARGEST_AMOUNT:
        raise InvalidInput(f"Số giờ phải từ 0 đến {LARGEST_AMOUNT}")
    return amount


def _count(days: int) -> int:
    if not 0 <= days <= LARGEST_AMOUNT:
        raise InvalidInput(f"Số ngày phải từ 0 đến {LARGEST_AMOUNT}")
    return days
