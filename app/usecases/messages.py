"""Messages from outside and between instances: kept first, correlated exactly once."""

from datetime import timedelta
from typing import Any

from app.domain.engine import SubscriptionKind
from app.domain.errors import InvalidInput
from app.domain.instances import InstanceState
from app.domain.waiting import Message
from app.usecases.chronicle import THE_SYSTEM, Cause
from app.usecases.ports import OpenWork, Work
from app.usecases.recorders import MESSAGE_LIFE
from app.usecases.recording import advance, start

MAX_WORD = 500
"""Characters of a name, a correlation key or a key against repetition."""


def receive(
    work: Work,
    name: str,
    key: str | None,
    payload: dict[str, Any],
    *,
    dedup: str,
    life: timedelta = MESSAGE_LIFE,
) -> bool:
    """Keep a message and let it be correlated; False where it came before (same `dedup`).

    Raises InvalidInput for a name or key that is longer than any that can be waited for.
    """
    if max(map(len, (name, key or "", dedup))) > MAX_WORD:
        raise InvalidInput(f"Tên, mã tương ứng hoặc mã chống trùng dài quá {MAX_WORD} ký tự.")
    now = work.now()
    fresh = work.inbox.add(
        Message(
            id=work.new_id(),
            tenant_id=work.tenant_id,
            name=name,
            key=key,
            payload=payload,
            dedup=dedup,
            received_at=now,
            expires_at=now + life,
        )
    )
    if fresh:
        work.queue.enqueue("correlate", {"name": name, "key": key or ""})
    return fresh


def correlate(open_work: OpenWork, name: str, key: str) -> None:
    """Bring waiting messages and waiting tokens of (name, key) together, oldest first."""
    while True:
        with open_work() as work:
            if not _correlate_one(work, name, key or None):
                return


def _correlate_one(work: Work, name: str, key: str | None) -> bool:
    """Deliver one message; both sides look only under the lock on (name, key)."""
    work.inbox.lock(name, key)
    message = work.inbox.waiting(name, key, work.now())
    if message is None:
        return False
    for subscription in work.subscriptions.waiting(SubscriptionKind.MESSAGE, name, key):
        instance = work.instances.lock(subscription.instance_id)
        if not subscription.open or instance.state is not InstanceState.ACTIVE:
            continue
        message.correlated_at, message.instance_id = work.now(), instance.id
        step = work.programs.get(instance.definition_id).deliver(
            instance.snapshot,
            subscription.token,
            message.payload,
            at=work.now(),
            programs=work.programs,
        )
        advance(work, instance, step, Cause(THE_SYSTEM, "message", subscription.element, name))
        return True
    return _start_by(work, message)


def _start_by(work: Work, message: Message) -> bool:
    """Start an instance of the latest definition whose start event waits for the message."""
    definitions = work.definitions.started_by_message(message.name)
    if not definitions:
        return False
    agency_id = str(message.payload.get("agency_id") or "")
    if work.agencies.find(agency_id) is None:
        return False  # nobody's: it stays in the inbox until it expires, and is seen there
    message.correlated_at = work.now()
    instance = start(
        work,
        definitions[0].id,
        message.payload,
        Cause(THE_SYSTEM, "start", "", message.name),
        agency_id=agency_id,
        business_key=message.key or message.id,
        message=message.name,
    )
    message.instance_id = instance.id
    return True
