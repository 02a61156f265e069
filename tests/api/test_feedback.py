"""Feedback and kept questions over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.access import Caller
from assistant.api.signed_in import signed_in
from assistant.types import User

STAFF = User("staff", frozenset({"everyone"}))
ADMIN = User("root", frozenset({"everyone"}), "admin")
SALARY = {"source": "s", "key": "hr/salary.txt"}
TRAVEL = {"source": "s", "key": "travel.txt"}


def become(api: FastAPI, user: User) -> None:
    api.dependency_overrides[signed_in] = lambda: Caller(user)


def given(client: TestClient, **changes: Any) -> dict[str, Any]:
    body = {"question": "When?", "answer": "21 days before.", "verdict": "up", "cited": [TRAVEL], **changes}
    response = client.post("/api/feedback", json=body)
    assert response.status_code == 201, response.text
    return dict(response.json())


def test_feedback_becomes_a_kept_question(client: TestClient, api: FastAPI) -> None:
    become(api, STAFF)
    feedback = given(client, reason="right")
    assert (feedback["user"], feedback["groups"], feedback["withheld"]) == ("staff", ["everyone"], False)
    become(api, ADMIN)
    listed = client.get("/api/feedback").json()["feedback"]
    assert listed == [feedback]
    assert client.get("/api/feedback", params={"verdict": "down"}).json() == {"feedback": [], "total": 0}
    kept = client.post("/api/questions", json={"feedback_id": feedback["id"]})
    assert kept.status_code == 201
    assert kept.json()["documents"] == ["s:travel.txt"]
    assert kept.json()["reader"] == {"id": "staff", "groups": ["everyone"]}
    assert kept.json()["added_by"] == "root"
    own = {"question": "Why?", "facts": ["x"], "quotes": [{"quote": "y", "document": "travel.txt"}]}
    assert client.post("/api/questions", json=own).json()["origin"] == "hand"
    questions = client.get("/api/questions").json()["questions"]
    assert [each["question"] for each in questions] == ["When?", "Why?"]
    assert client.delete(f"/api/questions/{questions[0]['id']}").status_code == 204
    assert client.delete(f"/api/questions/{questions[0]['id']}").status_code == 404
    assert client.delete(f"/api/feedback/{feedback['id']}").status_code == 204


def test_rights(client: TestClient, api: FastAPI) -> None:
    feedback = given(client, answer="4,310 euros", cited=[SALARY])  # the operator's
    become(api, STAFF)
    cited = client.post("/api/feedback", json={"question": "q", "answer": "", "verdict": "up", "cited": [SALARY]})
    unknown = client.post(
        "/api/feedback", json={"question": "q", "answer": "", "verdict": "up", "cited": [{**SALARY, "key": "no"}]}
    )
    assert cited.status_code == unknown.status_code == 404
    assert cited.json()["error"].replace("hr/salary.txt", "no") == unknown.json()["error"]
    for path in ("/api/feedback", "/api/questions"):
        assert client.get(path).status_code == 403
    assert client.post("/api/questions", json={"question": "q"}).status_code == 403
    assert client.delete(f"/api/feedback/{feedback['id']}").status_code == 403
    become(api, ADMIN)
    (hidden,) = client.get("/api/feedback").json()["feedback"]
    assert hidden["withheld"] is True
    assert "4,310" not in str(hidden)
    assert "salary" not in str(hidden)


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": " "},
        {"verdict": "maybe"},
        {"cited": None},
        {"more": 1},
        {"cited": [TRAVEL] * 201},
    ],
)
def test_wrong_feedback_is_refused(client: TestClient, wrong: dict[str, Any]) -> None:
    body = {"question": "When?", "answer": "x", "verdict": "up", "cited": [], **wrong}
    assert client.post("/api/feedback", json=body).status_code == 422


def test_wrong_questions_are_refused(client: TestClient) -> None:
    assert client.post("/api/questions", json={"question": " "}).status_code == 422
    assert client.post("/api/questions", json={"feedback_id": "none"}).status_code == 404
    blank = {"question": "q", "quotes": [{"quote": " "}]}
    assert client.post("/api/questions", json=blank).status_code == 422
    assert client.post("/api/questions", json={"question": "q"}).status_code == 201
    assert client.post("/api/questions", json={"question": "q"}).status_code == 422


@pytest.fixture
def answered(client: TestClient, api: FastAPI) -> tuple[str, str]:
    """A conversation of the staff's and its one turn, which is answered."""
    become(api, STAFF)
    begun = client.post("/api/conversations", json={"question": "When do I book?"}).json()
    conversation, turn = begun["conversation"]["id"], begun["turn"]["id"]
    client.get(f"/api/conversations/{conversation}/turns/{turn}/events")
    return conversation, turn


def test_what_is_said_of_a_turn_can_be_changed_and_taken_back(
    client: TestClient, api: FastAPI, answered: tuple[str, str]
) -> None:
    conversation, turn = answered
    path = f"/api/conversations/{conversation}/turns/{turn}/feedback"
    assert client.put(path, json={"verdict": "up"}).status_code == 200
    said = client.put(path, json={"verdict": "down", "cause": "outdated", "reason": "It is 14."}).json()
    assert (said["turn"], said["verdict"], said["cause"], said["reason"]) == (turn, "down", "outdated", "It is 14.")
    assert client.get(f"/api/conversations/{conversation}/feedback").json() == {"feedback": [said]}
    become(api, ADMIN)
    assert client.get(f"/api/conversations/{conversation}/feedback").status_code == 404
    assert client.put(path, json={"verdict": "up"}).status_code == 404
    assert client.delete(path).status_code == 404
    (listed,) = client.get("/api/feedback").json()["feedback"]
    assert (listed["question"], listed["turn"], listed["cause"]) == ("When do I book?", turn, "outdated")
    assert listed["answer"]
    assert listed["cited"] == [TRAVEL]
    become(api, STAFF)
    assert client.put(path, json={"verdict": "down", "cause": "boring"}).status_code == 422
    assert client.delete(path).status_code == client.delete(path).status_code == 204
    assert client.get(f"/api/conversations/{conversation}/feedback").json() == {"feedback": []}


def test_admins_see_the_answer_only_where_they_may_read_all_that_it_rests_on(
    client: TestClient, api: FastAPI, answered: tuple[str, str]
) -> None:
    conversation, turn = answered
    client.put(f"/api/conversations/{conversation}/turns/{turn}/feedback", json={"verdict": "up", "reason": "fine"})
    become(api, User("far", frozenset({"elsewhere"}), "admin"))
    (listed,) = client.get("/api/feedback").json()["feedback"]
    assert (listed["withheld"], listed["answer"], listed["reason"], listed["cited"]) == (True, "", "", [])
