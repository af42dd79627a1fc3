"""Calendars: each version whole, as JSON, and kept parsed as long as it does not change."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Row, Table, select

from app.domain.calendars import Calendar
from app.domain.errors import Conflict, NotFound
from app.domain.people import AgencyLevel
from app.store.people import agencies
from app.store.rows import affected
from app.store.schema import instant, json, key, maybe, metadata, number, tenant, words
from app.store.session import Session

calendars = Table(
    "calendars",
    metadata,
    tenant(primary_key=True),
    key(),
    words("name"),
    number("version"),
    maybe("parent_id"),
    json("data"),
    instant("removed_at", nullable=True),
)


@dataclass
class ParsedCalendars:
    """Parsed calendars by id, shared by all transactions of a process.

    A calendar is immutable and remembers the days it has worked out, so it pays to keep it. The
    version (its own and that of its parents) says whether a kept one still holds.
    """

    kept: dict[str, Calendar] = field(default_factory=dict)

    def read(self, row: Row[tuple[object, ...]], parent: Calendar | None) -> Calendar:
        known = self.kept.get(row.id)
        if known is not None and known.version == row.version and known.parent is parent:
            return known
        self.kept[row.id] = Calendar.from_json(row.data, parent)
        return self.kept[row.id]


class CalendarRows:
    def __init__(self, session: Session, tenant_id: str, parsed: ParsedCalendars) -> None:
        self.session = session
        self.tenant_id = tenant_id
        self.parsed = parsed
        self.mine = calendars.c.tenant_id == tenant_id
        self.in_use = self.mine & calendars.c.removed_at.is_(None)

    def get(self, key: str) -> Calendar:
        found = self.find(key)
        if found is None:
            raise NotFound("Không tìm thấy lịch làm việc này.")
        return found

    def find(self, key: str) -> Calendar | None:
        row = self.session.execute(
            select(calendars).where(self.mine, calendars.c.id == key)
        ).one_or_none()
        if row is None:
            return None
        parent = self.get(row.parent_id) if row.parent_id else None
        return self.parsed.read(row, parent)

    def add(self, calendar: Calendar) -> None:
        self.session.execute(
            calendars.insert().values(
                tenant_id=self.tenant_id, id=calendar.id, **_columns(calendar)
            )
        )

    def for_agency(self, agency_id: str) -> Calendar:
        own = self.session.scalar(
            select(agencies.c.calendar_id).where(
                agencies.c.tenant_id == self.tenant_id, agencies.c.id == agency_id
            )
        )
        return self.get(own) if own else self._of_the_province()

    def all(self) -> list[Calendar]:
        ids = self.session.scalars(
            select(calendars.c.id).where(self.in_use).order_by(calendars.c.name, calendars.c.id)
        ).all()
        return [self.get(key) for key in ids]

    def save(self, calendar: Calendar, *, expected_version: int) -> None:
        following = replace(calendar, version=max(calendar.version, expected_version + 1))
        self._update(calendar.id, expected_version, _columns(following))

    def remove(self, calendar_id: str, *, expected_version: int, at: datetime) -> None:
        self._update(calendar_id, expected_version, {"removed_at": at})

    def _update(self, key: str, expected_version: int, values: Mapping[str, object]) -> None:
        updated = self.session.execute(
            calendars.update()
            .where(self.in_use, calendars.c.id == key, calendars.c.version == expected_version)
            .values(**values)
        )
        if affected(updated) != 1:
            raise Conflict(
                "Lịch này vừa được người khác sửa. Hãy tải lại trang rồi sửa trên bản mới."
            )

    def _of_the_province(self) -> Calendar:
        """The calendar of the agency at the top, else the one that has no parent."""
        chosen = self.session.scalar(
            select(agencies.c.calendar_id)
            .where(
                agencies.c.tenant_id == self.tenant_id,
                agencies.c.level == AgencyLevel.PROVINCE,
                agencies.c.calendar_id.isnot(None),
            )
            .order_by(agencies.c.id)
            .limit(1)
        ) or self.session.scalar(
            select(calendars.c.id)
            .where(self.in_use, calendars.c.parent_id.is_(None))
            .order_by(calendars.c.id)
            .limit(1)
        )
        if chosen is None:
            raise NotFound("Chưa có lịch làm việc nào. Hãy báo quản trị hệ thống.")
        return self.get(chosen)


def _columns(calendar: Calendar) -> dict[str, object]:
    return {
        "name": calendar.name,
        "version": calendar.version,
        "parent_id": calendar.parent.id if calendar.parent else None,
        "data": calendar.to_json(),
    }
