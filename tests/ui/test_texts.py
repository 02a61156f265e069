"""The sentences with numbers in them."""

from __future__ import annotations

import pytest

from ui import texts
from ui.models import DocumentName, Plan, Planned
from ui.runs import Run


def planned(*keys: str) -> tuple[Planned, ...]:
    return tuple(Planned(DocumentName("s", key, key, ""), 100) for key in keys)


@pytest.mark.parametrize(
    ("mode", "documents", "passages", "left_out", "sentence"),
    [
        ("chunks", "", "aab", "", "Read 3 passages from 2 documents, 412 of 10,000,000 tokens"),
        ("chunks", "", "a", "", "Read 1 passage from 1 document, 412 of 10,000,000 tokens"),
        ("documents", "ab", "", "c", "Read 2 whole documents, 412 of 10,000,000 tokens; 1 document left out"),
        ("documents", "a", "bb", "", "Read 1 whole document, 412 of 10,000,000 tokens; 2 passages from another"),
        ("corpus", "abc", "", "", "Read everything, 3 documents, 412 of 10,000,000 tokens"),
        ("corpus", "ab", "", "c", "Read 2 whole documents, 412 of 10,000,000 tokens; 1 document left out"),
        ("documents", "a", "bc", "", "Read 1 whole document, 412 of 10,000,000 tokens; 2 passages from others"),
        ("chunks", "", "", "", "Found nothing to read"),
    ],
)
def test_the_plan_in_plain_words(mode: str, documents: str, passages: str, left_out: str, sentence: str) -> None:
    plan = Plan(mode, "", 10_000_000, 412, planned(*documents), planned(*passages), planned(*left_out))
    assert texts.plan_sentence(plan) == sentence


def test_passages_are_counted_by_document() -> None:
    assert texts.by_document(planned("a", "b", "a")) == [
        ("a", "2 passages, 200 tokens"),
        ("b", "1 passage, 100 tokens"),
    ]


def test_a_run_in_words() -> None:
    data = {
        "id": "1",
        "source": "s",
        "state": "running",
        "started_at": 1.0,
        "finished_at": None,
        "documents": {"seen": 1200, "added": 3, "updated": 0, "unchanged": 1, "deleted": 9, "failed": 2},
    }
    run = Run.read(data)
    assert run.running
    assert texts.run_progress(run) == "6 of 1,200 documents, 2 failed"
    assert texts.run_counts(run) == "1,200 seen, 3 added, 1 unchanged, 9 deleted, 2 failed"


def test_schedules_and_times() -> None:
    assert texts.schedule("every 1h") == "Every hour"
    assert texts.schedule("") == "No schedule"
    assert texts.schedule("5 4 * * 1") == "5 4 * * 1"
    assert texts.ago(1000, 1030) == "just now"
    assert texts.ago(1000, 1000 + 7_300) == "2 hours ago"
    assert texts.ago(1000, 1000 + 86_400) == "1 day ago"
    assert texts.timing(0.021) == "21 ms"
    assert texts.timing(2.34) == "2.3 s"
