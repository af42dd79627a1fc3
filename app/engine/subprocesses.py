"""Sub-processes of every kind, and call activities: tokens inside an activity."""

from typing import Any

from app.domain.engine import CalledInstanceStarted, Outcome, StepsOffered
from app.engine.events import start_listening
from app.engine.faults import Fault, present
from app.engine.graph import Call, Node, Process
from app.engine.moves import arrive
from app.engine.passing import business_key, passed
from app.engine.run import Run, operation, whole_number
from app.engine.scopes import PAYLOAD, process_scope
from app.engine.state import OWNING, PROCESS, Scope, Token

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
    elif token.node.kind == "adHocSubProcess":
        _ad_hoc_turn(run, token)
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
    values = passed(run, call.passed_in, token.home)
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
    values = passed(run, call.passed_out, inner)
    run.cancel_inside(inner)
    run.called_ended(
        token, Outcome.TERMINATED if inner.data.get("terminated") else Outcome.COMPLETED
    )
    run.drop_scope(inner)
    run.set(token, token.home, values)
    run.push("leave", token)


# --- ad-hoc -----------------------------------------------------------------------------


def ad_hoc(run: Run, token: Token) -> None:
    """Offer the steps inside; people choose which, in which order, how often."""
    scope = present(token.inner, "phần bên trong")
    run.wait(token, OWNING)
    start_listening(run, scope)
    run.push("inside_done", token)
    run.facts.append(
        StepsOffered(token.id, token.node.id, tuple(node.id for node in choices(token.node)))
    )


def choices(node: Node) -> list[Node]:
    """The steps of an ad-hoc sub-process that a person may choose."""
    inside = present(node.inside, "sơ đồ bên trong")
    return [
        step
        for step in inside.nodes
        if not step.incoming
        and step.host is None
        and not step.for_compensation
        and step not in inside.event_subprocesses
    ]


def choose(run: Run, token: Token, element: str) -> None:
    """Begin one of the offered steps. Raises Fault for a step that is not offered now."""
    scope = present(token.inner, "phần bên trong")
    step = next((one for one in choices(token.node) if one.id == element), None)
    if step is None:
        raise Fault(f"Bước {element} không nằm trong các bước được chọn.")
    if token.node.ordered and scope.live:
        raise Fault("Các bước của tiến trình này phải làm lần lượt, bước trước chưa xong.")
    arrive(run, step, scope)


def _ad_hoc_turn(run: Run, token: Token) -> None:
    scope = present(token.inner, "phần bên trong")
    completion = token.node.completion
    if completion is None or not run.holds(completion, scope):
        return
    if scope.live and not token.node.cancel_remaining:
        return
    run.cancel_inside(scope)
    run.push("leave", token)
