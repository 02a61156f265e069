"""Documents inside documents: they come, change and go with their parents, and never have more readers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from assistant.catalog import JobRecord
from assistant.catalog.jobs import NewJob
from assistant.errors import IndexUnavailableError, NotFoundError
from assistant.ingest.known_failures import report_known_failures
from assistant.types import (
    LOCAL_OPERATOR,
    Access,
    Changed,
    DocumentRef,
    User,
    document_id,
)
from tests.fakes.bundles import BundleParser, put, sync
from tests.fakes.system import LineChunker, System

EVE = User("eve", frozenset({"everyone"}))
HR = User("hanna", frozenset({"hr"}))


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    made = System(tmp_path)
    made.registry.add_parser(BundleParser())
    yield made
    made.close()


def keys(system: System, user: User = LOCAL_OPERATOR) -> list[str]:
    return [info.ref.key for info in system.library.documents(user)]


def in_index(system: System) -> set[str]:
    return set(system.index.versions())


def test_members_are_documents_of_their_own(system: System):
    put(system, "a.bundle", {"sub/b.txt": "Bees buzz.", "c.txt": "Cats purr."})
    report = sync(system, "added 3")
    assert report.seen == 1
    assert keys(system) == ["a.bundle", "a.bundle!/c.txt", "a.bundle!/sub/b.txt"]
    info = system.library.info("s", "a.bundle!/sub/b.txt", LOCAL_OPERATOR)
    assert (info.ref.title, info.ref.uri) == ("b.txt", "memory:a.bundle!/sub/b.txt")
    assert system.library.read("s", "a.bundle!/sub/b.txt", LOCAL_OPERATOR).text == "Bees buzz."
    assert system.retriever.search("buzz", LOCAL_OPERATOR, 1)[0].ref.key == "a.bundle!/sub/b.txt"
    assert list(system.blobs.keys("member")) == []


def test_members_are_unchanged_while_their_parent_is(system: System):
    put(system, "a.bundle", {"b.txt": "Bees."})
    sync(system, "added 2")
    parsed = list(system.parsers.parsed)
    sync(system, "unchanged 2")
    assert system.parsers.parsed == parsed


def test_a_new_version_of_the_parent_adds_changes_and_removes_members(system: System):
    put(system, "a.bundle", {"stays.txt": "Stays.", "changes.txt": "Old.", "goes.txt": "Goes."})
    sync(system, "added 4")
    put(system, "a.bundle", {"stays.txt": "Stays.", "changes.txt": "New.", "comes.txt": "Comes."})
    sync(system, "added 1 updated 2 unchanged 1 deleted 1")
    assert keys(system) == [
        "a.bundle", "a.bundle!/changes.txt", "a.bundle!/comes.txt", "a.bundle!/stays.txt"
    ]  # fmt: skip
    assert system.library.read("s", "a.bundle!/changes.txt", LOCAL_OPERATOR).text == "New."
    assert in_index(system) == {document_id("s", key) for key in keys(system)}


@pytest.mark.parametrize("complete", [True, False])
def test_members_go_with_their_parent(system: System, complete: bool):
    put(system, "a.bundle", {"b.txt": "Bees.", "inner.bundle": {"c.txt": "Cats."}, "broken.bundle": "no JSON"})
    system.source.texts["z.txt"] = "Zebras."
    assert sync(system, "added 5 failed 1").failures[0].key == "a.bundle!/broken.bundle"
    del system.source.texts["a.bundle"]
    if complete:
        sync(system, "unchanged 1 deleted 4")
    else:
        system.source.texts["a.bundle"] = "no JSON any more"
        sync(system, "unchanged 1 failed 1")
    assert keys(system) == ["z.txt"]
    assert in_index(system) == {document_id("s", "z.txt")}
    stored = {key for kind in ("member", "text", "original") for key in system.blobs.keys(kind)}
    assert {key.split("/")[1] for key in stored} == {document_id("s", "z.txt")}
    assert set(system.catalog.jobs.of_source("s")) <= {"a.bundle"}


def test_nesting_ends_at_a_clear_error(system: System):
    deepest: Any = {"deep.txt": "Deep."}
    for level in range(4):
        deepest = {f"{level}.bundle": deepest}
    put(system, "a.bundle", deepest)
    report = sync(system)
    assert [failure.code for failure in report.failures] == ["DocumentTooLargeError"]
    assert report.failures[0].key == "a.bundle!/3.bundle!/2.bundle!/1.bundle"
    assert len(keys(system)) == 3


def test_too_many_in_one_tree_are_refused(system: System, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("assistant.ingest.members.MAX_IN_TREE", 5)
    put(system, "a.bundle", {f"{n}.bundle": {"x.txt": "X.", "y.txt": "Y."} for n in range(3)})
    report = sync(system)
    assert {failure.code for failure in report.failures} == {"DocumentTooLargeError"}
    assert len(keys(system)) < 8


def test_too_many_bytes_in_one_tree_are_refused(system: System, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("assistant.ingest.members.MAX_BYTES_IN_TREE", 500)
    put(system, "a.bundle", {f"{n}.bundle": {"x.txt": "X" * 100} for n in range(9)})
    put(system, "small.bundle", {"x.txt": "X" * 100})
    system.source.texts = dict(reversed(system.source.texts.items()))
    report = sync(system)
    assert {failure.code for failure in report.failures} == {"DocumentTooLargeError"}
    assert "a.bundle" in report.failures[0].error
    assert "small.bundle!/x.txt" in keys(system)


def test_a_members_failure_is_its_own_and_stays_known(system: System):
    put(system, "a.bundle", {"b.txt": "Bees.", "empty.txt": ""})
    assert sync(system, "added 2 failed 1").failures[0].key == "a.bundle!/empty.txt"
    assert sync(system, "unchanged 2 failed 1").failures[0].key == "a.bundle!/empty.txt"
    assert system.parsers.parsed.count("a.bundle!/empty.txt") == 0


def test_failures_in_an_unchanged_bundle_are_reported_when_what_is_around_it_changes(system: System):
    inner = {"deep.bundle": {"c.txt": "Cats.", "broken.bundle": "no JSON"}, "empty.txt": ""}
    failed = ["a.bundle!/inner.bundle!/deep.bundle!/broken.bundle", "a.bundle!/inner.bundle!/empty.txt"]
    put(system, "a.bundle", {"inner.bundle": inner, "b.txt": "Bees."})
    system.source.texts["z.bundle"] = json.dumps({"empty.txt": ""})
    sync(system, "added 6 failed 3")
    parsed = system.parsers.parsed.count(failed[0])
    for words, counts in (
        ("Bumblebees.", "updated 2 unchanged 4 failed 3"),
        ("Wasps.", "updated 2 unchanged 4 failed 3"),
    ):
        put(system, "a.bundle", {"inner.bundle": inner, "b.txt": words})
        report = sync(system, counts)
        assert [failure.key for failure in report.failures] == [*failed, "z.bundle!/empty.txt"]
    assert system.parsers.parsed.count(failed[0]) == parsed
    assert len(sync(system, "unchanged 6 failed 3").failures) == 3
    put(system, "a.bundle", {"inner.bundle": {**inner, "empty.txt": "Not empty."}, "b.txt": "Wasps."})
    assert [failure.key for failure in sync(system).failures] == [failed[0], "z.bundle!/empty.txt"]


def test_failures_in_a_bundle_of_which_only_the_mark_changes_are_reported(system: System, monkeypatch: Any):
    put(system, "a.bundle", {"b.txt": "Bees.", "empty.txt": ""})
    sync(system, "added 2 failed 1")
    changes = system.source.changes
    monkeypatch.setattr(
        system.source,
        "changes",
        lambda cursor: (replace(c, version="new") if isinstance(c, Changed) else c for c in changes(cursor)),
    )
    assert sync(system, "unchanged 2 failed 1").failures[0].key == "a.bundle!/empty.txt"
    assert sync(system, "unchanged 2 failed 1").failures[0].key == "a.bundle!/empty.txt"


def test_known_failures_are_reported_once_whoever_is_killed(system: System):
    put(system, "a.bundle", {"inner.bundle": {"empty.txt": ""}})
    sync(system, "added 2 failed 1")
    run = system.catalog.runs.start("s", "cli", "other").id
    job = JobRecord(0, "s", "a.bundle!/inner.bundle", "ingest", "running", run, None, 1, "", None)
    for _ in range(2):
        report_known_failures(system.catalog, [job])
    assert [failure.key for failure in system.catalog.runs.failures(run)] == ["a.bundle!/inner.bundle!/empty.txt"]
    assert system.catalog.runs.get(run).failed == 1


def test_a_failed_member_is_tried_again_with_another_pipeline(system: System):
    put(system, "a.bundle", {"broken.bundle": "no JSON"})
    sync(system, "added 1 failed 1")
    system.ingestor = system.new_ingestor(LineChunker("lines/2"))
    sync(system, "updated 1 failed 1")
    assert system.parsers.parsed.count("a.bundle!/broken.bundle") == 2


def test_another_chunker_redoes_members_from_their_originals(system: System):
    put(system, "a.bundle", {"b.txt": "Bees."})
    sync(system, "added 2")
    system.ingestor = system.new_ingestor(LineChunker("lines/2"))
    sync(system, "updated 2")
    sync(system, "unchanged 2")


def test_a_member_that_the_index_lost_is_written_again(system: System):
    put(system, "a.bundle", {"b.txt": "Bees."})
    sync(system, "added 2")
    system.index.delete(document_id("s", "a.bundle!/b.txt"))
    sync(system)
    assert system.retriever.search("Bees", LOCAL_OPERATOR, 1)[0].ref.key == "a.bundle!/b.txt"


def test_members_have_their_parents_readers_from_the_source(system: System):
    put(system, "a.bundle", {"b.txt": "Bees.", "inner.bundle": {"c.txt": "Cats."}})
    system.source.access["a.bundle"] = Access(frozenset({"group:hr"}))
    sync(system, "added 4")
    assert len(keys(system, HR)) == 4
    assert keys(system, EVE) == []
    system.source.access["a.bundle"] = Access(frozenset({"group:everyone"}), frozenset({"group:hr"}))
    sync(system, "updated 4")
    assert keys(system, HR) == []
    assert len(keys(system, EVE)) == 4
    assert system.retriever.search("Cats", HR, 5) == []
    assert system.retriever.search("Cats", EVE, 1)[0].ref.key.endswith("c.txt")


def test_members_have_their_parents_readers_from_the_rule(tmp_path: Path):
    # `*.bundle` does not match the members' keys: they must not fall to the default for that
    system = System(tmp_path, readers={"default": ["everyone"], "rules": [{"glob": "*.bundle", "readers": ["hr"]}]})
    system.registry.add_parser(BundleParser())
    put(system, "a.bundle", {"b.txt": "Bees."})
    sync(system, "added 2")
    assert keys(system, EVE) == []
    assert len(keys(system, HR)) == 2
    system.catalog.sources.set_readers("s", {"default": ["board"]})
    sync(system, "updated 2")
    assert keys(system, HR) == []
    system.close()


def test_a_late_worker_cannot_bring_a_member_back_or_widen_its_readers(system: System):
    put(system, "a.bundle", {"b.txt": "Bees."})
    sync(system, "added 2")
    member = document_id("s", "a.bundle!/b.txt")
    system.catalog.documents.set_access(document_id("s", "a.bundle"), Access(frozenset({"group:hr"})))
    assert system.catalog.documents.set_access(member, Access()) == {member: Access(frozenset({"group:hr"}))}
    assert keys(system, EVE) == []


@pytest.mark.parametrize("moment", ["make_current", "delete", "finish"])
def test_killed_in_between_nothing_is_lost(system: System, monkeypatch: pytest.MonkeyPatch, moment: str):
    put(system, "a.bundle", {"b.txt": "Bees.", "inner.bundle": {"c.txt": "Cats."}})
    owner = {"make_current": system.catalog.documents, "delete": system.index, "finish": system.catalog.jobs}[moment]
    whole = getattr(owner, moment)
    calls = iter(range(100))

    def dies(*args: Any, **kwargs: Any) -> Any:
        if next(calls) % 3 == 1:
            raise IndexUnavailableError("killed")
        return whole(*args, **kwargs)

    monkeypatch.setattr(owner, moment, dies)
    for _ in range(6):
        try:
            sync(system)
            break
        except IndexUnavailableError:
            continue
    monkeypatch.undo()
    sync(system)  # what is left over from the last of them
    sync(system, "unchanged 4")
    assert list(system.blobs.keys("member")) == []
    assert in_index(system) == {document_id("s", key) for key in keys(system)}


def test_bytes_that_are_gone_are_said_to_be_gone(system: System):
    put(system, "a.bundle", {"b.txt": "Bees."})
    sync(system, "added 2")
    system.blobs.delete(f"original/{document_id('s', 'a.bundle!/b.txt')}")
    system.index.delete(document_id("s", "a.bundle!/b.txt"))
    report = sync(system)
    assert report.failures[0].code == "DocumentUnreadableError"
    with pytest.raises(NotFoundError):
        system.library.read("s", "a.bundle!/b.txt", LOCAL_OPERATOR)


def test_removing_the_source_removes_members(system: System):
    put(system, "a.bundle", {"b.txt": "Bees.", "empty.txt": ""})
    sync(system, "added 2 failed 1")
    assert system.ingestor.remove("s") == 2
    assert in_index(system) == set()
    assert [key for kind in ("member", "text", "original") for key in system.blobs.keys(kind)] == []


def test_new_content_with_fewer_readers_closes_the_members_at_once(system: System, monkeypatch: pytest.MonkeyPatch):
    put(system, "a.bundle", {"b.txt": "Bees.", "inner.bundle": {"c.txt": "Cats."}})
    sync(system, "added 4")
    put(system, "a.bundle", {"b.txt": "Bumblebees.", "inner.bundle": {"c.txt": "Cats."}})
    system.source.access["a.bundle"] = Access(frozenset({"group:hr"}))
    write = system.index.write

    def down(ref: DocumentRef, *rest: Any) -> None:
        if ref.key.endswith("b.txt"):
            raise IndexUnavailableError("down")
        write(ref, *rest)

    monkeypatch.setattr(system.index, "write", down)
    with pytest.raises(IndexUnavailableError):
        sync(system)
    assert keys(system, EVE) == []
    assert len(keys(system, HR)) == 4


def test_an_old_job_leaves_the_new_bytes_alone(system: System):
    put(system, "a.bundle", {"b.txt": "Old."})
    sync(system, "added 2")
    member, parent = document_id("s", "a.bundle!/b.txt"), document_id("s", "a.bundle")
    run = system.catalog.runs.start("s", "cli", "nobody")
    old = system.catalog.documents.known("s")["a.bundle!/b.txt"].mark
    system.catalog.jobs.record("s", run.id, [NewJob("a.bundle!/b.txt", "rewrite", old, parent)])
    system.catalog.runs.finish(run.id, "interrupted")
    put(system, "a.bundle", {"b.txt": "New."})
    sync(system)
    sync(system)
    assert system.library.read("s", "a.bundle!/b.txt", LOCAL_OPERATOR).text == "New."
    assert list(system.blobs.keys(f"member/{parent}/{member}")) == []


def test_readers_reach_the_index_though_the_run_that_changed_them_was_killed(
    system: System, monkeypatch: pytest.MonkeyPatch
):
    put(system, "a.bundle", {"b.txt": "Bees."})
    system.source.access["a.bundle"] = Access(frozenset({"group:hr"}))
    sync(system, "added 2")
    system.source.access["a.bundle"] = Access(frozenset({"group:everyone"}))

    def down(*_: Any) -> None:
        raise IndexUnavailableError("down")

    monkeypatch.setattr(system.index, "set_access", down)
    with pytest.raises(IndexUnavailableError):
        sync(system)
    monkeypatch.undo()
    sync(system)
    assert system.retriever.search("Bees", EVE, 1)[0].ref.key == "a.bundle!/b.txt"
