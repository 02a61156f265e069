"""Work by stages and priorities, limits of a source, moved documents, people's uploads, and more than one index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_ZERO = "0"


def upgrade() -> None:
    op.add_column("sources", sa.Column("concurrency", sa.Integer(), nullable=True))
    op.add_column("sources", sa.Column("per_minute", sa.Float(), nullable=True))
    op.add_column("sources", sa.Column("next_fetch_at", sa.Float(), nullable=False, server_default=_ZERO))
    op.add_column("documents", sa.Column("content", sa.String(64), nullable=False, server_default=""))
    op.add_column("jobs", sa.Column("stage", sa.String(10), nullable=False, server_default="parse"))
    op.add_column("jobs", sa.Column("priority", sa.Integer(), nullable=False, server_default=_ZERO))
    op.add_column("jobs", sa.Column("origin", sa.Text(), nullable=True))
    op.add_column("jobs", sa.Column("prepared", sa.Text(), nullable=False, server_default=""))
    op.add_column("runs", sa.Column("priority", sa.Integer(), nullable=False, server_default=_ZERO))
    op.add_column("runs", sa.Column("moved", sa.Integer(), nullable=False, server_default=_ZERO))
    op.execute("UPDATE jobs SET stage = 'delete' WHERE action = 'delete'")
    op.create_index("jobs_by_stage", "jobs", ["stage", "state", "priority", "id"])
    op.create_table(
        "uploads",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column(
            "source", sa.String(200), sa.ForeignKey("sources.name", ondelete="CASCADE"), nullable=False, index=True
        ),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("user", sa.String(300), nullable=False, index=True),
        sa.Column("media_type", sa.String(200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("readers", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.UniqueConstraint("source", "key"),
    )
    op.create_table(
        "indexes",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("embedder", sa.String(300), nullable=False),
        sa.Column("chunk_tokens", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("swapped_at", sa.Float(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False, server_default=_ZERO),
        sa.Column("total", sa.Integer(), nullable=False, server_default=_ZERO),
        sa.Column("error", sa.Text(), nullable=False, server_default=""),
    )


def downgrade() -> None:
    op.drop_table("indexes")
    op.drop_table("uploads")
    op.drop_index("jobs_by_stage", table_name="jobs")
    for name in ("moved", "priority"):
        op.drop_column("runs", name)
    for name in ("prepared", "origin", "priority", "stage"):
        op.drop_column("jobs", name)
    op.drop_column("documents", "content")
    for name in ("next_fetch_at", "per_minute", "concurrency"):
        op.drop_column("sources", name)
