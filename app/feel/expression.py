"""Compiled expressions and unary tests, kept by their text."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from app.feel.compiler import Compiled, compile_node
from app.feel.errors import FeelError, FeelEvaluationError
from app.feel.evaluation import Evaluation, Purse
from app.feel.juel import parse_juel
from app.feel.limits import CACHED
from app.feel.nodes import Node
from app.feel.parser import Parser

_INPUT = "?"


class Expression:
    """An expression ready to run. `names` are the free variables it may read."""

    __slots__ = ("_code", "_variables", "names", "source")

    def __init__(self, source: str, compiled: Compiled) -> None:
        """Wrap what the compiler made; callers use `compile_expression`."""
        self.source = source
        self.names = frozenset(compiled.variables)
        self._variables = compiled.variables
        self._code = compiled.code

    def evaluate(
        self,
        variables: Mapping[str, Any],
        *,
        now: datetime | None = None,
        purse: Purse | None = None,
    ) -> Any:
        """Give the value for these variables; a missing one is null.

        `now` is what `now()` and `today()` say (None: the present); a `purse` pays. Where FEEL says null,
        null is returned; `FeelEvaluationError` means a bound was met (or a wrong type in `${…}`).
        """
        c = Evaluation(now, purse=purse)
        try:
            return self.run(c, variables)
        finally:
            c.settle()

    def run(self, c: Evaluation, variables: Mapping[str, Any]) -> Any:
        """Evaluate within a budget shared with others."""
        try:
            return self._code(c, *map(variables.get, self._variables))
        except ArithmeticError:
            raise FeelEvaluationError("Số vượt quá giới hạn", self.source) from None
        except RecursionError:
            raise FeelEvaluationError("Biểu thức lồng nhau quá sâu", self.source) from None

    def __repr__(self) -> str:
        """Show the text."""
        return f"Expression({self.source!r})"


class UnaryTests:
    """Tests of one decision table cell, such as `< 5, [10..20)`."""

    __slots__ = ("_expression", "names", "source")

    def __init__(self, source: str, compiled: Compiled) -> None:
        """Wrap what the compiler made; callers use `compile_unary_tests`."""
        self.source = source
        self._expression = Expression(source, compiled)
        self.names = self._expression.names - {_INPUT}

    def matches(
        self, value: Any, variables: Mapping[str, Any], *, now: datetime | None = None
    ) -> bool:
        """Tell whether the value passes; null counts as no."""
        return self.run(Evaluation(now), value, variables)

    def run(self, c: Evaluation, value: Any, variables: Mapping[str, Any]) -> bool:
        """Test within a budget shared with others."""
        return self.passes(c, {**variables, _INPUT: value})

    def passes(self, c: Evaluation, scope: Mapping[str, Any]) -> bool:
        """Test the value that stands in the scope as `?`."""
        return self._expression.run(c, scope) is True


def compile_expression(source: str, names: Collection[str] = ()) -> Expression:
    """Compile FEEL text, with or without a leading `=`; raise `FeelError` if it is wrong.

    `names` are names known to the caller: they may contain signs or keywords
    (`số-hồ sơ`), and may be called as functions.
    """
    return _expression(source, frozenset(names))


@lru_cache(CACHED)
def _expression(source: str, names: frozenset[str]) -> Expression:
    text = _without_mark(source)
    node = _parsed(source, lambda: Parser(text, names).expression_only())
    return Expression(source, compile_node(text, node, names))


def _parsed(source: str, parse: Callable[[], Node]) -> Node:
    """Parse; where the caller's own stack leaves no room, say so in our words."""
    try:
        return parse()
    except RecursionError:
        raise FeelError("Biểu thức lồng nhau quá sâu", source) from None


def _without_mark(source: str) -> str:
    """Blank out a leading `=`, so that columns stay as the author sees them."""
    bare = source.lstrip()
    if not bare.startswith("="):
        return source
    return " " * (len(source) - len(bare) + 1) + bare[1:]


def compile_unary_tests(source: str, names: Collection[str] = ()) -> UnaryTests:
    """Compile the text of a decision table cell; raise `FeelError` if it is wrong."""
    return _unary_tests(source, frozenset(names))


@lru_cache(CACHED)
def _unary_tests(source: str, names: frozenset[str]) -> UnaryTests:
    text = source if source.strip() else "-"
    node = _parsed(source, lambda: Parser(text, names).unary_tests_only())
    return UnaryTests(source, compile_node(text, node, names))


@lru_cache(CACHED)
def compile_juel(source: str) -> Expression:
    """Compile text with `${…}` or `#{…}` parts; raise `FeelError` if it is wrong."""
    node = _parsed(source, lambda: parse_juel(source))
    return Expression(source, compile_node(source, node))


def compile_any(source: str) -> Expression:
    """Compile text of either language: with `${` or `#{` it is JUEL, else FEEL."""
    if "${" in source or "#{" in source:
        return compile_juel(source)
    return compile_expression(source)
