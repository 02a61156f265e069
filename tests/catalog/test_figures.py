"""Figures of ingestion, as metrics show them."""

from __future__ import annotations

import time

from assistant.catalog import Catalog
from assistant.catalog.jobs import JobOutcome, NewJob
from assistant.catalog.records import RunCost
from assistant.types import Failure


def test_jobs_failures_and_the_runs_of_late(catalog: Catalog) -> None:
    nothing = catalog.ingest_figures.since(0)
    assert (nothing.jobs, nothing.queued_since, nothing.failed, dict(nothing.outcomes)) == ({}, None, {}, {})
    catalog.sources.add("s", "folder", {}, {})
    run = catalog.runs.start("s", "cli", "me")
    catalog.jobs.record("s", run.id, [NewJob("a", "add"), NewJob("b", "add"), NewJob("c", "add")])
    first, second = catalog.jobs.claim(run.id, "me", 2, 60)
    failure = Failure(second.key, "it is damaged", retryable=False, code="DamagedDocumentError")
    ends = [JobOutcome(first, "added", chunks=3), JobOutcome(second, "failed", failure=failure)]
    catalog.jobs.finish(ends, {run.id: RunCost(10, {"parse": 1.5, "embed": 0.5})})
    found = catalog.ingest_figures.since(run.started_at - 1)
    assert found.jobs == {"queued": 1, "failed": 1}
    assert found.queued_since == run.started_at
    assert found.failed == {"DamagedDocumentError": 1}
    assert (found.outcomes["added"], found.outcomes["failed"], found.outcomes["deleted"]) == (1, 1, 0)
    assert found.phases == {"parse": 1.5, "embed": 0.5}
    assert not any(catalog.ingest_figures.since(time.time() + 60).outcomes.values())


def test_what_is_left_of_runs_that_are_over_or_cancelled_is_no_work(catalog: Catalog) -> None:
    """Nobody takes it up: it would page for ever, and keep a pool of workers up."""
    for name, end in (("gone", "cancel"), ("broken", "finish")):
        catalog.sources.add(name, "folder", {}, {})
        run = catalog.runs.start(name, "cli", "me")
        catalog.jobs.record(name, run.id, [NewJob("a", "add"), NewJob("b", "add"), NewJob("c", "add")])
        catalog.jobs.claim(run.id, "lost", 1, -1)
        failing = catalog.jobs.claim(run.id, "me", 1, 60)
        failure = Failure(failing[0].key, "it is damaged", retryable=False, code="DamagedDocumentError")
        catalog.jobs.finish([JobOutcome(failing[0], "failed", failure=failure)])
        if end == "cancel":
            catalog.runs.cancel(run.id)
        else:
            catalog.runs.finish(run.id, "failed", "it cannot be listed")
    figures = catalog.ingest_figures.since(0)
    assert (figures.jobs, figures.queued_since) == ({"failed": 2}, None)


def test_what_a_lost_worker_had_waits(catalog: Catalog) -> None:
    catalog.sources.add("s", "folder", {}, {})
    run = catalog.runs.start("s", "cli", "me")
    catalog.jobs.record("s", run.id, [NewJob("a", "add"), NewJob("b", "add")])
    catalog.jobs.claim(run.id, "here", 1, 60)
    catalog.jobs.claim(run.id, "gone", 1, -1)
    assert catalog.ingest_figures.since(0).jobs == {"running": 1, "queued": 1}
