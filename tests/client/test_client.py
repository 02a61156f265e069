"""The client asks the real API, in-process, and gets its shapes and its errors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

import assistant.client.client
from assistant.access import Caller
from assistant.api.signed_in import signed_in
from assistant.client import Client
from assistant.errors import ConfigurationError, ModelUnavailableError, NotFoundError, ServiceError
from tests.api.conftest import ListQueue
from tests.fakes.answering import ScriptedAnswerer
from tests.fakes.apis import api_over
from tests.fakes.system import System
from tests.fakes.uploads import ALICE, UploadSystem

PAGE = Path(__file__).parents[2] / "infra" / "docs" / "integrations.md"
STREAM = {"content-type": "text/event-stream; charset=utf-8"}
TEXT = 'event: text\ndata: {"delta": "x"}\n\n'
ASKED = "How many days before the trip are train tickets booked?"


@pytest.fixture
def http(api: FastAPI) -> Iterator[TestClient]:
    with TestClient(api, base_url="http://127.0.0.1:8090", raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def client(http: TestClient) -> Client:
    return Client(http=http)


def test_an_answer_with_citations_and_plan(client: Client) -> None:
    answer = client.ask(ASKED, mode="chunks", history=[("user", "Hello"), ("assistant", "Hello.")])
    assert "21 days" in answer.answer
    assert [one.document.key for one in answer.citations] == ["travel.txt"]
    assert answer.plan.mode == "chunks"


def test_a_stream_tells_the_same(client: Client) -> None:
    events = list(client.stream(ASKED))
    assert events[0].name == "plan"
    assert "".join(one.data["delta"] for one in events if one.name == "text") == client.ask(ASKED).answer


def test_ends_of_lines_within_a_text_end_no_event(client: Client, system: System) -> None:
    answerer = ScriptedAnswerer(system.library)
    answerer.tail = " One\u2028two\x85three\u2029four."
    system.answerer = answerer  # type: ignore[assignment]
    assert client.ask(ASKED).answer.endswith(answerer.tail)


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n"], ids=["CR", "LF", "CRLF"])
def test_a_stream_is_read_whatever_ends_its_lines_and_wherever_it_is_cut(end: bytes) -> None:
    sent = end.join([b"event: text", 'data: {"delta": "caf\u00e9"}'.encode(), b"", b""])

    def answered(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=STREAM, content=(sent[at : at + 1] for at in range(len(sent))))

    with Client(http=httpx.Client(transport=httpx.MockTransport(answered))) as client:
        assert [(one.name, one.data) for one in client.stream("x")] == [("text", {"delta": "caf\u00e9"})]


def test_the_first_word_may_take_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[dict[str, float]] = []

    def answered(request: httpx.Request) -> httpx.Response:
        given.append(request.extensions["timeout"])
        return httpx.Response(502)

    with Client(http=httpx.Client(transport=httpx.MockTransport(answered))) as client:
        for call in (client.ask, client.search):
            with pytest.raises(ServiceError):
                call("x")
    assert [one["read"] for one in given] == [600.0, 5.0]


def test_search_and_reading(client: Client) -> None:
    found = client.search("train tickets", limit=1, filters={"sources": ["s"]})
    [hit] = found.hits
    text = client.text(hit.document.source, hit.document.key)
    assert text[hit.start : hit.end] == hit.text
    assert client.text("s", "travel.txt", start=6, end=13) == text[6:13]


def test_all_documents_are_listed_over_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assistant.client.client, "_PAGE", 1)
    assert [one.key for one in client.documents()] == ["hr/salary.txt", "travel.txt"]
    assert list(client.documents(source="none")) == []


def test_sources_and_runs(client: Client, queue: ListQueue) -> None:
    [source] = client.sources()
    client.sync(source.name)
    assert queue.asked == [("s", "api")]
    assert [run.source for run in client.runs(source="s")] == ["s"]


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda client: client.text("s", "none.txt"), NotFoundError),
        (lambda client: client.ask("x", mode="telepathy"), ConfigurationError),
        (lambda client: client.sync("none"), NotFoundError),
    ],
)
def test_errors_are_the_houses(client: Client, call: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        call(client)
    assert str(caught.value)


def test_an_answer_that_fails_in_its_middle(client: Client, system: System) -> None:
    answerer = ScriptedAnswerer(system.library)
    answerer.error = ModelUnavailableError("the model went away", "start it again")
    system.answerer = answerer  # type: ignore[assignment]
    with pytest.raises(ModelUnavailableError, match="went away"):
        client.ask(ASKED)


@pytest.mark.parametrize(
    ("status", "text"),
    [(502, "<html>"), (500, '{"error": "x"}'), (500, '{"error": "x", "hint": "", "code": "NewError"}')],
)
def test_what_is_no_answer_of_the_api(status: int, text: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, text=text))
    with Client(http=httpx.Client(transport=transport)) as client, pytest.raises(ServiceError):
        client.search("x")


@pytest.mark.parametrize("text", ["<html>", "", "[]", '"x"', "null", '{"x": 1}'])
@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.search("x"),
        lambda client: list(client.documents()),
        lambda client: client.text("s", "x"),
        lambda client: client.upload({"x": b"x"}),
        lambda client: client.sources(),
        lambda client: client.runs(),
        lambda client: client.ask("x"),
    ],
    ids=["search", "documents", "text", "upload", "sources", "runs", "ask"],
)
def test_success_that_is_not_the_apis(call: Any, text: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=text))
    with Client(http=httpx.Client(transport=transport)) as client, pytest.raises(ServiceError, match="answered what"):
        call(client)


def test_a_sync_that_a_page_answers_was_not_asked_for() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, html="<html>"))
    with Client(http=httpx.Client(transport=transport)) as client, pytest.raises(ServiceError, match="sync answered"):
        client.sync("x")


@pytest.mark.parametrize(
    "text",
    [
        "event: text\ndata: <html>\n\n",
        "event: text\ndata: 5\n\n",
        'event: error\ndata: {"x": 1}\n\n',
        'event: usage\ndata: {"x": 1}\n\n',
        "event: usage\ndata: 5\n\nevent: citations\ndata: 5\n\nevent: plan\ndata: 5\n\n",
    ],
)
def test_events_that_are_not_the_apis(text: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=STREAM, text=text))
    with Client(http=httpx.Client(transport=transport)) as client, pytest.raises(ServiceError, match="answered what"):
        client.ask("x")


def test_a_stream_is_of_events_and_nothing_else() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=TEXT))
    with (
        Client(http=httpx.Client(transport=transport)) as client,
        pytest.raises(ServiceError, match="text/plain in the place of events"),
    ):
        list(client.stream("x"))


def test_where_nobody_listens() -> None:
    with (
        Client("http://127.0.0.1:9") as client,
        pytest.raises(ServiceError, match=r"does not answer at http://127\.0\.0\.1:9"),
    ):
        client.search("x")


def test_an_answer_that_breaks_off() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, headers=STREAM, text=TEXT))
    with Client(http=httpx.Client(transport=transport)) as client, pytest.raises(ServiceError, match="broke off"):
        client.ask("x")


@pytest.fixture
def uploading(tmp_path: Path, queue: ListQueue) -> Iterator[tuple[Client, UploadSystem]]:
    system = UploadSystem(tmp_path)
    api = api_over(system, queue)
    api.dependency_overrides[signed_in] = lambda: Caller(ALICE)
    with TestClient(api, base_url="http://127.0.0.1:8090") as http:
        yield Client(http=http), system
    system.close()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({}, ["group:hr"]),
        ({"readers": []}, []),
        ({"readers": ["user:bob"]}, ["user:bob"]),
        ({"readers": [f"user:p{number:02}" for number in range(12)]}, [f"user:p{number:02}" for number in range(12)]),
    ],
    ids=["left out: as before", "empty: nobody", "another", "more than a form has fields"],
)
def test_who_may_read_an_upload_that_replaces_another(
    uploading: tuple[Client, UploadSystem], given: dict[str, Any], kept: list[str]
) -> None:
    client, system = uploading
    assert client.upload({"lunch.txt": b"Lunch is at noon."}, readers=["hr"]) == ["lunch.txt"]
    assert client.upload({"lunch.txt": b"Lunch is at one."}, **given) == ["lunch.txt"]
    [upload] = system.uploads.of(ALICE)
    assert sorted(upload.record.readers) == kept


def test_a_reader_with_a_comma_is_not_taken_for_two(uploading: tuple[Client, UploadSystem]) -> None:
    client, system = uploading
    with pytest.raises(ConfigurationError, match="'cn=hr,everyone' has a comma"):
        client.upload({"lunch.txt": b"Lunch."}, readers=["cn=hr,everyone"])
    assert system.uploads.of(ALICE) == []


def test_the_token_is_sent() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["authorization"])
        return httpx.Response(200, json={"sources": []})

    with Client(token="ast_x", http=httpx.Client(transport=httpx.MockTransport(answer))) as client:
        client.sources()
    assert seen == ["Bearer ast_x"]


def test_the_example_of_the_page(
    http: TestClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = PAGE.read_text(encoding="utf-8").split("<!-- example: client -->\n```python\n")[1].split("```")[0]
    used = SimpleNamespace(Client=lambda **_: http, HTTPError=httpx.HTTPError, Timeout=httpx.Timeout)
    monkeypatch.setattr(assistant.client.client, "httpx", used)
    exec(compile(code, "integrations.md", "exec"), {})  # noqa: S102 (it is the page's example)
    assert "21 days" in capsys.readouterr().out
