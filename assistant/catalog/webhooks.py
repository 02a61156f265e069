"""The catalog's webhooks, and the deliveries that wait for them or have come to their end."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, CursorResult, Select, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from assistant.catalog.database import Database
from assistant.catalog.events import TEST, WAITING, new_delivery, new_message
from assistant.catalog.keyring import Keyring
from assistant.catalog.models_webhooks import DeliveryRow, WebhookRow
from assistant.catalog.secrets import Secret, sealed, unsealed
from assistant.errors import ConfigurationError, NotFoundError

DeliveryState = Literal["waiting", "delivered", "failed"]
LOST = "the process that sent it ended before the answer came"
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class WebhookRecord:
    """An address that is told of events.

    Attributes:
        name: its name.
        url: where events are sent.
        events: those that it wants, sorted.
        secret: signs what is sent.
        former: signs it as well until `former_until`; None: there is none.
        older: the one before `former`, as long as that signs too; None: there is none.
        former_until: see `former`; seconds since the epoch.
        enabled: whether events are recorded for it, and sent.
        error: why it was switched off by itself; empty: it was not.
        created_at: when it was added, in seconds since the epoch.
    """

    name: str
    url: str
    events: tuple[str, ...]
    secret: Secret
    former: Secret | None
    older: Secret | None
    former_until: float
    enabled: bool
    error: str
    created_at: float


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """An event on its way to a webhook, or at its end; times are seconds since the epoch.

    Attributes:
        id: of the delivery.
        webhook: the webhook's name.
        message: the event's id, as the receiver knows it: the same for every try.
        event: what happened.
        data: what is told of it.
        state: whether it waits for its next try, was taken, or is given up.
        tries: how often it was sent.
        next_at: when it is tried next; of one that is being sent, when it counts as lost.
        created_at: when it happened.
        finished_at: when it was taken or given up; None: it waits.
        status: of the last answer; None: there was none.
        answer: a line of the last answer, or why there was none.
    """

    id: str
    webhook: str
    message: str
    event: str
    data: Mapping[str, Any]
    state: DeliveryState
    tries: int
    next_at: float
    created_at: float
    finished_at: float | None
    status: int | None
    answer: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try went: `again_at` is when it is tried again, None if it is not; `status` None if nobody answered."""

    delivered: bool
    again_at: float | None
    status: int | None
    answer: str


class Webhooks:
    """Reads and changes the table of webhooks, their secrets encrypted. It checks no rights: `WebhookDesk` does."""

    def __init__(self, database: Database, keyring: Keyring) -> None:
        self._database = database
        self._keyring = keyring

    def add(self, name: str, url: str, events: Sequence[str], secret: str) -> WebhookRecord:
        """Record a new webhook.

        Raises:
            ConfigurationError: there is one of that name, or the key cannot be used.
        """
        row = WebhookRow(
            name=name,
            url=url,
            events=sorted(set(events)),
            secrets=sealed({"secret": Secret.of(secret)}, self._keyring),
            former_until=0.0,
            enabled=True,
            error="",
            created_at=time.time(),
        )
        try:
            with self._database.write() as session:
                session.add(row)
        except IntegrityError:
            raise ConfigurationError(f"there is a webhook {name!r} already", "choose another name") from None
        return self._record(row)

    def all(self) -> list[WebhookRecord]:
        """Return all webhooks by name."""
        with self._database.read() as session:
            return [self._record(row) for row in session.scalars(select(WebhookRow).order_by(WebhookRow.name))]

    def get(self, name: str) -> WebhookRecord:
        """Return the webhook. Raises NotFoundError."""
        with self._database.read() as session:
            row = session.get(WebhookRow, name)
            if row is None:
                raise _unknown(name)
            return self._record(row)

    def change(
        self, name: str, *, url: str | None = None, events: Sequence[str] | None = None, enabled: bool | None = None
    ) -> WebhookRecord:
        """Change what is given. Returns the webhook as it is then. Raises NotFoundError."""
        values: dict[str, Any] = {}
        if url is not None:
            values["url"] = url
        if events is not None:
            values["events"] = sorted(set(events))
        if enabled is not None:
            values |= {"enabled": enabled, "error": ""}
        return self._update(name, values) if values else self.get(name)

    def switch_off(self, name: str, error: str) -> None:
        """Switch a webhook off for a reason; it is no error that it is gone."""
        values = {"enabled": False, "error": error[:_LONGEST]}
        with self._database.write() as session:
            session.execute(update(WebhookRow).where(WebhookRow.name == name).values(**values))

    def set_secret(self, name: str, secret: str, former_until: float) -> WebhookRecord:
        """Give the webhook another secret; those that it had lately sign as well until then. Raises NotFoundError."""
        record = self.get(name)
        kept: dict[str, Any] = {"secret": Secret.of(secret), "former": record.secret}
        if record.former is not None and time.time() < record.former_until:
            kept["older"] = (
                record.former
            )  # what the receiver still has, where the next one was lost before it got there
        secrets = sealed(kept, self._keyring, keep_lost=True)
        return self._update(name, {"secrets": secrets, "former_until": former_until})

    def remove(self, name: str) -> None:
        """Forget the webhook with its deliveries. Raises NotFoundError."""
        with self._database.write() as session:
            gone = session.execute(delete(WebhookRow).where(WebhookRow.name == name).returning(WebhookRow.name)).all()
        if not gone:
            raise _unknown(name)

    def _update(self, name: str, values: Mapping[str, Any]) -> WebhookRecord:
        statement = update(WebhookRow).where(WebhookRow.name == name).values(**values).returning(WebhookRow.name)
        with self._database.write() as session:
            if not session.execute(statement).all():
                raise _unknown(name)
        return self.get(name)

    def _record(self, row: WebhookRow) -> WebhookRecord:
        secrets = unsealed(row.secrets, self._keyring, row.name, what="webhook")
        return WebhookRecord(
            name=row.name,
            url=row.url,
            events=tuple(row.events),
            secret=secrets["secret"],
            former=secrets.get("former"),
            older=secrets.get("older"),
            former_until=row.former_until,
            enabled=row.enabled,
            error=row.error,
            created_at=row.created_at,
        )


class Deliveries:
    """Reads and changes the table of deliveries. It checks no rights: `WebhookDesk` does."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_test(self, webhook: str, lease_until: float) -> DeliveryRecord:
        """Record a test that its caller sends at once, and nobody else. Raises NotFoundError."""
        row = new_delivery(webhook, TEST, new_message(), "", {})
        row.tries, row.next_at = 1, lease_until
        try:
            with self._database.write() as session:
                session.add(row)
        except IntegrityError:
            raise _unknown(webhook) from None
        return _delivery(row)

    def newest(self, webhook: str, limit: int, state: DeliveryState | None = None) -> list[DeliveryRecord]:
        """Return the webhook's newest deliveries, newest first."""
        query = select(DeliveryRow).where(DeliveryRow.webhook == webhook).limit(limit)
        if state is not None:
            query = query.where(DeliveryRow.state == state)
        return self._found(query.order_by(DeliveryRow.created_at.desc(), DeliveryRow.id))

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many deliveries each webhook has in each state."""
        query = select(DeliveryRow.webhook, DeliveryRow.state, func.count())
        found: dict[str, dict[str, int]] = {}
        with self._database.read() as session:
            for webhook, state, count in session.execute(query.group_by(DeliveryRow.webhook, DeliveryRow.state)):
                found.setdefault(webhook, {})[state] = count
        return found

    def due(self, now: float, limit: int) -> list[DeliveryRecord]:
        """Return what is to be sent to webhooks that are on: the oldest of each, then the second of each, and so on.

        Args:
            now: seconds since the epoch.
            limit: of each webhook at most, so that one that has much does not hide the others.
        """
        place = func.row_number().over(
            partition_by=DeliveryRow.webhook, order_by=(DeliveryRow.created_at, DeliveryRow.id)
        )
        waiting = select(DeliveryRow.id, place.label("place")).join(WebhookRow).where(*_due(now)).subquery()
        query = select(DeliveryRow).join(waiting, waiting.c.id == DeliveryRow.id).where(waiting.c.place <= limit)
        return self._found(query.order_by(waiting.c.place, DeliveryRow.webhook))

    def take(self, delivery: DeliveryRecord, until: float) -> DeliveryRecord | None:
        """Take a delivery to send it; None if somebody else has taken it, or it is gone.

        Args:
            delivery: as `due` returned it.
            until: when it counts as lost if nothing is settled.
        """
        taken = update(DeliveryRow).where(*_unchanged(delivery), DeliveryRow.next_at == delivery.next_at)
        changes = {"tries": delivery.tries + 1, "next_at": until}
        with self._database.write() as session:
            row = session.scalars(taken.values(**changes).returning(DeliveryRow)).first()
            return None if row is None else _delivery(row)

    def settle(self, delivery: DeliveryRecord, outcome: Outcome) -> DeliveryRecord:
        """Record how a try went; where it counted as lost, and was taken by somebody else, that one records it.

        Args:
            delivery: as `take` returned it.
            outcome: how it went.

        Raises:
            NotFoundError: it is gone.
        """
        values: dict[str, Any] = {"status": outcome.status, "answer": outcome.answer[:_LONGEST]}
        if outcome.delivered or outcome.again_at is None:
            values |= {"state": "delivered" if outcome.delivered else "failed", "finished_at": time.time()}
        else:
            values |= {"next_at": outcome.again_at}
        with self._database.write() as session:
            session.execute(update(DeliveryRow).where(*_unchanged(delivery)).values(**values))
        return self.get(delivery.webhook, delivery.id)

    def get(self, webhook: str, delivery: str) -> DeliveryRecord:
        """Return one. Raises NotFoundError."""
        query = select(DeliveryRow).where(DeliveryRow.id == delivery, DeliveryRow.webhook == webhook)
        found = self._found(query)
        if not found:
            raise NotFoundError(
                f"the webhook {webhook!r} has no delivery {delivery!r}",
                f"see `assistant webhooks deliveries {webhook}`",
            )
        return found[0]

    def again(self, webhook: str, delivery: str) -> DeliveryRecord:
        """Let a delivery that came to its end be sent again, from its first try on, as the same message.

        Raises:
            NotFoundError: there is none such.
        """
        values = {"state": WAITING, "tries": 0, "next_at": time.time(), "finished_at": None}
        ended = DeliveryRow.id == delivery, DeliveryRow.webhook == webhook, DeliveryRow.state != WAITING
        with self._database.write() as session:
            session.execute(update(DeliveryRow).where(*ended).values(**values))
        return self.get(webhook, delivery)

    def prune(self, before: float) -> int:
        """Forget the deliveries of what happened before that moment, those too that still wait; returns how many."""
        with self._database.write() as session:
            gone = session.execute(delete(DeliveryRow).where(DeliveryRow.created_at < before))
            return int(cast(CursorResult[Any], gone).rowcount)

    def _found(self, query: Select[Any]) -> list[DeliveryRecord]:
        with self._database.read() as session:
            return [_delivery(row) for row in session.scalars(query)]


def _due(now: float) -> tuple[ColumnElement[bool], ...]:
    return DeliveryRow.state == WAITING, DeliveryRow.next_at <= now, WebhookRow.enabled.is_(True)


def _unchanged(delivery: DeliveryRecord) -> tuple[ColumnElement[bool], ...]:
    return DeliveryRow.id == delivery.id, DeliveryRow.state == WAITING, DeliveryRow.tries == delivery.tries


def _delivery(row: DeliveryRow) -> DeliveryRecord:
    return DeliveryRecord(
        id=row.id,
        webhook=row.webhook,
        message=row.message,
        event=row.event,
        data=row.data,
        state=cast(DeliveryState, row.state),
        tries=row.tries,
        next_at=row.next_at,
        created_at=row.created_at,
        finished_at=row.finished_at,
        status=row.status,
        answer=row.answer,
    )


def _unknown(name: str) -> NotFoundError:
    return NotFoundError(f"there is no webhook {name!r}", "see `assistant webhooks list`")
