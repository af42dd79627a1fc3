"""Variables: one dictionary per scope, looked up from the inside out, copied when written."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.domain.engine import Fact, VariablesSet
from app.engine.state import PROCESS, Scope, Token

ITEMS = ".items"
"""Ending of the place where a loop keeps its collection."""
OUTPUT = ".out"
"""Ending of the place where a loop gathers its results."""
PAYLOAD = ".payload"
"""Ending of the place where an event sub-process finds what started it, until it begins."""
EXECUTION = "execution"
"""`execution.processBusinessKey` and the like, for diagrams written for Camunda."""

EXTERNAL_TASK = "externalTask"
"""What Camunda's error rules of an external task look at; a task that is done has no error."""


class Variables:
    """The variables of one step. What came in is never changed: a scope is copied on first write."""

    __slots__ = ("_owned", "changes", "of")

    def __init__(self, of: Mapping[str, dict[str, Any]]) -> None:
        self.of = dict(of)
        self._owned: set[str] = set()
        self.changes: list[tuple[Scope, str, str]] = []

    def find(
        self, scope: Scope, names: Iterable[str], *, about: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Give the values of those `names` that can be seen from `scope`; `about` hides others."""
        known: dict[str, Any] = {}
        of = self.of
        for name in names:
            if about is not None and name in about:
                known[name] = about[name]
                continue
            place: Scope | None = scope
            while place is not None:
                here = of.get(place.id)
                if here is not None and name in here:
                    known[name] = here[name]
                    break
                place = None if place.kind == PROCESS else place.parent
            else:
                if name == EXECUTION:
                    known[name] = _execution(scope)
                elif name == EXTERNAL_TASK:
                    known[name] = {"errorMessage": None, "errorDetails": None}
        return known

    def seen_from(self, scope: Scope) -> dict[str, Any]:
        """Give every variable that can be seen from `scope`; inner ones hide outer ones."""
        chain = []
        place: Scope | None = scope
        while place is not None:
            chain.append(self.of.get(place.id) or {})
            place = None if place.kind == PROCESS else place.parent
        seen: dict[str, Any] = {}
        for here in reversed(chain):
            seen.update(here)
        return seen

    def set(self, token: Token, scope: Scope, values: Mapping[str, Any]) -> list[Fact]:
        """Write each variable where it lives already, seen from `scope`; else in the process."""
        if scope.kind == PROCESS:
            return self.set_local(token, scope, values)
        by_scope: dict[str, tuple[Scope, dict[str, Any]]] = {}
        for name, value in values.items():
            place = self._home(scope, name)
            by_scope.setdefault(place.id, (place, {}))[1][name] = value
        facts: list[Fact] = []
        for place, group in by_scope.values():
            facts.extend(self.set_local(token, place, group))
        return facts

    def set_local(self, token: Token, scope: Scope, values: Mapping[str, Any]) -> list[Fact]:
        """Write variables into `scope` itself."""
        return self.write(scope, values, token=token.id, element=token.node.id)

    def write(
        self, scope: Scope, values: Mapping[str, Any], *, token: int, element: str
    ) -> list[Fact]:
        """Write variables into `scope`, on behalf of a token (0: from outside)."""
        if not values:
            return []
        here = self._writable(scope.id)
        for name in values:
            self.changes.append((scope, name, "update" if name in here else "create"))
        here.update(values)
        return [VariablesSet(token, element, scope.id, dict(values))]

    def drop(self, scope: Scope) -> None:
        self.of.pop(scope.id, None)
        self.forget(f"{scope.id}{ITEMS}")
        self.forget(f"{scope.id}{OUTPUT}")
        self.drop_kept(scope.records)

    def drop_kept(self, records: list[dict[str, Any]]) -> None:
        """Forget what was kept for compensation that will never come."""
        todo = list(records)
        while todo:
            record = todo.pop()
            self.forget(record.get("v", ""))
            todo.extend(record.get("in", ()))

    def keep(self, key: str, values: Mapping[str, Any]) -> None:
        """Put values away that no expression sees; user data stays out of the token state."""
        self.of[key] = dict(values)
        self._owned.add(key)

    def kept(self, key: str) -> dict[str, Any]:
        return self.of.get(key) or {}

    def forget(self, key: str) -> None:
        self.of.pop(key, None)
        self._owned.discard(key)

    def _home(self, scope: Scope, name: str) -> Scope:
        place = scope
        while True:
            here = self.of.get(place.id)
            if (here is not None and name in here) or place.kind == PROCESS:
                return place
            if place.parent is None:
                return place
            place = place.parent

    def _writable(self, scope_id: str) -> dict[str, Any]:
        if scope_id not in self._owned:
            self.of[scope_id] = dict(self.of.get(scope_id) or {})
            self._owned.add(scope_id)
        return self.of[scope_id]


def process_scope(scope: Scope) -> Scope:
    """The scope of the process (called or root) that `scope` belongs to."""
    while scope.kind != PROCESS and scope.parent is not None:
        scope = scope.parent
    return scope


def _execution(scope: Scope) -> dict[str, Any]:
    process = process_scope(scope)
    key = process.data.get("key")
    return {"processBusinessKey": key, "businessKey": key}
