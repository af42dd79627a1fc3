"""Numbers as Vietnamese people write them: 1.250.000 and 5,25."""

import math
import re
from decimal import Decimal
from typing import Any

Number = int | float

LARGEST = 10**15
"""Beyond this a number no longer passes through JSON readers unharmed."""
GROUPED_FROM = 10_000
"""Smaller numbers are written without dots, so that a year stays a year."""

_SPACES = re.compile(r"[ \u00a0\u202f]")
_GROUPED = re.compile(r"-?[1-9]\d{0,2}(\.\d{3})+(,\d+)?")
_COMMA = re.compile(r"-?\d+(,\d+)?")
_POINT = re.compile(r"-?\d+\.\d+")


def read_decimal(text: str) -> Decimal | None:
    """Read what was typed; None when it is not a number.

    A comma is the decimal sign. Dots group thousands where each group has three digits
    ("1.250" is 1250, "0.250" and "12.5" are decimals). Two readings never compete.
    """
    text = _SPACES.sub("", text).replace("\u2212", "-")
    if len(text) > 40 or not text.isascii():
        return None
    if _GROUPED.fullmatch(text):
        return Decimal(text.replace(".", "").replace(",", "."))
    if _COMMA.fullmatch(text):
        return Decimal(text.replace(",", "."))
    return Decimal(text) if _POINT.fullmatch(text) else None


def decimal_of(value: Any) -> Decimal | None:
    """Take any numeric value as an exact decimal; None for anything else, NaN and infinity."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value)) if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    return None


def json_number(value: Decimal) -> Number:
    """Give a whole number of at most 64 bits as int, any other as float."""
    is_whole = abs(value) < 2**63 and value == value.to_integral_value()
    return int(value) if is_whole else float(value)


def canonical(value: Decimal) -> str:
    """Write a decimal as a string that `read_decimal` reads back as the same number.

    Three digits after the point would look like a group of thousands; they get a fourth.
    """
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text + "0" if _GROUPED.fullmatch(text) else text


def shown(value: Any) -> str:
    """Write a number for people: 1.250.000 and 5,25."""
    exact = decimal_of(value)
    if exact is None:
        return ""
    if exact and not -60 < exact.adjusted() < 60:
        return str(exact).replace(".", ",")
    text = format(abs(exact), "f")
    whole, _, rest = text.partition(".")
    rest = rest.rstrip("0")
    if abs(exact) >= GROUPED_FROM:
        whole = f"{int(whole):,}".replace(",", ".")
    sign = "-" if exact < 0 else ""
    return f"{sign}{whole},{rest}" if rest else f"{sign}{whole}"
