"""The times that are set: to the query of a tool, to a connection that nobody uses, and to the end of a process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# For which a server keeps a connection that nobody uses: longer than its clients do (nginx: 60, httpx: 5), as a request
# that is sent while the server closes it fails.
KEEP_ALIVE_SECONDS = 75
# For which a process that is told to end writes on at its answers. With the 5 seconds that a proxy has to learn of it
# before, 5 for streams to end and 5 to store, it is over within the 60 that `infra` gives it.
DRAIN_SECONDS = 40
_AGAIN_SECONDS = 0.1  # after which what took too long is interrupted once more


@contextmanager
def interrupted_after(seconds: float, interrupt: Callable[[], object]) -> Iterator[None]:
    """Interrupt what goes on within the block, from then on until it is left.

    Once is not enough: DuckDB and SQLite forget an interrupt that comes where no query runs yet.

    Args:
        seconds: after which the first interrupt comes.
        interrupt: interrupts from any thread; it is not called after the block.
    """
    left = threading.Event()

    def interrupting() -> None:
        wait = seconds
        while not left.wait(wait):
            interrupt()
            wait = _AGAIN_SECONDS

    thread = threading.Thread(target=interrupting, name="time-limit", daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        thread.join()  # or it might meet a connection that is closed
