"""What a run could not index, by cause and as a file."""

from __future__ import annotations

import csv
import io

from ui.causes import as_csv, by_cause
from ui.languages.de import run_texts as german
from ui.languages.en import run_texts as english
from ui.runs import Failed, OpenFailure, Run, Source

FAILURES = (
    Failed("a.pdf", "no text", retryable=False, code="EmptyDocumentError"),
    Failed("=cmd()", "too large, 3 GB", retryable=False, code="DocumentTooLargeError"),
    Failed("b.pdf", "no text", retryable=False, code="EmptyDocumentError"),
    Failed("old.doc", "who knows", retryable=True),
)


def test_the_most_frequent_cause_comes_first() -> None:
    causes = by_cause(FAILURES)
    assert [(one.code, one.keys) for one in causes] == [
        ("EmptyDocumentError", ("a.pdf", "b.pdf")),
        ("", ("old.doc",)),
        ("DocumentTooLargeError", ("=cmd()",)),
    ]


def test_nothing_in_the_file_is_a_formula() -> None:
    text = as_csv(FAILURES, {"a.pdf": OpenFailure("a.pdf", None, ignored=True)}).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["key"] for row in rows] == ["a.pdf", "'=cmd()", "b.pdf", "old.doc"]
    assert [(row["open"], row["ignored"]) for row in rows[:2]] == [("true", "true"), ("false", "false")]


def test_every_cause_is_an_error_of_the_house() -> None:
    from assistant import errors

    assert english.CAUSES.keys() == german.CAUSES.keys()
    assert all(hasattr(errors, code) for code in english.CAUSES)


def run(**data: object) -> Run:
    return Run.read({"id": "1", "source": "s", "state": "running", "started_at": 1000.0, **data})


def test_how_far_a_run_is() -> None:
    assert run().listing
    assert run().share == 0.0
    assert run(finished=25, pending=75).share == 0.25
    assert run(seen=4, added=1).share == 0.25
    assert run(finished_at=1060.0, finished=30).per_minute(0) == 30
    assert run(finished=0, pending=9).per_minute(1060) is None


def test_the_state_of_a_source_in_one_word() -> None:
    base = {"name": "s", "kind": "folder", "state": "active", "last_sync_at": 5, "documents": 3, "last_success_at": 5}

    def of(running: bool = False, **data: object) -> str:
        return Source.read({**base, **data}).condition(running=running)

    assert of() == "healthy"
    assert of(running=True) == "running"
    assert of(running=True, last_success_at=None, documents=0) == "first"
    assert of(last_sync_at=None) == "never"
    assert of(state="paused", last_error="gone") == "paused"
    assert of(state="failing", last_error="gone") == "failing"
    assert of(state="failing", last_error="gone", is_partial=True) == "partial"
    assert of(running=True, state="removing") == "removing"
