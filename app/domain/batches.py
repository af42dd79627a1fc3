"""One command for many instances, worked off item by item, each with its own outcome."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.domain.errors import InvalidState

MOST_ITEMS = 20_000
MOST_ATTEMPTS = 3  # of one item that ends its worker instead of ending itself


class BatchKind(StrEnum):
    MIGRATE = "migrate"
    RETRY = "retry"  # items are incidents; of the other kinds, instances
    CANCEL = "cancel"
    SUSPEND = "suspend"
    RESUME = "resume"


class BatchState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class ItemState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    LEFT_OUT = "left_out"  # the batch was cancelled before its turn


@dataclass(eq=False)
class Batch:
    """`done` and `failed` count items that are over; `parameters` are those of the kind."""

    id: str
    tenant_id: str
    kind: BatchKind
    title: str
    reason: str
    parameters: dict[str, Any]
    total: int
    created_at: datetime
    created_by: str
    created_by_name: str
    state: BatchState = BatchState.RUNNING
    done: int = 0
    failed: int = 0
    ended_at: datetime | None = None
    ended_by_name: str = ""  # who cancelled it

    @property
    def left(self) -> int:
        """Items whose turn has not come."""
        return self.total - self.done - self.failed

    def count(self, item: "BatchItem", at: datetime) -> None:
        """Count an item that is over; the last one ends the batch."""
        if item.state is ItemState.DONE:
            self.done += 1
        else:
            self.failed += 1
        if self.left == 0 and self.state is BatchState.RUNNING:
            self.state, self.ended_at = BatchState.DONE, at

    def cancel(self, by_name: str, at: datetime) -> None:
        """Leave out what has not had its turn; what is over stays as it is."""
        if self.state is not BatchState.RUNNING:
            raise InvalidState("Lô việc này đã kết thúc.")
        self.state, self.ended_at, self.ended_by_name = BatchState.CANCELLED, at, by_name


@dataclass(eq=False)
class BatchItem:
    """One instance (or incident) of a batch: `subject_id`, and the code people know it by."""

    id: str
    tenant_id: str
    batch_id: str
    subject_id: str
    instance_id: str
    code: str
    state: ItemState = ItemState.WAITING
    message: str = ""
    ended_at: datetime | None = None
    attempts: int = 0

    def begin(self) -> None:
        """Count an attempt, so that an item which ends its worker is not tried for ever."""
        self.attempts += 1

    @property
    def exhausted(self) -> bool:
        return self.attempts > MOST_ATTEMPTS

    def end(self, state: ItemState, message: str, at: datetime) -> None:
        if self.state is not ItemState.WAITING:
            raise InvalidState("Mục này của lô việc đã có kết quả.")
        self.state, self.message, self.ended_at = state, message, at
