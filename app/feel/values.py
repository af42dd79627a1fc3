"""The kinds of values FEEL knows, over plain Python values.

null None, boolean bool, number int or Decimal (float is read, never made), string str,
date date, time time, date and time datetime, days and time duration timedelta,
list list or tuple, context dict. The three others stand below.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

WALL_CLOCK = ZoneInfo("Asia/Ho_Chi_Minh")
"""The zone of every clock time that names no other."""


@dataclass(frozen=True, slots=True, order=True)
class Months:
    """A years and months duration."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """The values between two ends; an end of None is open to infinity."""

    low: Any
    high: Any
    low_included: bool = True
    high_included: bool = True
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A function defined in FEEL (`code` takes the evaluation first)."""

    parameters: tuple[str, ...]
    code: Callable[..., Any]
    weight: int
    types: tuple[Any, ...] = ()


NULL = "Null"
BOOLEAN = "boolean"
NUMBER = "number"
STRING = "string"
DATE = "date"
TIME = "time"
DATE_TIME = "date and time"
DAYS = "days and time duration"
MONTHS = "years and months duration"
LIST = "list"
CONTEXT = "context"
RANGE = "range"
FUNCTION = "function"
OTHER = "other"

_KINDS: dict[type, str] = {
    type(None): NULL,
    bool: BOOLEAN,
    int: NUMBER,
    Decimal: NUMBER,
    float: NUMBER,
    str: STRING,
    datetime: DATE_TIME,
    date: DATE,
    time: TIME,
    timedelta: DAYS,
    Months: MONTHS,
    list: LIST,
    tuple: LIST,
    dict: CONTEXT,
    Range: RANGE,
    Function: FUNCTION,
}


def kind_of(value: Any) -> str:
    """Name the FEEL type of a value; objects FEEL does not know are `OTHER`."""
    return _KINDS.get(type(value)) or _kind_of_relative(value)


def _kind_of_relative(value: Any) -> str:
    for python_type, kind in _KINDS.items():
        if isinstance(value, python_type):
            return kind
    return CONTEXT if isinstance(value, Mapping) else OTHER
