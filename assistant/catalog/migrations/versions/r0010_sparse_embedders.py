"""Indexes say which learned sparse model weighs their chunks' words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("indexes", sa.Column("sparse_embedder", sa.String(300), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("indexes", "sparse_embedder")
