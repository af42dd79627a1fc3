"""Functions: those of the expression, those that are built in, and calls of both."""

import ast
import difflib

from app.feel import nodes, pyast
from app.feel.builtins_registry import BUILTINS
from app.feel.emission import RUN, Emission, literal
from app.feel.errors import FeelError
from app.feel.scopes import Scope
from app.feel.signatures import fitting, order_of
from app.feel.weight import weight_of


def emit_function(
    emission: Emission, node: nodes.Definition | nodes.Call | nodes.Operation
) -> ast.expr:
    match node:
        case nodes.Definition():
            return _definition(emission, node)
        case nodes.Call():
            return _call(emission, node)
        case nodes.Operation():
            operands = (emission.emit(operand) for operand in node.operands)
            return pyast.call(node.helper, RUN, *operands)


def _definition(emission: Emission, node: nodes.Definition) -> ast.expr:
    places = [emission.fresh() for _ in node.parameters]
    scope = Scope(dict(zip(node.parameters, places, strict=True)))
    code = pyast.function(["c", *places], emission.within(scope, node.body))
    weight = pyast.constant(weight_of(node.body))
    names = pyast.row(*(pyast.constant(name) for name in node.parameters))
    return pyast.call("_function", names, code, weight, emission.constant(node.types))


def _call(emission: Emission, node: nodes.Call) -> ast.expr:
    function = node.function
    constant = emission.constant_of(node)
    if constant:
        return literal(emission, constant)
    if isinstance(function, nodes.Name) and not emission.is_defined(function.name):
        return _built_in(emission, function, node)
    called = emission.emit(function)
    values = pyast.row(*(emission.emit(argument) for argument in node.arguments))
    if not node.names:
        return pyast.call("_call", RUN, called, values)
    names = pyast.row(*(pyast.constant(name) for name in node.names))
    return pyast.call("_call_named", RUN, called, names, values)


def _built_in(emission: Emission, function: nodes.Name, node: nodes.Call) -> ast.expr:
    name = function.name
    if name not in BUILTINS:
        close = difflib.get_close_matches(name, BUILTINS, 1)
        hint = f"; có phải ý bạn là {close[0]!r}?" if close else ""
        raise emission.fail(f"Không có hàm {name!r}{hint}", function.at)
    try:
        overloads = fitting(name, len(node.arguments), node.names)
    except FeelError as error:
        raise emission.fail(error.message, function.at) from None
    values = pyast.row(*(emission.emit(argument) for argument in node.arguments))
    if not node.names:
        return pyast.call("_builtin", RUN, emission.constant(overloads), values)
    ordered = tuple((overload, order_of(overload, node.names)) for overload in overloads)
    return pyast.call("_builtin_named", RUN, emission.constant(ordered), values)
