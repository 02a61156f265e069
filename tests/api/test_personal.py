"""Personal data over the API: one's own in full, another's only for admins and without what was said; and erased."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.access import Caller
from assistant.api.signed_in import signed_in
from assistant.app.keeping import personal_desk
from assistant.ingest.uploads import register_uploads
from assistant.types import LOCAL_OPERATOR, User
from tests.api.conftest import ListQueue
from tests.api.test_conversations import answerer, begun  # noqa: F401
from tests.fakes.answering import ScriptedAnswerer
from tests.fakes.system import System

ROOT = User("root", frozenset({"everyone"}), "admin")


@pytest.fixture
def ann(system: System, client: TestClient, api: FastAPI, answerer: ScriptedAnswerer) -> Iterator[User]:  # noqa: F811
    """Somebody who asked and uploaded; signed in."""
    register_uploads(system.registry, lambda: system.catalog, lambda: system.blobs)
    system.people.add("ann", "Ann Brown", ["hr"], "employee", LOCAL_OPERATOR)
    ann = system.catalog.people.get("ann").user
    become(api, ann)
    begun(client, "How many wombats are there?")
    assert client.post("/api/uploads", files={"files": ("note.txt", b"wombats dig\n")}).status_code == 201
    for source in system.catalog.personal.upload_sources("ann"):
        system.ingestor.sync(source, "upload")
    yield ann
    api.dependency_overrides.clear()


def become(api: FastAPI, user: User, scopes: frozenset[str] | None = None) -> None:
    api.dependency_overrides[signed_in] = lambda: Caller(user, scopes)


def unpacked(client: TestClient, path: str) -> dict[str, bytes]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_everybody_gets_their_own_with_answers(client: TestClient, ann: User) -> None:
    found = unpacked(client, "/api/me/export")
    about = json.loads(found["contents.json"])
    assert (about["person"], about["complete"]) == ("ann", True)
    assert set(about["files"]) == set(found) - {"contents.json"}
    (shown,) = [data for name, data in found.items() if name.endswith("/conversation.json")]
    assert json.loads(shown)["turns"][0]["question"] == "How many wombats are there?"
    assert json.loads(shown)["turns"][0]["answer"]
    assert found["uploads/0001 note.txt"] == b"wombats dig\n"


def test_without_sign_in_the_operator_gets_what_the_operator_has(client: TestClient) -> None:
    found = unpacked(client, "/api/me/export")
    assert json.loads(found["account.json"]) == {
        "id": "operator", "account": None, "named_in_documents": 0, "named_in_questions_added": 0,
    }  # fmt: skip


def test_an_admin_gets_no_words_of_others(client: TestClient, api: FastAPI, ann: User) -> None:
    become(api, ROOT)
    found = unpacked(client, "/api/people/ann/export")
    assert b"wombats" not in b"".join(found.values())
    assert json.loads(found["contents.json"])["withheld"]
    assert client.get("/api/people/nobody/export").status_code == 404
    become(api, ann)
    assert client.get("/api/people/ann/export").status_code == 403


def test_a_token_for_some_things_does_not_get_all(client: TestClient, api: FastAPI, ann: User) -> None:
    become(api, ann, frozenset({"ask", "read"}))
    assert client.get("/api/me/export").status_code == 403
    become(api, ann, frozenset({"ask", "read", "upload"}))
    assert client.get("/api/me/export").status_code == 200


def test_an_erasure_is_meant_and_ends_with_the_workers(
    client: TestClient, api: FastAPI, system: System, queue: ListQueue, ann: User
) -> None:
    become(api, ROOT)
    body: dict[str, Any] = {"confirm": "bob"}
    assert client.post("/api/people/ann/erase", json=body).status_code == 422
    assert client.post("/api/people/root/erase", json={"confirm": "root"}).status_code == 422
    found = {"query": "wombats dig", "limit": 5}
    become(api, ann)
    assert "note.txt" in client.post("/api/search", json=found).text
    become(api, ROOT)
    before = system.catalog.documents.count(LOCAL_OPERATOR)[0]
    answer = client.post("/api/people/ann/erase", json={"confirm": "ann"})
    erased = answer.json()
    assert erased.pop("records") > 0
    assert erased == {"user": "ann", "conversations": 1, "uploads": 1, "done": False}
    assert queue.work > 0
    system.ingestor.stages.delete()
    system.ingestor.removals.go_on()
    assert personal_desk(system).go_on() == 1  # type: ignore[arg-type]
    assert system.catalog.documents.count(LOCAL_OPERATOR)[0] == before - 1
    become(api, LOCAL_OPERATOR)
    assert "note.txt" not in client.post("/api/search", json=found).text
    become(api, ROOT)
    assert not [key for key in system.blobs.keys() if b"wombats" in system.blobs.get(key)]  # noqa: SIM118
    assert client.post("/api/people/ann/erase", json={"confirm": "ann"}).json()["done"]
    become(api, ann)
    assert client.post("/api/people/ann/erase", json={"confirm": "ann"}).status_code == 403
