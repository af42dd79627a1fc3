"""Reaching into values: names, paths, filters and loops.

No Python attribute is ever read by a name of the source: only keys of contexts and the
properties listed here.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from app.feel import temporal
from app.feel.decimals import integer_of, simplest
from app.feel.errors import FeelEvaluationError
from app.feel.evaluation import Evaluation
from app.feel.feeltype import FeelType, coerced, is_instance
from app.feel.limits import MAX_ITEMS
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
    TIME,
    Function,
    Range,
    kind_of,
)

_Property = Callable[[Any], Any]


def _days_part(unit: int, modulus: int | None) -> _Property:
    def part(value: timedelta) -> int:
        whole = int(abs(value).total_seconds()) // unit
        amount = whole % modulus if modulus else whole
        return -amount if value < timedelta() else amount

    return part


def _months_part(value: int, part: int) -> int:
    return -part if value < 0 else part


_OF_DATE: dict[str, _Property] = {
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "weekday": lambda value: value.isoweekday(),
}
_OF_TIME: dict[str, _Property] = {
    "hour": lambda value: value.hour,
    "minute": lambda value: value.minute,
    "second": lambda value: simplest(
        temporal.seconds_of(timedelta(seconds=value.second, microseconds=value.microsecond))
    ),
    "time offset": lambda value: value.utcoffset(),
    "timezone": lambda value: getattr(value.tzinfo, "key", None),
}
_PROPERTIES: dict[str, dict[str, _Property]] = {
    DATE: _OF_DATE,
    TIME: _OF_TIME,
    DATE_TIME: {**_OF_DATE, **_OF_TIME},
    DAYS: {
        "days": _days_part(86_400, None),
        "hours": _days_part(3_600, 24),
        "minutes": _days_part(60, 60),
        "seconds": _days_part(1, 60),
        "value": temporal.seconds_of,
    },
    MONTHS: {
        "years": lambda value: _months_part(value.months, abs(value.months) // 12),
        "months": lambda value: _months_part(value.months, abs(value.months) % 12),
        "value": lambda value: value.months,
    },
    RANGE: {
        "start": lambda value: value.low,
        "end": lambda value: value.high,
        "start included": lambda value: value.low_included,
        "end included": lambda value: value.high_included,
    },
}


def path(c: Evaluation, base: Any, name: str) -> Any:
    """Read `base.name`: an entry, a property, or the same of every item of a list."""
    if type(base) is dict:
        return base.get(name)
    kind = kind_of(base)
    if kind == CONTEXT:
        return base.get(name)
    if kind == LIST:
        c.spend(len(base) + 1)
        return [path(c, item, name) for item in base if item is not None]
    found = _PROPERTIES.get(kind, {}).get(name)
    return found(base) if found else None


def pick(item: Any, name: str, otherwise: Any) -> Any:
    """Read a name inside a filter: an entry of the item, else what stands outside."""
    if isinstance(item, Mapping) and name in item:
        return item[name]
    return otherwise


def items_of(c: Evaluation, source: Any) -> Sequence[Any]:
    """Give what a loop runs over: a list, the members of a range, or the single value."""
    kind = kind_of(source)
    if kind == LIST:
        items: Sequence[Any] = source
        return items
    if kind == RANGE:
        return _members(c, source)
    return () if source is None else (source,)


def _members(c: Evaluation, ends: Range) -> Sequence[Any]:
    if kind_of(ends.low) == kind_of(ends.high) == DATE:
        return _days(c, ends)
    low, high = integer_of(ends.low), integer_of(ends.high)
    if low is None or high is None:
        return ()
    if ends.counts and low > high:
        numbers = range(low, high - 1, -1)
    else:
        numbers = range(low + (not ends.low_included), high + ends.high_included)
    size = (abs(high - low)) + 1
    _fit(size)
    c.spend(size)
    return numbers


def _days(c: Evaluation, ends: Range) -> Sequence[date]:
    step = -1 if ends.counts and ends.low > ends.high else 1
    first = 0 if ends.low_included else 1
    size = abs((ends.high - ends.low).days) + (1 if ends.high_included else 0)
    if step > 0 and ends.low > ends.high:
        return ()
    _fit(size)
    c.spend(size + 1)
    return [ends.low + timedelta(days=step * index) for index in range(first, size)]


def _fit(size: int) -> None:
    if size > MAX_ITEMS:
        raise FeelEvaluationError(f"Danh sách dài quá {MAX_ITEMS} phần tử")


def fit(items: list[Any]) -> list[Any]:
    """Pass a list of bearable length."""
    _fit(len(items))
    return items


def each(c: Evaluation, weight: int, source: Any, body: Callable[[Any], Any]) -> None:
    """Run the body for every item of an outer loop."""
    for item in items_of(c, source):
        c.spend(weight)
        body(item)


def collect(
    c: Evaluation, weight: int, results: list[Any], source: Any, body: Callable[[Any], Any]
) -> list[Any] | None:
    """Append what the body gives for every item; None when there is nothing to run over."""
    if source is None:
        return None
    for item in items_of(c, source):
        c.spend(weight)
        results.append(body(item))
        _fit(len(results))
    return results


def first(result: Any, _after: Any) -> Any:
    """Give the first of two values, both evaluated."""
    return result


def snapshot(c: Evaluation, results: list[Any]) -> list[Any]:
    """Copy the results so far of a loop (`partial`)."""
    c.spend(len(results) + 1)
    return list(results)


def some(c: Evaluation, weight: int, source: Any, body: Callable[[Any], Any]) -> bool | None:
    """Tell whether the condition holds for an item."""
    if source is None:
        return None
    found: bool | None = False
    for item in items_of(c, source):
        c.spend(weight)
        met = body(item)
        if met is True:
            return True
        if met is not False:
            found = None
    return found


def every(c: Evaluation, weight: int, source: Any, body: Callable[[Any], Any]) -> bool | None:
    """Tell whether the condition holds for all items."""
    if source is None:
        return None
    found: bool | None = True
    for item in items_of(c, source):
        c.spend(weight)
        met = body(item)
        if met is False:
            return False
        if met is not True:
            found = None
    return found


def at(base: Any, index: Any) -> Any:
    """Read `base[index]`, counted from 1, or from the end if negative."""
    if base is None:
        return None
    items = base if kind_of(base) == LIST else (base,)
    place = integer_of(index)
    if place is None or place == 0 or abs(place) > len(items):
        return None
    return items[place - 1 if place > 0 else place]


def select(c: Evaluation, weight: int, base: Any, condition: Callable[[Any], Any]) -> Any:
    """Read `base[condition]`: the items that meet it; a number stands for an index."""
    kind = kind_of(base)
    items = base if kind == LIST else items_of(c, base) if kind == RANGE else [base]
    if base is None:
        items = ()
    chosen: list[Any] = []
    for place, item in enumerate(items):
        c.spend(weight)
        met = condition(item)
        if met is True:
            chosen.append(item)
        elif place == 0 and met is not False and kind_of(met) == NUMBER:
            return at(base, met)
    return chosen


def make_range(low: Any, high: Any, low_included: bool, high_included: bool) -> Range | None:
    """Make `[low..high]`; None unless both ends are of one comparable kind."""
    kinds = {kind_of(end) for end in (low, high) if end is not None}
    if len(kinds) != 1 or kinds & {BOOLEAN, LIST, CONTEXT, RANGE}:
        return None
    return Range(low, high, low_included, high_included)


def counting(low: Any, high: Any) -> Range:
    """Make the `low..high` of a loop, which may run downwards."""
    return Range(low, high, counts=True)


def has_type(value: Any, expected: FeelType) -> bool:
    """Tell whether a value is an instance of the type."""
    return is_instance(value, expected)


def call(c: Evaluation, function: Any, arguments: Iterable[Any]) -> Any:
    """Call a user-defined function; None if it is none or the number of arguments is wrong."""
    values = tuple(arguments)
    if not isinstance(function, Function) or len(values) != len(function.parameters):
        return None
    types = function.types or (None,) * len(values)
    fitted = [coerced(value, kind) for value, kind in zip(values, types, strict=True)]
    c.enter(function.weight)
    try:
        return function.code(c, *fitted)
    finally:
        c.calls -= 1


def call_named(c: Evaluation, function: Any, names: Sequence[str], values: Sequence[Any]) -> Any:
    """Call a user-defined function with arguments by name; missing ones are null."""
    if not isinstance(function, Function) or not set(names) <= set(function.parameters):
        return None
    given = dict(zip(names, values, strict=True))
    return call(c, function, [given.get(name) for name in function.parameters])
