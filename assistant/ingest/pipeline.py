"""The parts that take a document from its source into the index, put together for the jobs of a source."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, takewhile

from assistant.access import parse_readers
from assistant.catalog import Catalog, JobRecord, SourceRecord
from assistant.catalog.indexes import FIRST
from assistant.catalog.jobs import SUSPECT_LOST
from assistant.errors import IndexUnavailableError, WorkerLostError
from assistant.ingest.ahead import ahead
from assistant.ingest.commit import Committer
from assistant.ingest.leases import Leases, unwatched
from assistant.ingest.members import Ledger, Members, with_parents
from assistant.ingest.meter import Meter
from assistant.ingest.owed import Owed
from assistant.ingest.owners import ended, given_back
from assistant.ingest.pictures import Pictures
from assistant.ingest.pipeline_names import whole_pipeline
from assistant.ingest.prepare import SPECIAL_TOKENS, Failed, Gone, Parses, Preparer, Step
from assistant.ingest.retries import Retries
from assistant.ingest.sharing import SharedSources
from assistant.interfaces import BlobStore, Chunker, Embedder, Index
from assistant.registry import PluginRegistry
from assistant.types import Failure

log = logging.getLogger(__name__)
_MOST_LOST = SUSPECT_LOST + 2  # workers that one document may cost before it is left for later


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is done at once.

    Args:
        batch_documents: jobs that are claimed together.
        batch_chunks: chunks that are embedded together, from several documents.
        parse_ahead: documents that are parsed while others are embedded.
        lease_seconds: how long a claimed job belongs to its worker.
        stalled_seconds: after which a worker that finishes nothing is taken for stuck, and its jobs go to others.
        max_document_bytes: a larger document is refused.
        most_prepared: documents that wait for the embedder, after which no further one is parsed.
        turn_seconds: how long a worker keeps at a stage before others may have its place.
        retries: when what failed is tried again.
    """

    batch_documents: int = 64
    batch_chunks: int = 256
    parse_ahead: int = 2
    lease_seconds: float = 300.0
    stalled_seconds: float = 1800.0
    max_document_bytes: int = 100_000_000
    most_prepared: int = 1000
    turn_seconds: float = 2.0
    retries: Retries = field(default_factory=Retries)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What both ways of ingesting share: that of one run in one process, and that by stages in many.

    Args:
        index_name: of the index, as the catalog calls it.
        stopping: set when the process is to end after the group of documents it is at.
    """

    catalog: Catalog
    index: Index
    embedder: Embedder
    chunker: Chunker
    blobs: BlobStore
    registry: PluginRegistry
    parsers: Parses
    limits: Limits
    pictures: Pictures
    index_name: str = FIRST
    stopping: threading.Event = field(default_factory=threading.Event)
    owed: Owed = field(init=False)
    sources: SharedSources = field(init=False)
    _ledger: Ledger = field(default_factory=Ledger)

    def __post_init__(self) -> None:
        object.__setattr__(self, "owed", Owed(self.stopping))
        object.__setattr__(self, "sources", SharedSources(self.registry))

    def give_back(self, owner: str) -> None:
        """End a worker: what it claimed and did not finish is free again, at once or as soon as the catalog answers."""
        ended(owner)

        def release() -> None:
            self.catalog.jobs.release(owner)
            given_back(owner)

        self.owed.pay(f"worker {owner} ended", release)

    def bearable(self, jobs: Sequence[JobRecord]) -> list[JobRecord]:
        """Return the claimed jobs without those that cost too many workers, which end as failed.

        Without this, a document that ends the process it is in, by its memory or in a library, would do so for ever.
        """
        doomed = [job for job in jobs if job.lost >= _MOST_LOST and job.action != "delete"]
        for job in doomed:
            error = WorkerLostError(
                f"{job.key}: {job.lost} workers ended or hung while they had it, the last ones with nothing else",
                "look at the memory and the logs of the workers",
            )
            log.error("source %s: %s", job.source, error)
            source = self.catalog.sources.find(job.source)
            failure = Failure(job.key, str(error), error.retryable, error.code)
            self.committer(source, Meter()).commit([Failed(job, failure)])
            if job.prepared:
                self.blobs.delete(job.prepared)
            self.catalog.runs.finish_if_complete(job.run_id)
        return [job for job in jobs if job not in doomed]

    def check_index(self) -> None:
        """See that `index` is the current one. While a run is open or a job is claimed, no other one takes over.

        Raises:
            IndexUnavailableError: another one has taken over.
        """
        current = self.catalog.indexes.current()
        if current is not None and current.name != self.index_name:
            raise IndexUnavailableError(f"the index {current.name!r} took over", "the work goes on with that one")

    def leases(self, owner: str) -> Leases:
        """Return what keeps `owner` in possession of what it claims."""
        return Leases(self.catalog, owner, self.limits.lease_seconds, self.limits.stalled_seconds)

    def committer(
        self, source: SourceRecord | None, meter: Meter, advanced: Callable[[], None] = unwatched
    ) -> Committer:
        """Return what makes prepared documents current; without a source, prepared ones only.

        Args:
            source: that all of them are of.
            meter: takes what it costs.
            advanced: called as the work gets on.
        """
        pipeline = self.failure_pipeline(source) if source is not None else ""
        retries = self.limits.retries
        batch = self.limits.batch_chunks
        return Committer(self.catalog, self.index, self.embedder, self.blobs, pipeline, retries, meter, batch, advanced)

    def failure_pipeline(self, source: SourceRecord) -> str:
        """Return what decides whether a document of the source that failed would fail again."""
        limits = f"max_bytes={self.limits.max_document_bytes}"
        return f"{whole_pipeline(self.registry, self.chunker, limits)}+passwords={source.passwords_mark}"

    def steps(
        self,
        source: SourceRecord,
        jobs: Sequence[JobRecord],
        meter: Meter,
        advanced: Callable[[], None],
        ends: float = math.inf,
    ) -> Iterator[Step]:
        """Yield the prepared jobs in order, keeping `parse_ahead` of them in work.

        Args:
            source: that all the jobs are of.
            jobs: what to prepare.
            meter: takes what it costs.
            advanced: called as the work gets on, from several threads.
            ends: none but the first is begun after that moment of the monotonic clock, so that every turn gets on.

        Raises:
            StorageError: the disk does not take a text.
            ConfigurationError: the source's configuration is wrong, or its secrets cannot be decrypted.
        """
        if all(job.action == "delete" for job in jobs):
            return (Gone(job) for job in jobs)  # a source can be removed when its plugin is gone
        in_time = chain(jobs[:1], takewhile(lambda _: time.monotonic() <= ends, jobs[1:]))
        return ahead(self._preparer(source, jobs, meter, advanced).prepare, in_time, self.limits.parse_ahead, "prepare")

    def _preparer(
        self, source: SourceRecord, jobs: Sequence[JobRecord], meter: Meter, advanced: Callable[[], None]
    ) -> Preparer:
        known = self.catalog.documents.known(source.name, with_parents(jobs))
        return Preparer(
            source=source.name,
            plugin=self.sources.of(source),
            rule=parse_readers(source.readers, f"readers of source {source.name!r}"),
            known=known,
            registry=self.registry,
            chunker=self.chunker,
            parsers=self.parsers,
            blobs=self.blobs,
            count_tokens=self.embedder.count_tokens,
            max_tokens=self.embedder.max_tokens - SPECIAL_TOKENS,
            max_bytes=self.limits.max_document_bytes,
            members=Members(source.name, self.blobs, known, self.catalog.documents.around, self._ledger),
            pictures=self.pictures,
            passwords=source.passwords,
            meter=meter,
            advanced=advanced,
        )
