"""Sources, their runs and what failed as JSON."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, Field

from assistant.catalog import JobRecord, RunRecord, SourceRecord, masked
from assistant.catalog.records import RunState
from assistant.errors import ConfigurationError
from assistant.ingest.schedules import due_at
from assistant.types import Failure, SyncReport


class FailureJson(BaseModel):
    """A document that could not be indexed."""

    key: str
    error: str
    retryable: bool

    @classmethod
    def of(cls, failure: Failure) -> FailureJson:
        """Return the JSON for the failure."""
        return cls(key=failure.key, error=failure.error, retryable=failure.retryable)


class CountsJson(BaseModel):
    """Documents by outcome; `seen` counts the keys that the source listed."""

    seen: int
    added: int
    moved: int = Field(description="To another key, with the same content.")
    updated: int
    unchanged: int
    deleted: int
    failed: int

    @classmethod
    def of(cls, counts: SyncReport | RunRecord) -> CountsJson:
        """Return the JSON for the counts of a report or a run."""
        return cls(
            seen=counts.seen,
            added=counts.added,
            moved=counts.moved,
            updated=counts.updated,
            unchanged=counts.unchanged,
            deleted=counts.deleted,
            failed=counts.failed,
        )


class RunFailureJson(FailureJson):
    """A document that a run could not index, with the name of the error."""

    code: str = Field(description="The name of the error; empty for runs of old versions.")

    @classmethod
    def of(cls, failure: Failure) -> RunFailureJson:
        """Return the JSON for the failure."""
        return cls(key=failure.key, error=failure.error, retryable=failure.retryable, code=failure.code)


class ReportJson(BaseModel):
    """The outcome of an ingestion."""

    source: str
    documents: CountsJson
    chunks: int = Field(description="Chunks written by this run.")
    seconds: float
    failures: list[FailureJson]

    @classmethod
    def of(cls, report: SyncReport) -> ReportJson:
        """Return the JSON for the report."""
        return cls(
            source=report.source,
            documents=CountsJson.of(report),
            chunks=report.chunks,
            seconds=round(report.seconds, 3),
            failures=[FailureJson.of(failure) for failure in report.failures],
        )


class OpenFailureJson(BaseModel):
    """A document that could not be indexed so far."""

    source: str
    key: str
    error: str
    code: str = Field(description="The name of the error.")
    retryable: bool = Field(description="Trying again may help though nothing changed.")
    attempts: int = Field(description="How often in a row it failed with this content.")
    failed_at: float = Field(description="Seconds since the epoch, UTC.")
    next_try: float | None = Field(description="When it is tried again by itself; null: not before something changes.")
    ignored: bool = Field(description="Someone let it rest until its content changes.")

    @classmethod
    def of(cls, job: JobRecord) -> OpenFailureJson:
        """Return the JSON for the failed job."""
        failure = job.failure
        return cls(
            source=job.source,
            key=job.key,
            error=failure.error if failure else "",
            code=failure.code if failure else "",
            retryable=failure is not None and failure.retryable,
            attempts=job.failures,
            failed_at=job.updated_at,
            next_try=job.not_before,
            ignored=job.ignored,
        )


class RunJson(BaseModel):
    """A sync of a source, or failed work of it that is done again."""

    id: str
    source: str
    trigger: str
    state: RunState
    started_at: float = Field(description="Seconds since the epoch, UTC.")
    finished_at: float | None
    documents: CountsJson
    chunks: int
    finished: int = Field(description="Jobs that are done.")
    pending: int = Field(description="Jobs that are not.")
    seconds_left: float | None = Field(description="How long the rest takes at the pace so far.")
    bytes: int = Field(description="Bytes that were fetched.")
    phases: dict[str, float] = Field(description="Seconds of work by phase, added up over workers.")
    cancelled: bool = Field(description="It ends, or has ended, before its work was done.")
    error: str | None
    flagged: int = Field(description="Documents that read like orders to an assistant: see `/api/documents/warnings`.")
    failures: list[RunFailureJson] | None = Field(None, description="Only where one run is asked for.")

    @classmethod
    def of(cls, run: RunRecord, failures: Sequence[Failure] | None = None) -> RunJson:
        """Return the JSON for the run."""
        left = run.seconds_left(time.time())
        return cls(
            id=run.id,
            source=run.source,
            trigger=run.trigger,
            state=run.state,
            started_at=run.started_at,
            finished_at=run.finished_at,
            documents=CountsJson.of(run),
            chunks=run.chunks,
            finished=run.finished,
            pending=run.pending,
            seconds_left=None if left is None else round(left, 1),
            bytes=run.bytes,
            phases=dict(run.phases),
            cancelled=run.cancelled,
            error=run.error,
            flagged=run.flagged,
            failures=None if failures is None else [RunFailureJson.of(failure) for failure in failures],
        )


class SourceJson(BaseModel):
    """A data source."""

    name: str
    kind: str
    config: Mapping[str, object] = Field(description="With `**********` in place of secrets.")
    passwords: list[str] = Field(description="`**********` for each password of its encrypted documents.")
    readers: Mapping[str, object]
    schedule: str | None
    time_zone: str = Field(description="Of the schedule's cron fields.")
    state: Literal["active", "paused", "failing", "removing"] = Field(
        description="Failing: it could not be listed the last time. Removing: it goes when its documents are deleted."
    )
    last_sync_at: float | None
    next_sync_at: float | None = Field(description="When it is due, or tried again; null: not by itself.")
    last_success_at: float | None = Field(description="When the last run began that came to its end; null: none known.")
    last_error: str | None
    is_partial: bool = Field(description="The last listing broke off; the next sync goes on where it did.")
    failed_syncs: int = Field(description="Listings that failed in a row.")
    is_asked: bool = Field(description="Whether a person asked for a sync that is not done yet.")
    concurrency: int | None = Field(description="Documents that are fetched and parsed at once; null: any number.")
    per_minute: float | None = Field(description="Documents a minute; null: any number.")
    documents: int

    @classmethod
    def of(
        cls,
        source: SourceRecord,
        documents: int,
        *,
        last_success_at: float | None = None,
        is_partial: bool = False,
    ) -> SourceJson:
        """Return the JSON for a source that has so many documents."""
        return cls(
            name=source.name,
            kind=source.kind,
            config=masked(source.config),
            passwords=masked(source.stored_passwords),
            readers=source.readers,
            schedule=source.schedule,
            time_zone=source.time_zone,
            state="failing" if source.state == "active" and source.failed_syncs else source.state,
            last_sync_at=source.last_sync_at,
            next_sync_at=_next_sync(source),
            last_success_at=last_success_at,
            last_error=source.last_error,
            is_partial=is_partial,
            failed_syncs=source.failed_syncs,
            is_asked=source.asked is not None,
            concurrency=source.concurrency,
            per_minute=source.per_minute,
            documents=documents,
        )


def _next_sync(source: SourceRecord) -> float | None:
    try:
        return due_at(source, time.time())
    except ConfigurationError:  # a schedule of an older version; the workers' log has it
        return None
