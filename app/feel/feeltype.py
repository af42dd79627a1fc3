"""Types as FEEL writes them: `list<number>`, `context<a: string>`, `function<Any> -> date`."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from app.feel.values import (
    BOOLEAN,
    CONTEXT,
    DATE,
    DATE_TIME,
    DAYS,
    FUNCTION,
    LIST,
    MONTHS,
    NULL,
    NUMBER,
    RANGE,
    STRING,
    TIME,
    Function,
    Range,
    kind_of,
)

ANY = "Any"
_SIMPLE = (BOOLEAN, NUMBER, STRING, DATE, TIME, DATE_TIME, DAYS, MONTHS, CONTEXT, LIST, NULL, ANY)
NAMED = {
    **{name: name for name in _SIMPLE},
    "any": ANY,
    "null": NULL,
    "dateTime": DATE_TIME,
    "dayTimeDuration": DAYS,
    "yearMonthDuration": MONTHS,
    RANGE: RANGE,
    FUNCTION: FUNCTION,
}
"""Type names in FEEL, and the older names of DMN files, to kinds."""


@dataclass(frozen=True, slots=True)
class FeelType:
    """A kind with what it is made of: items of a list, entries of a context, ends of a range."""

    kind: str
    item: "FeelType | None" = None
    entries: tuple[tuple[str, "FeelType"], ...] = ()
    parameters: "tuple[FeelType, ...] | None" = None


def is_instance(value: Any, expected: FeelType) -> bool:
    """Tell whether `value` has the type (DMN 1.4, 10.3.2.9)."""
    kind = kind_of(value)
    if expected.kind == ANY:
        return value is not None
    if kind != expected.kind:
        return False
    if kind == LIST:
        return expected.item is None or all(_conforms(item, expected.item) for item in value)
    if kind == CONTEXT:
        return all(
            name in value and _conforms(value[name], entry) for name, entry in expected.entries
        )
    if kind == RANGE:
        return expected.item is None or _range_conforms(value, expected.item)
    if kind == FUNCTION:
        return expected.parameters is None or _takes(value, expected.parameters)
    return True


def _conforms(value: Any, expected: FeelType) -> bool:
    return value is None or is_instance(value, expected)


def _range_conforms(value: Range, item: FeelType) -> bool:
    ends = [end for end in (value.low, value.high) if end is not None]
    return bool(ends) and all(is_instance(end, item) for end in ends)


def _takes(value: Function, wanted: tuple[FeelType, ...]) -> bool:
    """Tell whether a function takes arguments of these types."""
    if len(value.parameters) != len(wanted):
        return False
    declared = value.types or (None,) * len(wanted)
    return all(
        own is None or own.kind in (ANY, one.kind)
        for own, one in zip(declared, wanted, strict=True)
    )


def coerced(value: Any, expected: FeelType | None) -> Any:
    """Fit an argument to the declared type of its parameter (DMN 1.4, 10.3.2.9.4).

    A list of one stands for its item and an item for a list of one, a date for its midnight;
    what does not conform is null.
    """
    if expected is None or value is None or is_instance(value, expected):
        return value
    kind = kind_of(value)
    if kind == LIST:
        return coerced(value[0], expected) if len(value) == 1 and expected.kind != LIST else None
    if expected.kind == LIST:
        return [value] if is_instance([value], expected) else None
    if kind == DATE and expected.kind == DATE_TIME:
        return datetime.combine(value, time())
    return None
