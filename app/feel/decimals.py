"""Exact numbers: integers stay integers, everything else is a decimal of 34 digits."""

import math
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    InvalidOperation,
    Overflow,
)
from typing import Any, TypeAlias

from app.feel.limits import MAX_EXPONENT, MAX_INTEGER, PRECISION

Number: TypeAlias = int | Decimal

DECIMALS = Context(
    prec=PRECISION,
    rounding=ROUND_HALF_EVEN,
    Emin=-MAX_EXPONENT,
    Emax=MAX_EXPONENT,
    traps=[InvalidOperation, DivisionByZero, Overflow, FloatOperation],
)


def number_of(value: Any) -> Number | None:
    """Read any numeric value as an exact number; None for anything else, NaN and infinity."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return bounded(int(value))
    if isinstance(value, float):
        return Decimal(repr(float(value))) if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    return None


def bounded(value: int) -> Number:
    """Round an integer beyond 34 digits; None is never returned, overflow raises."""
    if -MAX_INTEGER < value < MAX_INTEGER:
        return value
    return DECIMALS.create_decimal(value)


def integer_of(value: Any) -> int | None:
    """Read a whole number such as 3 or 3.0; None for anything else."""
    number = number_of(value)
    if isinstance(number, Decimal):
        if number != number.to_integral_value() or number.adjusted() > PRECISION:
            return None
        return int(number)
    return number


def add(left: Number, right: Number) -> Number:
    """Sum two numbers."""
    if isinstance(left, int) and isinstance(right, int):
        return bounded(left + right)
    return DECIMALS.add(left, right)


def subtract(left: Number, right: Number) -> Number:
    """Subtract two numbers."""
    if isinstance(left, int) and isinstance(right, int):
        return bounded(left - right)
    return DECIMALS.subtract(left, right)


def multiply(left: Number, right: Number) -> Number:
    """Multiply two numbers."""
    if isinstance(left, int) and isinstance(right, int):
        return bounded(left * right)
    return DECIMALS.multiply(left, right)


def divide(left: Number, right: Number) -> Number | None:
    """Divide two numbers; None for a divisor of zero."""
    if not right:
        return None
    if isinstance(left, int) and isinstance(right, int) and not left % right:
        return left // right
    return DECIMALS.divide(left, right)


def power(base: Number, exponent: Number) -> Number:
    """Raise to a power within 34 digits; too large raises `ArithmeticError`."""
    result = DECIMALS.power(base, exponent)
    return simplest(result) if isinstance(base, int) and isinstance(exponent, int) else result


def simplest(value: Number) -> Number:
    """Give a whole decimal of moderate size as an integer."""
    if isinstance(value, Decimal) and value.adjusted() < PRECISION:
        whole = int(value)
        return whole if whole == value else value
    return value


def number_text(value: Number) -> str:
    """Write a number without exponent and without trailing zeros."""
    if isinstance(value, int):
        return str(value)
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
