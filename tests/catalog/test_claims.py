"""The order in which jobs are claimed, whatever state they come from."""

from __future__ import annotations

import time

import pytest

from assistant.catalog import Catalog
from assistant.catalog.jobs import NewJob
from assistant.catalog.stages import Waiting


def record(catalog: Catalog, source: str, keys: str, trigger: str = "api") -> str:
    catalog.sources.add(source, "memory", {}, {})
    run = catalog.runs.start(source, trigger, "host/1/1/x")
    catalog.jobs.record(source, run.id, [NewJob(key, "ingest") for key in keys])
    catalog.runs.listed(run.id)
    return run.id


def claimed(catalog: Catalog, limit: int, least: int = 0) -> str:
    return "".join(job.key for job in catalog.stages.claim("parse", "me", limit, 60, least))


def test_what_a_dead_worker_left_keeps_its_place(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    record(catalog, "wiki", "abc")
    record(catalog, "mine", "xyz", "upload")
    assert claimed(catalog, 4) == "xyza"
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    assert claimed(catalog, 2, least=1) == "xy"
    assert claimed(catalog, 3) == "zab"
    assert claimed(catalog, 9) == "c"
    assert claimed(catalog, 9) == ""


def test_what_waits_in_ended_runs_hides_nothing(catalog: Catalog) -> None:
    ended = record(catalog, "old", "abcdef")
    record(catalog, "new", "xy")
    catalog.runs.cancel(ended)
    assert claimed(catalog, 1) == "x"
    assert claimed(catalog, 9) == "y"


def test_lower_priorities_fill_what_higher_ones_leave(catalog: Catalog) -> None:
    record(catalog, "wiki", "abc")
    record(catalog, "mine", "x", "upload")
    assert claimed(catalog, 3) == "xab"
    assert claimed(catalog, 3) == "c"


def test_no_more_is_counted_than_asked_for_and_the_urgent_first(catalog: Catalog) -> None:
    record(catalog, "wiki", "abcd")
    record(catalog, "mine", "xy", "upload")
    for most, wanted in ((1, Waiting(1, 1, 0)), (3, Waiting(3, 2, 0)), (None, Waiting(6, 2, 0))):
        assert catalog.stages.waiting(most)["parse"] == wanted
