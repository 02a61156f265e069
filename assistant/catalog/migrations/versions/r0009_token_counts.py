"""How many tokens each document takes in a prompt, by tokenizer, so that each is counted once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "token_counts",
        sa.Column("tokenizer", sa.String(300), primary_key=True),
        sa.Column("document_id", sa.String(36), primary_key=True),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("tokens", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("token_counts")
