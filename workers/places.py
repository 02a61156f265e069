"""Keeps a thread of a worker free for the syncs that a person waits for, however long the listings of others take."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from celery import current_task

_AGAIN = 1.0  # seconds at least until a sync that found no place is tried again
_APART = 0.05  # seconds between two such tries: a thousand sources that wait keep no thread busy


class ListingPlaces:
    """The threads of this process that may list what no person waits for: all but one, where there is more than one.

    A process of a pool of processes has places of its own and works at one task at a time: there is always one.

    Args:
        threads: how many there are; may be set later, as a worker process learns it from its command line.
    """

    def __init__(self, threads: int = 1) -> None:
        self.threads = threads
        self._lock = threading.Lock()
        self._taken = 0
        self._next_try = 0.0

    @contextmanager
    def taken(self, *, waited_for: bool) -> Iterator[bool]:
        """Take a place within a `with` block.

        Args:
            waited_for: a person waits, so no place is needed.

        Returns:
            whether the source may be listed now.
        """
        may_list = waited_for or self._take()
        try:
            yield may_list
        finally:
            if may_list and not waited_for:
                with self._lock:
                    self._taken -= 1

    def next_try(self) -> float:
        """Return in how many seconds one that found no place is to try again."""
        now = time.monotonic()
        with self._lock:
            self._next_try = max(now + _AGAIN, self._next_try + _APART)
            return self._next_try - now

    def _take(self) -> bool:
        with self._lock:
            if self.threads > 1 and self._taken >= self.threads - 1:
                return False
            self._taken += 1
            return True


def expiry_at_hand() -> str | None:
    """Return when the message of the task at hand expires: sent again, it lives no longer, so that none pile up."""
    return current_task.request.expires if current_task else None
