"""The table of uploads, on SQLite and Postgres."""

from __future__ import annotations

import threading
import time
from dataclasses import replace

import pytest

from assistant.catalog import Catalog, UploadRecord
from assistant.catalog.documents import NewVersion
from assistant.catalog.jobs import JobOutcome, NewJob
from assistant.errors import DocumentTooLargeError, NotFoundError
from assistant.types import Access, DocumentInfo, DocumentRef, Failure

SOURCE = "uploads-alice"


def record(key: str = "a.txt", upload_id: str = "1", digest: str = "d" * 64, size: int = 10) -> UploadRecord:
    return UploadRecord(upload_id, SOURCE, key, "alice", "text/plain", size, digest, (), 1.0)


@pytest.fixture
def catalog(catalog: Catalog) -> Catalog:
    catalog.sources.add(SOURCE, "uploads", {"user": "alice"}, {"default": []})
    return catalog


def make_current(catalog: Catalog, upload: UploadRecord) -> None:
    ref = DocumentRef(SOURCE, upload.key, "v", upload.key, "upload:x", "text/plain", upload.access)
    catalog.documents.make_current([NewVersion(DocumentInfo(ref, 0, 1, 1, 1), upload.mark, "p", True)])


def fail(catalog: Catalog, upload: UploadRecord) -> None:
    run = catalog.runs.start(SOURCE, "upload", "me")
    catalog.jobs.record(SOURCE, run.id, [NewJob(upload.key, "ingest", upload.mark)])
    (job,) = catalog.jobs.claim(run.id, "me", 1, 60)
    catalog.jobs.finish([JobOutcome(job, "failed", failure=Failure(upload.key, "damaged", retryable=False))])
    catalog.runs.finish(run.id, "done")


def test_what_was_put_is_there_and_its_owner_may_read_it(catalog: Catalog) -> None:
    assert catalog.uploads.put(record(), 0) == (record(), None)
    assert catalog.uploads.of("alice") == [catalog.uploads.get("alice", "a.txt")] == [record()]
    assert record().access == Access(frozenset({"user:alice"}))
    assert catalog.uploads.of("bob") == []
    assert catalog.uploads.find("bob", "a.txt") is None
    with pytest.raises(NotFoundError, match=r"a\.txt"):
        catalog.uploads.get("bob", "a.txt")


def test_the_same_key_replaces_and_keeps_its_readers_if_asked(catalog: Catalog) -> None:
    catalog.uploads.put(record(), 0)
    shared = catalog.uploads.set_readers("alice", "a.txt", ["user:bob", "group:hr"])
    assert shared.readers == ("group:hr", "user:bob")
    stored, former = catalog.uploads.put(record(upload_id="2", digest="e" * 64), 0, keep_readers=True)
    assert (stored.readers, former) == (shared.readers, shared)
    stored, _ = catalog.uploads.put(record(upload_id="3"), 0)
    assert stored.readers == ()
    assert [each.id for each in catalog.uploads.of("alice")] == ["3"]


def test_the_mark_tells_content_and_readers(catalog: Catalog) -> None:
    first = record()
    assert first.mark != replace(first, readers=("group:hr",)).mark
    assert first.mark != replace(first, digest="e" * 64).mark
    assert first.mark == replace(first, id="2", created_at=2.0).mark
    assert first.holds(replace(first, readers=("group:hr",)).mark)
    assert not first.holds(replace(first, digest="e" * 64).mark)
    assert not first.holds(None)


def test_the_quota_counts_what_is_replaced_only_once(catalog: Catalog) -> None:
    catalog.uploads.put(record(size=60), 100)
    catalog.uploads.put(record(upload_id="2", size=100), 100)
    with pytest.raises(DocumentTooLargeError, match="0 are left"):
        catalog.uploads.put(record("b.txt", "3", size=1), 100)
    assert catalog.uploads.used("alice") == 100
    catalog.uploads.put(record("b.txt", "3", size=1), 0)
    assert catalog.uploads.used("alice") == 101


def test_the_quota_holds_for_uploads_at_the_same_time(catalog: Catalog) -> None:
    refused: list[str] = []

    def put(number: int) -> None:
        try:
            catalog.uploads.put(record(f"{number}.txt", str(number), size=40), 100)
        except DocumentTooLargeError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=put, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (catalog.uploads.used("alice"), len(refused)) == (80, 4)


def test_a_removed_one_is_gone_and_one_in_its_place_stays(catalog: Catalog) -> None:
    catalog.uploads.put(record(), 0)
    catalog.uploads.put(record(upload_id="2"), 0)
    catalog.uploads.remove("1")
    assert [each.id for each in catalog.uploads.of("alice")] == ["2"]
    catalog.uploads.remove("2")
    assert catalog.uploads.of("alice") == []
    with pytest.raises(NotFoundError):
        catalog.uploads.set_readers("alice", "a.txt", [])


def test_without_its_source_nothing_is_recorded(catalog: Catalog) -> None:
    catalog.uploads.put(record(), 0)
    catalog.sources.remove(SOURCE)
    assert catalog.uploads.of("alice") == []
    with pytest.raises(NotFoundError):
        catalog.uploads.put(record(), 0)


def test_changes_that_no_sync_has_taken_up_are_told(catalog: Catalog) -> None:
    catalog.sources.add("s", "folder", {}, {})
    assert catalog.uploads.behind() == []
    catalog.uploads.put(record(), 0)
    assert catalog.uploads.behind() == [SOURCE]
    make_current(catalog, record())
    assert catalog.uploads.behind() == []
    shared = catalog.uploads.set_readers("alice", "a.txt", ["group:hr"])
    assert catalog.uploads.behind() == [SOURCE]
    make_current(catalog, shared)
    assert catalog.uploads.behind() == []
    catalog.uploads.remove("1")
    assert catalog.uploads.behind() == [SOURCE]


def test_one_that_failed_was_taken_up_and_is_not_when_it_was_removed(catalog: Catalog) -> None:
    catalog.uploads.put(record(), 0)
    fail(catalog, record())
    assert catalog.uploads.behind() == []
    catalog.uploads.remove("1")
    assert catalog.uploads.behind() == [SOURCE]


def test_sources_that_are_not_to_be_synced_by_themselves_are_not_told(catalog: Catalog) -> None:
    catalog.uploads.put(record(), 0)
    now = time.time()
    for retry_at, told in ((now + 60, []), (now - 1, [SOURCE]), (None, [])):
        catalog.sources.sync_failed(SOURCE, "the index does not answer", now, retry_at)
        assert catalog.uploads.behind() == told
    catalog.sources.synced(SOURCE, None, now)
    assert catalog.uploads.behind() == [SOURCE]
    catalog.sources.set_state(SOURCE, "paused")
    assert catalog.uploads.behind() == []
