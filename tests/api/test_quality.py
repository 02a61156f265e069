"""Evaluations, unanswered questions and figures of use over HTTP."""

from __future__ import annotations

import time
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.types import User
from tests.api.test_feedback import ADMIN, STAFF, become

AUDITOR = User("dan", frozenset({"everyone"}), "auditor")


def asked(client: TestClient, question: str) -> None:
    turn = client.post("/api/conversations", json={"question": question}).json()
    path = f"/api/conversations/{turn['conversation']['id']}/turns/{turn['turn']['id']}"
    until = time.monotonic() + 60
    while client.get(path).json()["state"] == "answering" and time.monotonic() < until:
        time.sleep(0.01)


def test_an_evaluation_from_its_start_to_its_removal(client: TestClient, api: FastAPI) -> None:
    become(api, ADMIN)
    assert client.post("/api/evaluations", json={}).status_code == 422
    case = {"question": "When are train tickets booked?", "documents": ["travel.txt"], "facts": ["21 days"]}
    assert client.post("/api/questions", json=case).status_code == 201
    begun = client.post("/api/evaluations", json={"mode": "chunks"})
    assert (begun.status_code, begun.json()["state"], begun.json()["total"]) == (201, "running", 1)
    path, until = f"/api/evaluations/{begun.json()['id']}", time.monotonic() + 60
    while (found := client.get(path).json())["state"] == "running" and time.monotonic() < until:
        time.sleep(0.01)
    assert found["state"] == "done", found
    assert found["scores"]["facts"] == 1.0
    (result,) = found["results"]
    assert (result["question"], result["withheld"]) == (case["question"], False)
    assert {"name": "21 days", "note": "fact", "good": True, "text": ""} in result["expected"]
    listed = client.get("/api/evaluations").json()["evaluations"]
    assert [one["id"] for one in listed] == [found["id"]]
    assert client.post(f"{path}/cancel").status_code == 200
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_what_was_asked_is_counted(client: TestClient, api: FastAPI) -> None:
    become(api, STAFF)
    asked(client, "When are train tickets booked?")
    asked(client, "Zxqv brmpf?")
    become(api, AUDITOR)
    found: dict[str, Any] = client.get("/api/usage", params={"days": 7}).json()
    assert (found["total"]["questions"], found["total"]["people"], found["few"]) == (2, 1, 1)
    assert len(found["days"]) == 7
    assert found["days"][-1]["key"] == found["until"]
    assert found["total"]["whole"]["p95"] >= found["total"]["whole"]["p50"]
    assert found["sources"][0]["source"] == "s"
    become(api, ADMIN)
    poor = client.get("/api/questions/unanswered").json()
    assert (poor["counts"]["not_found"], poor["shown"]) == (1, True)
    assert poor["questions"][0] == {
        "question": "Zxqv brmpf?",
        "day": [day["key"] for day in found["days"] if day["questions"]][-1],  # midnight may have come meanwhile
        "why": "not_found",
        "mode": "chunks",
    }
    assert client.get("/api/usage", params={"days": 0}).status_code == 422


def test_rights(client: TestClient, api: FastAPI) -> None:
    for user, usage in ((STAFF, 403), (AUDITOR, 200), (ADMIN, 200)):
        become(api, user)
        assert client.get("/api/usage").status_code == usage
        for path in ("/api/evaluations", "/api/questions/unanswered", "/api/settings"):
            assert client.get(path).status_code == (200 if user == ADMIN else 403)


def test_the_status_counts_the_sources_that_the_person_may_know_of(client: TestClient, api: FastAPI) -> None:
    def sources(user: User) -> int:
        become(api, user)
        return int(client.get("/api/status").json()["sources"])

    assert sources(STAFF) == 1
    assert sources(User("x", frozenset({"nobody"}))) == 0
    assert sources(User("x", frozenset({"nobody"}), "curator", frozenset({"s"}))) == 1
    assert sources(User("x", frozenset({"nobody"}), "admin")) == 1
