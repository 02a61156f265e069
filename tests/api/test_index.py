"""The index over the API: what it is and holds, and what admins have done with it."""

from __future__ import annotations

import time

from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.catalog import Found
from assistant.injection import Judgement
from assistant.types import User, document_id
from tests.api.test_feedback import become
from tests.fakes.system import System


def test_the_overview_says_what_there_is(client: TestClient, system: System) -> None:
    note = system.catalog.suspicions.note
    note([Found(document_id("s", "travel.txt"), Judgement(0.9, {"override": 1}), "a", "r")])
    note([Found(document_id("s", "hr/salary.txt"), Judgement(0.2, {"hidden:tiny": 3}), "a", "r")])
    found = client.get("/api/index").json()
    assert (found["engine"], found["current"], found["dimension"]) == ("edge", "first", 64)
    assert [one["state"] for one in found["indexes"]] == ["current"]
    assert (found["sizes"]["documents"], found["sizes"]["indexed_chunks"]) == (2, 2)
    assert found["sizes"]["catalog_bytes"] > 0
    assert found["suspicions"] == {"threshold": 0.5, "flagged": 1, "reviewed": 0, "slight": 1}
    assert (found["recall"], found["progress"], found["compared"]) == (None, None, {})
    system.catalog.suspicions.review("s", "travel.txt", "root")
    assert client.get("/api/index").json()["suspicions"]["reviewed"] == 1


def test_recall_is_measured_in_the_background(client: TestClient) -> None:
    assert client.post("/api/index/recall", json={"sample": 10}).status_code == 202
    deadline = time.monotonic() + 60
    while (found := client.get("/api/index").json())["progress"]["ended_at"] is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert found["progress"]["phase"] == "done"
    assert (found["recall"]["index"], found["recall"]["worst"]) == ("first", 1.0)
    assert found["recall"]["shares"] == [{"readable": 1.0, "recall": 1.0}]


def test_wrong_orders_are_refused(client: TestClient) -> None:
    assert client.post("/api/index/swap", json={"name": "nowhere"}).status_code == 404
    assert client.post("/api/index/drop", json={"name": "nowhere"}).status_code == 404
    assert client.post("/api/index/build", json={"chunk_tokens": 1}).status_code == 422
    assert client.post("/api/index/stop").json() is None
    assert client.post("/api/index/back", json={"name": "nowhere"}).status_code == 404


def test_going_back_to_what_is_the_former_one_no_more_is_refused(client: TestClient, system: System) -> None:
    indexes = system.catalog.indexes
    indexes.add("x", "onnx", 64, "", first=("onnx", 200, ""))
    indexes.ready("x")
    assert indexes.swap("x", indexes.documents(), lambda former: former).done
    refused = client.post("/api/index/back", json={"name": "z"})
    assert (refused.status_code, refused.json()["code"]) == (409, "ChangedMeanwhileError")
    assert "'first' by now, not 'z'" in refused.json()["error"]
    assert client.get("/api/index").json()["progress"] is None


def test_only_admins_see_and_change_it(client: TestClient, api: FastAPI) -> None:
    become(api, User("cleo", role="curator", curates=frozenset({"s"})))
    assert client.get("/api/index").status_code == 403
    assert client.post("/api/index/build", json={}).status_code == 403
