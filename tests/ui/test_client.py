"""The UI's HTTP client against a scripted API over real HTTP."""

from __future__ import annotations

import socket
import threading

import pytest

from tests.fakes.api import FakeApi, Refused
from tests.fakes.api_content import HOTEL_QUOTE
from ui.client import ApiClient, ApiError, ApiUnreachableError, CitationsEvent, PlanEvent, TextEvent, UsageEvent


def test_an_answer_arrives_in_the_order_of_the_contract(client: ApiClient, api: FakeApi) -> None:
    history = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Hello"}]
    events = list(client.ask("hotel?", mode="chunks", history=history, sources=["handbook"]))
    kinds = [type(event) for event in events]
    assert kinds == [PlanEvent, *[TextEvent] * 4, CitationsEvent, UsageEvent]
    plan, citations, usage = events[0], events[-2], events[-1]
    assert isinstance(plan, PlanEvent)
    assert (plan.plan.tokens, plan.plan.budget, len(plan.plan.passages)) == (412, 10_000_000, 3)
    assert isinstance(citations, CitationsEvent)
    first = citations.citations[0]
    assert (first.number, first.page, first.quote, first.verified) == (1, 2, HOTEL_QUOTE, True)
    assert first.heading == ("Travel policy", "Hotels and meals")
    assert [item.verified for item in citations.citations] == [True, True, False]
    assert isinstance(usage, UsageEvent)
    assert usage.answer == "".join(event.delta for event in events if isinstance(event, TextEvent))
    assert usage.found
    assert usage.usage["prompt_tokens"] == 412
    body = {"question": "hotel?", "mode": "chunks", "history": history, "sources": ["handbook"]}
    assert api.requests[-1] == ("POST", "/api/ask", body)


def test_text_is_handed_on_while_the_answer_is_still_being_written(client: ApiClient) -> None:
    answer = client.ask("slow")
    assert isinstance(next(answer), PlanEvent)
    assert next(answer) == TextEvent("Word 0 ")
    answer.close()  # type: ignore[attr-defined]


def test_an_error_event_keeps_message_hint_and_code(client: ApiClient) -> None:
    with pytest.raises(ApiError) as caught:
        list(client.ask("broken"))
    assert (caught.value.message, caught.value.code) == ("the model server stopped", "ModelError")
    assert caught.value.hint == "start it again, then ask again"


def test_an_answer_that_ends_without_its_last_event_is_an_error(client: ApiClient) -> None:
    received = []
    with pytest.raises(ApiError, match="broke off"):
        received.extend(client.ask("cut"))


def test_not_found_is_an_answer(client: ApiClient) -> None:
    last = list(client.ask("the moon"))[-1]
    assert isinstance(last, UsageEvent)
    assert not last.found


def test_reading_documents(client: ApiClient) -> None:
    documents, total = client.documents(limit=2)
    assert (len(documents), total) == (2, 3)
    assert documents[0].pages == 3
    name = documents[0].name
    window = client.text(name.source, name.key, -50, 13)
    assert (window.start, window.end, window.text) == (0, 13, "Travel policy")
    page = client.page(name.source, name.key, 2)
    assert (page.page, page.pages) == (2, 3)
    assert client.text(name.source, name.key, page.start, page.end).text == page.text
    assert client.documents(source="nowhere") == ((), 0)


def test_sources_and_runs(client: ApiClient, api: FakeApi) -> None:
    client.add_source("legal eu", "folder", {"path": "/srv/legal"}, schedule="every 1d", readers=["legal"])
    assert api.requests[-1][2]["readers"] == {"default": ["legal"]}
    assert {source.name for source in client.sources()} == {"handbook", "legal eu"}
    client.pause("handbook")
    assert client.sources()[0].paused
    client.resume("handbook")
    assert not client.sources()[0].paused
    client.sync("handbook")
    assert not client.runs("handbook")[0].running
    assert client.runs("handbook")[0].running
    assert client.run("run-1").failures[0].key == "scans/empty.pdf"
    client.remove("handbook")
    assert client.status().documents == 0


def test_a_name_with_a_slash_is_one_part_of_the_address(client: ApiClient) -> None:
    with pytest.raises(ApiError):
        client.remove("no/such")


@pytest.mark.parametrize("status", [400, 403, 404, 500])
def test_a_refusal_keeps_message_hint_and_code(client: ApiClient, api: FakeApi, status: int) -> None:
    api.refusal = Refused(status, "not for you", "ask an admin", "AccessDeniedError")
    for call in (client.status, client.sources, lambda: list(client.ask("hotel"))):
        with pytest.raises(ApiError) as caught:
            call()
        refused = (caught.value.message, caught.value.hint, caught.value.code)
        assert refused == ("not for you", "ask an admin", "AccessDeniedError")
        assert not isinstance(caught.value, ApiUnreachableError)


def test_nothing_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with ApiClient(url) as client:
            for call in (client.status, lambda: list(client.ask("hotel"))):
                with pytest.raises(ApiUnreachableError, match="does not answer at"):
                    call()


class Speaker:
    """A server that answers every connection with the same bytes, or with silence."""

    def __init__(self, answer: bytes | None) -> None:
        self.answer = answer
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.held: list[socket.socket] = []
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            self.held.append(connection)
            if self.answer is not None:
                connection.recv(65_536)
                connection.sendall(self.answer)
                connection.close()

    def __enter__(self) -> Speaker:
        return self

    def __exit__(self, *_: object) -> None:
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self.thread.join(5)
        for connection in self.held:
            connection.close()


def test_a_server_that_is_silent_is_given_up_in_time() -> None:
    with (
        Speaker(None) as silent,
        ApiClient(silent.url, timeout=0.2) as client,
        pytest.raises(ApiUnreachableError, match="takes too long"),
    ):
        client.status()


def test_a_server_that_speaks_something_else_is_named() -> None:
    page = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"
    gateway = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\noops"
    with (
        Speaker(page) as other,
        ApiClient(other.url) as client,
        pytest.raises(ApiError, match=r"The answer of /api/status could not be read"),
    ):
        client.status()
    with (
        Speaker(gateway) as other,
        ApiClient(other.url) as client,
        pytest.raises(ApiError, match="HTTP status 502"),
    ):
        client.status()


def test_a_proxy_of_the_environment_does_not_swallow_local_calls(monkeypatch: pytest.MonkeyPatch, api: FakeApi) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with ApiClient(api.url) as client:
        assert client.status().documents == 3
