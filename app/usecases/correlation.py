"""Bring a message to the one who waits for it, now: by name, business key, instance or variables.

The inbox (`messages`) keeps what comes early; here whoever sends is told at once that nobody, or
more than one, is waiting.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain.definitions import ProcessDefinition
from app.domain.engine import SubscriptionKind
from app.domain.errors import Conflict, InvalidInput, InvalidState, NotFound
from app.domain.instances import InstanceState, ProcessInstance
from app.domain.permissions import Action, Actor, require
from app.domain.waiting import Subscription
from app.usecases.chronicle import Cause
from app.usecases.ports import Work
from app.usecases.recording import advance, start


@dataclass(frozen=True)
class Correlation:
    """What is sent, and whom it is meant for; what is None narrows nothing.

    `keys` are process variables that must be equal, `local_keys` variables of the activity itself
    that waits. `payload` becomes process variables, `local`
    lives in the event that waited. Without a name, every message event of the instance is meant.
    `definition_id` and `agency_id` are for an instance that the message begins.
    """

    name: str | None = None
    business_key: str | None = None
    instance_id: str | None = None
    token: int | None = None  # where in the instance
    keys: Mapping[str, Any] = field(default_factory=dict)
    local_keys: Mapping[str, Any] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)
    local: Mapping[str, Any] = field(default_factory=dict)
    definition_id: str | None = None
    agency_id: str = ""
    starts_only: bool = False


def correlate(work: Work, actor: Actor, wanted: Correlation) -> str:
    """Deliver to the only one who waits, or else begin an instance; says which instance.

    Raises NotFound where nobody waits, Conflict where several do, InvalidInput.
    """
    require(actor, Action.SEND_EVENTS)
    _require_criteria(wanted)
    waiting = [] if wanted.starts_only else _waiting(work, wanted)
    if len(waiting) > 1:
        raise Conflict("Có nhiều chỗ cùng chờ thông điệp này; hãy cho biết rõ hơn là chỗ nào.")
    if waiting and _deliver(work, actor, wanted, waiting[0]):
        return waiting[0].instance_id
    starts = _starts(work, wanted)
    if not starts:
        raise NotFound("Không có quy trình nào chờ thông điệp này.")
    if len(starts) > 1:
        raise Conflict("Có nhiều quy trình cùng bắt đầu bằng thông điệp này.")
    return _begin(work, actor, wanted, starts[0])


def correlate_all(work: Work, actor: Actor, wanted: Correlation) -> list[str]:
    """Deliver to everybody who waits, and begin every process that the message begins."""
    require(actor, Action.SEND_EVENTS)
    _require_criteria(wanted)
    waiting = [] if wanted.starts_only else _waiting(work, wanted)
    # Others lock several instances in this order too.
    waiting.sort(key=lambda one: (one.instance_id, one.token))
    reached = [one.instance_id for one in waiting if _deliver(work, actor, wanted, one)]
    return reached + [_begin(work, actor, wanted, one) for one in _starts(work, wanted)]


def trigger(
    work: Work, actor: Actor, instance_id: str, token: int, values: Mapping[str, Any]
) -> ProcessInstance:
    """Let a receive task go on that waits for no message by name. Raises NotFound, InvalidState."""
    instance = work.instances.get(instance_id)
    require(actor, Action.SEND_EVENTS, agency_id=instance.agency_id)
    instance = work.instances.lock(instance_id)
    instance.require_active()
    waiting = [one for one in work.subscriptions.at_token(instance_id, token) if not one.name]
    if not waiting or waiting[0].kind is not SubscriptionKind.MESSAGE:
        raise InvalidState("Bước này không chờ được đánh thức bằng tay.")
    step = work.programs.get(instance.definition_id).finish(
        instance.snapshot, token, values, at=work.now(), programs=work.programs
    )
    advance(work, instance, step, Cause(actor, "message", waiting[0].element))
    return instance


def _require_criteria(wanted: Correlation) -> None:
    criteria = (wanted.name, wanted.business_key, wanted.instance_id, wanted.keys)
    if not any((*criteria, wanted.local_keys)):
        raise InvalidInput("Cần tên thông điệp, mã hồ sơ, mã quy trình hoặc dữ liệu để đối chiếu.")


def _waiting(work: Work, wanted: Correlation) -> list[Subscription]:
    """Open subscriptions that fit, oldest first."""
    return [
        one
        for one in _named(work, wanted)
        if one.open
        and one.kind is SubscriptionKind.MESSAGE
        and one.name
        and wanted.name in {None, one.name}
        and wanted.token in {None, one.token}
        and _fits(work.instances.get(one.instance_id), wanted)
        and _fits_locally(work, one, wanted)
    ]


def _named(work: Work, wanted: Correlation) -> list[Subscription]:
    """The narrowest list that an index gives."""
    if wanted.instance_id is not None:
        return work.subscriptions.of_instance(wanted.instance_id)
    if wanted.business_key is not None:
        instances = work.instances.by_business_key(wanted.business_key)
        return [one for inst in instances for one in work.subscriptions.of_instance(inst.id)]
    return work.subscriptions.waiting(SubscriptionKind.MESSAGE, wanted.name, None)


def _fits(instance: ProcessInstance, wanted: Correlation) -> bool:
    values = instance.snapshot.root
    return (
        instance.state is InstanceState.ACTIVE
        and wanted.instance_id in {None, instance.id}
        and wanted.business_key in {None, instance.business_key}
        and _equal(values, wanted.keys)
    )


def _fits_locally(work: Work, waiting: Subscription, wanted: Correlation) -> bool:
    if not wanted.local_keys:
        return True
    instance = work.instances.get(waiting.instance_id)
    program = work.programs.get(instance.definition_id)
    values = program.local_to(instance.snapshot, waiting.token, programs=work.programs)
    return _equal(values, wanted.local_keys)


def _equal(values: Mapping[str, Any], keys: Mapping[str, Any]) -> bool:
    return all(name in values and values[name] == one for name, one in keys.items())


def _deliver(work: Work, actor: Actor, wanted: Correlation, found: Subscription) -> bool:
    """Deliver under the lock of the instance; False where it went on meanwhile."""
    instance = work.instances.lock(found.instance_id)
    if not found.open or not _fits(instance, wanted):
        return False
    step = work.programs.get(instance.definition_id).deliver(
        instance.snapshot,
        found.token,
        wanted.payload,
        at=work.now(),
        programs=work.programs,
        local=wanted.local,
    )
    advance(work, instance, step, Cause(actor, "message", found.element, found.name))
    return True


def _starts(work: Work, wanted: Correlation) -> list[ProcessDefinition]:
    if wanted.name is None or wanted.instance_id is not None:
        return []
    if wanted.definition_id is not None:
        definition = work.definitions.get(wanted.definition_id)
        return [definition] if wanted.name in definition.start_messages else []
    return work.definitions.started_by_message(wanted.name)


def _begin(work: Work, actor: Actor, wanted: Correlation, definition: ProcessDefinition) -> str:
    if work.agencies.find(wanted.agency_id) is None:
        raise InvalidInput("Hãy cho biết cơ quan của quy trình sẽ bắt đầu (agency_id).")
    values = {**wanted.payload, **wanted.local, **wanted.keys}
    begun = start(
        work,
        definition.id,
        values,
        Cause(actor, "start", "", wanted.name or ""),
        agency_id=wanted.agency_id,
        business_key=wanted.business_key or work.new_id(),
        message=wanted.name,
    )
    return begun.id
