"""Keeps a worker in possession of the jobs it claimed, as long as it gets on."""

from __future__ import annotations

import logging
import threading
import time
from types import TracebackType
from typing import Self

from assistant.catalog import Catalog
from assistant.errors import AssistantError

log = logging.getLogger(__name__)


class Leases:
    """Renews the leases of `owner` in a thread, within a `with` block.

    A slow document is so not taken for that of a dead worker. One that hangs is: where nothing was `advanced` for
    `stalled_seconds`, the leases end, and another worker takes the jobs over.

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
        """Note that the work gets on."""
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
