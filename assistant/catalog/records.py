"""What the catalog hands out: frozen values, never rows bound to a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from assistant.types import Access, Failure

SourceState = Literal["active", "paused"]
RunState = Literal["running", "done", "failed", "interrupted"]
JobAction = Literal["ingest", "rewrite", "delete"]  # rewrite: though unchanged, the index lost it


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A data source as an admin set it up."""

    name: str
    kind: str
    config: Mapping[str, Any]
    readers: Mapping[str, Any]
    schedule: str | None
    state: SourceState
    cursor: str | None
    last_sync_at: float | None
    last_error: str | None
    created_at: float
    passwords: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """What a sync needs to know of a current document to decide whether it changed. `parent` is a document's id."""

    key: str
    version: str
    mark: str | None
    pipeline: str
    media_type: str
    access: Access
    access_from_source: bool
    uri: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The listed document that a member stands in: its key, how deep, and how many other members that has."""

    outermost: str
    depth: int
    others: int


@dataclass(frozen=True, slots=True)
class JobRecord:
    """Work on one key. `parent` is the id of the document that holds the key's as a member."""

    id: int
    source: str
    key: str
    action: JobAction
    state: str
    run_id: str
    mark: str | None
    attempts: int
    pipeline: str
    failure: Failure | None
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One sync: its state and its counts by outcome. `pending` counts jobs that are not finished."""

    id: str
    source: str
    trigger: str
    state: RunState
    started_at: float
    finished_at: float | None
    seen: int
    added: int
    updated: int
    unchanged: int
    deleted: int
    failed: int
    chunks: int
    pending: int
    error: str | None


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run that is not closed: who lists its source (None: listed), and until when who holds jobs of it."""

    id: str
    source: str
    lister: str | None
    leases: Mapping[str, float]
