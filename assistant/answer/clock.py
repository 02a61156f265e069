"""Measures the phases of an answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from assistant.spans import Span, span

_SPANS = {"answer": "write"}  # what a phase is called in a trace, where the answer as a whole is a span too


class Clock:
    """Seconds by phase; a phase that comes twice counts both times."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def phase(self, name: str) -> Iterator[Span]:
        """Measure what is done meanwhile; it is a span of a trace, too."""
        start = time.perf_counter()
        try:
            with span(f"answer {_SPANS.get(name, name)}") as current:
                yield current
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start
