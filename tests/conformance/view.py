"""What a host looks like from outside, written as the recordings write it."""

import re
from collections import Counter
from typing import Any

from app.domain import engine as facts
from app.engine.graph import Node
from app.engine.listing import leaves
from app.engine.state import (
    ASYNC,
    BODY,
    BOUNDARY,
    HANDLER,
    INSTANCE,
    PROCESS,
    STARTER,
    UNDOING,
    State,
    Token,
)
from tests.conformance.host import Instance, Observed, Wait, name_of, process_of

LEVELS = (("instances", "ended"), ("tasks",), ("subs", "jobs", "vars", "ext"))


def seen(host: Observed) -> dict[str, Any]:
    """The same parts that an `expect` has."""
    view: dict[str, list[Any]] = {
        "instances": [],
        "tasks": [],
        "subs": [],
        "jobs": [],
        "ext": [],
        "vars": [],
        "ended": list(host.world.ended),
    }
    for instance in host.world.instances:
        if not instance.ended:
            _look_at(host, instance, view)
    for start in host.world.starts:
        if start.event.kind == "timer":
            left = (start.due - host.world.now).total_seconds() if start.due else 0
            retries = start.node.retry.retries
            tail = f" retries={retries}" if retries else ""
            view["jobs"].append(f"job:timer-start-event:{start.node.id} +{int(left)}s{tail}")
        else:
            view["subs"].append(f"{_KINDS[start.event.kind]}:{_sub_name(start)}@{start.node.id}")
    view["jobs"].extend("job:event:null" for _ in host.world.signal_jobs)
    return {part: sorted(found, key=str) for part, found in view.items()}


_KINDS = {"message": "message", "signal": "signal", "conditional": "conditional"}


def _sub_name(start: Any) -> str:
    return "null" if start.event.kind == "conditional" else name_of(start.event)


def _look_at(host: Observed, instance: Instance, view: dict[str, list[Any]]) -> None:
    state = host.state(instance)
    _instances(host, instance, state, view)
    restored = _restored(state)
    for scope_id, values in instance.snapshot.variables.items():
        if "." not in scope_id and scope_id not in restored:
            view["vars"].extend(f"{name}={_written(value)}" for name, value in values.items())
    for scope in state.scopes.values():
        for record in scope.records:
            view["subs"].append(f"compensate:null@{_undone_by(scope, record)}")
            if record.get("k") == BODY:
                kept = instance.snapshot.variables.get(record.get("v", ""), {})
                view["vars"].extend(f"{name}={_written(value)}" for name, value in kept.items())
            _nested_records(scope, record, view)
    for (number, token_id), wait in host.world.waits.items():
        if number == instance.number:
            _wait(host, wait, state.tokens[token_id], view)
    for _, values in host.rounds(instance, state):
        view["vars"].extend(f"{name}={_written(value)}" for name, value in values.items())


def _restored(state: State) -> set[str]:
    """Scopes of rounds that are being undone: Operaton does not list what it restores there."""
    found = set()
    for scope in state.scopes.values():
        around = scope.parent
        while around is not None:
            if around.kind == BODY and around.owner is not None and around.owner.status == UNDOING:
                found.add(scope.id)
            around = around.parent
    return found


def _undone_by(scope: Any, record: dict[str, Any]) -> str:
    if record.get("k") == BODY:
        return f"{record['a']}#multiInstanceBody"
    inside = scope.process.nodes[record["a"]].inside
    if "k" in record and inside is not None and inside.compensation_handler is not None:
        return str(inside.compensation_handler.id)
    return str(record.get("h") or record["a"])


def _nested_records(scope: Any, record: dict[str, Any], view: dict[str, list[Any]]) -> None:
    for inner in record.get("in", ()):
        view["subs"].append(f"compensate:null@{_undone_by(scope, inner)}")
        _nested_records(scope, inner, view)


def _instances(
    host: Observed, instance: Instance, state: State, view: dict[str, list[Any]]
) -> None:
    scopes = [scope for scope in state.scopes.values() if scope.kind == PROCESS]
    active: dict[str, list[str]] = {scope.id: [] for scope in scopes}
    for scope in scopes:
        if scope.owner is not None:
            active[process_of(scope.owner.scope).id].append(scope.owner.node.id)
    for token in leaves(state):
        place = active[process_of(token.scope).id]
        if token.status == ASYNC:
            body = "#multiInstanceBody" if _is_body(token) else ""
            place.append(f"{token.node.id}{body}~")
        else:
            place.append(token.node.id)
    for body_owner, values in host.rounds(instance, state):
        if values:
            active[process_of(body_owner.scope).id].append(f"{body_owner.node.id}~")
    for scope in scopes:
        one: dict[str, Any] = {"key": scope.process.key, "active": sorted(active[scope.id])}
        key = scope.data.get("key")
        if key is not None and not _MADE_UP.fullmatch(key):
            one["bk"] = key
        view["instances"].append(one)


def _wait(host: Observed, wait: Wait, token: Token, view: dict[str, list[Any]]) -> None:
    fact = wait.fact
    if isinstance(fact, facts.UserTaskOpened):
        assignee = f" @{fact.assignee}" if fact.assignee else ""
        view["tasks"].append(f"{fact.element}{assignee}")
    elif isinstance(fact, facts.JobCreated):
        if fact.kind is facts.JobKind.EXTERNAL:
            view["ext"].append(f"{fact.topic}@{fact.element}")
        else:
            body = "#multiInstanceBody" if _is_body(token) else ""
            tail = f" retries={fact.retries}" if fact.retries is not None else ""
            view["jobs"].append(f"job:async-continuation:{fact.element}{body}{tail}")
    elif isinstance(fact, facts.TimerStarted):
        left = int((wait.due - host.world.now).total_seconds()) if wait.due else 0
        retries = token.node.retry.retries
        tail = f" retries={retries}" if retries is not None else ""
        view["jobs"].append(f"job:{_handler(token)}:{fact.element} +{left}s{tail}")
    elif isinstance(fact, facts.SubscriptionOpened):
        if fact.kind is facts.SubscriptionKind.CONDITION:
            view["subs"].append(f"conditional:null@{fact.element}")
        elif fact.name:
            view["subs"].append(f"{fact.kind}:{fact.name}@{fact.element}")


_MADE_UP = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A business key that the service gave an instance for which nobody named one."""


def _is_body(token: Token) -> bool:
    return token.node.loop is not None and token.role not in (INSTANCE, HANDLER)


def _handler(token: Token) -> str:
    if token.role == BOUNDARY:
        return "timer-transition"
    if token.role == STARTER:
        return "timer-start-event-subprocess"
    return "timer-intermediate-transition"


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return f"{str(value).lower()} (boolean)"
    if value is None:
        return "null"
    if isinstance(value, int | float):
        return f"{value} (integer)"
    if isinstance(value, list | dict):
        return "<object>"
    return str(value)


RECORDED_AT_MOST = 80
"""Entries of one list: a recording keeps no more."""


def cut_off(found: list[Any], expected: list[Any]) -> bool:
    """Whether the recording stopped at its limit, and all that it kept is there."""
    if len(expected) != RECORDED_AT_MOST or len(found) <= RECORDED_AT_MOST:
        return False
    return not Counter(map(str, expected)) - Counter(map(str, found))


# --- comparing ------------------------------------------------------------------------------


def wanted(expect: dict[str, Any]) -> dict[str, Any]:
    parts = ("instances", "tasks", "subs", "jobs", "ext", "vars", "ended")
    expect = {"ext": expect.get("externalTasks", []), **expect}  # as their description calls it
    return {part: sorted(map(_normal, expect.get(part, [])), key=str) for part in parts}


def _normal(entry: Any) -> Any:
    if isinstance(entry, dict):
        return {**entry, "active": sorted(entry["active"])}
    text = str(entry).replace("job:event:null +0s", "job:event:null")
    for name in ("long", "short", "double"):
        text = text.replace(f" ({name})", " (integer)")
    return text.replace(":EXTERNALLY_TERMINATED", ":INTERNALLY_TERMINATED")


def history(host: Observed) -> Counter[str]:
    """Operaton writes an event-based gateway as cancelled by the event that follows it.

    Of links it writes nothing.
    """
    gateways = {node.id for node in _nodes(host) if node.kind == "eventBasedGateway"}
    links = {node.id for node in _nodes(host) if any(one.kind == "link" for one in node.events)}
    found: Counter[str] = Counter()
    for past in host.world.history:
        if past.element in links:
            continue
        cancelled = past.cancelled or (past.ended and past.element in gateways)
        found[past.element + ("!" if cancelled else "" if past.ended else "?")] += 1
    return found


def same_history(host: Observed, recorded: list[str]) -> str:
    """Compare as multisets; say what differs, or nothing.

    Some recordings hold lines that an earlier test left behind, of elements that none of the
    scenario's models has; there only what we did can be looked for in the recording.
    """
    ours, theirs = history(host), Counter(recorded)
    known = {node.id for node in _nodes(host)}
    polluted = any(line.rstrip("!?").split("#")[0] not in known for line in recorded)
    missing, surplus = theirs - ours, ours - theirs
    if surplus or (missing and not polluted):
        return (
            f"history: missing {sorted(missing.elements())}, surplus {sorted(surplus.elements())}"
        )
    return ""


def _nodes(host: Observed) -> list[Node]:
    return [node for one in host.world.definitions for node in one.program.process.nodes.values()]
