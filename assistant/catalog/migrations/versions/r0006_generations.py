"""A number that grows with every change of documents and their readers, for what is kept of searches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "generations",
        sa.Column("name", sa.String(40), primary_key=True),
        sa.Column("number", sa.BigInteger(), nullable=False, server_default="0"),
    )


def downgrade() -> None:
    op.drop_table("generations")
