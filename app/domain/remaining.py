"""How much time is left, in the words that stand in a task list: "Quá hạn 2 ngày"."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from app.domain.calendars import Calendar
from app.domain.explanations import WEEKDAYS
from app.domain.working_time import wall

LAST_HOURS = 4
"""On the last day hours are named once so few are left."""


class Level(StrEnum):
    OVERDUE = "overdue"
    TODAY = "today"
    SOON = "soon"
    OK = "ok"


@dataclass(frozen=True)
class Remaining:
    text: str
    level: Level


@dataclass(frozen=True)
class Measure:
    """What a clock counts: working hours of a calendar or, without one, plain hours."""

    calendar: Calendar | None

    def hours(self, first: datetime, last: datetime) -> Fraction:
        if self.calendar:
            return self.calendar.working_hours_between(first, last)
        return Fraction((last - first) // timedelta(seconds=1), 3600)

    def hours_per_day(self, at: datetime) -> Fraction:
        return self.calendar.hours_per_day(wall(at).date()) if self.calendar else Fraction(24)


def late_text(due_at: datetime, at: datetime, measure: Measure) -> str:
    """Tell by how much `at` is late: whole days, else hours, else minutes."""
    amount = amount_text(measure.hours(due_at, at), measure.hours_per_day(due_at))
    return f"Quá hạn {amount}" if amount else "Vừa quá hạn"


def remaining_text(
    now: datetime, due_at: datetime, warn_at: datetime, measure: Measure
) -> Remaining:
    """Word the time left until `due_at`; amounts are rounded down, nobody is promised too much."""
    if now > due_at:
        return Remaining(late_text(due_at, now, measure), Level.OVERDUE)
    hours, per_day = measure.hours(now, due_at), measure.hours_per_day(now)
    if wall(now).date() == wall(due_at).date():
        few = amount_text(hours, per_day) if hours < LAST_HOURS else ""
        return Remaining(f"Còn {few}" if few else "Đến hạn hôm nay", Level.TODAY)
    level = Level.SOON if now >= warn_at or hours < per_day else Level.OK
    amount = amount_text(hours, per_day)
    return Remaining(f"Còn {amount}" if amount else f"Đến hạn {_short(due_at)}", level)


def amount_text(hours: Fraction, hours_per_day: Fraction) -> str:
    """Name the largest whole unit: "2 ngày", "3 giờ", "25 phút"; nothing below a minute."""
    if hours >= hours_per_day:
        return f"{hours // hours_per_day} ngày"
    if hours >= 1:
        return f"{hours // 1} giờ"
    minutes = hours * 60 // 1
    return f"{minutes} phút" if minutes else ""


def _short(instant: datetime) -> str:
    at = wall(instant)
    return f"{at:%H:%M} {WEEKDAYS[at.weekday()]}"
