"""What the catalog does not take while it is away is written as soon as it answers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import AssistantError, CatalogUnavailableError, SourceUnreachableError
from assistant.ingest import Limits
from assistant.ingest.owed import Owed
from tests.fakes.faults import assert_is_clean, ingest, newest, texts
from tests.fakes.system import System


class Away:
    """A write that fails some times."""

    def __init__(self, times: int) -> None:
        self.left = times
        self.done = 0

    def __call__(self) -> None:
        if self.left:
            self.left -= 1
            raise CatalogUnavailableError("it does not answer", "wait")
        self.done += 1


def wait_until(holds: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


Payers = Callable[[], list[threading.Thread]]


@pytest.fixture
def payers() -> Payers:
    """Lists the threads of this test; one of another test may come to its end only now."""
    others = set(threading.enumerate())
    return lambda: [thread for thread in threading.enumerate() if thread.name == "owed" and thread not in others]


@pytest.fixture
def stopping() -> Iterator[threading.Event]:
    stopping = threading.Event()
    yield stopping
    stopping.set()


def test_what_is_taken_is_written_once_and_at_once(stopping: threading.Event, payers: Payers) -> None:
    write = Away(0)
    Owed(stopping).pay("it", write)
    assert (write.done, payers()) == (1, [])


def test_what_is_not_taken_is_written_later_and_once(stopping: threading.Event, payers: Payers) -> None:
    owed, write, other = Owed(stopping), Away(2), Away(1)
    owed.pay("it", write)
    owed.pay("another", other)
    assert (write.done, other.done) == (0, 0)
    wait_until(lambda: write.done == other.done == 1)
    wait_until(lambda: not payers())  # nothing is owed any more
    assert (write.done, other.done) == (1, 1)


def test_of_one_name_the_last_is_owed(stopping: threading.Event) -> None:
    owed, first, last = Owed(stopping), Away(1), Away(1)
    owed.pay("it", first)
    owed.pay("it", last)
    wait_until(lambda: last.done == 1)
    assert first.done == 0


def test_a_process_that_stops_does_not_wait_for_the_catalog(stopping: threading.Event, payers: Payers) -> None:
    owed, write = Owed(stopping), Away(1_000_000)
    owed.pay("it", write)
    stopping.set()
    wait_until(lambda: not payers())
    assert write.done == 0


class Outage:
    """A catalog of which a method fails while it lasts."""

    def __init__(self, patch: pytest.MonkeyPatch, where: Any, *names: str) -> None:
        self.lasts = False
        for name in names:
            patch.setattr(where, name, self._failing(getattr(where, name)))

    def _failing(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if self.lasts:
                raise CatalogUnavailableError("it does not answer", "wait")
            return method(*args, **kwargs)

        return call


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    system.source.texts = texts()
    system.ingestor = system.new_ingestor(limits=Limits(batch_documents=4, batch_chunks=3, lease_seconds=3600))
    yield system
    system.ingestor.stop()
    system.close()


def test_claimed_work_is_free_for_other_processes_soon_after_the_catalog_was_away(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage = Outage(monkeypatch, system.catalog.jobs, "release")

    def away(*_: Any) -> None:
        outage.lasts = True
        raise CatalogUnavailableError("it does not answer", "wait")

    monkeypatch.setattr(system.catalog.stages, "hand_over", away)
    run = system.ingestor.begin("s", "api")
    with pytest.raises(CatalogUnavailableError):
        system.ingestor.stages.parse()
    assert system.catalog.jobs.lease_owners()  # for an hour, so would others think
    monkeypatch.undo()
    wait_until(lambda: not system.catalog.jobs.lease_owners())
    assert ingest(system, "stages") == []
    assert system.catalog.runs.get(run).state in {"done", "interrupted"}
    assert_is_clean(system)


def test_a_listing_that_failed_while_the_catalog_was_away_ends_its_run_for_other_processes(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage = Outage(monkeypatch, system.catalog.runs, "finish")
    outage.lasts = True
    system.source.listing_error = SourceUnreachableError("the source cannot be reached", "wait")
    with pytest.raises(AssistantError, match="cannot be reached"):
        system.ingestor.begin("s", "api")
    assert newest(system).state == "running"
    outage.lasts = False
    wait_until(lambda: newest(system).state == "failed")
