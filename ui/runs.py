"""What the API's JSON means to the UI, of data sources and of the runs that sync them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ui.models import Json

Condition = Literal["removing", "first", "running", "paused", "partial", "failing", "never", "healthy"]
COUNTS = ("seen", "added", "moved", "updated", "unchanged", "deleted", "failed")


@dataclass(frozen=True, slots=True)
class Failed:
    """A document that a run could not index; `code` names the kind of error, empty where that is not known."""

    key: str
    error: str
    retryable: bool
    code: str = ""

    @classmethod
    def read(cls, data: Json) -> Failed:
        """Read an entry of a run's failures."""
        return cls(str(data["key"]), str(data["error"]), bool(data.get("retryable")), str(data.get("code") or ""))


@dataclass(frozen=True, slots=True)
class OpenFailure:
    """A document that could not be indexed so far; `next_try` in seconds since the epoch, None: not by itself."""

    key: str
    next_try: float | None
    ignored: bool

    @classmethod
    def read(cls, data: Json) -> OpenFailure:
        """Read an entry of `GET /api/failures`."""
        return cls(str(data["key"]), _seconds(data.get("next_try")), bool(data.get("ignored")))


@dataclass(frozen=True, slots=True)
class Sampled:
    """A document that a source would list: its key, who would read it, and whether the source itself says so."""

    key: str
    allow: tuple[str, ...]
    deny: tuple[str, ...]
    from_source: bool

    @classmethod
    def read(cls, data: Json) -> Sampled:
        """Read an entry of a trial."""
        access = data["access"]
        allow, deny = tuple(map(str, access["allow"])), tuple(map(str, access["deny"]))
        return cls(str(data["key"]), allow, deny, bool(data["from_source"]))


@dataclass(frozen=True, slots=True)
class Trial:
    """What a source showed when it was tried: its own words, what it lists first, and whether there is more."""

    found: str
    listed: tuple[Sampled, ...]
    more: bool

    @classmethod
    def read(cls, data: Json) -> Trial:
        """Read the answer of `POST /api/sources/test`."""
        return cls(str(data.get("found") or ""), tuple(map(Sampled.read, data["listed"])), bool(data["more"]))


@dataclass(frozen=True, slots=True)
class Run:
    """One sync of one source; `counts` by outcome, times in seconds since the epoch.

    `worked` of its jobs are done and `pending` are not; `phases` are seconds of work, added up over workers.
    """

    id: str
    source: str
    state: str
    started_at: float
    finished_at: float | None
    counts: Mapping[str, int]
    error: str
    failures: tuple[Failed, ...]
    trigger: str = ""
    chunks: int = 0
    worked: int = 0
    pending: int = 0
    seconds_left: float | None = None
    bytes: int = 0
    phases: Mapping[str, float] = field(default_factory=dict)
    cancelled: bool = False

    @property
    def listing(self) -> bool:
        """Whether it is still finding out what there is to do."""
        return self.running and not self.worked and not self.pending

    @property
    def share(self) -> float:
        """How much of its work is done, from 0 to 1."""
        if not self.running:
            return 1.0
        jobs = self.worked + self.pending
        if jobs:
            return self.worked / jobs
        seen = self.counts["seen"]
        return min(1.0, self.done / seen) if seen else 0.0

    def per_minute(self, now: float) -> float | None:
        """Return how many documents it works on in a minute; None where too little is known."""
        seconds = (self.finished_at or now) - self.started_at
        return self.worked / seconds * 60 if self.worked and seconds >= 1 else None

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
            trigger=str(data.get("trigger") or ""),
            chunks=int(data.get("chunks") or 0),
            worked=int(data.get("finished") or 0),
            pending=int(data.get("pending") or 0),
            seconds_left=_seconds(data.get("seconds_left")),
            bytes=int(data.get("bytes") or 0),
            phases={str(name): float(seconds) for name, seconds in (data.get("phases") or {}).items()},
            cancelled=bool(data.get("cancelled")),
        )


@dataclass(frozen=True, slots=True)
class RunPage:
    """A stretch of runs, and how many there are in all."""

    runs: tuple[Run, ...]
    total: int

    @classmethod
    def read(cls, data: Json) -> RunPage:
        """Read `GET /api/runs`."""
        runs = tuple(map(Run.read, data["runs"]))
        return cls(runs, int(data.get("total", len(runs))))


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
    time_zone: str = "UTC"
    readers: Json = field(default_factory=dict)
    next_sync_at: float | None = None
    last_success_at: float | None = None
    is_partial: bool = False
    is_asked: bool = False
    concurrency: int | None = None
    per_minute: float | None = None
    passwords: tuple[str, ...] = ()  # masks, as many as there are

    def condition(self, *, running: bool) -> Condition:
        """Return how the source is, in one word; `running`: a run of it is under way."""
        if self.removing:
            return "removing"
        if running:
            return "first" if self.last_success_at is None and not self.documents else "running"
        if self.paused:
            return "paused"
        if self.state == "failing" or self.last_error:
            return "partial" if self.is_partial else "failing"
        if self.last_sync_at is None:
            return "never"
        return "healthy"

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
            time_zone=str(data.get("time_zone") or "UTC"),
            readers=dict(data.get("readers") or {}),
            next_sync_at=_seconds(data.get("next_sync_at")),
            last_success_at=_seconds(data.get("last_success_at")),
            is_partial=bool(data.get("is_partial")),
            is_asked=bool(data.get("is_asked")),
            concurrency=None if data.get("concurrency") is None else int(data["concurrency"]),
            per_minute=_seconds(data.get("per_minute")),
            passwords=tuple(map(str, data.get("passwords") or ())),
        )


def _seconds(value: object) -> float | None:
    """Return a time as seconds since the epoch; the API may write it as a number or in ISO 8601."""
    if value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    return datetime.fromisoformat(str(value)).timestamp()
