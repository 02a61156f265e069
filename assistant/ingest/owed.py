"""Writes to the catalog what it did not take while it was away, as soon as it answers again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from assistant.errors import StorageError

log = logging.getLogger(__name__)
_TRIES_EVERY = 1.0  # seconds


class Owed:
    """What a process owes the catalog, and pays from a thread that lives as long as there is something.

    That a worker has ended, or that nobody lists for a run any more, is known to its own process only: to the others,
    which see that the process lives, it would seem to be at work until its lease ends. A process that is gone owes
    nothing, for that is seen by all.

    Args:
        stopping: set when the process is to end.
    """

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._writes: dict[str, Callable[[], None]] = {}
        self._changing = threading.Lock()
        self._is_paying = False

    def pay(self, name: str, write: Callable[[], None]) -> None:
        """Write now; where the catalog does not take it, later, and again until it does.

        Args:
            name: what it is, in the log; of two things of one name only the later is owed.
            write: safe to do twice.
        """
        try:
            write()
        except StorageError as error:
            log.warning("%s: noted later: %s", name, error)
            self._owe(name, write)

    def _owe(self, name: str, write: Callable[[], None]) -> None:
        with self._changing:
            self._writes[name] = write
            if not self._is_paying:
                self._is_paying = True
                threading.Thread(target=self._pay_all, name="owed", daemon=True).start()

    def _pay_all(self) -> None:
        while not self._stopping.wait(_TRIES_EVERY):
            with self._changing:
                writes = dict(self._writes)
                if not writes:
                    self._is_paying = False
                    return
            for name, write in writes.items():
                if not self._is_paid(name, write):
                    break  # the catalog is still away: the next would wait for it as well

    def _is_paid(self, name: str, write: Callable[[], None]) -> bool:
        try:
            write()
        except StorageError:
            return False
        log.info("%s: noted", name)
        with self._changing:
            if self._writes.get(name) is write:
                del self._writes[name]
        return True
