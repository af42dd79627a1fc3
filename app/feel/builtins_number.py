"""Built-ins for numbers (DMN 1.4, 10.3.4.5)."""

from datetime import timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Decimal,
)

from app.feel.decimals import DECIMALS, Number, integer_of, simplest
from app.feel.evaluation import Evaluation
from app.feel.limits import MAX_EXPONENT
from app.feel.signatures import builtin
from app.feel.values import Months


def rounded(value: Number, scale: Number, mode: str) -> Number | None:
    """Round to `scale` digits after the point; None for a scale beyond decimal128."""
    digits = int(scale)
    if not -MAX_EXPONENT <= digits <= MAX_EXPONENT:
        return None
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    if digits >= -int(exponent):
        return value
    exact = number.scaleb(digits, DECIMALS).to_integral_value(mode)
    return simplest(DECIMALS.scaleb(exact, -digits))


@builtin("decimal", "n: number", "scale: number")
def decimal(_c: Evaluation, value: Number, scale: Number) -> Number | None:
    return rounded(value, scale, ROUND_HALF_EVEN)


@builtin("floor", "n: number", "scale?: number?")
def floor(_c: Evaluation, value: Number, scale: Number | None = None) -> Number | None:
    return rounded(value, scale or 0, ROUND_FLOOR)


@builtin("ceiling", "n: number", "scale?: number?")
def ceiling(_c: Evaluation, value: Number, scale: Number | None = None) -> Number | None:
    return rounded(value, scale or 0, ROUND_CEILING)


@builtin("round", "n: number", "scale?: number?")
def round_(_c: Evaluation, value: Number, scale: Number | None = None) -> Number | None:
    return rounded(value, scale or 0, ROUND_HALF_EVEN)


@builtin("round up", "n: number", "scale?: number?")
def round_up(_c: Evaluation, value: Number, scale: Number | None = None) -> Number | None:
    return rounded(value, scale or 0, ROUND_UP)


@builtin("round down", "n: number", "scale?: number?")
def round_down(_c: Evaluation, value: Number, scale: Number | None = None) -> Number | None:
    return rounded(value, scale or 0, ROUND_DOWN)


@builtin("round half up", "n: number", "scale?: number?")
def round_half_up(_c: Evaluation, value: Number, scale: Number | None = None) -> Number | None:
    return rounded(value, scale or 0, ROUND_HALF_UP)


@builtin("round half down", "n: number", "scale?: number?")
def round_half_down(_c: Evaluation, value: Number, scale: Number | None = None) -> Number | None:
    return rounded(value, scale or 0, ROUND_HALF_DOWN)


@builtin("abs", "n: number")
def abs_(_c: Evaluation, value: Number) -> Number:
    return -value if value < 0 else value


@builtin("abs", "n: days")
def abs_days(_c: Evaluation, value: timedelta) -> timedelta:
    return abs(value)


@builtin("abs", "n: months")
def abs_months(_c: Evaluation, value: Months) -> Months:
    return Months(abs(value.months))


@builtin("modulo", "dividend: number", "divisor: number")
def modulo(_c: Evaluation, dividend: Number, divisor: Number) -> Number | None:
    if not divisor:
        return None
    if isinstance(dividend, int) and isinstance(divisor, int):
        return dividend % divisor
    rest = DECIMALS.remainder(dividend, divisor)
    if rest and (rest < 0) != (divisor < 0):
        rest = DECIMALS.add(rest, divisor)
    return rest


@builtin("sqrt", "number: number")
def sqrt(_c: Evaluation, value: Number) -> Number | None:
    return None if value < 0 else simplest(DECIMALS.sqrt(value))


@builtin("log", "number: number")
def log(_c: Evaluation, value: Number) -> Number | None:
    return None if value <= 0 else simplest(DECIMALS.ln(value))


@builtin("exp", "number: number")
def exp(_c: Evaluation, value: Number) -> Number:
    return simplest(DECIMALS.exp(value))


@builtin("odd", "number: number")
def odd(_c: Evaluation, value: Number) -> bool | None:
    whole = integer_of(value)
    return None if whole is None else whole % 2 == 1


@builtin("even", "number: number")
def even(_c: Evaluation, value: Number) -> bool | None:
    whole = integer_of(value)
    return None if whole is None else whole % 2 == 0
