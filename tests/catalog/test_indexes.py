"""The table of indexes and the swap, on SQLite and Postgres."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from assistant.catalog import Catalog, IndexedDocument, IndexRecord
from assistant.catalog.documents import NewVersion
from assistant.catalog.indexes import keep_restored
from assistant.catalog.jobs import JobOutcome, NewJob
from assistant.errors import ConfigurationError, NotFoundError
from assistant.types import EVERYONE, Access, DocumentInfo, DocumentRef, Failure, User

FIRST = ("onnx", 200, "")
HR = Access(frozenset({"group:hr"}), frozenset({"user:eve"}))


@pytest.fixture
def catalog(catalog: Catalog) -> Catalog:
    catalog.sources.add("s", "memory", {}, {})
    make_current(catalog, "a.txt", "1")
    make_current(catalog, "b.txt", "1", HR)
    return catalog


def make_current(catalog: Catalog, key: str, version: str, access: Access | None = None) -> str:
    ref = DocumentRef("s", key, version, key, f"memory:{key}", "text/plain", access or Access())
    catalog.documents.make_current([NewVersion(DocumentInfo(ref, 0, 4, 90, 20), "m", "plain/1+old", False)])
    return ref.id


def counted(catalog: Catalog, chunks: int, tokens: int) -> dict[str, IndexedDocument]:
    """Return the documents as an index holds them whose models count otherwise."""
    return {key: replace(entry, chunks=chunks, tokens=tokens) for key, entry in catalog.indexes.documents().items()}


def renamed(pipeline: str) -> str:
    return pipeline.replace("+old", "+new")


def states(catalog: Catalog) -> dict[str, str]:
    return {record.name: record.state for record in catalog.indexes.all()}


def swapped(catalog: Catalog, name: str = "b") -> Mapping[str, IndexedDocument]:
    catalog.indexes.add(name, "model", 100, first=FIRST)
    catalog.indexes.ready(name)
    built = counted(catalog, 7, 33)
    assert catalog.indexes.swap(name, built, renamed).done
    return built


def test_the_first_index_has_a_row_from_the_first_reindex_on(catalog: Catalog) -> None:
    assert catalog.indexes.current() is None
    assert catalog.indexes.previous() is None
    made = catalog.indexes.add("b", "model", 100, first=FIRST)
    assert (made.state, made.embedder, made.chunk_tokens, made.swapped_at) == ("building", "model", 100, None)
    current = catalog.indexes.current()
    assert current is not None
    assert (current.name, current.embedder, current.chunk_tokens) == ("first", "onnx", 200)
    assert states(catalog) == {"first": "current", "b": "building"}


@pytest.mark.parametrize("name", ["first", "", "../a", "a/b", "A", ".b", "x" * 41])
def test_names_that_are_no_folder_are_refused(catalog: Catalog, name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be called"):
        catalog.indexes.add(name, "model", 100, first=FIRST)
    assert catalog.indexes.all() == []


def test_one_index_is_built_at_a_time(catalog: Catalog) -> None:
    catalog.indexes.add("b", "model", 100, first=FIRST)
    with pytest.raises(ConfigurationError, match="it is building"):
        catalog.indexes.add("b", "model", 100, first=FIRST)
    with pytest.raises(ConfigurationError, match="'b' is being built"):
        catalog.indexes.add("c", "model", 100, first=FIRST)
    catalog.indexes.ready("b")
    with pytest.raises(ConfigurationError, match="'b' is being built"):
        catalog.indexes.add("c", "model", 100, first=FIRST)
    catalog.indexes.drop("b")
    assert catalog.indexes.add("c", "model", 100, first=FIRST).name == "c"
    assert states(catalog) == {"first": "current", "b": "dropped", "c": "building"}


def test_progress_and_the_cause_of_an_early_end(catalog: Catalog) -> None:
    catalog.indexes.add("b", "model", 100, first=FIRST)
    catalog.indexes.progress("b", 3, 10)
    catalog.indexes.failed("b", "the disk is full")
    record = catalog.indexes.get("b")
    assert (record.done, record.total, record.error) == (3, 10, "the disk is full")
    catalog.indexes.progress("b", 4, 10)
    assert catalog.indexes.get("b").error == ""
    with pytest.raises(NotFoundError, match="no index 'x'"):
        catalog.indexes.get("x")


def test_documents_are_what_an_index_is_to_hold(catalog: Catalog) -> None:
    found = catalog.indexes.documents()
    assert sorted(found) == sorted(catalog.documents.current_versions())
    assert sorted(
        (e.version, sorted(e.access.allow), sorted(e.access.deny), e.chunks, e.tokens) for e in found.values()
    ) == [
        ("1", ["group:everyone"], [], 4, 20),
        ("1", ["group:hr"], ["user:eve"], 4, 20),
    ]
    nobody = make_current(catalog, "c.txt", "1", Access(frozenset()))
    assert catalog.indexes.documents()[nobody].access == Access(frozenset())


def test_a_swap_changes_states_counts_and_pipelines_together(catalog: Catalog) -> None:
    run = catalog.runs.start("s", "cli", "me")
    catalog.jobs.record("s", run.id, [NewJob("bad.txt", "ingest", "m")])
    (job,) = catalog.jobs.claim(run.id, "me", 1, 60)
    catalog.jobs.finish(
        [JobOutcome(job, "failed", 0, Failure("bad.txt", "damaged", retryable=False), "plain/1+old+max")]
    )
    catalog.runs.finish(run.id, "done")
    swapped(catalog)
    assert states(catalog) == {"first": "kept", "b": "current"}
    known = catalog.documents.known("s")
    assert {each.pipeline for each in known.values()} == {"plain/1+new"}
    assert {each.version for each in known.values()} == {"1"}
    infos = catalog.documents.readable(catalog.documents.current_versions(), User("o", role="operator"))
    assert {(info.chunks, info.tokens) for info in infos.values()} == {(7, 33)}
    assert catalog.jobs.of_source("s")["bad.txt"].pipeline == "plain/1+new+max"


def test_a_swap_leaves_readers_as_they_are(catalog: Catalog) -> None:
    before = catalog.indexes.documents()
    swapped(catalog)
    assert {k: e.access for k, e in catalog.indexes.documents().items()} == {k: e.access for k, e in before.items()}
    assert len(catalog.documents.page(User("eve", frozenset({"hr", "everyone"})))) == 1
    assert len(catalog.documents.page(User("ann", frozenset({"hr", "everyone"})))) == 2


@pytest.mark.parametrize("change", ["version", "readers", "added", "deleted"])
def test_nothing_is_swapped_where_a_document_changed_meanwhile(catalog: Catalog, change: str) -> None:
    catalog.indexes.add("b", "model", 100, first=FIRST)
    catalog.indexes.ready("b")
    built = counted(catalog, 7, 33)
    document = make_current(catalog, "a.txt", "2" if change == "version" else "1")
    if change == "readers":
        catalog.documents.set_access(document, HR)
    if change == "added":
        make_current(catalog, "c.txt", "1")
    if change == "deleted":
        catalog.documents.forget([document])
    result = catalog.indexes.swap("b", built, renamed)
    assert (result.done, result.differing) == (False, 1)
    assert states(catalog) == {"first": "current", "b": "ready"}
    assert {each.pipeline for each in catalog.documents.known("s").values()} == {"plain/1+old"}


def test_nothing_is_swapped_while_a_source_is_synced(catalog: Catalog) -> None:
    catalog.indexes.add("b", "model", 100, first=FIRST)
    catalog.indexes.ready("b")
    run = catalog.runs.start("s", "cli", "me")
    result = catalog.indexes.swap("b", counted(catalog, 7, 33), renamed)
    assert (result.done, result.syncing) == (False, ("s",))
    catalog.jobs.record("s", run.id, [NewJob("a.txt", "ingest", "m")])
    catalog.jobs.claim(run.id, "me", 1, 60)
    catalog.runs.finish(run.id, "failed", "ended, but its worker has not noticed")
    assert catalog.indexes.swap("b", counted(catalog, 7, 33), renamed).syncing == ("s",)
    catalog.jobs.release("me")
    assert catalog.indexes.swap("b", counted(catalog, 7, 33), renamed).done


def test_only_what_is_ready_or_kept_can_take_over(catalog: Catalog) -> None:
    catalog.indexes.add("b", "model", 100, first=FIRST)
    with pytest.raises(ConfigurationError, match="building, not ready"):
        catalog.indexes.swap("b", counted(catalog, 7, 33), renamed)
    catalog.indexes.drop("b")
    with pytest.raises(ConfigurationError, match="dropped, not ready"):
        catalog.indexes.swap("b", counted(catalog, 7, 33), renamed)
    with pytest.raises(ConfigurationError, match="current, not ready"):
        catalog.indexes.swap("first", counted(catalog, 7, 33), renamed)
    with pytest.raises(NotFoundError):
        catalog.indexes.swap("x", counted(catalog, 7, 33), renamed)


def test_going_back_and_forth(catalog: Catalog) -> None:
    former = catalog.indexes.documents()
    with pytest.raises(NotFoundError, match="no former index"):
        catalog.indexes.back(former, renamed)
    swapped(catalog)
    previous = catalog.indexes.previous()
    assert previous is not None
    assert previous.name == "first"
    assert catalog.indexes.back(former, lambda pipeline: pipeline.replace("+new", "+old")).done
    assert states(catalog) == {"first": "current", "b": "kept"}
    assert catalog.indexes.documents() == former
    assert {each.pipeline for each in catalog.documents.known("s").values()} == {"plain/1+old"}
    assert catalog.indexes.back(counted(catalog, 7, 33), renamed).done
    assert states(catalog) == {"first": "kept", "b": "current"}


def test_back_goes_to_the_last_one(catalog: Catalog) -> None:
    swapped(catalog)
    swapped(catalog, "c")
    assert states(catalog) == {"first": "kept", "b": "kept", "c": "current"}
    previous = catalog.indexes.previous()
    assert previous is not None
    assert previous.name == "b"


def test_the_current_index_is_not_dropped(catalog: Catalog) -> None:
    swapped(catalog)
    with pytest.raises(ConfigurationError, match="searches use"):
        catalog.indexes.drop("b")
    with pytest.raises(ConfigurationError, match="first' is kept"):
        catalog.indexes.remove("first")
    catalog.indexes.drop("first")
    assert catalog.indexes.previous() is None
    catalog.indexes.remove("first")
    assert states(catalog) == {"b": "current"}
    assert EVERYONE in {p for e in catalog.indexes.documents().values() for p in e.access.allow}


def restored(catalog: Catalog, index: IndexRecord) -> IndexRecord | None:
    with catalog.database.write() as session:
        keep_restored(session, index)
    return catalog.indexes.current()


def test_a_restored_index_without_a_row_gets_one_unless_it_is_the_first(catalog: Catalog) -> None:
    assert restored(catalog, IndexRecord("first", "current", "onnx", 200, "", 0.0)) is None
    assert catalog.indexes.all() == []
    current = restored(catalog, IndexRecord("x-128", "current", "onnx", 200, "", 0.0))
    assert current is not None
    assert (current.name, current.models) == ("x-128", ("onnx", 200, ""))
    assert states(catalog) == {"x-128": "current"}


def test_a_restored_row_takes_the_name_here_and_the_models_where_they_differ(catalog: Catalog) -> None:
    swapped(catalog)
    current = restored(catalog, IndexRecord("here", "current", "model", 200, "", 0.0))
    assert current is not None
    assert (current.name, current.models) == ("here", ("model", 100, ""))  # cut as the backup says
    assert states(catalog) == {"here": "current"}
    current = restored(catalog, IndexRecord("here", "current", "another", 200, "splade", 0.0))
    assert current is not None
    assert current.models == ("another", 200, "splade")
