"""Opening runs: work that failed is done again, a run is cancelled, and what is due is begun once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import EncryptedDocumentError, IngestError, NotFoundError, SourceBusyError, SourceUnreachableError
from assistant.ingest import Limits, Progress, Retries
from assistant.ingest.ingestor import DueSince
from assistant.types import LOCAL_OPERATOR
from tests.fakes.system import System


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    system.source.texts = {f"{n:02}": f"text {n}" for n in range(10)}
    yield system
    system.close()


def keys(system: System) -> list[str]:
    return sorted(info.ref.key for info in system.library.documents(LOCAL_OPERATOR))


def make_due(system: System) -> None:
    """Let the time of all waiting work come."""
    system.ingestor = system.new_ingestor(limits=Limits(batch_documents=4, batch_chunks=3, retries=Retries(1e-6)))


def test_what_failed_for_a_while_is_tried_again_by_itself(system: System) -> None:
    make_due(system)
    system.source.errors = {"03": SourceUnreachableError("03 cannot be reached")}
    system.ingestor.sync("s", "cli")
    (failed,) = system.catalog.jobs.failed("s")
    assert (failed.key, failed.failures) == ("03", 1)
    system.source.errors.clear()
    system.source.fetched.clear()
    (run_id,) = system.ingestor.runs.retry_due()
    system.ingestor.work(run_id)
    run = system.catalog.runs.get(run_id)
    assert (run.state, run.trigger, run.seen, run.added) == ("done", "retry", 1, 1)
    assert system.source.fetched == ["03"]  # and nothing was listed
    assert system.catalog.jobs.failed("s") == []
    assert system.ingestor.runs.retry_due() == []


def test_tries_are_counted_over_runs_and_end(system: System) -> None:
    system.ingestor = system.new_ingestor(limits=Limits(batch_documents=4, retries=Retries(1e-6, most=3)))
    system.source.errors = {"03": SourceUnreachableError("03 cannot be reached")}
    system.ingestor.sync("s", "cli")
    for _ in range(10):
        for run_id in system.ingestor.runs.retry_due():
            system.ingestor.work(run_id)
    (failed,) = system.catalog.jobs.failed()
    assert (failed.failures, failed.not_before) == (4, None)
    system.ingestor.sync("s", "cli")  # a sync tries it again, with its count
    assert system.catalog.jobs.failed()[0].failures == 5
    system.source.texts["03"] = "other"
    system.ingestor.sync("s", "cli")
    assert system.catalog.jobs.failed()[0].failures == 1  # of this content


def test_work_waits_for_its_time(system: System) -> None:
    system.source.errors = {"03": SourceUnreachableError("03 cannot be reached")}
    before = time.time()
    system.ingestor.sync("s", "cli")
    (failed,) = system.catalog.jobs.failed("s")
    assert failed.not_before is not None
    assert before + 30 <= failed.not_before < time.time() + 61
    assert system.ingestor.runs.retry_due() == []


def test_a_paused_source_is_left_alone(system: System) -> None:
    make_due(system)
    system.source.errors = {"03": SourceUnreachableError("03 cannot be reached")}
    system.ingestor.sync("s", "cli")
    system.catalog.sources.set_state("s", "paused")
    assert system.ingestor.runs.retry_due() == []


def test_a_person_retries_what_would_not_be_tried(system: System) -> None:
    system.source.errors = {
        "03": EncryptedDocumentError("03: encrypted"),
        "04": EncryptedDocumentError("04: encrypted"),
    }
    system.ingestor.sync("s", "cli")
    system.source.errors.clear()
    run_id = system.ingestor.runs.retry("s", ["03"], "api")
    system.ingestor.work(run_id)
    assert "03" in keys(system)
    assert [job.key for job in system.catalog.jobs.failed("s")] == ["04"]
    system.ingestor.work(system.ingestor.runs.retry("s"))
    assert len(keys(system)) == 10


def test_there_must_be_something_to_retry(system: System) -> None:
    with pytest.raises(NotFoundError, match="nothing that was named has failed in the source 's'"):
        system.ingestor.runs.retry("s", ["03"])
    with pytest.raises(NotFoundError, match="no source"):
        system.ingestor.runs.retry("t")
    assert system.catalog.runs.newest() == []  # and no run is left open


def test_what_is_ignored_is_not_counted_until_it_changes(system: System) -> None:
    system.source.errors = {"03": SourceUnreachableError("03 cannot be reached")}
    system.ingestor.sync("s", "cli")
    assert system.catalog.jobs.ignore("s", ["03", "no such"]) == 1
    make_due(system)
    assert system.ingestor.runs.retry_due() == []
    report = system.ingestor.sync("s", "cli")
    assert (report.failed, report.unchanged) == (0, 10)
    system.source.texts["03"] = "other"
    assert system.ingestor.sync("s", "cli").failed == 1


def test_a_cancelled_run_ends_and_the_next_sync_does_the_rest(system: System) -> None:
    def cancel(progress: Progress) -> None:
        if progress.done == 3:
            system.catalog.runs.cancel(system.catalog.runs.newest()[0].id)

    with pytest.raises(IngestError, match="cancelled"):
        system.ingestor.sync("s", "cli", cancel)
    run = system.catalog.runs.newest()[0]
    assert (run.state, run.cancelled) == ("cancelled", True)
    assert 3 <= run.added < 10
    assert run.pending == 10 - run.added
    report = system.ingestor.sync("s", "cli")
    assert report.added == 10 - run.added
    assert len(keys(system)) == 10


def test_a_listing_of_a_host_that_is_gone_ends_where_somebody_says_so(system: System) -> None:
    lost = system.catalog.runs.start("s", "api", "pod-abc/7/12345/dead")
    with pytest.raises(SourceBusyError, match=lost.id) as caught:
        system.ingestor.sync("s", "api")
    assert f"assistant runs cancel {lost.id}" in caught.value.hint
    system.catalog.runs.cancel(lost.id)
    assert system.ingestor.sync("s", "api").added == 10
    assert system.catalog.runs.get(lost.id).state != "running"


def test_cancelling_a_run_that_ended_changes_nothing(system: System) -> None:
    system.ingestor.sync("s", "cli")
    run = system.catalog.runs.newest()[0]
    system.catalog.runs.cancel(run.id)
    assert system.catalog.runs.get(run.id) == run


def test_a_removal_that_is_cancelled_is_not_forgotten(system: System) -> None:
    system.ingestor.sync("s", "cli")
    system.catalog.runs.is_cancelled = lambda _: True  # type: ignore[method-assign]
    with pytest.raises((SourceBusyError, IngestError)):
        cancelled_removal(system)
    del system.catalog.runs.is_cancelled  # type: ignore[method-assign]
    assert system.catalog.sources.find("s") is not None
    system.ingestor.remove("s")
    assert system.index.versions() == {}


def cancelled_removal(system: System) -> None:
    finish = system.catalog.runs.finish_if_complete

    def cancelling(run_id: str) -> bool:
        system.catalog.runs.cancel(run_id)
        return finish(run_id)

    system.catalog.runs.finish_if_complete = cancelling  # type: ignore[method-assign]
    try:
        system.ingestor.remove("s")
    finally:
        del system.catalog.runs.finish_if_complete  # type: ignore[method-assign]


def test_what_was_found_due_is_begun_once(system: System) -> None:
    run_id = system.ingestor.begin("s", "schedule", due=DueSince(None))
    system.ingestor.work(run_id)
    with pytest.raises(SourceBusyError, match="meanwhile"):
        system.ingestor.begin("s", "schedule", due=DueSince(None))
    assert len(system.catalog.runs.newest()) == 1
    seen = system.catalog.sources.get("s").last_sync_at
    system.ingestor.work(system.ingestor.begin("s", "schedule", due=DueSince(seen)))
    assert len(system.catalog.runs.newest()) == 2


def test_a_full_sync_fetches_everything_and_writes_what_changed(system: System) -> None:
    system.ingestor.sync("s", "cli")
    system.source.fetched.clear()
    assert system.ingestor.sync("s", "cli").unchanged == 10
    assert system.source.fetched == []
    report = system.ingestor.sync("s", "cli", full=True)
    assert sorted(system.source.fetched) == sorted(system.source.texts)
    assert (report.unchanged, report.added, report.updated) == (10, 0, 0)


def test_a_source_that_fails_is_tried_again_later_and_later(system: System) -> None:
    system.source.listing_error = SourceUnreachableError("the server does not answer")
    for count in (1, 2):
        before = time.time()
        with pytest.raises(SourceUnreachableError):
            system.ingestor.sync("s", "cli")
        source = system.catalog.sources.get("s")
        assert source.failed_syncs == count
        assert source.retry_at is not None
        assert source.retry_at - before >= 30 * count
    system.source.listing_error = None
    system.ingestor.sync("s", "cli")
    source = system.catalog.sources.get("s")
    assert (source.failed_syncs, source.retry_at, source.last_error) == (0, None, None)


def test_a_run_says_what_it_cost(system: System) -> None:
    system.ingestor.sync("s", "cli")
    run = system.catalog.runs.newest()[0]
    assert run.bytes == sum(map(len, system.source.texts.values()))
    assert set(run.phases) == {"list", "fetch", "parse", "embed", "write"}
    assert (run.finished, run.pending) == (10, 0)


def test_the_time_that_is_left_follows_from_the_pace(system: System) -> None:
    left: list[float | None] = []

    def look(_: Progress) -> None:
        run = system.catalog.runs.newest()[0]
        left.append(run.seconds_left(run.started_at + run.phases["list"] + run.finished))

    system.ingestor.sync("s", "cli", look)
    told = [seconds for seconds in left if seconds is not None]
    assert left[0] is None  # so few documents tell too little of so many
    assert told[0] <= 5  # one second each: half of them at most
    assert left[-1] is None


def test_records_of_old_runs_go_but_the_newest_stays(system: System) -> None:
    for _ in range(3):
        system.ingestor.sync("s", "cli")
    runs = system.catalog.runs
    assert runs.prune(time.time() - 3600) == 0
    assert runs.prune(time.time() + 3600) == 2
    assert len(runs.newest()) == 1


def test_a_sync_that_was_not_to_be_leaves_the_work_of_the_one_before(system: System) -> None:
    """What the schedule found due is asked for again while the first sync's documents wait for a worker."""
    due = DueSince(None)
    first = system.ingestor.begin("s", "api")
    with pytest.raises(SourceBusyError, match="was synced or removed meanwhile"):
        system.ingestor.begin("s", "schedule", due=due)
    assert [run.id for run in system.catalog.runs.newest("s")] == [first]
    assert system.catalog.runs.get(first).state == "running"
    system.ingestor.work(first)
    assert (system.catalog.runs.get(first).state, len(keys(system))) == ("done", 10)


def test_a_sync_takes_over_what_waits_in_one_step(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    first = system.ingestor.begin("s", "api")
    with monkeypatch.context() as patch:
        patch.setattr("assistant.catalog.runs._record", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            system.ingestor.begin("s", "api")
    assert system.catalog.runs.get(first).state == "running"
    second = system.ingestor.begin("s", "api")
    taken = system.catalog.runs.get(first)
    assert (taken.state, taken.error) == ("interrupted", "taken over by a later run")
    system.ingestor.work(second)
    assert len(keys(system)) == 10
