"""Puts together who tells webhooks of events, and who looks after them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assistant.settings import Settings, url_host

if TYPE_CHECKING:
    from assistant.app.parts import App
    from assistant.webhooks import Courier, WebhookDesk

_SECONDS = 15.0  # that a receiver has to answer


def make_courier(app: App) -> Courier:
    """Return what sends events to webhooks."""
    from assistant.adapters.poster import Poster
    from assistant.webhooks import Courier, Pace
    from assistant.webhooks.addresses import HOSTS

    settings = app.settings
    poster = Poster(settings.webhook_hosts, _SECONDS, HOSTS)
    return Courier(app.catalog, poster.post, Pace(settings.webhook_tries), pages_of(settings))


def webhook_desk(app: App) -> WebhookDesk:
    """Return the desk over the app's parts."""
    from assistant.webhooks import WebhookDesk

    return WebhookDesk(app.catalog, make_courier(app), app.settings.webhook_hosts)


def pages_of(settings: Settings) -> str:
    """Return where people's browsers reach the pages, without a slash at the end."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 (compared, not bound)
    return settings.public_url.rstrip("/") or f"http://{url_host(host)}:{settings.ui_port}"
