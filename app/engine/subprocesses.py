"""Sub-processes of every kind, and call activities: tokens inside an activity."""

from typing import Any

from app.domain.engine import CalledInstanceStarted, Outcome
from app.engine import ad_hoc
from app.engine.events import start_listening
from app.engine.faults import Fault, present
from app.engine.graph import Call, Process
from app.engine.moves import arrive
from app.engine.passing import business_key, passed
from app.engine.run import Run, operation, whole_number
from app.engine.scopes import PAYLOAD, process_scope
from app.engine.state import LOCAL, OWNING, PROCESS, Scope, Token

MAX_CALL_DEPTH = 50
"""Processes that call each other: deeper than this, somebody calls himself."""


def sub_process(run: Run, token: Token) -> None:
    """Go inside; the owner waits until nothing moves there any more."""
    scope = present(token.inner, "phần bên trong")
    container = present(scope.container, "sơ đồ bên trong")
    start_id = token.data.pop("start", None)
    start = container.process.nodes[start_id] if start_id else container.none_start
    start = present(start, "sự kiện bắt đầu")
    run.wait(token, OWNING)
    payload = run.variables.kept(f"{token.id}{PAYLOAD}")
    run.variables.forget(f"{token.id}{PAYLOAD}")
    arrive(run, start, scope)
    start_listening(run, scope)
    if payload:
        run.set_local(token, scope, payload)


@operation
def inside_done(run: Run, token: Token) -> None:
    """Nothing moves inside the activity any more."""
    if token.node.kind == "callActivity":
        _call_done(run, token)
    elif token.node.kind == ad_hoc.KIND:
        ad_hoc.turn(run, token)
    else:
        run.push("leave", token)


# --- call activities --------------------------------------------------------------------


def call_activity(run: Run, token: Token) -> None:
    """Run another process inside this one, with its own variables and definition."""
    node, call = token.node, present(token.node.call, "quy trình được gọi")
    if _depth(token.scope) >= MAX_CALL_DEPTH:
        raise Fault(f"Các quy trình gọi nhau quá {MAX_CALL_DEPTH} tầng ở “{node.name or node.id}”.")
    program = _called(run, token, call)
    process: Process = program.process
    start = process.root.none_start
    if start is None:
        raise Fault(f"Quy trình được gọi “{process.name}” không có sự kiện bắt đầu thường.")
    values = passed(run, call.passed_in, token.home, own=token.inner is not None)
    key = business_key(run, call.passed_in, token.home)
    run.wait(token, OWNING)
    scope = run.new_scope(
        PROCESS,
        token,
        process=process,
        container=process.root,
        definition=program.definition_id,
    )
    if key is not None:
        scope.data["key"] = key
    run.facts.append(CalledInstanceStarted(token.id, node.id, scope.id, program.definition_id))
    run.set_local(token, scope, values)
    arrive(run, start, scope)
    start_listening(run, scope)


def _depth(scope: Scope) -> int:
    depth = 0
    place: Scope | None = scope
    while place is not None:
        depth += place.kind == PROCESS
        place = place.parent
    return depth


def _called(run: Run, token: Token, call: Call) -> Any:
    scope = token.home
    version = run.value(call.version, scope)
    return run.programs.called(
        run.text(call.element, scope) or "",
        by=process_scope(token.scope).definition or run.definition_id,
        binding=call.binding,
        version=None if version is None else whole_number(version),
        version_tag=run.text(call.version_tag, scope),
    )


def _call_done(run: Run, token: Token) -> None:
    call = present(token.node.call, "quy trình được gọi")
    inner = present(token.inner, "phạm vi của quy trình được gọi")
    values = passed(run, call.handed_back, inner)
    local = passed(run, call.handed_locally, inner)
    run.cancel_inside(inner)
    run.called_ended(
        token, Outcome.TERMINATED if inner.data.get("terminated") else Outcome.COMPLETED
    )
    run.drop_scope(inner)
    if local:
        run.set_local(token, token.inner or run.new_scope(LOCAL, token), local)
    run.set(token, token.home, values)
    run.push("leave", token)
