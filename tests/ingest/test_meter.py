"""What a run's work costs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from assistant.ingest.meter import Meter


def test_threads_add_up_and_each_second_is_taken_once() -> None:
    meter = Meter()

    def work(_: int) -> None:
        with meter.phase("parse"):
            meter.fetched(3)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(100)))
    size, phases = meter.take()
    assert size == 300
    assert set(phases) == {"parse"}
    assert phases["parse"] > 0
    assert meter.take() == (0, {})
