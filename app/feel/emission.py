"""What every part of the compiler builds with: fresh names, constants, scopes, and the whole itself."""

import ast
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from app.feel import nodes, pyast
from app.feel.builtins_registry import BUILTINS
from app.feel.errors import FeelError
from app.feel.evaluation import Evaluation
from app.feel.limits import MAX_DEPTH
from app.feel.nodes import Node
from app.feel.scopes import Scope, Scopes
from app.feel.signatures import call_builtin
from app.feel.values import NUMBER, kind_of

_READERS = frozenset(("date", "time", "date and time", "duration"))
"""Functions that read a constant text once, at compile time."""
RUN = pyast.read("c")
"""The running evaluation, which helpers that may fail or grow are given."""


@dataclass
class Emission(ABC):
    """One tree on its way to Python: its scopes, constants and depth."""

    source: str
    known: frozenset[str]
    constants: list[Any] = field(default_factory=list)
    scopes: Scopes = field(default_factory=Scopes)
    depth: int = 0
    names: int = 0

    @abstractmethod
    def emit(self, node: Node) -> ast.expr:
        """Compile a part, whatever it is. Raises FeelError."""

    def deeper(self) -> None:
        """Raises FeelError below `MAX_DEPTH`; who goes deeper comes back by `depth`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FeelError(f"Biểu thức sâu quá {MAX_DEPTH} tầng", self.source)

    def constant(self, value: Any) -> ast.expr:
        self.constants.append(value)
        return pyast.read(f"k{len(self.constants) - 1}")

    def fresh(self) -> str:
        self.names += 1
        return f"t{self.names}"

    def twice(self, node: Node) -> tuple[ast.expr, ast.expr]:
        """Emit a value that is read twice: how to say it first, and how to say it again."""
        return self.kept(self.emit(node))

    def kept(self, value: ast.expr) -> tuple[ast.expr, ast.expr]:
        if isinstance(value, ast.Name | ast.Constant):
            return value, value
        name = self.fresh()
        return pyast.keep(name, value), pyast.read(name)

    def within(self, scope: Scope, node: Node) -> ast.expr:
        with self.scopes.inside(scope):
            return self.emit(node)

    def fail(self, message: str, at: int) -> FeelError:
        return FeelError(message, self.source, at)

    def constant_of(self, node: Node) -> nodes.Literal | None:
        """Find the constant a node stands for: `5`, `-5`, `date("2026-11-24")`."""
        match node:
            case nodes.Literal():
                return node
            case nodes.Negation(nodes.Literal(value)) if kind_of(value) == NUMBER:
                return nodes.Literal(-value)
            case nodes.Call(nodes.Name(name), (nodes.Literal(str(text)),), ()):
                if name in _READERS and not self.is_defined(name):
                    found = call_builtin(Evaluation(), tuple(BUILTINS[name]), (text,))
                    return None if found is None else nodes.Literal(found)
        return None

    def is_defined(self, name: str) -> bool:
        if self.scopes.define(name):
            return True
        return name in self.known and name not in BUILTINS


def literal(emission: Emission, node: nodes.Literal) -> ast.expr:
    value = node.value
    if value is None or isinstance(value, str | int):
        return pyast.constant(value)
    return emission.constant(value)
