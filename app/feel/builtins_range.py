"""Built-ins that compare points and ranges (DMN 1.4, 10.3.4.11), and that read ranges (DMN 1.5)."""

import re
from typing import Any

from app.feel import temporal
from app.feel.access import make_range
from app.feel.decimals import DECIMALS
from app.feel.equality import order, within
from app.feel.evaluation import Evaluation
from app.feel.signatures import builtin
from app.feel.values import Range

_POINT = "number|string|date|time|datetime|days|months"

_MAX_RANGE = 500
"""Characters of a range as text."""
_END_TEXT = r'((?:[^".]|\.(?!\.)|"[^"\\]*")*?)'
_RANGE_TEXT = re.compile(rf"\s*([\[\](])\s*{_END_TEXT}\s*\.\.\s*{_END_TEXT}\s*([\[\])])\s*")
_NUMBER_TEXT = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)", re.ASCII)
_STRING_TEXT = re.compile(r'"([^"\\]*)"')
_CALL_TEXT = re.compile(r'(@|[a-z]+(?: [a-z]+)*)\s*\(?\s*"([^"\\]*)"\s*\)?')
_READERS = {
    "@": temporal.read_temporal,
    "date": temporal.read_date,
    "time": temporal.read_time,
    "date and time": temporal.read_date_time,
    "duration": temporal.read_duration,
}


@builtin("range", "from: string")
def range_from_text(_c: Evaluation, text: str) -> Range | None:
    """Read `[1..10)`: the ends are literals, and an end that is left out is open."""
    found = _RANGE_TEXT.fullmatch(text) if len(text) <= _MAX_RANGE else None
    if found is None:
        return None
    opening, low, high, closing = found.groups()
    low_included, high_included = opening == "[", closing == "]"
    if (not low and low_included) or (not high and high_included):
        return None
    start, end = (_end(one) if one else None for one in (low, high))
    if (low and start is None) or (high and end is None):
        return None
    return make_range(start, end, low_included, high_included)


def _end(text: str) -> Any:
    """Read a literal; None for anything else."""
    if _NUMBER_TEXT.fullmatch(text):
        return DECIMALS.create_decimal(text)
    quoted = _STRING_TEXT.fullmatch(text)
    if quoted:
        return quoted[1]
    called = _CALL_TEXT.fullmatch(text)
    if called is None or (called[1] == "@") == text.endswith(")"):
        return None
    reader = _READERS.get(called[1])
    return reader(called[2]) if reader else None


def _compared(left: Any, right: Any) -> int:
    found = order(left, right)
    if found is None:
        raise ValueError("not comparable")
    return found


@builtin("before", f"point1: {_POINT}", f"point2: {_POINT}")
def before_points(_c: Evaluation, first: Any, second: Any) -> bool:
    return _compared(first, second) < 0


@builtin("before", f"point: {_POINT}", "range: range")
def before_point_range(_c: Evaluation, point: Any, span: Range) -> bool:
    found = _compared(point, span.low)
    return found < 0 or (found == 0 and not span.low_included)


@builtin("before", "range: range", f"point: {_POINT}")
def before_range_point(_c: Evaluation, span: Range, point: Any) -> bool:
    found = _compared(span.high, point)
    return found < 0 or (found == 0 and not span.high_included)


@builtin("before", "range1: range", "range2: range")
def before_ranges(_c: Evaluation, first: Range, second: Range) -> bool:
    found = _compared(first.high, second.low)
    return found < 0 or (found == 0 and not (first.high_included and second.low_included))


@builtin("after", f"point1: {_POINT}", f"point2: {_POINT}")
def after_points(_c: Evaluation, first: Any, second: Any) -> bool:
    return _compared(first, second) > 0


@builtin("after", f"point: {_POINT}", "range: range")
def after_point_range(c: Evaluation, point: Any, span: Range) -> bool:
    return before_range_point(c, span, point)


@builtin("after", "range: range", f"point: {_POINT}")
def after_range_point(c: Evaluation, span: Range, point: Any) -> bool:
    return before_point_range(c, point, span)


@builtin("after", "range1: range", "range2: range")
def after_ranges(c: Evaluation, first: Range, second: Range) -> bool:
    return before_ranges(c, second, first)


@builtin("meets", "range1: range", "range2: range")
def meets(_c: Evaluation, first: Range, second: Range) -> bool:
    return first.high_included and second.low_included and _compared(first.high, second.low) == 0


@builtin("met by", "range1: range", "range2: range")
def met_by(c: Evaluation, first: Range, second: Range) -> bool:
    return meets(c, second, first)


@builtin("overlaps", "range1: range", "range2: range")
def overlaps(c: Evaluation, first: Range, second: Range) -> bool:
    return not before_ranges(c, first, second) and not before_ranges(c, second, first)


def _starts(first: Range, second: Range) -> int:
    """Tell which range starts earlier: -1 the first, 0 both at once."""
    found = _compared(first.low, second.low)
    return found or int(second.low_included) - int(first.low_included)


def _ends(first: Range, second: Range) -> int:
    """Tell which range ends earlier: -1 the first, 0 both at once."""
    found = _compared(first.high, second.high)
    return found or int(first.high_included) - int(second.high_included)


@builtin("overlaps before", "range1: range", "range2: range")
def overlaps_before(c: Evaluation, first: Range, second: Range) -> bool:
    return (
        _starts(first, second) < 0
        and not before_ranges(c, first, second)
        and _ends(first, second) <= 0
    )


@builtin("overlaps after", "range1: range", "range2: range")
def overlaps_after(c: Evaluation, first: Range, second: Range) -> bool:
    return (
        _starts(second, first) < 0
        and not before_ranges(c, second, first)
        and _ends(second, first) <= 0
    )


@builtin("finishes", f"point: {_POINT}", "range: range")
def finishes_point(_c: Evaluation, point: Any, span: Range) -> bool:
    return span.high_included and _compared(span.high, point) == 0


@builtin("finishes", "range1: range", "range2: range")
def finishes_range(_c: Evaluation, first: Range, second: Range) -> bool:
    return _ends(first, second) == 0 and _starts(second, first) <= 0


@builtin("finished by", "range: range", f"point: {_POINT}")
def finished_by_point(c: Evaluation, span: Range, point: Any) -> bool:
    return finishes_point(c, point, span)


@builtin("finished by", "range1: range", "range2: range")
def finished_by_range(c: Evaluation, first: Range, second: Range) -> bool:
    return finishes_range(c, second, first)


@builtin("includes", "range: range", f"point: {_POINT}")
def includes_point(_c: Evaluation, span: Range, point: Any) -> bool | None:
    return within(point, span)


@builtin("includes", "range1: range", "range2: range")
def includes_range(_c: Evaluation, first: Range, second: Range) -> bool:
    return _starts(first, second) <= 0 and _ends(second, first) <= 0


@builtin("during", f"point: {_POINT}", "range: range")
def during_point(_c: Evaluation, point: Any, span: Range) -> bool | None:
    return within(point, span)


@builtin("during", "range1: range", "range2: range")
def during_range(c: Evaluation, first: Range, second: Range) -> bool:
    return includes_range(c, second, first)


@builtin("starts", f"point: {_POINT}", "range: range")
def starts_point(_c: Evaluation, point: Any, span: Range) -> bool:
    return span.low_included and _compared(span.low, point) == 0


@builtin("starts", "range1: range", "range2: range")
def starts_range(_c: Evaluation, first: Range, second: Range) -> bool:
    return _starts(first, second) == 0 and _ends(first, second) <= 0


@builtin("started by", "range: range", f"point: {_POINT}")
def started_by_point(c: Evaluation, span: Range, point: Any) -> bool:
    return starts_point(c, point, span)


@builtin("started by", "range1: range", "range2: range")
def started_by_range(c: Evaluation, first: Range, second: Range) -> bool:
    return starts_range(c, second, first)


@builtin("coincides", f"point1: {_POINT}", f"point2: {_POINT}")
def coincides_points(_c: Evaluation, first: Any, second: Any) -> bool:
    return _compared(first, second) == 0


@builtin("coincides", "range1: range", "range2: range")
def coincides_ranges(_c: Evaluation, first: Range, second: Range) -> bool:
    return _starts(first, second) == 0 and _ends(first, second) == 0
