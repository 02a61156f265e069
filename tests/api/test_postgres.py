"""The API over a catalog on Postgres, wired as the server mode is: conversations from beginning to end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from assistant.api import create_api
from assistant.app import App, build
from assistant.settings import load_settings
from tests.api.conftest import ListQueue
from tests.api.test_conversations import begun, events
from tests.fakes.databases import new_database

TRAVEL = "# Travel\n\nTrain tickets are booked in Concur at least 21 days before the trip.\n"
LEAVE = "# Leave\n\nEmployees may carry over 240 hours of annual leave.\n"
QUESTION = "How many days before the trip are train tickets booked?"


@pytest.fixture
def app(postgres: str, tmp_path: Path, assistant_home: Path) -> Iterator[App]:
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "travel.md").write_text(TRAVEL)
    (folder / "leave.md").write_text(LEAVE)
    with build(load_settings(catalog_url=new_database(postgres))) as app:
        app.catalog.sources.add("docs", "folder", {"path": str(folder)}, {})
        assert app.ingestor.sync("docs", "cli").failed == 0
        yield app


@pytest.fixture
def client(app: App) -> Iterator[TestClient]:
    with TestClient(create_api(app, ListQueue()), base_url="http://127.0.0.1:8090") as client:
        yield client


def ended(client: TestClient, path: str, begun: dict[str, Any]) -> dict[str, Any]:
    """Return a turn that was begun, when it has ended."""
    return events(client, path.rsplit("/", 1)[1], begun["id"])[-1][2]


def test_a_conversation_on_postgres(client: TestClient, app: App) -> None:
    assert app.catalog.database.engine.dialect.name == "postgresql"
    path, first = begun(client, QUESTION)
    assert (first["state"], first["found"], "21 days" in first["answer"]) == ("complete", True, True)
    assert [(c["verified"], c["document"]["key"]) for c in first["citations"]] == [(True, "travel.md")]

    follow_up = client.post(f"{path}/turns", json={"question": "And where?", "follows": first["id"]}).json()
    follow_up = ended(client, path, follow_up)
    assert "train tickets" in follow_up["standalone"]
    assert "Concur" in follow_up["answer"]
    edited = client.post(f"{path}/turns/{follow_up['id']}/edit", json={"question": "How much annual leave is there?"})
    edited = ended(client, path, edited.json())
    again = client.post(f"{path}/turns/{edited['id']}/regenerate", json={"mode": "corpus"})
    again = ended(client, path, again.json())
    assert "240 hours" in again["answer"]
    assert (edited["plan"]["mode"], again["plan"]["mode"]) == ("chunks", "corpus")
    assert again["versions"] == [follow_up["id"], edited["id"], again["id"]]

    assert client.patch(path, json={"title": "Trips"}).json()["title"] == "Trips"
    (listed,) = client.get("/api/conversations", params={"query": "trip"}).json()["conversations"]
    assert path.endswith(listed["id"])
    exported = client.get(f"{path}/export", params={"format": "json"}).json()
    assert [turn["question"] for turn in exported["turns"]].count("How much annual leave is there?") == 2
    assert "240 hours" in client.get(f"{path}/export").text
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.post(f"{path}/restore").json()["title"] == "Trips"
    assert client.delete(path, params={"for_good": True}).status_code == 204
    assert client.get("/api/conversations").json() == {"conversations": [], "total": 0}
