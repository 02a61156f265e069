"""Faults of the host, by both ways of ingesting: a full disk, a locked database, a clock that is set."""

from __future__ import annotations

import itertools
import os
import pickle
import shutil
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery.beat import Scheduler
from sqlalchemy import event

from assistant.errors import (
    SourceUnreachableError,
    StorageError,
    StorageFullError,
)
from assistant.ingest import Limits, owed
from assistant.types import LOCAL_OPERATOR, RawDocument
from tests.fakes.faults import Broker, again, assert_is_clean, ingest, newest, texts
from tests.fakes.system import System
from workers import steady
from workers.celery_app import make_celery

ELSEWHERE = "another-host/1/1/gone/worker"  # of which nobody here can tell whether it lives
HOUR, DAY = 3600.0, 86400.0


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    system.source.texts = texts()
    yield system
    system.close()


@pytest.fixture(params=["one process", "stages"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# The disk


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    done = subprocess.run(mount, check=False, capture_output=True)
    if done.returncode != 0:
        pytest.skip(f"no disk can be mounted here: {done.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(ballast: Path, *, leave: int) -> None:
    """Take what is free on the disk but `leave` bytes."""
    free = shutil.disk_usage(ballast.parent).free
    ballast.write_bytes(bytes(max(0, free - leave)))


def test_a_disk_that_is_full_is_said_and_nothing_is_lost(tmp_path: Path, way: str) -> None:
    with small_disk(tmp_path / "disk", "24m") as disk:
        system = System(disk)
        try:
            system.ingestor = system.new_ingestor(limits=Limits(batch_documents=4, batch_chunks=3, lease_seconds=0.6))
            system.source.texts = texts(4)
            ingest(system, way)
            dice = os.urandom(30_000).hex()
            system.source.texts |= {f"{n:02}": f"text {n} {dice[n:]}" for n in range(40)}
            fill(disk / "ballast", leave=1_500_000)
            errors = ingest(system, way)
            assert isinstance(errors[0], StorageFullError)
            assert "free some space" in str(errors[0])
            assert len(system.library.documents(LOCAL_OPERATOR)) >= 4  # what is there is still read
            (disk / "ballast").unlink()
            time.sleep(0.7)  # what could not be given back is free when its leases end
            again(system, way)
            assert_is_clean(system)
        finally:
            system.close()


def test_a_disk_that_is_full_from_the_start_does_not_block_the_source(tmp_path: Path, way: str) -> None:
    with small_disk(tmp_path / "disk", "16m") as disk:
        system = System(disk)
        try:
            system.source.texts = {f"{n:05}": "not all of it" for n in range(600)}
            fill(disk / "ballast", leave=100_000)
            errors = ingest(system, way)
            assert isinstance(errors[0], StorageFullError)
            (disk / "ballast").unlink()
            system.source.texts = texts(20)
            ingest(system, way)
            assert newest(system).state == "done"
            assert_is_clean(system)
        finally:
            system.close()


def test_a_run_shows_that_the_disk_is_full_and_goes_on_by_itself(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = system.blobs.put

    def full(key: str, data: bytes) -> None:
        if key.startswith("prepared"):
            raise StorageFullError("the disk is full: /data cannot be written", "free some space")
        put(key, data)

    with monkeypatch.context() as patch:
        patch.setattr(type(system.blobs), "put", lambda _, key, data: full(key, data))
        ingest(system, "stages")
        run = newest(system)
        assert run.state == "running"
        assert run.error == "parse waits: the disk is full: /data cannot be written (free some space)"
        Broker(system).look()
        assert newest(system).pending == 12
    again(system, "stages")
    run = newest(system)
    assert (run.state, run.error, run.added, run.failed) == ("done", None, 12, 0)
    assert_is_clean(system)


# The database


@contextmanager
def locked(system: System, busy_ms: int = 100) -> Iterator[None]:
    """Hold the catalog's write lock in another connection for longer than anyone waits."""

    def impatient(connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA busy_timeout={busy_ms}")

    engine = system.catalog.database.engine
    event.listen(engine, "checkout", impatient)
    other = sqlite3.connect(system.folder / "catalog.sqlite3", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()
        event.remove(engine, "checkout", impatient)


def test_a_locked_database_before_the_sync_is_said(system: System, way: str) -> None:
    with locked(system):
        (error,) = ingest(system, way)[:1]
        assert isinstance(error, StorageError)
        assert "locked" in str(error)
        assert "try again" in str(error)
    assert system.catalog.runs.newest() == []
    ingest(system, way)
    assert_is_clean(system)


def lock_at(system: System, patch: pytest.MonkeyPatch, stack: list[Any], where: Any, name: str, at: int) -> None:
    """Lock the catalog when a method is called for the `at`-th time."""
    method, calls = getattr(where, name), itertools.count(1)

    def locking(*args: Any) -> Any:
        if next(calls) == at:
            lock = locked(system)
            lock.__enter__()
            stack.append(lock)
        return method(*args)

    patch.setattr(where, name, locking)


@pytest.mark.parametrize("call", ["changes", "fetch", "write"])
def test_a_database_that_is_locked_in_the_middle_loses_nothing(
    system: System, way: str, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # on a slow machine the run would be closed by what is owed, and not be found by the look for what is unfinished
    monkeypatch.setattr(owed, "_TRIES_EVERY", 60.0)
    system.ingestor = system.new_ingestor(limits=Limits(batch_documents=4, batch_chunks=3, lease_seconds=0.6))
    where = system.index if call == "write" else system.source
    locks: list[Any] = []
    with monkeypatch.context() as patch:
        lock_at(system, patch, locks, where, call, 1 if call == "changes" else 3)
        errors = ingest(system, way)
        for lock in locks:
            lock.__exit__(None, None, None)
    assert locks
    assert any("locked" in str(error) for error in errors)
    time.sleep(0.7)  # what could not be given back while the lock was held is free when its leases end
    again(system, way)
    assert newest(system).state == "done"
    assert_is_clean(system)


# The clock


class Clock:
    """The host's clock, which can be set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._shift = 0.0
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + self._shift)

    def set(self, seconds: float) -> None:
        """Set it back or forward by so much."""
        self._shift += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.mark.parametrize("by", [-HOUR, DAY])
def test_the_clock_is_set_in_the_middle_of_a_sync(
    system: System, way: str, by: float, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch, fetched = system.source.fetch, itertools.count(1)

    def setting(key: str) -> RawDocument:
        if next(fetched) == 5:
            clock.set(by)
        return fetch(key)

    monkeypatch.setattr(system.source, "fetch", setting)
    assert ingest(system, way) == []
    assert (newest(system).state, newest(system).added) == ("done", 12)
    assert len(system.source.fetched) == 12
    assert_is_clean(system)


def test_what_a_worker_elsewhere_left_does_not_wait_for_the_clock_to_catch_up(system: System, clock: Clock) -> None:
    system.ingestor.begin("s", "api")
    assert len(system.catalog.stages.claim("parse", ELSEWHERE, 99, 300)) == 12
    clock.set(-HOUR)
    broker = Broker(system)
    broker.look()
    assert newest(system).pending == 12  # it may still be at work
    clock.set(301)
    broker.look()
    assert newest(system).state == "done"
    assert_is_clean(system)


def test_leases_that_seem_over_are_renewed_and_no_document_is_done_twice(system: System, clock: Clock) -> None:
    run_id = system.ingestor.begin("s", "api")
    worker = "this-host/worker"
    jobs = system.catalog.stages.claim("parse", worker, 99, 300)
    clock.set(DAY)
    system.catalog.jobs.renew(worker, 300)
    assert system.catalog.stages.claim("parse", "another", 99, 300) == []
    assert len(jobs) == 12
    system.catalog.jobs.release(worker)
    Broker(system).look()
    assert system.catalog.runs.get(run_id).added == 12


def test_a_limited_source_does_not_wait_for_the_clock_to_catch_up(system: System, clock: Clock) -> None:
    system.catalog.sources.set_limits("s", None, 60)
    system.ingestor.begin("s", "api")
    stages = system.catalog.stages

    def taken() -> int:
        return len(stages.claim("parse", "me", 99, 300))

    assert (taken(), taken()) == (2, 0)
    clock.set(-HOUR)
    assert (taken(), taken()) == (2, 0)
    clock.set(DAY)
    assert taken() <= 2 + 2  # with what seems left by a worker that is gone; not all at once


def test_what_failed_is_tried_again_at_once_where_the_clock_was_set_back(system: System, clock: Clock) -> None:
    system.source.errors["03"] = SourceUnreachableError("away", "wait")
    ingest(system, "stages")
    broker = Broker(system)
    broker.look()
    assert [run.trigger for run in system.catalog.runs.newest("s")] == ["api"]
    clock.set(-HOUR)
    broker.look()
    broker.look()
    assert sorted(run.trigger for run in system.catalog.runs.newest("s")) == ["api", "retry"]  # once
    system.source.errors.clear()
    clock.set(DAY)
    broker.look()
    assert_is_clean(system)


@pytest.mark.parametrize("by", [-HOUR, DAY])
def test_schedules_go_on_and_do_not_fire_in_masses(system: System, by: float, clock: Clock) -> None:
    system.catalog.sources.set_schedule("s", "every 15m")
    broker = Broker(system)
    broker.look()
    clock.set(by)
    for _ in range(3):
        broker.look()
    assert len(system.catalog.runs.newest("s")) == 2
    clock.set(900)
    broker.look()
    assert len(system.catalog.runs.newest("s")) == 3


def test_beat_goes_on_when_the_clock_is_set(monkeypatch: pytest.MonkeyPatch, system: System) -> None:
    celery = make_celery(system.settings)
    sent: list[str] = []
    beat = Scheduler(celery, max_interval=1)
    monkeypatch.setattr(beat, "apply_async", lambda entry, **_: sent.append(entry.name))
    begun, steps = time.monotonic(), itertools.count()
    monkeypatch.setattr(steady.time, "monotonic", lambda: begun + next(steps) / 100)
    monkeypatch.setattr(celery, "now", lambda: datetime.now(UTC) - timedelta(hours=1))  # as if it was set back
    while next(steps) < 6200:
        beat.tick()
    assert Counter(sent)["due"] in range(11, 14)
    assert Counter(sent)["reconcile"] == 2
    later = datetime.now(UTC) + timedelta(hours=1)  # that a beat noted before the clock was set back
    assert steady.Every(30.0).is_due(later).is_due
    assert pickle.loads(pickle.dumps(steady.Every(30.0))).run_every == timedelta(seconds=30)  # noqa: S301 - beat's file
