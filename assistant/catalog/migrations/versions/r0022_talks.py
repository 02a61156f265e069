"""Which conversations are pinned, which turn feedback is on, and what that answer rests on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"


def upgrade() -> None:
    with op.batch_alter_table("conversations") as conversations:
        conversations.add_column(sa.Column("pinned_at", sa.Float(), nullable=True))
    with op.batch_alter_table("feedback") as feedback:
        feedback.add_column(sa.Column("turn", sa.String(36), nullable=True))
        feedback.add_column(sa.Column("cause", sa.String(20), nullable=False, server_default=""))
        feedback.add_column(sa.Column("rests_on", sa.JSON(), nullable=False, server_default="[]"))
    op.create_index("ix_feedback_turn", "feedback", ["turn"])


def downgrade() -> None:
    op.drop_index("ix_feedback_turn", "feedback")
    with op.batch_alter_table("feedback") as feedback:
        feedback.drop_column("rests_on")
        feedback.drop_column("cause")
        feedback.drop_column("turn")
    with op.batch_alter_table("conversations") as conversations:
        conversations.drop_column("pinned_at")
