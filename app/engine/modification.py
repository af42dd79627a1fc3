"""Changing a running instance by hand: tokens are ended, and put down elsewhere.

What makes no sense is refused by name: a handler of compensation without anything to undo, an
event sub-process without its event, the way out of a step that has several, a place inside a
repeated activity that is not running, or that runs several times at once.
"""

from typing import Any

from app.domain.engine import Modification
from app.domain.errors import InvalidInput, InvalidState
from app.engine.ad_hoc import offer_again
from app.engine.graph import Node, Process
from app.engine.placing import cancel_empty, node_of, place
from app.engine.rules import label
from app.engine.run import Run
from app.engine.state import BODY, HANDLER, INSTANCE, Scope, Token


def modify(run: Run, process: Process, change: Modification) -> None:
    """Carry out a change, or raise InvalidInput, InvalidState before anything has moved."""
    before = [beginning(node_of(process, one)) for one in change.before]
    after = [_way_out(node_of(process, one)) for one in change.after]
    doomed = [_doomed(run, number) for number in dict.fromkeys(change.cancel)]
    for token in doomed:
        if token.id in run.state.tokens:
            body = token.scope if token.role == INSTANCE else None
            run.cancel(token)
            if body is not None:
                _recount(run, body)
    for node in reversed(after):
        place(run, node, "depart")
    for node in reversed(before):
        place(run, node)
    cancel_empty(run)
    offer_again(run)


def _doomed(run: Run, number: int) -> Token:
    token = run.state.tokens.get(number)
    if token is None or token.is_listener:
        raise InvalidState("Có bước cần hủy không còn chờ nữa.")
    if token.role == HANDLER:
        raise InvalidInput(f"{label(token.node)} đang hoàn tác, không hủy riêng được.")
    return token


def beginning(node: Node) -> Node:
    """An element that can be begun by hand. Raises InvalidInput for others."""
    if node in node.container.event_subprocesses:
        raise InvalidInput(
            f"{label(node)} là tiến trình con sự kiện; hãy bắt đầu từ sự kiện bên trong nó."
        )
    if node.for_compensation:
        raise InvalidInput(f"{label(node)} là bước hoàn tác, không bắt đầu riêng được.")
    return node


def _way_out(node: Node) -> Node:
    beginning(node)
    if len(node.outgoing) != 1:
        raise InvalidInput(
            f"{label(node)} có {len(node.outgoing)} luồng ra; hãy chọn thẳng bước cần bắt đầu."
        )
    return node


def _recount(run: Run, body: Scope) -> None:
    """A round that was ended by hand no longer counts among those of its loop."""
    if body.kind != BODY or "count" not in body.data or body.live == 0 or body.owner is None:
        return
    body.data["count"] -= 1
    known: dict[str, Any] = run.variables.of[body.id]
    counters = {name: int(known[name]) - 1 for name in ("nrOfInstances", "nrOfActiveInstances")}
    run.set_local(body.owner, body, counters)
