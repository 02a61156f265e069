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


def test_health_waits_for_no_thread(api: FastAPI, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
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
