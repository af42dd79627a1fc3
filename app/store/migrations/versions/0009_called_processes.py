"""Processes that an instance has called can be found by their definition."""

from collections.abc import Iterator
from typing import Any

import orjson
import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

PIECE = 500
SCOPE, DEFINITION = 0, 5  # where a scope's row in the tokens (version 1) has its id, its definition


def upgrade() -> None:
    called = op.create_table(
        "called_processes",
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("definition_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("instance_id", "scope", name="pk_called_processes"),
    )
    op.create_index(
        "ix_called_processes_definition",
        "called_processes",
        ["tenant_id", "definition_id", "instance_id"],
    )
    for rows in _running():
        if rows:
            op.bulk_insert(called, rows)


def _running() -> Iterator[list[dict[str, Any]]]:
    """Of every instance that has not ended, in pieces: the processes it has called."""
    connection, last = op.get_bind(), ""
    chosen = sa.text(
        "SELECT id, tenant_id, tokens FROM process_instances"
        " WHERE ended_at IS NULL AND id > :last ORDER BY id LIMIT :piece"
    )
    while found := connection.execute(chosen, {"last": last, "piece": PIECE}).all():
        last = found[-1].id
        yield [row for one in found for row in _called(one.id, one.tenant_id, bytes(one.tokens))]


def _called(instance_id: str, tenant_id: str, tokens: bytes) -> Iterator[dict[str, Any]]:
    for scope in orjson.loads(tokens)["s"] if tokens else ():
        if len(scope) > DEFINITION and scope[DEFINITION]:
            yield {
                "instance_id": instance_id,
                "scope": scope[SCOPE],
                "tenant_id": tenant_id,
                "definition_id": scope[DEFINITION],
            }


def downgrade() -> None:
    op.drop_table("called_processes")
