"""The adapter against scripted servers of each kind, over real HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from assistant.adapters.chat_counting import KeptCounts, text_pieces
from assistant.adapters.chat_openai import ModelConfig, OpenAIChatModel
from assistant.adapters.chat_server import ModelServer as Server
from assistant.adapters.chat_server import Patience, ServerAddress
from assistant.adapters.minilm import model_folder
from assistant.errors import (
    ConfigurationError,
    ModelAccessError,
    ModelInterruptedError,
    ModelNotFoundError,
    ModelOverloadedError,
    ModelServerError,
    ModelUnavailableError,
)
from assistant.types import ChatMessage, ToolCall
from tests.contracts.chat_model_contract import WEATHER, ChatModelContract, conversation, picture, read
from tests.fakes.model_scripts import Reply, Script, in_turn, when
from tests.fakes.model_server import ModelServer

QUICK = Patience(connect=2.0, first=5.0, between=5.0, total=20.0, tries=3, pause=0.01)
ASKED = [ChatMessage.of("user", "What is it?")]
Connect = Callable[..., OpenAIChatModel]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes adapters, and closes their servers."""
    opened: list[Server] = []

    def make(url: str, config: ModelConfig | None = None, **address: Any) -> OpenAIChatModel:
        opened.append(Server(ServerAddress(url, **{"patience": QUICK, **address})))
        return OpenAIChatModel(opened[-1], config or ModelConfig())

    yield make
    for server in opened:
        server.close()


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


@pytest.mark.parametrize(
    ("kind", "counting", "origin"),
    [("vllm", "server", "discovered"), ("llama.cpp", "server", "discovered"), ("ollama", "estimate", "discovered")],
)
@pytest.mark.parametrize("able", [True, False])
def test_what_the_model_can_do_is_asked_of_its_server(
    connect: Connect, kind: Any, counting: str, origin: str, able: bool
) -> None:
    with ModelServer(kind=kind, images=3 if able else 0, tools=able, context_tokens=4321) as server:
        info = connect(server.url).describe()
    assert (info.name, info.server, info.context_tokens) == ("scripted", kind, 4321)
    assert (info.vision, info.tools, info.counting) == (able, able, counting)
    assert info.images_per_prompt == {"vllm": 3 * able}.get(kind, 16 * able)
    assert set(info.origins.values()) == {origin}


def test_settings_are_a_ceiling_for_what_the_server_says(connect: Connect) -> None:
    with ModelServer(context_tokens=5000) as server:
        lower = connect(server.url, ModelConfig(context_tokens=4000, images_per_prompt=1, tools=False)).describe()
        higher = connect(server.url, ModelConfig(context_tokens=9000)).describe()
    assert (lower.context_tokens, lower.images_per_prompt, lower.tools) == (4000, 1, False)
    assert set(lower.origins.values()) == {"configured"}
    assert (higher.context_tokens, higher.origins["context_tokens"]) == (5000, "discovered")


def test_a_server_that_does_not_say_its_context_has_to_be_told(connect: Connect) -> None:
    with ModelServer(kind="openai") as server:
        with pytest.raises(ModelServerError, match="context_tokens"):
            connect(server.url).describe()
        info = connect(server.url, ModelConfig(context_tokens=700)).describe()
    assert (info.context_tokens, info.images_per_prompt, info.tools) == (700, 0, False)
    assert info.origins == {"context_tokens": "configured", "images_per_prompt": "assumed", "tools": "assumed"}


def test_adapters_of_a_model_have_its_context(connect: Connect) -> None:
    with ModelServer(adapters=("legal",)) as server:
        info = connect(server.url, ModelConfig("legal")).describe()
        assert (info.name, info.context_tokens) == ("legal", 100_000)
        read(connect(server.url, ModelConfig("legal")).stream(ASKED))
        assert server.asked[-1].body["model"] == "legal"
        assert connect(server.url).describe().name == "scripted"


def test_names_that_the_server_does_not_know(connect: Connect) -> None:
    with ModelServer() as server, pytest.raises(ModelNotFoundError, match="no model 'other'; it has scripted"):
        connect(server.url, ModelConfig("other")).describe()


def test_a_server_that_serves_another_model_now_is_asked_again(connect: Connect) -> None:
    with ModelServer() as server:
        model = connect(server.url)
        read(model.stream(ASKED))
        server.model = "newer"
        with pytest.raises(ModelNotFoundError):
            read(model.stream(ASKED))
        assert read(model.stream(ASKED))[0] == "I do not know."
        assert model.name == "newer"


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/"])
def test_the_url_is_taken_with_or_without_v1(connect: Connect, path: str) -> None:
    with ModelServer() as server:
        assert connect(server.url.removesuffix("/v1") + path).describe().context_tokens == 100_000


@pytest.mark.parametrize("url", ["vllm:8000/v1", "", "ftp://vllm/v1", "http://"])
def test_what_is_no_url_is_told(url: str) -> None:
    with pytest.raises(ConfigurationError, match="HTTP URL"):
        Server(ServerAddress(url))


def test_a_key_is_shown_and_a_wrong_one_is_told(connect: Connect) -> None:
    with ModelServer(api_key="right") as server:
        assert read(connect(server.url, api_key="right").stream(ASKED))
        for key in ("wrong", ""):
            with pytest.raises(ModelAccessError, match="api_key") as caught:
                read(connect(server.url, api_key=key).stream(ASKED))
            assert "wrong" not in str(caught.value)
            assert not caught.value.retryable


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
        assert 1.0 <= time.monotonic() - began < 4.0
        server.failing = [Reply(status=429, retry_after="120")]
        with pytest.raises(ModelOverloadedError) as caught:
            read(model.stream(ASKED))
        assert caught.value.retry_after == 120
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


def test_a_server_that_is_away(connect: Connect) -> None:
    with ModelServer() as server:
        url = server.url
        model = connect(url)
        read(model.stream(ASKED))
    with pytest.raises(ModelUnavailableError, match=r"does not answer|broke"):
        read(model.stream(ASKED))
    began = time.monotonic()
    for _ in range(20):
        with pytest.raises(ModelUnavailableError):
            model.describe()
    assert time.monotonic() - began < 2.0, "each waited for a server that is known to be away"


@pytest.mark.parametrize(
    ("reply", "patience", "error"),
    [
        (Reply("One two.", first_seconds=9), Patience(first=0.3, total=9, pause=0.01), ModelUnavailableError),
        (Reply("One two.", piece_seconds=9), Patience(between=0.3, total=9, pause=0.01), ModelInterruptedError),
        (Reply("One " * 99, piece_seconds=0.05), Patience(between=5, total=0.4, pause=0.01), ModelInterruptedError),
    ],
)
def test_a_server_that_is_too_slow_is_left(
    connect: Connect, reply: Reply, patience: Patience, error: type[Exception]
) -> None:
    with ModelServer(Script(otherwise=reply)) as server:
        model = connect(server.url, patience=patience)
        model.describe()
        began = time.monotonic()
        with pytest.raises(error):
            read(model.stream(ASKED))
        assert time.monotonic() - began < 4.0
        assert len(server.asked) == 1
        _eventually(lambda: server.chats[-1].left and server.at_work == 0)


def _eventually(holds: Callable[[], bool], seconds: float = 5.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize("how", ["closed", "dropped", "closed while it waits"])
def test_the_server_stops_writing_when_nobody_reads(connect: Connect, how: str) -> None:
    slow = Reply("word " * 400, piece_seconds=0.03, first_seconds=9.0 if how == "closed while it waits" else 0.0)
    with ModelServer(Script(otherwise=slow)) as server:
        stream = connect(server.url).stream(ASKED)
        if how == "closed while it waits":
            threading.Timer(0.3, stream.close).start()
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
    with ModelServer(Script(otherwise=Reply("Some words here.", piece_seconds=0.1))) as server:
        model = connect(server.url, at_once=2, waiting=3)
        model.describe()

        def ask(_: int) -> str:
            try:
                return read(model.stream(ASKED))[0]
            except ModelOverloadedError as error:
                return error.message

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(ask, range(8)))
        assert server.most_at_work == 2
    assert answers.count("Some words here.") == 5
    assert sum("at work and 3 wait" in answer for answer in answers) == 3


def test_sixty_four_answers_at_once(connect: Connect) -> None:
    script = Script(when(r"number (\d+)", lambda found: Reply(f"It is {found[1]}, really.", piece_seconds=0.01)))
    with ModelServer(script) as server:
        model = connect(server.url, at_once=64)

        def ask(number: int) -> str:
            return read(model.stream([ChatMessage.of("user", f"Say number {number}.")]))[0]

        with ThreadPoolExecutor(64) as pool:
            answers = list(pool.map(ask, range(64)))
    assert answers == [f"It is {number}, really." for number in range(64)]


def test_a_local_tokenizer_counts_for_a_server_that_does_not(connect: Connect) -> None:
    path = model_folder() / "tokenizer.json"
    with ModelServer(kind="openai") as server:
        model = connect(server.url, ModelConfig(context_tokens=1000, tokenizer=path))
        assert model.describe().counting == "tokenizer"
        assert model.describe().tokenizer == str(path)
        assert model.count_texts(["", "Pumps.", "One two three. " * 400]) == [0, 2, 1600]
        assert model.count_tokens([ChatMessage.of("user", "Pumps.")]) > 2
        assert [r for r in server.requests if r.path != "/v1/models"] == []
        wrong = ModelConfig(context_tokens=1000, tokenizer=path.with_name("none.json"))
        with pytest.raises(ConfigurationError, match=r"none\.json cannot be read"):
            connect(server.url, wrong).count_texts(["a"])


def test_long_texts_are_counted_in_pieces(connect: Connect) -> None:
    text = "a line of seven words, no more\n" * 40_000
    assert "".join(text_pieces(text)) == text
    with ModelServer() as server:
        assert connect(server.url).count_texts([text]) == [40_000 * 8 + 3]
        sent = [r.body["prompt"] for r in server.requests if r.path == "/tokenize" and "prompt" in r.body]
    assert len(sent) == 3
    assert max(len(piece) for piece in sent) <= 500_000


def test_kept_counts_are_bounded() -> None:
    kept = KeptCounts(most=2)
    kept.put(b"a", 1)
    kept.put(b"b", 2)
    assert kept.get(b"a") == 1
    kept.put(b"c", 3)
    assert [kept.get(digest) for digest in (b"a", b"b", b"c")] == [1, None, 3]
    assert len(kept) == 2


def test_texts_are_counted_once(connect: Connect) -> None:
    with ModelServer() as server:
        model = connect(server.url)
        texts = ["one two", "three", "one two", "four five six"] * 50
        assert model.count_texts(texts) == [2, 1, 2, 3] * 50
        assert model.count_texts(texts) == [2, 1, 2, 3] * 50
        counted = [r for r in server.requests if r.path == "/tokenize" and "prompt" in r.body]
    assert len(counted) == 3


def test_a_failure_to_count_is_told(connect: Connect) -> None:
    with ModelServer() as server:
        model = connect(server.url)
        model.describe()
        server.model = "newer"
        with pytest.raises(ModelNotFoundError):
            model.count_texts([f"text {number}" for number in range(20)])


def test_what_is_no_chat_server_is_told(connect: Connect) -> None:
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Other(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = json.dumps({"hello": "world"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Other) as other:
        threading.Thread(target=other.serve_forever, args=(0.02,), daemon=True).start()
        with pytest.raises(ModelServerError, match="OpenAI-compatible"):
            connect(f"http://127.0.0.1:{other.server_port}").describe()
        other.shutdown()


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
