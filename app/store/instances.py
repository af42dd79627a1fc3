"""Process instances and their history."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Column, ColumnElement, Index, LargeBinary, Table, case, func, select

from app.domain.instances import (
    HistoryEntry,
    InstanceState,
    ProcessInstance,
    SubjectKind,
)
from app.store import called, checkpoints
from app.store.called import called_processes as running
from app.store.rows import Rows, at_agencies
from app.store.schema import (
    entity,
    instant,
    json,
    key,
    maybe,
    metadata,
    number,
    partial_index,
    tenant,
    word,
    words,
)
from app.store.search import starting
from app.usecases.ports import InstanceFilter, Page

process_instances = Table(
    "process_instances",
    metadata,
    key(),
    tenant(),
    words("agency_id"),
    words("definition_id"),
    words("definition_key"),
    words("business_key"),
    word("subject_kind", SubjectKind, nullable=True),
    maybe("subject_id"),
    instant("started_at"),
    words("started_by"),
    word("state", InstanceState),
    number("version"),
    Column("tokens", LargeBinary, nullable=False),
    json("variables"),
    instant("moved_at", nullable=True),
    instant("ended_at", nullable=True),
    words("end_reason"),
    number("open_incidents"),
    number("history_seq"),
    Index(
        "ix_process_instances_business_key",
        "tenant_id",
        "business_key",
        "id",
        postgresql_ops={"business_key": "text_pattern_ops"},
    ),
    Index("ix_process_instances_newest", "tenant_id", "id"),
    Index("ix_process_instances_state", "tenant_id", "state", "id"),
    Index("ix_process_instances_definition_key", "tenant_id", "definition_key", "id"),
    Index("ix_process_instances_subject", "tenant_id", "subject_id", "subject_kind", "id"),
)
column = process_instances.c
not_over = column.ended_at.is_(None)
partial_index(
    "ix_process_instances_running",
    column.tenant_id,
    column.definition_id,
    column.id,
    where=not_over,
)
partial_index(
    "ix_process_instances_incidents",
    column.tenant_id,
    column.id,
    where=column.open_incidents > 0,
)

history = Table(
    "history",
    metadata,
    key("instance_id"),
    number("seq", primary_key=True),
    tenant(),
    instant("at"),
    words("kind"),
    words("element"),
    words("name"),
    words("actor"),
    words("actor_name"),
    json("data"),
)

entity(
    ProcessInstance,
    process_instances,
    version=column.version,
    recent=lambda instance: instance.state is InstanceState.ACTIVE,
    leads=True,
)
entity(HistoryEntry, history)


class InstanceRows(Rows[ProcessInstance]):
    entity = ProcessInstance
    missing = "Không tìm thấy quy trình đang chạy này."

    def lock(self, instance_id: str) -> ProcessInstance:
        return self._locked(instance_id)

    def page(self, wanted: InstanceFilter, number: int, size: int) -> Page[ProcessInstance]:
        """Newest first; `search` is the beginning of a business key."""
        return self._page(self._conditions(wanted), [], number, size, newest_first=True)

    def codes(self, wanted: InstanceFilter, limit: int) -> list[tuple[str, str]]:
        rows = self.session.execute(
            select(column.id, column.business_key)
            .where(self.mine, *self._conditions(wanted))
            .order_by(column.id.desc())
            .limit(limit)
        )
        return [(key, code) for key, code in rows]

    def _conditions(self, wanted: InstanceFilter) -> list[ColumnElement[bool]]:
        conditions = at_agencies(column.agency_id, wanted.agency_ids)
        if wanted.state is not None:
            conditions.append(column.state == wanted.state)
        if wanted.definition_key is not None:
            conditions.append(column.definition_key == wanted.definition_key)
        if wanted.definition_id is not None:
            conditions.append(column.definition_id == wanted.definition_id)
        if wanted.running:
            conditions.append(not_over)
        if wanted.with_incidents:
            conditions.append(column.open_incidents > 0)
        if wanted.still_since is not None:
            conditions += [
                column.state == InstanceState.ACTIVE,
                column.moved_at < wanted.still_since,
            ]
        if wanted.search.strip():
            conditions.append(
                column.business_key.like(starting(wanted.search.strip()), escape="\\")
            )
        return conditions

    def by_business_key(self, key: str) -> list[ProcessInstance]:
        return self._all(column.business_key == key)

    def of_subject(self, kind: str, subject_id: str) -> list[ProcessInstance]:
        return self._all(column.subject_id == subject_id, column.subject_kind == kind)

    def record(self, entries: Sequence[HistoryEntry]) -> None:
        for entry in entries:
            self.session.add(entry)

    def history(
        self,
        instance_id: str,
        *,
        kinds: Sequence[str] | None = None,
        limit: int = 500,
        before: int | None = None,
    ) -> list[HistoryEntry]:
        conditions = [history.c.tenant_id == self.tenant_id, history.c.instance_id == instance_id]
        if kinds is not None:
            conditions.append(history.c.kind.in_(kinds))
        if before is not None:
            conditions.append(history.c.seq < before)
        rows = self.session.execute(
            select(*(c for c in history.c if c.name != "tenant_id"))
            .where(*conditions)
            .order_by(history.c.seq.desc())
            .limit(limit)
        )
        return [HistoryEntry(**row) for row in reversed(rows.mappings().all())]

    def checkpoint(self, instance_id: str, until: int) -> tuple[int, dict[str, Any]] | None:
        return checkpoints.nearest(self.session, self.tenant_id, instance_id, until)

    def keep_checkpoint(self, instance_id: str, seq: int, state: dict[str, Any]) -> None:
        checkpoints.keep(self.session, self.tenant_id, instance_id, seq, state)

    def keep_called(self, instance_id: str, scope: str, definition_id: str) -> None:
        called.keep(self.session, self.tenant_id, instance_id, scope, definition_id)

    def forget_called(self, instance_id: str, scope: str) -> None:
        called.forget(self.session, instance_id, scope)

    def called(self, wanted: InstanceFilter, limit: int) -> list[tuple[str, str, str]]:
        rows = self.session.execute(
            select(column.id, running.c.scope, column.business_key)
            .where(*self._called(wanted))
            .order_by(column.id.desc(), running.c.scope)
            .limit(limit)
        )
        return [(key, scope, code) for key, scope, code in rows]

    def count_called(self, wanted: InstanceFilter) -> int:
        chosen = select(func.count()).select_from(process_instances, running)
        return self.session.scalar(chosen.where(*self._called(wanted))) or 0

    def called_by_definition(self) -> dict[str, int]:
        rows = self.session.execute(
            select(running.c.definition_id, func.count())
            .where(running.c.tenant_id == self.tenant_id)
            .group_by(running.c.definition_id)
        )
        return {row.definition_id: row[1] for row in rows}

    def _called(self, wanted: InstanceFilter) -> list[ColumnElement[bool]]:
        return [
            self.mine,
            running.c.tenant_id == self.tenant_id,
            running.c.instance_id == column.id,
            running.c.definition_id == wanted.definition_id,
            *self._conditions(replace(wanted, definition_id=None)),
        ]

    def count_by_state(self) -> dict[str, int]:
        rows = self.session.execute(
            select(column.state, func.count()).where(self.mine).group_by(column.state)
        )
        return {state.value: count for state, count in rows}

    def count_running(self) -> dict[str, tuple[int, int]]:
        troubled = func.sum(case((column.open_incidents > 0, 1), else_=0))
        rows = self.session.execute(
            select(column.definition_id, func.count(), troubled)
            .where(self.mine, column.state.in_([InstanceState.ACTIVE, InstanceState.SUSPENDED]))
            .group_by(column.definition_id)
        )
        return {key: (number, int(with_incidents)) for key, number, with_incidents in rows}
