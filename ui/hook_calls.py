"""The calls about webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import httpx

from ui.calls import HttpCalls
from ui.hooks import Delivery, Webhook

_TEST_SECONDS = 60.0  # more than a receiver has to answer


class HookCalls(HttpCalls):
    """See `HttpCalls`."""

    def webhooks(self) -> tuple[tuple[Webhook, ...], tuple[str, ...]]:
        """Return all webhooks, and the events that there are."""
        return self._read(
            lambda data: (tuple(map(Webhook.read, data["webhooks"])), tuple(map(str, data["events"]))),
            "GET",
            "/api/webhooks",
        )

    def add_webhook(self, name: str, url: str, events: Sequence[str]) -> str:
        """Add a webhook, and return its signing secret, which is not shown again."""
        body = {"name": name, "url": url, "events": list(events)}
        return self._read(lambda data: str(data["secret"]), "POST", "/api/webhooks", json=body)

    def switch_webhook(self, name: str, *, enabled: bool) -> Webhook:
        """Switch a webhook on or off."""
        return self._read(Webhook.read, "PATCH", _path(name), json={"enabled": enabled})

    def change_webhook(self, name: str, **changes: object) -> Webhook:
        """Change a webhook: its `url` or `events`."""
        return self._read(Webhook.read, "PATCH", _path(name), json=changes)

    def new_webhook_secret(self, name: str) -> str:
        """Give a webhook a new signing secret, and return it; it is not shown again."""
        return self._read(lambda data: str(data["secret"]), "POST", f"{_path(name)}/secret")

    def test_webhook(self, name: str) -> Delivery:
        """Send a test at once, and return how it went."""
        return self._read(Delivery.read, "POST", f"{_path(name)}/test", timeout=httpx.Timeout(_TEST_SECONDS))

    def deliveries(self, name: str, limit: int) -> tuple[Delivery, ...]:
        """Return the newest deliveries, newest first."""
        return self._read(
            lambda data: tuple(map(Delivery.read, data["deliveries"])),
            "GET",
            f"{_path(name)}/deliveries",
            params={"limit": limit},
        )

    def redeliver(self, name: str, delivery: str) -> Delivery:
        """Let a delivery be sent again."""
        return self._read(Delivery.read, "POST", f"{_path(name)}/deliveries/{quote(delivery, safe='')}/redeliver")

    def remove_webhook(self, name: str) -> None:
        """Forget a webhook with its deliveries."""
        self._call("DELETE", _path(name))


def _path(name: str) -> str:
    return f"/api/webhooks/{quote(name, safe='')}"
