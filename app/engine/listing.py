"""What a process and its state look like to those who list them."""

from app.domain.engine import ElementView
from app.domain.migrations import CalledProcess, Standing
from app.engine.graph import Container, Node
from app.engine.migration_plan import own_scopes, own_tokens
from app.engine.run import Run
from app.engine.state import BODY, OFFERING, PROCESS, TASK, Scope, State, Token


def leaves(state: State) -> list[Token]:
    """The tokens that hold an element: no listeners, no owners of something that moves."""
    return [
        token
        for token in state.tokens.values()
        if not token.is_listener and not (token.inner is not None and token.inner.live)
    ]


def called(state: State) -> list[CalledProcess]:
    """The processes that run inside an instance, from the outside in."""
    return [
        CalledProcess(scope.id, scope.definition, scope.owner.id, scope.owner.node.id)
        for scope in state.scopes.values()
        if scope.kind == PROCESS and scope.owner is not None and scope.definition is not None
    ]


def standing(root: Scope, *, listeners: bool = False) -> list[Standing]:
    """A process's own tokens as people see them, from the outside in."""
    return [
        Standing(
            token.id,
            token.node.id,
            within=_owners(token.scope),
            round=_round(token) + 1 if token.scope.kind == BODY else None,
            holds=token.inner is not None and bool(token.inner.live),
            scope=token.home.id,
        )
        for scope in own_scopes(root)
        for token in sorted(scope.tokens.values(), key=_round)
        if listeners or not token.is_listener
    ]


def _round(token: Token) -> int:
    return int(token.data.get("round", 0))


def _owners(scope: Scope) -> tuple[int, ...]:
    owners: list[int] = []
    place: Scope | None = scope
    while place is not None and place.owner is not None:
        owners.insert(0, place.owner.id)
        place = place.owner.scope
    return tuple(owners)


def form_keys(run: Run, root: Scope) -> dict[int, str | None]:
    """The form of each open user task of one process, by token. Raises Fault.

    Choosing among the steps of an ad-hoc sub-process is one without a form.
    """
    return {
        token.id: run.text(token.node.work.form_key, token.home) if token.status == TASK else None
        for token in own_tokens(root)
        if token.node.work is not None and (token.status == TASK or OFFERING in token.data)
    }


def in_flow_order(container: Container) -> list[Node]:
    """Walk a container from its start events along the flows; insides follow their frame."""
    ordered: list[Node] = []
    seen: set[str] = set()
    starts = [node for node in container.nodes if not node.incoming and node.host is None]
    todo = [*reversed([one for one in container.nodes if one not in starts]), *reversed(starts)]
    while todo:
        node = todo.pop()
        if node.id in seen:
            continue
        seen.add(node.id)
        ordered.append(node)
        if node.inside is not None:
            todo.extend(reversed(node.inside.nodes))
        todo.extend(reversed(node.boundaries))
        todo.extend(flow.target for flow in reversed(node.outgoing))
    return ordered


def view(node: Node) -> ElementView:
    """One step as a list shows it."""
    names = tuple(flow.target.name or flow.target.id for flow in node.outgoing)
    return ElementView(node.id, node.name, node.kind, node.lane, names)
