"""Compares what a source lists with what the catalog knows, and records the work that follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from assistant.access import ReadersRule
from assistant.catalog import Catalog, JobRecord, KnownDocument, SourceRecord
from assistant.catalog.jobs import NewJob
from assistant.errors import AssistantError, PluginError, SourceError, UnsupportedFormatError
from assistant.ingest.leases import ListingLease
from assistant.ingest.moves import find_moves
from assistant.ingest.pipeline_names import pipeline_version
from assistant.ingest.resuming import Resumption
from assistant.ingest.shown import Readers, must_ask
from assistant.interfaces import Chunker, DataSource, Index
from assistant.registry import PluginRegistry
from assistant.types import Change, Changed, Checkpoint, Deleted, DocumentRef, Failure, document_id

_RECORD_AT = 500


@dataclass(slots=True)
class Listing:
    """One pass over a source. `run()` records the jobs and the counts in the catalog, not that the run is listed.

    `full` lists it from its begin and fetches everything that it lists. Where the source breaks off behind a
    checkpoint, what was listed before that is recorded, and `broke_off_at` is the cursor to go on from.
    """

    catalog: Catalog
    registry: PluginRegistry
    chunker: Chunker
    source: SourceRecord
    rule: ReadersRule
    run_id: str
    lease: ListingLease
    pipeline: str
    index: Index
    pictures: str
    resumption: Resumption
    full: bool = False
    cursor: str | None = field(init=False, default=None)
    broke_off_at: str | None = field(init=False, default=None)
    _before: frozenset[str] = field(init=False, default=frozenset())  # listed up to where this one goes on
    indexed: Mapping[str, set[str]] = field(init=False)
    _known: dict[str, KnownDocument] = field(init=False)
    _readers: Readers = field(init=False)
    _by_id: Mapping[str, KnownDocument] = field(init=False)
    _leftover: Mapping[str, JobRecord] = field(init=False)
    _last: dict[str, Changed | Deleted] = field(init=False, default_factory=dict)  # a log's last word on each key
    _jobs: list[NewJob] = field(init=False, default_factory=list)
    _touched: set[str] = field(init=False, default_factory=set)  # keys that have work
    _unchanged: int = field(init=False, default=0)
    _shown: int = field(init=False, default=0)  # to other readers, and else unchanged
    _carried: list[Failure] = field(init=False, default_factory=list)
    _origins: Mapping[str, str] = field(init=False, default_factory=dict)  # of what seems moved: the keys before
    _taken: set[str] = field(init=False, default_factory=set)  # those of them that go with the work on the new keys

    def run(self, plugin: DataSource) -> str | None:
        """List `plugin` and record the work. Returns the cursor to go on from at the next sync.

        Raises:
            SourceError: the source cannot be read; nothing is deleted.
            PluginError: the source's plugin failed; nothing is deleted.
            SourceBusyError: the run was cancelled, or another one took over.
        """
        self.indexed = self.index.versions()
        self._readers = Readers(self.catalog, self.index, self.source.name, self.rule, self.source.readers)
        self._known = dict(self.catalog.documents.known(self.source.name))
        self._by_id = {document_id(self.source.name, key): known for key, known in self._known.items()}
        self._leftover = self.catalog.jobs.of_source(self.source.name)
        if not self.full:
            self._before = self.resumption.load(self.source.cursor)
        try:
            complete = self._read(plugin)
        except AssistantError:
            if (
                self.cursor is not None and self._last and not self.lease.is_over()
            ):  # one before all changes is no progress
                self._record_all(plugin, complete=False)
                self.resumption.save(self.cursor, self._before | self._last.keys())
                self.broke_off_at = self.cursor
            raise
        self._record_all(plugin, complete)
        return self.cursor

    def _read(self, plugin: DataSource) -> bool:
        """Keep what the source lists, and say whether that is all; of one that breaks off, what a checkpoint ends."""
        complete = False
        since: dict[str, Changed | Deleted] = {}
        for change in self._changes(plugin):
            self.lease.check()
            match change:
                case Changed() | Deleted():
                    since[change.key] = change
                case Checkpoint():
                    self._last |= since
                    since = {}
                    self.cursor, complete = change.cursor, complete or change.complete
                case _:
                    raise SourceError(
                        f"the {self.source.kind} source yielded {type(change).__name__}", "report it to its author"
                    )
        self._last |= since
        return complete

    def _record_all(self, plugin: DataSource, complete: bool) -> None:
        """Record the work that follows from what was kept."""
        listed = [change for change in self._last.values() if isinstance(change, Changed)]
        if complete:
            busy = self._leftover.keys() | self._before
            self._origins = find_moves(listed, self._known, busy, getattr(plugin, "unmoved", None))
        for change in listed:
            self._changed(change)
        for key in self._last.keys() - {change.key for change in listed} - self._taken:
            self._add(NewJob(key, "delete"))
        self._unlisted(complete)
        self._members()
        self._record()
        self.catalog.runs.count(
            self.run_id,
            seen=len(listed),
            updated=self._shown,
            unchanged=self._unchanged,
            failed=len(self._carried),
        )
        self.catalog.runs.add_failures(self.run_id, self._carried)

    def _changes(self, plugin: DataSource) -> Iterator[Change]:
        try:
            yield from plugin.changes(None if self.full else self.source.cursor)
        except AssistantError:
            raise
        except Exception as error:
            raise PluginError(
                f"the plugin of source {self.source.name!r} failed while it listed: {type(error).__name__}: {error}",
                "report it to the plugin's author",
            ) from error

    def _changed(self, change: Changed) -> None:
        job = self._leftover.get(change.key)
        known = self._known.get(change.key)
        shown = self._show(known, change) if known is not None else 0
        if job is not None and job.ignored and job.mark == change.version and not self.full:
            self._unchanged += 1
        elif job is not None and not self.full and self._would_fail_again(job, change):
            self._carried.append(job.failure or Failure(job.key, "", retryable=False))
        elif self._is_missing(change.key):
            self._add(NewJob(change.key, "rewrite", change.version, origin=self._origin(change.key, job)))
        elif job is None and not self.full and self._is_unchanged(change):
            self._count_unchanged(change.key, shown)
        else:
            self._add(NewJob(change.key, "ingest", change.version, origin=self._origin(change.key, job)))

    def _show(self, known: KnownDocument, listed: Changed | None) -> int:
        """Give a document the readers that it is to have, if no later listing may have given it newer ones."""
        self.lease.check()
        return self._readers.update(known, listed, self._known)

    def _count_unchanged(self, key: str, shown: int) -> None:
        if shown:
            self._touched.add(key)  # counted with its members
        self._shown += shown
        self._unchanged += not shown

    def _origin(self, key: str, job: JobRecord | None) -> str | None:
        """Return the key that the document had before, or that unfinished work says it had, if that one is to go."""
        origin = self._origins.get(key) or (job.origin if job is not None else None)
        if origin is None or origin in self._taken or isinstance(self._last.get(origin), Changed):
            return None
        self._taken.add(origin)
        self._touched.add(origin)
        return origin

    def _would_fail_again(self, job: JobRecord, change: Changed) -> bool:
        same = change.version is not None and job.mark == change.version and job.pipeline == self.pipeline
        return job.failure is not None and not job.failure.retryable and same

    def _is_missing(self, key: str) -> bool:
        """Whether the index lacks a document that the catalog has: it was deleted, or an old copy was put back."""
        known = self._known.get(key)
        return known is not None and known.version not in self.indexed.get(document_id(self.source.name, key), ())

    def _is_unchanged(self, change: Changed) -> bool:
        known = self._known.get(change.key)
        if known is None or change.version is None or known.mark != change.version:
            return False
        if must_ask(self._known, change, from_begin=self.source.cursor is None):
            return False
        return self._has_same_pipeline(known)

    def _has_same_pipeline(self, known: KnownDocument) -> bool:
        """Whether today's parser and chunker would make the same of the document's content."""
        ref = DocumentRef(self.source.name, known.key, known.version, "", "", known.media_type)
        try:
            return known.pipeline == pipeline_version(self.registry, self.chunker, ref, self.pictures)
        except UnsupportedFormatError:
            return False

    def _unlisted(self, complete: bool) -> None:
        """Deal with keys that were not listed: gone, or unfinished work of an earlier run that nobody else will do."""
        jobs = {key: job for key, job in self._leftover.items() if key not in self._last and job.parent is None}
        unfinished = [job for job in jobs.values() if self._goes_on(job, complete and job.key not in self._before)]
        origins = {job.key: self._origin(job.key, job) for job in unfinished}
        for key, known in list(self._known.items()):
            if key in self._last or key in self._taken or known.parent is not None:
                continue
            if complete and key not in self._before:
                self._add(NewJob(key, "delete"))
                continue
            shown = self._show(known, None)
            if self._is_missing(key):
                self._add(NewJob(key, "rewrite", known.mark))
            elif not self._has_same_pipeline(known):
                self._add(NewJob(key, "ingest", known.mark))
            elif shown:
                self._touched.add(key)
                self._shown += shown
        for job in unfinished:
            gone = complete and job.key not in self._before
            self._add(NewJob(job.key, "delete" if gone else job.action, job.mark, origin=origins[job.key]))
        if complete:
            there = origins.keys() | self._known.keys() | self._before
            self.catalog.jobs.discard(self.source.name, list(jobs.keys() - there))

    def _goes_on(self, job: JobRecord, complete: bool) -> bool:
        """Whether there is work left on a key that was not listed."""
        if job.failure is None:
            return True
        # a source that lists only changes will not name it again
        return not complete and not job.ignored and (job.failure.retryable or job.pipeline != self.pipeline)

    def _members(self) -> None:
        """Deal with members, which no source lists: they go with their parents, and else are dealt with like those."""
        kept: list[KnownDocument] = []
        for key, known in self._known.items():
            if known.parent is None or key in self._leftover or self._comes_anew(known.parent):
                continue
            if self._is_missing(key):
                self._add(NewJob(key, "rewrite", known.mark, known.parent))
            elif not self._has_same_pipeline(known):
                self._add(NewJob(key, "ingest", known.mark, known.parent))
            else:
                kept.append(known)
        failed: list[JobRecord] = []
        for key, job in self._leftover.items():
            if job.parent is None or job.ignored or self._comes_anew(job.parent):
                continue
            if job.failure is None or job.failure.retryable or job.pipeline != self.pipeline:
                self._add(NewJob(key, job.action, job.mark, job.parent))
            else:
                failed.append(job)
        self._unchanged += sum(not self._is_touched(known.parent) for known in kept)
        self._carried += [job.failure for job in failed if job.failure and not self._is_touched(job.parent)]

    def _is_touched(self, parent: str | None) -> bool:
        """Whether there is work on a document or on one that it stands in: its members are then counted with it."""
        known = self._by_id.get(parent or "")
        return known is not None and (known.key in self._touched or self._is_touched(known.parent))

    def _comes_anew(self, parent: str) -> bool:
        """Whether the members have no work of their own now: it is recorded once this is parsed anew, or they go."""
        known = self._by_id.get(parent)
        if known is None:
            return False
        redone = known.key in self._taken or self._is_missing(known.key) or not self._has_same_pipeline(known)
        return redone or (known.parent is not None and self._comes_anew(known.parent))

    def _add(self, job: NewJob) -> None:
        self._jobs.append(job)
        self._touched.add(job.key)
        if len(self._jobs) >= _RECORD_AT:
            self._record()

    def _record(self) -> None:
        unique = {job.key: job for job in self._jobs}
        self.catalog.jobs.record(self.source.name, self.run_id, list(unique.values()))
        self._jobs.clear()
