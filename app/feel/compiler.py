"""From the tree of an expression to guarded byte code.

Each FEEL node becomes a small piece of Python tree (`pyast`). Names of the source never
become Python names: free variables are parameters `v0, v1…`, values kept for a moment are
`t0, t1…`, constants are `k0, k1…`. Everything that may fail or grow is a helper of the room.
"""

import ast
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from app.feel import nodes, pyast
from app.feel.calling import emit_function
from app.feel.comparing import emit_test
from app.feel.emission import RUN, Emission, literal
from app.feel.errors import FeelError
from app.feel.helpers import ROOM
from app.feel.looping import emit_loop
from app.feel.nodes import Node
from app.feel.room import build
from app.feel.scopes import Scope
from app.feel.values import NUMBER, kind_of
from app.feel.weight import weight_of

_ARITHMETIC = {"-": "_minus", "*": "_times", "/": "_over"}


@dataclass(slots=True)
class Compiled:
    """What the compiler hands out: the function and the free variables it wants, in order."""

    code: Callable[..., Any]
    variables: tuple[str, ...]


def compile_node(source: str, node: Node, known: Collection[str] = ()) -> Compiled:
    """Compile a tree; `known` names may be called as functions though no one defines them here."""
    emitter = _Emitter(source, frozenset(known))
    try:
        body = emitter.emit(node)
        inner = pyast.function(["c", *emitter.scopes.free.values()], body)
        outer = pyast.function([f"k{place}" for place in range(len(emitter.constants))], inner)
        tree = ast.Expression(outer)
        code = build(tree, ROOM, emitter.constants)
    except RecursionError:
        raise FeelError("Biểu thức lồng nhau quá sâu", source) from None
    return Compiled(code, tuple(emitter.scopes.free))


class _Emitter(Emission):
    """Knows which part of the compiler a node is for."""

    def emit(self, node: Node) -> ast.expr:
        self.deeper()
        result = self._emit(node)
        self.depth -= 1
        return result

    def _emit(self, node: Node) -> ast.expr:
        match node:
            case nodes.Literal():
                return literal(self, node)
            case nodes.Name() | nodes.Path() | nodes.Filter():
                return _access(self, node)
            case nodes.Negation() | nodes.Arithmetic():
                return _number(self, node)
            case nodes.Choice():
                return _choice(self, node)
            case nodes.ListOf() | nodes.Context() | nodes.Interval():
                return _gathered(self, node)
            case nodes.Loop() | nodes.Quantified():
                return emit_loop(self, node)
            case nodes.Definition() | nodes.Call() | nodes.Operation():
                return emit_function(self, node)
            case _:
                return emit_test(self, node)


def _access(emission: Emission, node: nodes.Name | nodes.Path | nodes.Filter) -> ast.expr:
    match node:
        case nodes.Name():
            return emission.scopes.read(node.name)
        case nodes.Path():
            return pyast.call("_path", RUN, emission.emit(node.base), pyast.constant(node.name))
        case nodes.Filter():
            return _filter(emission, node)


def _filter(emission: Emission, node: nodes.Filter) -> ast.expr:
    base = emission.emit(node.base)
    if _is_constant_number(node.condition):
        return pyast.call("_at", base, emission.emit(node.condition))
    item = emission.fresh()
    condition = emission.within(Scope({"item": item}, item), node.condition)
    weight = pyast.constant(weight_of(node.condition))
    return pyast.call("_select", RUN, weight, base, pyast.function([item], condition))


def _number(emission: Emission, node: nodes.Negation | nodes.Arithmetic) -> ast.expr:
    if isinstance(node, nodes.Negation):
        return pyast.call("_negative", emission.emit(node.value))
    left, right = emission.emit(node.left), emission.emit(node.right)
    if node.operator == "+":
        return pyast.call("_plus", RUN, left, right)
    if node.operator == "**":
        return pyast.call("_raised", RUN, left, right)
    return pyast.call(_ARITHMETIC[node.operator], left, right)


def _choice(emission: Emission, node: nodes.Choice) -> ast.expr:
    condition = emission.emit(node.condition)
    return pyast.choose(
        pyast.is_(condition, right=True), emission.emit(node.yes), emission.emit(node.no)
    )


def _gathered(emission: Emission, node: nodes.ListOf | nodes.Context | nodes.Interval) -> ast.expr:
    match node:
        case nodes.ListOf():
            return pyast.list_of(*(emission.emit(item) for item in node.items))
        case nodes.Context():
            return _context(emission, node)
        case nodes.Interval():
            return _interval(emission, node)


def _context(emission: Emission, node: nodes.Context) -> ast.expr:
    values = []
    with emission.scopes.inside(Scope({})) as scope:
        for name, value in node.entries:
            place = emission.fresh()
            if isinstance(value, nodes.Definition):
                scope.names[name] = place
            values.append(pyast.keep(place, emission.emit(value)))
            scope.names[name] = place
    return pyast.dict_of([name for name, _ in node.entries], values)


def _interval(emission: Emission, node: nodes.Interval) -> ast.expr:
    low, high = emission.emit(node.low), emission.emit(node.high)
    if node.counts:
        return pyast.call("_counting", low, high)
    ends = pyast.constant(node.low_included), pyast.constant(node.high_included)
    return pyast.call("_range", low, high, *ends)


def _is_constant_number(node: Node) -> bool:
    if isinstance(node, nodes.Negation):
        return _is_constant_number(node.value)
    return isinstance(node, nodes.Literal) and kind_of(node.value) == NUMBER
