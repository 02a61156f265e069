"""The API over fakes, called in-process by an HTTP client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.fakes.apis import api_over
from tests.fakes.system import System


@dataclass
class ListQueue:
    """Keeps what was asked for."""

    asked: list[tuple[str, str]] = field(default_factory=list)

    full: list[str] = field(default_factory=list)
    work: int = 0

    def enqueue_sync(self, source: str, trigger: str, *, full: bool = False, asked: bool = False) -> None:
        self.asked.append((source, trigger))
        if full:
            self.full.append(source)

    def enqueue_work(self) -> None:
        self.work += 1


@pytest.fixture
def queue() -> ListQueue:
    return ListQueue()


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path, readers={"rules": [{"glob": "hr/**", "readers": ["hr"]}]})
    system.source.texts = {
        "travel.txt": "Train tickets are booked in Concur at least 21 days before the trip.\n",
        "hr/salary.txt": "Grade K7 is paid 4,310 euros a month.\n",
    }
    system.ingestor.sync("s", "cli")
    yield system
    system.close()


@pytest.fixture
def api(system: System, queue: ListQueue) -> FastAPI:
    return api_over(system, queue)


@pytest.fixture
def client(api: FastAPI) -> Iterator[TestClient]:
    with TestClient(api, base_url="http://127.0.0.1:8090", raise_server_exceptions=False) as client:
        yield client
