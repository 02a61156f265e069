"""Webhooks: addresses that are told of events, and what was sent to them, for admins."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from assistant.api.context import ContextOf
from assistant.api.signed_in import UserOf
from assistant.app.announcing import webhook_desk
from assistant.audit import note
from assistant.catalog.webhooks import DeliveryState
from assistant.webhooks.addresses import host_of
from assistant.wire.webhooks import DeliveriesJson, DeliveryJson, WebhookJson, WebhookSecretJson, WebhooksJson

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])
_MOST_EVENTS = 50


class NewWebhook(BaseModel):
    """A webhook to add."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=64, description="a-z, 0-9, _ and -.")
    url: str = Field(max_length=4000, description="https, or http to one of the hosts of the setting `webhook_hosts`.")
    events: list[str] = Field(max_length=_MOST_EVENTS, description="Those that it wants; see GET /api/webhooks.")


class WebhookChanges(BaseModel):
    """What to change of a webhook; what is not given stays."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(None, max_length=4000)
    events: list[str] | None = Field(None, max_length=_MOST_EVENTS, description="Replaces the list.")
    enabled: bool | None = Field(None, description="False: it is told of nothing, and what waits for it waits on.")


@router.get("")
def webhooks(context: ContextOf, user: UserOf) -> WebhooksJson:
    """Return all webhooks, and the events that there are."""
    return WebhooksJson.of(webhook_desk(context.app).all(user))


@router.post("", status_code=201)
def add_webhook(body: NewWebhook, context: ContextOf, user: UserOf) -> WebhookSecretJson:
    """Add a webhook; its signing secret is in this answer and in none after it."""
    _note(body.url, body.events)
    note(name=body.name)
    return WebhookSecretJson.shown(webhook_desk(context.app).add(body.name, body.url, body.events, user))


@router.get("/{webhook}")
def webhook(webhook: str, context: ContextOf, user: UserOf) -> WebhookJson:
    """Return one webhook."""
    return WebhookJson.of(webhook_desk(context.app).show(webhook, user))


@router.patch("/{webhook}")
def change_webhook(webhook: str, body: WebhookChanges, context: ContextOf, user: UserOf) -> WebhookJson:
    """Change what is given."""
    note(changed=sorted(body.model_fields_set), enabled=body.enabled)
    _note(body.url, body.events)
    desk = webhook_desk(context.app)
    return WebhookJson.of(desk.change(webhook, user, url=body.url, events=body.events, enabled=body.enabled))


@router.delete("/{webhook}")
def remove_webhook(webhook: str, context: ContextOf, user: UserOf) -> WebhookJson:
    """Forget the webhook with its deliveries; the answer is what it was."""
    return WebhookJson.of(webhook_desk(context.app).remove(webhook, user))


@router.post("/{webhook}/secret")
def renew_secret(webhook: str, context: ContextOf, user: UserOf) -> WebhookSecretJson:
    """Give the webhook a new signing secret, shown this once; for a day the former one signs as well."""
    return WebhookSecretJson.shown(webhook_desk(context.app).new_secret(webhook, user))


@router.post("/{webhook}/test")
def test_webhook(webhook: str, context: ContextOf, user: UserOf) -> DeliveryJson:
    """Send a test at once; the answer says how it went."""
    return DeliveryJson.of(webhook_desk(context.app).test(webhook, user))


@router.get("/{webhook}/deliveries")
def deliveries(
    webhook: str,
    context: ContextOf,
    user: UserOf,
    state: Annotated[DeliveryState | None, Query(description="Only those in this state.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> DeliveriesJson:
    """Return the newest deliveries, newest first."""
    return DeliveriesJson.of(webhook_desk(context.app).deliveries(webhook, user, limit, state))


@router.post("/{webhook}/deliveries/{delivery}/redeliver")
def redeliver(webhook: str, delivery: str, context: ContextOf, user: UserOf) -> DeliveryJson:
    """Let a delivery that came to its end be sent again, as the same message."""
    return DeliveryJson.of(webhook_desk(context.app).redeliver(webhook, delivery, user))


def _note(url: str | None, events: list[str] | None) -> None:
    """Note the host alone: an address may hold what only the receiver is to know."""
    if url is not None:
        note(host=host_of(url))
    if events is not None:
        note(events=events)
