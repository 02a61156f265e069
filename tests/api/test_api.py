"""The API's routes."""

from __future__ import annotations

import json
import threading
from typing import Any, cast

import fastapi.routing
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.access import Caller
from assistant.api import create_api
from assistant.api.signed_in import signed_in
from assistant.app import App
from assistant.errors import BrokerUnavailableError, IndexUnavailableError, SourceError
from assistant.types import User
from tests.api.conftest import ListQueue
from tests.fakes.system import System

STAFF = User("staff", frozenset({"everyone"}))


def events(client: TestClient, **body: Any) -> list[tuple[str, dict[str, Any]]]:
    response = client.post("/api/ask", json=body)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    found = []
    for block in response.text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_ask_streams_plan_text_citations_usage(client: TestClient) -> None:
    stream = events(client, question="How many days before the trip are train tickets booked?")
    names = [name for name, _ in stream]
    assert names[0] == "plan"
    assert names[-2:] == ["citations", "usage"]
    assert set(names[1:-2]) == {"text"}
    text = "".join(data["delta"] for name, data in stream if name == "text")
    usage = stream[-1][1]
    assert usage["answer"] == text
    assert usage["found"]
    assert "21 days" in text
    (citation,) = stream[-2][1]["citations"]
    assert citation["verified"]
    assert citation["document"]["key"] == "travel.txt"
    plan = stream[0][1]
    assert plan["mode"] == "chunks"
    assert 0 < plan["tokens"] <= plan["budget"]


def test_ask_says_when_the_documents_do_not(client: TestClient) -> None:
    stream = events(client, question="What is the melting point of tungsten?")
    assert stream[-1][1]["found"] is False
    assert stream[-2] == ("citations", {"citations": []})


def test_a_fault_in_the_stream_is_an_event(client: TestClient, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IndexUnavailableError("the index does not answer", "start it")

    monkeypatch.setattr(system.index, "search", fail)
    name, data = events(client, question="anything at all")[-1]
    assert (name, data["code"]) == ("error", "IndexUnavailableError")
    response = client.post("/api/search", json={"query": "x"})
    said = f"start it; the log has it as {response.headers['x-request-id']}"
    assert (response.status_code, response.json()["hint"]) == (503, said)


def test_an_unknown_fault_says_nothing_of_its_inside(
    client: TestClient, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(system.index, "search", fail)
    assert events(client, question="anything")[-1][0] == "error"
    response = client.post("/api/search", json={"query": "x"})
    assert response.status_code == 500
    assert "secret" not in response.text
    assert response.headers["x-request-id"] in response.json()["hint"]


def test_search(client: TestClient) -> None:
    found = client.post("/api/search", json={"query": "train tickets", "limit": 1}).json()
    (hit,) = found["hits"]
    assert hit["document"]["key"] == "travel.txt"
    text = client.get("/api/documents/text", params={"source": "s", "key": "travel.txt"}).json()["text"]
    assert text[hit["start"] : hit["end"]] == hit["text"]


def test_documents_list_text_window(client: TestClient) -> None:
    listed = client.get("/api/documents", params={"limit": 1, "offset": 1}).json()
    assert [document["key"] for document in listed["documents"]] == ["travel.txt"]
    assert listed["total"] == 2
    place = {"source": "s", "key": "travel.txt"}
    window = client.get("/api/documents/text", params={**place, "start": 6, "end": 13}).json()
    assert (window["text"], window["start"], window["end"]) == ("tickets", 6, 13)
    beyond = client.get("/api/documents/text", params={**place, "start": 10**6, "end": 10**7}).json()
    assert (beyond["text"], beyond["start"]) == ("", beyond["length"])


def test_page_of_a_text_without_pages_is_not_found(client: TestClient) -> None:
    response = client.get("/api/documents/page", params={"source": "s", "key": "travel.txt", "page": 1})
    assert (response.status_code, response.json()["code"]) == (404, "NotFoundError")


def test_every_read_applies_the_users_rights(api: FastAPI, client: TestClient) -> None:
    api.dependency_overrides[signed_in] = lambda: Caller(STAFF)
    status = client.get("/api/status").json()
    assert (status["documents"], status["models"]) == (1, [])
    assert [d["key"] for d in client.get("/api/documents").json()["documents"]] == ["travel.txt"]
    assert "4,310" not in client.post("/api/search", json={"query": "grade K7 paid euros"}).text
    assert "4,310" not in client.post("/api/ask", json={"question": "What is grade K7 paid a month?"}).text
    for path in ("text", "page"):
        secret = client.get(f"/api/documents/{path}", params={"source": "s", "key": "hr/salary.txt", "page": 1})
        assert secret.status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/sources"),
        ("POST", "/api/sources/s/sync"),
        ("POST", "/api/sources/s/pause"),
        ("POST", "/api/sources/s/resume"),
        ("DELETE", "/api/sources/s"),
        ("GET", "/api/runs"),
        ("GET", "/api/runs/x"),
    ],
)
def test_only_admins_manage_sources(api: FastAPI, client: TestClient, method: str, path: str) -> None:
    api.dependency_overrides[signed_in] = lambda: Caller(STAFF)
    assert client.request(method, path).status_code == 403


def test_without_a_broker_a_sync_that_is_asked_for_is_recorded(
    client: TestClient, queue: ListQueue, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise BrokerUnavailableError("the broker does not take work")

    monkeypatch.setattr(queue, "enqueue_sync", fail)
    answer = client.post("/api/sources/s/sync", params={"full": True})
    assert (answer.status_code, answer.json()["is_asked"]) == (202, True)
    source = system.catalog.sources.get("s")
    assert source.asked is not None
    assert source.asked_full
    system.ingestor.sync("s", "api")
    (listed,) = client.get("/api/sources").json()["sources"]
    assert not listed["is_asked"]


def test_sources_are_added_synced_paused_removed(client: TestClient, queue: ListQueue, system: System) -> None:
    body = {"name": "more", "kind": "memory", "schedule": "every 1h", "readers": {"default": ["board"]}}
    added = client.post("/api/sources", json=body)
    assert (added.status_code, added.json()["state"]) == (201, "active")
    assert client.post("/api/sources", json=body).status_code == 422
    assert client.post("/api/sources/more/sync").status_code == 202
    assert queue.asked == [("more", "api"), ("more", "api")]
    assert client.post("/api/sources/more/pause").json()["state"] == "paused"
    assert client.post("/api/sources/more/resume").json()["state"] == "active"
    assert [source["name"] for source in client.get("/api/sources").json()["sources"]] == ["more", "s"]
    removed = client.delete("/api/sources/s")
    assert (removed.status_code, removed.json()["state"], queue.work) == (202, "removing", 1)
    assert client.post("/api/sources/s/sync").status_code == 409
    system.ingestor.stages.delete()
    system.ingestor.removals.go_on()
    assert [source["name"] for source in client.get("/api/sources").json()["sources"]] == ["more"]
    assert client.get("/api/status").json()["documents"] == 0
    assert client.post("/api/sources/nowhere/sync").status_code == 404


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"kind": "telepathy"}, "telepathy"),
        ({"schedule": "sometimes"}, "sometimes"),
        ({"readers": {"rules": [{"glob": "x"}]}}, "rules.0.readers"),
        ({"name": "../x"}, "name"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_wrong_source_is_refused_with_the_field(client: TestClient, change: dict[str, Any], named: str) -> None:
    response = client.post("/api/sources", json={"name": "n", "kind": "memory", **change})
    assert response.status_code == 422
    assert named in response.json()["error"]
    assert [source["name"] for source in client.get("/api/sources").json()["sources"]] == ["s"]


def test_a_source_that_cannot_be_read_is_not_added(client: TestClient, system: System) -> None:
    system.source.listing_error = SourceError("the folder is gone", "check the path")
    response = client.post("/api/sources", json={"name": "n", "kind": "memory"})
    assert (response.status_code, response.json()["error"]) == (422, "the folder is gone")
    assert [source["name"] for source in client.get("/api/sources").json()["sources"]] == ["s"]


def test_runs_show_counts_and_failures(client: TestClient, system: System) -> None:
    system.source.texts["empty.txt"] = ""
    system.ingestor.sync("s", "cli")
    newest, first = client.get("/api/runs", params={"source": "s"}).json()["runs"]
    assert first["documents"]["added"] == 2
    assert newest["failures"] is None
    shown = client.get(f"/api/runs/{newest['id']}").json()
    assert [failure["key"] for failure in shown["failures"]] == ["empty.txt"]
    without = client.get(f"/api/runs/{newest['id']}", params={"failures": "false"}).json()
    assert (without["failures"], without["documents"]["failed"]) == (None, 1)
    assert client.get("/api/runs/x").status_code == 404


def test_health_ready_metrics(client: TestClient, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.api.readiness.KEPT_SECONDS", 0.0)
    assert client.get("/health").json() == {"status": "ok", "checks": {}}
    assert client.get("/ready").json()["checks"] == {"catalog": "ok", "index": "ok", "embedder": "ok"}
    events(client, question="train tickets before the trip")
    metrics = client.get("/metrics").text
    assert "assistant_documents 2.0" in metrics
    assert 'assistant_answers_total{found="true",mode="chunks"} 1.0' in metrics
    assert 'assistant_answer_endings_total{fallback="false",state="complete"} 1.0' in metrics
    assert 'assistant_stage_seconds_count{stage="search"} 1.0' in metrics
    assert 'assistant_tokens_total{kind="prompt",model=' in metrics
    assert 'assistant_ingested{outcome="added"} 2.0' in metrics
    assert "assistant_queue_seconds 0.0" in metrics
    assert 'assistant_requests_total{method="POST",route="/api/ask",status="200"} 1.0' in metrics
    for number in range(3):
        client.request(f"MADE{number}", "/api/ask")
    metrics = client.get("/metrics").text
    assert 'assistant_requests_total{method="_OTHER",route="/api/ask",status="405"} 3.0' in metrics
    assert "MADE" not in metrics
    system.index.close()
    response = client.get("/ready")
    assert response.status_code == 503
    assert response.json()["checks"]["index"] != "ok"


@pytest.mark.parametrize(
    "headers",
    [{"host": "evil.example"}, {"host": "evil.example:8090"}, {"origin": "http://evil.example"}, {"origin": "null"}],
)
def test_foreign_hosts_and_origins_are_refused(client: TestClient, headers: dict[str, str]) -> None:
    for path in ("/api/status", "/health", "/api/documents"):
        assert client.get(path, headers=headers).status_code == 403
    refused = client.get("/v1/models", headers=headers)
    assert (refused.status_code, refused.json()["error"]["type"]) == (403, "permission_error")  # for OpenAI's clients


@pytest.mark.parametrize(
    "headers", [{"host": "localhost:1"}, {"host": "[::1]:8090"}, {"origin": "http://localhost:8091"}]
)
def test_this_machine_is_not_foreign(client: TestClient, headers: dict[str, str]) -> None:
    assert client.get("/api/status", headers=headers).status_code == 200


def test_wrong_requests_name_the_field(client: TestClient) -> None:
    response = client.post("/api/ask", json={"question": "x", "mode": "telepathy"})
    assert (response.status_code, response.json()["code"]) == (422, "ConfigurationError")
    assert "mode" in response.json()["error"]


def test_openapi_describes_every_route(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    operations = [op for path in described["paths"].values() for op in path.values()]
    assert len(operations) >= 17
    for operation in operations:
        assert operation["summary"], operation
        assert operation["description"], operation
        success = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
        assert success["description"], operation


@pytest.mark.parametrize("headers", [{"Host": "[::1"}, {"Origin": "http://["}])
def test_a_host_that_is_none_is_refused_and_no_fault(client: TestClient, headers: dict[str, str]) -> None:
    assert client.get("/health", headers=headers).status_code == 403


def test_a_path_that_does_not_exist_is_an_error_like_every_other(client: TestClient) -> None:
    missing, wrong = client.get("/api/nothing"), client.put("/api/search")
    assert (missing.status_code, missing.json()["code"]) == (404, "NotFoundError")
    assert (wrong.status_code, wrong.json()["error"]) == (405, "Method Not Allowed")


def test_an_answerer_that_cannot_start_is_an_event(
    client: TestClient, system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise IndexUnavailableError("no owner", "start it")

    monkeypatch.setattr(system.answerer, "stream", fail)
    assert events(client, question="x") == [
        ("error", {"error": "no owner", "hint": "start it", "code": "IndexUnavailableError"})
    ]


def test_the_routes_are_made_at_the_start_and_not_by_the_first_request(
    system: System, queue: ListQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = create_api(cast(App, system), queue)  # its own: those of the other tests are made already
    made: list[Any] = []
    make = fastapi.routing._populate_api_route_state

    def counted(route: Any, *arguments: Any, **more: Any) -> None:
        made.append(route)
        make(route, *arguments, **more)

    monkeypatch.setattr(fastapi.routing, "_populate_api_route_state", counted)
    with TestClient(api, base_url="http://127.0.0.1") as client:
        for thread in threading.enumerate():
            if thread.name == "routes":
                thread.join(120)
        at_start = len(made)
        assert at_start > 100
        assert client.get("/health").status_code == 200
        assert len(made) == at_start
