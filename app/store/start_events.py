"""Start events that wait: for a message, a signal, a condition or an instant."""

from datetime import datetime

from sqlalchemy import Boolean, Column, ColumnElement, Index, Table, exists

from app.domain.definitions import DefinitionState
from app.domain.engine import StartKind
from app.domain.waiting import StartEvent
from app.store.definitions import process_definitions
from app.store.rows import Rows
from app.store.schema import (
    entity,
    instant,
    is_word,
    key,
    metadata,
    number,
    partial_index,
    tenant,
    word,
    words,
)

start_events = Table(
    "start_events",
    metadata,
    key(),
    tenant(),
    words("definition_id"),
    words("definition_key"),
    words("element"),
    word("kind", StartKind),
    words("name"),
    instant("created_at"),
    instant("due_at", nullable=True),
    number("fired"),
    Column("open", Boolean, nullable=False),
    Index("ix_start_events_definition_key", "tenant_id", "definition_key"),
)
start = start_events.c
still_open = start.open.is_(True)
partial_index("ix_start_events_name", start.tenant_id, start.name, where=still_open)
partial_index(
    "ix_start_events_due",
    start.tenant_id,
    start.due_at,
    where=still_open & start.due_at.isnot(None),
)

entity(StartEvent, start_events)


def _taking() -> ColumnElement[bool]:
    """The definition takes new instances."""
    definition = process_definitions.c
    return ~exists().where(
        definition.id == start.definition_id,
        is_word(definition.state, DefinitionState.SUSPENDED),
    )


class StartEventRows(Rows[StartEvent]):
    entity = StartEvent
    missing = "Không tìm thấy sự kiện bắt đầu này."

    def lock(self, key: str) -> StartEvent:
        return self._locked(key)

    def waiting(self, kind: StartKind, name: str) -> list[StartEvent]:
        return self._all(still_open, start.kind == kind, start.name == name)

    def of_definition(self, definition_id: str) -> list[StartEvent]:
        return self._all(start.definition_id == definition_id)

    def of_key(self, definition_key: str) -> list[StartEvent]:
        return self._all(still_open, start.definition_key == definition_key)

    def due(self, now: datetime, limit: int) -> list[StartEvent]:
        return self._all(
            still_open,
            start.due_at.isnot(None),
            start.due_at <= now,
            _taking(),
            order=[start.due_at, start.id],
            limit=limit,
        )
