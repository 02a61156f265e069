"""The catalog's tables of what is counted and measured; times are seconds since the epoch, UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assistant.catalog.models import Base


class TurnFactRow(Base):
    """What is counted of a turn, without a word of it: it goes with the turn."""

    __tablename__ = "turn_facts"
    __table_args__ = (Index("turn_facts_by_day", "day"),)

    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    person: Mapped[str] = mapped_column(String(300))
    day: Mapped[int] = mapped_column(Integer)  # since the epoch, UTC
    state: Mapped[str] = mapped_column(String(20))
    mode: Mapped[str] = mapped_column(String(20))  # as it was read in the end; empty: no plan was made
    model: Mapped[str] = mapped_column(String(300))
    found: Mapped[bool | None] = mapped_column(Boolean)
    fallback: Mapped[bool] = mapped_column(Boolean)
    first_seconds: Mapped[float | None] = mapped_column(Float)  # until the first words
    seconds: Mapped[float | None] = mapped_column(Float)
    prompt_tokens: Mapped[int] = mapped_column(BigInteger)
    completion_tokens: Mapped[int] = mapped_column(BigInteger)
    cached_tokens: Mapped[int | None] = mapped_column(BigInteger)  # None: the server does not say
    citations: Mapped[int] = mapped_column(Integer)
    verified: Mapped[int] = mapped_column(Integer)


class TurnSourceRow(Base):
    """How often a turn's answer cites documents of a source."""

    __tablename__ = "turn_sources"
    __table_args__ = (Index("turn_sources_by_day", "day"),)

    turn_id: Mapped[str] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(String(200), primary_key=True)
    person: Mapped[str] = mapped_column(String(300))
    day: Mapped[int] = mapped_column(Integer)
    citations: Mapped[int] = mapped_column(Integer)


class EvaluationRow(Base):
    """A run of the kept questions that was started from the pages or the API."""

    __tablename__ = "evaluations"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    started_by: Mapped[str] = mapped_column(String(300))
    started_at: Mapped[float] = mapped_column(Float, index=True)
    finished_at: Mapped[float | None] = mapped_column(Float)
    alive_at: Mapped[float] = mapped_column(Float)  # when its process was last heard of
    state: Mapped[str] = mapped_column(String(20))
    done: Mapped[int] = mapped_column(Integer)
    total: Mapped[int] = mapped_column(Integer)
    mode: Mapped[str] = mapped_column(String(20))
    cancelled: Mapped[bool] = mapped_column(Boolean)
    error: Mapped[str] = mapped_column(Text)
    used: Mapped[dict[str, Any]] = mapped_column(JSON)  # models, embedder, version
    scores: Mapped[dict[str, Any]] = mapped_column(JSON)
    results: Mapped[list[Any]] = mapped_column(JSON)  # a question each, with the documents that it shows
