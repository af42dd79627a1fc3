"""Which Python variable a name of the source stands for, at each place of an expression."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.feel import pyast


@dataclass(slots=True)
class Scope:
    """Names with a known place; with `item` set, also any entry of that item, unknown before."""

    names: dict[str, str]
    item: str = ""


@dataclass(slots=True)
class Scopes:
    """The scopes around the place being compiled, and the free variables met so far."""

    free: dict[str, str] = field(default_factory=dict)
    around: list[Scope] = field(default_factory=list)

    @contextmanager
    def inside(self, scope: Scope) -> Iterator[Scope]:
        """Compile within one more scope."""
        self.around.append(scope)
        yield scope
        self.around.pop()

    def define(self, name: str) -> bool:
        """Tell whether a name is surely defined by the expression itself."""
        return any(name in scope.names for scope in self.around)

    def read(self, name: str) -> ast.expr:
        """Read a name: the innermost scope that has it, else a free variable."""
        return self._read(name, len(self.around))

    def _read(self, name: str, outside: int) -> ast.expr:
        for place in range(outside - 1, -1, -1):
            scope = self.around[place]
            if scope.item:
                known = scope.names.get(name)
                otherwise = pyast.read(known) if known else self._read(name, place)
                return pyast.call("_pick", pyast.read(scope.item), pyast.constant(name), otherwise)
            if name in scope.names:
                return _local(name, scope.names[name])
        return pyast.read(self.free.setdefault(name, f"v{len(self.free)}"))


def _local(name: str, place: str) -> ast.expr:
    """Read a variable; the results so far of a loop are copied, lest they contain themselves."""
    if name == "partial" and place.startswith("p"):
        return pyast.call("_snapshot", pyast.read("c"), pyast.read(place))
    return pyast.read(place)
