"""What stands where: the living work of all instances of one definition, by element."""

from typing import Any

from sqlalchemy import Select, Table, cast, func, literal, null, select, union_all

from app.store.columns import Instant
from app.store.incidents import incidents
from app.store.incidents import still_open as incident_open
from app.store.instances import not_over, process_instances
from app.store.session import Session
from app.store.user_tasks import still_open as task_open
from app.store.user_tasks import user_tasks
from app.store.waiting import job_pending, jobs
from app.usecases.ports import ElementLoad


def of_definition(session: Session, tenant_id: str, definition_id: str) -> list[ElementLoad]:
    """The most loaded element first."""
    instance = process_instances.c
    here = select(instance.id).where(
        instance.tenant_id == tenant_id, instance.definition_id == definition_id, not_over
    )
    rows = union_all(
        _waiting(user_tasks, tenant_id).where(task_open, user_tasks.c.instance_id.in_(here)),
        _waiting(jobs, tenant_id).where(job_pending, jobs.c.instance_id.in_(here)),
        select(
            incidents.c.element,
            literal(0).label("waiting"),
            cast(null(), Instant).label("since"),
            literal(1).label("incidents"),
        ).where(
            incidents.c.tenant_id == tenant_id, incident_open, incidents.c.instance_id.in_(here)
        ),
    ).subquery()
    waiting, troubled = func.sum(rows.c.waiting), func.sum(rows.c.incidents)
    found = session.execute(
        select(rows.c.element, waiting, func.min(rows.c.since), troubled)
        .group_by(rows.c.element)
        .order_by((waiting + troubled).desc(), rows.c.element)
    )
    return [ElementLoad(*row) for row in found]


def _waiting(table: Table, tenant_id: str) -> Select[Any]:
    return select(
        table.c.element,
        literal(1).label("waiting"),
        table.c.created_at.label("since"),
        literal(0).label("incidents"),
    ).where(table.c.tenant_id == tenant_id)
