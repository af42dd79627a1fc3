"""Running instances, what went wrong with them, and commands to many of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from app.domain.batches import Batch, BatchItem, ItemState
from app.domain.instances import (
    HistoryEntry,
    Incident,
    IncidentState,
    InstanceState,
    ProcessInstance,
)
from app.usecases.ports.repository import Page, Repository


@dataclass(frozen=True)
class InstanceFilter:
    state: InstanceState | None = None
    definition_key: str | None = None
    definition_id: str | None = None  # one version
    search: str = ""  # by business key
    with_incidents: bool = False
    agency_ids: frozenset[str] | None = None  # None: all
    still_since: datetime | None = None  # active, and no step since then
    running: bool = False  # not over: active or suspended


class Instances(Repository[ProcessInstance], Protocol):
    def lock(self, instance_id: str) -> ProcessInstance:
        """Take the row lock and re-read: from here on what is read is true until commit."""

    def page(self, wanted: InstanceFilter, number: int, size: int) -> Page[ProcessInstance]: ...
    def codes(self, wanted: InstanceFilter, limit: int) -> list[tuple[str, str]]:
        """Ids and business keys alone, newest first: for commands to many."""

    def by_business_key(self, key: str) -> list[ProcessInstance]: ...
    def of_subject(self, kind: str, subject_id: str) -> list[ProcessInstance]:
        """Instances about a case or registration, oldest first."""

    def record(self, entries: Sequence[HistoryEntry]) -> None: ...
    def history(
        self,
        instance_id: str,
        *,
        kinds: Sequence[str] | None = None,
        limit: int = 500,
        before: int | None = None,
    ) -> list[HistoryEntry]:
        """Newest last; at most `limit` of the newest, or of those numbered below `before`."""

    def checkpoint(self, instance_id: str, until: int) -> tuple[int, dict[str, Any]] | None:
        """The newest checkpoint of a history that is not past the entry `until`: its entry, and it."""

    def keep_checkpoint(self, instance_id: str, seq: int, state: dict[str, Any]) -> None:
        """Changes nothing where the history has one there already."""

    def keep_called(self, instance_id: str, scope: str, definition_id: str) -> None:
        """Note by which definition the process in a scope of an instance runs, called by it."""

    def forget_called(self, instance_id: str, scope: str) -> None: ...
    def called(self, wanted: InstanceFilter, limit: int) -> list[tuple[str, str, str]]:
        """Called processes of the definition that is wanted, newest instance first.

        Of each: its instance, its scope there, and the business key; all else that is wanted
        is said of the instance.
        """

    def count_called(self, wanted: InstanceFilter) -> int:
        """How many `called` would give without a limit."""

    def called_by_definition(self) -> dict[str, int]:
        """By definition id: processes that run because others have called them."""

    def count_by_state(self) -> dict[str, int]: ...
    def count_running(self) -> dict[str, tuple[int, int]]:
        """By definition id: instances that have not ended, and how many of them have incidents."""


@dataclass(frozen=True)
class IncidentFilter:
    """`calls`: those of jobs that failed (True), or of what the flow itself could not do (False)."""

    calls: bool | None = None
    definition_key: str | None = None
    agency_id: str | None = None
    element: str | None = None
    before: datetime | None = None  # raised earlier than that


@dataclass(frozen=True)
class IncidentCount:
    """Open incidents by where they came from."""

    definition_key: str
    agency_id: str
    calls: bool
    count: int


class Incidents(Repository[Incident], Protocol):
    def page(
        self,
        state: IncidentState,
        number: int,
        size: int,
        *,
        search: str = "",
        group: tuple[str, str] | None = None,
        narrow: IncidentFilter | None = None,
    ) -> Page[Incident]:
        """`group` is one of `grouped`: exactly this message at this element."""

    def open_at(self, instance_id: str, token: int) -> Incident | None: ...
    def of_instance(self, instance_id: str) -> list[Incident]: ...
    def grouped(self) -> list[tuple[str, str, int]]:
        """Open ones by (message, element) with their number, most first."""

    def counts(self) -> list[IncidentCount]:
        """Open ones, in one query."""


class Batches(Repository[Batch], Protocol):
    """Commands for many instances; their items are worked off in the order they were added."""

    def lock(self, batch_id: str) -> Batch: ...
    def page(self, number: int, size: int) -> Page[Batch]:
        """Newest first."""

    def add_items(self, items: Sequence[BatchItem]) -> None: ...
    def item(self, item_id: str) -> BatchItem: ...
    def next_item(self, batch_id: str) -> BatchItem | None:
        """The first one whose turn has not come."""

    def items(
        self, batch_id: str, state: ItemState | None, number: int, size: int
    ) -> Page[BatchItem]: ...
    def leave_out(self, batch_id: str) -> None:
        """Mark every item that still waits: the batch was cancelled."""
