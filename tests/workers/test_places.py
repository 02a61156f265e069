"""However long the sources of others take to be listed, a thread is left for what a person uploads."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from assistant.app import App
from assistant.errors import SourceBusyError
from assistant.ingest.owners import this_process
from assistant.ingest.uploads import TRIGGER
from assistant.types import Change, Checkpoint
from tests.fakes.system import MemoryConfig, MemorySource
from tests.fakes.uploads import ALICE, UploadSystem
from tests.workers.test_tasks import SentTasks, wait_for
from workers.carrying import CarryingCelery
from workers.celery_app import SYNC
from workers.embedded import _SYNC_THREADS, EmbeddedWorker
from workers.places import ListingPlaces
from workers.tasks import Tasks

LUNCH = b"Lunch is at noon."
SLOW = [f"slow{n}" for n in range(_SYNC_THREADS)]  # as many as there are threads

WORKER = """
import os, sys
from celery.signals import worker_ready
from workers import main

def tell(**_):
    print(f"it has {main._listing_places.threads} threads", flush=True)
    os._exit(0)

worker_ready.connect(tell)
main.app.worker_main(sys.argv[1:])
"""


class SlowSource(MemorySource):
    """Lists until it may end, as a crawl of thousands of pages does."""

    def __init__(self, name: str, began: Counter[str], may_end: threading.Event) -> None:
        super().__init__()
        self._name, self._began, self._may_end = name, began, may_end

    def changes(self, cursor: str | None) -> Iterator[Change]:
        self._began[self._name] += 1
        assert self._may_end.wait(120)
        yield Checkpoint("end")


@pytest.fixture
def system(tmp_path: Path) -> Iterator[UploadSystem]:
    system = UploadSystem(tmp_path)
    yield system
    system.close()


@pytest.fixture
def celery() -> SentTasks:
    return SentTasks()


@pytest.fixture
def tasks(system: UploadSystem, celery: SentTasks) -> Iterator[Tasks]:
    """Of a worker with two threads, one of which lists what takes long."""
    places = ListingPlaces(2)
    tasks = Tasks(cast(Any, celery), lambda: cast(App, system), places)
    with places.taken(waited_for=False) as may_list:
        assert may_list
        yield tasks


def add_slow(system: UploadSystem) -> tuple[Counter[str], dict[str, threading.Event]]:
    """Add the slow sources. Returns how often each began to be listed, and what lets each end."""
    began: Counter[str] = Counter()
    may_end = {name: threading.Event() for name in SLOW}
    for name in SLOW:
        source = SlowSource(name, began, may_end[name])
        system.registry.add_source(name, MemoryConfig, lambda _, source=source: source)
        system.catalog.sources.add(name, name, {}, {})
    return began, may_end


def test_what_is_uploaded_is_indexed_while_every_thread_could_be_at_a_long_listing(system: UploadSystem) -> None:
    began, may_end = add_slow(system)
    worker = EmbeddedWorker(cast(App, system))
    worker.start()
    try:
        for name in SLOW:
            worker.queue.enqueue_sync(name, "schedule")
        wait_for(lambda: len(began) >= _SYNC_THREADS - 1)
        upload = system.uploads.put(ALICE, "lunch.txt", LUNCH)
        worker.queue.enqueue_sync(upload.record.source, TRIGGER)
        wait_for(lambda: system.states() == {"lunch.txt": "indexed"}, 120)
        (held,) = set(SLOW) - set(began)
        may_end[next(iter(began))].set()
        wait_for(lambda: began[held] == 1, 120)
        for event in may_end.values():
            event.set()
        wait_for(lambda: {run.source for run in system.catalog.runs.newest() if run.state == "done"} >= set(SLOW), 120)
        time.sleep(3)  # what was held back twice would come again by now
    finally:
        for event in may_end.values():
            event.set()
        worker.stop()
    assert began == dict.fromkeys(SLOW, 1)


def test_a_message_that_is_sent_again_lives_no_longer(system: UploadSystem, monkeypatch: pytest.MonkeyPatch) -> None:
    began, may_end = add_slow(system)
    lives: list[Any] = []
    send = CarryingCelery.send_task

    def note(self: CarryingCelery, name: str, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        if name == SYNC and args[0] == "s":
            lives.append(options.get("expires"))
        return send(self, name, args, kwargs, **options)

    monkeypatch.setattr(CarryingCelery, "send_task", note)
    worker = EmbeddedWorker(cast(App, system))
    worker.start()
    try:
        for name in SLOW[1:]:
            worker.queue.enqueue_sync(name, "schedule")
        wait_for(lambda: len(began) == _SYNC_THREADS - 1)
        due = {"due": True, "last_sync_at": None}
        worker.celery.send_task(SYNC, args=["s", "schedule"], kwargs=due, expires=60)
        latest = datetime.now(UTC) + timedelta(seconds=61)
        wait_for(lambda: len(lives) >= 3, 120)
    finally:
        for event in may_end.values():
            event.set()
        worker.stop()
    assert lives[0] == 60
    assert lives[1] == lives[2]
    assert datetime.fromisoformat(lives[2]) < latest


def test_without_a_place_a_sync_is_recorded_and_sent_again(
    tasks: Tasks, celery: SentTasks, system: UploadSystem
) -> None:
    tasks.sync_source("s", "reconciler", full=True)
    assert celery.sent == [(SYNC, ["s", "reconciler", True])]
    assert celery.kwargs == [{"asked": True}]
    record = system.catalog.sources.get("s")
    assert record.asked is not None
    assert record.asked_full
    tasks.sync_source("s", "reconciler", full=True, asked=True)
    assert system.catalog.sources.get("s").asked == record.asked
    tasks.sync_source("s", "schedule", due=True, last_sync_at=7.0)
    assert celery.kwargs == [{"asked": True}, {"asked": True}, {"due": True, "last_sync_at": 7.0}]
    assert system.catalog.runs.newest() == []


def test_without_a_place_what_would_not_begin_is_not_held_back(
    tasks: Tasks, celery: SentTasks, system: UploadSystem
) -> None:
    system.catalog.runs.start("s", "api", this_process())
    tasks.sync_source("s", "reconciler")
    tasks.sync_source("removed meanwhile", "schedule")
    assert celery.sent == []
    assert system.catalog.sources.get("s").asked is None
    with pytest.raises(SourceBusyError):
        system.ingestor.runs.check_at_rest("s", "api")


def test_what_a_person_waits_for_needs_no_place(tasks: Tasks, system: UploadSystem) -> None:
    upload = system.uploads.put(ALICE, "lunch.txt", LUNCH)
    tasks.sync_source(upload.record.source, TRIGGER)
    assert [run.trigger for run in system.catalog.runs.newest()] == [TRIGGER]


@pytest.mark.parametrize(("threads", "most"), [(1, 5), (2, 1), (4, 3)])
def test_all_threads_but_one_may_list_and_a_single_one_always(threads: int, most: int) -> None:
    places = ListingPlaces(threads)
    entered = [places.taken(waited_for=False) for _ in range(5)]
    assert [place.__enter__() for place in entered].count(True) == most
    for place in entered:
        place.__exit__(None, None, None)
    with places.taken(waited_for=False) as may_list:
        assert may_list


def test_a_worker_process_knows_its_threads_from_its_command_line(tmp_path: Path) -> None:
    variables = {**os.environ, "ASSISTANT_HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", WORKER, "worker", "-P", "threads", "-c", "4", "-Q", "sync"]
    told = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120, check=False)
    assert "it has 4 threads" in told.stdout, told.stderr


def test_many_that_are_held_back_try_again_one_after_another(monkeypatch: pytest.MonkeyPatch) -> None:
    places, now = ListingPlaces(2), time.monotonic()
    with monkeypatch.context() as frozen:  # what passes while they are asked is no part of their waits
        frozen.setattr("workers.places.time.monotonic", lambda: now)
        waits = [places.next_try() for _ in range(100)]
    assert waits == sorted(waits)
    assert waits[0] >= 1.0
    assert 4.5 < waits[-1] < 7.0
