"""What the API's JSON means to the UI, of data sources and of the runs that sync them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ui.models import Json

COUNTS = ("seen", "added", "moved", "updated", "unchanged", "deleted", "failed")


@dataclass(frozen=True, slots=True)
class Failed:
    """A document that a run could not index."""

    key: str
    error: str
    retryable: bool

    @classmethod
    def read(cls, data: Json) -> Failed:
        """Read an entry of a run's failures."""
        return cls(str(data["key"]), str(data["error"]), bool(data.get("retryable")))


@dataclass(frozen=True, slots=True)
class Run:
    """One sync of one source; `counts` by outcome, times in seconds since the epoch."""

    id: str
    source: str
    state: str
    started_at: float
    finished_at: float | None
    counts: Mapping[str, int]
    error: str
    failures: tuple[Failed, ...]

    @property
    def running(self) -> bool:
        """Whether the run is still under way."""
        return self.finished_at is None

    @property
    def done(self) -> int:
        """How many documents have an outcome so far."""
        return sum(self.counts[name] for name in ("added", "moved", "updated", "unchanged", "failed"))

    @classmethod
    def read(cls, data: Json) -> Run:
        """Read a run; the counts may stand in `documents` (as in the CLI contract) or beside the other fields."""
        counts = data["documents"] if isinstance(data.get("documents"), Mapping) else data
        return cls(
            id=str(data["id"]),
            source=str(data["source"]),
            state=str(data["state"]),
            started_at=_seconds(data.get("started_at")) or 0.0,
            finished_at=_seconds(data.get("finished_at")),
            counts={name: int(counts.get(name) or 0) for name in COUNTS},
            error=str(data.get("error") or ""),
            failures=tuple(map(Failed.read, data.get("failures") or ())),
        )


@dataclass(frozen=True, slots=True)
class Source:
    """A registered data source."""

    name: str
    kind: str
    config: Json
    schedule: str
    state: str
    documents: int | None
    last_sync_at: float | None
    last_error: str

    @property
    def paused(self) -> bool:
        """Whether its schedule is held."""
        return self.state == "paused"

    @property
    def removing(self) -> bool:
        """Whether its documents are being deleted, after which it is gone."""
        return self.state == "removing"

    @classmethod
    def read(cls, data: Json) -> Source:
        """Read one entry of `GET /api/sources`."""
        documents = data.get("documents")
        return cls(
            name=str(data["name"]),
            kind=str(data["kind"]),
            config=dict(data.get("config") or {}),
            schedule=str(data.get("schedule") or ""),
            state=str(data.get("state") or "active"),
            documents=None if documents is None else int(documents),
            last_sync_at=_seconds(data.get("last_sync_at")),
            last_error=str(data.get("last_error") or ""),
        )


def _seconds(value: object) -> float | None:
    """Return a time as seconds since the epoch; the API may write it as a number or in ISO 8601."""
    if value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    return datetime.fromisoformat(str(value)).timestamp()
