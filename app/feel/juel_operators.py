"""What the operators of `${…}` do: the conversions of JUEL, on JSON values only."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from app.feel import decimals, equality, operators
from app.feel.access import path
from app.feel.decimals import Number, number_of, simplest
from app.feel.errors import FeelEvaluationError
from app.feel.evaluation import Evaluation
from app.feel.text import text_of
from app.feel.values import BOOLEAN, CONTEXT, LIST, NUMBER, STRING, kind_of

_PLAIN = (bool, int, str)


def _number(value: Any) -> Number | None:
    """Read a number, also out of text; null counts as zero."""
    if value is None or value == "":
        return 0
    if isinstance(value, str):
        try:
            found = decimals.DECIMALS.create_decimal(value.strip()[:60])
        except ArithmeticError:
            return None
        return simplest(found) if found.is_finite() else None
    return number_of(value)


def _wrong(operator: str) -> FeelEvaluationError:
    return FeelEvaluationError(f"Không tính được phép {operator!r} trên các giá trị này")


def _calculated(
    operator: str, rule: Callable[[Number, Number], Number | None], left: Any, right: Any
) -> Any:
    a, b = _number(left), _number(right)
    if a is None or b is None:
        raise _wrong(operator)
    result = rule(a, b)
    if result is None:
        raise FeelEvaluationError("Chia cho 0")
    return result


def add(c: Evaluation, left: Any, right: Any) -> Any:
    """Add numbers; with text that is no number, or with dates, join or move instead."""
    if STRING in (kind_of(left), kind_of(right)) and None in (_number(left), _number(right)):
        return operators.plus(c, text_of(c, left) or "", text_of(c, right) or "")
    if {kind_of(left), kind_of(right)} & {"date", "date and time", "days and time duration"}:
        return operators.plus(c, left, right)
    return _calculated("+", decimals.add, left, right)


def subtract(_c: Evaluation, left: Any, right: Any) -> Any:
    """Subtract numbers."""
    return _calculated("-", decimals.subtract, left, right)


def multiply(_c: Evaluation, left: Any, right: Any) -> Any:
    """Multiply numbers."""
    return _calculated("*", decimals.multiply, left, right)


def divide(_c: Evaluation, left: Any, right: Any) -> Any:
    """Divide numbers; by zero raises `FeelEvaluationError`."""
    return _calculated("/", decimals.divide, left, right)


def remainder(_c: Evaluation, left: Any, right: Any) -> Any:
    """Give the rest of a division with the sign of the dividend, as Java does."""
    return _calculated("%", _rest, left, right)


def _rest(left: Number, right: Number) -> Number | None:
    return simplest(decimals.DECIMALS.remainder(Decimal(left), right)) if right else None


def negative(_c: Evaluation, value: Any) -> Any:
    """Turn the sign of a number."""
    number = _number(value)
    if number is None:
        raise _wrong("-")
    return -number


def truth(_c: Evaluation, value: Any) -> bool:
    """Read a condition: a boolean, or the text `true`; null is false."""
    if value is True or value is False:
        return bool(value)
    if value is None or value == "":
        return False
    if isinstance(value, str):
        return value.lower() == "true"
    raise FeelEvaluationError("Điều kiện không phải đúng hay sai")


def opposite(c: Evaluation, value: Any) -> bool:
    """Negate a condition."""
    return not truth(c, value)


def equal(c: Evaluation, left: Any, right: Any) -> bool:
    """Compare as `==` does: booleans and numbers also with their text."""
    if type(left) is type(right) and type(left) in _PLAIN:
        return bool(left == right)
    if left is None or right is None:
        return left is right
    kinds = {kind_of(left), kind_of(right)}
    if kinds == {BOOLEAN, STRING}:
        return truth(c, left) is truth(c, right)
    if kinds == {NUMBER, STRING}:
        return bool(_number(left) == _number(right))
    return equality.equal(c, left, right) is True


def unequal(c: Evaluation, left: Any, right: Any) -> bool:
    """Compare as `!=` does."""
    return not equal(c, left, right)


def _order(operator: str, left: Any, right: Any) -> int | None:
    """Order two values; None when one is null (JUEL then says false)."""
    if type(left) is int and type(right) is int:
        return (left > right) - (left < right)
    if left is None or right is None:
        return None
    if NUMBER in (kind_of(left), kind_of(right)):
        left, right = _number(left), _number(right)
    found = equality.order(left, right)
    if found is None:
        raise _wrong(operator)
    return found


def less(_c: Evaluation, left: Any, right: Any) -> bool:
    """Compare as `<` does."""
    found = _order("<", left, right)
    return found is not None and found < 0


def at_most(_c: Evaluation, left: Any, right: Any) -> bool:
    """Compare as `<=` does; null is at most null."""
    found = _order("<=", left, right)
    return left is right if found is None else found <= 0


def greater(_c: Evaluation, left: Any, right: Any) -> bool:
    """Compare as `>` does."""
    found = _order(">", left, right)
    return found is not None and found > 0


def at_least(_c: Evaluation, left: Any, right: Any) -> bool:
    """Compare as `>=` does; null is at least null."""
    found = _order(">=", left, right)
    return left is right if found is None else found >= 0


def empty(_c: Evaluation, value: Any) -> bool:
    """Tell whether a value is null, or a string, list or map without content."""
    return value is None or (kind_of(value) in (STRING, LIST, CONTEXT) and len(value) == 0)


def element(c: Evaluation, base: Any, key: Any) -> Any:
    """Read `base[key]`: a map by its key, a list by its place from 0."""
    if kind_of(base) == CONTEXT:
        return base.get(key) if isinstance(key, str) else base.get(text_of(c, key))
    place = decimals.integer_of(_number(key))
    if kind_of(base) == LIST and place is not None and 0 <= place < len(base):
        return base[place]
    return None


def joined(c: Evaluation, *parts: Any) -> str:
    """Join the parts of `Hello ${name}`; null is empty."""
    text = ""
    for part in parts:
        text = operators.plus(c, text, text_of(c, part) or "")
    return text


# Methods of Java that diagrams call on strings, lists and maps

_METHODS: dict[tuple[str, str], Callable[..., Any]] = {
    (STRING, "concat"): lambda c, text, more: operators.plus(c, text, text_of(c, more) or ""),
    (STRING, "length"): lambda _c, text: len(text),
    (STRING, "isEmpty"): lambda _c, text: not text,
    (STRING, "trim"): lambda _c, text: text.strip(),
    (STRING, "toUpperCase"): lambda _c, text: text.upper(),
    (STRING, "toLowerCase"): lambda _c, text: text.lower(),
    (STRING, "contains"): lambda _c, text, part: isinstance(part, str) and part in text,
    (STRING, "startsWith"): lambda _c, text, part: isinstance(part, str) and text.startswith(part),
    (STRING, "endsWith"): lambda _c, text, part: isinstance(part, str) and text.endswith(part),
    (STRING, "equalsIgnoreCase"): lambda _c, text, other: (
        isinstance(other, str) and text.casefold() == other.casefold()
    ),
    (LIST, "size"): lambda _c, items: len(items),
    (LIST, "isEmpty"): lambda _c, items: not items,
    (LIST, "contains"): lambda c, items, item: any(equal(c, item, known) for known in items),
    (LIST, "get"): element,
    (CONTEXT, "size"): lambda _c, entries: len(entries),
    (CONTEXT, "isEmpty"): lambda _c, entries: not entries,
    (CONTEXT, "get"): element,
    (CONTEXT, "containsKey"): lambda _c, entries, key: isinstance(key, str) and key in entries,
}


def method(c: Evaluation, base: Any, name: str, *arguments: Any) -> Any:
    """Call one of the known methods; `getX()` of a map reads its entry `x`."""
    if base is None:
        return None
    if name == "toString" and not arguments:
        return text_of(c, base)
    if name == "equals" and len(arguments) == 1:
        return equality.equal(c, base, arguments[0]) is True
    code = _METHODS.get((kind_of(base), name))
    if code is not None:
        return _called(c, code, base, name, arguments)
    if kind_of(base) == CONTEXT and name.startswith("get") and len(name) > 3 and not arguments:
        return path(c, base, name[3].lower() + name[4:])
    raise FeelEvaluationError(f"Không gọi được {name!r} trên giá trị này")


def _called(
    c: Evaluation, code: Callable[..., Any], base: Any, name: str, arguments: tuple[Any, ...]
) -> Any:
    c.spend(len(base) >> 3)
    try:
        return code(c, base, *arguments)
    except TypeError:
        raise FeelEvaluationError(f"Hàm {name!r} sai số tham số") from None


ROOM: dict[str, Callable[..., Any]] = {
    "_j_add": add,
    "_j_subtract": subtract,
    "_j_multiply": multiply,
    "_j_divide": divide,
    "_j_remainder": remainder,
    "_j_negative": negative,
    "_j_truth": truth,
    "_j_opposite": opposite,
    "_j_equal": equal,
    "_j_unequal": unequal,
    "_j_less": less,
    "_j_at_most": at_most,
    "_j_greater": greater,
    "_j_at_least": at_least,
    "_j_empty": empty,
    "_j_element": element,
    "_j_joined": joined,
    "_j_method": method,
}
