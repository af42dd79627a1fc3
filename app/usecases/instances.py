"""Operations of an administrator on running instances."""

from app.domain.engine import SubscriptionKind
from app.domain.errors import InvalidInput
from app.domain.instances import ProcessInstance
from app.domain.permissions import Action, Actor, require
from app.usecases.ports import Work
from app.usecases.recording import Cause, advance, note


def _locked(work: Work, actor: Actor, instance_id: str) -> ProcessInstance:
    instance = work.instances.get(instance_id)
    require(actor, Action.OPERATE_INSTANCES, agency_id=instance.agency_id)
    return work.instances.lock(instance_id)


def require_reason(reason: str) -> str:
    """Return what was given as the reason. Raises InvalidInput for none."""
    if not reason.strip():
        raise InvalidInput(
            "Hãy ghi lý do.", fields={"reason": ["Lý do được lưu vào lịch sử của quy trình."]}
        )
    return reason.strip()


def cancel(work: Work, actor: Actor, instance_id: str, reason: str) -> ProcessInstance:
    """End an instance for good; the reason is kept in its history."""
    if not reason.strip():
        raise InvalidInput(
            "Hãy ghi lý do hủy.", fields={"reason": ["Lý do được lưu vào lịch sử của quy trình."]}
        )
    instance = _locked(work, actor, instance_id)
    cancel_locked(work, instance, Cause(actor, "cancel", "", reason.strip()))
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
    """Let a suspended instance go on.

    Timers and jobs that became due meanwhile are picked up by the ticks; messages that came are
    in the inbox, and are brought together with what waits for them now.
    """
    instance = _locked(work, actor, instance_id)
    instance.resume()
    for subscription in work.subscriptions.of_instance(instance.id):
        if subscription.open and subscription.kind is SubscriptionKind.MESSAGE:
            args = {"name": subscription.name, "key": subscription.key or ""}
            work.queue.enqueue("correlate", args, lock=instance.id)
    note(work, instance, Cause(actor, "resume"))
    return instance
