"""Instants, durations and cycles as BPMN writes them (ISO 8601, Quartz cron), and working time.

A date without a zone is read on the wall clock of the province.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo

from app.domain.engine import Due, WorkingDuration
from app.engine.cron import Cron, parse_cron
from app.engine.faults import Fault

WALL = ZoneInfo("Asia/Ho_Chi_Minh")
UNITS = ("working_hour", "working_day", "calendar_day")
_WORKING = re.compile(r"(\d{1,6}) ?(working_hour|working_day|calendar_day)s?")
_DURATION = re.compile(
    r"(?P<sign>[+-])?P(?=.)(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,5})M)?(?:(?P<weeks>\d{1,5})W)?"
    r"(?:(?P<days>\d{1,6}(?:[.,]\d{1,6})?)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d{1,7}(?:[.,]\d{1,6})?)H)?(?:(?P<minutes>\d{1,8}(?:[.,]\d{1,6})?)M)?"
    r"(?:(?P<seconds>\d{1,9}(?:[.,]\d{1,9})?)S)?)?"
)
_CLOCK_PARTS = ("days", "hours", "minutes", "seconds")
_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d))?")
_CYCLE = re.compile(r"R(\d{0,7})/(.+)")


@dataclass(frozen=True)
class Duration:
    """Months count on the calendar, the rest in seconds."""

    months: int
    rest: timedelta

    def after(self, start: datetime) -> datetime:
        """Add to `start`; the day of the month is cut to the month's length (wall clock).

        Raises Fault for what is no instant of the calendar any more.
        """
        try:
            return self._after(start)
        except (OverflowError, ValueError) as error:
            raise Fault("Thời điểm nằm ngoài lịch (năm 1 đến năm 9999).") from error

    def _after(self, start: datetime) -> datetime:
        if not self.months:
            return start + self.rest
        local = start.astimezone(WALL)
        year, month = divmod(local.year * 12 + local.month - 1 + self.months, 12)
        day = min(local.day, monthrange(year, month + 1)[1])
        moved = local.replace(year=year, month=month + 1, day=day)
        return moved.astimezone(UTC) + self.rest

    @property
    def goes_on(self) -> bool:
        """Whether what comes again after it comes later."""
        return bool(self.months or self.rest) and self.months >= 0 and self.rest >= timedelta()

    def before(self, end: datetime) -> datetime:
        return Duration(-self.months, -self.rest).after(end)


@dataclass(frozen=True)
class Cycle:
    """A timer that comes again: `times` is None when it never stops."""

    times: int | None
    every: Duration | Cron
    first: datetime | None = None


def parse_working(text: str) -> WorkingDuration | None:
    """Read "16 working_hour"; None when `text` is something else."""
    found = _WORKING.fullmatch(text.strip())
    return WorkingDuration(int(found[1]), found[2]) if found else None


def parse_duration(text: str) -> Duration | None:
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        return None
    sign = -1 if found["sign"] == "-" else 1
    months = int(found["years"] or 0) * 12 + int(found["months"] or 0)
    parts = {name: float((found[name] or "0").replace(",", ".")) for name in _CLOCK_PARTS}
    rest = timedelta(weeks=int(found["weeks"] or 0), **parts)
    return Duration(sign * months, sign * rest)


def parse_instant(text: str) -> datetime | None:
    """Read an ISO 8601 instant; parts left out on the right are the first possible ones."""
    written = text.strip()
    partial = _PARTIAL.fullmatch(written)
    if partial is not None:
        written = f"{partial[1]}-{partial[2] or '01'}-01"
    try:
        found = datetime.fromisoformat(written)
        return aware(found)
    except (ValueError, OverflowError):
        return None


def aware(moment: datetime) -> datetime:
    """Make an instant in UTC; a naive one is on the wall clock of the province."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=WALL)).astimezone(UTC)


def parse_cycle(text: str) -> Cycle | None:
    """Read `R3/PT1H`, `R/2026-01-01T00:00/P1D`, `R2/PT1H/2026-01-01T00:00` or a Quartz cron."""
    found = _CYCLE.fullmatch(text.strip())
    if found is None:
        cron = parse_cron(text)
        return Cycle(None, cron) if cron else None
    times = int(found[1]) if found[1] else None
    first_part, _, second_part = found[2].partition("/")
    every = parse_duration(first_part) or parse_duration(second_part)
    if every is None or not every.goes_on:
        return None
    if not second_part:
        return Cycle(times, every)
    if parse_duration(first_part) is None:
        first = parse_instant(first_part)
        return Cycle(times, every, first) if first else None
    end = parse_instant(second_part)
    if end is None or times is None:
        return None
    first = end
    try:
        for _ in range(min(times, 1000) - 1):
            first = every.before(first)
    except Fault:
        return None
    return Cycle(times, every, first)


def due(written: object, at: datetime) -> Due:
    """Turn what an attribute says into an instant or a working duration. Raises Fault."""
    if isinstance(written, timedelta):
        return Duration(0, written).after(at)
    if isinstance(written, date):
        return parse_instant(written.isoformat()) or _no_instant(written)
    if isinstance(written, str):
        working = parse_working(written)
        if working:
            return working
        duration = parse_duration(written)
        if duration:
            return duration.after(at)
        instant = parse_instant(written)
        if instant:
            return instant
    return _no_instant(written)


def _no_instant(written: object) -> NoReturn:
    raise Fault(f"Không hiểu thời điểm hoặc khoảng thời gian: {str(written)[:100]!r}")


def next_due(cycle: Cycle, at: datetime) -> datetime:
    """The instant that follows `at` in the cycle."""
    if isinstance(cycle.every, Cron):
        return cycle.every.after(at)
    return cycle.every.after(at)


def first_due(cycle: Cycle, at: datetime) -> datetime:
    return cycle.first or next_due(cycle, at)
