"""Measures what a run's work costs: bytes that were fetched, and seconds by phase."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from assistant.catalog.records import RunCost
from assistant.spans import span

Phase = Literal["list", "fetch", "parse", "embed", "write"]


class Meter:
    """Adds up over threads: seconds of work, which are more than those on the clock where several work at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._bytes = 0
        self._phases: dict[str, float] = {}

    @contextmanager
    def phase(self, name: Phase) -> Iterator[None]:
        """Count the time until the block ends; it is a span of a trace, too."""
        started = time.perf_counter()
        try:
            with span(f"ingest {name}"):
                yield
        finally:
            seconds = time.perf_counter() - started
            with self._lock:
                self._phases[name] = self._phases.get(name, 0.0) + seconds

    def fetched(self, size: int) -> None:
        """Count bytes that a source gave."""
        with self._lock:
            self._bytes += size

    def take(self) -> RunCost:
        """Return the bytes and the seconds by phase since the last call."""
        with self._lock:
            taken = RunCost(self._bytes, self._phases)
            self._bytes, self._phases = 0, {}
        return taken
