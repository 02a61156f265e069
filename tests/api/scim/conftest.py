"""The API on a port of this machine, with a token that provisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from assistant.types import LOCAL_OPERATOR
from tests.api.conftest import ListQueue
from tests.fakes.apis import api_over
from tests.fakes.listening import listening
from tests.fakes.system import System


@dataclass
class Served:
    """A running API, and a token of an admin for it."""

    system: System
    url: str
    token: str

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.url}/scim/v2", headers={"Authorization": f"Bearer {self.token}"}, timeout=120
        )


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    system = System(tmp_path, readers={"rules": [{"glob": "hr/**", "readers": ["hr"]}]})
    system.source.texts = {"a.txt": "one", "hr/b.txt": "two"}
    system.ingestor.sync("s", "cli")
    system.settings = system.settings.model_copy(update={"sign_in": "accounts"})
    system.people.add("root", "", [], "admin", LOCAL_OPERATOR)
    token, _ = system.people.add_token("root", LOCAL_OPERATOR, scopes=["scim"])
    with listening(api_over(system, ListQueue())) as url:
        yield Served(system, url, token)
    system.close()
