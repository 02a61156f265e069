"""What spans cost, with nobody who traces and with a collector that is not there: `python -m tests.benchmarks.tracing`.

Searches run over the tests' index in memory, which is the quickest there is: beside a real one the share is smaller.
Ratios hold on any machine, times do not.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from assistant import spans
from assistant.telemetry.tracing import Collector, start
from assistant.types import LOCAL_OPERATOR
from tests.fakes.system import System

_SEARCHES, _SPANS, _ROUNDS = 1000, 20_000, 3
_WORDS = ("train", "ticket", "hotel", "salary", "gym", "sauna", "cellar", "bicycle")


class _Dropped(SpanExporter):
    """Counts spans and forgets them."""

    def __init__(self) -> None:
        self.count = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.count += len(spans)
        return SpanExportResult.SUCCESS


def main() -> None:
    """Measure, and print the best of some rounds."""
    with tempfile.TemporaryDirectory() as folder:
        system = System(Path(folder))
        system.source.texts = {f"{n}.txt": f"The {_WORDS[n % 8]} number {n} is kept here.\n" for n in range(100)}
        system.ingestor.sync("s", "cli")

        def search() -> None:
            for number in range(_SEARCHES):
                system.retriever.search(f"{_WORDS[number % 8]} {number}", LOCAL_OPERATOR, 10)
                system.retriever._caches = None  # none is kept of the one before

        span_off, span_on, _ = _measured(_bare, _SPANS)
        search_off, search_on, marks = _measured(search, _SEARCHES)
        system.close()
    print(f"span: off {span_off:.2f} µs, traced {span_on:.1f} µs")
    print(f"search: off {search_off:.0f} µs, traced {search_on:.0f} µs ({search_on / search_off:.3f} times)")
    share = marks * span_off / search_off
    print(f"{marks:.1f} spans a search: off, they are {share:.2%} of it")


def _bare() -> None:
    for _ in range(_SPANS):
        with spans.span("bare") as current:
            current.set("a", 1)


def _measured(work: Callable[[], None], count: int) -> tuple[float, float, float]:
    """Return the microseconds of one, off and traced, and how many spans it makes."""
    off = on = float("inf")
    dropped = _Dropped()
    for _ in range(_ROUNDS):  # in turns, so that other work on the machine disturbs both alike
        off = min(off, _seconds(work))
        traces = start("benchmark", "1", Collector(), dropped)
        on = min(on, _seconds(work))
        traces.close()
    return 1e6 * off / count, 1e6 * on / count, dropped.count / _ROUNDS / count


def _seconds(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    main()
