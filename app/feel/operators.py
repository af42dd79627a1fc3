"""What the operators of FEEL do; every helper here may be called by compiled expressions."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from app.feel import decimals
from app.feel.decimals import number_of
from app.feel.errors import FeelEvaluationError
from app.feel.evaluation import Evaluation
from app.feel.limits import MAX_TEXT
from app.feel.temporal import (
    add_months,
    add_to_date,
    add_to_date_time,
    add_to_time,
    instant_of,
    months_of,
    seconds_of,
    span_of,
    span_of_day,
)
from app.feel.values import (
    DATE,
    DATE_TIME,
    DAYS,
    MONTHS,
    NUMBER,
    STRING,
    TIME,
    Months,
    kind_of,
)

_Rule = Callable[[Any, Any], Any]


def plus(c: Evaluation, left: Any, right: Any) -> Any:
    """Add numbers, join strings, move dates by durations; None for anything else."""
    if type(left) is int and type(right) is int:
        return decimals.bounded(left + right)
    kinds = kind_of(left), kind_of(right)
    if kinds == (STRING, STRING):
        return _join(c, left, right)
    return _apply(_PLUS, kinds, left, right)


def minus(left: Any, right: Any) -> Any:
    """Subtract numbers, durations and dates; None for anything else."""
    if type(left) is int and type(right) is int:
        return decimals.bounded(left - right)
    return _apply(_MINUS, (kind_of(left), kind_of(right)), left, right)


def times(left: Any, right: Any) -> Any:
    """Multiply numbers, or a duration by a number; None for anything else."""
    if type(left) is int and type(right) is int:
        return decimals.bounded(left * right)
    return _apply(_TIMES, (kind_of(left), kind_of(right)), left, right)


def over(left: Any, right: Any) -> Any:
    """Divide numbers and durations; None by zero and for anything else."""
    return _apply(_OVER, (kind_of(left), kind_of(right)), left, right)


def raised(c: Evaluation, left: Any, right: Any) -> Any:
    """Raise a number to a power; None when the result is no number of decent size."""
    c.spend(100)
    return _apply(_RAISED, (kind_of(left), kind_of(right)), left, right)


def negative(value: Any) -> Any:
    """Turn the sign of a number or duration."""
    if type(value) is int:
        return -value
    kind = kind_of(value)
    if kind == NUMBER:
        number = number_of(value)
        return None if number is None else -number
    if kind == DAYS:
        return -value
    return Months(-value.months) if kind == MONTHS else None


def _join(c: Evaluation, left: str, right: str) -> str:
    size = len(left) + len(right)
    if size > MAX_TEXT:
        raise FeelEvaluationError(f"Chuỗi dài quá {MAX_TEXT} ký tự")
    c.spend(size >> 4)
    return left + right


def _apply(
    rules: dict[tuple[str, str], _Rule], kinds: tuple[str, str], left: Any, right: Any
) -> Any:
    rule = rules.get(kinds)
    if rule is None:
        return None
    if kinds[0] == NUMBER:
        left = number_of(left)
    if kinds[1] == NUMBER:
        right = number_of(right)
    if left is None or right is None:
        return None
    try:
        return rule(left, right)
    except (ArithmeticError, ValueError):
        return None


def _scaled(span: timedelta, number: Decimal | int) -> timedelta:
    return span_of(decimals.multiply(seconds_of(span), number))


def _divided(span: timedelta, number: Decimal | int) -> timedelta | None:
    quotient = decimals.divide(seconds_of(span), number)
    return None if quotient is None else span_of(quotient)


def _months_divided(value: Months, number: Decimal | int) -> Months | None:
    quotient = decimals.divide(value.months, number)
    return None if quotient is None else months_of(int(quotient))


def _shift_months(value: date, months: Months) -> date:
    return add_months(value, months.months)


def _midnight(value: date) -> datetime:
    return instant_of(datetime.combine(value, time()))


_PLUS: dict[tuple[str, str], _Rule] = {
    (NUMBER, NUMBER): decimals.add,
    (DAYS, DAYS): lambda left, right: left + right,
    (MONTHS, MONTHS): lambda left, right: months_of(left.months + right.months),
    (DATE, DAYS): add_to_date,
    (DAYS, DATE): lambda left, right: add_to_date(right, left),
    (DATE, MONTHS): _shift_months,
    (MONTHS, DATE): lambda left, right: _shift_months(right, left),
    (DATE_TIME, DAYS): add_to_date_time,
    (DAYS, DATE_TIME): lambda left, right: add_to_date_time(right, left),
    (DATE_TIME, MONTHS): _shift_months,
    (MONTHS, DATE_TIME): lambda left, right: _shift_months(right, left),
    (TIME, DAYS): add_to_time,
    (DAYS, TIME): lambda left, right: add_to_time(right, left),
}
_MINUS: dict[tuple[str, str], _Rule] = {
    (NUMBER, NUMBER): decimals.subtract,
    (DAYS, DAYS): lambda left, right: left - right,
    (MONTHS, MONTHS): lambda left, right: months_of(left.months - right.months),
    (DATE, DATE): lambda left, right: left - right,
    (DATE_TIME, DATE_TIME): lambda left, right: instant_of(left) - instant_of(right),
    (DATE, DATE_TIME): lambda left, right: _midnight(left) - instant_of(right),
    (DATE_TIME, DATE): lambda left, right: instant_of(left) - _midnight(right),
    (TIME, TIME): lambda left, right: span_of_day(left) - span_of_day(right),
    (DATE, DAYS): lambda left, right: add_to_date(left, -right),
    (DATE, MONTHS): lambda left, right: add_months(left, -right.months),
    (DATE_TIME, DAYS): lambda left, right: add_to_date_time(left, -right),
    (DATE_TIME, MONTHS): lambda left, right: add_months(left, -right.months),
    (TIME, DAYS): lambda left, right: add_to_time(left, -right),
}
_TIMES: dict[tuple[str, str], _Rule] = {
    (NUMBER, NUMBER): decimals.multiply,
    (DAYS, NUMBER): _scaled,
    (NUMBER, DAYS): lambda left, right: _scaled(right, left),
    (MONTHS, NUMBER): lambda left, right: months_of(int(left.months * right)),
    (NUMBER, MONTHS): lambda left, right: months_of(int(right.months * left)),
}
_OVER: dict[tuple[str, str], _Rule] = {
    (NUMBER, NUMBER): decimals.divide,
    (DAYS, NUMBER): _divided,
    (MONTHS, NUMBER): _months_divided,
    (DAYS, DAYS): lambda left, right: decimals.divide(seconds_of(left), seconds_of(right)),
    (MONTHS, MONTHS): lambda left, right: decimals.divide(left.months, right.months),
}
_RAISED: dict[tuple[str, str], _Rule] = {(NUMBER, NUMBER): decimals.power}
