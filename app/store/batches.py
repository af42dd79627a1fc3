"""Commands for many instances, and what came of each item."""

from collections.abc import Sequence

from sqlalchemy import Index, Table

from app.domain.batches import Batch, BatchItem, BatchKind, BatchState, ItemState
from app.store.rows import Rows
from app.store.schema import (
    entity,
    instant,
    json,
    key,
    metadata,
    number,
    tenant,
    word,
    words,
)
from app.usecases.ports import Page

batches = Table(
    "batches",
    metadata,
    key(),
    tenant(),
    word("kind", BatchKind),
    words("title"),
    words("reason"),
    json("parameters"),
    number("total"),
    instant("created_at"),
    words("created_by"),
    words("created_by_name"),
    word("state", BatchState),
    number("done"),
    number("failed"),
    instant("ended_at", nullable=True),
    words("ended_by_name"),
    Index("ix_batches_newest", "tenant_id", "id"),
)
batch_items = Table(
    "batch_items",
    metadata,
    key(),
    tenant(),
    words("batch_id"),
    words("subject_id"),
    words("instance_id"),
    words("code"),
    word("state", ItemState),
    words("message"),
    instant("ended_at", nullable=True),
    number("attempts"),
    Index("ix_batch_items_batch_id", "batch_id", "state", "id"),
)
item = batch_items.c

entity(Batch, batches)
entity(BatchItem, batch_items)


class BatchItemRows(Rows[BatchItem]):
    entity = BatchItem
    missing = "Không tìm thấy mục này của lô việc."

    def next(self, batch_id: str) -> BatchItem | None:
        return self._first(
            item.batch_id == batch_id, item.state == ItemState.WAITING, order=[item.id]
        )

    def page(
        self, batch_id: str, state: ItemState | None, number: int, size: int
    ) -> Page[BatchItem]:
        conditions = [item.batch_id == batch_id]
        if state is not None:
            conditions.append(item.state == state)
        return self._page(conditions, [], number, size)


class BatchRows(Rows[Batch]):
    entity = Batch
    missing = "Không tìm thấy lô việc này."

    def lock(self, batch_id: str) -> Batch:
        return self._locked(batch_id)

    def page(self, number: int, size: int) -> Page[Batch]:
        return self._page([], [], number, size, newest_first=True)

    def add_items(self, items: Sequence[BatchItem]) -> None:
        for one in items:
            self.session.add(one)

    def next_item(self, batch_id: str) -> BatchItem | None:
        return BatchItemRows(self.session, self.tenant_id).next(batch_id)

    def item(self, item_id: str) -> BatchItem:
        return BatchItemRows(self.session, self.tenant_id).get(item_id)

    def items(
        self, batch_id: str, state: ItemState | None, number: int, size: int
    ) -> Page[BatchItem]:
        return BatchItemRows(self.session, self.tenant_id).page(batch_id, state, number, size)

    def leave_out(self, batch_id: str) -> None:
        self.session.change(
            batch_items.update()
            .where(
                item.tenant_id == self.tenant_id,
                item.batch_id == batch_id,
                item.state == ItemState.WAITING,
            )
            .values(state=ItemState.LEFT_OUT),
            BatchItem,
        )
