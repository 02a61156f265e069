"""Runs and failures over HTTP: followed while they go on, cancelled, tried again, ignored."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.access import Caller
from assistant.api import routes_runs
from assistant.api.events import event
from assistant.api.signed_in import signed_in
from assistant.errors import BrokerUnavailableError, SourceUnreachableError
from assistant.types import User
from tests.api.conftest import ListQueue
from tests.fakes.system import System


def follow(client: TestClient, run_id: str) -> list[dict[str, Any]]:
    with client.stream("GET", f"/api/runs/{run_id}/events") as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        return [json.loads(line[6:]) for line in response.iter_lines() if line.startswith("data: ")]


def test_a_run_is_followed_until_it_ends(client: TestClient, system: System, monkeypatch: pytest.MonkeyPatch) -> None:
    system.source.texts |= {f"{n}.txt": f"text {n}" for n in range(8)}
    run_id = system.ingestor.begin("s", "api")
    worker = threading.Thread(target=system.ingestor.work, args=[run_id])

    def begin_once_it_is_shown(kind: str, data: object) -> str:
        if worker.ident is None:
            worker.start()
        return event(kind, data)

    monkeypatch.setattr(routes_runs, "event", begin_once_it_is_shown)
    records = follow(client, run_id)
    worker.join()
    assert (records[0]["state"], records[0]["pending"], records[0]["finished"]) == ("running", 8, 0)
    assert (records[-1]["state"], records[-1]["pending"], records[-1]["finished"]) == ("done", 0, 8)
    assert records[-1]["bytes"] == 8 * len("text 0")
    assert set(records[-1]["phases"]) == {"list", "fetch", "parse", "embed", "write"}
    assert records[-1]["seconds_left"] is None


def test_a_run_that_is_not_there_cannot_be_followed(client: TestClient) -> None:
    assert client.get("/api/runs/none/events").status_code == 404
    assert client.post("/api/runs/none/cancel").status_code == 404


def test_a_run_is_cancelled(client: TestClient, system: System) -> None:
    system.source.texts["new.txt"] = "new"
    run_id = system.ingestor.begin("s", "api")
    run = client.post(f"/api/runs/{run_id}/cancel").json()
    assert (run["state"], run["cancelled"], run["pending"]) == ("cancelled", True, 1)
    assert "the next sync does what is left" in run["error"]
    assert system.ingestor.sync("s", "cli").added == 1


def test_failures_are_listed_tried_again_and_ignored(client: TestClient, system: System, queue: ListQueue) -> None:
    for key in ("a", "b"):
        system.source.texts[key] = key
        system.source.errors[key] = SourceUnreachableError(f"{key} cannot be reached")
    system.ingestor.sync("s", "cli")
    listed = client.get("/api/failures").json()
    assert listed["count"] == 2
    first = listed["failures"][0]
    assert (first["source"], first["key"], first["code"]) == ("s", "a", "SourceUnreachableError")
    assert (first["retryable"], first["attempts"], first["ignored"]) == (True, 1, False)
    assert first["next_try"] > first["failed_at"]
    assert client.post("/api/failures/ignore", json={"source": "s", "keys": ["b"]}).json() == {"changed": 1}
    system.source.errors.clear()
    answer = client.post("/api/failures/retry", json={"source": "s", "keys": ["a"]})
    assert answer.status_code == 202
    assert queue.work == 1
    system.ingestor.work(answer.json()["id"])
    (left,) = client.get("/api/failures", params={"source": "s"}).json()["failures"]
    assert (left["key"], left["ignored"], left["next_try"]) == ("b", True, None)
    assert client.post("/api/failures/retry", json={"source": "s", "keys": ["a"]}).status_code == 404


def test_without_a_broker_failures_are_to_be_tried_again_all_the_same(
    client: TestClient, system: System, queue: ListQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise BrokerUnavailableError("the broker does not take work")

    system.source.texts["a"] = "a"
    system.source.errors["a"] = SourceUnreachableError("a cannot be reached")
    system.ingestor.sync("s", "cli")
    system.source.errors.clear()
    monkeypatch.setattr(queue, "enqueue_work", fail)
    answer = client.post("/api/failures/retry", json={"source": "s", "keys": ["a"]})
    assert (answer.status_code, answer.json()["state"]) == (202, "running")
    system.ingestor.work(answer.json()["id"])  # as the reconciler does later
    assert client.get("/api/failures").json()["count"] == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/runs"),
        ("GET", "/api/runs/x"),
        ("GET", "/api/runs/x/events"),
        ("POST", "/api/runs/x/cancel"),
        ("GET", "/api/failures"),
        ("POST", "/api/failures/retry"),
        ("POST", "/api/failures/ignore"),
        ("PATCH", "/api/sources/s"),
        ("POST", "/api/sources/s/test"),
        ("POST", "/api/sources/test"),
    ],
)
def test_only_who_manages_sources_may(api: FastAPI, client: TestClient, method: str, path: str) -> None:
    api.dependency_overrides[signed_in] = lambda: Caller(User("eve", frozenset({"everyone"}), "user"))
    body = {"source": "s", "kind": "memory"} if path.endswith("test") else {"source": "s"}
    if path == "/api/sources/test":
        body = {"kind": "memory"}
    answer = client.request(method, path, json=None if method == "GET" or path.endswith("s/s") else body)
    assert answer.status_code in {403, 422}
    if answer.status_code == 422:
        assert path == "/api/sources/s"


class TestSources:
    def test_what_is_given_is_changed_and_the_rest_stays(self, client: TestClient, system: System) -> None:
        system.catalog.sources.set_schedule("s", "every 1h")
        changed = client.patch("/api/sources/s", json={"schedule": "0 6 * * *", "time_zone": "Europe/Vienna"}).json()
        assert (changed["schedule"], changed["time_zone"]) == ("0 6 * * *", "Europe/Vienna")
        assert changed["next_sync_at"] is not None
        changed = client.patch("/api/sources/s", json={"readers": {"default": ["hr"]}}).json()
        assert changed["schedule"] == "0 6 * * *"
        assert changed["readers"]["default"] == ["hr"]
        assert client.patch("/api/sources/s", json={"schedule": None}).json()["schedule"] is None

    @pytest.mark.parametrize(
        ("body", "named"),
        [
            ({"schedule": "sometimes"}, "sometimes"),
            ({"time_zone": "Mars/Olympus"}, "Mars/Olympus"),
            ({"readers": {"default": 3}}, "default"),
            ({"colour": "red"}, "colour"),
        ],
    )
    def test_what_is_wrong_changes_nothing(self, client: TestClient, body: dict[str, Any], named: str) -> None:
        before = client.get("/api/sources").json()
        answer = client.patch("/api/sources/s", json={"schedule": "every 5m", **body})
        assert answer.status_code in {400, 422}
        assert named in answer.text
        assert client.get("/api/sources").json() == before

    def test_a_source_is_tried(self, client: TestClient, system: System) -> None:
        worked = {"ok": True, "found": "", "listed": [], "more": False}
        assert client.post("/api/sources/s/test").json() == worked
        assert client.post("/api/sources/test", json={"kind": "memory"}).json() == worked
        system.source.listing_error = SourceUnreachableError("the server does not answer")
        for path, body in (("/api/sources/s/test", None), ("/api/sources/test", {"kind": "memory"})):
            answer = client.post(path, json=body)
            assert answer.status_code >= 400
            assert "the server does not answer" in answer.text

    def test_a_failing_source_says_so(self, client: TestClient, system: System) -> None:
        system.source.listing_error = SourceUnreachableError("the server does not answer")
        with pytest.raises(SourceUnreachableError):
            system.ingestor.sync("s", "schedule")
        (source,) = client.get("/api/sources").json()["sources"]
        assert (source["state"], source["failed_syncs"]) == ("failing", 1)
        assert source["last_error"] == "the server does not answer"

    def test_a_full_sync_is_asked_for(self, client: TestClient, queue: ListQueue) -> None:
        client.post("/api/sources/s/sync", params={"full": True})
        client.post("/api/sources/s/sync")
        assert queue.asked[-2:] == [("s", "api"), ("s", "api")]
        assert queue.full == ["s"]

    def test_what_it_would_list_is_shown_before_it_is_added(self, client: TestClient, system: System) -> None:
        system.source.texts |= {f"{n}.txt": "text" for n in range(4)}
        rule = {"rules": [{"glob": "hr/**", "readers": ["hr"]}]}
        body = {"kind": "memory", "sample": 3, "readers": rule}
        first = client.post("/api/sources/test", json=body).json()
        assert [one["key"] for one in first["listed"]] == ["travel.txt", "hr/salary.txt", "0.txt"]
        assert [one["access"]["allow"] for one in first["listed"][:2]] == [["group:everyone"], ["group:hr"]]
        assert first["more"] is True
        assert client.post("/api/sources/s/test", json={"sample": 50}).json()["more"] is False

    def test_another_configuration_is_tried_by_admins_only(self, api: FastAPI, client: TestClient) -> None:
        assert (
            client.post("/api/sources/s/test", json={"config": {}, "sample": 1}).json()["listed"][0]["key"]
            == "travel.txt"
        )
        curator = User("cleo", frozenset({"everyone"}), "curator", curates=frozenset({"s"}))
        api.dependency_overrides[signed_in] = lambda: Caller(curator)
        assert client.post("/api/sources/s/test", json={"sample": 1}).status_code == 200
        assert client.post("/api/sources/s/test", json={"config": {}}).status_code == 403

    def test_its_last_success_outlives_a_failure(self, client: TestClient, system: System) -> None:
        (run,) = client.get("/api/runs", params={"state": "done"}).json()["runs"]
        system.source.listing_error = SourceUnreachableError("the server does not answer")
        with pytest.raises(SourceUnreachableError):
            system.ingestor.sync("s", "schedule")
        found = client.get("/api/sources", params={"with_kinds": False}).json()
        assert found["kinds"] == {}
        (source,) = found["sources"]
        assert (source["last_success_at"], source["documents"]) == (run["started_at"], 2)
        assert source["last_sync_at"] > source["last_success_at"]
        assert not source["is_partial"]


def test_runs_are_filtered_and_turned_over(client: TestClient, system: System) -> None:
    system.ingestor.sync("s", "cli")
    system.source.listing_error = SourceUnreachableError("the server does not answer")
    with pytest.raises(SourceUnreachableError):
        system.ingestor.sync("s", "schedule")

    def found(**params: Any) -> tuple[list[str], int]:
        answer = client.get("/api/runs", params=params).json()
        return [run["state"] for run in answer["runs"]], answer["total"]

    assert found() == (["failed", "done", "done"], 3)
    assert found(state=["failed", "running"]) == (["failed"], 1)
    assert found(limit=1, offset=1) == (["done"], 3)
    last = client.get("/api/runs").json()["runs"][0]["started_at"]
    assert found(since=last) == (["failed"], 1)
    assert found(until=last) == (["done", "done"], 2)
    assert client.get("/api/runs", params={"state": "odd"}).status_code == 422
    assert client.get("/api/runs", params={"source": "none"}).json().get("total", 0) == 0


def test_a_curator_sees_the_runs_of_the_own_sources_only(api: FastAPI, client: TestClient) -> None:
    curator = User("cleo", frozenset({"everyone"}), "curator", curates=frozenset({"other"}))
    api.dependency_overrides[signed_in] = lambda: Caller(curator)
    assert client.get("/api/runs").json() == {"runs": [], "total": 0}
    assert client.get("/api/runs", params={"source": "s"}).status_code == 404


@pytest.mark.parametrize(
    ("schedule", "zone", "apart"), [("every 2h", "UTC", 7200), ("0 2 * * *", "Europe/Vienna", 86400)]
)
def test_the_next_times_of_a_schedule(client: TestClient, schedule: str, zone: str, apart: int) -> None:
    answer = client.get("/api/schedules/next", params={"schedule": schedule, "time_zone": zone})
    first, second, third = answer.json()["next"]
    assert {second - first, third - second} <= {apart - 3600, apart, apart + 3600}
    assert client.get("/api/schedules/next", params={"schedule": "sometimes"}).status_code >= 400
