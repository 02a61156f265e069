"""How often a job's worker was lost, and syncs that a person asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("jobs", sa.Column("lost", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("sources", sa.Column("asked", sa.String(36), nullable=True))
    op.add_column("sources", sa.Column("asked_full", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for name in ("asked_full", "asked"):
        op.drop_column("sources", name)
    op.drop_column("jobs", "lost")
