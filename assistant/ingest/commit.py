"""Makes prepared documents current, in the order that leaves one version current at every moment."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.access.stored_text import (
    forget,
    forget_former_members,
    forget_other_versions,
    member_key,
    prepared_key,
)
from assistant.adapters.points import batches
from assistant.catalog import Catalog, JobRecord
from assistant.catalog.jobs import JobOutcome
from assistant.ingest.embedding import embed_all
from assistant.ingest.known_failures import report_known_failures
from assistant.ingest.leases import unwatched
from assistant.ingest.meter import Meter
from assistant.ingest.prepare import Failed, Gone, Prepared, Step, Unchanged
from assistant.ingest.retries import Retries
from assistant.ingest.reuse import FormerVectors
from assistant.ingest.ruling import Rules, as_ruled, stored_rules
from assistant.ingest.suspecting import found_in
from assistant.ingest.traced import tell_outcomes
from assistant.interfaces import BlobStore, Embedder, Index
from assistant.spans import span
from assistant.types import Access, DocumentRef, Failure, document_id


@dataclass(frozen=True, slots=True)
class Committer:
    """Embeds, writes and flips groups of documents.

    The order is: write the new version to the index, flip the catalog to it, delete the old version from the index,
    end the job. Killed anywhere in between, the job is still there and doing it again ends in the same state. The old
    version of a document that was moved is the one at the key that it had before.

    `batch` texts are embedded at once, at most, and `advanced` is called as the work gets on.
    """

    catalog: Catalog
    index: Index
    embedder: Embedder
    blobs: BlobStore
    failure_pipeline: str
    retries: Retries = field(default_factory=Retries)
    meter: Meter = field(default_factory=Meter)
    batch: int = 256
    advanced: Callable[[], None] = unwatched

    def commit(self, steps: Sequence[Step]) -> None:
        """Carry out the steps and end their jobs; what that cost is counted in their runs with their ends.

        Of several runs, each bears a part by the number of its steps.

        Raises:
            StorageError, IndexUnavailableError: nothing is lost, the jobs that did not end stay open.
        """
        with span("ingest commit") as current:
            outcomes = self._outcomes(steps)
            cost = self.meter.take()
            steps_of = Counter(step.job.run_id for step in steps)
            costs = {run_id: cost.share(count / steps_of.total()) for run_id, count in steps_of.items()}
            self.catalog.jobs.finish(outcomes, costs)
            tell_outcomes(current, outcomes)

    def _outcomes(self, steps: Sequence[Step]) -> list[JobOutcome]:
        """Carry out the steps, but for the ends of their jobs."""
        outcomes: list[JobOutcome] = []
        steps = self._still_held(steps)
        rules = stored_rules(self.catalog, steps)
        steps = [as_ruled(step, rules) for step in steps]
        self._replace([step for step in steps if isinstance(step, Prepared)], outcomes, rules)
        outcomes += self._remove([step for step in steps if isinstance(step, Gone)])
        for step in steps:
            match step:
                case Unchanged():
                    outcomes.append(self._keep(step, rules.get(step.job.source)))
                case Failed():
                    outcomes.append(self._failed(step.job, step.failure))
                case Prepared() | Gone():
                    pass
        report_known_failures(self.catalog, [step.job for step in steps if isinstance(step, Unchanged)])
        return outcomes

    def _still_held(self, steps: Sequence[Step]) -> list[Step]:
        """Leave out what would erase something for work that another worker took over: the document may be back."""
        loose = [step.job for step in steps if isinstance(step, Gone | Unchanged)]
        held = self.catalog.jobs.held(loose) if loose else set()
        return [step for step in steps if not isinstance(step, Gone | Unchanged) or step.job.id in held]

    def _replace(self, prepared: list[Prepared], outcomes: list[JobOutcome], rules: Rules) -> None:
        if not prepared:
            return
        with self.meter.phase("embed"):
            former = FormerVectors(self.catalog, self.index, self.embedder, self.batch, self.advanced)
            embedded, vectors, failed = embed_all(former, prepared)
        outcomes += [self._failed(step.job, step.failure) for step in failed]
        for step in failed:
            if step.job.prepared:
                self.blobs.delete(step.job.prepared)
        if embedded:
            with self.meter.phase("write"):
                self._write(embedded, vectors, outcomes, rules)

    def _write(
        self, prepared: list[Prepared], vectors: NDArray[np.float32], outcomes: list[JobOutcome], rules: Rules
    ) -> None:
        ends = np.cumsum([len(step.texts) for step in prepared])
        for step, part in zip(prepared, np.split(vectors, ends[:-1]), strict=True):
            self._write_points(step, part)
        for step in prepared:
            if step.has_other_readers:
                ref = step.version.info.ref
                self._show_to(self.catalog.documents.below(ref.id), ref.access)
        self.index.flush()
        replaced = {step.job.id: self._replaced(step) for step in prepared}
        jobs = [step.job for step in prepared]
        stored = self.catalog.documents.make_current([step.version for step in prepared], jobs, rules)
        self.catalog.suspicions.note(
            [found_in(step.version) for step in prepared if step.version.info.ref.id in stored]
        )
        for member in stored.keys() - {step.version.info.ref.id for step in prepared}:
            self.index.set_access(member, stored[member])
            self.advanced()
        for step in prepared:
            self.advanced()
            ref = step.version.info.ref
            if ref.id not in stored:
                self.drop(step)
                outcomes.append(JobOutcome(step.job, ""))  # counts where the job is still there
                continue
            if stored[ref.id] != ref.access:  # the parent's readers, or the source's, were changed meanwhile
                self.index.set_access(ref.id, stored[ref.id])
            self.index.delete(ref.id, keep_version=ref.version)
            forget_other_versions(self.blobs, ref)
            self.blobs.delete(prepared_key(ref))  # before the job ends: killed in between, it is parsed again
            waiting = {member_key(ref.id, document_id(ref.source, key), mark) for key, mark in step.version.members}
            forget_former_members(self.blobs, ref.id, waiting)
            self._forget_waiting(step.job, ref)
            if step.version.origin is not None:
                self._erase(step.version.origin)
            outcome = ("moved" if step.version.is_moved else "added") if step.is_new else "updated"
            outcomes.append(JobOutcome(step.job, outcome, len(step.chunks), replaced=replaced[step.job.id]))

    def _write_points(self, step: Prepared, vectors: NDArray[np.float32]) -> None:
        """Write a version's chunks and pictures, in the parts that an index takes at once."""
        info, pictures = step.version.info, step.pictures
        for chunks, rows in batches(step.chunks, vectors):
            self.index.write(info.ref, chunks, rows, info.metadata)
            self.advanced()
        if pictures.vectors is not None:
            for chunks, rows in batches(pictures.chunks, pictures.vectors):
                self.index.write_pictures(info.ref, chunks, rows, info.metadata)
                self.advanced()

    def drop(self, step: Prepared) -> None:
        """Undo the preparation of a version that came too late, where nobody else has work on the document.

        Whoever has, another worker or a later sync, removes what is not current when it is done.
        """
        job, ref = step.job, step.version.info.ref
        if self.catalog.jobs.is_recorded(job.source, job.key):
            return
        current = self.catalog.documents.known(job.source, [job.key]).get(job.key)
        if current is None:
            self._erase(ref.id)
        else:
            self.index.delete(ref.id, keep_version=current.version)
            forget_other_versions(self.blobs, replace(ref, version=current.version))

    def _replaced(self, step: Prepared) -> int:
        """Return how many documents are deleted with what the document was before; a move does not count as that."""
        if step.version.origin is None or not self._is_current(step.job.source, step.job.origin):
            return 0
        moved = step.is_new and step.version.is_moved
        return len(self.catalog.documents.below(step.version.origin)) + (0 if moved else 1)

    def _is_current(self, source: str, key: str | None) -> bool:
        return key is not None and bool(self.catalog.documents.known(source, [key]))

    def _remove(self, steps: Sequence[Gone]) -> Iterator[JobOutcome]:
        """Remove documents with their members."""
        removed = self._forget([document_id(step.job.source, step.job.key) for step in steps])
        for step, count in zip(steps, removed, strict=True):
            origin = self._remove_origin(step.job)
            if step.failure is not None:  # its bytes wait on, should another version of the parser read them
                yield replace(self._failed(step.job, step.failure), replaced=origin)
            else:
                yield JobOutcome(step.job, "deleted" if count else "", documents=count, replaced=origin)

    def _remove_origin(self, job: JobRecord) -> int:
        """Remove what the document was before it was moved. Returns how many documents that were, members included."""
        if job.origin is None:
            return 0
        origin = document_id(job.source, job.origin)
        if self._is_current(job.source, job.origin):
            (removed,) = self._forget([origin])
            return removed
        self._erase(origin)  # its members have work of their own, which is not to be forgotten
        return 0

    def _forget(self, documents: Sequence[str]) -> list[int]:
        """Forget documents with their members. Returns for each how many that were; none counts twice.

        The catalog comes last: killed before that, the members are found there again, and removed when this is redone.
        """
        seen = dict.fromkeys([*documents, *self.catalog.documents.below_all(documents)])
        seen |= dict.fromkeys(self.catalog.jobs.of_members(list(seen)))  # with work on them, which is forgotten too
        for doomed in seen:
            self._erase(doomed)
        removed = self.catalog.documents.forget(documents)
        for late in removed.keys() - seen:  # another worker made them current meanwhile
            self._erase(late)
        counts = Counter(removed.values())
        return [counts.pop(document, 0) for document in documents]

    def _failed(self, job: JobRecord, failure: Failure) -> JobOutcome:
        retry_at = self.retries.next_try(job.failures + 1, failure.retryable, time.time())
        return JobOutcome(job, "failed", 0, failure, self.failure_pipeline, retry_at=retry_at)

    def _erase(self, document: str) -> None:
        self.index.delete(document)
        forget(self.blobs, document)
        self.advanced()

    def _show_to(self, documents: Sequence[str], access: Access) -> None:
        """Change readers in the index before the catalog: killed in between, it is still known to be due."""
        for document in documents:
            self.index.set_access(document, access)
            self.advanced()

    def _forget_waiting(self, job: JobRecord, ref: DocumentRef) -> None:
        """Delete the bytes that a member waited with: they are stored as its original now."""
        if job.parent is not None:
            self.blobs.delete(member_key(job.parent, ref.id, job.mark or ""))

    def _keep(self, step: Unchanged, rule: Mapping[str, Any] | None) -> JobOutcome:
        ref = step.ref
        self._forget_waiting(step.job, ref)
        self.index.delete(ref.id, keep_version=ref.version)  # what a killed run left of an older version
        kept = [ref.id, *self.catalog.documents.below(ref.id)]
        if step.has_other_readers:
            self._show_to(kept, ref.access)
            by = None if step.access_from_source else rule
            for document, access in self.catalog.documents.set_access(ref.id, ref.access, by).items():
                if access != ref.access:  # a member's, whose parent's readers were changed meanwhile
                    self.index.set_access(document, access)
                self.advanced()
        forget_other_versions(self.blobs, ref)
        self.blobs.delete(prepared_key(ref))  # by a worker that died once it was current
        self.catalog.documents.set_mark(
            ref.id, step.job.mark, step.pipeline, access_from_source=step.access_from_source
        )
        outcome = "updated" if step.has_other_readers else "unchanged"
        # counted with its members, on which there is no work
        return JobOutcome(step.job, outcome, documents=len(kept), replaced=self._remove_origin(step.job))
