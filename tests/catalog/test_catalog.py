"""The catalog, the same on SQLite and Postgres."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace

import pytest

from assistant.catalog import Catalog
from assistant.catalog.documents import NewVersion
from assistant.catalog.jobs import JobOutcome, NewJob
from assistant.errors import ConfigurationError, NotFoundError, SourceBusyError
from assistant.types import LOCAL_OPERATOR, Access, DocumentInfo, DocumentRef, Failure, User

PUBLIC = Access()


def version(key: str, access: Access = PUBLIC, text: str = "v1") -> NewVersion:
    ref = DocumentRef("s", key, text, f"Title of {key}", f"file:///{key}", "text/plain", access)
    return NewVersion(DocumentInfo(ref, pages=0, chunks=2, characters=10, tokens=3), "mark", "pipe", False)


@pytest.fixture
def source(catalog: Catalog) -> Catalog:
    catalog.sources.add("s", "folder", {"path": "/x"}, {"default": ["everyone"]}, "every 1h")
    return catalog


def test_sources(source: Catalog) -> None:
    record = source.sources.get("s")
    assert (record.kind, record.config, record.schedule, record.state) == (
        "folder",
        {"path": "/x"},
        "every 1h",
        "active",
    )
    source.sources.set_state("s", "paused")
    source.sources.set_readers("s", {"default": ["hr"]})
    source.sources.set_schedule("s", None)
    source.sources.synced("s", "cursor", 5.0)
    source.sources.sync_failed("s", "broken", 6.0, None)
    record = source.sources.get("s")
    assert (record.state, record.readers, record.schedule) == ("paused", {"default": ["hr"]}, None)
    assert (record.cursor, record.last_error, record.last_sync_at) == ("cursor", "broken", 6.0)
    source.sources.remove("s")
    assert source.sources.all() == []
    for missing in (source.sources.get, source.sources.remove):
        with pytest.raises(NotFoundError, match="'s'"):
            missing("s")
    with pytest.raises(NotFoundError):
        source.sources.set_schedule("s", None)


def test_a_source_needs_a_name_of_its_own_that_can_be_written(source: Catalog) -> None:
    for name in ("s", "", " ", "..", "a/b", "line\nbreak", "x" * 201, "\udcff"):
        with pytest.raises(ConfigurationError, match="source"):
            source.sources.add(name, "folder", {}, {})
    assert [record.name for record in source.sources.all()] == ["s"]


def test_a_version_becomes_current_and_is_replaced(source: Catalog) -> None:
    source.documents.make_current([version("a"), version("b")])
    source.documents.make_current([version("a", Access(frozenset({"group:hr"}), frozenset({"user:1"})), "v2")])
    infos = {info.ref.key: info for info in source.documents.page(LOCAL_OPERATOR)}
    assert infos["a"].ref.version == "v2"
    assert infos["a"].ref.access == Access(frozenset({"group:hr"}), frozenset({"user:1"}))
    assert infos["b"] == version("b").info
    assert source.documents.count(LOCAL_OPERATOR) == (2, 4)
    assert source.documents.forget([infos["a"].ref.id, "no-such-id"]) == {infos["a"].ref.id: infos["a"].ref.id}
    assert [info.ref.key for info in source.documents.page(LOCAL_OPERATOR)] == ["b"]


def test_deny_wins_over_allow(source: Catalog) -> None:
    access = Access(frozenset({"group:everyone", "user:2"}), frozenset({"group:guests"}))
    source.documents.make_current([version("a", access)])
    for user, reads in (
        (User("1", frozenset({"everyone"})), True),
        (User("2"), True),
        (User("2", frozenset({"guests"})), False),
        (User("3", frozenset({"everyone", "guests"})), False),
        (User("3"), False),
        (User("everyone"), False),
        (User("4", frozenset({"user:2"})), False),
        (User("5", frozenset({"everyone"}), role="admin"), True),
        (User("5", role="admin"), False),
    ):
        assert (source.documents.count(user)[0] == 1) is reads, user


def test_many_ids_at_once(source: Catalog) -> None:
    versions = [version(f"{n:04}") for n in range(1200)]
    source.documents.make_current(versions)
    ids = [new.info.ref.id for new in versions]
    assert len(source.documents.readable([*ids, *ids, "unknown"], LOCAL_OPERATOR)) == 1200
    known = source.documents.known("s", ["0001", "0002", "nowhere"])
    assert sorted(known) == ["0001", "0002"]
    assert len(source.documents.known("s", [new.info.ref.key for new in versions])) == 1200
    assert known["0001"].mark == "mark"


def test_jobs_are_claimed_once_by_many_workers(source: Catalog) -> None:
    run = source.runs.start("s", "cli", "lister")
    source.jobs.record("s", run.id, [NewJob(f"{n:03}", "ingest") for n in range(200)])
    claimed: list[str] = []
    lock = threading.Lock()

    def work(owner: str) -> None:
        while jobs := source.jobs.claim(run.id, owner, 7, 60):
            with lock:
                claimed.extend(job.key for job in jobs)
            source.jobs.finish([JobOutcome(job, "added", 3) for job in jobs])

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(claimed) == Counter({f"{n:03}": 1 for n in range(200)})
    record = source.runs.get(run.id)
    assert (record.added, record.chunks, record.pending) == (200, 600, 0)
    assert not source.runs.finish_if_complete(run.id)
    source.runs.listed(run.id)
    assert source.runs.finish_if_complete(run.id)
    assert source.runs.get(run.id).state == "done"


def test_a_lease_that_ran_out_is_taken_over_and_its_late_end_changes_nothing(source: Catalog) -> None:
    run = source.runs.start("s", "cli", "lister")
    source.jobs.record("s", run.id, [NewJob("a", "ingest")])
    (late,) = source.jobs.claim(run.id, "slow", 5, lease_seconds=-1)
    assert source.jobs.runs_with_free_jobs() == [run.id]
    (job,) = source.jobs.claim(run.id, "quick", 5, 60)
    assert job.attempts == 2
    assert source.jobs.claim(run.id, "third", 5, 60) == []
    source.jobs.finish([JobOutcome(job, "added", 1)])
    source.jobs.finish([JobOutcome(late, "added", 1)])
    assert source.runs.get(run.id).added == 1


def test_a_failure_is_counted_once_though_two_workers_had_the_job(source: Catalog) -> None:
    run = source.runs.start("s", "cli", "lister")
    source.jobs.record("s", run.id, [NewJob("a", "ingest"), NewJob("b", "ingest")])
    late = source.jobs.claim(run.id, "slow", 5, lease_seconds=-1)
    jobs = source.jobs.claim(run.id, "quick", 5, 60)
    failures = [Failure(job.key, "why", retryable=False) for job in jobs]
    source.jobs.finish([JobOutcome(late[0], "failed", 0, failures[0])])
    source.jobs.finish([JobOutcome(job, "failed", 0, why) for job, why in zip(jobs, failures, strict=True)])
    source.jobs.finish([JobOutcome(late[1], "failed", 0, failures[1])])
    assert source.runs.get(run.id).failed == 2
    assert source.runs.failures(run.id) == failures


def test_a_lease_can_be_renewed(source: Catalog) -> None:
    run = source.runs.start("s", "cli", "lister")
    source.jobs.record("s", run.id, [NewJob("a", "ingest")])
    source.jobs.claim(run.id, "slow", 5, lease_seconds=-1)
    source.jobs.renew("slow", 60)
    assert source.jobs.claim(run.id, "quick", 5, 60) == []


def test_a_job_recorded_anew_is_not_ended_by_the_old_one(source: Catalog) -> None:
    run = source.runs.start("s", "cli", "lister")
    source.jobs.record("s", run.id, [NewJob("a", "ingest")])
    (old,) = source.jobs.claim(run.id, "w", 5, 60)
    source.jobs.record("s", run.id, [NewJob("a", "ingest", "newer")])
    source.jobs.finish([JobOutcome(old, "added", 1)])
    assert source.jobs.of_source("s")["a"].mark == "newer"


def test_failures_stay_with_the_job_and_the_run(source: Catalog) -> None:
    run = source.runs.start("s", "cli", "lister")
    source.jobs.record("s", run.id, [NewJob("a", "ingest", "m")])
    (job,) = source.jobs.claim(run.id, "w", 5, 60)
    failure = Failure("a", "a is empty", retryable=False, code="EmptyDocumentError")
    source.jobs.finish([JobOutcome(job, "failed", 0, failure, "pipe")])
    assert source.runs.failures(run.id) == [failure]
    kept = source.jobs.of_source("s")["a"]
    assert (kept.failure, kept.mark, kept.pipeline) == (failure, "m", "pipe")
    assert source.runs.get(run.id).pending == 0


def test_released_jobs_are_free_again(source: Catalog) -> None:
    run = source.runs.start("s", "cli", "lister")
    source.jobs.record("s", run.id, [NewJob("a", "ingest"), NewJob("b", "delete")])
    source.jobs.claim(run.id, "w1", 1, 60)
    source.jobs.claim(run.id, "w2", 1, 60)
    assert source.jobs.lease_owners() == {"w1", "w2"}
    source.jobs.release("w1")
    assert [job.key for job in source.jobs.claim(run.id, "w3", 5, 60)] == ["a"]


def test_one_open_run_a_source(source: Catalog) -> None:
    run = source.runs.start("s", "cli", "lister")
    with pytest.raises(SourceBusyError, match="being synced"):
        source.runs.start("s", "schedule", "other")
    (open_run,) = source.runs.open("s")
    assert (open_run.id, open_run.lister, open_run.leases) == (run.id, "lister", {})
    source.runs.finish(run.id, "failed", "why")
    source.runs.finish(run.id, "done")
    again = source.runs.start("s", "schedule", "other")
    assert [record.id for record in source.runs.newest()] == [again.id, run.id]
    closed = source.runs.get(run.id)
    assert (closed.state, closed.error) == ("failed", "why")


def test_removing_a_source_takes_its_documents_and_jobs(source: Catalog) -> None:
    source.documents.make_current([version("a")])
    run = source.runs.start("s", "cli", "lister")
    source.jobs.record("s", run.id, [NewJob("b", "ingest")])
    source.sources.remove("s")
    assert source.documents.current_versions() == {}
    assert source.jobs.count("queued") == 0


def test_text_that_databases_stumble_over(source: Catalog) -> None:
    key = "ü/☃/'; DROP TABLE documents; --/\U0001f600.txt"
    new = version(key)
    source.documents.make_current([replace(new, info=replace(new.info, ref=replace(new.info.ref, key=key)))])
    assert [info.ref.key for info in source.documents.page(LOCAL_OPERATOR)] == [key]


def test_a_moved_document_takes_the_place_of_the_one_it_was(source: Catalog) -> None:
    run = source.runs.start("s", "cli", "lister")
    old, new = version("old"), version("new")
    origin = old.info.ref.id
    source.documents.make_current([replace(old, members=(("old!/m", "d"),), run_id=run.id, content="c")])
    member = replace(version("old!/m"), parent=origin, members=(("old!/m!/n", "d"),), run_id=run.id)
    source.documents.make_current([member])
    source.documents.make_current([replace(version("old!/m!/n"), parent=member.info.ref.id)])
    assert source.documents.known("s")["old"].content == "c"
    moved = replace(new, origin=origin, is_moved=True, run_id=run.id)
    for _ in range(2):  # done again, it leaves the work on the members as it is
        assert source.documents.make_current([moved]).keys() == {new.info.ref.id}
        assert list(source.documents.known("s")) == ["new"]
        jobs = source.jobs.of_source("s")
        assert {(key, job.action, job.parent) for key, job in jobs.items()} == {
            ("old!/m", "delete", origin),
            ("old!/m!/n", "delete", origin),
        }


def test_a_job_keeps_the_key_before_and_its_end_counts_what_it_replaced(source: Catalog) -> None:
    run = source.runs.start("s", "cli", "lister")
    source.jobs.record("s", run.id, [NewJob("new", "ingest", "m", origin="old")])
    (job,) = source.jobs.claim(run.id, "w", 5, 60)
    assert job.origin == "old"
    unreachable = Failure("new", "no answer", retryable=True, code="SourceUnreachableError")
    source.jobs.finish([JobOutcome(job, "failed", 0, unreachable)])
    assert source.jobs.requeue("s", run.id, None) == 1
    (job,) = source.jobs.claim(run.id, "w", 5, 60)
    assert job.origin == "old"
    source.jobs.finish([JobOutcome(job, "moved", 3, replaced=2)])
    ended = source.runs.get(run.id)
    assert (ended.moved, ended.deleted, ended.added, ended.chunks, ended.finished) == (1, 2, 0, 3, 2)
