"""What a calendar is made of: dated weekly hours, exceptional days, the hours of one day.

How a working hour is counted
-----------------------------
Eight working hours are one working day: the rules speak of "8 giờ làm việc" and mean a day,
and the time budgets of procedures are written in hours at 8 per day. Where the office is open
for exactly eight hours an hour is simply an hour. Where it is open for 7 h 30 (07:30-11:30,
13:30-17:00) and credited with 8 h, every hour of presence is credited with 16/15 hour. This
proportional credit is the only one that stays monotone, additive and invertible: crediting the
missing half hour at closing time would make 7 h 45 followed by 15 minutes longer than 8 h.
Because a credited hour of 56 minutes 15 seconds surprises people, the standard week is open for
eight real hours: 07:30-12:00 and 13:30-17:00. A shorter week can be entered at any time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from functools import cached_property, lru_cache

from app.domain.durations import exact, plain
from app.domain.errors import InvalidInput
from app.domain.explanations import day_text

Interval = tuple[time, time]
Intervals = tuple[Interval, ...]

WEEK = range(7)
LONGEST_REASON = 200
MOST_INTERVALS = 4
MICROSECONDS_PER_HOUR = 3_600_000_000


def read_date(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidInput(f"Ngày không hợp lệ: {value!r}") from error


def read_intervals(value: object) -> Intervals:
    """Read `[["07:30", "12:00"], ...]`."""
    if not isinstance(value, list | tuple):
        raise InvalidInput("Giờ làm việc phải là danh sách các khoảng giờ")
    return tuple(_read_interval(pair) for pair in value)


def _read_interval(pair: object) -> Interval:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise InvalidInput("Mỗi khoảng giờ gồm giờ mở và giờ đóng")
    try:
        return time.fromisoformat(str(pair[0])), time.fromisoformat(str(pair[1]))
    except ValueError as error:
        raise InvalidInput(f"Giờ không hợp lệ: {pair!r}") from error


def write_intervals(intervals: Intervals) -> list[list[str]]:
    return [
        [opens.isoformat("minutes"), closes.isoformat("minutes")] for opens, closes in intervals
    ]


def check_intervals(intervals: Intervals) -> None:
    """Whole minutes of the wall clock, in order, without overlap."""
    if len(intervals) > MOST_INTERVALS:
        raise InvalidInput(f"Một ngày có nhiều nhất {MOST_INTERVALS} khoảng giờ")
    previous = time.min
    for opens, closes in intervals:
        if opens.tzinfo or closes.tzinfo or opens.second or closes.second:
            raise InvalidInput("Giờ làm việc ghi theo giờ và phút địa phương")
        if not previous <= opens < closes:
            raise InvalidInput("Các khoảng giờ phải theo thứ tự và không chồng nhau")
        previous = closes


@lru_cache(maxsize=1024)
def presence(intervals: Intervals) -> Fraction:
    """Hours for which the office is open."""
    return sum((_hours(opens, closes) for opens, closes in intervals), Fraction(0))


def _hours(opens: time, closes: time) -> Fraction:
    minutes = (closes.hour - opens.hour) * 60 + closes.minute - opens.minute
    return Fraction(minutes, 60)


@dataclass(frozen=True)
class WeeklyHours:
    """Opening hours by weekday (0 = Monday) from `valid_from` until a later version begins."""

    valid_from: date
    days: Mapping[int, Intervals] = field(hash=False)
    credited_hours_per_day: Fraction = Fraction(8)

    def __post_init__(self) -> None:
        object.__setattr__(self, "credited_hours_per_day", exact(self.credited_hours_per_day))
        object.__setattr__(self, "days", {day: self.days.get(day, ()) for day in self._weekdays()})
        for intervals in self.days.values():
            check_intervals(intervals)
        if not any(self.days.values()):
            raise InvalidInput("Tuần làm việc phải có ít nhất một ngày làm việc")
        if not 0 < self.credited_hours_per_day <= 24:
            raise InvalidInput("Số giờ tính cho một ngày phải lớn hơn 0 và không quá 24")

    def _weekdays(self) -> range:
        if set(self.days) - set(WEEK):
            raise InvalidInput("Thứ trong tuần ghi từ 0 (thứ Hai) đến 6 (Chủ nhật)")
        return WEEK

    @cached_property
    def standard_day(self) -> Intervals:
        """The longest day of the week (the first of them): what one full day means here."""
        return max((self.days[day] for day in WEEK), key=presence)

    @cached_property
    def credit(self) -> Fraction:
        """Working hours counted for one hour of presence: 1 for an eight-hour day."""
        return self.credited_hours_per_day / presence(self.standard_day)

    def to_json(self) -> dict[str, object]:
        return {
            "valid_from": self.valid_from.isoformat(),
            "days": {str(day): write_intervals(self.days[day]) for day in WEEK if self.days[day]},
            "credited_hours_per_day": plain(self.credited_hours_per_day),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "WeeklyHours":
        """Raises InvalidInput, in words, for whatever an administrator may mistype."""
        days = data.get("days")
        if not isinstance(days, Mapping) or not all(str(day).isdecimal() for day in days):
            raise InvalidInput("Giờ làm việc phải ghi theo thứ trong tuần")
        return cls(
            read_date(data.get("valid_from")),
            {int(day): read_intervals(intervals) for day, intervals in days.items()},
            exact(data.get("credited_hours_per_day", 8)),
        )


def monday_to_friday(*intervals: Interval) -> dict[int, Intervals]:
    return dict.fromkeys(range(5), tuple(intervals))


STANDARD_WEEK = WeeklyHours(
    date(2018, 1, 1),
    monday_to_friday((time(7, 30), time(12)), (time(13, 30), time(17))),
)
"""Suggested hours; the province's own were not found and are entered by an administrator."""


class ExceptionKind(StrEnum):
    CLOSED = "closed"
    WORKDAY = "workday"


@dataclass(frozen=True)
class CalendarException:
    """One day that differs from its week.

    A workday without `hours` has those of the weekday it was swapped with, or those of a standard
    day. A half day (the morning before a feast) is a workday with hours.
    """

    day: date
    kind: ExceptionKind
    reason: str
    swapped_with: date | None = None
    hours: Intervals | None = None

    def __post_init__(self) -> None:
        if not self.reason.strip() or len(self.reason) > LONGEST_REASON:
            raise InvalidInput(f"Lý do cần có và không quá {LONGEST_REASON} ký tự")
        if self.swapped_with == self.day:
            raise InvalidInput("Không thể hoán đổi một ngày với chính nó")
        if self.hours is None:
            return
        if self.kind is ExceptionKind.CLOSED or not self.hours:
            raise InvalidInput("Ngày nghỉ không có giờ làm việc; ngày làm việc không thể trống giờ")
        check_intervals(self.hours)

    @property
    def closed(self) -> bool:
        return self.kind is ExceptionKind.CLOSED

    def intervals(self, week: WeeklyHours) -> Intervals:
        if self.closed:
            return ()
        if self.hours is not None:
            return self.hours
        swapped = week.days[self.swapped_with.weekday()] if self.swapped_with else ()
        return swapped or week.standard_day

    def to_json(self) -> dict[str, object]:
        return {
            "day": self.day.isoformat(),
            "kind": self.kind.value,
            "reason": self.reason,
            "swapped_with": self.swapped_with.isoformat() if self.swapped_with else None,
            "hours": None if self.hours is None else write_intervals(self.hours),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> "CalendarException":
        try:
            kind = ExceptionKind(str(data.get("kind")))
        except ValueError as error:
            raise InvalidInput(f"Loại ngày không có: {data.get('kind')!r}") from error
        swapped, hours = data.get("swapped_with"), data.get("hours")
        return cls(
            day=read_date(data.get("day")),
            kind=kind,
            reason=str(data.get("reason") or ""),
            swapped_with=read_date(swapped) if swapped else None,
            hours=None if hours is None else read_intervals(hours),
        )


def swap(closed: date, worked: date) -> tuple[CalendarException, CalendarException]:
    """Both halves of a swapped day (hoán đổi ngày làm việc): the day off and the day made up."""
    return (
        CalendarException(
            closed, ExceptionKind.CLOSED, f"nghỉ, làm bù ngày {day_text(worked)}", worked
        ),
        CalendarException(
            worked, ExceptionKind.WORKDAY, f"làm bù cho ngày {day_text(closed)}", closed
        ),
    )


@dataclass(frozen=True)
class Day:
    """The opening hours of one date, as wall-clock instants, and what an hour of them counts."""

    intervals: Sequence[tuple[datetime, datetime]]
    credit: Fraction
    total: Fraction

    @classmethod
    def of(cls, day: date, intervals: Intervals, credit: Fraction) -> "Day":
        spans = [
            (datetime.combine(day, opens), datetime.combine(day, closes))
            for opens, closes in intervals
        ]
        return cls(spans, credit, presence(intervals) * credit)

    @property
    def opening(self) -> datetime:
        return self.intervals[0][0]

    @property
    def closing(self) -> datetime:
        return self.intervals[-1][1]

    def used(self, at: datetime) -> Fraction:
        """Working hours of this day that have passed at `at`."""
        passed = sum(
            ((min(at, closes) - opens) for opens, closes in self.intervals if opens < at),
            timedelta(0),
        )
        return Fraction(passed // timedelta(microseconds=1), MICROSECONDS_PER_HOUR) * self.credit

    def instant(self, used: Fraction) -> datetime:
        """Return the earliest instant at which `used` hours (0..total) have passed."""
        left = round(used / self.credit * MICROSECONDS_PER_HOUR)
        at = self.opening
        for opens, closes in self.intervals:
            at = opens + timedelta(microseconds=left)
            if at <= closes:
                break
            left -= (closes - opens) // timedelta(microseconds=1)
        return at

    def clamp(self, at: datetime) -> datetime | None:
        """Return `at` if the office is open then, else its next opening today, else None."""
        return next((max(opens, at) for opens, closes in self.intervals if at <= closes), None)
