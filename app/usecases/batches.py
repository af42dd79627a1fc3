"""One command for many instances: given once, worked off item by item, each with its true outcome.

A batch is a row and its items are rows, so that it survives every restart. A worker takes the
items in order; each is done in a transaction of its own, in which its outcome is written too: an
item that is done is never done again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.domain.batches import MOST_ITEMS, Batch, BatchItem, BatchKind, BatchState, ItemState
from app.domain.engine import ROOT_SCOPE
from app.domain.errors import (
    DomainError,
    Forbidden,
    InvalidInput,
    InvalidState,
    StorageUnavailable,
)
from app.domain.instances import Incident, IncidentState, ProcessInstance
from app.domain.migrations import MigrationPlan
from app.domain.permissions import SYSTEM, Action, Actor, require
from app.usecases import incidents, instances, migrations, sessions
from app.usecases.chronicle import THE_SYSTEM
from app.usecases.instances import require_reason
from app.usecases.migrations import Running
from app.usecases.ports import InstanceFilter, OpenWork, Work

CHUNK = 20  # items of one turn at the queue: other work gets its turn in between
PIECE = 200  # incidents or items that are read at once
CALLED = "/"  # between the id of an instance and the scope of a process that it has called
GAVE_UP = "Hệ thống dừng đột ngột mỗi lần xử lý mục này."


@dataclass(frozen=True)
class Subject:
    """What an item is about: an instance, a process that it has called, or an incident of it."""

    id: str
    instance_id: str
    code: str


@dataclass(frozen=True)
class Order:
    kind: BatchKind
    title: str
    reason: str
    subjects: Sequence[Subject]
    parameters: Mapping[str, Any]


def of_instances(found: Sequence[ProcessInstance]) -> list[Subject]:
    return [Subject(one.id, one.id, one.business_key) for one in found]


def of_processes(found: Iterable[Running]) -> list[Subject]:
    return [
        Subject(_called_id(one.instance.id, one.scope), one.instance.id, one.instance.business_key)
        for one in found
    ]


def _called_id(instance_id: str, scope: str) -> str:
    return instance_id if scope == ROOT_SCOPE else f"{instance_id}{CALLED}{scope}"


def of_incidents(work: Work, found: Iterable[Incident]) -> list[Subject]:
    return [
        Subject(one.id, one.instance_id, work.instances.get(one.instance_id).business_key)
        for one in found
    ]


def running(work: Work, wanted: InstanceFilter) -> list[Subject]:
    """Every instance of a filter that has not ended, newest first; one more than a batch may hold."""
    found = work.instances.codes(replace(wanted, running=True), MOST_ITEMS + 1)
    return [Subject(key, key, code) for key, code in found]


def processes(work: Work, wanted: InstanceFilter) -> list[Subject]:
    """As `running`; and every process of that definition that an instance has called."""
    wanted = replace(wanted, running=True)
    found = running(work, wanted)
    called = work.instances.called(wanted, MOST_ITEMS + 1 - len(found))
    return [*found, *(Subject(_called_id(key, scope), key, code) for key, scope, code in called)]


def failing(work: Work, message: str, element: str) -> Iterator[Incident]:
    """Every open incident of a group (`Incidents.grouped`), newest first, read in pieces."""
    number, pages = 1, 1
    while number <= min(pages, MOST_ITEMS // PIECE + 1):
        page = work.incidents.page(IncidentState.OPEN, number, PIECE, group=(message, element))
        yield from page.items
        number, pages = number + 1, page.pages


# --- giving the command ---------------------------------------------------------------------


def start(work: Work, actor: Actor, order: Order) -> Batch:
    """Write the command down and hand it to the workers. Raises InvalidInput for none, or too many."""
    require(actor, Action.OPERATE_INSTANCES)
    reason = require_reason(order.reason) if order.kind in NEED_REASON else order.reason.strip()
    subjects = {one.id: one for one in order.subjects}
    if not subjects:
        raise InvalidInput("Không có hồ sơ nào để thực hiện.")
    if len(subjects) > MOST_ITEMS:
        raise InvalidInput(f"Mỗi lô tối đa {MOST_ITEMS} hồ sơ; hãy thu hẹp bộ lọc.")
    batch = Batch(
        id=work.new_id(),
        tenant_id=work.tenant_id,
        kind=order.kind,
        title=order.title,
        reason=reason,
        parameters=dict(order.parameters),
        total=len(subjects),
        created_at=work.now(),
        created_by=actor.id,
        created_by_name=actor.name,
    )
    work.batches.add(batch)
    work.batches.add_items(
        [
            BatchItem(work.new_id(), work.tenant_id, batch.id, one.id, one.instance_id, one.code)
            for one in subjects.values()
        ]
    )
    _wake(work, batch)
    return batch


NEED_REASON = frozenset({BatchKind.MIGRATE, BatchKind.CANCEL})


def migration(command: migrations.Migrate, title: str, subjects: Sequence[Subject]) -> Order:
    """The order to move these instances."""
    plan = command.plan
    parameters = {
        "source_id": plan.source_id,
        "target_id": plan.target_id,
        "mapping": dict(plan.mapping),
        "renew": sorted(plan.renew),
        "rebind": command.rebind,
    }
    return Order(BatchKind.MIGRATE, title, command.reason, subjects, parameters)


def again(work: Work, actor: Actor, batch_id: str, reason: str = "") -> Batch:
    """Give the same command once more, for what it did not reach: what failed or was left out.

    `reason` replaces that of the first time. Raises InvalidState while the batch is at work.
    """
    require(actor, Action.OPERATE_INSTANCES)
    batch = work.batches.get(batch_id)
    if batch.state is BatchState.RUNNING:
        raise InvalidState("Lô việc đang chạy; hãy chờ xong rồi mới thực hiện lại.")
    unreached = (_still(work, batch, item) for item in _unreached(work, batch))
    subjects = [one for one in unreached if one is not None]
    if not subjects:
        raise InvalidState("Mọi mục của lô việc này đã làm được.")
    order = Order(
        batch.kind, batch.title, reason.strip() or batch.reason, subjects, batch.parameters
    )
    return start(work, actor, order)


def _still(work: Work, batch: Batch, item: BatchItem) -> Subject | None:
    """What an item is about now: a retry that failed has left another incident in its place."""
    subject_id = item.subject_id
    if batch.kind is BatchKind.RETRY:
        token = work.incidents.get(item.subject_id).token
        incident = work.incidents.open_at(item.instance_id, token)
        if incident is None:
            return None
        subject_id = incident.id
    return Subject(subject_id, item.instance_id, item.code)


def _unreached(work: Work, batch: Batch) -> Iterator[BatchItem]:
    for state in (ItemState.FAILED, ItemState.LEFT_OUT):
        number, pages = 1, 1
        while number <= pages:
            page = work.batches.items(batch.id, state, number, PIECE)
            yield from page.items
            number, pages = number + 1, page.pages


def cancel(work: Work, actor: Actor, batch_id: str) -> Batch:
    """Leave out whatever has not had its turn. Raises InvalidState where the batch is over."""
    require(actor, Action.OPERATE_INSTANCES)
    batch = work.batches.lock(batch_id)
    batch.cancel(actor.name, work.now())
    work.batches.leave_out(batch.id)
    return batch


def _wake(work: Work, batch: Batch) -> None:
    work.queue.enqueue(
        "batch",
        {"batch_id": batch.id},
        lock=f"batch:{batch.id}",
        dedup=f"batch:{batch.id}:{batch.done + batch.failed}",
        priority=BATCH_PRIORITY,
    )


BATCH_PRIORITY = 60  # people's own work goes first


# --- working it off -------------------------------------------------------------------------


def work_off(open_work: OpenWork, batch_id: str) -> None:
    """Do the next items of a batch, and enqueue the rest. Harmless when it is done again."""
    for _ in range(CHUNK):
        item_id = _begin(open_work, batch_id)
        if item_id is None:
            return
        _do(open_work, batch_id, item_id)
    with open_work() as work:
        batch = work.batches.get(batch_id)
        if batch.state is BatchState.RUNNING:
            _wake(work, batch)


def _begin(open_work: OpenWork, batch_id: str) -> str | None:
    """Count an attempt at the next item; None where nothing is left to do."""
    with open_work() as work:
        batch = work.batches.lock(batch_id)
        item = work.batches.next_item(batch_id)
        if batch.state is not BatchState.RUNNING or item is None:
            return None
        item.begin()
        if item.exhausted:
            item.end(ItemState.FAILED, GAVE_UP, work.now())
            batch.count(item, work.now())
        return item.id


def _do(open_work: OpenWork, batch_id: str, item_id: str) -> None:
    try:
        with open_work() as work:
            held = _held(work, batch_id, item_id)
            if held is not None:
                batch, item = held
                state, message = PERFORM[batch.kind](work, _actor(work, batch), batch, item)
                item.end(state, message, work.now())
                batch.count(item, work.now())
    except StorageUnavailable:
        raise  # not the item's fault: the queue tries again
    except DomainError as error:
        with open_work() as work:
            held = _held(work, batch_id, item_id)
            if held is not None:
                batch, item = held
                item.end(ItemState.FAILED, error.message, work.now())
                batch.count(item, work.now())


def _held(work: Work, batch_id: str, item_id: str) -> tuple[Batch, BatchItem] | None:
    batch = work.batches.lock(batch_id)
    item = work.batches.item(item_id)
    if batch.state is not BatchState.RUNNING or item.state is not ItemState.WAITING:
        return None
    return batch, item


def _actor(work: Work, batch: Batch) -> Actor:
    """Who gave the command, with the rights of now."""
    if batch.created_by == SYSTEM:
        return THE_SYSTEM
    user = work.users.get(batch.created_by)
    if not user.active:
        raise Forbidden("Tài khoản của người ra lệnh không còn hoạt động.")
    return sessions.as_actor(work, user)


# --- one item of each kind --------------------------------------------------------------------

Result = tuple[ItemState, str]


def _migrate(work: Work, actor: Actor, batch: Batch, item: BatchItem) -> Result:
    given = batch.parameters
    renew = frozenset(given.get("renew", ()))  # absent in batches from before there was a choice
    plan = MigrationPlan(given["source_id"], given["target_id"], given["mapping"], renew)
    command = migrations.Migrate(plan, batch.reason, rebind=given["rebind"])
    instance_id, _, scope = item.subject_id.partition(CALLED)
    migrations.migrate(work, actor, instance_id, command, scope or ROOT_SCOPE)
    return ItemState.DONE, "Đã chuyển quy trình được gọi." if scope else "Đã chuyển."


def _retry(work: Work, actor: Actor, _batch: Batch, item: BatchItem) -> Result:
    """A retry that fails at once keeps its new incident, and is told as what it is."""
    token = incidents.retry(work, actor, item.subject_id).token
    again = work.incidents.open_at(item.instance_id, token)
    if again is not None:
        return ItemState.FAILED, f"Lại gặp sự cố: {again.message}"
    return ItemState.DONE, "Đã cho chạy lại."


def _cancel(work: Work, actor: Actor, batch: Batch, item: BatchItem) -> Result:
    instances.cancel(work, actor, item.subject_id, batch.reason)
    return ItemState.DONE, "Đã hủy."


def _suspend(work: Work, actor: Actor, _batch: Batch, item: BatchItem) -> Result:
    instances.suspend(work, actor, item.subject_id)
    return ItemState.DONE, "Đã tạm dừng."


def _resume(work: Work, actor: Actor, _batch: Batch, item: BatchItem) -> Result:
    instances.resume(work, actor, item.subject_id)
    return ItemState.DONE, "Đã chạy tiếp."


PERFORM: dict[BatchKind, Callable[[Work, Actor, Batch, BatchItem], Result]] = {
    BatchKind.MIGRATE: _migrate,
    BatchKind.RETRY: _retry,
    BatchKind.CANCEL: _cancel,
    BatchKind.SUSPEND: _suspend,
    BatchKind.RESUME: _resume,
}
