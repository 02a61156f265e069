"""Documents that are moved: recognised by the source's mark, confirmed by their bytes, and never in two places."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.catalog import RunRecord
from assistant.errors import NotFoundError, SourceUnreachableError
from assistant.ingest.moves import find_moves
from assistant.ingest.owners import this_process
from assistant.types import LOCAL_OPERATOR, Change, Changed, Checkpoint, RawDocument, User, document_id
from plugins.folder.source import FolderConfig, FolderSource
from tests.fakes.bundles import BundleParser
from tests.fakes.killing import Killed, killing
from tests.fakes.system import System

TEXT = "one line\nanother line"


class Marked:
    """A source that lists documents by key as marks and texts."""

    def __init__(self) -> None:
        self.documents: dict[str, tuple[str, str]] = {}
        self.errors: dict[str, Exception] = {}
        self.complete = True

    def changes(self, cursor: str | None) -> Iterator[Change]:
        for key, (mark, _) in self.documents.items():
            yield Changed(key, mark)
        yield Checkpoint("end", complete=self.complete)

    def fetch(self, key: str) -> RawDocument:
        if key in self.errors:
            raise self.errors[key]
        title = key.rpartition("/")[2]
        media_type = "" if key.endswith(".bundle") else "text/plain"
        return RawDocument(key, self.documents[key][1].encode(), media_type, title, f"memory:{key}")

    def move(self, old: str, new: str) -> None:
        self.documents[new] = self.documents.pop(old)


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    system.registry.add_parser(BundleParser())
    yield system
    system.close()


@pytest.fixture
def source(system: System) -> Marked:
    source = Marked()
    source.documents = {"a/x": ("m1", TEXT), "a/y": ("m2", "something else")}
    system.source = source  # type: ignore[assignment]
    return source


def sync(system: System) -> RunRecord:
    return system.catalog.runs.get(system.ingestor.sync("s", "cli").run_id)


def by_stages(system: System) -> RunRecord:
    run_id = system.ingestor.begin("s", "api")
    stages = system.ingestor.stages
    while stages.parse() + stages.embed() + stages.delete():
        pass
    return system.catalog.runs.get(run_id)


def counts(run: RunRecord) -> str:
    names = ("added", "moved", "updated", "unchanged", "deleted", "failed")
    return " ".join(f"{name} {getattr(run, name)}" for name in names if getattr(run, name))


def keys(system: System) -> list[str]:
    """Return the current keys, and assert that catalog, index and blobs hold the same documents and no work is left."""
    current = system.catalog.documents.current_versions()
    assert system.index.versions() == {key: {version} for key, version in current.items()}
    for kind in ("text", "original"):
        assert {tuple(key.split("/")[1:]) for key in system.blobs.keys(kind)} == set(current.items())
    assert not list(system.blobs.keys("prepared")) + list(system.blobs.keys("member"))
    assert system.catalog.jobs.count("queued") == system.catalog.jobs.count("running") == 0
    return [info.ref.key for info in system.library.documents(LOCAL_OPERATOR)]


@pytest.mark.parametrize("ingest", [sync, by_stages])
def test_a_moved_document_is_one_job_and_leaves_its_old_key(
    system: System, source: Marked, ingest: Callable[[System], RunRecord]
) -> None:
    sync(system)
    source.move("a/x", "b/x")
    run = ingest(system)
    assert (run.state, run.seen, run.finished, counts(run)) == ("done", 2, 1, "moved 1 unchanged 1")
    assert keys(system) == ["a/y", "b/x"]
    assert system.library.read("s", "b/x", LOCAL_OPERATOR).text == TEXT
    assert counts(ingest(system)) == "unchanged 2"


def test_the_old_key_stays_until_the_new_one_is_current(system: System, source: Marked) -> None:
    sync(system)
    source.move("a/x", "b/x")
    run_id = system.ingestor.begin("s", "api")
    job = system.catalog.jobs.of_source("s")["b/x"]
    assert (job.action, job.origin, list(system.catalog.jobs.of_source("s"))) == ("ingest", "a/x", ["b/x"])
    for turn in (lambda: 0, system.ingestor.stages.parse):
        turn()
        assert [info.ref.key for info in system.library.documents(LOCAL_OPERATOR)] == ["a/x", "a/y"]
        assert system.library.read("s", "a/x", LOCAL_OPERATOR).text == TEXT
    system.ingestor.stages.embed()
    assert keys(system) == ["a/y", "b/x"]
    assert system.catalog.runs.get(run_id).state == "done"


def test_what_has_the_mark_but_other_bytes_is_added_and_the_old_one_deleted(system: System, source: Marked) -> None:
    sync(system)
    del source.documents["a/x"]
    source.documents["b/x"] = ("m1", "quite another text")
    assert counts(sync(system)) == "added 1 unchanged 1 deleted 1"
    assert keys(system) == ["a/y", "b/x"]


def test_what_is_deleted_for_another_document_counts_for_its_own_source(system: System, source: Marked) -> None:
    sync(system)
    del source.documents["a/x"]
    source.documents["b/x"] = ("m1", "quite another text")
    runs = [system.ingestor.begin("s", "api")]
    system.ingestor.stages.parse()
    system.catalog.sources.add("t", "memory", {}, {})
    other = Marked()
    other.documents = {"b/x": ("m9", "of the same name elsewhere")}
    system.source = other  # type: ignore[assignment]
    runs.append(system.ingestor.begin("t", "api"))
    system.ingestor.stages.parse()
    assert system.ingestor.stages.embed() == 2  # in one go
    assert [counts(system.catalog.runs.get(run)) for run in runs] == ["added 1 unchanged 1 deleted 1", "added 1"]


def test_bytes_are_compared_with_what_is_stored_where_no_digest_is(
    system: System, source: Marked, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assistant.ingest import prepare

    new_version = prepare.NewVersion
    monkeypatch.setattr(prepare, "NewVersion", lambda *args, **named: new_version(*args, **{**named, "content": ""}))
    sync(system)
    monkeypatch.undo()
    assert system.catalog.documents.known("s")["a/x"].content == ""
    source.move("a/x", "b/x")
    assert counts(sync(system)) == "moved 1 unchanged 1"
    assert len(system.catalog.documents.known("s")["b/x"].content) == 64


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        ({"b/x": ("m1", TEXT), "c/x": ("m1", TEXT), "a/y": ("m2", "")}, "added 2 unchanged 1 deleted 1"),
        ({"b/x": ("", TEXT), "a/y": ("m2", "")}, "added 1 unchanged 1 deleted 1"),
        ({"a/x": ("m1", TEXT), "b/x": ("m1", TEXT), "a/y": ("m2", "")}, "added 1 unchanged 2"),
        ({"b/x": ("m2", "something else"), "b/y": ("m1", TEXT)}, "moved 2"),
    ],
    ids=["two copies", "no mark", "a copy", "both moved"],
)
def test_only_what_is_certain_counts_as_moved(
    system: System, source: Marked, documents: dict[str, tuple[str, str]], expected: str
) -> None:
    sync(system)
    source.documents = documents
    assert counts(sync(system)) == expected
    assert keys(system) == sorted(documents)


def test_nothing_is_moved_by_a_listing_that_is_not_complete(system: System, source: Marked) -> None:
    sync(system)
    source.move("a/x", "b/x")
    source.complete = False
    assert counts(sync(system)) == "added 1 unchanged 1"
    assert keys(system) == ["a/x", "a/y", "b/x"]


def test_readers_are_those_of_the_new_key(system: System, source: Marked) -> None:
    system.catalog.sources.set_readers(
        "s", {"default": ["staff"], "rules": [{"glob": "secret/**", "readers": ["board"]}]}
    )
    staff, board = (User(id=name, groups=frozenset({name})) for name in ("staff", "board"))
    sync(system)
    vector = system.embedder.embed_query("line")
    assert len(system.index.search(vector, "line", staff, 5)) == 3
    source.move("a/x", "secret/x")
    assert counts(sync(system)) == "moved 1 unchanged 1"
    assert [info.ref.key for info in system.library.documents(staff)] == ["a/y"]
    assert [info.ref.key for info in system.library.documents(board)] == ["secret/x"]
    assert {hit.document_id for hit in system.index.search(vector, "line", staff, 5)} == {document_id("s", "a/y")}
    assert {hit.document_id for hit in system.index.search(vector, "line", board, 5)} == {document_id("s", "secret/x")}


@pytest.mark.parametrize("ingest", [sync, by_stages])
def test_members_go_with_the_old_key_and_come_with_the_new_one(
    system: System, source: Marked, ingest: Callable[[System], RunRecord]
) -> None:
    bundle = '{"one.txt": "first", "in.bundle": {"two.txt": "second"}}'
    source.documents = {"old.bundle": ("m1", bundle)}
    sync(system)
    before = keys(system)
    source.move("old.bundle", "new.bundle")
    run = ingest(system)
    assert (run.state, counts(run)) == ("done", "added 3 moved 1 deleted 3")
    assert keys(system) == [key.replace("old", "new") for key in before]
    assert len(before) == 4


def test_a_fetch_that_fails_leaves_the_old_key_and_is_done_by_the_next_sync(system: System, source: Marked) -> None:
    sync(system)
    source.move("a/x", "b/x")
    source.errors["b/x"] = SourceUnreachableError("no answer")
    assert counts(sync(system)) == "unchanged 1 failed 1"
    assert keys(system) == ["a/x", "a/y"]
    source.errors.clear()
    assert counts(sync(system)) == "moved 1 unchanged 1"
    assert keys(system) == ["a/y", "b/x"]


def test_what_cannot_be_read_at_the_new_key_is_not_shown_at_the_old_one(system: System, source: Marked) -> None:
    sync(system)
    source.move("a/x", "b/x")
    source.errors["b/x"] = ValueError("a plugin's own mistake")
    assert counts(sync(system)) == "unchanged 1 deleted 1 failed 1"
    assert keys(system) == ["a/y"]


def test_moved_again_before_it_was_fetched_it_is_gone_and_then_added(system: System, source: Marked) -> None:
    sync(system)
    source.move("a/x", "b/x")
    run_id = system.ingestor.begin("s", "api")
    source.move("b/x", "c/x")
    source.errors["b/x"] = NotFoundError("b/x is gone")
    system.ingestor.complete(run_id)
    assert counts(system.catalog.runs.get(run_id)) == "unchanged 1 deleted 1"
    assert counts(sync(system)) == "added 1 unchanged 1"
    assert keys(system) == ["a/y", "c/x"]


def test_moved_back_before_it_was_fetched_nothing_is_done(system: System, source: Marked) -> None:
    sync(system)
    source.move("a/x", "b/x")
    run_id = system.ingestor.begin("s", "api")
    system.catalog.runs.finish(run_id, "interrupted")
    source.move("b/x", "a/x")
    assert counts(sync(system)) == "unchanged 2"
    assert keys(system) == ["a/x", "a/y"]


@pytest.mark.parametrize("complete", [True, False])
def test_unfinished_work_knows_the_old_key_at_the_next_listing(system: System, source: Marked, complete: bool) -> None:
    sync(system)
    source.move("a/x", "b/x")
    system.catalog.runs.finish(system.ingestor.begin("s", "api"), "interrupted")
    source.complete = complete
    if not complete:
        del source.documents["a/y"]  # lists only changes from now on
    source.documents["b/x"] = ("m3", "changed as well")
    assert counts(sync(system)).startswith("added 1")
    assert keys(system) == ["a/y", "b/x"]


@pytest.mark.parametrize("ingest", [sync, by_stages])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize(
    ("part", "method"),
    [
        ("index", "write"),
        ("index", "flush"),
        ("index", "delete"),
        ("blobs", "delete"),
        ("documents", "make_current"),
        ("documents", "forget"),
        ("jobs", "finish"),
    ],
)
def test_killed_anywhere_it_ends_at_the_new_key(
    system: System,
    source: Marked,
    monkeypatch: pytest.MonkeyPatch,
    part: str,
    method: str,
    count: int,
    after: bool,
    ingest: Callable[[System], RunRecord],
) -> None:
    bundle = '{"one.txt": "first", "in.bundle": {"two.txt": "second"}}'
    source.documents |= {"old.bundle": ("m3", bundle), "changed": ("m4", "before")}
    sync(system)
    source.move("a/x", "b/x")
    source.move("old.bundle", "new.bundle")
    del source.documents["changed"]
    source.documents["new"] = ("m4", "other bytes")
    target = getattr(system, part, None) or getattr(system.catalog, part)
    with monkeypatch.context() as patch:
        patch.setattr(target, method, killing(getattr(target, method), count, after=after))
        patch.setattr("assistant.ingest.owners._SELF", "first")
        patch.setattr(system.ingestor.runs, "_owner", this_process())
        with contextlib.suppress(Killed):
            ingest(system)
    system.ingestor = system.new_ingestor()
    system.ingestor.sync("s", "cli")
    members = [f"new.bundle!/{name}" for name in ("in.bundle", "in.bundle!/two.txt", "one.txt")]
    assert keys(system) == sorted(["a/y", "b/x", "new", "new.bundle", *members])


def test_what_of_a_mark_stays_is_asked_of_the_source(system: System, source: Marked) -> None:
    source.documents = {"a": ("10-first", TEXT), "b": ("20-first", "two"), "c": ("20-first", "three")}
    sync(system)
    source.documents = {"d": ("10-later", TEXT), "e": ("20-later", "two"), "f": ("20-later", "three")}
    known = system.catalog.documents.known("s")
    listed = [Changed(key, mark) for key, (mark, _) in source.documents.items()]
    assert find_moves(listed, known, ()) == {}
    assert find_moves(listed, known, (), lambda mark: mark.partition("-")[0]) == {"d": "a"}
    assert find_moves(listed, known, {"a"}, lambda mark: mark.partition("-")[0]) == {}


class Folder(FolderSource):
    """A folder that says what stays of a file's mark when the file is renamed: all but the time of its last change."""

    def unmoved(self, mark: str) -> str:
        size, modified, _, inode = mark.split("-")
        return f"{size}-{modified}-{inode}"


@pytest.mark.parametrize("kind", [FolderSource, Folder])
def test_a_renamed_folder_of_a_hundred_files_and_a_renamed_file(
    system: System, tmp_path: Path, kind: type[FolderSource]
) -> None:
    folder = tmp_path / "documents"
    (folder / "before").mkdir(parents=True)
    for number in range(100):
        (folder / "before" / f"{number:03}.txt").write_text(f"text of file {number:03}")
    system.source = kind(FolderConfig(path=folder))  # type: ignore[assignment]
    assert counts(sync(system)) == "added 100"
    (folder / "before").rename(folder / "later")
    assert counts(sync(system)) == "moved 100"
    assert keys(system) == [f"later/{number:03}.txt" for number in range(100)]
    (folder / "later" / "000.txt").rename(folder / "later" / "first.txt")
    expected = "moved 1" if hasattr(kind, "unmoved") else "added 1"
    assert counts(sync(system)).startswith(expected)  # renaming a file changes its inode's time, which is in the mark
    assert len(keys(system)) == 100
