"""Where an instance begins, and tokens that are put down by hand."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from app.domain.engine import Due, Outcome
from app.domain.errors import InvalidInput
from app.engine import ad_hoc
from app.engine.events import start_listening
from app.engine.expressions import Literal
from app.engine.faults import Fault
from app.engine.graph import Container, Node, Process
from app.engine.rules import label
from app.engine.run import Run
from app.engine.state import BODY, LOCAL, OWNING, SUBPROCESS, Scope, Token
from app.engine.timing import due, first_due, next_due, parse_cycle


def start_node(process: Process, message: str | None, start_event: str | None) -> Node:
    """The start event that is meant. Raises InvalidInput when there is none."""
    starts = process.root.starts
    if start_event is not None:
        found = next((one for one in starts if one.id == start_event), None)
    elif message is not None:
        found = next((one for one in starts if _starts_by(one, message)), None)
    else:
        found = process.root.default_start
    if found is None:
        raise InvalidInput(f"Quy trình “{process.name}” không bắt đầu được bằng cách này.")
    return found


def _starts_by(node: Node, message: str) -> bool:
    return any(
        event.kind == "message" and isinstance(event.name, Literal) and event.name.value == message
        for event in node.events
    )


def start_due(node: Node, *, at: datetime, fired: int) -> Due | None:
    """When a timer start event is due that has begun `fired` instances; None: not any more.

    Raises InvalidInput where it says no instant: there are no variables yet to be asked.
    """
    event = next((one for one in node.events if one.kind == "timer"), None)
    if event is None or event.name is None:
        raise InvalidInput(f"{label(node)} không phải sự kiện bắt đầu theo thời gian.")
    try:
        written = event.name.get(lambda _names: {}, at)
        if event.timer != "cycle":
            return None if fired else due(written, at)
        cycle = parse_cycle(str(written))
    except Fault as fault:
        raise InvalidInput(f"{label(node)}: {fault.message}") from fault
    if cycle is None:
        raise InvalidInput(f"{label(node)}: không hiểu chu kỳ thời gian {written!r}.")
    if cycle.times is not None and fired >= cycle.times:
        return None
    return next_due(cycle, at) if fired else first_due(cycle, at)


def start_holds(node: Node, variables: Mapping[str, Any], at: datetime) -> bool:
    """Whether the condition of a start event is true of these variables; doubt is no.

    Raises InvalidInput for an element that begins nothing by a condition.
    """
    event = next((one for one in node.events if one.kind == "conditional"), None)
    if event is None or event.condition is None or node.kind != "startEvent":
        raise InvalidInput(f"{label(node)} không phải sự kiện bắt đầu theo điều kiện.")

    def seen(names: Iterable[str]) -> dict[str, Any]:
        return {name: variables[name] for name in names if name in variables}

    try:
        return event.condition.get(seen, at) is True
    except Fault:
        return False


def node_of(process: Process, element: str) -> Node:
    """Raises InvalidInput for an element that the process does not have."""
    node = process.nodes.get(element)
    if node is None:
        raise InvalidInput(f"Quy trình “{process.name}” không có phần tử {element}.")
    return node


def place(run: Run, node: Node, op: str = "enter") -> Token:
    """Put a token at `node`, opening the sub-processes around it."""
    around = []
    container: Container = node.container
    while container.node is not None:
        around.append(container.node)
        container = container.node.container
    scope: Scope = run.state.root
    for outer in reversed(around):
        scope = _opened(run, outer, scope)
    token = run.new_token(node, scope)
    run.push(op, token)
    return token


def _opened(run: Run, outer: Node, scope: Scope) -> Scope:
    """The scope of a sub-process: the one that is open there, or a new one.

    Raises InvalidInput where several are open, or where only a loop could open one.
    """
    inside = [one for token in scope.tokens.values() if token.node is outer for one in _open(token)]
    if len(inside) > 1:
        raise InvalidInput(f"{label(outer)} đang chạy {len(inside)} lượt; không rõ là lượt nào.")
    if inside:
        return inside[0]
    if outer.loop is not None:
        raise InvalidInput(f"{label(outer)} lặp nhiều lượt; hãy bắt đầu từ chính hoạt động này.")
    owner = run.new_token(outer, scope)
    inner = run.new_scope(SUBPROCESS, owner, container=outer.inside)
    run.started(owner)
    run.wait(owner, OWNING)
    start_listening(run, inner)
    if outer.listening:
        run.push("listen", owner)
    run.push("map_inputs", owner)
    return inner


def _open(token: Token) -> list[Scope]:
    """The insides of a sub-process that are open: one, or one for each round of its loop."""
    inner = token.inner
    if inner is None:
        return []
    if inner.kind == BODY:
        return [one.inner for one in inner.tokens.values() if one.inner is not None]
    return [inner]


def cancel_empty(run: Run) -> None:
    """End what has nothing left inside, from the inside out."""
    empty = True
    while empty:
        empty = False
        for scope in list(run.state.scopes.values()):
            owner = scope.owner
            inside = scope.live == 0 and scope.kind != LOCAL
            if owner is not None and inside and owner.status == OWNING:
                empty = owner.node.kind != ad_hoc.KIND
                if empty:
                    run.cancel(owner)
                    break
    if run.state.root.live == 0:
        run.end_instance(Outcome.CANCELLED)
