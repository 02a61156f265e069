"""A source is removed by the workers: asked for at once, done in the background, through crashes and syncs at work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.errors import NotFoundError, SourceBusyError
from assistant.ingest.owners import new_worker
from assistant.ingest.schedules import due_at
from assistant.types import LOCAL_OPERATOR
from tests.fakes.system import System


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path)
    system.source.texts = {f"{n:02}": f"text {n}" for n in range(10)}
    system.ingestor.sync("s", "cli")
    yield system
    system.close()


def assert_nothing_is_left(system: System) -> None:
    assert system.catalog.sources.find("s") is None
    assert list(system.library.documents(LOCAL_OPERATOR)) == []
    assert system.index.counts().documents == 0
    assert not system.catalog.jobs.of_source("s")


def test_it_is_marked_at_once_and_gone_when_its_documents_are(system: System) -> None:
    removals = system.ingestor.removals
    removals.ask("s")
    assert system.catalog.sources.get("s").state == "removing"
    removals.go_on()
    assert system.catalog.sources.get("s").state == "removing"  # nothing was done yet
    assert system.ingestor.stages.delete() == 10
    removals.go_on()
    assert_nothing_is_left(system)
    removals.go_on()


def test_an_empty_source_goes_with_the_next_look(system: System) -> None:
    system.source.texts = {}
    system.ingestor.sync("s", "cli")
    system.ingestor.removals.ask("s")
    system.ingestor.removals.go_on()
    assert_nothing_is_left(system)


def test_nothing_is_done_with_it_any_more(system: System) -> None:
    system.catalog.sources.set_schedule("s", "every 1s")
    system.ingestor.removals.ask("s")
    record = system.catalog.sources.get("s")
    assert due_at(record, 1e12) is None
    with pytest.raises(SourceBusyError, match="is being removed"):
        system.ingestor.begin("s", "api")
    for state in ("active", "paused"):
        with pytest.raises(SourceBusyError, match="is being removed"):
            system.catalog.sources.set_state("s", state)  # type: ignore[arg-type]


def test_a_sync_that_is_at_work_is_cancelled_and_the_rest_comes_after(system: System) -> None:
    system.source.texts = {f"{n:02}": f"other text {n}" for n in range(10)}
    run = system.ingestor.begin("s", "api")
    owner = new_worker()
    assert len(system.catalog.stages.claim("parse", owner, 4, 300)) == 4
    system.ingestor.removals.ask("s")
    assert system.catalog.runs.is_cancelled(run)
    system.ingestor.removals.go_on()  # it has documents in its hands
    assert system.catalog.runs.newest("s", 1)[0].id == run
    system.catalog.jobs.release(owner)
    system.catalog.runs.finish_if_complete(run)
    system.ingestor.removals.go_on()
    assert system.ingestor.stages.parse() == 0
    assert system.ingestor.stages.delete() == 10
    system.ingestor.removals.go_on()
    assert_nothing_is_left(system)


def test_one_whose_run_was_ended_is_begun_again(system: System) -> None:
    system.ingestor.removals.ask("s")
    system.catalog.runs.finish(system.catalog.runs.newest("s", 1)[0].id, "interrupted", "its process ended")
    system.ingestor.removals.go_on()
    assert system.ingestor.stages.delete() == 10
    system.ingestor.removals.go_on()
    assert_nothing_is_left(system)


def test_asked_for_twice_it_is_done_once(system: System) -> None:
    system.ingestor.removals.ask("s")
    system.ingestor.removals.ask("s")
    assert len([run for run in system.catalog.runs.newest("s") if run.trigger == "removal"]) == 1
    with pytest.raises(NotFoundError):
        system.ingestor.removals.ask("nowhere")
