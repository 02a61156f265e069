"""Uploads through the pipeline: found by whom they are for, shared and withdrawn without embedding, and removed."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from assistant.access.stored_text import upload_key
from assistant.adapters.index_edge import open_edge_index
from assistant.catalog import UploadRecord
from assistant.errors import (
    AccessDeniedError,
    AssistantError,
    ConfigurationError,
    DocumentTooLargeError,
    DocumentUnreadableError,
    EmptyDocumentError,
    EncryptedDocumentError,
    NotFoundError,
    SourceError,
    StorageFullError,
    UnsupportedFormatError,
)
from assistant.ingest.uploads import UploadsConfig, UploadsSource, upload_name
from assistant.registry import PluginRegistry
from assistant.types import LOCAL_OPERATOR, User
from tests.contracts.data_source_contract import DataSourceContract
from tests.fakes.bundles import BundleParser
from tests.fakes.system import MAX_BYTES, QUOTA
from tests.fakes.uploads import ADMIN, ALICE, BOB, HR, UploadSystem

LUNCH = b"The canteen serves lunch from noon.\n"


@pytest.fixture(params=["fake", "edge"])
def system(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[UploadSystem]:
    index = open_edge_index(tmp_path / "index", "fake/words", 64) if request.param == "edge" else None
    system = UploadSystem(tmp_path, index)
    yield system
    system.close()
    if index is not None:
        index.close()


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[UploadSystem]:
    system = UploadSystem(tmp_path)
    yield system
    system.close()


@dataclass
class UploadsScene:
    system: UploadSystem
    source: UploadsSource

    def put(self, key: str, data: bytes) -> None:
        digest = hashlib.sha256(data).hexdigest()
        record = UploadRecord(
            str(uuid.uuid4()), "uploads-alice", key, "alice", "text/plain", len(data), digest, (), 1.0
        )
        self.system.blobs.put(upload_key(record.source, record.id), data)
        self.system.catalog.uploads.put(record, 0)

    def remove(self, key: str) -> None:
        self.system.catalog.uploads.remove(self.system.catalog.uploads.get("alice", key).id)


class TestUploadsSource(DataSourceContract):
    @pytest.fixture
    def scene(self, plain: UploadSystem) -> UploadsScene:
        plain.catalog.sources.add("uploads-alice", "uploads", {"user": "alice"}, {})
        return UploadsScene(plain, UploadsSource("alice", plain.catalog, plain.blobs))


class TestTheWayOfAnUpload:
    def test_the_uploader_finds_it_and_nobody_else_does(self, system: UploadSystem) -> None:
        upload = system.uploads.put(ALICE, "lunch.txt", LUNCH)
        assert (upload.state, upload.replaced) == ("waiting", False)
        system.sync()
        assert system.states() == {"lunch.txt": "indexed"}
        assert system.found("canteen lunch", ALICE) == {"lunch.txt"}
        for other in (BOB, HR, ADMIN):
            assert system.found("canteen lunch", other) == set()
            assert system.library.documents(other) == []
            assert system.uploads.of(other) == []
            with pytest.raises(NotFoundError):
                system.library.read("uploads-alice", "lunch.txt", other)

    def test_it_is_shared_and_withdrawn_without_embedding(self, system: UploadSystem) -> None:
        system.uploads.put(ALICE, "lunch.txt", LUNCH)
        system.sync()
        embedded, parsed = system.embedder.texts, list(system.parsers.parsed)
        shared = system.uploads.share(ALICE, "lunch.txt", ["hr", "user:bob"])
        assert (shared.record.readers, shared.state) == (("group:hr", "user:bob"), "indexed")
        system.sync()
        assert [system.found("canteen lunch", user) for user in (ALICE, BOB, HR, ADMIN)] == [
            {"lunch.txt"},
            {"lunch.txt"},
            {"lunch.txt"},
            set(),
        ]
        assert system.library.read("uploads-alice", "lunch.txt", BOB).text == LUNCH.decode()
        system.uploads.share(ALICE, "lunch.txt", ["hr"])
        system.sync()
        assert [system.found("canteen lunch", user) for user in (ALICE, BOB, HR)] == [
            {"lunch.txt"},
            set(),
            {"lunch.txt"},
        ]
        system.uploads.share(ALICE, "lunch.txt", [])
        system.sync()
        assert [system.found("canteen lunch", user) for user in (ALICE, BOB, HR)] == [{"lunch.txt"}, set(), set()]
        assert (system.embedder.texts, system.parsers.parsed) == (embedded, parsed)
        (info,) = system.library.documents(ALICE)
        assert (info.ref.access.allow, info.ref.access.deny) == ({"user:alice"}, set())
        query = system.embedder.embed_query("canteen lunch")
        assert system.index.search(query, "canteen lunch", BOB, 5) == []  # the engine's own filter has followed

    def test_what_is_taken_away_is_taken_at_once(self, system: UploadSystem) -> None:
        system.uploads.put(ALICE, "lunch.txt", LUNCH, ["everyone", "hr"])
        system.sync()
        assert system.found("canteen lunch", BOB) == {"lunch.txt"}
        system.uploads.share(ALICE, "lunch.txt", ["hr"])
        assert [system.found("canteen lunch", user) for user in (ALICE, BOB, HR)] == [
            {"lunch.txt"},
            set(),
            {"lunch.txt"},
        ]
        system.uploads.remove(ALICE, "lunch.txt")
        assert [system.found("canteen lunch", user) for user in (ALICE, BOB, HR)] == [set(), set(), set()]

    def test_a_removed_one_leaves_nothing(self, system: UploadSystem) -> None:
        system.uploads.put(ALICE, "lunch.txt", LUNCH)
        system.sync()
        assert system.stored() == {"text", "original", "uploads"}
        system.uploads.remove(ALICE, "lunch.txt")
        assert system.catalog.uploads.behind() == ["uploads-alice"]
        system.sync()
        assert system.found("canteen lunch", LOCAL_OPERATOR) == set()
        assert system.stored() == set()
        assert system.index.counts().chunks == 0
        assert system.library.documents(LOCAL_OPERATOR) == []
        assert system.states() == {}
        assert system.catalog.uploads.behind() == []

    def test_the_same_name_replaces_and_stays_shared(self, system: UploadSystem) -> None:
        system.uploads.put(ALICE, "lunch.txt", LUNCH, ["hr"])
        system.sync()
        again = system.uploads.put(ALICE, "lunch.txt", b"Dinner is at six.\n")
        assert (again.state, again.replaced, again.record.readers) == ("waiting", True, ("group:hr",))
        assert len(list(system.blobs.keys("uploads"))) == 1
        system.sync()
        assert system.found("dinner six", HR) == {"lunch.txt"}
        assert system.library.read("uploads-alice", "lunch.txt", ALICE).text == "Dinner is at six.\n"

    def test_replaced_with_fewer_readers_the_old_one_is_hidden_at_once(self, system: UploadSystem) -> None:
        system.uploads.put(ALICE, "lunch.txt", LUNCH, ["hr"])
        system.sync()
        system.uploads.put(ALICE, "lunch.txt", b"Dinner is at six.\n", [])
        assert system.found("canteen lunch", HR) == set()
        assert system.found("canteen lunch", ALICE) == {"lunch.txt"}


class TestFailures:
    def test_one_that_cannot_be_read_says_why(self, plain: UploadSystem, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_: object) -> None:
            raise EncryptedDocumentError("lunch.txt asks for a password")

        plain.uploads.put(ALICE, "lunch.txt", LUNCH)
        monkeypatch.setattr(plain.parsers, "parse", refuse)
        plain.sync()
        (upload,) = plain.uploads.of(ALICE)
        assert (upload.state, upload.failure and upload.failure.error) == ("failed", "lunch.txt asks for a password")
        monkeypatch.undo()
        assert plain.uploads.put(ALICE, "lunch.txt", b"open\n").state == "waiting"
        plain.sync()
        assert plain.states() == {"lunch.txt": "indexed"}

    def test_bytes_that_are_lost_are_those_of_the_document(self, plain: UploadSystem) -> None:
        plain.uploads.put(ALICE, "lunch.txt", LUNCH)
        plain.sync()
        plain.blobs.delete("uploads")
        source = UploadsSource("alice", plain.catalog, plain.blobs)
        assert source.fetch("lunch.txt").data == LUNCH
        plain.blobs.delete("original")
        with pytest.raises(DocumentUnreadableError, match="upload it again"):
            source.fetch("lunch.txt")

    def test_one_whose_bytes_are_lost_before_it_was_read(self, plain: UploadSystem) -> None:
        plain.uploads.put(ALICE, "lunch.txt", LUNCH)
        plain.blobs.delete("uploads")
        plain.sync()
        assert plain.states() == {"lunch.txt": "failed"}
        plain.uploads.remove(ALICE, "lunch.txt")
        plain.sync()
        assert plain.catalog.jobs.of_source("uploads-alice") == {}

    def test_a_source_of_somebody_who_has_uploaded_nothing_is_refused(self, plain: UploadSystem) -> None:
        with pytest.raises(SourceError, match="'bob' has uploaded nothing"):
            plain.registry.try_source("uploads", {"user": "bob"})


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("name", "data", "error"),
        [
            ("a.txt", b"", EmptyDocumentError),
            ("a.txt", b"x" * (MAX_BYTES + 1), DocumentTooLargeError),
            ("a.exe", b"\x7fELF\0\0\0", UnsupportedFormatError),
            ("a.txt", b"\x89PNG\r\n\x1a\n", UnsupportedFormatError),  # by content: this system reads plain text only
            ("..", b"text", ConfigurationError),
            ("", b"text", ConfigurationError),
            ("folder/", b"text", ConfigurationError),
            ("x" * 256, b"text", ConfigurationError),
        ],
    )
    def test_nothing_is_left_of_it(self, plain: UploadSystem, name: str, data: bytes, error: type[Exception]) -> None:
        with pytest.raises(error):
            plain.uploads.put(ALICE, name, data)
        assert plain.catalog.sources.find("uploads-alice") is None
        assert plain.stored() == set()

    @pytest.mark.parametrize("reader", ["", "  ", "user:", "group:", "h\nr", "x" * 300])
    def test_a_reader_that_is_none(self, plain: UploadSystem, reader: str) -> None:
        with pytest.raises(ConfigurationError, match="readers"):
            plain.uploads.put(ALICE, "a.txt", b"text", [reader])
        with pytest.raises(ConfigurationError, match="readers"):
            plain.uploads.share(ALICE, "a.txt", [f"g{number}" for number in range(101)])

    def test_what_is_over_the_quota(self, plain: UploadSystem) -> None:
        for number in range(QUOTA // MAX_BYTES):
            plain.uploads.put(ALICE, f"{number}.txt", b"x" * MAX_BYTES)
        with pytest.raises(DocumentTooLargeError, match="upload_quota_mb"):
            plain.uploads.put(ALICE, "more.txt", b"x" * MAX_BYTES)
        assert len(list(plain.blobs.keys("uploads"))) == len(plain.uploads.of(ALICE))
        plain.uploads.put(BOB, "more.txt", b"x" * MAX_BYTES)
        assert plain.uploads.used(BOB) == MAX_BYTES

    def test_a_full_disk_records_nothing(self, plain: UploadSystem, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(*_: object) -> None:
            raise StorageFullError("the disk is full")

        monkeypatch.setattr(plain.blobs, "put", full)
        with pytest.raises(StorageFullError):
            plain.uploads.put(ALICE, "a.txt", b"text")
        assert plain.uploads.of(ALICE) == []


class TestRights:
    def test_whom_it_is_shared_with_cannot_change_it(self, plain: UploadSystem) -> None:
        plain.uploads.put(ALICE, "lunch.txt", LUNCH, ["everyone"])
        plain.sync()
        with pytest.raises(NotFoundError):
            plain.uploads.share(BOB, "lunch.txt", [])
        with pytest.raises(NotFoundError):
            plain.uploads.remove(BOB, "lunch.txt")
        with pytest.raises(AccessDeniedError):
            plain.uploads.remove(BOB, "lunch.txt", owner="alice")
        plain.uploads.put(BOB, "lunch.txt", b"Bob's own.\n")
        plain.sync(BOB)
        assert plain.library.read("uploads-alice", "lunch.txt", BOB).text == LUNCH.decode()
        assert plain.states(ALICE) == plain.states(BOB) == {"lunch.txt": "indexed"}

    def test_an_admin_removes_but_does_not_read_or_share(self, plain: UploadSystem) -> None:
        plain.uploads.put(ALICE, "lunch.txt", LUNCH)
        plain.sync()
        with pytest.raises(NotFoundError):
            plain.uploads.share(ADMIN, "lunch.txt", ["admins"])
        plain.uploads.remove(ADMIN, "lunch.txt", owner="alice")
        plain.sync()
        assert (plain.states(), plain.stored()) == ({}, set())

    def test_a_source_that_was_removed_is_forgotten_with_its_bytes(self, plain: UploadSystem) -> None:
        plain.uploads.put(ALICE, "lunch.txt", LUNCH)
        plain.uploads.put(BOB, "other.txt", LUNCH)
        plain.sync()
        plain.ingestor.remove("uploads-alice")
        assert plain.uploads.of(ALICE) == []
        assert len(list(plain.blobs.keys())) == 1


class TestNames:
    @pytest.mark.parametrize(
        ("given", "key"),
        [
            ("a.txt", "a.txt"),
            ("/etc/passwd", "passwd"),
            ("..\\..\\windows\\a.txt", "a.txt"),
            ("C:\\Users\\ann\\Plan (v2).docx", "Plan (v2).docx"),
            (" a\x00b\r\n\u202ec.txt ", "abc.txt"),
            ("u\u0308ber.txt", "über.txt"),
            (".env", ".env"),
            ("می\u200cخواهم.txt", "می\u200cخواهم.txt"),
            ("#1 50%?.txt", "#1 50%?.txt"),
        ],
    )
    def test_of_files(self, given: str, key: str) -> None:
        assert upload_name(given) == key

    def test_of_sources_differ_for_any_two_persons(self, plain: UploadSystem) -> None:
        ids = ["ann", "ann/bob", "ann_bob", "ann|bob", "ann@example.org", "x" * 280, "x" * 281, "☃", "❄", "..", "a b"]
        names = {name: plain.uploads.put(User(name), "a.txt", b"text").record.source for name in ids}
        assert len(set(names.values())) == len(ids)
        assert (names["ann"], names["ann@example.org"]) == ("uploads-ann", "uploads-ann@example.org")
        for name in ids:
            plain.ingestor.sync(names[name], "upload")
            assert plain.found("text", User(name)) == {"a.txt"}

    def test_a_source_of_that_name_that_is_anothers(self, plain: UploadSystem) -> None:
        plain.catalog.sources.add("uploads-alice", "memory", {}, {})
        source = plain.uploads.put(ALICE, "a.txt", b"text").record.source
        assert source != "uploads-alice"
        plain.ingestor.sync(source, "upload")
        assert plain.found("text", ALICE) == {"a.txt"}
        plain.catalog.sources.add("uploads-bob", "memory", {}, {})
        second = plain.uploads.put(BOB, "a.txt", b"text").record.source
        plain.catalog.sources.remove(second)
        plain.catalog.sources.add(second, "uploads", {"user": "mallory"}, {})
        with pytest.raises(ConfigurationError, match="of others"):
            plain.uploads.put(BOB, "a.txt", b"text")


def test_first_uploads_at_the_same_time_make_one_source(plain: UploadSystem) -> None:
    failed: list[AssistantError] = []

    def put(number: int) -> None:
        try:
            plain.uploads.put(ALICE, f"{number}.txt", b"text")
        except AssistantError as error:
            failed.append(error)

    threads = [threading.Thread(target=put, args=[number]) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert [source.name for source in plain.catalog.sources.all()] == ["s", "uploads-alice"]
    assert len(plain.uploads.of(ALICE)) == 8


def test_one_that_is_replaced_while_it_is_fetched(plain: UploadSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    plain.uploads.put(ALICE, "a.txt", b"old")
    source, get = UploadsSource("alice", plain.catalog, plain.blobs), plain.blobs.get

    def replace_first(key: str) -> bytes:
        monkeypatch.undo()
        plain.uploads.put(ALICE, "a.txt", b"new")
        return get(key)

    monkeypatch.setattr(plain.blobs, "get", replace_first)
    assert source.fetch("a.txt").data == b"new"


def test_the_registry_opens_nothing_before_such_a_source_is_made(plain: UploadSystem) -> None:
    from assistant.ingest.uploads import register_uploads

    def fail() -> None:
        raise AssertionError

    registry = PluginRegistry()
    register_uploads(registry, fail, fail)  # type: ignore[arg-type]
    assert registry.sources["uploads"].config is UploadsConfig
    assert registry.validate("uploads", {"user": "ann"}) == {"user": "ann"}
    with pytest.raises(ConfigurationError, match="user"):
        registry.validate("uploads", {"user": ""})


def test_what_an_archive_holds_is_shared_and_withdrawn_with_it(plain: UploadSystem) -> None:
    plain.registry.add_parser(BundleParser())
    plain.uploads.put(ALICE, "a.bundle", b'{"b.txt": "Bees buzz."}', ["hr"])
    plain.sync()
    for user in (ALICE, HR):
        assert plain.found("bees buzz", user) == {"a.bundle!/b.txt", "a.bundle"}
    assert plain.found("bees buzz", BOB) == set()
    plain.uploads.share(ALICE, "a.bundle", [])
    assert plain.found("bees buzz", HR) == set()
    plain.sync()
    assert plain.found("bees buzz", HR) == set()
    assert plain.states() == {"a.bundle": "indexed"}
    assert plain.catalog.uploads.behind() == []
    plain.uploads.remove(ALICE, "a.bundle")
    assert plain.found("bees buzz", ALICE) == set()
    plain.sync()
    assert plain.stored() == set()
