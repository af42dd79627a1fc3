"""Dates and times of day as Vietnamese people write them, and as they are stored (ISO 8601)."""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

WALL_CLOCK = ZoneInfo("Asia/Ho_Chi_Minh")
_DATE = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_TIME = re.compile(r"(\d{1,2})(?::|h|g| ?giờ ?)(?:(\d{1,2})(?: ?phút)?)?", re.ASCII)
_ISO_TIME = re.compile(r"(\d{2}):(\d{2})(?::\d{2}(?:\.\d{1,6})?)?(Z|[+\-]\d{2}:\d{2})?", re.ASCII)


def read_date(text: str) -> date | None:
    """Read 24/11/2026, 24-11-2026, 24.11.2026 or 2026-11-24; None when there is no such day."""
    if match := _DATE.fullmatch(text):
        day, month, year = match.groups()
    elif match := _ISO_DATE.fullmatch(text):
        year, month, day = match.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def read_time(text: str) -> time | None:
    """Read 08:30, 8h30, 8 giờ 30 phút, or a stored time; None when there is no such time."""
    text = text.lower()
    if (match := _ISO_TIME.fullmatch(text.upper())) and match[3]:
        return _from_stored_time(text.upper())
    if (match := _TIME.fullmatch(text)) or (match := _ISO_TIME.fullmatch(text)):
        try:
            return time(int(match[1]), int(match[2] or 0))
        except ValueError:
            return None
    return None


def read_moment(text: str) -> datetime | None:
    """Read "24/11/2026 08:30", "8h30 24/11/2026" or a stored instant, as wall clock time."""
    stored = _from_stored_moment(text)
    if stored is not None:
        return stored
    head, _, tail = text.partition(" ")
    day, clock = read_date(head), read_time(tail.strip(" ,"))
    if day is None or clock is None:
        first, _, last = text.rpartition(" ")
        day, clock = read_date(last), read_time(first.strip(" ,").removesuffix(" ngày"))
    return None if day is None or clock is None else datetime.combine(day, clock)


def stored_time(value: time, form: str) -> str:
    """Write a time of day in one of form-js's formats: local, with offset, or in UTC."""
    text = value.strftime("%H:%M")
    if form == "utc_offset":
        return text + "+07:00"
    if form == "utc_normalized":
        anchor = datetime(2000, 1, 2, value.hour, value.minute, tzinfo=WALL_CLOCK)
        return anchor.astimezone(UTC).strftime("%H:%MZ")
    return text


def stored_moment(value: datetime, form: str) -> str:
    """Write a wall clock date and time in one of form-js's formats."""
    if form == "utc_offset":
        return value.replace(tzinfo=WALL_CLOCK).isoformat(timespec="minutes")
    if form == "utc_normalized":
        instant = value.replace(tzinfo=WALL_CLOCK).astimezone(UTC)
        return instant.replace(tzinfo=None).isoformat(timespec="minutes") + "Z"
    return value.isoformat(timespec="minutes")


def shown_date(value: date) -> str:
    """Write 24/11/2026."""
    return f"{value.day:02}/{value.month:02}/{value.year:04}"


def shown_time(value: time) -> str:
    """Write 08:30."""
    return f"{value.hour:02}:{value.minute:02}"


def shown_moment(value: datetime) -> str:
    """Write 24/11/2026 08:30."""
    return f"{shown_date(value.date())} {shown_time(value.time())}"


def on_the_wall(value: datetime) -> datetime:
    """Give an instant as wall clock time without a zone; a naive value is that already."""
    return value.astimezone(WALL_CLOCK).replace(tzinfo=None) if value.tzinfo else value


def _from_stored_time(text: str) -> time | None:
    try:
        moment = datetime.fromisoformat("2000-01-02T" + text)
    except ValueError:
        return None
    return on_the_wall(moment).time()


def _from_stored_moment(text: str) -> datetime | None:
    if not _ISO_DATE.match(text) or len(text) < 16:
        return None
    try:
        return on_the_wall(datetime.fromisoformat(text)).replace(second=0, microsecond=0)
    except (ValueError, OverflowError):
        return None
