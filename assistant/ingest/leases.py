"""Keeps a worker in possession of the jobs it claimed as long as it gets on, and a process of the run it lists for."""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType
from typing import Self

from assistant.catalog import Catalog
from assistant.errors import AssistantError, SourceBusyError

log = logging.getLogger(__name__)
_LOOK_SECONDS = 2.0  # how soon a listing notices that it is to end


def unwatched() -> None:
    """Take the place of `Leases.advanced` where nothing is leased."""


class Leases:
    """Renews the leases of `owner` in a thread, within a `with` block.

    A slow document is so not taken for that of a dead worker. One that hangs is: where nothing was `advanced` for
    `stalled_seconds`, the leases end, and another worker takes the jobs over. So each step that grows with a document
    notes its parts: without, a large one would go from worker to worker for ever.

    Args:
        catalog: has the jobs.
        owner: who claims them.
        seconds: how long a claim holds without being renewed.
        stalled_seconds: see above.
    """

    def __init__(self, catalog: Catalog, owner: str, seconds: float, stalled_seconds: float) -> None:
        self._catalog = catalog
        self._owner = owner
        self._seconds = seconds
        self._stalled_seconds = stalled_seconds
        self._advanced = time.monotonic()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._renew, name="renew-leases", daemon=True)

    def __enter__(self) -> Self:
        self._catalog.jobs.shorten_leases(self._seconds)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def advanced(self) -> None:
        """Note that the work gets on. Safe to call from any thread."""
        self._advanced = time.monotonic()

    def _renew(self) -> None:
        while not self._ended.wait(self._seconds / 3):
            if time.monotonic() - self._advanced > self._stalled_seconds:
                log.error("nothing was finished for %.0f s: the work is left to others", self._stalled_seconds)
                return
            try:
                self._catalog.jobs.renew(self._owner, self._seconds)
            except AssistantError as error:
                log.warning("leases were not renewed: %s", error)


class ListingLease:
    """Keeps a run for the process that lists its source, within a `with` block: renewed in a thread.

    Hosts cannot see each other's processes. Once the lease has ended, another run may take over, and what this one
    lists after that is not to be written.

    Args:
        catalog: has the run.
        source: what is listed, for errors.
        run_id: the run's.
        seconds: how long it is kept without being renewed.
    """

    def __init__(self, catalog: Catalog, source: str, run_id: str, seconds: float) -> None:
        self._catalog = catalog
        self._source = source
        self._run_id = run_id
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._taken = False
        self.cancelled = False
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="renew-listing", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        self._thread.join()

    def is_over(self) -> bool:
        """Whether the run was cancelled, or is, or may be, another process's by now."""
        return self.cancelled or self._taken or time.monotonic() > self._until

    def check(self) -> None:
        """Raise SourceBusyError where `is_over`."""
        if self.is_over():
            raise SourceBusyError(
                f"run {self._run_id} does not list the source {self._source!r} any further: "
                + ("it was cancelled" if self.cancelled else "another one took over, or could have"),
                "the next sync does what is left",
            )

    def _keep(self) -> None:
        while not self._left.wait(min(_LOOK_SECONDS, self._seconds / 3)) and not self.is_over():
            now = time.monotonic()
            try:
                self.cancelled = self._catalog.runs.is_cancelled(self._run_id)
                if self._until - now <= self._seconds * 2 / 3:
                    self._taken = not self._catalog.runs.renew(self._run_id, self._seconds)
                    self._until = now + self._seconds
            except AssistantError as error:
                log.warning("the lease of the listing of %r was not renewed: %s", self._source, error)
