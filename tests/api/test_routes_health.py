"""The process says that it answers, however many requests wait in its threads."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi import FastAPI

from tests.api.test_conversations import served
from tests.fakes.system import System

_THREADS = 40  # that all requests share


def test_health_waits_for_no_thread(api: FastAPI, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    taken, free = [], threading.Event()

    def count(*_: Any) -> tuple[int, int]:
        taken.append(1)
        assert free.wait(60)
        return 0, 0

    monkeypatch.setattr(system.library, "count", count)
    with served(api) as client, ThreadPoolExecutor(_THREADS) as pool:
        waiting = [pool.submit(client.get, "/api/status") for _ in range(_THREADS)]
        try:
            while len(taken) < _THREADS:
                time.sleep(0.01)
            assert client.get("/health", timeout=20).json()["status"] == "ok"
        finally:
            free.set()
        assert {one.result(60).status_code for one in waiting} == {200}
