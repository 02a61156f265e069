"""Webhooks: addresses that admins register, and that are told of events, signed, and again until they have it."""

from __future__ import annotations

from assistant.webhooks.courier import Courier, Pace, Post
from assistant.webhooks.desk import WebhookDesk, WebhookInfo
from assistant.webhooks.signing import headers, new_secret

__all__ = ["Courier", "Pace", "Post", "WebhookDesk", "WebhookInfo", "headers", "new_secret"]
