"""Jobs by stages: who takes what next, within the sources' limits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.catalog import Catalog, Keyring
from assistant.catalog.jobs import JobOutcome, NewJob
from assistant.catalog.stages import Waiting
from assistant.errors import ConfigurationError


@pytest.fixture
def catalog(catalog_url: str, tmp_path: Path) -> Iterator[Catalog]:
    catalog = Catalog(catalog_url, Keyring(tmp_path / "secret.key"))
    yield catalog
    catalog.close()


def recorded(catalog: Catalog, source: str, *keys: str, trigger: str = "api", action: str = "ingest") -> str:
    if catalog.sources.find(source) is None:
        catalog.sources.add(source, "memory", {}, {})
    run = catalog.runs.start(source, trigger, "host/1/1/x")
    catalog.jobs.record(source, run.id, [NewJob(key, action) for key in keys])  # type: ignore[arg-type]
    catalog.runs.listed(run.id)
    return run.id


def claim(catalog: Catalog, stage: str = "parse", limit: int = 10, seconds: float = 60, least: int = 0) -> list[str]:
    jobs = catalog.stages.claim(stage, "me", limit, seconds, least)  # type: ignore[arg-type]
    return [f"{job.source}/{job.key}" for job in jobs]


def test_what_a_person_waits_for_goes_first_and_then_the_oldest(catalog: Catalog) -> None:
    recorded(catalog, "wiki", "a", "b")
    recorded(catalog, "disk", "c")
    recorded(catalog, "mine", "d", trigger="upload")
    assert catalog.stages.waiting()["parse"] == Waiting(4, 1, 0)
    assert claim(catalog, limit=3) == ["mine/d", "wiki/a", "wiki/b"]
    assert catalog.stages.waiting()["parse"] == Waiting(1, 0, 1)
    assert claim(catalog, least=1) == []
    assert claim(catalog) == ["disk/c"]
    assert claim(catalog) == []


def test_deletions_are_a_stage_of_their_own(catalog: Catalog) -> None:
    recorded(catalog, "wiki", "a", action="delete")
    assert claim(catalog, "parse") == claim(catalog, "embed") == []
    assert claim(catalog, "delete") == ["wiki/a"]


def test_a_job_passes_from_parsing_to_embedding_once(catalog: Catalog) -> None:
    run = recorded(catalog, "wiki", "a", "b")
    first, second = catalog.stages.claim("parse", "me", 10, 60)
    assert catalog.stages.hand_over(first.run_id, {first.id: (first.attempts, "blob")}) == {first.id}
    assert catalog.stages.hand_over(first.run_id, {first.id: (first.attempts, "blob")}) == set()
    assert catalog.stages.backlog() == 1
    (job,) = catalog.stages.claim("embed", "you", 10, 60)
    assert (job.key, job.stage, job.prepared) == ("a", "embed", "blob")
    catalog.jobs.finish([JobOutcome(job, "added", 2), JobOutcome(second, "unchanged")])
    assert catalog.runs.finish_if_complete(run)
    assert (catalog.runs.get(run).added, catalog.runs.get(run).unchanged) == (1, 1)


def test_what_another_took_over_is_not_passed_on(catalog: Catalog) -> None:
    recorded(catalog, "wiki", "a")
    (late,) = catalog.stages.claim("parse", "me", 10, 0.0)
    time.sleep(0.01)
    (job,) = catalog.stages.claim("parse", "you", 10, 60)
    assert catalog.stages.hand_over(late.run_id, {late.id: (late.attempts, "blob")}) == set()
    assert catalog.stages.hand_over(job.run_id, {job.id: (job.attempts, "blob")}) == {job.id}


def test_what_was_prepared_and_lost_is_parsed_again(catalog: Catalog) -> None:
    recorded(catalog, "wiki", "a")
    (job,) = catalog.stages.claim("parse", "me", 10, 60)
    catalog.stages.hand_over(job.run_id, {job.id: (job.attempts, "blob")})
    catalog.stages.send_back(catalog.stages.claim("embed", "me", 10, 60))
    (again,) = catalog.stages.claim("parse", "me", 10, 60)
    assert (again.key, again.prepared) == ("a", "")


def test_runs_that_are_over_or_cancelled_give_no_work(catalog: Catalog) -> None:
    catalog.runs.cancel(recorded(catalog, "wiki", "a"))
    catalog.runs.finish(recorded(catalog, "disk", "b"), "failed", "why")
    assert claim(catalog) == []
    assert catalog.stages.waiting()["parse"].jobs == 0


def test_a_source_gives_no_more_documents_at_once_than_it_allows(catalog: Catalog) -> None:
    recorded(catalog, "slow", "a", "b", "c")
    recorded(catalog, "fast", "d")
    catalog.sources.set_limits("slow", concurrency=2, per_minute=None)
    assert claim(catalog) == ["slow/a", "slow/b", "fast/d"]
    assert catalog.stages.waiting()["parse"].jobs == 0  # that can be taken now
    assert claim(catalog) == []
    catalog.jobs.release("me")
    assert claim(catalog, limit=1) == ["slow/a"]


def test_a_source_gives_no_more_documents_a_minute_than_it_allows(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(catalog, "slow", *"abcdef")
    catalog.sources.set_limits("slow", concurrency=None, per_minute=60)
    now = time.time()
    monkeypatch.setattr("assistant.catalog.stages.time.time", lambda: now)
    assert claim(catalog) == ["slow/a", "slow/b"]
    assert claim(catalog) == []
    now += 2.1
    assert claim(catalog) == ["slow/c", "slow/d"]


@pytest.mark.parametrize(("concurrency", "per_minute"), [(0, None), (None, 0.0), (-1, 5.0)])
def test_limits_are_above_zero(catalog: Catalog, concurrency: int | None, per_minute: float | None) -> None:
    catalog.sources.add("s", "memory", {}, {})
    with pytest.raises(ConfigurationError, match="above 0"):
        catalog.sources.set_limits("s", concurrency, per_minute)
    catalog.sources.set_limits("s", 3, 2.5)
    assert (catalog.sources.get("s").concurrency, catalog.sources.get("s").per_minute) == (3, 2.5)
