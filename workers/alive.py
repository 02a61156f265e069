"""A worker process's sign of life: a file whose time of change a health check looks at."""

from __future__ import annotations

import os
import sys
import tempfile
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

    A worker that waits for its broker is alive: to start it again would not bring the broker back.
    """

    requires = {"celery.worker.components:Timer"}  # noqa: RUF012 - Celery's own form

    def __init__(self, parent: Any, **_: Any) -> None:
        super().__init__(parent)
        self._timer: Any = None

    def start(self, parent: Any) -> None:
        """Begin."""
        sign_file().touch()
        self._timer = parent.timer.call_repeatedly(SECONDS, sign_file().touch)

    def stop(self, parent: Any) -> None:
        """End, so that a health check does not take a former worker for this one."""
        del parent
        if self._timer is not None:
            self._timer.cancel()
        sign_file().unlink(missing_ok=True)


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
