"""What provisioning by SCIM says of people and groups, and who conversations are shared with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"


def upgrade() -> None:
    with op.batch_alter_table("people") as people:
        people.add_column(sa.Column("deleted_at", sa.Float(), nullable=True))
        people.add_column(sa.Column("provisioned", sa.JSON(), nullable=False, server_default="{}"))
    with op.batch_alter_table("group_members") as members:
        members.add_column(sa.Column("origin", sa.String(20), nullable=False, server_default="local"))
    op.create_table(
        "conversation_shares",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column(
            "conversation_id", sa.String(36), sa.ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("turn", sa.String(36), nullable=False),
        sa.Column("principals", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
    )
    op.create_index("conversation_shares_by_conversation", "conversation_shares", ["conversation_id"])


def downgrade() -> None:
    op.drop_table("conversation_shares")
    with op.batch_alter_table("group_members") as members:
        members.drop_column("origin")
    with op.batch_alter_table("people") as people:
        people.drop_column("provisioned")
        people.drop_column("deleted_at")
