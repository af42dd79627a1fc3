"""Which element of another process does the same work, and may take over a token."""

from collections.abc import Iterable
from difflib import SequenceMatcher

from app.domain.migrations import Pairing
from app.engine.events import WAITING
from app.engine.graph import Node, Process
from app.engine.rules import label

SUGGESTED = 5
LIKELY = 0.6  # how alike two names must be
JOINS = frozenset(("parallelGateway", "inclusiveGateway", "complexGateway"))
FRAMES = frozenset(("subProcess", "transaction"))
"""A sub-process, a transaction and an event sub-process that has begun hold tokens alike."""


def _work(node: Node) -> str:
    if node.job is not None:
        return "external"
    return "subProcess" if node.kind in FRAMES else node.kind


def loop_of(node: Node) -> str:
    """How an activity is repeated; empty where it is not."""
    loop = node.loop
    if loop is None:
        return ""
    return "loop" if loop.standard else "sequential" if loop.sequential else "parallel"


def unlike(node: Node, target: Node) -> str:
    """Say why `target` cannot take over from `node`, however often each is repeated."""
    if _work(node) != _work(target):
        return f"{label(node)} và {label(target)} không cùng loại."
    if [event.kind for event in node.events] != [event.kind for event in target.events]:
        return f"{label(node)} và {label(target)} không chờ cùng loại sự kiện."
    return ""


def repeated_otherwise(node: Node, target: Node, *, both_ways: bool = False) -> str:
    """Say why the rounds of `node` cannot go on at `target`.

    They can where it is not repeated, as steps of their own; `both_ways`: not even there.
    """
    if loop_of(target) == loop_of(node) or not (loop_of(target) or both_ways):
        return ""
    return f"{label(node)} và {label(target)} không lặp cùng cách."


def difference(node: Node, target: Node) -> str:
    """Say why a token cannot go on at `target`; empty where it can."""
    return unlike(node, target) or repeated_otherwise(node, target)


def may_wait_anew(node: Node) -> bool:
    """Whether a token can wait here for an event that another version may tell anew."""
    return node.kind != "intermediateThrowEvent" and any(
        event.kind in WAITING for event in node.events
    )


def may_rest(node: Node) -> bool:
    """Whether a token can be found at `node` between two steps, when nothing went wrong."""
    if node.async_before or node.async_after:
        return True
    if node.kind in JOINS:
        return node.incoming > 1
    if node.kind.endswith("Event"):
        return _listens(node)
    return bool(
        node.work
        or node.job
        or node.inside
        or node.call
        or node.loop
        or node.kind in ("receiveTask", "eventBasedGateway")
    )


def _listens(node: Node) -> bool:
    frame = node.container.node
    if node.kind == "startEvent" and (
        frame is None or frame not in frame.container.event_subprocesses
    ):
        return False
    return may_wait_anew(node)


def pairings(source: Process, target: Process, also: Iterable[str] = ()) -> list[Pairing]:
    """Pair every element of `source` where tokens can stand, and those `also` where some do."""
    named = set(also)
    return [
        _pairing(node, target)
        for node in source.nodes.values()
        if node.id in named or may_rest(node)
    ]


def _pairing(node: Node, target: Process) -> Pairing:
    same = target.nodes.get(node.id)
    problem = difference(node, same) if same is not None else ""
    able = [one for one in target.nodes.values() if not difference(node, one)]
    alike = sorted(able, key=lambda one: _likeness(node, one), reverse=True)
    kept = same is not None and not problem
    return Pairing(
        node.id,
        node.name,
        node.kind,
        target=node.id if kept else None,
        suggestions=()
        if kept
        else tuple(one.id for one in alike[:SUGGESTED] if _likeness(node, one) >= LIKELY),
        choices=tuple(one.id for one in able),
        problem=problem,
        frames=node.inside is not None,
        waits=may_wait_anew(node),
    )


def _likeness(one: Node, other: Node) -> float:
    """How alike two elements are called, from 0 to 1."""
    if one.name and other.name:
        return SequenceMatcher(None, one.name.casefold(), other.name.casefold()).ratio()
    return SequenceMatcher(None, one.id, other.id).ratio()
