"""Brings a source's documents into the index: the one way for the command line, the API and the workers."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from assistant.access import parse_readers
from assistant.catalog import Catalog, JobRecord, SourceRecord
from assistant.catalog.jobs import NewJob
from assistant.errors import AssistantError, IngestError, SourceBusyError
from assistant.ingest.commit import Committer
from assistant.ingest.listing import Listing, whole_pipeline
from assistant.ingest.members import Ledger, Members, with_parents
from assistant.ingest.owners import may_be_alive, new_worker, this_process
from assistant.ingest.pictures import Pictures
from assistant.ingest.prepare import SPECIAL_TOKENS, Gone, Parses, Prepared, Preparer, Step
from assistant.interfaces import BlobStore, Chunker, Embedder, Index
from assistant.registry import PluginRegistry
from assistant.types import SyncReport

log = logging.getLogger(__name__)
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is done at once.

    Args:
        batch_documents: jobs that are claimed together.
        batch_chunks: chunks that are embedded together, from several documents.
        parse_ahead: documents that are parsed while others are embedded.
        lease_seconds: how long a claimed job belongs to its worker.
        max_document_bytes: a larger document is refused.
    """

    batch_documents: int = 64
    batch_chunks: int = 256
    parse_ahead: int = 2
    lease_seconds: float = 300.0
    max_document_bytes: int = 100_000_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: `done` of `total` jobs, and the key that was finished last."""

    done: int
    total: int
    key: str


OnProgress = Callable[[Progress], None]


class Ingestor:
    """Syncs sources. Any number of threads and processes may work on one catalog at the same time."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        index: Index,
        embedder: Embedder,
        chunker: Chunker,
        blobs: BlobStore,
        registry: PluginRegistry,
        parsers: Parses,
        limits: Limits,
        pictures: Pictures | None = None,
    ) -> None:
        self._catalog = catalog
        self._index = index
        self._embedder = embedder
        self._chunker = chunker
        self._blobs = blobs
        self._registry = registry
        self._parsers = parsers
        self._limits = limits
        self._pictures = pictures or Pictures()
        self._owner = this_process()
        self._stopping = threading.Event()
        self._ledger = Ledger()
        self._pipeline = whole_pipeline(registry, chunker, f"max_bytes={limits.max_document_bytes}")

    def sync(self, source: str, trigger: str, on_progress: OnProgress | None = None) -> SyncReport:
        """List the source, index what changed, remove what is gone, and report.

        Args:
            source: a source's name.
            trigger: who asked: `cli`, `api` or `schedule`.
            on_progress: called after every document.

        Raises:
            NotFoundError: there is no such source.
            SourceBusyError: it is being synced now.
            ConfigurationError: its configuration is wrong.
            SourceError: it cannot be read; nothing is deleted.
            StorageError, IndexUnavailableError: the work so far is kept, the rest is done by the next sync.
        """
        run_id = self.begin(source, trigger)
        self._complete(run_id, on_progress)
        return self.report(run_id)

    def begin(self, source: str, trigger: str) -> str:
        """List the source and record a job for every change. Returns the run's id; raises as `sync` does."""
        record = self._catalog.sources.get(source)
        self.release_dead()
        self._close_open_runs(source)
        run = self._catalog.runs.start(source, trigger, self._owner)
        try:
            plugin = self._registry.make_source(record.kind, dict(record.config))
            rule = parse_readers(record.readers, f"readers of source {source!r}")
            listing = Listing(
                self._catalog,
                self._registry,
                self._chunker,
                record,
                rule,
                run.id,
                self._failure_pipeline(record),
                self._index.versions(),
                self._pictures.version,
            )
            cursor = listing.run(plugin)
        except Exception as error:
            self._catalog.runs.finish(run.id, "failed", str(error))
            self._catalog.sources.synced(source, None, str(error), run.started_at)
            raise
        self._catalog.sources.synced(source, cursor, None, run.started_at)
        self._catalog.runs.finish_if_complete(run.id)
        return run.id

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
            with self._leased(owner):
                while not self._stopping.is_set() and (jobs := self._claim(run_id, owner)):
                    for keys in self._process(record, jobs):
                        for key in keys:
                            done += 1
                            if on_progress is not None:
                                on_progress(Progress(done, max(total, done), key))
                    total = max(total, done + self._catalog.runs.get(run_id).pending)  # members may have come
            if self._stopping.is_set():
                self._catalog.jobs.release(owner)
        except Exception as error:
            self._catalog.jobs.release(owner)
            if not getattr(error, "retryable", False) and not self._stopping.is_set():
                self._catalog.runs.finish(run_id, "failed", str(error))
            raise
        self._catalog.runs.finish_if_complete(run_id)

    def remove(self, source: str) -> int:
        """Remove a source with everything that came from it. Returns how many documents were removed.

        Raises:
            NotFoundError: there is no such source.
            SourceBusyError: it is being synced now, or the assistant stops before all is removed.
        """
        self._catalog.sources.get(source)
        self._close_open_runs(source)
        run = self._catalog.runs.start(source, "api", self._owner)
        self._catalog.sources.set_state(source, "paused")
        keys = {*self._catalog.documents.known(source), *self._catalog.jobs.of_source(source)}
        self._catalog.jobs.record(source, run.id, [NewJob(key, "delete") for key in sorted(keys)])
        self._catalog.runs.listed(run.id)
        self._complete(run.id)
        ended = self._catalog.runs.get(run.id)
        if ended.state == "running":  # without its row nobody would know of the rest in the index
            raise SourceBusyError(f"the source {source!r} is not removed yet: the assistant stops", "remove it again")
        self._catalog.sources.remove(source)
        return ended.deleted

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
            updated=run.updated,
            unchanged=run.unchanged,
            deleted=run.deleted,
            failed=run.failed,
            chunks=run.chunks,
            seconds=(run.finished_at or time.time()) - run.started_at,
            failures=tuple(self._catalog.runs.failures(run_id)),
        )

    def release_dead(self) -> None:
        """Give back the jobs of processes that are gone, so that nobody waits for their leases to end."""
        for owner in self._catalog.jobs.lease_owners():
            if not may_be_alive(owner):
                self._catalog.jobs.release(owner)

    def _complete(self, run_id: str, on_progress: OnProgress | None = None) -> None:
        """Work until the run is closed: when no job is free, workers of another process may still hold some of it."""
        self.work(run_id, on_progress)
        while not self._stopping.is_set() and not self._catalog.runs.finish_if_complete(run_id):
            self._stopping.wait(_POLL_SECONDS)
            self.release_dead()
            self.work(run_id)
        run = self._catalog.runs.get(run_id)
        if run.state in {"failed", "interrupted"}:
            raise IngestError(f"the sync of {run.source!r} was ended: {run.error}", f"`assistant runs show {run_id}`")

    @contextmanager
    def _leased(self, owner: str) -> Iterator[None]:
        """Renew the leases of `owner` meanwhile, so that slow documents are not taken for those of a dead worker."""
        ended = threading.Event()

        def renew() -> None:
            while not ended.wait(self._limits.lease_seconds / 3):
                try:
                    self._catalog.jobs.renew(owner, self._limits.lease_seconds)
                except AssistantError as error:
                    log.warning("leases were not renewed: %s", error)

        thread = threading.Thread(target=renew, name="renew-leases", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _claim(self, run_id: str, owner: str) -> list[JobRecord]:
        limits = self._limits
        return self._catalog.jobs.claim(run_id, owner, limits.batch_documents, limits.lease_seconds)

    def _close_open_runs(self, source: str) -> None:
        """Close what earlier runs of the source left open; their jobs pass to the new run.

        Raises:
            SourceBusyError: one of them is at work now.
        """
        now = time.time()
        for run in self._catalog.runs.open(source):
            listing = run.lister is not None and may_be_alive(run.lister)
            working = any(until > now and may_be_alive(owner) for owner, until in run.leases.items())
            if listing or working:
                raise SourceBusyError(
                    f"the source {source!r} is being synced by run {run.id}", "wait for it: `assistant runs list`"
                )
            self._catalog.runs.finish(run.id, "interrupted", "taken over by a later run")

    def _process(self, source: SourceRecord, jobs: Sequence[JobRecord]) -> Iterator[list[str]]:
        """Prepare the jobs in threads and commit them in groups; yields the keys of each group that is done."""
        committer = Committer(self._catalog, self._index, self._embedder, self._blobs, self._failure_pipeline(source))
        group: list[Step] = []
        waiting = 0
        for step in self._steps(source, jobs):
            if self._stopping.is_set():
                break  # a stop may have cut this step short, which is no fault of its document
            group.append(step)
            waiting += len(step.chunks) if isinstance(step, Prepared) else 0
            if waiting >= self._limits.batch_chunks:
                committer.commit(group)
                yield [done.job.key for done in group]
                group, waiting = [], 0
        if group:
            committer.commit(group)
            yield [done.job.key for done in group]

    def _failure_pipeline(self, source: SourceRecord) -> str:
        """Return what decides whether a document of the source that failed would fail again."""
        passwords = hashlib.sha256("\n".join(source.passwords).encode()).hexdigest()[:8] if source.passwords else ""
        return f"{self._pipeline}+passwords={passwords}"

    def _steps(self, source: SourceRecord, jobs: Sequence[JobRecord]) -> Iterator[Step]:
        if all(job.action == "delete" for job in jobs):
            return (Gone(job) for job in jobs)  # a source can be removed when its plugin is gone
        return self._prepare_ahead(self._preparer(source, jobs), jobs)

    def _preparer(self, source: SourceRecord, jobs: Sequence[JobRecord]) -> Preparer:
        known = self._catalog.documents.known(source.name, with_parents(jobs))
        return Preparer(
            source=source.name,
            plugin=self._registry.make_source(source.kind, dict(source.config)),
            rule=parse_readers(source.readers, f"readers of source {source.name!r}"),
            known=known,
            registry=self._registry,
            chunker=self._chunker,
            parsers=self._parsers,
            blobs=self._blobs,
            count_tokens=self._embedder.count_tokens,
            max_tokens=self._embedder.max_tokens - SPECIAL_TOKENS,
            max_bytes=self._limits.max_document_bytes,
            members=Members(source.name, self._blobs, known, self._catalog.documents.around, self._ledger),
            pictures=self._pictures,
            passwords=source.passwords,
        )

    def _prepare_ahead(self, preparer: Preparer, jobs: Sequence[JobRecord]) -> Iterator[Step]:
        """Yield the prepared jobs in order, keeping `parse_ahead` of them in work."""
        with ThreadPoolExecutor(self._limits.parse_ahead, thread_name_prefix="prepare") as pool:
            ahead: deque[Future[Step]] = deque()
            try:
                for job in jobs:
                    ahead.append(pool.submit(preparer.prepare, job))
                    if len(ahead) > 2 * self._limits.parse_ahead:
                        yield ahead.popleft().result()
                while ahead:
                    yield ahead.popleft().result()
            finally:
                for future in ahead:
                    future.cancel()
