"""Passwords, sign-ins, nested groups, groups of an identity provider, and documents opened by a break-glass act."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    with op.batch_alter_table("people") as people:
        people.add_column(sa.Column("email", sa.String(320), nullable=False, server_default=""))
        people.add_column(sa.Column("provided_groups", sa.JSON(), nullable=False, server_default="[]"))
        people.add_column(sa.Column("curates", sa.JSON(), nullable=False, server_default="[]"))
        people.add_column(sa.Column("origin", sa.String(20), nullable=False, server_default="local"))
        people.add_column(sa.Column("external_id", sa.String(400), nullable=True))
        people.add_column(sa.Column("password", sa.Text(), nullable=False, server_default=""))
        people.add_column(sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false()))
        people.add_column(sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
        people.add_column(sa.Column("locked_until", sa.Float(), nullable=False, server_default="0"))
        people.create_unique_constraint("people_external_id", ["external_id"])
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("person_id", sa.String(200), sa.ForeignKey("people.id"), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("former", sa.String(64), nullable=True, unique=True),
        sa.Column("rotated_at", sa.Float(), nullable=False),
        sa.Column("way", sa.String(20), nullable=False),
        sa.Column("address", sa.String(100), nullable=False),
        sa.Column("agent", sa.String(300), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("used_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
    )
    op.create_index("sessions_by_person", "sessions", ["person_id"])
    _create_groups()


def _create_groups() -> None:
    op.create_table(
        "groups",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False, server_default=""),
        sa.Column("origin", sa.String(20), nullable=False, server_default="local"),
        sa.Column("external_id", sa.String(400), nullable=True, unique=True),
        sa.Column("created_at", sa.Float(), nullable=False),
    )
    op.create_table(
        "group_members",
        sa.Column("parent", sa.String(200), primary_key=True),
        sa.Column("child", sa.String(200), primary_key=True),
    )
    op.create_index("group_members_by_child", "group_members", ["child"])
    op.create_table(
        "openings",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("person_id", sa.String(200), sa.ForeignKey("people.id"), nullable=False),
        sa.Column("document_id", sa.String(36), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
    )
    op.create_index("openings_by_person", "openings", ["person_id", "expires_at"])


def downgrade() -> None:
    for table in ("openings", "group_members", "groups", "sessions"):
        op.drop_table(table)
    with op.batch_alter_table("people") as people:
        people.drop_constraint("people_external_id", type_="unique")
        for column in (
            "locked_until",
            "failures",
            "must_change_password",
            "password",
            "external_id",
            "origin",
            "curates",
            "provided_groups",
            "email",
        ):
            people.drop_column(column)
