"""Ingestion over fakes and a real catalog: what is current, what is counted, what a crash leaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from assistant.errors import (
    DocumentChangedError,
    EncryptedDocumentError,
    IndexUnavailableError,
    SourceBusyError,
    SourceError,
    SourceUnreachableError,
    StorageFullError,
)
from assistant.ingest import Progress
from assistant.ingest.owners import this_process
from assistant.types import LOCAL_OPERATOR, Access, SyncReport, document_id
from tests.fakes.killing import Killed, killing
from tests.fakes.system import LineChunker, System


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    yield system
    system.close()


def outcome(report: SyncReport) -> dict[str, int]:
    names = ("seen", "added", "updated", "unchanged", "deleted", "failed")
    return {name: getattr(report, name) for name in names if getattr(report, name)}


def consistent(system: System) -> dict[str, str]:
    """Assert that catalog, index and blobs hold the same versions; return the texts by key."""
    current = system.catalog.documents.current_versions()
    assert system.index.versions() == {key: {version} for key, version in current.items()}
    for kind in ("text", "original"):
        stored = {tuple(key.split("/")[1:]) for key in system.blobs.keys(kind)}
        assert stored == set(current.items())
    infos = system.library.documents(LOCAL_OPERATOR)
    assert system.index.counts().chunks == sum(info.chunks for info in infos)
    return {info.ref.key: system.library.read("s", info.ref.key, LOCAL_OPERATOR).text for info in infos}


def test_added_unchanged_updated_deleted(system: System) -> None:
    system.source.texts = {"a": "one", "b": "two\nlines", "c": "three"}
    first = system.ingestor.sync("s", "cli")
    assert outcome(first) == {"seen": 3, "added": 3}
    assert first.chunks == 4
    assert outcome(system.ingestor.sync("s", "cli")) == {"seen": 3, "unchanged": 3}
    system.source.texts = {"a": "one", "b": "changed", "d": "new"}
    assert outcome(system.ingestor.sync("s", "cli")) == {
        "seen": 3,
        "added": 1,
        "updated": 1,
        "unchanged": 1,
        "deleted": 1,
    }
    assert consistent(system) == {"a": "one", "b": "changed", "d": "new"}


def test_unchanged_documents_are_not_fetched_again(system: System) -> None:
    system.source.texts = {"a": "one", "b": "two"}
    system.ingestor.sync("s", "cli")
    system.source.fetched.clear()
    system.source.texts["b"] = "other"
    system.ingestor.sync("s", "cli")
    assert system.source.fetched == ["b"]


def test_progress_counts_every_job(system: System) -> None:
    system.source.texts = {f"{n:02}": f"text {n}" for n in range(11)}
    seen: list[Progress] = []
    system.ingestor.sync("s", "cli", seen.append)
    assert [(step.done, step.total) for step in seen] == [(n + 1, 11) for n in range(11)]


def test_one_bad_document_is_listed_and_the_others_are_there(system: System) -> None:
    system.source.texts = {"bad": "x", "empty": "", "blank": "  \n ", "good": "text", "odd": "y"}
    system.source.errors = {"bad": EncryptedDocumentError("bad asks for a password"), "odd": ZeroDivisionError("oops")}
    report = system.ingestor.sync("s", "cli")
    assert outcome(report) == {"seen": 5, "added": 1, "failed": 4}
    failures = {failure.key: (failure.code, failure.retryable) for failure in report.failures}
    assert failures == {
        "bad": ("EncryptedDocumentError", False),
        "blank": ("EmptyDocumentError", False),
        "empty": ("EmptyDocumentError", False),
        "odd": ("PluginError", False),
    }
    assert all(failure.error for failure in report.failures)
    assert consistent(system) == {"good": "text"}


def test_a_failure_is_reported_again_without_reading_the_document_again(system: System) -> None:
    system.source.texts = {"bad": "x", "good": "text"}
    system.source.errors = {"bad": EncryptedDocumentError("locked")}
    system.ingestor.sync("s", "cli")
    system.source.fetched.clear()
    again = system.ingestor.sync("s", "cli")
    assert outcome(again) == {"seen": 2, "unchanged": 1, "failed": 1}
    assert system.source.fetched == []
    assert [failure.key for failure in again.failures] == ["bad"]


def test_a_failed_document_is_read_again_when_it_changed(system: System) -> None:
    system.source.texts = {"bad": "x"}
    system.source.errors = {"bad": EncryptedDocumentError("locked")}
    system.ingestor.sync("s", "cli")
    system.source.errors.clear()
    system.source.texts["bad"] = "open now"
    assert outcome(system.ingestor.sync("s", "cli")) == {"seen": 1, "added": 1}
    assert outcome(system.ingestor.sync("s", "cli")) == {"seen": 1, "unchanged": 1}


def test_a_retryable_failure_keeps_the_old_version_and_is_tried_again(system: System) -> None:
    system.source.texts = {"a": "old"}
    system.ingestor.sync("s", "cli")
    system.source.texts["a"] = "new"
    system.source.errors = {"a": DocumentChangedError("kept changing")}
    assert outcome(system.ingestor.sync("s", "cli")) == {"seen": 1, "failed": 1}
    assert consistent(system) == {"a": "old"}
    system.source.errors.clear()
    assert outcome(system.ingestor.sync("s", "cli")) == {"seen": 1, "updated": 1}
    assert consistent(system) == {"a": "new"}


def test_a_document_that_became_unreadable_is_not_shown_as_it_was(system: System) -> None:
    system.source.texts = {"a": "secret that was taken out"}
    system.ingestor.sync("s", "cli")
    system.source.texts["a"] = ""
    assert outcome(system.ingestor.sync("s", "cli")) == {"seen": 1, "failed": 1}
    assert consistent(system) == {}


def test_a_source_that_cannot_be_read_deletes_nothing(system: System) -> None:
    system.source.texts = {"a": "one"}
    system.ingestor.sync("s", "cli")
    system.source.listing_error = SourceUnreachableError("no answer")
    with pytest.raises(SourceUnreachableError):
        system.ingestor.sync("s", "cli")
    assert consistent(system) == {"a": "one"}
    source = system.catalog.sources.get("s")
    assert source.last_error == "no answer"
    assert system.catalog.runs.newest()[0].state == "failed"


def test_a_partial_listing_deletes_nothing(system: System) -> None:
    system.source.texts = {"a": "one", "b": "two"}
    system.ingestor.sync("s", "cli")
    del system.source.texts["a"]
    system.source.complete = False
    assert outcome(system.ingestor.sync("s", "cli")) == {"seen": 1, "unchanged": 1}
    assert set(consistent(system)) == {"a", "b"}


def test_readers_change_without_embedding_again(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    system.source.texts = {"a": "one", "b": "two"}
    system.ingestor.sync("s", "cli")
    system.catalog.sources.set_readers("s", {"rules": [{"glob": "a", "readers": ["hr"]}]})

    def refuse(_: object) -> NoReturn:
        raise AssertionError("embedded again")

    monkeypatch.setattr(system.embedder, "embed_passages", refuse)
    assert outcome(system.ingestor.sync("s", "cli")) == {"seen": 2, "updated": 1, "unchanged": 1}
    assert system.library.info("s", "a", LOCAL_OPERATOR).ref.access == Access(frozenset({"group:hr"}))
    assert outcome(system.ingestor.sync("s", "cli")) == {"seen": 2, "unchanged": 2}


def test_readers_from_the_source_win_over_the_rule(system: System) -> None:
    system.source.texts = {"a": "one"}
    system.source.access = {"a": Access(frozenset({"user:7"}))}
    system.ingestor.sync("s", "cli")
    assert system.library.info("s", "a", LOCAL_OPERATOR).ref.access == Access(frozenset({"user:7"}))
    assert outcome(system.ingestor.sync("s", "cli")) == {"seen": 1, "unchanged": 1}
    system.source.access = {"a": Access(frozenset({"user:8"}))}
    assert outcome(system.ingestor.sync("s", "cli")) == {"seen": 1, "updated": 1}
    assert system.library.info("s", "a", LOCAL_OPERATOR).ref.access == Access(frozenset({"user:8"}))


def test_a_new_chunker_reads_the_documents_again(system: System) -> None:
    system.source.texts = {"a": "one", "b": "two"}
    system.ingestor.sync("s", "cli")
    system.ingestor = system.new_ingestor(LineChunker("lines/2"))
    assert outcome(system.ingestor.sync("s", "cli")) == {"seen": 2, "updated": 2}
    consistent(system)


def test_what_the_index_lost_is_written_again_by_the_next_sync(system: System) -> None:
    system.source.texts = {"a": "one", "b": "two", "c": "three"}
    system.ingestor.sync("s", "cli")
    system.index.delete(document_id("s", "a"))
    system.index.delete(document_id("s", "b"))
    assert outcome(system.ingestor.sync("s", "cli")) == {"seen": 3, "updated": 2, "unchanged": 1}
    assert set(consistent(system)) == {"a", "b", "c"}


def test_removing_a_source_leaves_nothing(system: System) -> None:
    system.source.texts = {"a": "one", "bad": ""}
    system.ingestor.sync("s", "cli")
    assert system.ingestor.remove("s") == 1
    assert system.catalog.sources.find("s") is None
    assert system.index.counts().chunks == 0
    assert list(system.blobs.keys()) == []
    assert system.catalog.jobs.count("failed") == 0


def test_one_sync_of_a_source_at_a_time(system: System) -> None:
    system.catalog.runs.start("s", "cli", this_process())
    with pytest.raises(SourceBusyError, match="being synced"):
        system.ingestor.sync("s", "cli")


def test_a_run_whose_process_is_gone_is_taken_over(system: System) -> None:
    system.source.texts = {"a": "one"}
    host = this_process().split("/")[0]
    dead = f"{host}/999999999/1/dead"
    run = system.catalog.runs.start("s", "cli", dead)
    assert outcome(system.ingestor.sync("s", "cli")) == {"seen": 1, "added": 1}
    assert system.catalog.runs.get(run.id).state == "interrupted"


def test_a_rule_decides_again_where_the_source_no_longer_says_who_reads(system: System) -> None:
    staff, board = Access(frozenset({"group:staff"})), Access(frozenset({"group:board"}))
    system.catalog.sources.set_readers("s", {"default": ["staff"]})
    system.source.texts = {"a": "one"}
    system.source.access = {"a": staff}
    system.ingestor.sync("s", "cli")
    system.source.access = {}  # from now on the rule decides, for the moment on the same readers
    system.ingestor.sync("s", "cli")
    system.catalog.sources.set_readers("s", {"default": ["board"]})
    assert outcome(system.ingestor.sync("s", "cli")) == {"seen": 1, "updated": 1}
    assert system.library.read("s", "a", LOCAL_OPERATOR).ref.access == board
    system.source.access = {"a": board}  # and now the source says the same as the rule
    system.ingestor.sync("s", "cli")
    system.catalog.sources.set_readers("s", {"default": ["staff"]})
    assert outcome(system.ingestor.sync("s", "cli")) == {"seen": 1, "unchanged": 1}
    assert system.library.read("s", "a", LOCAL_OPERATOR).ref.access == board


def test_a_wrong_change_is_the_plugins_error(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system.source, "changes", lambda _: iter(["not a change"]))
    with pytest.raises(SourceError, match="yielded str"):
        system.ingestor.sync("s", "cli")


STEPS: list[tuple[str, str]] = [
    ("index", "write"),
    ("index", "flush"),
    ("index", "delete"),
    ("documents", "make_current"),
    ("documents", "forget"),
    ("documents", "set_access"),
    ("jobs", "record"),
    ("jobs", "claim"),
    ("jobs", "finish"),
    ("blobs", "put"),
    ("blobs", "delete"),
    ("runs", "listed"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize(("part", "method"), STEPS, ids=lambda value: value)
def test_killed_at_any_step_the_next_sync_ends_as_if_nothing_happened(
    system: System, monkeypatch: pytest.MonkeyPatch, part: str, method: str, count: int, after: bool
) -> None:
    system.source.texts = {"a": "one", "b": "two\nlines", "c": "three", "gone": "old", "f": "x", "e": "was text"}
    system.ingestor.sync("s", "cli")
    wanted = {"a": "changed\nnow", "b": "two\nlines", "d": "new", "c": "three more", "f": "y"}
    system.source.texts = {**wanted, "e": ""}
    target = getattr(system, part, None) or getattr(system.catalog, part)
    with monkeypatch.context() as patch:
        patch.setattr(target, method, killing(getattr(target, method), count, after=after))
        patch.setattr("assistant.ingest.owners._SELF", "first")
        patch.setattr(system.ingestor.runs, "_owner", this_process())
        with pytest.raises(Killed):
            sync_until_killed(system)
    system.source.texts = {**wanted, "e": ""}
    system.ingestor = system.new_ingestor()
    system.ingestor.sync("s", "cli")
    assert consistent(system) == wanted
    assert system.catalog.jobs.count("queued") == system.catalog.jobs.count("running") == 0


def sync_until_killed(system: System) -> None:
    """Sync again and again, each time with every kind of change."""
    for turn in range(4):
        system.source.texts["f"] = "y" * (turn + 2)
        system.source.texts["e"] = "text again" if turn % 2 else ""
        system.catalog.sources.set_readers("s", {"rules": [{"glob": "b", "readers": [f"group{turn}"]}]})
        system.ingestor.sync("s", "cli")


@pytest.mark.parametrize("error", [StorageFullError("disk is full"), IndexUnavailableError("no owner")])
def test_a_fault_that_is_no_documents_fault_stops_the_run_and_loses_nothing(
    system: System, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    system.source.texts = {f"{n:02}": f"text {n}" for n in range(9)}

    def fail(*_: object) -> NoReturn:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(system.index, "write", fail)
        with pytest.raises(type(error)):
            system.ingestor.sync("s", "cli")
    assert system.catalog.jobs.count("failed") == 0
    assert system.catalog.jobs.count("running") == 0
    assert outcome(system.ingestor.sync("s", "cli")) == {"seen": 9, "added": 9}
    assert len(consistent(system)) == 9


def test_stop_ends_work_after_a_group_and_the_rest_is_done_later(system: System) -> None:
    system.source.texts = {f"{n:02}": f"text {n}" for n in range(12)}
    ingestor = system.ingestor
    run_id = ingestor.begin("s", "api")
    ingestor.work(run_id, lambda progress: ingestor.stop() if progress.done == 3 else None)
    assert 3 <= len(system.library.documents(LOCAL_OPERATOR)) < 12
    assert system.catalog.runs.get(run_id).state == "running"
    system.new_ingestor().work(run_id)
    assert system.catalog.runs.get(run_id).state == "done"
    assert len(consistent(system)) == 12
    assert system.catalog.documents.current_versions().keys() == {document_id("s", key) for key in system.source.texts}
