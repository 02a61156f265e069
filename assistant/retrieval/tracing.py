"""Takes down what each stage of a search did, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sized
from contextlib import contextmanager

from assistant.spans import span
from assistant.types import SearchTrace, StageTrace


class Tracer:
    """Collects the trace of one search; used by one thread."""

    def __init__(self) -> None:
        self._stages: list[StageTrace] = []
        self._warnings: list[str] = []

    @contextmanager
    def stage(self, name: str, given: Sized = ()) -> Iterator[Outcome]:
        """Time a stage; the block says on what is yielded what came out of it.

        Args:
            name: what the stage does, in a word or two.
            given: the passages that it gets.
        """
        outcome = Outcome(len(given))
        started = time.perf_counter()
        try:
            with span(f"retrieve {name}", {"assistant.retrieval.stage": name}) as current:
                yield outcome
                current.set("assistant.retrieval.given", len(given))  # the note is left out: it names documents
                current.set("assistant.retrieval.after", outcome.after)
        finally:
            took = 1000 * (time.perf_counter() - started)
            self._stages.append(StageTrace(name, took, len(given), outcome.after, outcome.note))

    def warn(self, warning: str) -> None:
        """Say that something was left out, and why."""
        self._warnings.append(warning)

    def trace(self, *, cached: bool = False) -> SearchTrace:
        """Return what was taken down."""
        return SearchTrace(tuple(self._stages), tuple(self._warnings), cached)


class Outcome:
    """What a stage says of itself: how many passages there are after it, and what changed."""

    def __init__(self, after: int) -> None:
        self.after = after
        self.note = ""
