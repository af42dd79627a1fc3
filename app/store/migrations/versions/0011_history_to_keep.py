"""History is never changed and never taken back; from its checkpoints a replay begins."""

import sqlalchemy as sa
from alembic import op

from app.store.columns import Json

revision = "0011"
down_revision = "0009"
branch_labels = None
depends_on = None

MESSAGE = "history is append-only"

SQLITE = """
CREATE TRIGGER history_no_{verb} BEFORE {verb} ON history
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""

# One call for each statement that tries, none for those that only insert.
POSTGRESQL = f"""
CREATE FUNCTION history_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$;
CREATE TRIGGER history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON history
FOR EACH STATEMENT EXECUTE FUNCTION history_append_only()
"""


def upgrade() -> None:
    op.create_table(
        "history_checkpoints",
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("state", Json(), nullable=False),
        sa.PrimaryKeyConstraint("instance_id", "seq", name="pk_history_checkpoints"),
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(POSTGRESQL)
    else:
        for verb in ("update", "delete"):
            op.execute(SQLITE.format(verb=verb, message=MESSAGE))


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP TRIGGER history_append_only ON history")
        op.execute("DROP FUNCTION history_append_only()")
    else:
        for verb in ("update", "delete"):
            op.execute(f"DROP TRIGGER history_no_{verb}")
    op.drop_table("history_checkpoints")
