"""Documents inside documents, what documents say of themselves, and passwords of sources."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_EMPTY_LIST, _EMPTY = "[]", ""


def upgrade() -> None:
    op.add_column("documents", sa.Column("parent", sa.String(36), nullable=True))
    op.create_index(op.f("ix_documents_parent"), "documents", ["parent"])
    op.add_column("documents", sa.Column("authors", sa.JSON(), nullable=False, server_default=_EMPTY_LIST))
    op.add_column("documents", sa.Column("created", sa.String(30), nullable=False, server_default=_EMPTY))
    op.add_column("documents", sa.Column("modified", sa.String(30), nullable=False, server_default=_EMPTY))
    op.add_column("documents", sa.Column("language", sa.String(10), nullable=False, server_default=_EMPTY))
    op.add_column("jobs", sa.Column("parent", sa.String(36), nullable=True))
    op.create_index(op.f("ix_jobs_parent"), "jobs", ["parent"])
    op.add_column("sources", sa.Column("passwords", sa.JSON(), nullable=False, server_default=_EMPTY_LIST))


def downgrade() -> None:
    op.drop_column("sources", "passwords")
    op.drop_index(op.f("ix_jobs_parent"), table_name="jobs")
    op.drop_column("jobs", "parent")
    for name in ("language", "modified", "created", "authors"):
        op.drop_column("documents", name)
    op.execute("DELETE FROM documents WHERE parent IS NOT NULL")
    op.drop_index(op.f("ix_documents_parent"), table_name="documents")
    op.drop_column("documents", "parent")
