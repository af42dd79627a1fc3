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

Nature = tuple[str, ...]


def nature(node: Node) -> Nature:
    """What a token at `node` waits for, and how: only where it is equal may a token move."""
    return (*_work(node), *_loop(node), *(event.kind for event in node.events))


def _work(node: Node) -> Nature:
    if node.job is not None:
        return ("external",)
    triggered = node in node.container.event_subprocesses
    return (node.kind, "triggered" if triggered else "")


def _loop(node: Node) -> Nature:
    loop = node.loop
    if loop is None:
        return ()
    return ("loop" if loop.standard else "sequential" if loop.sequential else "parallel",)


def difference(node: Node, target: Node) -> str:
    """Say why a token cannot go on at `target`; empty where it can."""
    if _work(node) != _work(target):
        return f"{label(node)} và {label(target)} không cùng loại."
    if _loop(node) != _loop(target):
        return f"{label(node)} và {label(target)} không lặp cùng cách."
    if nature(node) != nature(target):
        return f"{label(node)} và {label(target)} không chờ cùng loại sự kiện."
    return ""


def may_rest(node: Node) -> bool:
    """Whether a token can be found at `node` between two steps, when nothing went wrong."""
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
        or node.async_before
        or node.async_after
        or node.kind in ("receiveTask", "eventBasedGateway")
    )


def _listens(node: Node) -> bool:
    waits = any(event.kind in WAITING for event in node.events)
    frame = node.container.node
    if node.kind == "startEvent":
        return waits and frame is not None and frame in frame.container.event_subprocesses
    return waits and (node.kind != "intermediateThrowEvent")


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
    able = [one for one in target.nodes.values() if nature(one) == nature(node)]
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
    )


def _likeness(one: Node, other: Node) -> float:
    """How alike two elements are called, from 0 to 1."""
    if one.name and other.name:
        return SequenceMatcher(None, one.name.casefold(), other.name.casefold()).ratio()
    return SequenceMatcher(None, one.id, other.id).ratio()
