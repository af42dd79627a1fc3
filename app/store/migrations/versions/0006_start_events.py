"""Start events that begin instances by themselves, tasks for workers outside, tags of decisions."""

import sqlalchemy as sa
from alembic import op

from app.store.columns import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OPEN = sa.text("open IS true")
OPEN_SQLITE = sa.text("open IS 1")
DUE = sa.text("open IS true AND due_at IS NOT NULL")
DUE_SQLITE = sa.text("open IS 1 AND due_at IS NOT NULL")
FETCHED = sa.text("state = 'pending' AND kind = 'fetched'")


def upgrade() -> None:
    op.create_table(
        "start_events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant_id", sa.Text(), nullable=False),
        sa.Column("definition_id", sa.Text(), nullable=False),
        sa.Column("definition_key", sa.Text(), nullable=False),
        sa.Column("element", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("fired", sa.Integer(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_start_events"),
    )
    op.create_index(
        "ix_start_events_definition_key", "start_events", ["tenant_id", "definition_key"]
    )
    op.create_index(
        "ix_start_events_name",
        "start_events",
        ["tenant_id", "name"],
        sqlite_where=OPEN_SQLITE,
        postgresql_where=OPEN,
    )
    op.create_index(
        "ix_start_events_due",
        "start_events",
        ["tenant_id", "due_at"],
        sqlite_where=DUE_SQLITE,
        postgresql_where=DUE,
    )
    op.create_index(
        "ix_jobs_fetched",
        "jobs",
        ["tenant_id", "topic", "priority", "id"],
        sqlite_where=FETCHED,
        postgresql_where=FETCHED,
    )
    op.add_column("decision_definitions", sa.Column("version_tag", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("decision_definitions", "version_tag")
    op.drop_index("ix_jobs_fetched", table_name="jobs")
    op.drop_table("start_events")
