"""What a run's work costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.catalog.jobs import JobOutcome
from assistant.catalog.records import RunCost, RunRecord
from assistant.ingest import Limits
from assistant.ingest.meter import Meter
from tests.fakes.system import System

PHASES = {"list", "fetch", "parse", "embed", "write"}


def test_threads_add_up_and_each_second_is_taken_once() -> None:
    meter = Meter()

    def work(_: int) -> None:
        with meter.phase("parse"):
            meter.fetched(3)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(100)))
    cost = meter.take()
    assert cost.size == 300
    assert set(cost.phases) == {"parse"}
    assert cost.phases["parse"] > 0
    assert meter.take() == RunCost()


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[System, list[RunRecord]]]:
    """Yield a system, and the runs as they were when a reconciler closed them, which comes as soon as it can."""
    system = System(tmp_path)
    system.source.texts = {f"{n:02}": f"text {n}" for n in range(5)}
    runs, end = system.catalog.runs, system.catalog.jobs.finish
    closed: list[RunRecord] = []

    def finish(outcomes: Sequence[JobOutcome], costs: Mapping[str, RunCost] | None = None) -> None:
        end(outcomes, costs)
        ids = {outcome.job.run_id for outcome in outcomes}
        closed.extend(runs.get(run_id) for run_id in ids if runs.finish_if_complete(run_id))

    monkeypatch.setattr(system.catalog.jobs, "finish", finish)
    yield system, closed
    system.close()


def test_a_run_that_is_closed_at_once_has_all_that_its_stages_cost(closed: tuple[System, list[RunRecord]]) -> None:
    system, runs = closed
    system.ingestor.begin("s", "api")
    assert system.ingestor.stages.parse() == 5
    assert system.ingestor.stages.embed() == 5
    (run,) = runs
    assert set(run.phases) == PHASES
    assert run.bytes == sum(map(len, system.source.texts.values()))
    assert system.catalog.runs.get(run.id) == run  # nothing is counted late


def test_a_run_in_one_go_that_is_closed_at_once_has_all_that_it_cost(closed: tuple[System, list[RunRecord]]) -> None:
    system, runs = closed
    run_id = system.ingestor.sync("s", "cli").run_id
    (run,) = runs
    assert set(run.phases) == PHASES
    assert system.catalog.runs.get(run_id) == run


def test_runs_that_are_embedded_together_share_the_cost(tmp_path: Path) -> None:
    system = System(tmp_path)
    try:
        system.ingestor = system.new_ingestor(limits=Limits(batch_chunks=100, turn_seconds=1000.0))
        system.catalog.sources.add("t", "memory", {}, {})
        system.source.texts = {f"{n}": f"text {n}" for n in range(4)}
        runs = [system.ingestor.begin(source, "api") for source in ("s", "t")]
        assert system.ingestor.stages.parse() == system.ingestor.stages.embed() == 8
        costs = [system.catalog.runs.get(run).phases["embed"] for run in runs]
        assert costs[0] == costs[1] > 0
    finally:
        system.close()
