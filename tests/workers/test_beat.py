"""Beats beside each other: real processes on Postgres and Valkey, of which one sends; and a scheduler by itself."""

from __future__ import annotations

import logging
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.settings import load_settings
from tests.fakes.databases import new_database
from tests.fakes.processes import end
from tests.workers.brokers import Valkey
from tests.workers.cluster import CELERY, WAIT, wait_for
from workers.beat import ElectedScheduler
from workers.celery_app import make_celery
from workers.steady import Every


class Candidate:
    """Stands in for the election: leads when the test says so."""

    def __init__(self, _: str) -> None:
        self.is_leader = False
        self.has_resigned = False

    def leads(self) -> bool:
        return self.is_leader

    def resign(self) -> None:
        self.has_resigned = True


class Beat(ElectedScheduler):
    """One whose messages go nowhere, and are kept."""

    def __init__(self, *args: Any, **named: Any) -> None:
        self.sent: list[str] = []
        super().__init__(*args, **named)
        assert isinstance(self._election, Candidate)
        self.candidate: Candidate = self._election

    def apply_async(self, entry: Any, *_: Any, **__: Any) -> None:
        self.sent.append(entry.name)

    def tick_through(self, ticks: int = 20) -> None:
        for _ in range(ticks):
            self.tick()


@pytest.fixture
def beat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Beat]:
    monkeypatch.setattr("workers.beat.Election", Candidate)
    made = Beat(app=make_celery(load_settings()), schedule_filename=str(tmp_path / "beat"), max_interval=60)
    yield made
    made.close()


def let_all_be_due(beat: Beat, monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.monotonic()
    monkeypatch.setattr("workers.steady.time.monotonic", lambda: began + 10 * 3600)


def test_who_does_not_lead_sends_nothing_and_lives(beat: Beat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    let_all_be_due(beat, monkeypatch)
    beat.tick_through()
    assert beat.sent == []
    assert (tmp_path / "beat.alive").exists()
    assert beat.tick() == 1.0


def test_a_new_leader_sends_what_is_due_once_and_a_former_one_nothing(
    beat: Beat, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    let_all_be_due(beat, monkeypatch)
    beat.candidate.is_leader = True
    beat.tick_through()
    assert sorted(beat.sent) == ["due", "keep_level", "prune", "reconcile", "tell"]
    assert beat.leads
    beat.candidate.is_leader = False
    monkeypatch.setattr("workers.steady.time.monotonic", lambda: time.perf_counter() + 20 * 3600)
    beat.tick_through()
    assert len(beat.sent) == 5
    assert not beat.leads
    assert [caplog.text.count(said) for said in ("leads now", "leads no more")] == [1, 1]


def test_nothing_in_the_schedule_goes_by_the_clock_of_the_host(beat: Beat) -> None:
    assert {type(entry.schedule) for entry in beat.schedule.values()} == {Every}


def test_a_leader_looks_again_soon_whatever_the_longest_interval_is(beat: Beat) -> None:
    beat.candidate.is_leader = True
    assert 0 < beat.tick() <= 1.0
    assert beat.max_interval == 60


def test_a_beat_that_ends_lets_another_lead(beat: Beat) -> None:
    beat.close()
    assert beat.candidate.has_resigned


class Beats:
    """Processes of Celery's own command, by name, with a log each."""

    def __init__(self, folder: Path, variables: dict[str, str]) -> None:
        self._folder, self._variables = folder, variables
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        with self._log(name).open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [*CELERY, "beat", "--schedule", str(self._folder / name)],
                env={**os.environ, **self._variables},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def sent(self, name: str) -> int:
        return self._log(name).read_text().count("Sending due task")

    def leads(self, name: str) -> bool:
        said = self._log(name).read_text()
        return said.count("this beat leads now") > said.count("this beat leads no more")

    def sends_alone(self, leader: str, other: str) -> bool:
        """Wait for more than five messages of one, or for any of the other; return whether the one led all the time."""
        sent, of_other = self.sent(leader), self.sent(other)
        wait_for(lambda: self.sent(leader) > sent + 5 or self.sent(other) > of_other)
        return self.sent(other) == of_other and self.leads(leader)

    def is_ticking(self, name: str) -> bool:
        return (self._folder / f"{name}.alive").exists()

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes.pop(name).wait(120)

    def end(self) -> None:
        end(*self.processes.values())

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"


@pytest.fixture
def beats(tmp_path: Path, postgres: str) -> Iterator[Beats]:
    broker = Valkey()
    broker.start()
    variables = {
        "ASSISTANT_HOME": str(tmp_path / "home"),
        "ASSISTANT_CATALOG_URL": new_database(postgres),
        "ASSISTANT_BROKER_URL": broker.url,
        "ASSISTANT_RECONCILE_SECONDS": "1",
    }
    running = Beats(tmp_path, variables)
    try:
        yield running
    finally:
        try:
            running.end()
        finally:
            broker.stop()


def who_leads_alone(beats: Beats, names: set[str]) -> tuple[str, str]:
    """Return who leads and who does not, after more than five messages of the one and none of the other.

    It may take several looks: the database ends the session of a leader that a busy machine lets do nothing for ten
    seconds, and another leads.
    """
    until = time.monotonic() + WAIT
    while True:
        assert time.monotonic() < until, "there is never one who leads alone"
        time.sleep(0.2)
        for leader in filter(beats.leads, sorted(names)):
            (other,) = names - {leader}
            if beats.sends_alone(leader, other):
                return leader, other


@pytest.mark.timeout(1200)
def test_of_two_beats_one_sends_and_the_other_takes_over_when_it_is_killed(beats: Beats) -> None:
    names = {"one", "two"}
    for name in names:
        beats.start(name)
    wait_for(lambda: all(beats.is_ticking(name) for name in names))
    leader, other = who_leads_alone(beats, names)
    before = beats.sent(other)
    beats.kill(leader)
    wait_for(lambda: beats.sent(other) > before)
