"""Brings a source's documents into the index: the one way for the command line, the API and the workers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from assistant.access import parse_readers
from assistant.catalog import JobRecord, RunRecord, SourceRecord
from assistant.catalog.records import RunState
from assistant.errors import IngestError, SourceBusyError
from assistant.ingest.leases import ListingLease
from assistant.ingest.listing import Listing
from assistant.ingest.meter import Meter
from assistant.ingest.owners import new_worker
from assistant.ingest.pipeline import Pipeline
from assistant.ingest.prepare import Prepared, Step
from assistant.ingest.removals import Removals
from assistant.ingest.renewal import renew
from assistant.ingest.resuming import Resumption
from assistant.ingest.staged import StagedWork
from assistant.ingest.starting import RunStarter
from assistant.spans import Span, span
from assistant.types import SyncReport

_POLL_SECONDS = 0.2  # of waiting for other workers


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: `done` of `total` jobs, and the key that was finished last."""

    done: int
    total: int
    key: str


@dataclass(frozen=True, slots=True)
class DueSince:
    """That a source was found due, when its last sync had begun at that moment (None: never)."""

    last_sync_at: float | None


OnProgress = Callable[[Progress], None]


class Ingestor:
    """Syncs sources. Any number of threads and processes may work on one catalog at the same time."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._catalog = pipeline.catalog
        self._pipeline = pipeline
        self._stopping = pipeline.stopping
        self.runs = RunStarter(pipeline.catalog, pipeline.owed, pipeline.limits.lease_seconds)
        self.stages = StagedWork(pipeline)
        self.removals = Removals(pipeline.catalog, self.runs, pipeline.blobs, pipeline.sources.let_go)

    def sync(
        self, source: str, trigger: str, on_progress: OnProgress | None = None, *, full: bool = False
    ) -> SyncReport:
        """List the source, index what changed, remove what is gone, and report.

        Args:
            source: a source's name.
            trigger: who asked: `cli`, `api` or `schedule`.
            on_progress: called after every document.
            full: as for `begin`.

        Raises:
            NotFoundError: there is no such source.
            SourceBusyError: it is being synced now.
            ConfigurationError: its configuration is wrong.
            SourceError: it cannot be read; nothing is deleted.
            StorageError, IndexUnavailableError: the work so far is kept, the rest is done by the next sync.
        """
        self.renew()
        run_id = self.begin(source, trigger, full=full)
        return self.complete(run_id, on_progress)

    def begin(self, source: str, trigger: str, *, full: bool = False, due: DueSince | None = None) -> str:
        """List the source and record a job for every change. Returns the run's id; raises as `sync` does.

        Args:
            source: a source's name.
            trigger: who asked.
            full: list the source from its begin and fetch everything, whatever it says of changes.
            due: what the source's last sync was when it was found due: where another has run since, nothing is done.
        """
        with span("ingest sync", {"assistant.sync.trigger": trigger, "assistant.sync.full": full}) as current:
            return self._begin(source, trigger, full=full, due=due, current=current)

    def _begin(self, source: str, trigger: str, *, full: bool, due: DueSince | None, current: Span) -> str:
        with self.runs.starting(source, trigger) as run:
            record = self._catalog.sources.find(source)
            if record is None or (due is not None and record.last_sync_at != due.last_sync_at):
                raise SourceBusyError(f"the source {source!r} was synced or removed meanwhile", "nothing is to be done")
            self._pipeline.check_index()
        current.set("assistant.run.id", run.id)
        current.set("assistant.source.kind", record.kind)  # not its name: a person's uploads are named by the person
        with self.runs.lease(run) as lease:
            self._list(run, record, lease, full=full)
        self._catalog.runs.finish_if_complete(run.id)
        return run.id

    def _list(self, run: RunRecord, record: SourceRecord, lease: ListingLease, *, full: bool) -> None:
        source, meter = record.name, Meter()
        listing: Listing | None = None
        resumption = Resumption(self._pipeline.blobs, source)
        try:
            plugin = self._pipeline.sources.of(record)
            rule = parse_readers(record.readers, f"readers of source {source!r}")
            listing = Listing(
                self._catalog,
                self._pipeline.registry,
                self._pipeline.chunker,
                record,
                rule,
                run.id,
                lease,
                self._pipeline.failure_pipeline(record),
                self._pipeline.index,
                self._pipeline.pictures.version,
                resumption,
                full,
            )
            with meter.phase("list"):
                cursor = listing.run(plugin)
            self._catalog.runs.listed(run.id, meter.take())
            self._catalog.sources.synced(source, cursor, run.started_at, record.asked, run.id)
        except Exception as error:
            if lease.is_over() or isinstance(error, SourceBusyError):
                self._left(run, record, lease, error)
            else:
                self._failed(run, record, error, listing.broke_off_at if listing is not None else None)
            raise
        resumption.clear()  # not before: with the former cursor and without it, all listed up to there would be deleted

    def _failed(self, run: RunRecord, record: SourceRecord, error: Exception, cursor: str | None) -> None:
        """Note that the source could not be listed, and where to go on."""
        self.runs.give_up(run.id, partial(self._catalog.runs.finish, run.id, "failed", str(error)))
        retryable = getattr(error, "retryable", False)
        again = self._pipeline.limits.retries.next_try(record.failed_syncs + 1, retryable, time.time())
        self._pipeline.sources.let_go(record.name)  # the next sync begins with a new one: what it held may be the cause
        self._catalog.sources.sync_failed(record.name, str(error), run.started_at, again, record.asked, cursor)

    def _left(self, run: RunRecord, record: SourceRecord, lease: ListingLease, error: Exception) -> None:
        """Note that this process lists no further: the run was cancelled, or another one took over, or may have."""
        state: RunState = "cancelled" if lease.cancelled else "interrupted"
        self.runs.give_up(run.id, partial(self._catalog.runs.finish, run.id, state, str(error)))
        if lease.cancelled:  # else nothing was done of what was asked for
            self._catalog.sources.sync_cancelled(record.name, run.started_at, record.asked)

    def work(self, run_id: str, on_progress: OnProgress | None = None) -> None:
        """Do the run's jobs that nobody else does, until none is left; raises as `sync` does."""
        run = self._catalog.runs.get(run_id)
        record = self._catalog.sources.find(run.source)
        if record is None:
            self._catalog.runs.finish(run_id, "interrupted", "the source was removed")
            return
        owner = new_worker()
        done, total = 0, run.pending
        try:
            with self._pipeline.leases(owner) as leases:
                while not self._is_over(run_id) and (jobs := self._claim(run_id, owner)):
                    for keys in self._process(record, self._pipeline.bearable(jobs), leases.advanced):
                        leases.advanced()
                        for key in keys:
                            done += 1
                            if on_progress is not None:
                                on_progress(Progress(done, max(total, done), key))
                    total = max(total, done + self._catalog.runs.get(run_id).pending)  # members may have come
            if self._is_over(run_id):
                self._pipeline.give_back(owner)
        except Exception as error:
            self._pipeline.give_back(owner)
            if not getattr(error, "retryable", False) and not self._stopping.is_set():
                self._catalog.runs.finish(run_id, "failed", str(error))
            raise
        self._catalog.runs.finish_if_complete(run_id)

    def complete(self, run_id: str, on_progress: OnProgress | None = None) -> SyncReport:
        """Work until the run is closed, and report; raises as `sync` does.

        When no job is free, workers of another process may still hold some of it.
        """
        self.work(run_id, on_progress)
        while not self._stopping.is_set() and not self._catalog.runs.finish_if_complete(run_id):
            self._stopping.wait(_POLL_SECONDS)
            self.runs.release_dead()
            self.work(run_id)
        run = self._catalog.runs.get(run_id)
        if run.state in {"failed", "interrupted", "cancelled"}:
            raise IngestError(f"the sync of {run.source!r} was ended: {run.error}", f"`assistant runs show {run_id}`")
        return self.report(run_id)

    def _is_over(self, run_id: str) -> bool:
        return self._stopping.is_set() or self._catalog.runs.is_cancelled(run_id)

    def remove(self, source: str) -> int:
        """Remove a source with everything that came from it, now. Returns how many documents were removed.

        Raises:
            NotFoundError: there is no such source.
            SourceBusyError: it is being synced now, or the assistant stops before all is removed.
        """
        run_id = self.removals.begin(source)
        self.complete(run_id)
        ended = self._catalog.runs.get(run_id)
        if ended.state != "done":
            raise SourceBusyError(f"the source {source!r} is not removed yet: the work was ended", "remove it again")
        self.removals.finish(source)
        return ended.deleted

    def renew(self) -> int:
        """Bring what earlier code wrote to the index to today's layout. Returns how many documents; see `renewal`."""
        return renew(self._pipeline.index, self._catalog, self._stopping.is_set)

    def stop(self) -> None:
        """Let every `work` end after the group it is at; what is left stays recorded for the next start."""
        self._stopping.set()

    def report(self, run_id: str) -> SyncReport:
        """Return the run's outcome so far."""
        run = self._catalog.runs.get(run_id)
        return SyncReport(
            source=run.source,
            run_id=run.id,
            seen=run.seen,
            added=run.added,
            moved=run.moved,
            updated=run.updated,
            unchanged=run.unchanged,
            deleted=run.deleted,
            failed=run.failed,
            chunks=run.chunks,
            seconds=max(0.0, (run.finished_at or time.time()) - run.started_at),  # the clock may have been set
            failures=tuple(self._catalog.runs.failures(run_id)),
        )

    def _claim(self, run_id: str, owner: str) -> list[JobRecord]:
        limits = self._pipeline.limits
        jobs = self._catalog.jobs.claim(run_id, owner, limits.batch_documents, limits.lease_seconds)
        self._pipeline.check_index()
        return jobs

    def _process(
        self, source: SourceRecord, jobs: Sequence[JobRecord], advanced: Callable[[], None]
    ) -> Iterator[list[str]]:
        """Prepare the jobs in threads and commit them in groups; yields the keys of each group that is done."""
        if not jobs:
            return
        run_id, meter = jobs[0].run_id, Meter()
        committer = self._pipeline.committer(source, meter, advanced)
        group: list[Step] = []
        waiting = 0
        for step in self._pipeline.steps(source, jobs, meter, advanced):
            if self._stopping.is_set():
                break  # a stop may have cut this step short, which is no fault of its document
            group.append(step)
            waiting += len(step.chunks) if isinstance(step, Prepared) else 0
            if waiting >= self._pipeline.limits.batch_chunks:
                committer.commit(group)
                if self._is_over(run_id):
                    return
                yield [done.job.key for done in group]
                group, waiting = [], 0
        if group:
            committer.commit(group)
            yield [done.job.key for done in group]
