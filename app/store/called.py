"""Which processes run inside which instances: those that an instance has called.

The truth is in the tokens of the instance; this is written with them, so that the processes of
one definition can be found.
"""

from sqlalchemy import Index, Table

from app.store.rows import put
from app.store.schema import key, metadata, tenant, words
from app.store.session import Session

called_processes = Table(
    "called_processes",
    metadata,
    key("instance_id"),
    key("scope"),
    tenant(),
    words("definition_id"),
    Index("ix_called_processes_definition", "tenant_id", "definition_id", "instance_id"),
)
column = called_processes.c


def keep(session: Session, tenant_id: str, instance_id: str, scope: str, definition: str) -> None:
    """Write by which definition it runs, now or from now on."""
    key = {"instance_id": instance_id, "scope": scope}
    put(session, called_processes, key, {"tenant_id": tenant_id, "definition_id": definition})


def forget(session: Session, instance_id: str, scope: str) -> None:
    session.execute(
        called_processes.delete().where(column.instance_id == instance_id, column.scope == scope)
    )
