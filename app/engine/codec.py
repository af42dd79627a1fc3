"""The written form of a state: engine-neutral, versioned, small.

Version 1 is a JSON object: `v` version, `n` next number, `s` scopes, `t` tokens. Rows end at
their last value that is not empty. Every version ever written stays readable.

    scope  [id, kind, parent, owner token, node, definition, data, compensation records]
    token  [id, node, scope, status, role, operation, host token, data]
"""

from collections.abc import Callable
from typing import Any

import orjson

from app.domain.errors import InvalidInput
from app.engine.graph import Process
from app.engine.state import (
    ASYNC,
    CONDITION,
    INCIDENT,
    JOINING,
    LISTENERS,
    OUTSIDE,
    PROCESS,
    SUBPROCESS,
    Scope,
    State,
    Token,
)

VERSION = 1
FindProcess = Callable[[str], Process]
"""Gives the compiled process of a called definition id."""


def encode(state: State) -> bytes:
    return orjson.dumps(
        {
            "v": VERSION,
            "n": state.next,
            "s": [_scope_row(scope) for scope in state.scopes.values()],
            "t": [_token_row(token) for token in state.tokens.values()],
        }
    )


def _scope_row(scope: Scope) -> list[Any]:
    owner = scope.owner
    row: list[Any] = [
        scope.id,
        scope.kind,
        scope.parent.id if scope.parent else "",
        owner.id if owner else 0,
        owner.node.id if owner else "",
        scope.definition or "",
        scope.data or 0,
        scope.records or 0,
    ]
    return _shortened(row)


def _token_row(token: Token) -> list[Any]:
    host = token.host
    row: list[Any] = [
        token.id,
        token.node.id,
        token.scope.id,
        token.status,
        token.role,
        token.op,
        host.id if host else 0,
        token.data or 0,
    ]
    return _shortened(row)


def _shortened(row: list[Any]) -> list[Any]:
    while not row[-1]:
        row.pop()
    return row


def decode(tokens: bytes, process: Process, find: FindProcess) -> State:
    """Read a state of any version. Raises InvalidInput for bytes that are none."""
    written = _written(tokens)
    reader = _READERS[written["v"]]
    try:
        return reader(written, process, find)
    except (KeyError, ValueError, TypeError) as error:
        raise InvalidInput(
            f"Trạng thái của hồ sơ không khớp với sơ đồ của nó ({error})."
        ) from error


def _written(tokens: bytes) -> dict[str, Any]:
    """The rows of a state. Raises InvalidInput for bytes that are none, or of a version to come."""
    try:
        written: dict[str, Any] = orjson.loads(tokens)
        version = written["v"]
    except (orjson.JSONDecodeError, KeyError, TypeError) as error:
        raise InvalidInput("Trạng thái của hồ sơ không đọc được.") from error
    if version not in _READERS:
        raise InvalidInput(f"Trạng thái ghi theo dạng {version} mà hệ thống này chưa biết.")
    return written


def written_leaves(tokens: bytes) -> list[str]:
    """The elements that hold a token, as they are written: no process need be known for it.

    As `listing.leaves`: no listeners, no owners of something that moves.
    """
    written = _written(tokens)
    rows = [row + ["", "", "", "", ""][len(row) :] for row in written["t"]]
    flowing = [row for row in rows if row[4] not in LISTENERS]
    live = {row[2] for row in flowing}
    inner = {row[3]: row[0] for row in written["s"] if len(row) > 3}  # the last is the inmost
    return [row[1] for row in flowing if inner.get(row[0]) not in live]


def _read_version_1(written: dict[str, Any], process: Process, find: FindProcess) -> State:
    rows: list[list[Any]] = written["s"]
    scopes: dict[str, Scope] = {}
    state: State | None = None
    owners: list[tuple[Scope, int]] = []
    for row in rows:
        identifier, kind, parent_id, owner, node_id, definition, data, records = (
            row + ["", "", "", 0, "", "", 0, 0][len(row) :]
        )
        if state is None:
            scope = Scope(identifier, kind, process, container=process.root)
            state = State(scope)
        else:
            parent = scopes[parent_id]
            own = find(definition) if definition else parent.process
            scope = Scope(identifier, kind, own, parent=parent, definition=definition or None)
            if kind == PROCESS:
                scope.container = own.root
            elif kind == SUBPROCESS:
                scope.container = own.nodes[node_id].inside
            owners.append((scope, owner))
        scope.data = data or {}
        scope.records = records or []
        scopes[identifier] = scope
    if state is None:
        raise InvalidInput("Trạng thái của hồ sơ không có phạm vi gốc.")
    state.scopes = scopes
    state.next = written["n"]
    _read_tokens(state, written["t"])
    for scope, owner in owners:
        scope.owner = state.tokens[owner]
        scope.owner.inner = scope
    return state


def _read_tokens(state: State, rows: list[list[Any]]) -> None:
    hosted: list[tuple[Token, int]] = []
    for row in rows:
        identifier, node_id, scope_id, status, role, op, host, data = (
            row + ["", "", "", "", "", "", 0, 0][len(row) :]
        )
        scope = state.scopes[scope_id]
        token = Token(identifier, scope.process.nodes[node_id], scope, role)
        token.status = status
        token.op = op
        token.data = data or {}
        stands_outside = op in OUTSIDE and status in (ASYNC, INCIDENT)
        token.begun = not (stands_outside or token.is_listener or "silent" in token.data)
        state.tokens[identifier] = token
        scope.add(token)
        if host:
            hosted.append((token, host))
        if status == CONDITION:
            state.conditions[identifier] = token
        elif status == JOINING:
            scope.joins.setdefault(node_id, []).append(token)
            if token.node.kind != "parallelGateway":
                state.joins.add((scope_id, node_id))
    for token, host in hosted:
        token.host = state.tokens[host]
        token.host.listeners.append(token)


_READERS: dict[int, Callable[[dict[str, Any], Process, FindProcess], State]] = {
    1: _read_version_1,
}
