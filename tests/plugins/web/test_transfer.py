"""A second sync transfers next to nothing; the whole benchmark is `tests.benchmarks.web_sync`."""

from __future__ import annotations

from tests.benchmarks.web_sync import measure


def test_the_second_sync_transfers_under_two_percent() -> None:
    found = measure(pages=60, size=30_000)
    assert found["pages"] == 60
    assert found["share"] < 0.02
    assert found["first_bytes"] > 60 * 29_000
