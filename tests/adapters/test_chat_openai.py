"""The adapter against scripted servers of each kind, over real HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from assistant.adapters import chat_openai
from assistant.adapters.chat_openai import ModelConfig, OpenAIChatModel
from assistant.adapters.chat_server import ModelServer as Server
from assistant.adapters.chat_server import Patience, ServerAddress
from assistant.errors import (
    ModelInterruptedError,
    ModelOverloadedError,
    ModelServerError,
    ModelUnavailableError,
    PromptTooLongError,
)
from assistant.types import ChatMessage, ToolCall
from tests.adapters.conftest import QUICK, Connect
from tests.contracts.chat_model_contract import WEATHER, ChatModelContract, conversation, picture, read
from tests.fakes.model_scripts import Asked, Reply, Script, in_turn, when
from tests.fakes.model_server import ModelServer

ASKED = [ChatMessage.of("user", "What is it?")]


class TestVllm(ChatModelContract):
    kind = "vllm"
    config = ModelConfig()

    @pytest.fixture
    def model(self, connect: Connect) -> Iterator[OpenAIChatModel]:
        with ModelServer(kind=self.kind, context_tokens=2000) as server:  # type: ignore[arg-type]
            yield connect(server.url, self.config)


class TestLlamaCpp(TestVllm):
    kind = "llama.cpp"
    exact = False  # pictures are estimated
    forgetful = True


class TestOllama(TestVllm):
    kind = "ollama"
    exact = False
    forgetful = True


class TestAnyOther(TestVllm):
    kind = "openai"
    config = ModelConfig(context_tokens=2000, images_per_prompt=4, tools=True)
    exact = False
    forgetful = True


def test_tools_and_their_calls(connect: Connect) -> None:
    call = ToolCall("call_7", "get_weather", '{"city": "Paris"}')
    with ModelServer(Script(when("weather", Reply("Let me see.", tool_calls=(call, call))))) as server:
        text, last = read(connect(server.url).stream([ChatMessage.of("user", "The weather?")], tools=[WEATHER]))
        assert (text, last.tool_calls, last.finish) == ("Let me see.", (call, call), "tool_calls")
        assert server.asked[-1].body["tools"][0]["function"]["parameters"] == WEATHER.parameters


def test_what_is_sent(connect: Connect) -> None:
    with ModelServer() as server:
        messages = [ChatMessage.of("system", "Grüße"), ChatMessage.of("user", "And this?", picture())]
        read(connect(server.url).stream(messages, max_tokens=9, temperature=0.5, cache_salt="s", stop=["END"]))
        body = server.asked[-1].body
    image, text = body["messages"][1]["content"]
    assert body["messages"][0] == {"role": "system", "content": "Grüße"}
    assert image["image_url"]["url"].startswith("data:image/png;base64,iVBOR")
    assert text == {"type": "text", "text": "And this?"}
    expected = {"max_tokens": 9, "temperature": 0.5, "cache_salt": "s", "stop": ["END"], "stream": True}
    assert expected.items() <= body.items()


@pytest.mark.parametrize("kind", ["llama.cpp", "ollama"])
def test_a_salt_goes_only_to_servers_that_take_it(connect: Connect, kind: Any) -> None:
    with ModelServer(kind=kind) as server:
        read(connect(server.url).stream(ASKED, cache_salt="s"))
        assert "cache_salt" not in server.asked[-1].body


def test_what_a_model_thinks_is_no_part_of_its_answer(connect: Connect) -> None:
    with ModelServer(Script(otherwise=Reply("Four.", reasoning="Two and two."))) as server:
        pieces = list(connect(server.url).stream(ASKED))
    assert "".join(piece.text for piece in pieces) == "Four."
    assert "".join(piece.reasoning for piece in pieces) == "Two and two."


def test_characters_that_others_take_for_line_ends(connect: Connect) -> None:
    text = "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg"
    with ModelServer(Script(otherwise=Reply(text))) as server:
        assert read(connect(server.url).stream(ASKED))[0] == text


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_busy_server_is_asked_again_before_the_first_piece(connect: Connect, status: int) -> None:
    with ModelServer() as server:
        model = connect(server.url)
        model.describe()
        server.failing = [Reply(status=status)] * 2
        assert read(model.stream(ASKED))[0] == "I do not know."
        assert len(server.asked) == 3
        server.failing = [Reply(status=status, message="Too much!")] * 3
        with pytest.raises(ModelUnavailableError, match=f"{status} Too much!") as caught:
            read(model.stream(ASKED))
        assert isinstance(caught.value, ModelOverloadedError) == (status in {429, 503})
        assert len(server.asked) == 6


def test_it_waits_as_long_as_the_server_says(connect: Connect) -> None:
    with ModelServer() as server:
        model = connect(server.url)
        model.describe()
        server.failing = [Reply(status=503, retry_after="1")]
        began = time.monotonic()
        read(model.stream(ASKED))
        assert 1.0 <= time.monotonic() - began < 60.0
        server.failing = [Reply(status=429, retry_after="600")]
        with pytest.raises(ModelOverloadedError) as caught:
            read(model.stream(ASKED))
        assert caught.value.retry_after == 600
        assert len(server.asked) == 3


def test_a_refusal_is_not_asked_again(connect: Connect) -> None:
    with ModelServer() as server:
        model = connect(server.url)
        model.describe()
        server.failing = [Reply(status=400, message="no such schema")]
        with pytest.raises(ModelServerError, match="no such schema") as caught:
            read(model.stream(ASKED))
        assert not caught.value.retryable
        assert len(server.asked) == 1


@pytest.mark.parametrize("broken", [Reply("One two three.", cut_after=2), Reply("One two three.", error_after=2)])
def test_an_answer_that_is_cut_off_is_kept_and_not_asked_again(connect: Connect, broken: Reply) -> None:
    with ModelServer(Script(in_turn(broken))) as server:
        stream = connect(server.url).stream(ASKED)
        with pytest.raises(ModelInterruptedError, match="cut off") as caught:
            list(stream)
        assert caught.value.text == "One two"
        assert len(server.asked) == 1
        assert list(stream) == []


def test_a_connection_that_breaks_before_the_first_piece_is_tried_again(connect: Connect) -> None:
    with ModelServer(Script(in_turn(Reply("One.", cut_after=0), Reply("Two.", error_after=0)))) as server:
        assert read(connect(server.url).stream(ASKED))[0] == "I do not know."
        assert len(server.asked) == 3


def test_a_server_that_is_away(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    discover, looked = chat_openai.discover, []

    def counted(*parts: Any) -> Any:
        looked.append(parts)
        return discover(*parts)

    monkeypatch.setattr(chat_openai, "discover", counted)
    monkeypatch.setattr(chat_openai, "_FAILED_SECONDS", 1000.0)
    with ModelServer() as server:
        url = server.url
        model = connect(url)
        read(model.stream(ASKED))
    with pytest.raises(ModelUnavailableError, match=r"does not answer|broke"):
        read(model.stream(ASKED))
    looked.clear()
    for _ in range(20):
        with pytest.raises(ModelUnavailableError):
            model.describe()
    assert len(looked) <= 1, "each looked for a server that is known to be away"


@pytest.mark.parametrize(
    ("reply", "patience", "error"),
    [
        (Reply("One two.", first_seconds=90), Patience(first=5, total=90, pause=0.01), ModelUnavailableError),
        (Reply("One two.", piece_seconds=90), Patience(between=0.3, total=90, pause=0.01), ModelInterruptedError),
        (Reply("One " * 999, piece_seconds=0.1), Patience(between=60, total=10, pause=0.01), ModelInterruptedError),
    ],
)
def test_a_server_that_is_too_slow_is_left(
    connect: Connect, reply: Reply, patience: Patience, error: type[Exception]
) -> None:
    with ModelServer(Script(otherwise=reply)) as server:
        model = connect(server.url)
        model.describe()
        model._server.patience = patience  # not before: a description may take its time
        began = time.monotonic()
        with pytest.raises(error):
            read(model.stream(ASKED))
        assert time.monotonic() - began < 80.0
        assert len(server.asked) == 1
        _eventually(lambda: server.chats[-1].left and server.at_work == 0)


def _eventually(holds: Callable[[], bool], seconds: float = 120.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("how", ["closed", "dropped", "closed while it waits"])
def test_the_server_stops_writing_when_nobody_reads(connect: Connect, how: str) -> None:
    slow = Reply("word " * 400, piece_seconds=0.1, first_seconds=30.0 if how == "closed while it waits" else 0.0)
    with ModelServer(Script(otherwise=slow)) as server:
        stream = connect(server.url).stream(ASKED)
        if how == "closed while it waits":
            threading.Thread(target=lambda: (_eventually(lambda: bool(server.asked)), stream.close())).start()
            assert list(stream) == []
        else:
            next(stream)
            if how == "closed":
                stream.close()
            del stream
        _eventually(lambda: bool(server.chats) and server.chats[-1].left and server.at_work == 0)
        assert server.chats[-1].pieces < 100


def test_a_slow_reader_is_not_flooded(connect: Connect) -> None:
    with ModelServer(Script(otherwise=Reply(("x" * 4000 + " ") * 6000))) as server:
        stream = connect(server.url).stream(ASKED)
        began = next(stream).text
        time.sleep(0.5)
        ahead = server.chats[-1].pieces
        text, _ = read(stream)
    assert ahead < 5000  # what lies in the sockets' buffers, and no more
    assert len(began + text) == 6000 * 4001


def test_requests_beyond_the_limit_wait_and_beyond_the_queue_are_refused(connect: Connect) -> None:
    refused: list[str] = []
    arrived: list[Asked] = []
    words = Reply("Some words here.", piece_seconds=0.3)

    def hold(asked: Asked) -> Reply | None:
        """Answer nobody before all have asked: on a busy machine the last ask long after the first."""
        if asked.body.get("stream"):  # not what `describe` asks
            arrived.append(asked)
            _eventually(lambda: len(arrived) >= 2 and len(refused) == 3)
        return words

    with ModelServer(Script(hold)) as server:
        model = connect(server.url, at_once=2, waiting=3, patience=replace(QUICK, first=300.0, total=300.0))
        model.describe()

        def ask(_: int) -> str:
            try:
                return read(model.stream(ASKED))[0]
            except ModelOverloadedError as error:
                refused.append(error.message)
                return error.message

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(ask, range(8)))
        assert server.most_at_work == 2
    assert answers.count("Some words here.") == 5
    assert sum("at work and 3 wait" in answer for answer in answers) == 3


def test_an_error_with_a_status_that_says_all_is_well(connect: Connect) -> None:
    error = {"code": 400, "message": "the request exceeds the available context size", "n_prompt_tokens": 14429}
    told = json.dumps({"error": {**error, "type": "exceed_context_size_error", "n_ctx": 8192}})
    with ModelServer(kind="llama.cpp") as server:
        model = connect(server.url)
        model.describe()
        server.failing = [Reply(status=200, raw=told)]
        with pytest.raises(PromptTooLongError) as caught:
            read(model.stream(ASKED))
    assert (caught.value.limit, caught.value.tokens) == (8192, 14429)


def test_connections_are_used_again(connect: Connect) -> None:
    with ModelServer() as server:
        model = connect(server.url)
        for _ in range(6):
            read(model.stream(ASKED))
        assert len({request.connection for request in server.chats if request.body.get("stream")}) == 1


def test_sixty_four_answers_at_once(connect: Connect) -> None:
    script = Script(when(r"number (\d+)", lambda found: Reply(f"It is {found[1]}, really.", piece_seconds=0.01)))
    with ModelServer(script) as server:
        model = connect(server.url, at_once=64)

        def ask(number: int) -> str:
            return read(model.stream([ChatMessage.of("user", f"Say number {number}.")]))[0]

        with ThreadPoolExecutor(64) as pool:
            answers = list(pool.map(ask, range(64)))
    assert answers == [f"It is {number}, really." for number in range(64)]


def test_a_closed_adapter_is_told(connect: Connect) -> None:
    with ModelServer(Script(otherwise=Reply("word " * 50, piece_seconds=0.1))) as fake:
        server = Server(ServerAddress(fake.url, patience=QUICK))
        model = OpenAIChatModel(server, ModelConfig())
        stream = model.stream(conversation())
        next(stream)
        server.close()
        server.close()
        with pytest.raises(ModelUnavailableError, match="closed"):
            list(stream)
        with pytest.raises(ModelUnavailableError, match="closed"):
            next(model.stream(conversation()))
        with pytest.raises(ModelUnavailableError, match="closed"):
            model.count_texts(["anything"])
