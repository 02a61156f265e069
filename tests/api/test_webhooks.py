"""Webhooks over the API: for admins alone, recorded, and never with their secret but once."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.settings import load_settings
from assistant.types import User
from tests.api.test_feedback import become
from tests.fakes.receiver import Receiver
from tests.fakes.system import System


@pytest.fixture
def receiver(system: System) -> Iterator[Receiver]:
    system.settings = load_settings(home=system.folder, webhook_hosts=("127.0.0.1",))
    receiver = Receiver()
    yield receiver
    receiver.down()


def add(client: TestClient, receiver: Receiver) -> str:
    body = {"name": "ops", "url": receiver.url, "events": ["run.failed", "feedback.given"]}
    made = client.post("/api/webhooks", json=body)
    assert made.status_code == 201, made.text
    return str(made.json()["secret"])


def test_a_webhook_is_added_tried_changed_and_removed(client: TestClient, receiver: Receiver) -> None:
    secret = add(client, receiver)
    listed = client.get("/api/webhooks")
    assert secret not in listed.text
    assert listed.json()["events"][0] == "run.started"
    assert [one["name"] for one in listed.json()["webhooks"]] == ["ops"]
    tried = client.post("/api/webhooks/ops/test").json()
    assert (tried["state"], tried["status"], tried["answer"], tried["next_at"]) == ("delivered", 200, "thanks", None)
    assert receiver.verified(secret)[0]["type"] == "webhook.test"
    changed = client.patch("/api/webhooks/ops", json={"events": ["source.paused"], "enabled": False}).json()
    assert (changed["events"], changed["enabled"], changed["last"]["id"]) == (["source.paused"], False, tried["id"])
    renewed = client.post("/api/webhooks/ops/secret").json()["secret"]
    assert renewed not in {secret, ""}
    again = client.post(f"/api/webhooks/ops/deliveries/{tried['id']}/redeliver").json()
    assert (again["state"], again["tries"]) == ("waiting", 0)
    waiting = client.get("/api/webhooks/ops/deliveries", params={"state": "waiting"}).json()["deliveries"]
    assert [one["id"] for one in waiting] == [tried["id"]]
    assert client.delete("/api/webhooks/ops").json()["name"] == "ops"
    assert client.get("/api/webhooks/ops").status_code == 404
    assert client.post(f"/api/webhooks/ops/deliveries/{tried['id']}/redeliver").status_code == 404


def test_what_is_wrong_names_its_field(client: TestClient, receiver: Receiver) -> None:
    for body, cause in (
        ({"name": "ops", "url": "http://hooks.example.org", "events": ["run.failed"]}, "url: "),
        ({"name": "ops", "url": "https://[::1", "events": ["run.failed"]}, "url: "),
        ({"name": "ops", "url": receiver.url, "events": ["run.flown"]}, "events: "),
        ({"name": "O P", "url": receiver.url, "events": ["run.failed"]}, "name of a webhook"),
        ({"name": "ops", "url": receiver.url, "events": ["run.failed"], "secret": "mine"}, "secret: "),
    ):
        refused = client.post("/api/webhooks", json=body)
        assert refused.status_code == 422
        assert cause in refused.json()["error"]


def test_feedback_over_the_api_is_recorded_for_the_webhook(
    client: TestClient, system: System, receiver: Receiver
) -> None:
    add(client, receiver)
    said = {"question": "WHY-1", "answer": "SO-1", "verdict": "down", "cause": "outdated", "cited": []}
    made = client.post("/api/feedback", json=said).json()
    (delivery,) = system.catalog.deliveries.newest("ops", 10)
    assert (delivery.event, delivery.data["feedback"]) == ("feedback.given", made["id"])
    assert "WHY-1" not in json.dumps(dict(delivery.data))


def test_the_audit_log_says_who_and_to_which_host_and_no_more(
    client: TestClient, system: System, receiver: Receiver
) -> None:
    secret = add(client, receiver)
    client.patch("/api/webhooks/ops", json={"url": "https://hooks.example.org/token-4711"})
    shown = client.get("/api/audit").text
    for word in ("webhook added", "webhook changed", "hooks.example.org", "run.failed"):
        assert word in shown
    for word in (secret, "token-4711", "/hooks/assistant"):
        assert word not in shown


@pytest.mark.parametrize("role", ["employee", "curator", "auditor"])
def test_nobody_but_admins_gets_near(api: FastAPI, client: TestClient, receiver: Receiver, role: str) -> None:
    add(client, receiver)
    become(api, User("bob", frozenset({"sales"}), role=role))  # type: ignore[arg-type]
    body = {"name": "more", "url": receiver.url, "events": ["run.failed"]}
    for method, path, sent in (
        ("GET", "", None),
        ("POST", "", body),
        ("GET", "/ops", None),
        ("GET", "/gone", None),
        ("PATCH", "/ops", {"enabled": False}),
        ("DELETE", "/ops", None),
        ("POST", "/ops/secret", None),
        ("POST", "/ops/test", None),
        ("GET", "/ops/deliveries", None),
        ("POST", "/ops/deliveries/any/redeliver", None),
    ):
        assert client.request(method, f"/api/webhooks{path}", json=sent).status_code == 403, (method, path)
    assert receiver.came == []
