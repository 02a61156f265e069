"""Documents that end or hang their workers: the others are not held up, and the one to blame is left for later."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from assistant.ingest import Pipeline
from assistant.interfaces import Vectors
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.system import System

POISON = "05"


class Dies(BaseException):
    """What a document does to the process that has it."""


class DeadlyEmbedder(FakeEmbedder):
    """Ends the process over the poison's text."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        if any("deadly" in text for text in texts):
            raise Dies
        return super().embed_passages(texts)


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    monkeypatch.setattr(Pipeline, "give_back", lambda *_: None)  # what died gives nothing back
    system = System(tmp_path)
    system.source.texts = {f"{n:02}": f"text {n}\nand more of {n}" for n in range(12)}
    system.source.errors[POISON] = Dies()
    yield system
    system.close()


def keys(system: System) -> set[str]:
    return set(system.catalog.documents.known("s"))


def turns(system: System, turn: Callable[[], object]) -> int:
    """Take turns until nothing is done any more. Returns how many workers that cost."""
    lost = 0
    for _ in range(40):
        died = False
        try:
            done = turn()
        except Dies:
            died = True
        for owner in system.catalog.jobs.lease_owners():
            system.catalog.jobs.release(owner, lost=died)
        lost += died
        if not died and not done:
            return lost
    raise AssertionError("it never ends")


def test_a_document_that_ends_its_workers_is_taken_alone_and_then_left_for_later(system: System) -> None:
    run = system.ingestor.begin("s", "api")
    assert turns(system, system.ingestor.stages.parse) == 4
    system.ingestor.stages.embed()
    assert keys(system) == system.source.texts.keys() - {POISON}
    ended = system.catalog.runs.get(run)
    assert (ended.state, ended.added, ended.failed) == ("done", 11, 1)
    (failure,) = system.catalog.runs.failures(run)
    assert failure.code == "WorkerLostError"
    assert failure.retryable
    assert "4 workers ended or hung" in failure.error
    (job,) = system.catalog.jobs.failed("s")
    assert job.not_before is not None
    assert job.not_before > time.time()


def test_what_was_prepared_of_it_is_not_left_behind(system: System) -> None:
    system.source.errors = {}
    system.source.texts[POISON] = "deadly"
    system.embedder = DeadlyEmbedder()
    system.ingestor = system.new_ingestor()
    system.ingestor.begin("s", "api")
    system.ingestor.stages.parse()
    assert turns(system, system.ingestor.stages.embed) == 4
    assert keys(system) == system.source.texts.keys() - {POISON}
    assert list(system.blobs.keys("prepared")) == []


def test_it_is_tried_again_alone_and_gets_in_once_it_is_harmless(system: System) -> None:
    system.ingestor.begin("s", "api")
    turns(system, system.ingestor.stages.parse)
    turns(system, system.ingestor.stages.embed)  # a turn ends after its time, done or not
    system.ingestor.runs.retry("s")
    (job,) = system.catalog.stages.claim("parse", "harmless", 16, 60.0)
    assert (job.key, job.lost) == (POISON, 2)
    system.catalog.jobs.release("harmless")
    system.source.errors = {}
    system.ingestor.stages.parse()
    system.ingestor.stages.embed()
    assert keys(system) == system.source.texts.keys()


def test_in_one_process_it_is_left_for_later_as_well(system: System) -> None:
    run = system.ingestor.begin("s", "cli")
    lost = turns(system, lambda: system.ingestor.work(run))
    report = system.ingestor.report(run)
    assert (report.added, report.failed, lost) == (11, 1, 4)


def test_a_lease_that_ran_out_counts_as_a_lost_worker_and_what_is_given_back_does_not(system: System) -> None:
    system.ingestor.begin("s", "api")
    system.catalog.stages.claim("parse", "hangs", 16, -1.0)
    jobs = system.catalog.stages.claim("parse", "other", 16, 60.0)
    assert {job.lost for job in jobs} == {1}
    system.catalog.jobs.release("other")
    assert {job.lost for job in system.catalog.stages.claim("parse", "third", 16, 60.0)} == {1}


def test_a_new_version_of_it_is_under_no_suspicion(system: System) -> None:
    system.ingestor.begin("s", "api")
    turns(system, system.ingestor.stages.parse)
    system.ingestor.stages.embed()
    system.source.texts[POISON] = "harmless"
    system.ingestor.begin("s", "api")
    assert [job.lost for job in system.catalog.stages.claim("parse", "other", 16, 60.0)] == [0]


def test_deletions_are_never_given_up(system: System) -> None:
    system.source.errors = {}
    system.ingestor.sync("s", "cli")
    system.source.texts = {}
    system.ingestor.begin("s", "api")
    for _ in range(6):
        system.catalog.stages.claim("delete", "doomed", 16, 60.0)
        system.catalog.jobs.release("doomed", lost=True)
    while system.ingestor.stages.delete():
        pass
    assert keys(system) == set()
