"""The UI's HTTP client against a scripted API over real HTTP."""

from __future__ import annotations

import base64
import socket
import threading

import pytest

from tests.fakes.api import FakeApi, Refused
from tests.fakes.api_content import HOTEL_QUOTE
from ui.client import ApiClient, ApiError, ApiUnreachableError, BrokenOffError, EndEvent, PlanEvent, TextEvent
from ui.models import StoredTurn, Withdrawn


def asked(client: ApiClient, question: str) -> tuple[str, StoredTurn]:
    conversation, turn = client.begin({"question": question, "mode": "chunks", "sources": ["handbook"]})
    return conversation.id, turn


def test_an_answer_arrives_in_the_order_of_the_contract(client: ApiClient, api: FakeApi) -> None:
    conversation, turn = asked(client, "hotel?")
    body = {"question": "hotel?", "mode": "chunks", "sources": ["handbook"]}
    assert api.requests[-1] == ("POST", "/api/conversations", body)
    assert (turn.question, turn.mode, turn.scope.sources, turn.state) == (
        "hotel?",
        "chunks",
        ("handbook",),
        "answering",
    )
    events = list(client.follow(conversation, turn.id))
    assert [type(event) for event in events] == [PlanEvent, *[TextEvent] * 4, EndEvent]
    plan, end = events[0], events[-1]
    assert isinstance(plan, PlanEvent)
    assert (plan.plan.tokens, plan.plan.budget, len(plan.plan.passages)) == (412, 10_000_000, 3)
    assert isinstance(end, EndEvent)
    first = end.turn.citations[0]
    assert (first.number, first.page, first.quote, first.verified) == (1, 2, HOTEL_QUOTE, True)
    assert first.heading == ("Travel policy", "Hotels and meals")
    assert [item.verified for item in end.turn.citations] == [True, True, False]
    assert end.turn.text == "".join(event.delta for event in events if isinstance(event, TextEvent))
    assert (end.turn.found, end.turn.usage["prompt_tokens"]) == (True, 412)


def test_text_is_handed_on_while_the_answer_is_still_being_written(client: ApiClient) -> None:
    conversation, turn = asked(client, "slow")
    answer = client.follow(conversation, turn.id)
    assert isinstance(next(answer), PlanEvent)
    assert next(answer) == TextEvent("Word 0 ")
    answer.close()  # type: ignore[attr-defined]
    assert client.stop(conversation, turn.id).state == "stopped"


def test_an_answer_that_failed_says_why(client: ApiClient) -> None:
    conversation, turn = asked(client, "broken")
    end = list(client.follow(conversation, turn.id))[-1]
    assert isinstance(end, EndEvent)
    assert end.turn.state == "interrupted"
    assert end.turn.error == ("the model server stopped", "start it again, then ask again", "ModelError")


def test_a_stream_that_breaks_off_is_followed_from_where_it_was(client: ApiClient) -> None:
    conversation, turn = asked(client, "cut")
    received = []
    with pytest.raises(BrokenOffError, match="broke off"):
        received.extend(client.follow(conversation, turn.id))
    rest = list(client.follow(conversation, turn.id, len("Hotels are")))
    assert [type(event) for event in rest] == [PlanEvent, EndEvent]


def test_conversations_are_kept_changed_and_deleted(client: ApiClient, api: FakeApi) -> None:
    conversation, turn = asked(client, "the moon")
    end = list(client.follow(conversation, turn.id))[-1]
    assert isinstance(end, EndEvent)
    assert end.turn.found is False
    second = client.go_on(conversation, {"question": "hotel?", "mode": "auto", "sources": None}, turn.id)
    again = client.regenerate(conversation, second.id, "corpus", "")
    edited = client.edit(conversation, again.id, {"question": "leave?", "mode": "auto", "sources": None})
    assert edited.versions == (second.id, again.id, edited.id)
    assert [one.id for one in client.show_version(conversation, second.id).turns] == [turn.id, second.id]
    client.rename(conversation, "Space")
    assert client.conversation(conversation).title == "Space"
    assert [one.title for one in client.conversations("spa")[0]] == ["Space"]
    assert client.export(conversation, "markdown") == b"# Space\n"
    client.delete(conversation)
    assert client.conversations() == ((), 0)
    client.restore(conversation)
    assert client.conversations()[1] == 1
    with pytest.raises(ApiError, match="no conversation"):
        client.conversation("none")


def test_a_citation_that_is_withdrawn_has_no_place() -> None:
    cited = [{"number": 1, "withdrawn": "gone", "document": None}]
    cited.append({"number": 2, "withdrawn": "changed", "document": {"source": "s", "key": "k", "title": "T"}})
    turn = {"id": "t", "versions": ["t"], "question": "q", "mode": "auto", "state": "complete", "answer": "[withdrawn]"}
    read = StoredTurn.read({**turn, "citations": cited})
    assert (read.citations, read.withdrawn) == ((), (Withdrawn(1, ""), Withdrawn(2, "T")))


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
    client.add_source("legal eu", "folder", {"path": "/srv/legal"}, schedule="every 1d", readers={"default": ["legal"]})
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
    for call in (client.status, client.sources, lambda: list(client.follow("c", "t"))):
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
            for call in (client.status, lambda: list(client.follow("c", "t"))):
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


def test_what_is_attached_goes_along_and_can_be_looked_at(client: ApiClient) -> None:
    shot = {"name": "shot.png", "data": base64.b64encode(b"picture").decode()}
    conversation, turn = client.begin({"question": "shot?", "attachments": [shot]})
    assert turn.attached == ((1, "shot.png"),)
    assert client.attachment(conversation.id, turn.id, 1) == b"picture"
    end = list(client.follow(conversation.id, turn.id))[-1]
    assert isinstance(end, EndEvent)
    assert [(one.kind, one.is_seen, one.page) for one in end.turn.citations] == [
        ("attachment", True, None),
        ("page", True, 2),
    ]
    assert end.turn.plan is not None
    assert [one.tokens for one in end.turn.plan.pictures] == [600]
