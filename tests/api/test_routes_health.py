"""The process says that it answers, however many requests wait in its threads, and whether its parts do."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.errors import CatalogUnavailableError, IndexUnavailableError
from tests.api.test_conversations import served
from tests.fakes.system import System

_THREADS = 40  # that all requests share


def test_probes_wait_for_no_thread_of_requests(api: FastAPI, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    taken, free = [], threading.Event()

    def count(*_: Any) -> tuple[int, int]:
        taken.append(1)
        assert free.wait(300)
        return 0, 0

    monkeypatch.setattr(system.library, "count", count)
    with served(api) as client, ThreadPoolExecutor(_THREADS) as pool:
        waiting = [pool.submit(client.get, "/api/status") for _ in range(_THREADS)]
        try:
            while len(taken) < _THREADS:
                time.sleep(0.01)
            assert client.get("/health", timeout=120).json()["status"] == "ok"
            ready = client.get("/ready", timeout=120)  # else all replicas were taken away at once
            assert ready.json()["status"] == "ok"
        finally:
            free.set()
        assert {one.result(120).status_code for one in waiting} == {200}


def test_a_probe_counts_nothing(client: TestClient, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("a probe every few seconds must not count millions of chunks")

    monkeypatch.setattr(system.index, "counts", refuse)
    monkeypatch.setattr(system.catalog.documents, "count", refuse)
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["checks"]) == (200, dict.fromkeys(("catalog", "index", "embedder"), "ok"))


def test_a_part_that_is_away_is_named(client: TestClient, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.api.readiness.KEPT_SECONDS", 0.0)

    def index_is_away() -> None:
        raise IndexUnavailableError("the index does not answer")

    def catalog_is_away() -> None:
        raise CatalogUnavailableError("the catalog does not answer")

    monkeypatch.setattr(system.index, "answers", index_is_away)
    answer = client.get("/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert answer.json()["checks"] == {"catalog": "ok", "index": "the index does not answer", "embedder": "ok"}
    monkeypatch.setattr(system.catalog.database, "connect", catalog_is_away)
    assert client.get("/ready").json()["checks"]["catalog"] == "the catalog does not answer"


def test_many_probes_ask_the_parts_once(client: TestClient, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(system.index, "answers", lambda: asked.append(1))
    with ThreadPoolExecutor(8) as pool:
        assert {answer.status_code for answer in pool.map(client.get, ["/ready"] * 8)} == {200}
    assert len(asked) < 3
    monkeypatch.setattr("assistant.api.readiness.KEPT_SECONDS", 0.0)
    client.get("/ready")
    client.get("/ready")
    assert len(asked) >= 3


def test_metrics_are_shown_without_the_catalogs_while_it_is_away(
    client: TestClient, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`AssistantErrors` rests on the counts of requests, and nothing else tells of a catalog that is away."""

    def is_away(*_: Any) -> None:
        raise CatalogUnavailableError("the catalog does not answer")

    monkeypatch.setattr("assistant.api.catalog_figures.KEPT_SECONDS", 0.0)
    there = client.get("/metrics").text
    assert "assistant_catalog_up 1.0" in there
    assert 'assistant_jobs{state="queued"} 0.0' in there
    with monkeypatch.context() as away:
        away.setattr(system.catalog.ingest_figures, "since", is_away)
        answer = client.get("/metrics")
    assert answer.status_code == 200
    assert {"assistant_catalog_up 0.0", "assistant_documents NaN"} <= set(answer.text.splitlines())
    assert 'assistant_requests_total{method="GET",route="/metrics",status="200"}' in answer.text
    assert "assistant_jobs{" not in answer.text  # else a queue would seem to stand
    assert client.get("/metrics").text.count("NaN") == 0


def test_scrapes_count_the_documents_now_and_then(
    client: TestClient, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[int] = []

    def count(*_: Any) -> tuple[int, int]:
        counts.append(1)
        return 2, 2

    monkeypatch.setattr(system.catalog.documents, "count", count)
    for _ in range(3):
        assert "assistant_documents 2.0" in client.get("/metrics").text
    assert len(counts) == 1


def test_a_source_that_nobody_syncs_is_overdue(
    client: TestClient, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.api.catalog_figures.KEPT_SECONDS", 0.0)
    assert "assistant_overdue_seconds 0.0" in client.get("/metrics").text
    system.catalog.sources.add("hourly", "memory", {}, {}, "every 1h")
    system.catalog.sources.synced("hourly", None, time.time() - 7200)
    (line,) = [text for text in client.get("/metrics").text.splitlines() if text.startswith("assistant_overdue")]
    assert 3500 < float(line.split()[1]) < 3700
    system.catalog.runs.start("hourly", "schedule", "me")
    assert "assistant_overdue_seconds 0.0" in client.get("/metrics").text  # it is at work on it
