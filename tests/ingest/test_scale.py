"""What a document costs does not grow with how many there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.scale import WORDS, in_its_own_process

STEEPEST = 1.5


@pytest.mark.soak
def test_a_document_among_10_000_costs_little_more_than_one_among_1_000(tmp_path: Path) -> None:
    few, many = (in_its_own_process(size, "fake", WORDS, tmp_path) for size in (1_000, 10_000))
    print(few, many, sep="\n")
    # CPU time, for other work on the machine must not decide
    for sync in ("first", "unchanged"):
        before, after = (row[sync]["cpu_seconds"] / row["documents"] for row in (few, many))
        assert after <= STEEPEST * before, sync
    assert many["disk_kb_each"] <= STEEPEST * few["disk_kb_each"]
    assert many["unchanged_share"] < 0.03
