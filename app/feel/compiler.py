"""From the tree of an expression to guarded byte code.

Each FEEL node becomes a small piece of Python tree (`pyast`). Names of the source never
become Python names: free variables are parameters `v0, v1…`, values kept for a moment are
`t0, t1…`, constants are `k0, k1…`. Everything that may fail or grow is a helper of the room.
"""

import ast
import difflib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import Any

from app.feel import nodes, pyast
from app.feel.builtins_registry import BUILTINS
from app.feel.errors import FeelError
from app.feel.evaluation import Evaluation
from app.feel.helpers import ROOM
from app.feel.limits import MAX_DEPTH
from app.feel.nodes import Node
from app.feel.room import build
from app.feel.scopes import Scope, Scopes
from app.feel.signatures import call_builtin, fitting, order_of
from app.feel.values import NULL, NUMBER, kind_of
from app.feel.weight import weight_of

_ORDER: dict[str, tuple[type[ast.cmpop], str]] = {
    "<": (ast.Lt, "_less"),
    "<=": (ast.LtE, "_at_most"),
    ">": (ast.Gt, "_greater"),
    ">=": (ast.GtE, "_at_least"),
}
_READERS = frozenset(("date", "time", "date and time", "duration"))
"""Functions that read a constant text once, at compile time."""
_ARITHMETIC = {"-": "_minus", "*": "_times", "/": "_over"}
_C = pyast.read("c")


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


@dataclass
class _Emitter:
    """Walks one tree, keeping scopes, constants and depth."""

    source: str
    known: frozenset[str]
    constants: list[Any] = field(default_factory=list)
    scopes: Scopes = field(default_factory=Scopes)
    depth: int = 0
    kept: int = 0

    def emit(self, node: Node) -> ast.expr:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FeelError(f"Biểu thức sâu quá {MAX_DEPTH} tầng", self.source)
        result = self._emit(node)
        self.depth -= 1
        return result

    # Bookkeeping

    def _constant(self, value: Any) -> ast.expr:
        self.constants.append(value)
        return pyast.read(f"k{len(self.constants) - 1}")

    def _fresh(self) -> str:
        self.kept += 1
        return f"t{self.kept}"

    def _twice(self, node: Node) -> tuple[ast.expr, ast.expr]:
        """Emit a value that is read twice: how to say it first, and how to say it again."""
        return self._kept(self.emit(node))

    def _kept(self, value: ast.expr) -> tuple[ast.expr, ast.expr]:
        if isinstance(value, ast.Name | ast.Constant):
            return value, value
        name = self._fresh()
        return pyast.keep(name, value), pyast.read(name)

    def _within(self, scope: Scope, node: Node) -> ast.expr:
        with self.scopes.inside(scope):
            return self.emit(node)

    def _fail(self, message: str, at: int) -> FeelError:
        return FeelError(message, self.source, at)

    @singledispatchmethod
    def _emit(self, node: Any) -> ast.expr:
        raise NotImplementedError(node)

    # Values and names

    @_emit.register
    def _literal(self, node: nodes.Literal) -> ast.expr:
        value = node.value
        if value is None or isinstance(value, str | int):
            return pyast.constant(value)
        return self._constant(value)

    def _constant_of(self, node: Node) -> nodes.Literal | None:
        """Find the constant a node stands for: `5`, `-5`, `date("2026-11-24")`."""
        match node:
            case nodes.Literal():
                return node
            case nodes.Negation(nodes.Literal(value)) if kind_of(value) == NUMBER:
                return nodes.Literal(-value)
            case nodes.Call(nodes.Name(name), (nodes.Literal(str(text)),), ()):
                if name in _READERS and not self._is_defined(name):
                    found = call_builtin(Evaluation(), tuple(BUILTINS[name]), (text,))
                    return None if found is None else nodes.Literal(found)
        return None

    @_emit.register
    def _name(self, node: nodes.Name) -> ast.expr:
        return self.scopes.read(node.name)

    @_emit.register
    def _path(self, node: nodes.Path) -> ast.expr:
        return pyast.call("_path", _C, self.emit(node.base), pyast.constant(node.name))

    @_emit.register
    def _filter(self, node: nodes.Filter) -> ast.expr:
        base = self.emit(node.base)
        if _is_constant_number(node.condition):
            return pyast.call("_at", base, self.emit(node.condition))
        item = self._fresh()
        condition = self._within(Scope({"item": item}, item), node.condition)
        weight = pyast.constant(weight_of(node.condition))
        return pyast.call("_select", _C, weight, base, pyast.function([item], condition))

    # Calculating

    @_emit.register
    def _negation(self, node: nodes.Negation) -> ast.expr:
        return pyast.call("_negative", self.emit(node.value))

    @_emit.register
    def _arithmetic(self, node: nodes.Arithmetic) -> ast.expr:
        left, right = self.emit(node.left), self.emit(node.right)
        if node.operator == "+":
            return pyast.call("_plus", _C, left, right)
        if node.operator == "**":
            return pyast.call("_raised", _C, left, right)
        return pyast.call(_ARITHMETIC[node.operator], left, right)

    @_emit.register
    def _comparison(self, node: nodes.Comparison) -> ast.expr:
        return self._compared(node.operator, node.left, node.right)

    def _compared(self, operator: str, left: Node, right: Node) -> ast.expr:
        if operator in ("=", "!="):
            return self._equated(left, right, same=operator == "=")
        symbol, helper = _ORDER[operator]
        right = self._constant_of(right) or right
        if isinstance(right, nodes.Literal) and type(right.value) is int:
            said, again = self._twice(left)
            limit = pyast.constant(right.value)
            return pyast.choose(
                pyast.has_class(said, "_int"),
                pyast.compare(again, symbol(), limit),
                pyast.call(helper, again, limit),
            )
        return pyast.call(helper, self.emit(left), self.emit(right))

    def _equated(self, left: Node, right: Node, *, same: bool) -> ast.expr:
        helper = "_equal" if same else "_unequal"
        right = self._constant_of(right) or right
        if isinstance(right, nodes.Literal) and isinstance(right.value, str | int | None):
            return self._equated_constant(left, right.value, same=same)
        return pyast.call(helper, _C, self.emit(left), self.emit(right))

    def _equated_constant(
        self, left: Node, value: str | int | bool | None, *, same: bool
    ) -> ast.expr:
        said, again = self._twice(left)
        if value is None:
            missing = pyast.is_(said, right=None)
            return missing if same else pyast.choose(missing, *map(pyast.constant, (False, True)))
        helper = "_equal" if same else "_unequal"
        slow = pyast.call(helper, _C, again, pyast.constant(value))
        if isinstance(value, bool):
            yes = pyast.is_(said, right=value)
            return pyast.choose(yes, pyast.constant(same), slow)
        return pyast.choose(
            pyast.has_class(said, "_str" if isinstance(value, str) else "_int"),
            pyast.compare(again, ast.Eq() if same else ast.NotEq(), pyast.constant(value)),
            slow,
        )

    # Logic of three values

    @_emit.register
    def _conjunction(self, node: nodes.Conjunction) -> ast.expr:
        return self._connected(node.parts, decisive=False)

    @_emit.register
    def _disjunction(self, node: nodes.Disjunction) -> ast.expr:
        return self._connected(node.parts, decisive=True)

    def _connected(self, parts: Sequence[Node], *, decisive: bool) -> ast.expr:
        """Join by and (`decisive` False) or by or (True): the decisive value wins over null."""
        return self._joined([self._twice(part) for part in parts], decisive=decisive)

    @staticmethod
    def _joined(parts: list[tuple[ast.expr, ast.expr]], *, decisive: bool) -> ast.expr:
        others = [pyast.is_(again, right=not decisive) for _, again in parts]
        settled = others[0] if len(others) == 1 else pyast.both(*others)
        tail = pyast.choose(settled, pyast.constant(not decisive), pyast.constant(None))
        found = [pyast.is_(said, right=decisive) for said, _ in parts]
        condition = found[0] if len(found) == 1 else pyast.either(*found)
        return pyast.choose(condition, pyast.constant(decisive), tail)

    @_emit.register
    def _between(self, node: nodes.Between) -> ast.expr:
        said, again = self._twice(node.value)
        low = self._kept(pyast.call("_at_least", said, self.emit(node.low)))
        high = self._kept(pyast.call("_at_most", again, self.emit(node.high)))
        return self._joined([low, high], decisive=False)

    @_emit.register
    def _membership(self, node: nodes.Membership) -> ast.expr:
        value = self.emit(node.value)
        name = self._fresh()
        scope = Scope({"?": name})
        parts = []
        for test in node.tests:
            with self.scopes.inside(scope):
                parts.append(self._kept(self._tested(name, test)))
        joined = self._joined(parts, decisive=True)
        result = pyast.call("_second", pyast.keep(name, value), joined)
        return pyast.call("_not", result) if node.negated else result

    def _tested(self, name: str, test: nodes.Test) -> ast.expr:
        if test.operator:
            return self._compared(test.operator, nodes.Name("?"), test.operand)
        if self._constant_of(test.operand):
            return self._compared("=", nodes.Name("?"), test.operand)
        if isinstance(test.operand, nodes.Interval):
            ends = self._constant_ends(test.operand)
            if ends:
                return self._joined([self._kept(end) for end in ends], decisive=False)
        operand = self.emit(test.operand)
        if test.stands_alone:
            return operand
        return pyast.call("_matches", _C, pyast.read(name), operand)

    def _constant_ends(self, node: nodes.Interval) -> tuple[ast.expr, ...]:
        """Compare `?` with both ends of an interval at once, if they are known constants."""
        low, high = self._constant_of(node.low), self._constant_of(node.high)
        if low is None or high is None or kind_of(low.value) != kind_of(high.value):
            return ()
        if NULL in (kind_of(low.value), kind_of(high.value)):
            return ()
        above = ">=" if node.low_included else ">"
        below = "<=" if node.high_included else "<"
        value = nodes.Name("?")
        return self._compared(above, value, low), self._compared(below, value, high)

    @_emit.register
    def _choice(self, node: nodes.Choice) -> ast.expr:
        condition = self.emit(node.condition)
        return pyast.choose(
            pyast.is_(condition, right=True), self.emit(node.yes), self.emit(node.no)
        )

    @_emit.register
    def _instance(self, node: nodes.InstanceOf) -> ast.expr:
        return pyast.call("_has_type", self.emit(node.value), self._constant(node.type))

    # Loops

    @_emit.register
    def _loop(self, node: nodes.Loop) -> ast.expr:
        results = f"p{self._fresh()}"
        with self.scopes.inside(Scope({"partial": results})):
            loop = self._nested(
                node.iterators,
                lambda weight, source, body, innermost: (
                    pyast.call("_collect", _C, weight, pyast.read(results), source, body)
                    if innermost
                    else pyast.call("_each", _C, weight, source, body)
                ),
                node.body,
            )
        made = pyast.keep(results, pyast.list_of())
        if len(node.iterators) == 1:
            return pyast.call("_second", made, loop)
        return pyast.call("_first", made, loop)

    @_emit.register
    def _quantified(self, node: nodes.Quantified) -> ast.expr:
        helper = "_every" if node.every else "_some"
        return self._nested(
            node.iterators,
            lambda weight, source, body, _: pyast.call(helper, _C, weight, source, body),
            node.condition,
        )

    def _nested(
        self,
        iterators: Sequence[nodes.Iterator],
        run: Callable[[ast.expr, ast.expr, ast.expr, bool], ast.expr],
        body: Node,
    ) -> ast.expr:
        first, rest = iterators[0], iterators[1:]
        source = self.emit(first.source)
        name = self._fresh()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self._fail(f"Biểu thức sâu quá {MAX_DEPTH} tầng", 0)
        with self.scopes.inside(Scope({first.name: name})):
            inner = self._nested(rest, run, body) if rest else self.emit(body)
        self.depth -= 1
        weight = 1 if rest else weight_of(body)
        return run(pyast.constant(weight), source, pyast.function([name], inner), not rest)

    # Lists, contexts, ranges

    @_emit.register
    def _list(self, node: nodes.ListOf) -> ast.expr:
        return pyast.list_of(*(self.emit(item) for item in node.items))

    @_emit.register
    def _context(self, node: nodes.Context) -> ast.expr:
        values = []
        with self.scopes.inside(Scope({})) as scope:
            for name, value in node.entries:
                place = self._fresh()
                if isinstance(value, nodes.Definition):
                    scope.names[name] = place
                values.append(pyast.keep(place, self.emit(value)))
                scope.names[name] = place
        return pyast.dict_of([name for name, _ in node.entries], values)

    @_emit.register
    def _interval(self, node: nodes.Interval) -> ast.expr:
        low, high = self.emit(node.low), self.emit(node.high)
        if node.counts:
            return pyast.call("_counting", low, high)
        ends = pyast.constant(node.low_included), pyast.constant(node.high_included)
        return pyast.call("_range", low, high, *ends)

    # Functions

    @_emit.register
    def _definition(self, node: nodes.Definition) -> ast.expr:
        places = [self._fresh() for _ in node.parameters]
        scope = Scope(dict(zip(node.parameters, places, strict=True)))
        code = pyast.function(["c", *places], self._within(scope, node.body))
        weight = pyast.constant(weight_of(node.body))
        names = pyast.row(*(pyast.constant(name) for name in node.parameters))
        return pyast.call("_function", names, code, weight, self._constant(node.types))

    @_emit.register
    def _call(self, node: nodes.Call) -> ast.expr:
        function = node.function
        constant = self._constant_of(node)
        if constant:
            return self._literal(constant)
        if isinstance(function, nodes.Name) and not self._is_defined(function.name):
            return self._built_in(function, node)
        called = self.emit(function)
        values = pyast.row(*(self.emit(argument) for argument in node.arguments))
        if not node.names:
            return pyast.call("_call", _C, called, values)
        names = pyast.row(*(pyast.constant(name) for name in node.names))
        return pyast.call("_call_named", _C, called, names, values)

    def _is_defined(self, name: str) -> bool:
        if self.scopes.define(name):
            return True
        return name in self.known and name not in BUILTINS

    def _built_in(self, function: nodes.Name, node: nodes.Call) -> ast.expr:
        name = function.name
        if name not in BUILTINS:
            close = difflib.get_close_matches(name, BUILTINS, 1)
            hint = f"; có phải ý bạn là {close[0]!r}?" if close else ""
            raise self._fail(f"Không có hàm {name!r}{hint}", function.at)
        try:
            overloads = fitting(name, len(node.arguments), node.names)
        except FeelError as error:
            raise self._fail(error.message, function.at) from None
        values = pyast.row(*(self.emit(argument) for argument in node.arguments))
        if not node.names:
            return pyast.call("_builtin", _C, self._constant(overloads), values)
        ordered = tuple((overload, order_of(overload, node.names)) for overload in overloads)
        return pyast.call("_builtin_named", _C, self._constant(ordered), values)

    @_emit.register
    def _operation(self, node: nodes.Operation) -> ast.expr:
        return pyast.call(node.helper, _C, *(self.emit(operand) for operand in node.operands))


def _is_constant_number(node: Node) -> bool:
    if isinstance(node, nodes.Negation):
        return _is_constant_number(node.value)
    return isinstance(node, nodes.Literal) and kind_of(node.value) == NUMBER
