"""Documents for those who look after their sources: found, inspected, taken in again, deleted; without their text."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.catalog import Found
from assistant.errors import DamagedDocumentError
from assistant.injection import Judgement
from assistant.types import User, document_id
from tests.api.conftest import ListQueue
from tests.api.test_feedback import become
from tests.fakes.system import System

ROOT = User("root", frozenset({"everyone"}), "admin")


@pytest.fixture
def broken(system: System) -> System:
    system.source.texts["bad.txt"] = "rubbish"
    system.source.errors["bad.txt"] = DamagedDocumentError("bad.txt cannot be read", "save it again")
    system.ingestor.sync("s", "cli")
    return system


def keys(client: TestClient, **query: str) -> list[str]:
    return [one["key"] for one in client.get("/api/inventory", params=query).json()["documents"]]


def test_documents_are_found_by_name_source_type_and_state(client: TestClient, api: FastAPI, broken: System) -> None:
    become(api, ROOT)
    assert keys(client) == ["hr/salary.txt", "travel.txt"]
    assert keys(client, query="SALARY") == ["hr/salary.txt"]
    assert keys(client, query="100%") == []
    assert keys(client, source="s", media_type="text/plain") == ["hr/salary.txt", "travel.txt"]
    assert keys(client, media_type="application/pdf") == []
    assert keys(client, state="failed") == ["bad.txt"]
    assert keys(client, state="waiting") == keys(client, state="flagged") == []
    broken.catalog.suspicions.note([Found(document_id("s", "travel.txt"), Judgement(0.9, {"override": 1}), "a", "r")])
    assert keys(client, state="flagged") == ["travel.txt"]
    page = client.get("/api/inventory", params={"limit": 1, "offset": 1}).json()
    assert (page["total"], [one["key"] for one in page["documents"]]) == (2, ["travel.txt"])
    assert page["types"] == [{"media_type": "text/plain", "documents": 2}]
    assert "Concur" not in client.get("/api/inventory").text


def test_a_document_is_inspected_without_its_text(client: TestClient, api: FastAPI, broken: System) -> None:
    become(api, ROOT)
    where = {"source": "s", "key": "hr/salary.txt"}
    found = client.get("/api/inventory/document", params=where).json()
    assert not found["may_read"]
    assert (found["access_from_source"], found["work"], found["warning"]) == (False, None, None)
    assert found["document"]["access"] == {"allow": ["group:hr"], "deny": []}
    assert found["version"]
    assert found["last_run"]["source"] == "s"
    assert "4,310" not in client.get("/api/inventory/document", params=where).text
    bad = client.get("/api/inventory/document", params={**where, "key": "bad.txt"}).json()
    assert (bad["document"], bad["work"]["state"], bad["work"]["failures"]) == (None, "failed", 1)
    assert [one["error"] for one in bad["failures"]] == ["bad.txt cannot be read (save it again)"]
    assert client.get("/api/inventory/document", params={**where, "key": "none"}).status_code == 404


def test_only_those_who_look_after_the_source_are_told(client: TestClient, api: FastAPI, broken: System) -> None:
    for user, status, seen in (
        (User("ann", frozenset({"everyone"})), 403, []),
        (User("cleo", role="curator", curates=frozenset({"s"})), 200, ["hr/salary.txt", "travel.txt"]),
        (User("carl", role="curator", curates=frozenset({"other"})), 200, []),
    ):
        become(api, user)
        answer = client.get("/api/inventory")
        assert answer.status_code == status
        assert [one["key"] for one in answer.json().get("documents", [])] == seen
    for path in ("/api/inventory/ingest", "/api/inventory/delete"):
        assert client.post(path, json={"source": "s", "key": "travel.txt"}).status_code == 404
    assert client.get("/api/inventory", params={"source": "s"}).status_code == 404


def test_a_single_document_is_taken_in_again_though_it_is_the_same(
    client: TestClient, api: FastAPI, system: System, queue: ListQueue
) -> None:
    become(api, ROOT)
    parsed = len(system.parsers.parsed)
    run = client.post("/api/inventory/ingest", json={"source": "s", "key": "travel.txt"})
    assert run.status_code == 202
    assert queue.work == 1
    assert keys(client, state="waiting") == ["travel.txt"]
    system.ingestor.work(run.json()["id"])
    assert system.parsers.parsed[parsed:] == ["travel.txt"]
    assert keys(client) == ["hr/salary.txt", "travel.txt"]


def test_a_deleted_document_comes_back_with_the_next_sync(
    client: TestClient, api: FastAPI, system: System, queue: ListQueue
) -> None:
    become(api, ROOT)
    run = client.post("/api/inventory/delete", json={"source": "s", "key": "travel.txt"}).json()
    system.ingestor.work(run["id"])
    assert keys(client) == ["hr/salary.txt"]
    assert document_id("s", "travel.txt") not in system.index.versions()
    assert client.get("/api/documents/text", params={"source": "s", "key": "travel.txt"}).status_code == 404
    system.ingestor.sync("s", "cli")
    assert keys(client) == ["hr/salary.txt", "travel.txt"]


def test_readers_look_for_what_they_may_read(client: TestClient, api: FastAPI, system: System) -> None:
    become(api, User("ann", frozenset({"everyone"})))
    found = client.get("/api/documents", params={"query": "t", "media_type": "text/plain"}).json()
    assert ([one["key"] for one in found["documents"]], found["total"]) == (["travel.txt"], 1)
    assert client.get("/api/documents", params={"query": "salary"}).json()["documents"] == []
    assert client.get("/api/documents/types").json() == {"types": [{"media_type": "text/plain", "documents": 1}]}


def test_blocks_and_chunks_are_for_readers(client: TestClient, api: FastAPI, system: System) -> None:
    hr = User("hal", frozenset({"hr"}))
    where = {"source": "s", "key": "hr/salary.txt"}
    become(api, ROOT)
    assert client.get("/api/documents/chunks", params=where).status_code == 404
    assert client.get("/api/documents/blocks", params=where).status_code == 404
    become(api, hr)
    found = client.get("/api/documents/chunks", params=where).json()
    assert found["total"] == 1
    (chunk,) = found["chunks"]
    assert chunk["text"] == "Grade K7 is paid 4,310 euros a month."
    assert (chunk["start"], chunk["end"]) == (0, 37)
    assert chunk["tokens"] == system.embedder.count_tokens([chunk["text"]])[0]
    assert client.get("/api/documents/blocks", params=where).json()["total"] == 0
    assert client.get("/api/documents/chunks", params={**where, "offset": 1}).json()["chunks"] == []
