"""Compensation: undoing what was completed, latest first, and the transaction that is cancelled.

A thrower waits until every handler it has woken is done. A sub-process is undone by restoring
its scope with the variables it ended with, and undoing there.
"""

from typing import Any

from app.engine.catching import fire_boundary
from app.engine.faults import present
from app.engine.graph import Event
from app.engine.records import PLAIN
from app.engine.run import Run, operation
from app.engine.state import BODY, HANDLER, LOCAL, RUNNING, SUBPROCESS, UNDOING, Scope, Token


def compensate(run: Run, token: Token, event: Event) -> None:
    """Throw compensation: for one activity, or for everything in the scope."""
    found = [
        (scope, record)
        for scope in _compensated_scopes(token.scope)
        for record in scope.records
        if event.activity in (None, record["a"])
    ]
    if not found:
        run.push("leave", token)
        return
    _undo(run, token, found)


def _compensated_scopes(scope: Scope) -> list[Scope]:
    """What is undone: the scope; out of an event sub-process also what is around it, first."""
    scopes = [scope]
    while (
        scope.kind == SUBPROCESS
        and scope.owner is not None
        and scope.container is not None
        and scope.container.node in scope.owner.node.container.event_subprocesses
    ):
        scope = scope.owner.scope
        scopes.insert(0, scope)
    return scopes


def _all_of(scope: Scope) -> list[tuple[Scope, dict[str, Any]]]:
    return [(scope, record) for record in scope.records]


def _undo(run: Run, thrower: Token, found: list[tuple[Scope, dict[str, Any]]]) -> None:
    """Wake the handlers of these records, the latest first, and let the thrower wait for them."""
    for scope, _ in found:
        scope.records = [one for one in scope.records if not any(one is done for _, done in found)]
    run.wait(thrower, UNDOING)
    thrower.data["left"] = len(found)
    handlers = []
    found.sort(key=lambda one: int(one[1].get("n", 0)))
    for scope, record in reversed(found):
        node_id = record.get("h") or record["a"]
        handler = run.new_token(scope.process.nodes[node_id], scope, HANDLER)
        handler.data["by"] = thrower.id
        if "h" in record:
            _lend_variables(run, handler, record)
            handlers.append(("enter", handler))
        else:
            handler.data["undo"] = record
            handlers.append(("undo_inside", handler))
    for op, handler in reversed(handlers):
        run.push(op, handler)


def _lend_variables(run: Run, handler: Token, record: dict[str, Any]) -> None:
    """A handler sees the variables that its activity ended with."""
    variables = run.variables.kept(record.get("v", ""))
    run.variables.drop_kept([record])
    if variables:
        node = handler.node
        kind, inside = (SUBPROCESS, node.inside) if node.inside else (LOCAL, None)
        run.set_local(handler, run.new_scope(kind, handler, container=inside), variables)


@operation
def undo_inside(run: Run, token: Token) -> None:
    """Restore the scope of a sub-process that was completed, and undo what was done in it."""
    record = token.data.pop("undo")
    node = token.node
    kind = record["k"]
    container = node.inside if kind == SUBPROCESS else None
    scope = run.new_scope(kind, token, container=container)
    run.set_local(token, scope, run.variables.kept(record.get("v", "")))
    run.variables.forget(record.get("v", ""))
    scope.records = list(record["in"])
    token.data["silent"] = True
    handler = container.compensation_handler if container and PLAIN not in record else None
    if handler is not None:
        inner = run.new_token(handler, scope, HANDLER)
        inner.data["by"] = token.id
        inner.data["start"] = handler.inside.starts[0].id if handler.inside else ""
        run.wait(token, UNDOING)
        token.data["left"] = 1
        run.push("enter", inner)
    elif scope.records:
        _undo(run, token, _all_of(scope))
    else:
        run.push("undone", token)


@operation
def handled(run: Run, token: Token) -> None:
    """One handler is done; with the last one, its thrower goes on."""
    thrower = run.state.tokens.get(token.data["by"])
    run.remove(token)
    if thrower is None:
        return
    thrower.data["left"] -= 1
    if thrower.data["left"]:
        return
    del thrower.data["left"]
    thrower.status = RUNNING
    if thrower.role == HANDLER and thrower.inner is not None:
        run.push("undone", thrower)
    elif thrower.data.pop("cancels", None):
        run.push("cancel_transaction", thrower)
    else:
        run.push("leave", thrower)


@operation
def undone(run: Run, token: Token) -> None:
    """Everything inside a restored sub-process is undone."""
    run.close_inside(token)
    run.push("handled", token)


def cancel_end(run: Run, token: Token) -> None:
    """The transaction fails: end what runs in it, undo what is done, leave by the cancel event."""
    scope = token.scope
    run.cancel_inside(scope, but=token)
    if scope.records:
        token.data["cancels"] = True
        _undo(run, token, _all_of(scope))
    else:
        run.push("cancel_transaction", token)


@operation
def cancel_transaction(run: Run, token: Token) -> None:
    """Leave the transaction by its cancel boundary event."""
    owner = present(token.scope.owner, "giao dịch")
    if owner.scope.kind == BODY and owner.scope.owner is not None:
        owner = owner.scope.owner
    boundaries = [one for one in owner.node.boundaries if one.events[0].kind == "cancel"]
    boundary = present(next(iter(boundaries), None), "sự kiện biên hủy")
    run.ended(token)
    run.remove(token)
    run.cancel(owner)
    fire_boundary(run, boundary, owner.scope, {})
