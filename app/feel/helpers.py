"""The room of helpers: the only names compiled expressions can reach besides their own."""

from typing import Any

from app.feel import access, equality, juel_operators, operators, signatures
from app.feel.builtins_conversion import negated
from app.feel.values import Function


def _second(_before: Any, result: Any) -> Any:
    return result


ROOM: dict[str, Any] = {
    "__builtins__": {},
    "_type": type,
    "_int": int,
    "_str": str,
    "_first": access.first,
    "_second": _second,
    "_not": negated,
    "_plus": operators.plus,
    "_minus": operators.minus,
    "_times": operators.times,
    "_over": operators.over,
    "_raised": operators.raised,
    "_negative": operators.negative,
    "_equal": equality.equal,
    "_unequal": equality.unequal,
    "_less": equality.less,
    "_at_most": equality.at_most,
    "_greater": equality.greater,
    "_at_least": equality.at_least,
    "_matches": equality.matches,
    "_path": access.path,
    "_pick": access.pick,
    "_at": access.at,
    "_select": access.select,
    "_each": access.each,
    "_collect": access.collect,
    "_snapshot": access.snapshot,
    "_some": access.some,
    "_every": access.every,
    "_range": access.make_range,
    "_counting": access.counting,
    "_has_type": access.has_type,
    "_function": Function,
    "_call": access.call,
    "_call_named": access.call_named,
    "_builtin": signatures.call_builtin,
    "_builtin_named": signatures.call_builtin_named,
    **juel_operators.ROOM,
}
"""`__builtins__` stays empty: nothing of Python is in reach of an expression."""
