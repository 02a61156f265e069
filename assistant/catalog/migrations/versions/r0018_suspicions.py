"""Documents that read like orders to an assistant: what was met, and whether an admin looked at it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("documents", sa.Column("flagged", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("runs", sa.Column("flagged", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "suspicions",
        sa.Column("document_id", sa.String(36), sa.ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("signs", sa.JSON(), nullable=False),
        sa.Column("found_at", sa.Float(), nullable=False),
        sa.Column("reviewed_at", sa.Float(), nullable=True),
        sa.Column("reviewed_by", sa.String(200), nullable=False, server_default=""),
    )


def downgrade() -> None:
    op.drop_table("suspicions")
    with op.batch_alter_table("runs") as runs:
        runs.drop_column("flagged")
    with op.batch_alter_table("documents") as documents:
        documents.drop_column("flagged")
