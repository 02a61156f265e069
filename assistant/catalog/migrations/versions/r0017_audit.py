"""The audit log: a chain that only grows, and the keys of the people in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assistant.catalog.audit_triggers import arm, disarm

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(32), nullable=False),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.Column("personal", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_action", "audit", ["action"])
    op.create_index("audit_by_actor", "audit", ["actor", "number"])
    op.create_index("audit_by_subject", "audit", ["subject", "number"])
    op.create_table(
        "audit_documents",
        sa.Column("document_id", sa.String(36), primary_key=True),
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,  # half the room
    )
    op.create_index("ix_audit_documents_number", "audit_documents", ["number"])
    op.create_table(
        "audit_chain",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("anchor", sa.BigInteger(), nullable=False),
        sa.Column("anchor_digest", sa.String(64), nullable=False),
        sa.Column("head", sa.BigInteger(), nullable=False),
        sa.Column("head_digest", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.Column("seal_key", sa.String(8), nullable=False),
    )
    op.create_table(
        "person_keys",
        sa.Column("pseudonym", sa.String(32), primary_key=True),
        sa.Column("person", sa.String(200), nullable=True),
        sa.Column("key", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("erased_at", sa.Float(), nullable=True),
    )
    op.create_index("ix_person_keys_person", "person_keys", ["person"])
    arm(op.get_bind())


def downgrade() -> None:
    disarm(op.get_bind())
    for table in ("person_keys", "audit_chain", "audit_documents", "audit"):
        op.drop_table(table)
