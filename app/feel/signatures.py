"""How built-in functions are declared, chosen by their arguments, and called."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from app.feel.decimals import number_of
from app.feel.errors import FeelError, FeelEvaluationError
from app.feel.evaluation import Evaluation
from app.feel.limits import MAX_ITEMS, MAX_TEXT
from app.feel.values import LIST, NUMBER, STRING, kind_of

_Code = TypeVar("_Code", bound=Callable[..., Any])

ANYTHING = "any"
_REFUSED = object()
_KIND_OF_WORD = {
    "days": "days and time duration",
    "months": "years and months duration",
    "datetime": "date and time",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its FEEL name, the kinds it takes, and whether it may be left out."""

    name: str
    kinds: frozenset[str]
    optional: bool = False
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call a built-in; the last parameter of a variadic one repeats."""

    code: Callable[..., Any]
    parameters: tuple[Parameter, ...]
    variadic: bool = False

    def takes(self, count: int) -> bool:
        """Tell whether so many positional arguments fit."""
        least = sum(1 for parameter in self.parameters if not parameter.optional)
        return count >= least and (self.variadic or count <= len(self.parameters))

    def takes_names(self, names: Sequence[str]) -> bool:
        """Tell whether these argument names fit."""
        known = {parameter.name for parameter in self.parameters}
        needed = {parameter.name for parameter in self.parameters if not parameter.optional}
        return not self.variadic and needed <= set(names) <= known


BUILTINS: dict[str, list[Overload]] = {}


def builtin(name: str, *parameters: str) -> Callable[[_Code], _Code]:
    """Declare a built-in: parameters as `start position?: number|string`.

    `?` after the name: may be left out; `?` after the kind: may be null; `*` before the
    name: repeats. The function gets the evaluation first.
    """

    def declare(code: _Code) -> _Code:
        variadic = bool(parameters) and parameters[-1].startswith("*")
        overload = Overload(code, tuple(_parameter(text) for text in parameters), variadic)
        BUILTINS.setdefault(name, []).append(overload)
        return code

    return declare


def _parameter(text: str) -> Parameter:
    name, _, kinds = text.lstrip("*").partition(":")
    kinds = kinds.strip()
    words = kinds.rstrip("?").split("|")
    return Parameter(
        name.rstrip("?").strip(),
        frozenset(_KIND_OF_WORD.get(word, word) for word in words),
        optional=name.endswith("?"),
        nullable=kinds.endswith("?") or ANYTHING in words,
    )


def fitting(name: str, count: int, names: Sequence[str]) -> tuple[Overload, ...]:
    """Find the overloads that take these arguments; raise `FeelError` if none does."""
    overloads = BUILTINS[name]
    if names:
        fit = tuple(overload for overload in overloads if overload.takes_names(names))
        if not fit:
            raise FeelError(f"Hàm {name} không có tham số {', '.join(map(repr, names))}")
        return fit
    fit = tuple(overload for overload in overloads if overload.takes(count))
    if not fit:
        raise FeelError(f"Hàm {name} không nhận {count} tham số")
    return fit


def order_of(overload: Overload, names: Sequence[str]) -> tuple[int, ...]:
    """Give for each parameter the place of its named argument, -1 when left out in between."""
    places = [
        names.index(parameter.name) if parameter.name in names else -1
        for parameter in overload.parameters
    ]
    while places and places[-1] < 0:
        places.pop()
    return tuple(places)


def call_builtin(c: Evaluation, overloads: tuple[Overload, ...], arguments: tuple[Any, ...]) -> Any:
    """Call the first overload whose kinds fit; None if none does or the function refuses."""
    c.spend(1 + _size(arguments))
    for overload in overloads:
        fitted = _fitted(overload, arguments)
        if fitted is not None:
            return _guarded(c, overload, fitted)
    return None


def call_builtin_named(
    c: Evaluation,
    overloads: tuple[tuple[Overload, tuple[int, ...]], ...],
    arguments: tuple[Any, ...],
) -> Any:
    """Call a built-in with arguments by name (`order_of` tells where each one stands)."""
    c.spend(1 + _size(arguments))
    for overload, places in overloads:
        fitted = [
            None if place < 0 else _coerced(parameter, arguments[place])
            for parameter, place in zip(overload.parameters, places, strict=False)
        ]
        if not any(value is _REFUSED for value in fitted):
            return _guarded(c, overload, fitted)
    return None


def _fitted(overload: Overload, arguments: tuple[Any, ...]) -> list[Any] | None:
    fitted = []
    last = len(overload.parameters) - 1
    for place, value in enumerate(arguments):
        coerced = _coerced(overload.parameters[min(place, last)], value)
        if coerced is _REFUSED:
            return None
        fitted.append(coerced)
    return fitted


def _coerced(parameter: Parameter, value: Any) -> Any:
    """Fit one argument: exact numbers, and single values as lists of one and back."""
    kind = kind_of(value)
    if value is None:
        return None if parameter.nullable else _REFUSED
    if ANYTHING in parameter.kinds:
        return value
    if kind in parameter.kinds:
        if kind == NUMBER:
            number = number_of(value)
            return _REFUSED if number is None else number
        return value
    if LIST in parameter.kinds:
        return [value]
    if kind == LIST and len(value) == 1 and kind_of(value[0]) in parameter.kinds:
        return _coerced(parameter, value[0])
    return _REFUSED


def _size(arguments: tuple[Any, ...]) -> int:
    """Weigh the arguments: the items of lists, the characters of strings by sixteen."""
    size = 0
    for value in arguments:
        if type(value) is str:
            size += len(value) >> 4
        elif type(value) is list:
            size += len(value)
    return size


def _guarded(c: Evaluation, overload: Overload, arguments: list[Any]) -> Any:
    try:
        result = overload.code(c, *arguments)
    except FeelEvaluationError:
        raise
    except (ArithmeticError, ValueError, LookupError):
        return None
    kind = kind_of(result)
    if kind == STRING and len(result) > MAX_TEXT:
        raise FeelEvaluationError(f"Chuỗi dài quá {MAX_TEXT} ký tự")
    if kind == LIST and len(result) > MAX_ITEMS:
        raise FeelEvaluationError(f"Danh sách dài quá {MAX_ITEMS} phần tử")
    c.spend(_size((result,)))
    return result
