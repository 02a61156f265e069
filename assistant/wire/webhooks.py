"""Webhooks and what was sent to them, as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, Field

from assistant.catalog.events import EVENTS

if TYPE_CHECKING:
    from assistant.catalog import DeliveryRecord
    from assistant.webhooks import WebhookInfo


class DeliveryJson(BaseModel):
    """An event on its way to a webhook, or at its end; times are seconds since the epoch, UTC."""

    id: str
    webhook: str
    message: str = Field(description="The header `webhook-id`: the same for every try.")
    event: str
    state: str = Field(description="`waiting` for its next try, `delivered`, or `failed`: it was tried often enough.")
    tries: int
    next_at: float | None = Field(description="When it is tried next; null: it is not.")
    created_at: float
    finished_at: float | None
    status: int | None = Field(description="Of the last answer; null: nobody answered.")
    answer: str = Field(description="The first line of the last answer, or why there was none.")

    @classmethod
    def of(cls, record: DeliveryRecord) -> Self:
        """Return the delivery as JSON."""
        return cls(
            id=record.id,
            webhook=record.webhook,
            message=record.message,
            event=record.event,
            state=record.state,
            tries=record.tries,
            next_at=record.next_at if record.state == "waiting" else None,
            created_at=record.created_at,
            finished_at=record.finished_at,
            status=record.status,
            answer=record.answer,
        )


class DeliveriesJson(BaseModel):
    """What was sent to a webhook, or waits to be, newest first."""

    deliveries: list[DeliveryJson]

    @classmethod
    def of(cls, records: Iterable[DeliveryRecord]) -> Self:
        """Return the deliveries as JSON."""
        return cls(deliveries=[DeliveryJson.of(one) for one in records])


class WebhookJson(BaseModel):
    """An address that is told of events."""

    name: str
    url: str
    events: list[str]
    enabled: bool
    error: str = Field(description="Why it was switched off by itself; empty: it was not.")
    waiting: int = Field(description="Deliveries that wait, of those that are kept.")
    delivered: int = Field(description="Deliveries that arrived.")
    failed: int = Field(description="Deliveries that were given up.")
    last: DeliveryJson | None = Field(description="The newest delivery.")

    @classmethod
    def of(cls, info: WebhookInfo) -> Self:
        """Return the webhook as JSON; its secret is not part of it."""
        record = info.record
        return cls(
            name=record.name,
            url=record.url,
            events=list(record.events),
            enabled=record.enabled,
            error=record.error,
            waiting=info.waiting,
            delivered=info.delivered,
            failed=info.failed,
            last=DeliveryJson.of(info.last) if info.last else None,
        )


class WebhooksJson(BaseModel):
    """All webhooks, and the events that there are."""

    webhooks: list[WebhookJson]
    events: list[str]

    @classmethod
    def of(cls, found: Iterable[WebhookInfo]) -> Self:
        """Return the webhooks as JSON."""
        return cls(webhooks=[WebhookJson.of(one) for one in found], events=list(EVENTS))


class WebhookSecretJson(BaseModel):
    """A webhook with its new signing secret, which is shown this once."""

    webhook: WebhookJson
    secret: str

    @classmethod
    def shown(cls, made: tuple[WebhookInfo, str]) -> Self:
        """Return both as JSON."""
        return cls(webhook=WebhookJson.of(made[0]), secret=made[1])
