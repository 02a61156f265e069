"""Plugins that an admin enabled or disabled."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "plugins",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("version", sa.String(100), nullable=False),
        sa.Column("mark", sa.String(200), nullable=False),
        sa.Column("described", sa.JSON(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.Float(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("plugins")
