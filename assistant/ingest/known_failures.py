"""Reports in a run what failed before in documents that turn out to be unchanged: their members have no work in it."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.catalog import Catalog, JobRecord
from assistant.types import document_id


def report_known_failures(catalog: Catalog, unchanged: Sequence[JobRecord]) -> None:
    """Add to a run the failures of the members of documents, on all their levels, that will not be tried again.

    The listing does so for documents on which there is no work. Where there is some, nobody knows before it is done
    that nothing has changed.

    Args:
        catalog: holds the run and the failures.
        unchanged: the work on the documents, all of one run.
    """
    if not unchanged:
        return
    source, run_id = unchanged[0].source, unchanged[0].run_id
    failed = [job for job in catalog.jobs.failed(source, members_only=True) if not job.ignored and job.run_id != run_id]
    if not failed:
        return
    kept: set[str] = set()
    for job in unchanged:
        document = document_id(source, job.key)
        kept |= {document, *catalog.documents.below(document)}
    reported = {failure.key for failure in catalog.runs.failures(run_id)}  # by a worker that died before it was done
    found = [job.failure for job in failed if job.failure and job.parent in kept and job.key not in reported]
    catalog.runs.add_failures(run_id, found)
    catalog.runs.count(run_id, failed=len(found))
