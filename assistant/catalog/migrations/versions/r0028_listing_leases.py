"""Until when a run's listing belongs to the process that lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("runs", sa.Column("lease_until", sa.Float(), nullable=True))


def downgrade() -> None:
    op.drop_column("runs", "lease_until")
