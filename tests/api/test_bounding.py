"""What is too large, too slow or too deep is refused before anything is made of it."""

from __future__ import annotations

import asyncio
import json
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from assistant.api.bounding import _DEEPEST, _MOST_PARTS, Bounded, _Nesting

GIGABYTE = 1_000_000_000


def asked(
    api: FastAPI,
    parts: Iterator[bytes],
    headers: dict[str, str] | None = None,
    method: str = "POST",
    path: str = "/api/search",
) -> tuple[int, str, int]:
    """Send a body as it comes, past any client; returns status, error and how many bytes were taken."""
    taken = 0
    answer: list[Any] = []

    async def receive() -> dict[str, Any]:
        nonlocal taken
        try:
            part = next(parts)
        except StopIteration:
            await asyncio.sleep(60)
            raise AssertionError from None
        taken += len(part)
        return {"type": "http.request", "body": part, "more_body": True}

    async def send(message: Any) -> None:
        answer.append(message)

    named = {"host": "127.0.0.1", "content-type": "application/json", **(headers or {})}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
    }
    asyncio.run(api(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in answer[1:])
    return answer[0]["status"], json.loads(body)["error"], taken


def test_a_body_that_says_how_long_it_is_is_not_read(api: FastAPI) -> None:
    status, error, taken = asked(api, iter([b"{"]), {"content-length": str(GIGABYTE)})
    assert (status, taken) == (413, 0)
    assert error == "the request's body has over 61,333,333 bytes"


def test_only_files_may_be_as_long_as_files(api: FastAPI) -> None:
    status, _, taken = asked(api, iter([b"{"]), {"content-length": str(GIGABYTE)}, "PATCH", "/api/uploads/a.txt")
    assert (status, taken) == (413, 0)


@pytest.mark.parametrize("brought", [{}, {"cookie": "a=b"}, {"authorization": "Bearer ast_none"}])
def test_of_strangers_little_is_read(api: FastAPI, monkeypatch: pytest.MonkeyPatch, brought: dict[str, str]) -> None:
    app = api.state.context.app
    monkeypatch.setattr(app, "settings", app.settings.model_copy(update={"sign_in": "accounts"}))
    for length in ({"content-length": "70000"}, {"transfer-encoding": "chunked"}):
        status, error, taken = asked(api, iter([b"x" * 60_000] * 9), {**brought, **length})
        assert (status, error) == (413, "the request's body has over 65,536 bytes")
        assert taken <= 120_000


def test_a_body_that_does_not_say_it_is_read_to_the_limit_only(api: FastAPI) -> None:
    tracemalloc.start()
    status, error, taken = asked(api, iter([b'{"query": "'] + [b"x" * 1_000_000] * 1000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert status == 413
    assert error.startswith("the request's body has over")
    assert taken < 63_000_000
    assert peak < 200_000_000


def test_a_body_that_does_not_come_ends(api: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Bounded.__init__, "__defaults__", (0.2,))
    began = time.monotonic()
    status, error, _ = asked(api, iter([b'{"query": "']))
    assert (status, error) == (408, "the request's body does not come")
    assert time.monotonic() - began < 120


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"a":' * 100_000, '{"query": [' + "[" * 80 + "]" * 80 + "]}"])
def test_deep_json_is_refused(client: TestClient, deep: str) -> None:
    answer = client.post("/api/search", content=deep, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "ConfigurationError")
    assert answer.json()["error"] == f"the request's JSON is nested more than {_DEEPEST} deep"


def test_json_of_too_many_parts_is_refused(client: TestClient) -> None:
    answer = client.post("/api/search", content="[" + "1," * _MOST_PARTS + "1]")
    assert (answer.status_code, answer.json()["error"]) == (422, "the request's JSON has more than 500,000 parts")


def test_what_stands_in_text_is_no_nesting(client: TestClient) -> None:
    odd = '[[[[{{{"\\' * 5000
    assert client.post("/api/search", json={"query": odd}).status_code == 200
    nesting = _Nesting()
    for letter in json.dumps({"a": [odd, {"b": "\\"}]}).encode():  # cut anywhere
        nesting.read(bytes([letter]))
    assert nesting._depth == 0
    assert not nesting._quoted


def test_a_question_has_a_length(client: TestClient) -> None:
    assert client.post("/api/search", json={"query": "x" * 100_001}).status_code == 422
    assert client.post("/api/ask", json={"question": "x" * 100_001}).status_code == 422


def test_a_body_that_is_no_text_is_wrong_and_no_fault(client: TestClient) -> None:
    for body in (b"\xff\xfe{", b"{", b"null", b"NaN", b'{"query": "\\ud800"}', b""):
        answer = client.post("/api/search", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 422, body
