"""Failures that need a person."""

from sqlalchemy import ColumnElement, Index, Table, and_, func, or_, select

from app.domain.instances import Incident, IncidentState
from app.store.instances import process_instances
from app.store.rows import Rows, matches
from app.store.schema import (
    entity,
    instant,
    is_word,
    key,
    maybe,
    metadata,
    number,
    partial_index,
    searchable,
    tenant,
    word,
    words,
)
from app.store.search import starting
from app.usecases.ports import IncidentCount, IncidentFilter, Page

incidents = Table(
    "incidents",
    metadata,
    key(),
    tenant(),
    words("agency_id"),
    words("instance_id"),
    words("element"),
    number("token"),
    words("message"),
    instant("created_at"),
    maybe("job_id"),
    word("state", IncidentState),
    instant("resolved_at", nullable=True),
    maybe("resolved_by"),
    words("resolution"),
    words("search_text"),
    Index("ix_incidents_instance_id", "instance_id"),
    Index("ix_incidents_state", "tenant_id", "state", "created_at"),
)
column = incidents.c
instance = process_instances.c
still_open = is_word(column.state, IncidentState.OPEN)
partial_index(
    "ix_incidents_open_token", column.instance_id, column.token, where=still_open, unique=True
)

entity(Incident, incidents)
searchable(Incident, "element", "message")


class IncidentRows(Rows[Incident]):
    entity = Incident
    missing = "Không tìm thấy sự cố này."

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
        """Newest first; `search`: words of message or element, or how a business key begins."""
        conditions = [column.state == state, *_narrowed(narrow or IncidentFilter())]
        if group is not None:
            conditions += [column.message == group[0], column.element == group[1]]
        if search.strip():
            of_key = select(process_instances.c.id).where(
                process_instances.c.tenant_id == self.tenant_id,
                process_instances.c.business_key.like(starting(search.strip()), escape="\\"),
            )
            conditions.append(
                or_(and_(*matches(column.search_text, search)), column.instance_id.in_(of_key))
            )
        return self._page(conditions, [column.created_at.desc()], number, size, newest_first=True)

    def open_at(self, instance_id: str, token: int) -> Incident | None:
        return self._one(
            column.instance_id == instance_id,
            column.token == token,
            still_open,
        )

    def of_instance(self, instance_id: str) -> list[Incident]:
        return self._all(column.instance_id == instance_id)

    def grouped(self) -> list[tuple[str, str, int]]:
        count = func.count().label("count")
        rows = self.session.execute(
            select(column.message, column.element, count)
            .where(self.mine, still_open)
            .group_by(column.message, column.element)
            .order_by(count.desc(), column.message, column.element)
        )
        return [(message, element, number) for message, element, number in rows]

    def counts(self) -> list[IncidentCount]:
        calls = column.job_id.isnot(None)
        rows = self.session.execute(
            select(instance.definition_key, column.agency_id, calls, func.count())
            .join(process_instances, instance.id == column.instance_id)
            .where(self.mine, still_open)
            .group_by(instance.definition_key, column.agency_id, calls)
        )
        return [
            IncidentCount(key, agency, bool(call), number) for key, agency, call, number in rows
        ]


def _narrowed(wanted: IncidentFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.calls is not None:
        conditions.append(column.job_id.isnot(None) if wanted.calls else column.job_id.is_(None))
    if wanted.definition_key is not None:
        of_key = select(instance.id).where(instance.definition_key == wanted.definition_key)
        conditions.append(column.instance_id.in_(of_key))
    if wanted.agency_id is not None:
        conditions.append(column.agency_id == wanted.agency_id)
    if wanted.element is not None:
        conditions.append(column.element == wanted.element)
    if wanted.before is not None:
        conditions.append(column.created_at < wanted.before)
    return conditions
