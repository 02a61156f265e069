"""The catalog's tables of webhooks and of what is sent to them; times are seconds since the epoch, UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assistant.catalog.models import Base


class WebhookRow(Base):
    """An address that is told of events."""

    __tablename__ = "webhooks"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]] = mapped_column(JSON)
    secrets: Mapped[dict[str, Any]] = mapped_column(JSON)  # encrypted: the one that signs, and the one before it
    former_until: Mapped[float] = mapped_column(Float)  # until then the former secret signs as well
    enabled: Mapped[bool] = mapped_column(Boolean)
    error: Mapped[str] = mapped_column(Text)  # why it was switched off by itself; empty: it was not
    created_at: Mapped[float] = mapped_column(Float)


class DeliveryRow(Base):
    """An event on its way to a webhook, or at its end."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        Index("webhook_deliveries_due", "state", "next_at"),
        Index("webhook_deliveries_by_webhook", "webhook", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    webhook: Mapped[str] = mapped_column(ForeignKey("webhooks.name", ondelete="CASCADE"))
    message: Mapped[str] = mapped_column(String(40))  # the event's id, the same for all webhooks and all tries
    event: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(36))  # the id of the run or feedback, or empty
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(20))
    tries: Mapped[int] = mapped_column(Integer)
    next_at: Mapped[float] = mapped_column(Float)  # the next try; of one that is being sent, when it counts as lost
    created_at: Mapped[float] = mapped_column(Float, index=True)
    finished_at: Mapped[float | None] = mapped_column(Float)
    status: Mapped[int | None] = mapped_column(Integer)  # of the last answer; None: there was none
    answer: Mapped[str] = mapped_column(Text)  # a line of the last answer, or why there was none
