"""Uploads over HTTP: what is taken and refused, and who may do what."""

from __future__ import annotations

import asyncio
import threading
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.access import Caller
from assistant.api.routes_uploads import router
from assistant.api.signed_in import signed_in
from assistant.errors import BrokerUnavailableError
from assistant.types import User
from tests.api.conftest import ListQueue
from tests.fakes.apis import api_over
from tests.fakes.system import MAX_BYTES, QUOTA
from tests.fakes.uploads import ADMIN, ALICE, BOB, HR, UploadSystem

LUNCH = b"The canteen serves lunch from noon.\n"


@pytest.fixture
def system(tmp_path: Path) -> Iterator[UploadSystem]:
    system = UploadSystem(tmp_path)
    yield system
    system.close()


@pytest.fixture
def api(system: UploadSystem, queue: ListQueue) -> FastAPI:
    api = api_over(system, queue)
    if "/api/uploads" not in api.openapi()["paths"]:
        api.openapi_schema = None
        api.include_router(router)
    sign_in(api, ALICE)
    return api


def sign_in(api: FastAPI, user: User) -> None:
    api.dependency_overrides[signed_in] = lambda: Caller(user)


def send(client: TestClient, *files: tuple[str, bytes], **form: Any) -> Any:
    return client.post("/api/uploads", files=[("files", file) for file in files], data=form)


def found(client: TestClient, query: str = "canteen lunch") -> list[str]:
    return [hit["document"]["key"] for hit in client.post("/api/search", json={"query": query}).json()["hits"]]


def test_from_upload_to_removal(api: FastAPI, client: TestClient, system: UploadSystem, queue: ListQueue) -> None:
    answer = send(client, ("lunch.txt", LUNCH), ("tea.txt", b"Tea is at four.\n"))
    assert answer.status_code == 201, answer.text
    first, second = answer.json()["uploads"]
    assert (first["key"], first["state"], first["readers"], first["size"]) == ("lunch.txt", "waiting", [], len(LUNCH))
    assert (second["key"], first["source"], first["replaced"]) == ("tea.txt", "uploads-alice", False)
    assert answer.json()["refused"] == []
    assert queue.asked == [("uploads-alice", "upload")]
    system.sync()
    listed = client.get("/api/uploads").json()
    assert [(each["key"], each["state"]) for each in listed["uploads"]] == [
        ("tea.txt", "indexed"),
        ("lunch.txt", "indexed"),
    ]
    assert (listed["used"], listed["quota"], listed["max_bytes"]) == (len(LUNCH) + 16, QUOTA, MAX_BYTES)
    assert "lunch.txt" in found(client)
    sign_in(api, HR)
    assert found(client) == []
    assert client.get("/api/uploads").json()["uploads"] == []
    sign_in(api, ALICE)
    shared = client.patch("/api/uploads/lunch.txt", json={"readers": ["hr", "user:bob"]}).json()
    assert shared["readers"] == ["hr", "user:bob"]
    system.sync()
    sign_in(api, HR)
    assert found(client) == ["lunch.txt"]
    sign_in(api, ALICE)
    assert client.patch("/api/uploads/lunch.txt", json={"readers": []}).json()["readers"] == []
    sign_in(api, HR)
    assert found(client) == []
    sign_in(api, ALICE)
    assert client.delete("/api/uploads/lunch.txt").json() == {"removed": 1}
    assert "lunch.txt" not in found(client)
    assert queue.asked == [("uploads-alice", "upload")] * 4
    system.sync()
    assert [each["key"] for each in client.get("/api/uploads").json()["uploads"]] == ["tea.txt"]


def test_others_cannot_change_it_and_an_admin_can_remove_it(
    api: FastAPI, client: TestClient, system: UploadSystem, queue: ListQueue
) -> None:
    send(client, ("lunch.txt", LUNCH), readers="everyone")
    system.sync()
    for user, status in ((BOB, 403), (ADMIN, 200)):
        sign_in(api, user)
        assert client.patch("/api/uploads/lunch.txt", json={"readers": []}).status_code == 404
        assert client.delete("/api/uploads/lunch.txt").status_code == 404
        assert client.delete("/api/uploads/lunch.txt", params={"owner": "alice"}).status_code == status
    assert queue.asked == [("uploads-alice", "upload")] * 2
    assert system.states() == {}


@pytest.mark.parametrize(
    "user", [ADMIN, User("cleo", role="curator", curates=frozenset({"uploads-alice"}))], ids=["admin", "curator"]
)
def test_who_looks_after_sources_learns_no_names_of_uploads_but_of_what_failed(
    api: FastAPI, client: TestClient, system: UploadSystem, user: User
) -> None:
    send(client, ("lunch.txt", LUNCH), ("blank.txt", b"  \n"))
    system.sync()
    sign_in(api, user)
    (run,) = client.get("/api/runs").json()["runs"]
    told = [client.get(path) for path in ("/api/sources", "/api/failures", f"/api/runs/{run['id']}")]
    trial = client.post("/api/sources/uploads-alice/test", json={})
    refused = client.post("/api/sources/uploads-alice/test", json={"sample": 50})
    assert [one.status_code for one in (*told, trial, refused)] == [200, 200, 200, 200, 404]
    assert not any("lunch" in one.text for one in (*told, trial, refused))
    assert ["blank.txt" in one.text for one in told] == [False, True, True]  # as infra/docs/uploads.md says
    sign_in(api, User("root", role="operator"))
    listed = client.post("/api/sources/uploads-alice/test", json={"sample": 50}).json()["listed"]
    assert {one["key"] for one in listed} == {"lunch.txt", "blank.txt"}


def test_the_same_name_replaces_and_says_so(client: TestClient, system: UploadSystem) -> None:
    send(client, ("lunch.txt", LUNCH), readers="hr, everyone")
    (again,) = send(client, ("some/folder/lunch.txt", b"Dinner.\n")).json()["uploads"]
    assert (again["key"], again["replaced"], again["readers"]) == ("lunch.txt", True, ["everyone", "hr"])
    (private,) = send(client, ("lunch.txt", b"Dinner.\n"), readers="").json()["uploads"]
    assert private["readers"] == []


def test_what_failed_says_why(client: TestClient, system: UploadSystem) -> None:
    send(client, ("blank.txt", b"  \n"))
    system.sync()
    (upload,) = client.get("/api/uploads").json()["uploads"]
    assert (upload["state"], upload["next_try"]) == ("failed", None)
    assert "blank.txt has no text" in upload["error"]


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("name", "data", "status", "code"),
        [
            ("a.txt", b"", 422, "EmptyDocumentError"),
            ("a.exe", b"\x7fELF\0\0", 422, "UnsupportedFormatError"),
            ("..", b"text", 422, "ConfigurationError"),
            ("a.txt", b"x" * (MAX_BYTES + 1), 413, "DocumentTooLargeError"),
        ],
    )
    def test_alone_it_is_an_error(
        self, client: TestClient, queue: ListQueue, name: str, data: bytes, status: int, code: str
    ) -> None:
        answer = send(client, (name, data))
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.json()["error"]
        assert answer.json()["hint"]
        assert queue.asked == []

    def test_among_others_it_is_named(self, client: TestClient, queue: ListQueue) -> None:
        answer = send(client, ("large.txt", b"x" * (MAX_BYTES + 1)), ("good.txt", LUNCH), ("empty.txt", b""))
        assert answer.status_code == 201
        assert [each["key"] for each in answer.json()["uploads"]] == ["good.txt"]
        assert [(each["name"], each["code"]) for each in answer.json()["refused"]] == [
            ("large.txt", "DocumentTooLargeError"),
            ("empty.txt", "EmptyDocumentError"),
        ]
        assert queue.asked == [("uploads-alice", "upload")]

    def test_over_the_quota(self, client: TestClient) -> None:
        for number in range(2):
            assert send(client, (f"{number}.txt", b"x" * MAX_BYTES)).status_code == 201
        answer = send(client, ("more.txt", b"x" * MAX_BYTES))
        assert answer.status_code == 413
        assert "upload_quota_mb" in answer.json()["hint"]

    def test_a_request_that_is_no_form_with_files(self, client: TestClient) -> None:
        for given in (
            {"json": {"files": []}},
            {"data": {"readers": "hr"}},
            {"content": b"--x", "headers": {"content-type": "multipart/form-data"}},
            {"content": b"nonsense", "headers": {"content-type": "multipart/form-data; boundary=x"}},
            {"files": [("files", (f"{n}.txt", b"x")) for n in range(101)]},
            {},
        ):
            answer = client.post("/api/uploads", **cast(Any, given))
            assert (answer.status_code, answer.json()["code"]) == (422, "ConfigurationError"), answer.text

    def test_readers_that_are_none(self, client: TestClient, system: UploadSystem) -> None:
        assert send(client, ("a.txt", LUNCH), readers="hr,user:").status_code == 422
        send(client, ("a.txt", LUNCH))
        for body in ({"readers": [""]}, {"readers": "hr"}, {}, {"readers": [], "more": 1}):
            assert client.patch("/api/uploads/a.txt", json=body).status_code == 422
        assert client.patch("/api/uploads/b.txt", json={"readers": []}).status_code == 404

    def test_what_is_too_large_is_never_all_in_memory(self, api: FastAPI) -> None:
        chunk, count = b"x" * 1_000_000, 200
        head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
        parts = [head, *[chunk] * count, b"\r\n--x--\r\n"]
        messages = [{"type": "http.request", "body": part, "more_body": part is not parts[-1]} for part in parts]
        waiting, sent = iter(messages), []

        async def receive() -> Any:
            return next(waiting, {"type": "http.disconnect"})

        async def answer(message: Any) -> None:
            sent.append(message)

        headers = [(b"host", b"127.0.0.1"), (b"content-type", b"multipart/form-data; boundary=x")]
        scope = {"type": "http", "method": "POST", "path": "/api/uploads", "headers": headers, "query_string": b""}
        tracemalloc.start()
        asyncio.run(api({**scope, "http_version": "1.1", "scheme": "http"}, receive, answer))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert sent[0]["status"] == 413
        assert peak < 20_000_000
        assert next(waiting, None) is None  # it was read to its end: a client that still sends sees no answer


def test_without_a_broker_the_upload_is_kept(
    client: TestClient, system: UploadSystem, queue: ListQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise BrokerUnavailableError("the broker does not take work")

    monkeypatch.setattr(queue, "enqueue_sync", fail)
    assert send(client, ("a.txt", LUNCH)).status_code == 201
    assert system.states() == {"a.txt": "waiting"}
    assert system.catalog.uploads.behind() == ["uploads-alice"]


def test_names_that_urls_escape(client: TestClient, system: UploadSystem) -> None:
    name = "#1 50%? ü.txt"
    (upload,) = send(client, (name, LUNCH)).json()["uploads"]
    assert upload["key"] == name
    path = "/api/uploads/%231%2050%25%3F%20%C3%BC.txt"
    assert client.patch(path, json={"readers": ["hr"]}).json()["key"] == name
    assert client.delete(path).status_code == 200


def test_uploads_while_a_sync_is_at_work_are_taken_up_after_it(client: TestClient, system: UploadSystem) -> None:
    send(client, ("a.txt", LUNCH))
    run = system.ingestor.begin("uploads-alice", "upload")
    send(client, ("b.txt", LUNCH))
    threading.Thread(target=system.ingestor.work, args=[run]).run()
    assert system.states() == {"a.txt": "indexed", "b.txt": "waiting"}
    assert system.catalog.uploads.behind() == ["uploads-alice"]
    system.sync()
    assert system.catalog.uploads.behind() == []
    assert system.states() == {"a.txt": "indexed", "b.txt": "indexed"}


def test_the_form_is_described(api: FastAPI) -> None:
    described = api.openapi()["paths"]["/api/uploads"]["post"]
    schema = described["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert set(schema["properties"]) == {"files", "readers"}
    assert {"201", "413"} <= set(described["responses"])
