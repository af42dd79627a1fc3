"""Boundary events, event sub-processes and events after a gateway in another version.

What only the new version has begins to wait; what it no longer has is closed; one that has fired
already is not opened again. What is to be waited for anew is told by the new version.
"""

from collections.abc import Mapping

from app.domain.engine import TokenMigrated
from app.engine.events import WAITING
from app.engine.graph import Container, Flow, Node
from app.engine.migration_course import Course
from app.engine.run import Run
from app.engine.state import (
    ALTERNATIVE,
    ASYNC,
    BODY,
    BOUNDARY,
    CONDITION,
    INCIDENT,
    INSTANCE,
    LISTENERS,
    MESSAGE,
    OWNING,
    PROCESS,
    SIGNAL,
    STARTER,
    TIMER,
    Scope,
    Token,
)

_DEAF = frozenset(
    ("enter", "begin", "begin_loop", "depart", "depart_by", "depart_later", "instance_done")
)
"""Operations at which a token may be parked while its boundary events do not wait."""
_HEARING = frozenset((TIMER, MESSAGE, SIGNAL, CONDITION))


class Listeners:
    """`close` before tokens move, `move` and `open` after."""

    def __init__(self, run: Run, course: Course) -> None:
        self.run = run
        self.course = course
        self.plan = course.plan
        self.was = {token.id: token.node for token in course.tokens}
        self.goes: dict[int, Node] = {}  # listeners that stay, and their element
        self.ways: dict[int, Flow] = {}
        self.rounds: set[int] = set()  # that had no boundary events of their own
        self.anew = [
            token
            for token in course.tokens
            if token.node.id in self.plan.renew and token.status in _HEARING
        ]

    # --- before -------------------------------------------------------------------------

    def close(self) -> None:
        """Close what has no place in the new version; remember what has."""
        for token in self.course.dropped:
            self._hand_over(token)
        for token in self.course.tokens:
            if token.role not in LISTENERS:
                continue
            target = self._successor(token)
            if target is None:
                self.run.cancel(token)
            else:
                self.goes[token.id] = target

    def _hand_over(self, owner: Token) -> None:
        """Boundary events of a loop go with its only round; of several, each gets its own."""
        body = owner.inner
        if body is None or body.kind != BODY:
            return
        rounds = [one for one in body.tokens.values() if one.id in self.course.targets]
        self.rounds.update(one.id for one in rounds)
        if len(rounds) == 1:
            for listener in owner.listeners:
                listener.host = rounds[0]
            rounds[0].listeners, owner.listeners = owner.listeners, []

    def _successor(self, token: Token) -> Node | None:
        """Where a listener goes on; None where it has no place in the new version."""
        host = token.host
        if host is not None and host.id not in self.course.targets:
            return None
        if token.role == STARTER and not self.course.stays(token.scope):
            return None
        way = self.plan.alternative(host.node, token.node) if host is not None else None
        if token.role == ALTERNATIVE and way is not None:
            self.ways[token.id] = way
        return self.plan.heir(token)

    # --- after --------------------------------------------------------------------------

    def move(self) -> None:
        """Listeners that stay listen for their elements of the new version."""
        for token in self.course.tokens:
            target = self.goes.get(token.id)
            if target is None:
                continue
            if token.node.id != target.id:
                self.run.facts.append(TokenMigrated(token.id, token.node.id, target.id))
            token.node = target
            if token.id in self.ways:
                token.data["flow"] = self.ways[token.id].id

    def open(self, was: Mapping[str, Container | None]) -> None:
        """Let what is new begin to wait; `was` are the containers of the old version."""
        for token in self.course.tokens:
            if token.id in self.course.targets:
                self._listen_to_new(token)
        for scope in self.course.scopes:
            if self.course.stays(scope):
                old = was[scope.id]
                self._start_new(scope, [] if old is None else old.event_subprocesses)
        for token in self.anew:
            if token.id in self.run.state.tokens:
                self._wait_anew(token)

    def _listen_to_new(self, token: Token) -> None:
        """Boundary events, and events after a gateway, that the old version did not have."""
        if token.role == INSTANCE or "silent" in token.data:
            return
        if token.status in (ASYNC, INCIDENT) and token.op in _DEAF:
            return
        known: set[Node | None] = {one.node for one in token.listeners}
        if token.id not in self.rounds:
            known.update(self.plan.boundary(one) for one in self.was[token.id].boundaries)
        for boundary in token.node.listening:
            if boundary not in known:
                self._host(token, boundary, BOUNDARY)
        if token.node.kind == "eventBasedGateway":
            for flow in token.node.outgoing:
                if flow.target not in known:
                    self._host(token, flow.target, ALTERNATIVE, flow=flow.id)

    def _host(self, host: Token, node: Node, role: str, **data: str) -> None:
        for listener in self._listeners(host.scope, node, role):
            listener.host = host
            listener.data.update(data)
            host.listeners.append(listener)

    def _start_new(self, scope: Scope, old: list[Node]) -> None:
        """Event sub-processes that the old version did not have."""
        container, owner = scope.container, scope.owner
        is_called = scope.kind == PROCESS
        if container is None or not (owner is None or is_called or owner.status == OWNING):
            return
        subs = container.event_subprocesses
        starts = {sub: sub.inside.starts[0] for sub in subs if sub.inside is not None}
        flowing = [token for token in scope.tokens.values() if not token.is_listener]
        if any(token.node in starts and starts[token.node].interrupting for token in flowing):
            return  # an interrupting one is at work: nothing else may begin here
        known = {self.plan.starter(sub.inside.starts[0]) for sub in old if sub.inside is not None}
        for start in starts.values():
            if start not in known:
                for listener in self._listeners(scope, start, STARTER):
                    listener.data.setdefault("part", 0)

    def _listeners(self, scope: Scope, node: Node, role: str) -> list[Token]:
        """A token for each event of `node` that can be waited for."""
        made = []
        for part, event in enumerate(node.events):
            if event.kind in WAITING:
                listener = self.run.new_token(node, scope, role)
                if part:
                    listener.data["part"] = part
                made.append(listener)
                self.run.push("await_event", listener)
        return made

    def _wait_anew(self, token: Token) -> None:
        """Wait for what the new version says, from now on."""
        self.run.wake(token)
        for name in ("cycle", "left"):
            token.data.pop(name, None)
        self.run.push("await_event", token)
