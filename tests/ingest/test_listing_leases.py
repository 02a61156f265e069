"""A listing belongs to its process for a while: who takes over when, and what a late or cancelled one leaves undone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from assistant.catalog import runs
from assistant.errors import SourceBusyError
from assistant.ingest import Limits, leases
from assistant.types import LOCAL_OPERATOR, Access, Change
from tests.fakes.system import System
from tests.workers.cluster import wait_for

ELSEWHERE = "pod-abc/7/12345/dead"


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    system.source.texts = {f"{n:02}": f"text {n}" for n in range(10)}
    yield system
    system.close()


def while_listing(system: System, monkeypatch: pytest.MonkeyPatch, act: Callable[[int], None]) -> None:
    """Let something happen before each change that the source lists, counted from 0."""
    changes = system.source.changes

    def listed(cursor: str | None) -> Iterator[Change]:
        for number, change in enumerate(changes(cursor)):
            act(number)
            yield change

    monkeypatch.setattr(system.source, "changes", listed)


def taken_over(system: System) -> None:
    """Do what another host does once the lease of the run that is listing has ended."""
    (run,) = system.catalog.runs.open("s")
    system.catalog.runs.start("s", "api", ELSEWHERE, [run.id])


def test_a_listing_of_another_host_is_left_to_it_until_its_lease_ends(system: System) -> None:
    lost = system.catalog.runs.start("s", "api", ELSEWHERE, lease_seconds=60)
    with pytest.raises(SourceBusyError, match=lost.id):
        system.ingestor.sync("s", "api")
    system.catalog.runs.cancel(lost.id)  # it lives, and sees that by itself
    with pytest.raises(SourceBusyError, match=lost.id):
        system.ingestor.sync("s", "api")
    assert system.catalog.runs.renew(lost.id, -1)
    assert system.ingestor.sync("s", "api").added == 10
    assert system.catalog.runs.get(lost.id).state == "interrupted"
    assert not system.catalog.runs.renew(lost.id, 60)


def test_a_lease_from_before_a_clock_was_set_back_holds_nobody_up(system: System) -> None:
    system.catalog.runs.start("s", "api", ELSEWHERE, lease_seconds=86400)
    assert system.ingestor.sync("s", "api").added == 10


def test_a_listing_that_takes_longer_than_its_lease_keeps_its_run(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    system.ingestor = system.new_ingestor(limits=Limits(lease_seconds=60))
    clock = SimpleNamespace(now=time.time())  # the machine's own goes on as it likes
    for module in (leases, runs):
        clocks = SimpleNamespace(time=lambda: clock.now, monotonic=lambda: clock.now)
        monkeypatch.setattr(module, "time", clocks)
    monkeypatch.setattr(leases, "_LOOK_SECONDS", 0.01)
    renewed: list[int] = []

    def look(number: int) -> None:
        clock.now += 25
        wait_for(lambda: [run.listed_until for run in system.catalog.runs.open("s")] == [clock.now + 60])
        renewed.append(number)

    while_listing(system, monkeypatch, look)
    assert system.ingestor.sync("s", "api").added == 10
    assert len(renewed) >= 10


def test_who_was_taken_over_writes_nothing(system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    system.source.texts["10"] = "one more"
    while_listing(system, monkeypatch, lambda number: taken_over(system) if number == 10 else None)
    with pytest.raises(SourceBusyError, match="taken over"):
        system.ingestor.begin("s", "api")
    assert system.catalog.jobs.of_source("s") == {}
    source = system.catalog.sources.get("s")
    assert (source.cursor, source.last_sync_at, source.failed_syncs) == (None, None, 0)
    (run,) = system.catalog.runs.open("s")  # the other one's
    assert run.lister == ELSEWHERE


def test_who_was_taken_over_while_it_recorded_the_end_leaves_the_cursor(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = system.catalog.sources.synced

    def late(*args: object) -> None:
        taken_over(system)
        synced(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(system.catalog.sources, "synced", late)
    with pytest.raises(SourceBusyError, match="taken over"):
        system.ingestor.begin("s", "api")
    assert system.catalog.sources.get("s").last_sync_at is None


def test_who_may_have_been_taken_over_gives_no_document_other_readers(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff, board = Access(frozenset({"group:staff"})), Access(frozenset({"group:board"}))
    system.source.access = dict.fromkeys(system.source.texts, staff)
    system.ingestor.sync("s", "cli")
    system.source.access = dict.fromkeys(system.source.texts, board)
    monkeypatch.setattr(leases.ListingLease, "_keep", lambda _: None)  # as where the process was halted
    system.ingestor = system.new_ingestor(limits=Limits(lease_seconds=0.3))
    while_listing(system, monkeypatch, lambda number: time.sleep(0.4) if number == 9 else None)
    with pytest.raises(SourceBusyError, match="could have"):
        system.ingestor.begin("s", "api")
    assert {info.ref.access for info in system.library.documents(LOCAL_OPERATOR)} == {staff}
    assert system.catalog.runs.newest()[0].state == "interrupted"
    assert system.catalog.sources.get("s").failed_syncs == 0


def test_a_cancelled_listing_ends_and_is_not_begun_again_by_itself(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "_LOOK_SECONDS", 0.02)
    system.catalog.sources.set_schedule("s", "every 1h")
    system.catalog.sources.ask("s")

    def act(number: int) -> None:
        if number == 3:
            system.catalog.runs.cancel(system.catalog.runs.newest()[0].id)
            wait_for(lambda: all(thread.name != "renew-listing" for thread in threading.enumerate()))  # it has noticed
        assert number <= 4, "it lists on"

    while_listing(system, monkeypatch, act)
    with pytest.raises(SourceBusyError, match="cancelled"):
        system.ingestor.begin("s", "api")
    run = system.catalog.runs.newest()[0]
    assert (run.state, run.pending) == ("cancelled", 0)
    source = system.catalog.sources.get("s")
    assert (source.asked, source.last_sync_at, source.last_error) == (None, run.started_at, None)
    monkeypatch.undo()
    assert system.ingestor.sync("s", "cli").added == 10
