"""Multi-instance activities and loops: one body, many rounds.

The token of the activity owns a body scope with the counters of Camunda (`nrOfInstances`,
`nrOfActiveInstances`, `nrOfCompletedInstances`); every round is a token inside it with variables
of its own (`loopCounter`, the element).
"""

import re
from typing import Any

from app.domain.engine import ActivityStarted
from app.engine.faults import Fault, present
from app.engine.graph import Loop
from app.engine.run import Run, operation
from app.engine.scopes import ITEMS, OUTPUT
from app.engine.state import BODY, INSTANCE, LOCAL, OWNING, SUBPROCESS, Scope, Token

_WHOLE = re.compile(r"-?[0-9]{1,18}")
MAX_INSTANCES = 10_000
MAX_ROUNDS = 100_000


@operation
def begin_loop(run: Run, token: Token) -> None:
    """Count the rounds and begin the first, or all."""
    loop = _loop(token)
    if loop.standard:
        items = [None] if _wanted(run, token, loop) else []
    else:
        items = _items(run, token, loop)
    body = run.new_scope(BODY, token)
    token.begun = True
    run.facts.append(
        ActivityStarted(
            token.id, token.node.id, "multiInstanceBody", token.node.name, token.scope.id, body.id
        )
    )
    if not items:
        run.push("leave", token)
        return
    run.wait(token, OWNING)
    if loop.standard:
        _begin_round(run, body, 0, None)
        if token.node.listening:
            run.push("listen", token)
        return
    body.data["count"] = len(items)
    run.variables.keep(f"{body.id}{ITEMS}", {"items": items})
    if loop.output:
        run.variables.keep(f"{body.id}{OUTPUT}", {"out": [None] * len(items)})
    run.push("begin_rounds", token)
    if token.node.listening:
        run.push("listen", token)


@operation
def begin_rounds(run: Run, token: Token) -> None:
    """Set the counters, and begin the first round or all of them."""
    loop, body = _loop(token), present(token.inner, "thân vòng lặp")
    items = run.variables.kept(f"{body.id}{ITEMS}")["items"]
    run.set_local(token, body, _counters(len(items), 1 if loop.sequential else len(items)))
    if loop.sequential:
        _begin_round(run, body, 0, items[0])
        return
    run.variables.forget(f"{body.id}{ITEMS}")
    for index in range(len(items) - 1, -1, -1):
        _begin_round(run, body, index, items[index])


def _loop(token: Token) -> Loop:
    return present(token.node.loop, "vòng lặp")


def _counters(total: int, active: int) -> dict[str, int]:
    return {
        "nrOfInstances": total,
        "nrOfCompletedInstances": 0,
        "nrOfActiveInstances": active,
    }


def _items(run: Run, token: Token, loop: Loop) -> list[Any]:
    name = token.node.name or token.node.id
    if loop.collection is not None:
        found: Any
        if isinstance(loop.collection, str):
            known = run.variables.find(token.home, (loop.collection,))
            if loop.collection not in known:
                raise Fault(f"Danh sách {loop.collection} của “{name}” chưa có.")
            found = known[loop.collection]
        else:
            found = run.value(loop.collection, token.home)
        if not isinstance(found, list):
            raise Fault(f"Thứ mà “{name}” lặp theo phải là danh sách, không phải {found!r}")
        items = found
    else:
        count = run.value(loop.cardinality, token.home)
        if isinstance(count, str) and _WHOLE.fullmatch(count.strip()):
            count = int(count)
        if isinstance(count, bool) or not isinstance(count, int | float) or count != int(count):
            raise Fault(f"Số lần của “{name}” phải là số nguyên, không phải {count!r}")
        if count < 0:
            raise Fault(f"Số lần của “{name}” không được âm: {count!r}")
        items = [None] * min(int(count), MAX_INSTANCES + 1)
    if len(items) > MAX_INSTANCES:
        raise Fault(f"“{name}” lặp quá {MAX_INSTANCES} lần.")
    return items


def _begin_round(run: Run, body: Scope, index: int, item: Any) -> None:
    owner = _owner(body)
    node, loop = owner.node, _loop(owner)
    token = run.new_token(node, body, INSTANCE)
    kind, inside = (SUBPROCESS, node.inside) if node.inside is not None else (LOCAL, None)
    inner = run.new_scope(kind, token, container=inside)
    values: dict[str, Any] = {"loopCounter": index}
    if loop.collection is not None and loop.element:
        values[loop.element] = item
    if loop.sequential and not loop.standard:
        run.set_local(owner, body, values)
    else:
        run.set_local(token, inner, values)
    token.data["round"] = index
    run.push("enter", token)


def _owner(body: Scope) -> Token:
    return present(body.owner, "hoạt động của vòng lặp")


@operation
def instance_done(run: Run, token: Token) -> None:
    """One round is done: the next, the end, or wait for the others."""
    body, index = token.scope, token.data.get("round", 0)
    owner = _owner(body)
    loop = _loop(owner)
    if loop.standard:
        _standard_done(run, token, body, loop)
        return
    variables = run.variables.of[body.id]
    total = body.data["count"]
    completed = int(variables["nrOfCompletedInstances"]) + 1
    counters: dict[str, Any] = {"nrOfCompletedInstances": completed}
    if not loop.sequential:
        counters["nrOfActiveInstances"] = int(variables["nrOfActiveInstances"]) - 1
    enough = loop.completion is not None and run.holds(loop.completion, token.home, counters)
    _collect(run, token, body, loop)
    run.set_local(token, body, counters)
    run.close_inside(token)
    run.remove(token)
    if enough or completed >= total:
        if loop.sequential:
            run.variables.changes.clear()  # the loop is over: no condition is to see its end
        run.cancel_inside(body)
        _hand_out(run, owner, body, loop)
        run.push("leave", owner)
    elif loop.sequential:
        items = run.variables.kept(f"{body.id}{ITEMS}")["items"]
        _begin_round(run, body, index + 1, items[index + 1])


def _collect(run: Run, token: Token, body: Scope, loop: Loop) -> None:
    if loop.output and loop.output_item:
        known = run.variables.find(token.home, (loop.output_item,))
        gathered = list(run.variables.kept(f"{body.id}{OUTPUT}")["out"])
        gathered[token.data.get("round", 0)] = known.get(loop.output_item)
        run.variables.keep(f"{body.id}{OUTPUT}", {"out": gathered})


def _hand_out(run: Run, owner: Token, body: Scope, loop: Loop) -> None:
    if loop.output:
        run.set(owner, owner.scope, {loop.output: run.variables.kept(f"{body.id}{OUTPUT}")["out"]})


# --- standard loop ----------------------------------------------------------------------


def _wanted(run: Run, token: Token, loop: Loop) -> bool:
    """Whether a standard loop begins at all."""
    if loop.maximum == 0:
        return False
    tested = loop.test_before and loop.completion is not None
    return not tested or run.holds(loop.completion, token.scope)


def _standard_done(run: Run, token: Token, body: Scope, loop: Loop) -> None:
    owner, done = _owner(body), token.data.get("round", 0) + 1
    again = loop.completion is None or run.holds(loop.completion, token.home)
    limit = MAX_ROUNDS if loop.maximum is None else loop.maximum
    run.close_inside(token)
    run.remove(token)
    if again and done < limit:
        _begin_round(run, body, done, None)
    else:
        run.push("leave", owner)
