"""Run migrations on the connection that `app.store.migrate` hands over."""

from typing import Any, Literal

from alembic import context

from app.store import migrate, tables
from app.store.columns import Instant, Json, Word

PLAIN = {Instant: "INSTANT", Json: "sa.Text()", Word: "sa.String(32)"}


def plain_type(kind: str, thing: Any, _generating: Any) -> str | Literal[False]:
    """Write our column types as the plain ones beneath: a migration must not change with the code."""
    return PLAIN.get(type(thing), False) if kind == "type" else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.metadata,
    include_name=migrate.ours,
    render_item=plain_type,
    transactional_ddl=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
