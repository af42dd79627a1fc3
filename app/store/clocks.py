"""Legal clocks."""

from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy import Column, ColumnElement, Index, Table, and_, case, func, or_, select

from app.domain.clocks import Clock, ClockKind, ClockState
from app.domain.durations import DayCounting, Duration
from app.domain.explanations import Explanation
from app.store.columns import Json
from app.store.rows import Rows, at_agencies
from app.store.schema import (
    entity,
    instant,
    is_word,
    json,
    key,
    metadata,
    number,
    partial_index,
    tenant,
    word,
    words,
)
from app.usecases.ports import ClockCount, ClockFilter, Page

clocks = Table(
    "clocks",
    metadata,
    key(),
    tenant(),
    words("agency_id"),
    word("kind", ClockKind),
    words("subject_kind"),
    words("subject_id"),
    words("calendar_id"),
    Column("duration", Json(Duration.to_json, Duration.from_json), nullable=False),
    word("counting", DayCounting),
    Column("cut_off", Json(time.isoformat, time.fromisoformat), nullable=False),
    instant("started_at"),
    instant("measured_from"),
    Column("measured", Json(Duration.to_json, Duration.from_json)),
    words("event"),
    instant("counting_from"),
    instant("due_at"),
    instant("warn_at"),
    instant("original_due_at"),
    Column("explanation", Json(Explanation.to_json, Explanation.from_json), nullable=False),
    word("state", ClockState),
    instant("paused_at", nullable=True),
    instant("stopped_at", nullable=True),
    instant("warned_at", nullable=True),
    instant("overdue_since", nullable=True),
    number("reschedule_count"),
    json("history"),
    Index("ix_clocks_subject", "subject_id", "subject_kind", "state"),
    Index("ix_clocks_calendar_id", "calendar_id", "state"),
)
column = clocks.c
running = is_word(column.state, ClockState.RUNNING)
partial_index(
    "ix_clocks_to_warn",
    column.tenant_id,
    column.warn_at,
    where=running & column.warned_at.is_(None),
)
partial_index(
    "ix_clocks_to_mark_overdue",
    column.tenant_id,
    column.due_at,
    where=running & column.overdue_since.is_(None),
)
partial_index(
    "ix_clocks_overdue",
    column.tenant_id,
    column.due_at,
    column.id,
    where=running & column.overdue_since.isnot(None),
)
partial_index(
    "ix_clocks_running",
    column.tenant_id,
    column.agency_id,
    column.kind,
    column.due_at,
    column.warn_at,
    where=running,
)
still_open = column.state.in_([ClockState.RUNNING, ClockState.PAUSED])

entity(Clock, clocks)


class ClockRows(Rows[Clock]):
    entity = Clock
    missing = "Không tìm thấy thời hạn này."

    def running(self, subject_kind: str, subject_id: str, kind: ClockKind) -> Clock | None:
        return self._first(
            column.subject_id == subject_id,
            column.subject_kind == subject_kind,
            column.kind == kind,
            still_open,
            order=[column.id.desc()],
        )

    def of_subject(self, subject_kind: str, subject_id: str) -> list[Clock]:
        """Oldest first."""
        return self._where(
            "subject_id = ? AND subject_kind = ?", subject_id, subject_kind, order="started_at, id"
        )

    def of_subjects(self, subject_kind: str, ids: Sequence[str]) -> list[Clock]:
        """Oldest first."""
        return self._all(
            column.subject_id.in_(ids),
            column.subject_kind == subject_kind,
            order=[column.started_at, column.id],
        )

    def to_warn(self, now: datetime, limit: int) -> list[Clock]:
        return self._all(
            running,
            column.warned_at.is_(None),
            column.warn_at <= now,
            order=[column.warn_at, column.id],
            limit=limit,
        )

    def to_mark_overdue(self, now: datetime, limit: int) -> list[Clock]:
        """Running, past due_at, not marked yet."""
        return self._all(
            running,
            column.overdue_since.is_(None),
            column.due_at < now,
            order=[column.due_at, column.id],
            limit=limit,
        )

    def open_by_calendar(self, calendar_id: str) -> list[Clock]:
        return self._all(column.calendar_id == calendar_id, still_open)

    def overdue_page(
        self, agency_ids: frozenset[str] | None, number: int, size: int
    ) -> Page[Clock]:
        """Running and marked overdue, the longest overdue first."""
        conditions = [running, column.overdue_since.isnot(None)]
        conditions += at_agencies(column.agency_id, agency_ids)
        return self._page(conditions, [column.due_at], number, size)

    def watched(self, wanted: ClockFilter, number: int, size: int, now: datetime) -> Page[Clock]:
        """The earliest due first."""
        late, soon = _late(now), _soon(now)
        chosen = {None: or_(late, soon), True: late, False: soon}[wanted.late]
        return self._page([*_watched(wanted), chosen], [column.due_at], number, size)

    def counts(self, wanted: ClockFilter, now: datetime) -> list[ClockCount]:
        rows = self.session.execute(
            select(
                column.agency_id,
                column.kind,
                func.sum(case((_late(now), 1), else_=0)),
                func.sum(case((_soon(now), 1), else_=0)),
                func.count(),
            )
            .where(self.mine, *_watched(wanted))
            .group_by(column.agency_id, column.kind)
        )
        return [
            ClockCount(agency_id, kind, int(late), int(soon), number)
            for agency_id, kind, late, soon, number in rows
        ]


def _watched(wanted: ClockFilter) -> list[ColumnElement[bool]]:
    conditions = [running, column.kind.in_(sorted(wanted.kinds))]
    return conditions + at_agencies(column.agency_id, wanted.agency_ids)


def _late(now: datetime) -> ColumnElement[bool]:
    return column.due_at < now


def _soon(now: datetime) -> ColumnElement[bool]:
    """Warned of, or to be warned of at the next tick, and not yet due."""
    return and_(column.due_at >= now, column.warn_at <= now)
