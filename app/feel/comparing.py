"""Comparisons and the logic of three values."""

import ast
from collections.abc import Sequence

from app.feel import nodes, pyast
from app.feel.emission import RUN, Emission
from app.feel.nodes import Node
from app.feel.scopes import Scope
from app.feel.values import NULL, kind_of

_ORDER: dict[str, tuple[type[ast.cmpop], str]] = {
    "<": (ast.Lt, "_less"),
    "<=": (ast.LtE, "_at_most"),
    ">": (ast.Gt, "_greater"),
    ">=": (ast.GtE, "_at_least"),
}


def emit_test(emission: Emission, node: nodes.Truth) -> ast.expr:
    """Compile what is true, false or null."""
    match node:
        case nodes.Comparison():
            return _compared(emission, node.operator, node.left, node.right)
        case nodes.Conjunction():
            return _connected(emission, node.parts, decisive=False)
        case nodes.Disjunction():
            return _connected(emission, node.parts, decisive=True)
        case nodes.Between():
            return _between(emission, node)
        case nodes.Membership():
            return _membership(emission, node)
        case nodes.InstanceOf():
            return pyast.call("_has_type", emission.emit(node.value), emission.constant(node.type))


def _compared(emission: Emission, operator: str, left: Node, right: Node) -> ast.expr:
    if operator in ("=", "!="):
        return _equated(emission, left, right, same=operator == "=")
    symbol, helper = _ORDER[operator]
    right = emission.constant_of(right) or right
    if isinstance(right, nodes.Literal) and type(right.value) is int:
        said, again = emission.twice(left)
        limit = pyast.constant(right.value)
        return pyast.choose(
            pyast.has_class(said, "_int"),
            pyast.compare(again, symbol(), limit),
            pyast.call(helper, again, limit),
        )
    return pyast.call(helper, emission.emit(left), emission.emit(right))


def _equated(emission: Emission, left: Node, right: Node, *, same: bool) -> ast.expr:
    helper = "_equal" if same else "_unequal"
    right = emission.constant_of(right) or right
    if isinstance(right, nodes.Literal) and isinstance(right.value, str | int | None):
        return _equated_constant(emission, left, right.value, same=same)
    return pyast.call(helper, RUN, emission.emit(left), emission.emit(right))


def _equated_constant(
    emission: Emission, left: Node, value: str | int | bool | None, *, same: bool
) -> ast.expr:
    said, again = emission.twice(left)
    if value is None:
        missing = pyast.is_(said, right=None)
        return missing if same else pyast.choose(missing, *map(pyast.constant, (False, True)))
    helper = "_equal" if same else "_unequal"
    slow = pyast.call(helper, RUN, again, pyast.constant(value))
    if isinstance(value, bool):
        yes = pyast.is_(said, right=value)
        return pyast.choose(yes, pyast.constant(same), slow)
    return pyast.choose(
        pyast.has_class(said, "_str" if isinstance(value, str) else "_int"),
        pyast.compare(again, ast.Eq() if same else ast.NotEq(), pyast.constant(value)),
        slow,
    )


def _connected(emission: Emission, parts: Sequence[Node], *, decisive: bool) -> ast.expr:
    """Join by and (`decisive` False) or by or (True): the decisive value wins over null."""
    return _joined([emission.twice(part) for part in parts], decisive=decisive)


def _joined(parts: list[tuple[ast.expr, ast.expr]], *, decisive: bool) -> ast.expr:
    others = [pyast.is_(again, right=not decisive) for _, again in parts]
    settled = others[0] if len(others) == 1 else pyast.both(*others)
    tail = pyast.choose(settled, pyast.constant(not decisive), pyast.constant(None))
    found = [pyast.is_(said, right=decisive) for said, _ in parts]
    condition = found[0] if len(found) == 1 else pyast.either(*found)
    return pyast.choose(condition, pyast.constant(decisive), tail)


def _between(emission: Emission, node: nodes.Between) -> ast.expr:
    said, again = emission.twice(node.value)
    low = emission.kept(pyast.call("_at_least", said, emission.emit(node.low)))
    high = emission.kept(pyast.call("_at_most", again, emission.emit(node.high)))
    return _joined([low, high], decisive=False)


def _membership(emission: Emission, node: nodes.Membership) -> ast.expr:
    value = emission.emit(node.value)
    name = emission.fresh()
    scope = Scope({"?": name})
    parts = []
    for test in node.tests:
        with emission.scopes.inside(scope):
            parts.append(emission.kept(_tested(emission, name, test)))
    result = pyast.call("_second", pyast.keep(name, value), _joined(parts, decisive=True))
    return pyast.call("_not", result) if node.negated else result


def _tested(emission: Emission, name: str, test: nodes.Test) -> ast.expr:
    if test.operator:
        return _compared(emission, test.operator, nodes.Name("?"), test.operand)
    if emission.constant_of(test.operand):
        return _compared(emission, "=", nodes.Name("?"), test.operand)
    if isinstance(test.operand, nodes.Interval):
        ends = _constant_ends(emission, test.operand)
        if ends:
            return _joined([emission.kept(end) for end in ends], decisive=False)
    operand = emission.emit(test.operand)
    if test.stands_alone:
        return operand
    return pyast.call("_matches", RUN, pyast.read(name), operand)


def _constant_ends(emission: Emission, node: nodes.Interval) -> tuple[ast.expr, ...]:
    """Compare `?` with both ends of an interval at once, if they are known constants."""
    low, high = emission.constant_of(node.low), emission.constant_of(node.high)
    if low is None or high is None or kind_of(low.value) != kind_of(high.value):
        return ()
    if NULL in (kind_of(low.value), kind_of(high.value)):
        return ()
    above = ">=" if node.low_included else ">"
    below = "<=" if node.high_included else "<"
    value = nodes.Name("?")
    return _compared(emission, above, value, low), _compared(emission, below, value, high)
