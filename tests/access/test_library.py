"""The library: what a user may read, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.access.stored_text import load_text, store_text, text_key
from assistant.adapters.blobs import FolderBlobs
from assistant.errors import NotFoundError, StorageError
from assistant.types import LOCAL_OPERATOR, Access, Block, Box, Document, DocumentRef, Page, User, document_id
from tests.fakes.system import System

HR = User("h", frozenset({"everyone", "hr"}))
STAFF = User("s", frozenset({"everyone"}))
GUEST = User("g", frozenset({"everyone", "guests"}))


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    rules = {
        "default": ["everyone"],
        "rules": [
            {"glob": "hr/**", "readers": ["hr"]},
            {"glob": "intern/**", "readers": ["everyone"], "deny": ["guests"]},
            {"glob": "own/**", "readers": ["user:s"]},
        ],
    }
    system = System(tmp_path, readers=rules)
    system.source.texts = {"a": "alpha", "hr/b": "beta", "intern/c": "gamma", "own/d": "delta"}
    system.ingestor.sync("s", "cli")
    yield system
    system.close()


@pytest.mark.parametrize(
    ("user", "keys"),
    [
        (LOCAL_OPERATOR, ["a", "hr/b", "intern/c", "own/d"]),
        (HR, ["a", "hr/b", "intern/c"]),
        (STAFF, ["a", "intern/c", "own/d"]),
        (GUEST, ["a"]),
        (User("nobody"), []),
    ],
)
def test_every_read_gives_the_same_documents(system: System, user: User, keys: list[str]) -> None:
    assert [info.ref.key for info in system.library.documents(user)] == keys
    assert system.library.count(user) == (len(keys), len(keys))
    everything = [document_id("s", key) for key in system.source.texts]
    assert sorted(info.ref.key for info in system.library.readable(everything, user).values()) == keys
    for key, text in system.source.texts.items():
        if key in keys:
            assert system.library.read("s", key, user).text == text
        else:
            with pytest.raises(NotFoundError):
                system.library.read("s", key, user)
    found = {passage.ref.key for passage in system.retriever.search("alpha beta gamma delta", user, 10)}
    assert found == set(keys)


def test_a_right_taken_away_is_gone_with_the_next_read(system: System) -> None:
    system.catalog.documents.set_access(document_id("s", "a"), Access(frozenset({"group:board"})))
    with pytest.raises(NotFoundError):
        system.library.read("s", "a", STAFF)
    # the index still holds the old readers: the catalog's check alone must refuse
    assert "a" not in {passage.ref.key for passage in system.retriever.search("alpha", STAFF, 10)}


def test_what_is_unreadable_and_what_is_not_there_look_alike(system: System) -> None:
    with pytest.raises(NotFoundError) as unreadable:
        system.library.info("s", "hr/b", STAFF)
    with pytest.raises(NotFoundError) as missing:
        system.library.info("s", "hr/x", STAFF)
    assert str(unreadable.value).replace("hr/b", "hr/x") == str(missing.value)


def test_paging_and_scope(system: System) -> None:
    assert [info.ref.key for info in system.library.documents(HR, limit=1, offset=1)] == ["hr/b"]
    assert system.library.documents(HR, ["other"]) == []
    assert system.library.count(HR, ["other"]) == (0, 0)


def test_stored_text_comes_back_whole(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    ref = DocumentRef("s", "k", "v1", "t", "u", "text/plain")
    text = "Title\n\U0001f600 body\n[not read]"
    blocks = (
        Block("heading", "Title", 0, 5, page=1, box=Box(1, 1.5, 2, 3, 4), level=1),
        Block("text", "\U0001f600 body", 6, 12, page=2),
        Block("notice", "[not read]", 13, 23, page=2),
    )
    document = Document(ref, text, blocks, (Page(1, 0, 6), Page(2, 6, 23)))
    store_text(blobs, document)
    assert load_text(blobs, ref) == document
    assert load_text(blobs, ref).notices == ((13, 23),)


def test_damaged_text_is_a_clear_error(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    ref = DocumentRef("s", "k", "v1", "t", "u", "text/plain")
    blobs.put(text_key(ref), b"not zlib")
    with pytest.raises(StorageError, match="damaged"):
        load_text(blobs, ref)


def test_a_version_that_is_replaced_while_it_is_read_gives_way_to_the_new_one(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    get = system.blobs.get

    def get_late(key: str) -> bytes:
        monkeypatch.setattr(system.blobs, "get", get)
        system.source.texts["a"] = "alpha, second edition"
        system.ingestor.sync("s", "cli")
        return get(key)

    monkeypatch.setattr(system.blobs, "get", get_late)
    assert system.library.read("s", "a", STAFF).text == "alpha, second edition"


def test_outlines_are_for_readers_of_the_current_version_only(system: System) -> None:
    refs = [info.ref for info in system.library.documents(LOCAL_OPERATOR)]
    for user, keys in ((HR, ["a", "hr/b", "intern/c"]), (STAFF, ["a", "intern/c", "own/d"])):
        for _ in range(2):  # the second time they are kept, and the rights count all the same
            found = system.library.outlines(refs, user)
            assert sorted(outline.ref.key for outline in found.values()) == keys
    assert {outline.text for outline in system.library.outlines(refs, HR).values()} == {"alpha", "beta", "gamma"}
    system.source.texts["a"] = "another"
    system.ingestor.sync("s", "cli")
    assert document_id("s", "a") not in system.library.outlines(refs, HR)
