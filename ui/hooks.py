"""What the API's JSON means to the UI, of webhooks and of what was sent to them."""

from __future__ import annotations

from dataclasses import dataclass

from ui.models import Json


@dataclass(frozen=True, slots=True)
class Delivery:
    """An event on its way to a webhook, or at its end; times are seconds since the epoch."""

    id: str
    event: str
    state: str
    tries: int
    created_at: float
    status: int | None
    answer: str

    @property
    def line(self) -> str:
        """What came of the last try, on one line; empty: it was not tried yet."""
        return " ".join(filter(None, (str(self.status or ""), self.answer)))

    @classmethod
    def read(cls, data: Json) -> Delivery:
        """Read a delivery."""
        status = data["status"]
        return cls(
            id=str(data["id"]),
            event=str(data["event"]),
            state=str(data["state"]),
            tries=int(data["tries"]),
            created_at=float(data["created_at"]),
            status=None if status is None else int(status),
            answer=str(data["answer"]),
        )


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told of events: how much waits for it, arrived and was given up, and what came last."""

    name: str
    url: str
    events: tuple[str, ...]
    enabled: bool
    error: str
    waiting: int
    delivered: int
    failed: int
    last: Delivery | None

    @classmethod
    def read(cls, data: Json) -> Webhook:
        """Read a webhook."""
        return cls(
            name=str(data["name"]),
            url=str(data["url"]),
            events=tuple(map(str, data["events"])),
            enabled=bool(data["enabled"]),
            error=str(data["error"]),
            waiting=int(data["waiting"]),
            delivered=int(data["delivered"]),
            failed=int(data["failed"]),
            last=Delivery.read(data["last"]) if data["last"] else None,
        )
