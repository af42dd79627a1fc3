"""Numbers without gaps, and locks on names that have no row of their own."""

import hashlib

from sqlalchemy import Column, Connection, Integer, Table, func, select

from app.store.rows import insert_new
from app.store.schema import key, metadata, tenant
from app.store.session import Session

counters = Table(
    "counters",
    metadata,
    tenant(primary_key=True),
    key("name"),
    Column("last", Integer, nullable=False),
)


def next_number(session: Session, tenant_id: str, name: str) -> int:
    """Count one up. The row stays locked until commit: whoever comes later waits and sees it."""
    insert_new(session, counters, {"tenant_id": tenant_id, "name": name, "last": 0})
    found = session.execute(
        counters.update()
        .where(counters.c.tenant_id == tenant_id, counters.c.name == name)
        .values(last=counters.c.last + 1)
        .returning(counters.c.last)
    )
    return int(found.scalar_one())


def lock_name(session: Session | Connection, *parts: str) -> None:
    """Hold a name until commit. On SQLite the one write lock of the transaction holds it already."""
    if session.dialect.name == "sqlite":
        return
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    number = int.from_bytes(digest[:8], "big", signed=True)
    session.execute(select(func.pg_advisory_xact_lock(number)))
