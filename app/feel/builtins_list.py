"""Built-ins for lists (DMN 1.4, 10.3.4.4)."""

import functools
from collections.abc import Callable, Iterable
from typing import Any

from app.feel import operators
from app.feel.access import call
from app.feel.decimals import (
    DECIMALS,
    Number,
    add,
    divide,
    integer_of,
    multiply,
    number_of,
    simplest,
)
from app.feel.equality import equal, less, order
from app.feel.errors import FeelEvaluationError
from app.feel.evaluation import Evaluation
from app.feel.limits import MAX_ITEMS
from app.feel.signatures import builtin
from app.feel.values import LIST, NUMBER, Function, kind_of

_Items = list[Any]


def either_way(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare an aggregate that takes one list, or its items as arguments."""

    def declare(code: Callable[..., Any]) -> Callable[..., Any]:
        def of_items(c: Evaluation, *items: Any) -> Any:
            return None if items == (None,) else code(c, list(items))

        builtin(name, "list: list")(code)
        builtin(name, "*items: any")(of_items)
        return code

    return declare


def _numbers(items: Iterable[Any]) -> list[Number] | None:
    numbers = [item if type(item) is int else number_of(item) for item in items]
    found = [number for number in numbers if number is not None]
    return found if len(found) == len(numbers) else None


@builtin("list contains", "list: list", "element: any")
def list_contains(c: Evaluation, items: _Items, element: Any) -> bool:
    c.spend(len(items))
    return any(equal(c, item, element) is True for item in items)


@either_way("count")
def count(_c: Evaluation, items: _Items) -> int:
    return len(items)


def _extreme(items: _Items, sign: int) -> Any:
    if not items:
        return None
    best = items[0]
    for item in items:
        found = order(item, best)
        if found is None:
            return None
        if found == sign:
            best = item
    return best


@either_way("min")
def min_(_c: Evaluation, items: _Items) -> Any:
    return _extreme(items, -1)


@either_way("max")
def max_(_c: Evaluation, items: _Items) -> Any:
    return _extreme(items, 1)


@either_way("sum")
def sum_(c: Evaluation, items: _Items) -> Any:
    if not items:
        return None
    c.spend(len(items))
    if kind_of(items[0]) != NUMBER:
        return _sum_of_durations(c, items)
    numbers = _numbers(items)
    return None if numbers is None else functools.reduce(add, numbers)


def _sum_of_durations(c: Evaluation, items: _Items) -> Any:
    total = items[0]
    if kind_of(total) not in ("days and time duration", "years and months duration"):
        return None
    for item in items[1:]:
        total = operators.plus(c, total, item)
    return total


@either_way("mean")
def mean(c: Evaluation, items: _Items) -> Any:
    total = sum_(c, items)
    return None if total is None else operators.over(total, len(items))


@either_way("product")
def product(c: Evaluation, items: _Items) -> Number | None:
    numbers = _numbers(items)
    if not numbers:
        return None
    c.spend(len(numbers))
    return functools.reduce(multiply, numbers)


@either_way("median")
def median(c: Evaluation, items: _Items) -> Number | None:
    numbers = _numbers(items)
    if not numbers:
        return None
    _spend_sorting(c, len(numbers))
    numbers.sort()
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return divide(add(numbers[middle - 1], numbers[middle]), 2)


@either_way("stddev")
def stddev(c: Evaluation, items: _Items) -> Number | None:
    numbers = _numbers(items)
    if numbers is None or len(numbers) < 2:
        return None
    c.spend(3 * len(numbers))
    centre = divide(functools.reduce(add, numbers), len(numbers)) or 0
    differences = [DECIMALS.subtract(number, centre) for number in numbers]
    squares = functools.reduce(DECIMALS.add, (DECIMALS.power(value, 2) for value in differences))
    return simplest(DECIMALS.sqrt(DECIMALS.divide(squares, len(numbers) - 1)))


@either_way("mode")
def mode(c: Evaluation, items: _Items) -> list[Number] | None:
    numbers = _numbers(items)
    if numbers is None:
        return None
    _spend_sorting(c, len(numbers))
    counts: dict[Number, int] = {}
    for number in numbers:
        counts[number] = counts.get(number, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(number for number, times in counts.items() if times == most)


def _all(items: _Items, *, decisive: bool) -> bool | None:
    if any(item is decisive for item in items):
        return decisive
    return (not decisive) if all(item is (not decisive) for item in items) else None


for _name in ("all", "and"):
    either_way(_name)(lambda _c, items: _all(items, decisive=False))
for _name in ("any", "or"):
    either_way(_name)(lambda _c, items: _all(items, decisive=True))


@builtin("sublist", "list: list", "start position: number", "length?: number?")
def sublist(
    _c: Evaluation, items: _Items, position: Number, length: Number | None = None
) -> _Items | None:
    start, size = integer_of(position), None if length is None else int(length)
    if start is None or start == 0 or abs(start) > len(items) or (size is not None and size < 0):
        return None
    first = start - 1 if start > 0 else len(items) + start
    return list(items[first:] if size is None else items[first : first + size])


@builtin("append", "list: list?", "*items: any")
def append(_c: Evaluation, items: _Items | None, *more: Any) -> _Items:
    return [*(items or ()), *more]


@builtin("concatenate", "*lists: list?")
def concatenate(c: Evaluation, *lists: _Items | None) -> _Items | None:
    size = sum(len(items) for items in lists if items is not None)
    c.spend(size)
    _fit(size)
    return [item for items in lists if items is not None for item in items]


@builtin("insert before", "list: list", "position: number", "new item: any")
def insert_before(_c: Evaluation, items: _Items, position: Number, new: Any) -> _Items | None:
    place = _place(items, position)
    return None if place is None else [*items[:place], new, *items[place:]]


@builtin("remove", "list: list", "position: number")
def remove(_c: Evaluation, items: _Items, position: Number) -> _Items | None:
    place = _place(items, position)
    return None if place is None else [*items[:place], *items[place + 1 :]]


@builtin("list replace", "list: list", "position: number", "new item: any")
def list_replace(_c: Evaluation, items: _Items, position: Number, new: Any) -> _Items | None:
    place = _place(items, position)
    return None if place is None else [*items[:place], new, *items[place + 1 :]]


@builtin("list replace", "list: list", "match: function", "new item: any")
def list_replace_matching(c: Evaluation, items: _Items, match: Function, new: Any) -> _Items:
    return [new if call(c, match, (item, new)) is True else item for item in items]


def _place(items: _Items, position: Number) -> int | None:
    place = integer_of(position)
    if place is None or place == 0 or abs(place) > len(items):
        return None
    return place - 1 if place > 0 else len(items) + place


@builtin("reverse", "list: list")
def reverse(_c: Evaluation, items: _Items) -> _Items:
    return list(reversed(items))


@builtin("index of", "list: list", "match: any")
def index_of(c: Evaluation, items: _Items, match: Any) -> list[int]:
    c.spend(len(items))
    return [place for place, item in enumerate(items, 1) if equal(c, item, match) is True]


@builtin("distinct values", "list: list")
def distinct_values(c: Evaluation, items: _Items) -> _Items:
    return _distinct(c, items)


@builtin("duplicate values", "list: list")
def duplicate_values(c: Evaluation, items: _Items) -> _Items:
    return [
        value
        for value in _distinct(c, items)
        if sum(1 for item in items if _same(c, item, value)) > 1
    ]


@builtin("union", "*lists: list?")
def union(c: Evaluation, *lists: _Items | None) -> _Items:
    size = sum(len(items) for items in lists if items is not None)
    _fit(size)
    return _distinct(c, [item for items in lists if items is not None for item in items])


def _distinct(c: Evaluation, items: _Items) -> _Items:
    found: _Items = []
    seen: set[tuple[str, Any]] = set()
    for item in items:
        kind = kind_of(item)
        if kind in ("string", "number", "boolean", "Null"):
            key = kind, number_of(item) if kind == NUMBER else item
            if key not in seen:
                seen.add(key)
                found.append(item)
        elif not any(_same(c, item, known) for known in found):
            found.append(item)
        c.spend(1)
    return found


def _same(c: Evaluation, left: Any, right: Any) -> bool:
    c.spend(3)
    return equal(c, left, right) is True


@builtin("flatten", "list: list")
def flatten(c: Evaluation, items: _Items) -> _Items:
    """Take lists out of lists, at any depth."""
    flat: _Items = []
    waiting = [iter(items)]
    while waiting:
        for item in waiting[-1]:
            c.spend(1)
            if kind_of(item) == LIST:
                waiting.append(iter(item))
                break
            flat.append(item)
            _fit(len(flat))
        else:
            waiting.pop()
    return flat


@builtin("sort", "list: list", "precedes?: function?")
def sort(c: Evaluation, items: _Items, precedes: Function | None = None) -> _Items | None:
    _spend_sorting(c, len(items))
    if precedes is None:
        return _sorted_plainly(items)

    def before(left: Any, right: Any) -> int:
        if call(c, precedes, (left, right)) is True:
            return -1
        return 1 if call(c, precedes, (right, left)) is True else 0

    return sorted(items, key=functools.cmp_to_key(before))


def _sorted_plainly(items: _Items) -> _Items | None:
    if any(order(item, items[0]) is None for item in items):
        return None

    def before(left: Any, right: Any) -> int:
        return -1 if less(left, right) else int(bool(less(right, left)))

    return sorted(items, key=functools.cmp_to_key(before))


def _spend_sorting(c: Evaluation, size: int) -> None:
    c.spend(size * size.bit_length())


@builtin("partition", "list: list", "size: number")
def partition(_c: Evaluation, items: _Items, size: Number) -> _Items | None:
    step = integer_of(size)
    if step is None or step < 1:
        return None
    return [list(items[place : place + step]) for place in range(0, len(items), step)]


def _fit(size: int) -> None:
    if size > MAX_ITEMS:
        raise FeelEvaluationError(f"Danh sách dài quá {MAX_ITEMS} phần tử")
