"""Where an agency is found: the post collects results there."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("address", "phone"):
        op.add_column("agencies", sa.Column(name, sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    for name in ("phone", "address"):
        op.drop_column("agencies", name)
