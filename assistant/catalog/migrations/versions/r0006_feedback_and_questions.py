"""What people say of answers, and questions that are kept to measure answers with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("user", sa.String(300), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("reads_everything", sa.Boolean(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("cited", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
    )
    op.create_index("ix_feedback_user", "feedback", ["user"])
    op.create_index("ix_feedback_created_at", "feedback", ["created_at"])
    op.create_table(
        "questions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("expected", sa.JSON(), nullable=False),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("feedback_id", sa.String(36), nullable=True),
        sa.Column("added_by", sa.String(300), nullable=False),
        sa.Column("added_at", sa.Float(), nullable=False),
    )
    op.create_index("ix_questions_added_at", "questions", ["added_at"])


def downgrade() -> None:
    op.drop_table("questions")
    op.drop_table("feedback")
