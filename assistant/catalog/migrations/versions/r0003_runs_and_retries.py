"""What a run costs and whether it was cancelled, when failed work is tried again, and what a source may use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_NO, _ZERO, _EMPTY_OBJECT = sa.false(), "0", "{}"


def upgrade() -> None:
    op.add_column("sources", sa.Column("time_zone", sa.String(60), nullable=False, server_default="UTC"))
    op.add_column("sources", sa.Column("failed_syncs", sa.Integer(), nullable=False, server_default=_ZERO))
    op.add_column("sources", sa.Column("retry_at", sa.Float(), nullable=True))
    op.add_column("jobs", sa.Column("not_before", sa.Float(), nullable=True))
    op.add_column("jobs", sa.Column("failures", sa.Integer(), nullable=False, server_default=_ZERO))
    op.add_column("jobs", sa.Column("ignored", sa.Boolean(), nullable=False, server_default=_NO))
    op.add_column("runs", sa.Column("cancelled", sa.Boolean(), nullable=False, server_default=_NO))
    op.add_column("runs", sa.Column("finished", sa.Integer(), nullable=False, server_default=_ZERO))
    op.add_column("runs", sa.Column("bytes", sa.BigInteger(), nullable=False, server_default=_ZERO))
    op.add_column("runs", sa.Column("phases", sa.JSON(), nullable=False, server_default=_EMPTY_OBJECT))
    op.create_index("jobs_due", "jobs", ["state", "not_before"])


def downgrade() -> None:
    op.drop_index("jobs_due", table_name="jobs")
    for name in ("phases", "bytes", "finished", "cancelled"):
        op.drop_column("runs", name)
    for name in ("ignored", "failures", "not_before"):
        op.drop_column("jobs", name)
    for name in ("retry_at", "failed_syncs", "time_zone"):
        op.drop_column("sources", name)
