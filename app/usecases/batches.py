"""One command for many instances: given once, worked off item by item, each with its true outcome.

A batch is a row and its items are rows, so that it survives every restart. A worker takes the
items in order; each is done in a transaction of its own, in which its outcome is written too: an
item that is done is never done again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.domain.batches import MOST_ITEMS, Batch, BatchItem, BatchKind, BatchState, ItemState
from app.domain.errors import DomainError, Forbidden, InvalidInput, StorageUnavailable
from app.domain.instances import Incident, IncidentState, ProcessInstance
from app.domain.migrations import MigrationPlan
from app.domain.permissions import SYSTEM, Action, Actor, require
from app.usecases import incidents, instances, migrations, sessions
from app.usecases.instances import require_reason
from app.usecases.ports import InstanceFilter, OpenWork, Work
from app.usecases.recording import THE_SYSTEM

CHUNK = 20  # items of one turn at the queue: other work gets its turn in between
PIECE = 200  # incidents that are read at once
GAVE_UP = "Hệ thống dừng đột ngột mỗi lần xử lý mục này."


@dataclass(frozen=True)
class Subject:
    """What an item is about: an instance, or an incident of one."""

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


def of_incidents(work: Work, found: Iterable[Incident]) -> list[Subject]:
    return [
        Subject(one.id, one.instance_id, work.instances.get(one.instance_id).business_key)
        for one in found
    ]


def running(work: Work, wanted: InstanceFilter) -> list[Subject]:
    """Every instance of a filter that has not ended, newest first; one more than a batch may hold."""
    found = work.instances.codes(replace(wanted, running=True), MOST_ITEMS + 1)
    return [Subject(key, key, code) for key, code in found]


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
        "rebind": command.rebind,
    }
    return Order(BatchKind.MIGRATE, title, command.reason, subjects, parameters)


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
    plan = MigrationPlan(given["source_id"], given["target_id"], given["mapping"])
    command = migrations.Migrate(plan, batch.reason, rebind=given["rebind"])
    migrations.migrate(work, actor, item.subject_id, command)
    return ItemState.DONE, "Đã chuyển."


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
