"""Batches: how far each has come, and what came of every item."""

from dataclasses import dataclass

from app.domain.batches import Batch, BatchItem, BatchKind, BatchState, ItemState
from app.domain.permissions import Actor
from app.usecases.ports import Work
from app.web import formats
from app.web.admin_rail import BATCHES as BATCHES_PATH
from app.web.admin_rail import DEFINITIONS, INSTANCES, refusal
from app.web.case_page import Status
from app.web.migration_page import FIELD
from app.web.operation_words import BATCHES, ITEM_STATES, outcome
from app.web.views import PAGE_SIZE, PageView, address, page_view


@dataclass(frozen=True)
class BatchRow:
    href: str
    kind: str
    title: str
    status: Status
    total: int
    over: int
    done: int
    failed: int
    given: str  # by whom, when


@dataclass(frozen=True)
class BatchList:
    rows: list[BatchRow]
    page: PageView


@dataclass(frozen=True)
class ItemRow:
    code: str
    href: str
    status: Status
    message: str
    at: str


@dataclass(frozen=True)
class BatchPage:
    id: str
    row: BatchRow
    reason: str
    ended: str
    is_running: bool
    missed: int  # items that failed or were left out, once the batch is over
    target: tuple[str, str] | None  # of a migration: the version that others have moved to
    pairing: str  # of a migration that missed some: where those can be paired otherwise
    items: list[ItemRow]
    page: PageView
    tabs: list[tuple[str, str, bool, int | None]]
    etag: str
    progress_href: str
    refusal: str


def index(work: Work, number: int) -> BatchList:
    found = work.batches.page(number, PAGE_SIZE)
    return BatchList([_row(one) for one in found.items], page_view(found, BATCHES_PATH, {}))


def build(
    work: Work, actor: Actor, batch: Batch, state: ItemState | None, number: int
) -> BatchPage:
    href = f"{BATCHES_PATH}/{batch.id}"
    found = work.batches.items(batch.id, state, number, PAGE_SIZE)
    wanted = {"state": state.value if state else None}
    running = batch.state is BatchState.RUNNING
    by = f" bởi {batch.ended_by_name}" if batch.ended_by_name else ""
    return BatchPage(
        id=batch.id,
        row=_row(batch),
        reason=batch.reason,
        ended=f"{formats.moment(batch.ended_at)}{by}" if batch.ended_at else "",
        is_running=running,
        missed=0 if running else batch.total - batch.done,
        target=_target(work, batch),
        pairing=_pairing(batch),
        items=[_item(one) for one in found.items],
        page=page_view(found, href, wanted),
        tabs=_tabs(batch, href, state),
        etag=f"{batch.state}-{batch.done}-{batch.failed}",
        progress_href=address(f"{href}/progress", wanted, page=number),
        refusal=refusal(actor),
    )


def _target(work: Work, batch: Batch) -> tuple[str, str] | None:
    if batch.kind is not BatchKind.MIGRATE:
        return None
    found = work.definitions.find(batch.parameters["target_id"])
    if found is None:
        return None
    return f"{found.name}, phiên bản {found.version}", f"{DEFINITIONS}/{found.id}"


def _pairing(batch: Batch) -> str:
    """The page on which those that are left behind can be paired otherwise."""
    if batch.kind is not BatchKind.MIGRATE or batch.state is BatchState.RUNNING or not batch.failed:
        return ""
    given = batch.parameters
    mapping = {f"{FIELD}{element}": to for element, to in given["mapping"].items()}
    parameters = {"target": given["target_id"], **mapping}
    return address(f"{DEFINITIONS}/{given['source_id']}/migration", parameters)


def _row(batch: Batch) -> BatchRow:
    return BatchRow(
        href=f"{BATCHES_PATH}/{batch.id}",
        kind=BATCHES[batch.kind],
        title=batch.title,
        status=outcome(batch),
        total=batch.total,
        over=batch.done + batch.failed,
        done=batch.done,
        failed=batch.failed,
        given=f"{batch.created_by_name}, {formats.short_moment(batch.created_at)}",
    )


def _item(item: BatchItem) -> ItemRow:
    return ItemRow(
        code=item.code,
        href=f"{INSTANCES}/{item.instance_id}",
        status=ITEM_STATES[item.state],
        message=item.message,
        at=formats.short_moment(item.ended_at),
    )


def _tabs(
    batch: Batch, href: str, state: ItemState | None
) -> list[tuple[str, str, bool, int | None]]:
    waiting = ItemState.WAITING if batch.state is BatchState.RUNNING else ItemState.LEFT_OUT
    counts = {
        None: batch.total,
        ItemState.FAILED: batch.failed,
        ItemState.DONE: batch.done,
        waiting: batch.left,
    }
    return [
        (
            ITEM_STATES[one].text if one else "Tất cả",
            address(href, {"state": one.value if one else None}),
            one is state,
            count,
        )
        for one, count in counts.items()
        if count or one is None or one is state
    ]
