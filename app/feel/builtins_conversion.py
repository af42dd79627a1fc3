"""Built-ins that make one kind of value from another (DMN 1.4, 10.3.4.1), and logic."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.feel import decimals, temporal
from app.feel.decimals import Number, integer_of, simplest
from app.feel.equality import equal
from app.feel.errors import FeelEvaluationError
from app.feel.evaluation import Evaluation
from app.feel.signatures import builtin
from app.feel.text import text_of
from app.feel.values import DATE, DATE_TIME, TIME, Months, kind_of

_NUMBER_TEXT = re.compile(r"\s*[+-]?(?:\d{1,60}(?:\.\d{0,60})?|\.\d{1,60})(?:[eE][+-]?\d{1,4})?\s*")


def negated(value: Any) -> bool | None:
    """Turn true to false and back; null for anything else."""
    if value is True:
        return False
    return True if value is False else None


@builtin("not", "negand: any")
def not_(_c: Evaluation, negand: Any) -> bool | None:
    return negated(negand)


@builtin("string", "from: any")
def string(c: Evaluation, value: Any) -> str | None:
    return text_of(c, value)


@builtin("number", "from: string")
@builtin("number", "from: string", "grouping separator: string?", "decimal separator?: string?")
def number(
    _c: Evaluation, text: str, grouping: str | None = None, point: str | None = None
) -> Number | None:
    if grouping not in (None, " ", ",", ".") or point not in (None, ",", "."):
        return None
    if grouping is not None and grouping == point:
        return None
    if grouping:
        text = text.replace(grouping, "")
    if point:
        text = text.replace(point, ".")
    if not _NUMBER_TEXT.fullmatch(text):
        return None
    return simplest(decimals.DECIMALS.create_decimal(text.strip()))


@builtin("number", "from: number")
def number_itself(_c: Evaluation, value: Number) -> Number:
    return value


@builtin("date", "from: string")
def date_from_text(_c: Evaluation, text: str) -> date | None:
    found = temporal.read_date_time(text)
    return found.date() if found else None


@builtin("date", "from: date|datetime")
def date_from_moment(_c: Evaluation, value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


@builtin("date", "year: number", "month: number", "day: number")
def date_from_parts(_c: Evaluation, year: Number, month: Number, day: Number) -> date | None:
    parts = integer_of(year), integer_of(month), integer_of(day)
    if parts[0] is None or parts[1] is None or parts[2] is None:
        return None
    return date(parts[0], parts[1], parts[2])


@builtin("time", "from: string")
def time_from_text(_c: Evaluation, text: str) -> time | None:
    found = temporal.read_time(text)
    if found is None:
        moment = temporal.read_date_time(text)
        return moment.timetz() if moment else None
    return found


@builtin("time", "from: time|datetime|date")
def time_from_moment(_c: Evaluation, value: time | datetime | date) -> time:
    if isinstance(value, time):
        return value
    return value.timetz() if isinstance(value, datetime) else time(tzinfo=UTC)


@builtin("time", "hour: number", "minute: number", "second: number", "offset?: days?")
def time_from_parts(
    _c: Evaluation, hour: Number, minute: Number, second: Number, offset: timedelta | None = None
) -> time | None:
    whole, minutes = integer_of(hour), integer_of(minute)
    if whole is None or minutes is None or not 0 <= second < 60:
        return None
    span = temporal.span_of(second)
    zone = None if offset is None else temporal.zone_named(_offset_name(offset))
    return time(whole, minutes, span.seconds, span.microseconds, zone)


def _offset_name(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    if abs(minutes) > 14 * 60:
        raise ValueError("offset")
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


@builtin("date and time", "from: string")
def date_time_from_text(_c: Evaluation, text: str) -> datetime | None:
    return temporal.read_date_time(text)


@builtin("date and time", "from: datetime|date")
def date_time_itself(_c: Evaluation, value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time())


@builtin("date and time", "date: date|datetime", "time: time")
def date_time_from_parts(_c: Evaluation, day: date, clock: time) -> datetime:
    return datetime.combine(day.date() if isinstance(day, datetime) else day, clock)


@builtin("date and time", "date: datetime|date", "timezone: string")
def date_time_in_zone(_c: Evaluation, value: date, name: str) -> datetime | None:
    zone = temporal.zone_named(name) if name else None
    moment = value if isinstance(value, datetime) else datetime.combine(value, time())
    if zone is None:
        return None
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)


@builtin("duration", "from: string")
def duration_from_text(_c: Evaluation, text: str) -> timedelta | Months | None:
    return temporal.read_duration(text)


@builtin("duration", "from: days|months")
def duration_itself(_c: Evaluation, value: timedelta | Months) -> timedelta | Months:
    return value


@builtin("years and months duration", "from: date|datetime", "to: date|datetime")
def months_between(_c: Evaluation, start: date, end: date) -> Months | None:
    if kind_of(start) != kind_of(end):
        start, end = _as_moment(start), _as_moment(end)
    return temporal.months_between(start, end)


def _as_moment(value: date) -> datetime:
    return value if isinstance(value, datetime) else datetime.combine(value, time())


@builtin("is defined", "value: any")
def is_defined(_c: Evaluation, value: Any) -> bool:
    return value is not None


@builtin("get or else", "value: any", "default: any")
def get_or_else(_c: Evaluation, value: Any, default: Any) -> Any:
    return default if value is None else value


@builtin("assert", "value: any", "condition: any", "cause?: string?")
def assert_(_c: Evaluation, value: Any, condition: Any, cause: str | None = None) -> Any:
    if condition is not True:
        raise FeelEvaluationError(cause or "Điều kiện của assert không đúng")
    return value


@builtin("is", "value1: any", "value2: any")
def is_(c: Evaluation, left: Any, right: Any) -> bool:
    kind = kind_of(left)
    if kind != kind_of(right):
        return False
    if kind in (TIME, DATE_TIME) and (left.tzinfo is None) != (right.tzinfo is None):
        return False
    if kind in (TIME, DATE_TIME) and left.utcoffset() != right.utcoffset():
        return False
    if kind == DATE:
        return bool(left == right)
    return left is None or equal(c, left, right) is True
