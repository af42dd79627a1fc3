"""From where the replay of a history may begin. Made from history alone: losing them loses nothing."""

from typing import Any

from sqlalchemy import Table, select

from app.store.rows import insert_new
from app.store.schema import json, key, metadata, number, tenant
from app.store.session import Session

history_checkpoints = Table(
    "history_checkpoints",
    metadata,
    key("instance_id"),
    number("seq", primary_key=True),
    tenant(),
    json("state"),
)
column = history_checkpoints.c


def nearest(
    session: Session, tenant_id: str, instance_id: str, until: int
) -> tuple[int, dict[str, Any]] | None:
    """The newest one that is not past the entry `until`."""
    row = session.execute(
        select(column.seq, column.state)
        .where(
            column.tenant_id == tenant_id,
            column.instance_id == instance_id,
            column.seq <= until,
        )
        .order_by(column.seq.desc())
        .limit(1)
    ).first()
    return None if row is None else (row.seq, row.state)


def keep(session: Session, tenant_id: str, instance_id: str, seq: int, state: Any) -> None:
    """Write it, unless it is there."""
    values = {"tenant_id": tenant_id, "instance_id": instance_id, "seq": seq, "state": state}
    insert_new(session, history_checkpoints, values)
