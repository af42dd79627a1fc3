"""Bring a thrown signal to its receivers: by an administrator's hand, and entry by entry."""

from typing import Any

from app.domain.engine import SubscriptionKind
from app.domain.errors import InvalidInput
from app.domain.instances import InstanceState
from app.domain.permissions import Action, Actor, require
from app.domain.waiting import Message
from app.usecases import signals
from app.usecases.chronicle import THE_SYSTEM, Cause
from app.usecases.ports import OpenWork, Work
from app.usecases.recorders import MESSAGE_LIFE
from app.usecases.recording import advance, start
from app.usecases.signals import Signal


def broadcast(
    work: Work,
    actor: Actor,
    name: str,
    payload: dict[str, Any],
    *,
    agency_id: str,
    instance_id: str | None = None,
) -> int:
    """Throw a signal from outside; says how many receivers it finds.

    `agency_id` becomes the agency of instances that it begins; `instance_id` narrows it to the
    tokens of one instance. Raises InvalidInput for a signal without a name, NotFound.
    """
    require(actor, Action.SEND_EVENTS, agency_id=agency_id)
    if not name.strip():
        raise InvalidInput("Thiếu tên tín hiệu.", fields={"name": ["Hãy ghi tên tín hiệu."]})
    if instance_id is not None:
        work.instances.get(instance_id)
    signal = Signal(name, payload, source=work.new_id(), agency_id=agency_id)
    waiting = [
        one
        for one in work.subscriptions.waiting(SubscriptionKind.SIGNAL, name, None)
        if instance_id in {None, one.instance_id}
    ]
    for subscription in waiting:
        signals.send(work, signal, subscription)
    begun = signals.send_to_starts(work, signal) if instance_id is None else 0
    return len(waiting) + begun


def deliver(open_work: OpenWork, subscription_id: str, signal: Signal) -> None:
    """Deliver a signal to one waiting token; harmless where it has gone on, or heard it already.

    For a suspended instance the signal is kept: it is tried again until the instance is resumed.
    """
    with open_work() as work:
        instance = work.instances.lock(work.subscriptions.get(subscription_id).instance_id)
        subscription = work.subscriptions.get(subscription_id)
        if subscription.open and instance.state is InstanceState.SUSPENDED:
            signals.send(work, signal, subscription, later=True)
            return
        if not subscription.open or instance.state is not InstanceState.ACTIVE:
            return
        if not _first_time(work, signal, subscription_id, instance.id):
            return
        step = work.programs.get(instance.definition_id).deliver(
            instance.snapshot,
            subscription.token,
            signal.payload,
            at=work.now(),
            programs=work.programs,
        )
        cause = Cause(THE_SYSTEM, "signal", subscription.element, signal.name)
        advance(work, instance, step, cause)


def begin(open_work: OpenWork, start_event_id: str, signal: Signal) -> None:
    """Begin an instance at a start event that waited for the signal when it was thrown."""
    with open_work() as work:
        waiting = work.start_events.get(start_event_id)
        if not _first_time(work, signal, start_event_id, None):
            return
        start(
            work,
            waiting.definition_id,
            dict(signal.payload),
            Cause(THE_SYSTEM, "start", waiting.element, signal.name),
            agency_id=signal.agency_id,
            business_key=signal.business_key or work.new_id(),
            start_event=waiting.element,
        )


def _first_time(work: Work, signal: Signal, receiver: str, instance_id: str | None) -> bool:
    """Note that the receiver hears the signal; False where it has: the queue may call twice."""
    now = work.now()
    return work.inbox.add(
        Message(
            id=work.new_id(),
            tenant_id=work.tenant_id,
            name=signal.name,
            key=None,
            payload={},
            dedup=f"signal:{signal.source}:{receiver}",
            received_at=now,
            expires_at=now + MESSAGE_LIFE,
            correlated_at=now,
            instance_id=instance_id,
        )
    )
