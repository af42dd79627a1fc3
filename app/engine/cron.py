"""Quartz cron expressions: second minute hour day-of-month month day-of-week [year]."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.engine.faults import Fault

_WALL = ZoneInfo("Asia/Ho_Chi_Minh")
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_BOUNDS = ((0, 59), (0, 59), (0, 23), (1, 31), (1, 12), (1, 7))
_HORIZON = 366 * 5
"""Days searched: a date that does not come within five years never comes."""


@dataclass(frozen=True)
class Cron:
    """Each field is the set of values that match; weekdays count from Sunday = 1."""

    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]

    def after(self, at: datetime) -> datetime:
        """The first matching instant strictly after `at`. Raises Fault when there is none."""
        local = at.astimezone(_WALL).replace(microsecond=0) + timedelta(seconds=1)
        for ahead in range(_HORIZON):
            day = local.date() + timedelta(days=ahead)
            weekday = (day.weekday() + 1) % 7 + 1
            if day.month in self.months and day.day in self.days and weekday in self.weekdays:
                found = self._on(local.time() if ahead == 0 else time())
                if found:
                    return datetime.combine(day, found, tzinfo=_WALL).astimezone(UTC)
        raise Fault("Lịch cron không có lần nào trong năm năm tới.")

    def _on(self, earliest: time) -> time | None:
        """The first matching time of a day that is not before `earliest`."""
        low = (earliest.hour, earliest.minute, earliest.second)
        for hour in sorted(hour for hour in self.hours if hour >= low[0]):
            for minute in sorted(self.minutes):
                if (hour, minute) < low[:2]:
                    continue
                for second in sorted(self.seconds):
                    if (hour, minute, second) >= low:
                        return time(hour, minute, second)
        return None


def parse_cron(text: str) -> Cron | None:
    """Read a Quartz expression of six or seven fields; None when it is none."""
    fields = text.upper().split()
    if len(fields) not in (6, 7) or (len(fields) == 7 and fields[6] != "*"):
        return None
    sets = [_field(written, index) for index, written in enumerate(fields[:6])]
    if any(not found for found in sets):
        return None
    return Cron(*(frozenset(found or ()) for found in sets))


def _field(written: str, index: int) -> set[int] | None:
    low, high = _BOUNDS[index]
    names = {4: _MONTHS, 5: _DAYS}.get(index, ())
    values: set[int] = set()
    for part in written.split(","):
        span, slash, step_text = part.partition("/")
        if slash and not step_text.isdigit():
            return None
        step = int(step_text) if slash else 1
        start, dash, end = span.partition("-")
        if span in ("*", "?"):
            first, last = low, high
        else:
            first_or_none, last_or_none = _number(start, names), _number(end or start, names)
            if first_or_none is None or last_or_none is None:
                return None
            first, last = first_or_none, last_or_none
            if slash and not dash:
                last = high
        if step < 1 or not low <= first <= last <= high:
            return None
        values.update(range(first, last + 1, step))
    return values


def _number(text: str, names: tuple[str, ...]) -> int | None:
    if text in names:
        return names.index(text) + 1
    return int(text) if text.isdigit() and len(text) <= 2 else None
