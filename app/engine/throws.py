"""Thrown errors and escalations: the nearest catcher around the thrower, from the inside out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.engine.activities import create_job
from app.engine.catching import fire_boundary, start_event_subprocess
from app.engine.compensation import cancel_end, compensate
from app.engine.expressions import Formula
from app.engine.faults import Fault, present
from app.engine.graph import ErrorRule, Event, Node
from app.engine.moves import arrive
from app.engine.passing import passed, throw
from app.engine.run import Run, operation
from app.engine.scopes import EXTERNAL_TASK
from app.engine.state import HANDLER, INSTANCE, PROCESS, Scope, Token


@dataclass(frozen=True)
class Catcher:
    """A boundary event of `activity`, or the start of an event sub-process in `scope`.

    `left` are the call activities whose processes are left on the way, from the inside out.
    """

    node: Node
    event: Event
    scope: Scope
    activity: Token | None
    left: tuple[Token, ...]


def find_catcher(run: Run, token: Token, kind: str, code: str | None) -> Catcher | None:
    """Walk outwards from `token` to whoever catches this error or escalation."""
    activity: Token | None = token
    left: tuple[Token, ...] = ()
    while activity is not None:
        if activity.role != INSTANCE:
            found = _match(run, activity.node.boundaries, kind, code, activity.scope)
            if found:
                return Catcher(*found, activity.scope, activity, left)
        scope = activity.scope
        starts = _starts(scope, activity.node)
        found = _match(run, starts, kind, code, scope)
        if found:
            return Catcher(*found, scope, None, left)
        activity = scope.owner
        if activity is not None and scope.kind == PROCESS:
            left = (*left, activity)
    return None


def _starts(scope: Scope, but: Node) -> list[Node]:
    if scope.container is None:
        return []
    return [
        sub.inside.starts[0]
        for sub in scope.container.event_subprocesses
        if sub is not but and sub.inside is not None and sub.inside.starts
    ]


def _match(
    run: Run, nodes: "tuple[Node, ...] | list[Node]", kind: str, code: str | None, scope: Scope
) -> tuple[Node, Event] | None:
    """An exact code comes before a catch-all."""
    anything = None
    for node in nodes:
        for event in node.events:
            if event.kind != kind:
                continue
            wanted = run.text(event.code, scope)
            if not wanted:
                anything = anything or (node, event)
            elif wanted == code:
                return node, event
    return anything


def raise_error(
    run: Run, token: Token, code: str, message: str | None, values: Mapping[str, Any]
) -> bool:
    """Let an error out of `token`. False when nobody catches it; then nothing has changed."""
    catcher = find_catcher(run, token, "error", code)
    if catcher is None:
        return False
    _deliver(run, catcher, {**values, **_told(catcher.event, code, message)})
    return True


def raise_escalation(run: Run, token: Token, code: str | None) -> bool:
    """Let an escalation out. True when the thrower may go on: nobody caught, or without harm."""
    catcher = find_catcher(run, token, "escalation", code)
    if catcher is None:
        return True
    _deliver(run, catcher, _told(catcher.event, code, None))
    return not catcher.node.interrupting


def _told(event: Event, code: str | None, message: str | None) -> dict[str, Any]:
    told: dict[str, Any] = {}
    if event.code_variable:
        told[event.code_variable] = code
    if event.message_variable:
        told[event.message_variable] = message
    return told


def _deliver(run: Run, catcher: Catcher, values: Mapping[str, Any]) -> None:
    for token in catcher.left:
        _hand_over(run, token)
    if catcher.activity is None:
        start_event_subprocess(run, catcher.node, catcher.scope, values)
        return
    if catcher.node.interrupting:
        run.cancel(catcher.activity)
    fire_boundary(run, catcher.node, catcher.scope, values)


@operation
def job_done(run: Run, token: Token) -> None:
    """A job has brought its answer; a rule of the task may say that the answer is an error."""
    job = token.node.job
    for rule in job.errors if job is not None else ():
        if rule.condition is not None and run.holds(rule.condition, token.home):
            _break_rule(run, token, rule)
            return
    run.push("leave", token)


def attempt_failed(run: Run, token: Token, message: str, details: str) -> None:
    """A job was tried in vain; a rule of the task may say that this failure is an error.

    A rule that cannot be computed does not hold: the failure stands as it was reported.
    """
    job = token.node.job
    about = {EXTERNAL_TASK: {"errorMessage": message, "errorDetails": details}}
    for rule in job.errors if job is not None else ():
        if rule.condition is not None and _known(run, token, rule.condition, about):
            _break_rule(run, token, rule)
            return


def _known(run: Run, token: Token, condition: Formula, about: Mapping[str, Any]) -> bool:
    try:
        return run.holds(condition, token.home, about)
    except Fault:
        return False


def _break_rule(run: Run, token: Token, rule: ErrorRule) -> None:
    code = run.text(rule.code, token.home) or ""
    message = run.text(rule.message, token.home)
    if not raise_error(run, token, code, message, {}):
        uncaught(run, token, code, message)


def uncaught(run: Run, token: Token, code: str, message: str | None) -> None:
    """Nobody catches the error: a person decides, or the token ends where the process says so."""
    if not token.scope.process.ends_uncaught:
        raise Fault(f"Lỗi {code} không có sự kiện nào bắt: {message or ''}".rstrip(": "))
    run.wake(token)
    run.push("end_here", token)


@operation
def end_here(run: Run, token: Token) -> None:
    """The token ends at its activity as at an end event; no flow is taken."""
    run.close_listeners(token)
    run.ended(token)
    if token.role == INSTANCE:
        run.push("instance_done", token)
        return
    run.close_inside(token)
    if token.role == HANDLER:
        run.push("handled", token)
    else:
        run.consume(token)


def _hand_over(run: Run, token: Token) -> None:
    """A called process that is left by an error or an escalation hands over its results."""
    call, inner = token.node.call, token.inner
    if call is not None and inner is not None:
        run.set(token, token.scope, passed(run, call.handed_back, inner))


# --- events that throw ------------------------------------------------------------------


def intermediate_throw(run: Run, token: Token) -> None:
    """Throw what the event says, then go on."""
    if _throw_all(run, token):
        run.push("leave", token)
    if run.telling:
        _let_hear(run)


def end_event(run: Run, token: Token) -> None:
    """Throw what the event says, then the token ends here."""
    if _throw_all(run, token):
        run.push("leave", token)
    if run.telling:
        _let_hear(run)


def _let_hear(run: Run) -> None:
    """Who waited for a signal acts on it before its thrower goes on, one after the other."""
    while run.telling:
        run.push("hear", run.telling.pop())


def _throw_all(run: Run, token: Token) -> bool:
    """True when the token may leave now."""
    leaves = True
    for event in token.node.events:
        leaves = _THROWERS[event.kind](run, token, event) and leaves
    return leaves


def _throw_outside(run: Run, token: Token, event: Event) -> bool:
    if event.job is not None:
        create_job(run, token, event.job)
        return False
    if event.name is not None:
        throw(run, token, event)
    return True


def _throw_error(run: Run, token: Token, event: Event) -> bool:
    code = run.text(event.code, token.home) or ""
    message = run.text(event.message, token.home)
    if not raise_error(run, token, code, message, {}):
        uncaught(run, token, code, message)
    return False


def _throw_escalation(run: Run, token: Token, event: Event) -> bool:
    return raise_escalation(run, token, run.text(event.code, token.home))


def _throw_compensation(run: Run, token: Token, event: Event) -> bool:
    compensate(run, token, event)
    return False


def _throw_cancel(run: Run, token: Token, _: Event) -> bool:
    cancel_end(run, token)
    return False


def _terminate(run: Run, token: Token, _: Event) -> bool:
    """End everything else in this scope."""
    run.cancel_inside(token.scope, but=token)
    token.scope.data["terminated"] = True
    return True


def _follow_link(run: Run, token: Token, _: Event) -> bool:
    """Jump to the catching link event of the same name."""
    target = present(token.node.jump, "nơi đến của liên kết")
    run.ended(token)
    arrive(run, target, token.scope)
    run.remove(token)
    return False


_THROWERS = {
    "message": _throw_outside,
    "signal": _throw_outside,
    "error": _throw_error,
    "escalation": _throw_escalation,
    "compensate": _throw_compensation,
    "cancel": _throw_cancel,
    "terminate": _terminate,
    "link": _follow_link,
}
