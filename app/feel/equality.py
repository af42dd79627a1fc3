"""When two values are equal, and which comes first; None where FEEL says null."""

from typing import Any

from app.feel.decimals import number_of
from app.feel.evaluation import Evaluation
from app.feel.temporal import instant_of, span_of_day
from app.feel.values import (
    CONTEXT,
    DATE,
    DATE_TIME,
    DAYS,
    LIST,
    MONTHS,
    NULL,
    NUMBER,
    OTHER,
    RANGE,
    STRING,
    TIME,
    kind_of,
)

_ORDERED = frozenset((NUMBER, STRING, DATE, TIME, DATE_TIME, DAYS, MONTHS))


def equal(c: Evaluation, left: Any, right: Any) -> bool | None:
    """Compare as `=` does: None for different kinds, unless one of them is null."""
    kind = kind_of(left)
    other = kind_of(right)
    if kind != other:
        return False if NULL in (kind, other) else None
    if kind == NUMBER:
        return bool(number_of(left) == number_of(right))
    if kind == LIST:
        return _equal_lists(c, left, right)
    if kind == CONTEXT:
        return _equal_contexts(c, left, right)
    if kind == DATE_TIME:
        return instant_of(left) == instant_of(right)
    if kind == TIME:
        return span_of_day(left) == span_of_day(right)
    if kind == RANGE:
        return _equal_ranges(c, left, right)
    if kind == OTHER:
        return None
    return bool(left == right)


def _equal_lists(c: Evaluation, left: Any, right: Any) -> bool:
    if len(left) != len(right):
        return False
    c.spend(2 * len(left) + 1)
    return all(equal(c, a, b) is True for a, b in zip(left, right, strict=True))


def _equal_contexts(c: Evaluation, left: Any, right: Any) -> bool:
    if left.keys() != right.keys():
        return False
    c.spend(len(left) + 1)
    return all(equal(c, value, right[name]) is True for name, value in left.items())


def _equal_ranges(c: Evaluation, left: Any, right: Any) -> bool:
    same_ends = (left.low_included, left.high_included) == (right.low_included, right.high_included)
    return (
        same_ends
        and equal(c, left.low, right.low) is True
        and equal(c, left.high, right.high) is True
    )


def order(left: Any, right: Any) -> int | None:
    """Tell -1, 0 or 1 as `left` is before, at or after `right`; None if not comparable."""
    kind = kind_of(left)
    if kind != kind_of(right) or kind not in _ORDERED:
        return None
    if kind == NUMBER:
        left, right = number_of(left), number_of(right)
        if left is None or right is None:
            return None
    elif kind == DATE_TIME:
        left, right = instant_of(left), instant_of(right)
    elif kind == TIME:
        left, right = span_of_day(left), span_of_day(right)
    return int(left > right) - int(left < right)


def less(left: Any, right: Any) -> bool | None:
    """Compare as `<` does."""
    found = order(left, right)
    return None if found is None else found < 0


def at_most(left: Any, right: Any) -> bool | None:
    """Compare as `<=` does."""
    found = order(left, right)
    return None if found is None else found <= 0


def greater(left: Any, right: Any) -> bool | None:
    """Compare as `>` does."""
    found = order(left, right)
    return None if found is None else found > 0


def at_least(left: Any, right: Any) -> bool | None:
    """Compare as `>=` does."""
    found = order(left, right)
    return None if found is None else found >= 0


def unequal(c: Evaluation, left: Any, right: Any) -> bool | None:
    """Compare as `!=` does."""
    found = equal(c, left, right)
    return None if found is None else not found


def within(value: Any, ends: Any) -> bool | None:
    """Tell whether a value lies in a range."""
    if value is None:
        return None
    if ends.low is None and ends.high is None:
        return None
    above: bool | None = True
    below: bool | None = True
    if ends.low is not None:
        above = at_least(value, ends.low) if ends.low_included else greater(value, ends.low)
    if ends.high is not None:
        below = at_most(value, ends.high) if ends.high_included else less(value, ends.high)
    if above is False or below is False:
        return False
    return None if above is None or below is None else True


def matches(c: Evaluation, value: Any, test: Any) -> bool | None:
    """Tell whether a value meets a test's result: equal to it, or in its list or range."""
    kind = kind_of(test)
    if kind == RANGE and kind_of(value) != RANGE:
        return within(value, test)
    if kind == LIST:
        return _matches_list(c, value, test)
    return equal(c, value, test)


def _matches_list(c: Evaluation, value: Any, test: Any) -> bool | None:
    c.spend(len(test) + 1)
    if kind_of(value) == LIST and equal(c, value, test) is True:
        return True
    found: bool | None = False
    for item in test:
        met = within(value, item) if kind_of(item) == RANGE else equal(c, value, item)
        if met is True:
            return True
        if met is None:
            found = None
    return found
