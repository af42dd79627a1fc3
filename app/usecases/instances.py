"""Operations of an administrator on running instances."""

from app.domain.engine import SubscriptionKind
from app.domain.errors import InvalidInput
from app.domain.instances import ProcessInstance
from app.domain.permissions import Action, Actor, require
from app.usecases import timers
from app.usecases.chronicle import Cause, note
from app.usecases.ports import Work
from app.usecases.recorders import wake
from app.usecases.recording import advance

LONGEST_REASON = 2_000
"""Characters of what somebody gives as the reason."""


def _locked(work: Work, actor: Actor, instance_id: str) -> ProcessInstance:
    instance = work.instances.get(instance_id)
    require(actor, Action.OPERATE_INSTANCES, agency_id=instance.agency_id)
    return work.instances.lock(instance_id)


def require_reason(reason: str) -> str:
    """Return what was given as the reason. Raises InvalidInput for none, or a whole book."""
    if not reason.strip():
        raise InvalidInput(
            "Hãy ghi lý do.", fields={"reason": ["Lý do được lưu vào lịch sử của quy trình."]}
        )
    if len(reason) > LONGEST_REASON:
        raise InvalidInput(
            "Lý do quá dài.", fields={"reason": [f"Hãy viết gọn trong {LONGEST_REASON} ký tự."]}
        )
    return reason.strip()


def cancel(work: Work, actor: Actor, instance_id: str, reason: str) -> ProcessInstance:
    """End an instance for good; the reason is kept in its history."""
    if not reason.strip():
        raise InvalidInput(
            "Hãy ghi lý do hủy.", fields={"reason": ["Lý do được lưu vào lịch sử của quy trình."]}
        )
    told = require_reason(reason)
    instance = _locked(work, actor, instance_id)
    cancel_locked(work, instance, Cause(actor, "cancel", "", told))
    return instance


def cancel_locked(work: Work, instance: ProcessInstance, cause: Cause) -> None:
    """End an instance that is locked already."""
    step = work.programs.get(instance.definition_id).cancel(
        instance.snapshot, at=work.now(), programs=work.programs
    )
    advance(work, instance, step, cause)
    for incident in work.incidents.of_instance(instance.id):
        if incident.resolved_at is None:
            incident.resolve(cause.actor.id, work.now(), cause.name)
    instance.open_incidents = 0


def suspend(work: Work, actor: Actor, instance_id: str) -> ProcessInstance:
    instance = _locked(work, actor, instance_id)
    instance.suspend()
    note(work, instance, Cause(actor, "suspend"))
    return instance


def resume(work: Work, actor: Actor, instance_id: str) -> ProcessInstance:
    """Let a suspended instance go on: what came or fell due meanwhile is taken up at once.

    A signal that came meanwhile is offered again within a minute (`signals.SUSPENDED_PAUSE`).
    """
    instance = _locked(work, actor, instance_id)
    instance.resume()
    _wake_all(work, instance)
    note(work, instance, Cause(actor, "resume"))
    return instance


def _wake_all(work: Work, instance: ProcessInstance) -> None:
    """Jobs, timers that are due, and messages that wait in the inbox."""
    for job in work.jobs.pending(instance.id):
        wake(work, job)
    for timer in work.timers.pending(instance.id):
        if timer.due_at <= work.now():
            timers.hand_over(work, timer)
    for subscription in work.subscriptions.of_instance(instance.id):
        if subscription.open and subscription.kind is SubscriptionKind.MESSAGE:
            args = {"name": subscription.name, "key": subscription.key or ""}
            work.queue.enqueue("correlate", args, lock=instance.id)
