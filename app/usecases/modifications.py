"""Change by hand where an instance stands: end steps, begin others, set variables, all at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.engine import InstanceEnded, JobCreated, Modification, Outcome, Step
from app.domain.errors import Conflict, InvalidInput
from app.domain.instances import ProcessInstance
from app.domain.permissions import Action, Actor, require
from app.usecases.chronicle import Cause
from app.usecases.instances import require_reason
from app.usecases.ports import Work
from app.usecases.recorders import HOUSE
from app.usecases.recording import advance


@dataclass(frozen=True)
class Modify:
    """`variables` are written first, by scope; `version` is that of the page it was decided on."""

    change: Modification = field(default_factory=Modification)
    variables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    reason: str = ""
    version: int | None = None


@dataclass(frozen=True)
class Preview:
    """The elements that would hold a token; `ends`: nothing would be left to do.

    At those in `at_once` the house itself acts, and the instance goes on from there.
    """

    active: tuple[str, ...]
    at_once: tuple[str, ...]
    ends: bool


def preview(work: Work, instance: ProcessInstance, command: Modify) -> Preview:
    """Play the change without keeping it. Raises what `modify` would raise."""
    step = _step(work, instance, command)
    program = work.programs.get(instance.definition_id)
    ends = any(isinstance(fact, InstanceEnded) for fact in step.facts)
    at_once = {
        fact.element
        for fact in step.facts
        if isinstance(fact, JobCreated) and fact.topic.startswith(HOUSE)
    }
    active = program.active_elements(step.snapshot)
    return Preview(tuple(one for one in active if one not in at_once), tuple(sorted(at_once)), ends)


def modify(work: Work, actor: Actor, instance_id: str, command: Modify) -> ProcessInstance:
    """Carry out the whole change as one step, or nothing of it.

    Raises InvalidInput (no reason, nothing to do, an element that cannot be begun by hand),
    InvalidState (not active, a step that is gone), Conflict (moved on since the page was drawn).
    """
    reason = require_reason(command.reason)
    instance = work.instances.get(instance_id)
    require(actor, Action.OPERATE_INSTANCES, agency_id=instance.agency_id)
    instance = work.instances.lock(instance_id)
    if command.version is not None and command.version != instance.version:
        raise Conflict("Quy trình đã chạy tiếp sau khi bạn mở trang. Hãy xem lại rồi gửi lần nữa.")
    data = _told(work, instance, command)
    step = _step(work, instance, command)
    advance(work, instance, step, Cause(actor, "modify", "", reason, data))
    return instance


def _step(work: Work, instance: ProcessInstance, command: Modify) -> Step:
    instance.require_active()
    change = command.change
    if not (change.cancel or change.before or change.after or any(command.variables.values())):
        raise InvalidInput("Hãy chọn ít nhất một bước để hủy hoặc để bắt đầu.")
    program, at = work.programs.get(instance.definition_id), work.now()
    step = Step(instance.snapshot, ())
    for scope, values in command.variables.items():
        written = program.set_variables(
            step.snapshot, values, at=at, programs=work.programs, scope=scope
        )
        step = Step(written.snapshot, step.facts + written.facts)
    if change != Modification():
        changed = program.modify(step.snapshot, change, at=at, programs=work.programs)
        step = Step(changed.snapshot, step.facts + changed.facts)
    if any(isinstance(f, InstanceEnded) and f.outcome is Outcome.CANCELLED for f in step.facts):
        raise InvalidInput(
            "Sau khi sửa sẽ không còn bước nào. Hãy chọn thêm bước bắt đầu, "
            "hoặc dùng “Hủy quy trình”."
        )
    return step


def _told(work: Work, instance: ProcessInstance, command: Modify) -> dict[str, Any]:
    """The instructions as history keeps them."""
    program = work.programs.get(instance.definition_id)
    standing = program.standing(instance.snapshot, programs=work.programs)
    places = {one.token: one.element for one in standing}
    change = command.change
    return {
        "cancel": [[token, places.get(token, "")] for token in change.cancel],
        "before": list(change.before),
        "after": list(change.after),
        "variables": {scope: sorted(values) for scope, values in command.variables.items()},
    }
