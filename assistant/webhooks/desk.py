"""Adds, changes, tries and removes webhooks for admins, and shows them what was sent."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from assistant.catalog import Catalog, DeliveryRecord, WebhookRecord
from assistant.catalog.webhooks import DeliveryState
from assistant.errors import AccessDeniedError
from assistant.types import User
from assistant.webhooks.addresses import check_address, check_name, checked_events
from assistant.webhooks.courier import Courier
from assistant.webhooks.signing import new_secret

FORMER_SECONDS = 24 * 3600.0  # for which the secret before signs as well


@dataclass(frozen=True, slots=True)
class WebhookInfo:
    """A webhook as admins see it.

    Attributes:
        record: the webhook.
        waiting, delivered, failed: how many deliveries are in which state, of those that are kept.
        last: the newest delivery; None: there was none, or it is not kept any more.
    """

    record: WebhookRecord
    waiting: int
    delivered: int
    failed: int
    last: DeliveryRecord | None


class WebhookDesk:
    """The webhooks. Every method raises AccessDeniedError for who is no admin.

    Args:
        catalog: has them.
        courier: sends a test.
        hosts: those that may lie in a private network, and may be spoken to without TLS.
    """

    def __init__(self, catalog: Catalog, courier: Courier, hosts: Collection[str]) -> None:
        self._catalog, self._courier, self._hosts = catalog, courier, tuple(hosts)

    def all(self, by: User) -> list[WebhookInfo]:
        """Return all webhooks by name."""
        _must_manage(by)
        counts = self._catalog.deliveries.counts()
        return [self._info(record, counts.get(record.name, {})) for record in self._catalog.webhooks.all()]

    def show(self, name: str, by: User) -> WebhookInfo:
        """Return one webhook. Raises NotFoundError."""
        _must_manage(by)
        return self._info(self._catalog.webhooks.get(name), self._catalog.deliveries.counts().get(name, {}))

    def add(self, name: str, url: str, events: Sequence[str], by: User) -> tuple[WebhookInfo, str]:
        """Add a webhook, on from now on. Returns it with its signing secret, which is not shown again.

        Args:
            name: lower-case letters, digits, `_` and `-`.
            url: where events are sent.
            events: of `catalog.events.EVENTS`.
            by: who adds it.

        Raises:
            ConfigurationError: the name, the address or an event is wrong, or the name is taken.
        """
        _must_manage(by)
        check_name(name)
        check_address(url, self._hosts)
        secret = new_secret()
        self._catalog.webhooks.add(name, url, checked_events(events), secret)
        return self.show(name, by), secret

    def change(
        self,
        name: str,
        by: User,
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        enabled: bool | None = None,
    ) -> WebhookInfo:
        """Change what is given; one that is switched off is told of nothing, and what waits for it waits on.

        Raises:
            NotFoundError: there is no such webhook.
            ConfigurationError: the address or an event is wrong.
        """
        _must_manage(by)
        if url is not None:
            check_address(url, self._hosts)
        wanted = None if events is None else checked_events(events)
        self._catalog.webhooks.change(name, url=url, events=wanted, enabled=enabled)
        return self.show(name, by)

    def new_secret(self, name: str, by: User) -> tuple[WebhookInfo, str]:
        """Give the webhook a new signing secret, shown this once; for a day the former one signs as well.

        Raises:
            NotFoundError: there is no such webhook.
        """
        _must_manage(by)
        secret = new_secret()
        self._catalog.webhooks.set_secret(name, secret, time.time() + FORMER_SECONDS)
        return self.show(name, by), secret

    def remove(self, name: str, by: User) -> WebhookInfo:
        """Forget the webhook with its deliveries; returns it as it was. Raises NotFoundError."""
        former = self.show(name, by)
        self._catalog.webhooks.remove(name)
        return former

    def test(self, name: str, by: User) -> DeliveryRecord:
        """Send a test at once, whether the webhook is on or not. Raises NotFoundError."""
        _must_manage(by)
        return self._courier.test(name)

    def deliveries(self, name: str, by: User, limit: int, state: DeliveryState | None = None) -> list[DeliveryRecord]:
        """Return the newest deliveries, newest first. Raises NotFoundError."""
        _must_manage(by)
        self._catalog.webhooks.get(name)
        return self._catalog.deliveries.newest(name, limit, state)

    def redeliver(self, name: str, delivery: str, by: User) -> DeliveryRecord:
        """Let a delivery that came to its end be sent again, as the same message. Raises NotFoundError."""
        _must_manage(by)
        return self._catalog.deliveries.again(name, delivery)

    def _info(self, record: WebhookRecord, counts: dict[str, int]) -> WebhookInfo:
        newest = self._catalog.deliveries.newest(record.name, 1)
        return WebhookInfo(
            record,
            waiting=counts.get("waiting", 0),
            delivered=counts.get("delivered", 0),
            failed=counts.get("failed", 0),
            last=newest[0] if newest else None,
        )


def _must_manage(by: User) -> None:
    if not by.manages:
        raise AccessDeniedError("only admins manage webhooks", "ask an admin")
