"""Running clocks by agency and kind: what is late and what will be is counted without history."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

RUNNING = sa.text("state = 'running'")


def upgrade() -> None:
    op.create_index(
        "ix_clocks_running",
        "clocks",
        ["tenant_id", "agency_id", "kind", "due_at", "warn_at"],
        unique=False,
        sqlite_where=RUNNING,
        postgresql_where=RUNNING,
    )


def downgrade() -> None:
    op.drop_index("ix_clocks_running", table_name="clocks")
