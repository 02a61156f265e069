"""Opens runs: one a source at a time, for a sync or for failed work that is done again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from assistant.catalog import Catalog, OpenRun, RunRecord
from assistant.catalog.jobs import CLOCK_SECONDS, NewJob
from assistant.catalog.records import JobAction
from assistant.errors import AssistantError, NotFoundError, SourceBusyError
from assistant.ingest.leases import ListingLease
from assistant.ingest.members import SEPARATOR
from assistant.ingest.owed import Owed
from assistant.ingest.owners import has_ended, is_here, may_be_alive, this_process

REMOVAL = "removal"  # the trigger of a run that deletes all of a source's documents
_GIVEN_UP: set[str] = set()  # runs that this process began to list and could not close


class RunStarter:
    """Opens runs on a catalog, and takes over what processes that are gone left open.

    Args:
        catalog: has the runs.
        owed: tries again what the catalog did not take.
        lease_seconds: how long a listing belongs to its process without being renewed.
    """

    def __init__(self, catalog: Catalog, owed: Owed, lease_seconds: float) -> None:
        self._catalog = catalog
        self._owed = owed
        self._lease_seconds = lease_seconds
        self._owner = this_process()

    def start(self, source: str, trigger: str) -> RunRecord:
        """Open a run of the source; jobs that earlier runs left open pass to it.

        Raises:
            NotFoundError: there is no such source.
            SourceBusyError: it is being synced now, or removed.
        """
        self._refuse_removed(source, trigger)
        return self._start(source, trigger)[0]

    def check_at_rest(self, source: str, trigger: str) -> None:
        """Raise as `start` would now."""
        self._refuse_removed(source, trigger)
        self._at_rest(source)

    def _start(self, source: str, trigger: str) -> tuple[RunRecord, list[str]]:
        """Open a run; return it with the ids of those that it takes over."""
        self.release_dead()
        open_runs = self._at_rest(source)
        return self._catalog.runs.start(source, trigger, self._owner, open_runs, self._lease_seconds), open_runs

    def lease(self, run: RunRecord) -> ListingLease:
        """Return what keeps a run that was opened here, while its source is listed."""
        return ListingLease(self._catalog, run.source, run.id, self._lease_seconds)

    @contextmanager
    def starting(self, source: str, trigger: str) -> Iterator[RunRecord]:
        """Open a run as `start` does, and forget it where what it begins with, in a `with` block, does not succeed.

        What it took over goes on then. One that has jobs by then stays open, and is taken over by the reconciler or the
        next run.
        """
        self._refuse_removed(source, trigger)
        run, instead_of = self._start(source, trigger)
        try:
            with self.lease(run):
                yield run
        except AssistantError:
            self.give_up(run.id, lambda: self._catalog.runs.discard(run.id, instead_of))
            raise

    def retry(self, source: str, keys: Sequence[str] | None = None, trigger: str = "retry") -> str:
        """Record the failed work of a source as a run to be done again. Returns its id.

        Args:
            source: a source's name.
            keys: of failed documents; None: of all.
            trigger: who asked; `retry` if it was nobody.

        Raises:
            NotFoundError: there is no such source, or none of the keys has failed.
            SourceBusyError: it is being synced now.
        """
        with self.starting(source, trigger) as run:
            count = self._catalog.jobs.requeue(source, run.id, keys)
            if not count:
                raise NotFoundError(
                    f"nothing that was named has failed in the source {source!r}", "`assistant failures list`"
                )
            self._catalog.runs.count(run.id, seen=count)
            self._catalog.runs.listed(run.id)
        return run.id

    def one(self, source: str, key: str, action: JobAction, trigger: str) -> str:
        """Record work on a single document as a run. Returns its id.

        Args:
            source: a source's name.
            key: of a document, or of failed work on one; of what is in an archive or a mail, that is done as a whole.
            action: `rewrite` it from the bytes as the source has them now, changed or not, or `delete` it. What the
                source still lists comes back with its next sync.
            trigger: who asked.

        Raises:
            NotFoundError: there is no such source or document.
            SourceBusyError: it is being synced now.
        """
        outer = key.split(SEPARATOR, 1)[0]
        wanted = outer if action == "rewrite" else key
        known = self._catalog.documents.known(source, [wanted]).get(wanted)
        if known is None and not self._catalog.jobs.is_recorded(source, wanted):
            raise NotFoundError(f"there is no document {key!r} in source {source!r}", "`assistant documents list`")
        with self.starting(source, trigger) as run:
            job = NewJob(wanted, action, known.mark if known else None, known.parent if known else None)
            self._catalog.jobs.record(source, run.id, [job])
            self._catalog.runs.count(run.id, seen=1)
            self._catalog.runs.listed(run.id)
        return run.id

    def retry_due(self) -> list[str]:
        """Record runs for all failed work whose time to be tried again has come. Returns their ids."""
        runs: list[str] = []
        for source, keys in self._catalog.jobs.due(time.time()).items():
            record = self._catalog.sources.find(source)
            if record is None or record.state != "active":
                continue
            with suppress(SourceBusyError, NotFoundError):  # the sync that is at work takes it up, or has
                runs.append(self.retry(source, keys))
        return runs

    def give_up(self, run_id: str, close: Callable[[], None]) -> None:
        """Note that this process does not list for a run any more, also where the catalog does not take that down now.

        Without this, nobody could sync the source as long as this process lives.

        Args:
            run_id: the run's.
            close: writes its end to the catalog; safe to do twice.
        """
        _GIVEN_UP.add(run_id)
        self._owed.pay(f"run {run_id} ended", close)

    def is_listing(self, run: OpenRun) -> bool:
        """Whether a process may be at work on the run's listing.

        Of one on another host its lease tells. Where an older version listed, without one, whoever cancels the run
        says that it is gone.
        """
        if run.lister is None or run.id in _GIVEN_UP or not may_be_alive(run.lister):
            return False
        if is_here(run.lister):
            return True
        if run.listed_until is None:
            return not run.cancelled
        now = time.time()  # a lease that ends later than one taken now was taken before a clock was set back
        return now < run.listed_until <= now + self._lease_seconds + CLOCK_SECONDS

    def release_dead(self) -> None:
        """Give back the jobs of processes that are gone, so that nobody waits for their leases to end."""
        for owner in self._catalog.jobs.lease_owners():
            if not may_be_alive(owner):
                self._catalog.jobs.release(owner, lost=not has_ended(owner))

    def _refuse_removed(self, source: str, trigger: str) -> None:
        if self._catalog.sources.get(source).state == "removing" and trigger != REMOVAL:
            raise SourceBusyError(f"the source {source!r} is being removed", "wait for it: `assistant sources list`")

    def _at_rest(self, source: str) -> list[str]:
        """Return what earlier runs of the source left open; their jobs pass to the new run.

        Raises:
            SourceBusyError: one of them is at work now.
        """
        now = time.time()
        found = []
        for run in self._catalog.runs.open(source):
            listing = self.is_listing(run)
            working = any(until > now and may_be_alive(owner) for owner, until in run.leases.items())
            if listing or working:
                raise SourceBusyError(
                    f"the source {source!r} is being synced by run {run.id}",
                    f"wait for it: `assistant runs list`, or end it: `assistant runs cancel {run.id}`",
                )
            found.append(run.id)
        return found
