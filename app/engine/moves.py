"""How a token moves through one node.

    enter → begin → execute → (wait) → leave → depart → enter of the next node

Each operation evaluates what it needs before it changes anything, so that it can be repeated
after a fault. Nothing here recurses.
"""

from app.domain.engine import FlowTaken
from app.engine import records
from app.engine.faults import Fault
from app.engine.graph import Flow, Node
from app.engine.run import Run, operation
from app.engine.state import HANDLER, INSTANCE, LOCAL, SUBPROCESS, Scope, Token


@operation
def enter(run: Run, token: Token) -> None:
    """A token has come to a node."""
    node = token.node
    if node.plain:
        run.started(token)
        node.behave(run, token)
    elif (node.async_before and token.role != INSTANCE) or (
        node.loop is not None and node.loop.async_before and token.role == INSTANCE
    ):
        run.continue_later(token, "begin")
    else:
        run.push("begin", token)


@operation
def begin(run: Run, token: Token) -> None:
    """The activity starts: own variables, input mappings, boundary events."""
    node = token.node
    if node.loop is not None and token.role != INSTANCE:
        run.push("begin_loop", token)
        return
    if token.inner is None:
        if node.inside is not None:
            run.new_scope(SUBPROCESS, token, container=node.inside)
        elif node.local:
            run.new_scope(LOCAL, token)
    map_inputs(run, token)
    run.started(token)
    run.push("execute", token)
    if node.listening and token.role != INSTANCE:
        run.push("listen", token)


@operation
def map_inputs(run: Run, token: Token) -> None:
    """Evaluate the input mappings in order; each sees the ones before it."""
    for name, written in token.node.inputs:
        run.set_local(token, token.home, {name: run.mapped(written, token.home)})


@operation
def execute(run: Run, token: Token) -> None:
    """Do what the kind of node does."""
    token.node.behave(run, token)


@operation
def leave(run: Run, token: Token) -> None:
    """The work of the node is done."""
    node = token.node
    if node.plain and not token.role and token.inner is None:
        run.ended(token)
        outgoing = node.outgoing
        if len(outgoing) == 1 and outgoing[0].condition is None:
            follow(run, token, outgoing)
        else:
            run.push("depart", token)
        return
    if node.outputs:
        run.hand_out(token)
    run.close_listeners(token)
    if token.inner is not None or node.compensator is not None:
        records.remember(run, token)
        if token.role != INSTANCE:
            _close(run, token)
    run.ended(token)
    if token.role == INSTANCE:
        if node.loop is not None and node.loop.async_after:
            run.continue_later(token, "instance_done")
        else:
            run.push("instance_done", token)
    elif token.role == HANDLER:
        run.push("handled", token)
    elif node.async_after:
        run.push("depart_later", token)
    else:
        run.push("depart", token)


@operation
def depart_later(run: Run, token: Token) -> None:
    """The flows are chosen now; a job for each of them takes it."""
    outgoing = token.node.outgoing
    if not outgoing or (len(outgoing) == 1 and outgoing[0].condition is None):
        run.continue_later(token, "depart")
    else:
        part(run, token, chosen(run, token))


def part(run: Run, token: Token, flows: list[Flow]) -> None:
    """Leave one token at the async boundary for each of `flows`."""
    tokens = [token, *(run.new_token(token.node, token.scope) for _ in flows[1:])]
    for one, flow in zip(tokens, flows, strict=True):
        one.data["flows"] = [flow.id]
        run.continue_later(one, "depart_by")


def _close(run: Run, token: Token) -> None:
    """What is inside ends with the activity.

    Where no flow leads on, its variables are kept until the job of an async boundary after it has
    run, as in Camunda: with them ends the scope around.
    """
    node = token.node
    if node.async_after and not node.outgoing and not token.role and token.inner is not None:
        run.cancel_inside(token.inner)
    else:
        run.close_inside(token)


@operation
def depart(run: Run, token: Token) -> None:
    """Take the flows out of the node, or end here."""
    outgoing = token.node.outgoing
    if not outgoing:
        run.close_inside(token)
        run.consume(token)
    elif len(outgoing) == 1 and outgoing[0].condition is None:
        follow(run, token, outgoing)
    else:
        follow(run, token, chosen(run, token))


def chosen(run: Run, token: Token) -> list[Flow]:
    """Select the flows out of an activity or event: all whose condition holds."""
    node = token.node
    flows = [
        flow
        for flow in node.outgoing
        if flow is not node.default
        and (flow.condition is None or run.holds(flow.condition, token.scope))
    ]
    if flows:
        return flows
    if node.default is not None:
        return [node.default]
    raise Fault(f"Không có luồng ra nào của “{node.name or node.id}” thoả điều kiện.")


def follow(run: Run, token: Token, flows: "list[Flow] | tuple[Flow, ...]") -> None:
    """Replace a token by one on each of `flows`."""
    scope = token.scope
    tokens = [take(run, flow, scope) for flow in flows]
    run.remove(token)
    for new in reversed(tokens):
        run.push("enter", new)


def take(run: Run, flow: Flow, scope: Scope) -> Token:
    """Put a new token at the end of `flow`."""
    token = run.new_token(flow.target, scope)
    if flow.target.gathers:
        token.data["via"] = flow.id
    run.facts.append(FlowTaken(token.id, flow.id))
    return token


def arrive(run: Run, node: Node, scope: Scope, role: str = "") -> Token:
    """Put a new token at `node` and let it enter."""
    token = run.new_token(node, scope, role)
    run.push("enter", token)
    return token
