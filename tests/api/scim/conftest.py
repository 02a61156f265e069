"""The API on a port of this machine, with a token that provisions."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import uvicorn

from assistant.types import LOCAL_OPERATOR
from tests.api.conftest import ListQueue
from tests.fakes.apis import api_over
from tests.fakes.system import System


@dataclass
class Served:
    """A running API, and a token of an admin for it."""

    system: System
    url: str
    token: str

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.url}/scim/v2", headers={"Authorization": f"Bearer {self.token}"}, timeout=30
        )


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    system = System(tmp_path, readers={"rules": [{"glob": "hr/**", "readers": ["hr"]}]})
    system.source.texts = {"a.txt": "one", "hr/b.txt": "two"}
    system.ingestor.sync("s", "cli")
    system.settings = system.settings.model_copy(update={"sign_in": "accounts"})
    system.people.add("root", "", [], "admin", LOCAL_OPERATOR)
    token, _ = system.people.add_token("root", LOCAL_OPERATOR, scopes=["scim"])
    server = uvicorn.Server(uvicorn.Config(api_over(system, ListQueue()), port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield Served(system, f"http://127.0.0.1:{port}", token)
    server.should_exit = True
    thread.join(10)
    system.close()
