"""Built-ins for dates (DMN 1.4, 10.3.4.9 and 10.3.4.10)."""

import calendar
from datetime import date, datetime

from app.feel.evaluation import Evaluation
from app.feel.signatures import builtin
from app.feel.values import WALL_CLOCK

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@builtin("now")
def now(c: Evaluation) -> datetime:
    return c.instant().astimezone(WALL_CLOCK)


@builtin("today")
def today(c: Evaluation) -> date:
    return c.instant().astimezone(WALL_CLOCK).date()


@builtin("day of year", "date: date|datetime")
def day_of_year(_c: Evaluation, day: date) -> int:
    return day.timetuple().tm_yday


@builtin("day of week", "date: date|datetime")
def day_of_week(_c: Evaluation, day: date) -> str:
    return _DAYS[day.weekday()]


@builtin("month of year", "date: date|datetime")
def month_of_year(_c: Evaluation, day: date) -> str:
    return _MONTHS[day.month - 1]


@builtin("week of year", "date: date|datetime")
def week_of_year(_c: Evaluation, day: date) -> int:
    return day.isocalendar().week


@builtin("last day of month", "date: date|datetime")
def last_day_of_month(_c: Evaluation, day: date) -> date:
    last = calendar.monthrange(day.year, day.month)[1]
    return date(day.year, day.month, last)
