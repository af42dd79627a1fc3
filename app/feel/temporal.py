"""Dates, times and durations: reading, writing and calculating them (DMN 1.4, 10.3.2.3)."""

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.feel.values import WALL_CLOCK, Months

_DATE = r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"
_CLOCK = r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.(?P<fraction>\d{1,9}))?)?"
_ZONE = r"(?P<zone>Z|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z_]+(?:/[A-Za-z0-9_+-]+){0,2})?"
_DATE_TEXT = re.compile(_DATE, re.ASCII)
_TIME_TEXT = re.compile(f"T?{_CLOCK}{_ZONE}", re.ASCII)
_DATE_TIME_TEXT = re.compile(f"{_DATE}T{_CLOCK}{_ZONE}", re.ASCII)
_DURATION_TEXT = re.compile(
    r"(?P<sign>-?)P(?:(?P<years>\d{1,9})Y)?(?:(?P<months>\d{1,9})M)?"
    r"(?:(?P<weeks>\d{1,9})W)?(?:(?P<days>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?"
    r"(?:(?P<seconds>\d{1,12})(?:\.(?P<fraction>\d{1,9}))?S)?)?",
    re.ASCII,
)
_MAX_MONTHS = 12 * 999_999_999
_DAY = timedelta(days=1)


@lru_cache(64)
def zone_named(name: str) -> tzinfo | None:
    """Find a zone by `Z`, an offset such as `+07:00`, or a name such as `Asia/Ho_Chi_Minh`."""
    if name == "Z":
        return UTC
    if name[0] in "+-":
        return _offset(name)
    try:
        return ZoneInfo(name.removeprefix("@"))
    except (ValueError, LookupError, OSError):
        return None


def _offset(text: str) -> tzinfo | None:
    hours, minutes, *seconds = (int(part) for part in text[1:].split(":"))
    span = timedelta(hours=hours, minutes=minutes, seconds=sum(seconds))
    if hours > 18 or minutes > 59:
        return None
    return timezone(-span if text[0] == "-" else span)


def read_date(text: str) -> date | None:
    """Read `2026-11-24`."""
    found = _DATE_TEXT.fullmatch(text)
    return _date(found) if found else None


def read_time(text: str) -> time | None:
    """Read `08:30:00`, with an offset or `@zone` if wanted."""
    found = _TIME_TEXT.fullmatch(text)
    return _time(found) if found else None


def read_date_time(text: str) -> datetime | None:
    """Read `2026-11-24T08:30:00`, with an offset or `@zone` if wanted; a date is midnight."""
    found = _DATE_TIME_TEXT.fullmatch(text)
    if not found:
        day = read_date(text)
        return datetime.combine(day, time()) if day else None
    day, clock = _date(found), _time(found)
    if day is None or clock is None:
        return None
    return datetime.combine(day, clock)


def _date(found: re.Match[str]) -> date | None:
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return None


def _time(found: re.Match[str]) -> time | None:
    zone = zone_named(found["zone"]) if found["zone"] else None
    if found["zone"] and zone is None:
        return None
    hour = int(found["hour"])
    rest = (found["minute"], found["second"] or "0", found["fraction"] or "0")
    if hour == 24:
        hour = 0 if not any(int(part) for part in rest) else hour
    try:
        micro = int((found["fraction"] or "").ljust(6, "0")[:6])
        return time(hour, int(rest[0]), int(rest[1]), micro, zone)
    except ValueError:
        return None


def read_duration(text: str) -> timedelta | Months | None:
    """Read `P1Y2M` or `P3DT4H`; a mixture of both kinds is no duration."""
    found = _DURATION_TEXT.fullmatch(text)
    if not found or text.endswith(("P", "T")):
        return None
    of_months = bool(found["years"] or found["months"])
    of_days = any(found[part] for part in ("weeks", "days", "hours", "minutes", "seconds"))
    if of_months == of_days:
        return None
    sign = -1 if found["sign"] else 1
    part = {name: int(found[name] or 0) for name in found.groupdict() if name != "sign"}
    if of_months:
        return Months(sign * (part["years"] * 12 + part["months"]))
    micro = int((found["fraction"] or "").ljust(6, "0")[:6])
    try:
        return sign * timedelta(
            weeks=part["weeks"],
            days=part["days"],
            hours=part["hours"],
            minutes=part["minutes"],
            seconds=part["seconds"],
            microseconds=micro,
        )
    except OverflowError:
        return None


def read_temporal(text: str) -> date | time | datetime | timedelta | Months | None:
    """Read whatever an at-literal may hold (`@"…"`)."""
    if "P" in text[:2]:
        return read_duration(text)
    if "T" in text[1:]:
        return read_date_time(text)
    return read_time(text) if ":" in text else read_date(text)


# Writing


def zone_text(zone: tzinfo | None, at: datetime | None = None) -> str:
    """Write a zone as `Z`, `+07:00` or `@Asia/Ho_Chi_Minh`."""
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    return _offset_text(zone.utcoffset(at))


def _offset_text(offset: timedelta | None) -> str:
    if not offset:
        return "Z"
    seconds = int(offset.total_seconds())
    hours, rest = divmod(abs(seconds), 3600)
    text = f"{'-' if seconds < 0 else '+'}{hours:02d}:{rest // 60:02d}"
    return f"{text}:{rest % 60:02d}" if rest % 60 else text


def time_text(value: time) -> str:
    """Write a time, its zone by name."""
    return _clock_text(value) + zone_text(value.tzinfo)


def date_time_text(value: datetime, *, iso: bool = False) -> str:
    """Write a date and time; `iso` gives the offset instead of a zone's name."""
    zone = _offset_text(value.utcoffset()) if iso and value.tzinfo else zone_text(value.tzinfo)
    return f"{value.year:04d}-{value.month:02d}-{value.day:02d}T{_clock_text(value)}{zone}"


def _clock_text(value: time | datetime) -> str:
    text = f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}"
    return f"{text}.{value.microsecond:06d}".rstrip("0") if value.microsecond else text


def duration_text(value: timedelta) -> str:
    """Write a days and time duration, such as `P3DT4H`."""
    sign, value = ("-", -value) if value < timedelta() else ("", value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    clock = "".join(
        f"{amount}{unit}" for amount, unit in ((hours, "H"), (minutes, "M")) if amount
    ) + (f"{seconds}{fraction}S" if seconds or fraction else "")
    days = f"{value.days}D" if value.days else ""
    return f"{sign}P{days}{'T' if clock else ''}{clock}" if days or clock else "PT0S"


def months_text(value: Months) -> str:
    """Write a years and months duration, such as `P1Y2M`."""
    years, months = divmod(abs(value.months), 12)
    text = (f"{years}Y" if years else "") + (f"{months}M" if months else "")
    return f"{'-' if value.months < 0 else ''}P{text or '0M'}"


# Calculating


def months_of(count: int) -> Months | None:
    """Make a years and months duration; None beyond a thousand million years."""
    return Months(count) if abs(count) <= _MAX_MONTHS else None


def add_months(value: date, months: int) -> date:
    """Move a date or date and time; the day is cut to the last of its month."""
    index = value.year * 12 + value.month - 1 + months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("year out of range")
    day = min(value.day, calendar.monthrange(year, month + 1)[1])
    return value.replace(year=year, month=month + 1, day=day)


def add_to_date(value: date, span: timedelta) -> date:
    """Move a date by a duration as if it were midnight, and keep the date."""
    moved = datetime.combine(value, time()) + span
    return moved.date()


def add_to_date_time(value: datetime, span: timedelta) -> datetime:
    """Move an instant by elapsed time, also over a change of summer time."""
    if isinstance(value.tzinfo, ZoneInfo):
        return (value.astimezone(UTC) + span).astimezone(value.tzinfo)
    return value + span


def add_to_time(value: time, span: timedelta) -> time:
    """Move a time of day around the clock."""
    clock = timedelta(
        hours=value.hour,
        minutes=value.minute,
        seconds=value.second,
        microseconds=value.microsecond,
    )
    moved = datetime(2000, 1, 1) + (clock + span) % _DAY  # noqa: DTZ001 (a clock without date)
    return moved.time().replace(tzinfo=value.tzinfo)


def instant_of(value: datetime) -> datetime:
    """Read a date and time without zone on the Vietnamese wall clock."""
    return value if value.tzinfo else value.replace(tzinfo=WALL_CLOCK)


def span_of_day(value: time) -> timedelta:
    """Measure a time of day from midnight UTC; without zone it stands in Vietnam."""
    zone = value.tzinfo or WALL_CLOCK
    moment = datetime.combine(date(2000, 1, 1), value.replace(tzinfo=zone))
    return moment - datetime(2000, 1, 1, tzinfo=UTC)


def seconds_of(value: timedelta) -> Decimal | int:
    """Measure a duration in seconds, exactly."""
    whole = value.days * 86_400 + value.seconds
    if not value.microseconds:
        return whole
    return whole + Decimal(value.microseconds).scaleb(-6)


def span_of(seconds: Decimal | int) -> timedelta:
    """Make a duration from seconds, cut to microseconds."""
    micro = (Decimal(seconds) * 1_000_000).to_integral_value(rounding=ROUND_DOWN)
    return timedelta(microseconds=int(micro))


def months_between(start: date, end: date) -> Months:
    """Count whole months from `start` to `end`, negative when it runs back."""
    if end < start:
        return Months(-months_between(end, start).months)
    months = (end.year - start.year) * 12 + end.month - start.month
    if _rest(end) < _rest(start):
        months -= 1
    return Months(months)


def _rest(value: date) -> tuple[int, time]:
    clock = value.timetz().replace(tzinfo=None) if isinstance(value, datetime) else time()
    return value.day, clock
