"""What is counted of turns, also of those that there are, and runs of an evaluation that the pages start."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assistant.catalog.counting import facts_of, sources_of

revision = "0026"
down_revision = "0022"

_AT_ONCE = 500


def _turn() -> sa.Column[str]:
    return sa.Column("turn_id", sa.String(36), sa.ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)


def upgrade() -> None:
    facts = op.create_table(
        "turn_facts",
        _turn(),
        sa.Column("person", sa.String(300), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("model", sa.String(300), nullable=False),
        sa.Column("found", sa.Boolean(), nullable=True),
        sa.Column("fallback", sa.Boolean(), nullable=False),
        sa.Column("first_seconds", sa.Float(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("prompt_tokens", sa.BigInteger(), nullable=False),
        sa.Column("completion_tokens", sa.BigInteger(), nullable=False),
        sa.Column("cached_tokens", sa.BigInteger(), nullable=True),
        sa.Column("citations", sa.Integer(), nullable=False),
        sa.Column("verified", sa.Integer(), nullable=False),
    )
    op.create_index("turn_facts_by_day", "turn_facts", ["day"])
    sources = op.create_table(
        "turn_sources",
        _turn(),
        sa.Column("source", sa.String(200), primary_key=True),
        sa.Column("person", sa.String(300), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("citations", sa.Integer(), nullable=False),
    )
    op.create_index("turn_sources_by_day", "turn_sources", ["day"])
    op.create_table(
        "evaluations",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("started_by", sa.String(300), nullable=False),
        sa.Column("started_at", sa.Float(), nullable=False),
        sa.Column("finished_at", sa.Float(), nullable=True),
        sa.Column("alive_at", sa.Float(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("used", sa.JSON(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.Column("results", sa.JSON(), nullable=False),
    )
    op.create_index("ix_evaluations_started_at", "evaluations", ["started_at"])
    if not op.get_context().as_sql:
        _count_what_there_is(facts, sources)


def _count_what_there_is(facts: sa.Table, sources: sa.Table) -> None:
    turns = sa.table(
        "turns",
        *(sa.column(name) for name in ("id", "conversation_id", "state", "created_at", "finished_at")),
        sa.column("plan", sa.JSON()),
        sa.column("answer", sa.JSON()),
    )
    talks = sa.table("conversations", sa.column("id"), sa.column("user"))
    wanted = sa.select(turns, talks.c.user).join(talks, talks.c.id == turns.c.conversation_id).order_by(turns.c.id)
    last = ""
    while rows := op.get_bind().execute(wanted.where(turns.c.id > last).limit(_AT_ONCE)).mappings().all():
        last = rows[-1]["id"]
        op.bulk_insert(facts, [facts_of(row["id"], row["user"], row) for row in rows])
        if cited := [one for row in rows for one in sources_of(row["id"], row["user"], row)]:
            op.bulk_insert(sources, cited)


def downgrade() -> None:
    for table in ("evaluations", "turn_sources", "turn_facts"):
        op.drop_table(table)
