"""The time that a query of a tool may take."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

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
