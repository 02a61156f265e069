"""What the catalog hands out: frozen values, never rows bound to a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from assistant.catalog.secrets import Secret
from assistant.types import Access, Failure

SourceState = Literal["active", "paused", "removing"]
RunState = Literal["running", "done", "failed", "interrupted", "cancelled"]
JobAction = Literal["ingest", "rewrite", "delete"]  # rewrite: though unchanged, the index lost it
_TELLING = 10  # finished documents from which a pace can be told
Stage = Literal["parse", "embed", "delete"]  # what is to be done next for a job
TurnState = Literal["answering", "waiting", "complete", "stopped", "interrupted", "failed"]
TurnOrigin = Literal["asked", "regenerated", "edited"]
TitledBy = Literal["question", "model", "person"]


@dataclass(frozen=True, slots=True)
class RunCost:
    """What work for a run cost: bytes that its source gave, and seconds by phase."""

    size: int = 0
    phases: Mapping[str, float] = field(default_factory=dict)

    def share(self, part: float) -> RunCost:
        """Return that part of it, from 0 to 1."""
        return RunCost(round(self.size * part), {name: seconds * part for name, seconds in self.phases.items()})


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A data source as an admin set it up.

    `config` holds a `Secret` in place of every secret. `passwords_mark` changes with the passwords, but does not tell
    what they are.
    `failed_syncs` counts those in a row, `retry_at` is when the next one is tried. Of its documents, `concurrency` are
    fetched and parsed at once and `per_minute` in a minute at most, None for any number. `asked` is the id of a wish
    for a sync that no sync has fulfilled yet, `asked_full` whether it is to fetch everything.
    """

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
    stored_passwords: tuple[Secret, ...] = ()
    passwords_mark: str = ""
    time_zone: str = "UTC"
    failed_syncs: int = 0
    retry_at: float | None = None
    concurrency: int | None = None
    per_minute: float | None = None
    asked: str | None = None
    asked_full: bool = False

    @property
    def passwords(self) -> tuple[str, ...]:
        """What its encrypted documents are opened with. Raises ConfigurationError if they cannot be decrypted."""
        return tuple(str(password.reveal()) for password in self.stored_passwords)


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """What a sync needs to know of a current document to decide whether it changed. `parent` is a document's id.

    `content` is the digest of its bytes, empty where an earlier release of the house stored it.
    """

    key: str
    version: str
    mark: str | None
    pipeline: str
    media_type: str
    access: Access
    access_from_source: bool
    uri: str
    parent: str | None = None
    title: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The listed document that a member stands in: its key, how deep, and how many other members that has."""

    outermost: str
    depth: int
    others: int


@dataclass(frozen=True, slots=True)
class JobRecord:
    """Work on one key. `parent` is the id of the document that holds the key's as a member.

    `failures` counts how often in a row it failed with this content, `not_before` is when it is tried again by itself.
    `prepared` is the blob that holds what the stage before left. `origin` is the key that the document seems to have
    had before it was moved. `lost` counts the workers that ended, or hung, while they had it.
    """

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
    failures: int = 0
    not_before: float | None = None
    ignored: bool = False
    updated_at: float = 0.0
    stage: Stage = "parse"
    prepared: str = ""
    origin: str | None = None
    lost: int = 0


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One sync: its state and its counts by outcome.

    `pending` counts jobs that are not finished, `finished` those that are. `bytes` were fetched, `phases` are seconds
    of work by phase, added up over workers. `flagged` counts documents that read like orders to an assistant.
    """

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
    bytes: int = 0
    phases: Mapping[str, float] = field(default_factory=dict)
    cancelled: bool = False
    finished: int = 0
    moved: int = 0
    flagged: int = 0

    def seconds_left(self, now: float) -> float | None:
        """Return how long the rest takes at the pace so far; None where too little tells, or nothing is left.

        Of the first documents the workers start, and those that fail end before others are embedded.
        """
        few = self.finished < min(_TELLING, self.pending)
        if self.state != "running" or not self.finished or not self.pending or few:
            return None
        working = now - self.started_at - self.phases.get("list", 0.0)
        return max(0.0, working) / self.finished * self.pending


@dataclass(frozen=True, slots=True)
class WantedRuns:
    """Which runs are looked for: of these sources and states (None, or none: all), begun in `since` <= t < `until`."""

    sources: tuple[str, ...] | None = None
    states: tuple[RunState, ...] = ()
    since: float | None = None
    until: float | None = None


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run that is not closed.

    Attributes:
        id, source: the run's.
        lister: the process that lists the source; None: it is listed.
        leases: until when who holds jobs of it.
        cancelled: whether it is to end.
        listed_until: how long the listing is the lister's, unless renewed; None: an older version began it.
    """

    id: str
    source: str
    lister: str | None
    leases: Mapping[str, float]
    cancelled: bool = False
    listed_until: float | None = None


@dataclass(frozen=True, slots=True)
class ConversationRecord:
    """A conversation.

    Attributes:
        id: its id.
        title: what it is called.
        titled_by: who called it so: its first question, a model, or the person.
        shown: the last turn of the branch that is shown, None where there is none.
        turns: how many were ever begun in it.
        created_at, updated_at: in seconds since the epoch; updated by every turn that begins.
        deleted_at: when it was deleted; None: it is not.
        pinned_at: when the person pinned it; None: it is not.
    """

    id: str
    title: str
    titled_by: TitledBy
    shown: str | None
    turns: int
    created_at: float
    updated_at: float
    deleted_at: float | None = None
    pinned_at: float | None = None


@dataclass(frozen=True, slots=True)
class TurnNode:
    """Where a turn stands among its conversation's; see `TurnRecord`."""

    id: str
    parent: str | None
    number: int


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """A question and its answer, as they were stored: nothing here says that the person may still read it.

    Attributes:
        id, conversation: its id, and its conversation's.
        parent: the turn before it, None for the first.
        number: in the order in which the conversation's turns were begun, from 1.
        origin: how it came to be.
        question: as it was asked.
        options: how it was asked.
        context: what the answerer was told of the turns before.
        state: how far it is.
        text: of the answer, as far as it came.
        plan: what was read for it; empty where that is not known.
        answer: the rest of a finished answer; empty where it is not finished.
        error: why it failed or was interrupted; empty where it did not.
        created_at, finished_at: in seconds since the epoch.
    """

    id: str
    conversation: str
    parent: str | None
    number: int
    origin: TurnOrigin
    question: str
    options: Mapping[str, Any]
    context: Mapping[str, Any]
    state: TurnState
    text: str
    plan: Mapping[str, Any]
    answer: Mapping[str, Any]
    error: Mapping[str, Any]
    created_at: float
    finished_at: float | None


@dataclass(frozen=True, slots=True)
class NewTurn:
    """A turn that begins; see `TurnRecord`."""

    parent: str | None
    origin: TurnOrigin
    question: str
    options: Mapping[str, Any]
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an answer has come; see `TurnRecord`. `plan` may be of thousands of documents: None: as it is stored."""

    turn: str
    state: TurnState
    text: str
    plan: Mapping[str, Any] | None = None
    answer: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] = field(default_factory=dict)
