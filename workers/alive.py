"""A worker process's sign of life: a file whose time of change a health check looks at."""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from celery import bootsteps

SECONDS = 10.0
STALE_SECONDS = 120.0


def sign_file() -> Path:
    """Return the file that the worker of this machine or container touches."""
    return Path(tempfile.gettempdir()) / f"assistant-worker-{os.getuid()}.alive"


class SignOfLife(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery has no types
    """Touches the file again and again while the worker's own loop turns; gone when the worker ends.

    A worker that waits for its broker is alive, though its loop stands still: to start it again would not bring the
    broker back.
    """

    requires = {"celery.worker.components:Timer"}  # noqa: RUF012 - Celery's own form

    def __init__(self, parent: Any, **_: Any) -> None:
        super().__init__(parent)
        self._timer: Any = None
        self._turned = time.monotonic()
        self._over = threading.Event()
        self._telling: threading.Thread | None = None

    def start(self, parent: Any) -> None:
        """Begin."""
        sign_file().touch()
        self._note()
        self._timer = parent.timer.call_repeatedly(SECONDS, self._note)
        self._telling = threading.Thread(target=self._tell, args=(parent,), name="sign-of-life", daemon=True)
        self._telling.start()

    def stop(self, parent: Any) -> None:
        """End, so that a health check does not take a former worker for this one."""
        del parent
        self._over.set()
        if self._telling is not None:
            self._telling.join()
        if self._timer is not None:
            self._timer.cancel()
        sign_file().unlink(missing_ok=True)

    def _note(self) -> None:
        self._turned = time.monotonic()

    def _tell(self, parent: Any) -> None:
        while not self._over.wait(SECONDS):
            if waits_for_broker(parent):
                self._note()
            if time.monotonic() - self._turned < STALE_SECONDS:
                sign_file().touch()


def waits_for_broker(worker: Any) -> bool:
    """Whether a worker of Celery has no connection: its consumer tries to have one, and nothing else goes on."""
    return getattr(getattr(worker, "consumer", None), "connection", None) is None


def main() -> int:
    """Return 0 where a worker gave a sign of life lately, else 1: `python -m workers.alive`."""
    try:
        age = time.time() - sign_file().stat().st_mtime
    except FileNotFoundError:
        sys.stderr.write(f"{sign_file()} is not there: no worker runs here\n")
        return 1
    if age > STALE_SECONDS:
        sys.stderr.write(f"the worker gave no sign of life for {age:.0f} s\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
