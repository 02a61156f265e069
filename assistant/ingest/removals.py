"""Removes sources with everything that came from them: asked for at once, done by the workers."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from assistant.access.stored_text import forget_uploads
from assistant.catalog import Catalog, SourceRecord
from assistant.catalog.jobs import NewJob
from assistant.errors import NotFoundError, SourceBusyError
from assistant.ingest.resuming import Resumption
from assistant.ingest.starting import REMOVAL, RunStarter
from assistant.interfaces import BlobStore


class Removals:
    """What a source's removal is made of: it is marked, its documents are deleted by a run, its row goes last.

    The row goes last for without it nobody would know of what is left in the index.

    Args:
        catalog: has the sources.
        runs: opens the runs.
        blobs: has what people uploaded.
        let_go: ends what this process keeps of the source of that name.
    """

    def __init__(self, catalog: Catalog, runs: RunStarter, blobs: BlobStore, let_go: Callable[[str], None]) -> None:
        self._catalog = catalog
        self._runs = runs
        self._blobs = blobs
        self._let_go = let_go

    def ask(self, source: str) -> None:
        """Mark the source, end what is at work on it, and record the work where that has ended; `go_on` does the rest.

        Raises:
            NotFoundError: there is no such source.
        """
        self._catalog.sources.set_state(source, "removing")
        for run in self._catalog.runs.open(source):
            if self._catalog.runs.get(run.id).trigger != REMOVAL:
                self._catalog.runs.cancel(run.id)
                self._catalog.runs.finish_if_complete(run.id)
        self._go_on(self._catalog.sources.get(source))

    def begin(self, source: str) -> str:
        """Mark the source and record the deletion of all its documents. Returns the run's id.

        Raises:
            NotFoundError: there is no such source.
            SourceBusyError: it is being synced now, or removed.
        """
        with self._runs.starting(source, REMOVAL) as run:
            self._catalog.sources.set_state(source, "removing")
            keys = {*self._catalog.documents.known(source), *self._catalog.jobs.of_source(source)}
            self._catalog.jobs.record(source, run.id, [NewJob(key, "delete") for key in sorted(keys)])
            self._catalog.runs.listed(run.id)
        self._catalog.runs.finish_if_complete(run.id)
        return run.id

    def finish(self, source: str) -> None:
        """Forget the source, all of whose documents are deleted."""
        with suppress(NotFoundError):  # another worker did
            self._catalog.sources.remove(source)
        self._let_go(source)
        forget_uploads(self._blobs, source)
        Resumption(self._blobs, source).clear()

    def go_on(self) -> None:
        """Take every removal that was asked for a step further; what is at work on one is left to it."""
        for record in self._catalog.sources.all():
            if record.state == "removing":
                self._go_on(record)

    def _go_on(self, source: SourceRecord) -> None:
        newest = self._catalog.runs.newest(source.name, 1)
        if newest and newest[0].trigger == REMOVAL and newest[0].state == "done":
            self.finish(source.name)
        elif not newest or newest[0].trigger != REMOVAL or newest[0].state != "running":
            with suppress(SourceBusyError, NotFoundError):  # until a sync has done the documents that it is at
                self.begin(source.name)
