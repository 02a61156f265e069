"""The catalog's table of shared conversations; times are seconds since the epoch, UTC."""

from __future__ import annotations

from sqlalchemy import JSON, Float, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from assistant.catalog.models import Base


class ShareRow(Base):
    """A conversation, up to one turn, that others may look at as far as they may read what it rests on."""

    __tablename__ = "conversation_shares"
    __table_args__ = (Index("conversation_shares_by_conversation", "conversation_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    turn: Mapped[str] = mapped_column(String(36))  # the last one that is shared
    principals: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[float] = mapped_column(Float)
    expires_at: Mapped[float] = mapped_column(Float)
    ended_at: Mapped[float | None] = mapped_column(Float)
