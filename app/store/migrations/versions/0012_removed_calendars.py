"""A calendar that was taken away still explains the clocks it judged."""

import sqlalchemy as sa
from alembic import op

from app.store.columns import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calendars", sa.Column("removed_at", Instant(), nullable=True))


def downgrade() -> None:
    op.drop_column("calendars", "removed_at")
