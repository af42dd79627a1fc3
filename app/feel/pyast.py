"""Pieces of Python syntax tree, made by hand and always with a place."""

import ast
from typing import Any

_HERE: dict[str, Any] = {"lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 0}
_LOAD, _STORE = ast.Load(), ast.Store()


def constant(value: str | int | bool | None) -> ast.expr:
    """Write a constant."""
    return ast.Constant(value, **_HERE)


def read(name: str) -> ast.expr:
    """Read one of our own variables."""
    return ast.Name(name, _LOAD, **_HERE)


def keep(name: str, value: ast.expr) -> ast.expr:
    """Write `(name := value)`."""
    return ast.NamedExpr(ast.Name(name, _STORE, **_HERE), value, **_HERE)


def call(helper: str, *arguments: ast.expr) -> ast.expr:
    """Call a helper of the room."""
    return ast.Call(read(helper), list(arguments), [], **_HERE)


def choose(condition: ast.expr, yes: ast.expr, no: ast.expr) -> ast.expr:
    """Write `yes if condition else no`."""
    return ast.IfExp(condition, yes, no, **_HERE)


def compare(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> ast.expr:
    """Write `left operator right`."""
    return ast.Compare(left, [operator], [right], **_HERE)


def either(*parts: ast.expr) -> ast.expr:
    """Write `a or b`."""
    return ast.BoolOp(ast.Or(), list(parts), **_HERE)


def both(*parts: ast.expr) -> ast.expr:
    """Write `a and b`."""
    return ast.BoolOp(ast.And(), list(parts), **_HERE)


def is_(left: ast.expr, *, right: bool | None) -> ast.expr:
    """Write `left is True` and the like; what is known already is not asked again."""
    if isinstance(left, ast.Constant):
        return constant(left.value is right)
    return compare(left, ast.Is(), constant(right))


def has_class(value: ast.expr, helper: str) -> ast.expr:
    """Write `_type(value) is _int`."""
    return compare(call("_type", value), ast.Is(), read(helper))


def row(*items: ast.expr) -> ast.expr:
    """Write a tuple."""
    return ast.Tuple(list(items), _LOAD, **_HERE)


def list_of(*items: ast.expr) -> ast.expr:
    """Write a list."""
    return ast.List(list(items), _LOAD, **_HERE)


def dict_of(names: list[str], values: list[ast.expr]) -> ast.expr:
    """Write a dict with constant keys."""
    return ast.Dict([constant(name) for name in names], values, **_HERE)


def function(parameters: list[str], body: ast.expr) -> ast.expr:
    """Write `lambda parameters: body`."""
    arguments = ast.arguments(
        posonlyargs=[],
        args=[ast.arg(name, None, **_HERE) for name in parameters],
        vararg=None,
        kwonlyargs=[],
        kw_defaults=[],
        kwarg=None,
        defaults=[],
    )
    return ast.Lambda(arguments, body, **_HERE)
