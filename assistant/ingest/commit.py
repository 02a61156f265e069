"""Makes prepared documents current, in the order that leaves one version current at every moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.access.stored_text import forget, forget_other_versions
from assistant.catalog import Catalog
from assistant.catalog.jobs import JobOutcome
from assistant.ingest.prepare import Failed, Gone, Prepared, Step, Unchanged
from assistant.interfaces import BlobStore, Embedder, Index
from assistant.types import document_id


@dataclass(frozen=True, slots=True)
class Committer:
    """Embeds, writes and flips groups of documents.

    The order is: write the new version to the index, flip the catalog to it, delete the old version from the index,
    end the job. Killed anywhere in between, the job is still there and doing it again ends in the same state.
    """

    catalog: Catalog
    index: Index
    embedder: Embedder
    blobs: BlobStore
    failure_pipeline: str

    def commit(self, steps: Sequence[Step]) -> None:
        """Carry out the steps and end their jobs.

        Raises:
            StorageError, IndexUnavailableError: nothing is lost, the jobs that did not end stay open.
        """
        outcomes: list[JobOutcome] = []
        self._replace([step for step in steps if isinstance(step, Prepared)], outcomes)
        for step in steps:
            match step:
                case Gone():
                    outcomes.append(self._remove(step))
                case Unchanged():
                    outcomes.append(self._keep(step))
                case Failed():
                    outcomes.append(JobOutcome(step.job, "failed", 0, step.failure, self.failure_pipeline))
                case Prepared():
                    pass
        self.catalog.jobs.finish(outcomes)

    def _replace(self, prepared: list[Prepared], outcomes: list[JobOutcome]) -> None:
        if not prepared:
            return
        vectors = self.embedder.embed_passages([text for step in prepared for text in step.texts])
        ends = np.cumsum([len(step.texts) for step in prepared])
        for step, part in zip(prepared, np.split(vectors, ends[:-1]), strict=True):
            self.index.write(step.version.info.ref, step.chunks, part)
        self.index.flush()
        self.catalog.documents.make_current([step.version for step in prepared])
        for step in prepared:
            ref = step.version.info.ref
            self.index.delete(ref.id, keep_version=ref.version)
            forget_other_versions(self.blobs, ref)
            outcomes.append(JobOutcome(step.job, "added" if step.is_new else "updated", len(step.chunks)))

    def _remove(self, step: Gone) -> JobOutcome:
        wanted = document_id(step.job.source, step.job.key)
        existed = self.catalog.documents.forget([wanted]) > 0
        self.index.delete(wanted)
        forget(self.blobs, wanted)
        if step.failure is not None:
            return JobOutcome(step.job, "failed", 0, step.failure, self.failure_pipeline)
        return JobOutcome(step.job, "deleted" if existed else "")

    def _keep(self, step: Unchanged) -> JobOutcome:
        ref = step.ref
        if step.access is not None:
            self.catalog.documents.set_access(ref.id, step.access)
            self.index.set_access(ref.id, step.access)
        self.index.delete(ref.id, keep_version=ref.version)  # what a killed run left of an older version
        forget_other_versions(self.blobs, ref)
        self.catalog.documents.set_mark(ref.id, step.job.mark, step.pipeline)
        return JobOutcome(step.job, "unchanged" if step.access is None else "updated")
