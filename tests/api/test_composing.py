"""The routes that lead to a question."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.access import Caller
from assistant.api.signed_in import signed_in
from assistant.types import User
from tests.fakes.system import System

STAFF = User("staff", frozenset({"everyone"}))


def as_staff(api: FastAPI) -> None:
    api.dependency_overrides[signed_in] = lambda: Caller(STAFF)


def test_a_plan_says_what_would_be_read(client: TestClient) -> None:
    made = client.post("/api/plan", json={"question": "How many days before the trip are tickets booked?"}).json()
    assert made["plan"]["mode"] == "chunks"
    assert "travel.txt" in {one["document"]["key"] for one in made["plan"]["passages"]}
    assert 0 < made["plan"]["tokens"] <= made["plan"]["budget"]
    assert made["within"]["documents"] == 2


def test_without_a_question_a_plan_counts_what_is_within_the_filters(client: TestClient) -> None:
    made = client.post("/api/plan", json={"paths": ["hr"]}).json()
    assert made["plan"] is None
    assert made["within"]["documents"] == 1
    assert made["within"]["tokens"] > 0


def test_what_cannot_be_planned_is_refused(client: TestClient) -> None:
    assert client.post("/api/plan", json={"question": "x", "types": ["no-such"]}).status_code == 422
    assert client.post("/api/plan", json={"question": "x", "model": "none-such"}).status_code == 404


def test_the_scope_is_what_may_be_read(api: FastAPI, client: TestClient) -> None:
    whole = client.get("/api/scope").json()
    assert [(one["name"], one["documents"], one["own"]) for one in whole["sources"]] == [("s", 2, False)]
    assert [one["path"] for one in whole["folders"]] == ["hr"]
    assert [one["type"] for one in whole["types"]] == ["txt"]
    assert whole["more_folders"] is False
    as_staff(api)
    mine = client.get("/api/scope").json()
    assert [one["documents"] for one in mine["sources"]] == [1]
    assert mine["folders"] == []


def test_suggestions_are_of_what_may_be_read(api: FastAPI, client: TestClient) -> None:
    def keys() -> set[str]:
        return {one["document"]["key"] for one in client.get("/api/suggestions").json()["suggestions"]}

    assert keys() == {"travel.txt", "hr/salary.txt"}
    as_staff(api)
    assert keys() == {"travel.txt"}


def test_suggestions_on_one_document(api: FastAPI, client: TestClient) -> None:
    path = "/api/suggestions?source=s&key=hr/salary.txt"
    assert [one["document"]["key"] for one in client.get(path).json()["suggestions"]] == ["hr/salary.txt"]
    assert client.get("/api/suggestions?source=s").status_code == 422
    as_staff(api)
    assert client.get(path).status_code == 404


def test_suggestions_after_an_answer_are_those_of_ones_own_turn(
    api: FastAPI, client: TestClient, system: System
) -> None:
    begun = client.post("/api/conversations", json={"question": "How many days before the trip?"}).json()
    path = f"/api/conversations/{begun['conversation']['id']}/turns/{begun['turn']['id']}/suggestions"
    assert client.get(path).json() == {"suggestions": []}  # its documents have no headings
    as_staff(api)
    assert client.get(path).status_code == 404
