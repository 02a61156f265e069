"""Sends what waits for webhooks, and again later what did not arrive, until it did or was tried often enough."""

from __future__ import annotations

import json
import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from assistant.catalog import Catalog, DeliveryRecord, WebhookRecord
from assistant.catalog.events import TEST
from assistant.catalog.webhooks import LOST, Outcome
from assistant.errors import AssistantError, NotFoundError
from assistant.webhooks.signing import headers

if TYPE_CHECKING:
    from assistant.adapters.poster import Posted

log = logging.getLogger(__name__)

_AT_ONCE = 50  # deliveries of one webhook in a turn
_HEADERS = {"Content-Type": "application/json", "User-Agent": "Assistant"}
_GONE = 410  # by the scheme: nobody wants to be told any more


Post = Callable[[str, bytes, Mapping[str, str]], "Posted"]  # raises nothing; see `adapters.poster`


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and after how long something is sent again; all in seconds.

    Attributes:
        tries: how often it is sent at most.
        first: the wait after the first try.
        factor: by which each wait is longer than the one before.
        longest: the longest wait.
        lease: after which a try that nobody settled counts as lost; longer than a request may take.
        turn: after which a turn sends nothing more.
    """

    tries: int = 10
    first: float = 5.0
    factor: float = 4.0
    longest: float = 6 * 3600.0
    lease: float = 60.0
    turn: float = 20.0

    def wait(self, tries: int, asked: float | None = None) -> float:
        """Return how long to wait after so many tries: what the receiver asks for, if that is longer, but no day."""
        wait = min(self.first * self.factor ** (tries - 1), self.longest)
        wait *= 1 + random.random() / 5  # noqa: S311 - spreads what failed together, and is no secret
        return max(wait, min(asked or 0.0, self.longest))


class Courier:
    """Sends deliveries. Safe to use from several threads and processes: each is taken by one of them.

    Args:
        catalog: has the webhooks and what waits for them.
        post: sends a request.
        pace: how often, and after how long.
        base: where people reach the pages, for links; without a slash at the end.
    """

    def __init__(self, catalog: Catalog, post: Post, pace: Pace, base: str) -> None:
        self._catalog, self._post, self._pace, self._base = catalog, post, pace, base
        self._turning = threading.Lock()
        self._late: set[str] = set()  # webhooks whose last delivery did not arrive: they come after the others

    def turn(self) -> int:
        """Send what is due, of each webhook the oldest first. Returns how much arrived.

        After one that did not arrive, what else is due for the same webhook waits for the next turn, and comes after
        the others there, so that a receiver that is down or slow holds up nobody. While another thread is at it,
        nothing is done.
        """
        if not self._turning.acquire(blocking=False):
            return 0
        try:
            return self._turn()
        finally:
            self._turning.release()

    def test(self, name: str) -> DeliveryRecord:
        """Send a test at once, and once only. Returns the delivery as it came to its end. Raises NotFoundError."""
        webhook = self._catalog.webhooks.get(name)
        return self._send(webhook, self._catalog.deliveries.add_test(name, time.time() + self._pace.lease))

    def _turn(self) -> int:
        arrived, down, ends = 0, set[str](), time.monotonic() + self._pace.turn
        webhooks: dict[str, WebhookRecord] = {}
        due = self._catalog.deliveries.due(time.time(), _AT_ONCE)
        for delivery in sorted(due, key=lambda one: one.webhook in self._late):
            if delivery.webhook in down:
                continue
            if time.monotonic() > ends:
                break
            taken = self._catalog.deliveries.take(delivery, time.time() + self._pace.lease)
            if taken is None:
                continue
            try:
                if taken.webhook not in webhooks:
                    webhooks[taken.webhook] = self._catalog.webhooks.get(taken.webhook)
                settled = self._send(webhooks[taken.webhook], taken)
            except NotFoundError:  # it was removed meanwhile
                down.add(taken.webhook)
                continue
            if settled.state == "delivered":
                arrived += 1
                self._late.discard(taken.webhook)
            else:
                down.add(taken.webhook)
                self._late.add(taken.webhook)
        return arrived

    def _send(self, webhook: WebhookRecord, delivery: DeliveryRecord) -> DeliveryRecord:
        """Send a delivery that was taken, and settle it."""
        if delivery.tries > self._most(delivery):
            return self._settle(delivery, Outcome(False, None, None, LOST))
        body, now = self._body(delivery), int(time.time())
        try:
            signed = headers(delivery.message, now, body, _signers(webhook, now))
        except AssistantError as error:  # its secret cannot be opened: that may be put right
            return self._settle(delivery, Outcome(False, self._again(delivery), None, str(error)))
        answer = self._post(webhook.url, body, {**signed, **_HEADERS})
        status = answer.status
        if status is not None and 200 <= status < 300:
            return self._settle(delivery, Outcome(True, None, status, answer.line))
        if status == _GONE:
            self._catalog.webhooks.switch_off(webhook.name, f"the receiver said that it is gone (status {_GONE})")
            return self._settle(delivery, Outcome(False, None, status, answer.line))
        return self._settle(delivery, Outcome(False, self._again(delivery, answer.retry_after), status, answer.line))

    def _settle(self, delivery: DeliveryRecord, outcome: Outcome) -> DeliveryRecord:
        if not outcome.delivered:
            log.warning(
                "the webhook %s did not take %s (try %d): %s",
                delivery.webhook,
                delivery.event,
                delivery.tries,
                outcome.answer or outcome.status,
            )
        return self._catalog.deliveries.settle(delivery, outcome)

    def _again(self, delivery: DeliveryRecord, asked: float | None = None) -> float | None:
        if delivery.tries >= self._most(delivery):
            return None
        return time.time() + self._pace.wait(delivery.tries, asked)

    def _most(self, delivery: DeliveryRecord) -> int:
        return 1 if delivery.event == TEST else self._pace.tries

    def _body(self, delivery: DeliveryRecord) -> bytes:
        data = dict(delivery.data)
        page = data.pop("page", None)
        for name in ("started_at", "finished_at"):
            if name in data:
                data[name] = _moment(data[name])
        if page is not None:
            data["link"] = self._base + page
        whole = {"type": delivery.event, "timestamp": _moment(delivery.created_at), "data": data}
        return json.dumps(whole, separators=(",", ":")).encode("ascii")


def _signers(webhook: WebhookRecord, now: float) -> list[str]:
    former = (webhook.former, webhook.older) if now < webhook.former_until else ()
    return [str(secret.reveal()) for secret in (webhook.secret, *former) if secret is not None]


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
