"""Values as text (`string(…)`) and as JSON (process variables)."""

import re
from decimal import Decimal
from typing import Any

from app.feel.decimals import number_of, number_text, simplest
from app.feel.errors import FeelEvaluationError
from app.feel.evaluation import Evaluation, Purse
from app.feel.limits import MAX_STEPS, MAX_TEXT
from app.feel.temporal import date_time_text, duration_text, months_text, time_text
from app.feel.values import (
    BOOLEAN,
    CONTEXT,
    DATE,
    DATE_TIME,
    DAYS,
    LIST,
    MONTHS,
    NUMBER,
    RANGE,
    STRING,
    TIME,
    kind_of,
)

_MAX_HEIGHT = 100
_SIGNS = re.compile(r'[{}\[\]()",:\\]')
"""Signs that the name of an entry cannot hold without quotation marks."""
_MAX_FLOAT_DIGITS = 308


def text_of(c: Evaluation, value: Any) -> str | None:
    """Write a value as `string(…)` does; None for null and functions."""
    return None if value is None else _bounded(_text(c, value, quoted=False, height=0))


def _bounded(text: str | None) -> str | None:
    if text is not None and len(text) > MAX_TEXT:
        raise FeelEvaluationError(f"Chuỗi dài quá {MAX_TEXT} ký tự")
    return text


def _text(c: Evaluation, value: Any, *, quoted: bool, height: int) -> str | None:
    if height > _MAX_HEIGHT:
        raise FeelEvaluationError("Giá trị lồng nhau quá sâu")
    c.spend(1)
    kind = kind_of(value)
    if kind == STRING:
        c.spend(len(value) >> 4)
        return _quoted(value) if quoted else str(value)
    if kind == LIST:
        items = (_inner(c, item, height) for item in value)
        return f"[{', '.join(items)}]"
    if kind == CONTEXT:
        entries = (f"{_key(name)}: {_inner(c, item, height)}" for name, item in value.items())
        return "{" + ", ".join(entries) + "}"
    if kind == RANGE:
        opening, closing = "[" if value.low_included else "(", "]" if value.high_included else ")"
        return f"{opening}{_inner(c, value.low, height)}..{_inner(c, value.high, height)}{closing}"
    return _simple(kind, value)


def _inner(c: Evaluation, value: Any, height: int) -> str:
    text = _text(c, value, quoted=True, height=height + 1) or "null"
    c.spend(len(text) >> 4)
    return _bounded(text) or ""


def _key(name: Any) -> str:
    """Write the name of an entry so that it can be read again."""
    text = str(name)
    return _quoted(text) if _SIGNS.search(text) else text


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _simple(kind: str, value: Any) -> str | None:
    if kind == NUMBER:
        number = number_of(value)
        return None if number is None else number_text(number)
    if kind == BOOLEAN:
        return "true" if value else "false"
    if kind == DATE:
        return str(value.isoformat())
    if kind == TIME:
        return time_text(value)
    if kind == DATE_TIME:
        return date_time_text(value)
    if kind == DAYS:
        return duration_text(value)
    return months_text(value) if kind == MONTHS else None


def to_json(value: Any, *, purse: Purse | None = None) -> Any:
    """Give a FEEL value in JSON types, to be kept as a process variable; a `purse` pays.

    Dates, times and durations become ISO 8601 text, numbers int when whole else float,
    ranges and functions their text or null. Raises `FeelEvaluationError` beyond the bounds.
    """
    c = Evaluation(left=MAX_STEPS, purse=purse)
    try:
        return _json(c, value, 0)
    finally:
        c.settle()


def _json(c: Evaluation, value: Any, height: int) -> Any:
    if height > _MAX_HEIGHT:
        raise FeelEvaluationError("Giá trị lồng nhau quá sâu")
    c.spend(1)
    kind = kind_of(value)
    if kind == STRING:
        c.spend(len(value) >> 4)
        return value
    if kind == BOOLEAN:
        return value
    if kind == NUMBER:
        return _json_number(value)
    if kind == LIST:
        return [_json(c, item, height + 1) for item in value]
    if kind == CONTEXT:
        return {str(name): _json(c, item, height + 1) for name, item in value.items()}
    if kind == DATE_TIME:
        return date_time_text(value, iso=True)
    return _text(c, value, quoted=False, height=height)


def _json_number(value: Any) -> int | float | None:
    number = number_of(value)
    if isinstance(number, Decimal):
        number = simplest(number)
    if not isinstance(number, Decimal):
        return number
    if number.adjusted() >= _MAX_FLOAT_DIGITS:
        raise FeelEvaluationError("Số quá lớn để lưu thành biến")
    return float(number)
