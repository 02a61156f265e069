"""The adapter against the real vLLM on the CPU: a tiny random Llama 4 proves the contract, not the answers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from assistant.adapters.chat_estimate import estimate_tokens
from assistant.adapters.chat_openai import ModelConfig, OpenAIChatModel
from assistant.adapters.chat_server import ModelServer, ServerAddress
from assistant.errors import ModelNotFoundError, ModelServerError, PromptTooLongError
from assistant.types import ChatMessage, TextPart
from tests.contracts.chat_model_contract import TEXTS, WEATHER, ChatModelContract, conversation, picture, read
from tests.fakes.vllm import ADAPTER, IMAGES, LIMIT, MODEL, Vllm

PROSE = " ".join(f"Section {n}: the relief valve of pump {n * 37 % 101} opens at {n * 7 % 23} bar." for n in range(400))

_GENERATED = "vllm:generation_tokens_total"


@pytest.fixture(scope="module")
def server(vllm: Vllm) -> Iterator[ModelServer]:
    server = ModelServer(ServerAddress(vllm.url))
    yield server
    server.close()


@pytest.fixture(scope="module")
def served(server: ModelServer) -> OpenAIChatModel:
    return OpenAIChatModel(server, ModelConfig())


class TestVllm(ChatModelContract):
    @pytest.fixture
    def model(self, served: OpenAIChatModel) -> OpenAIChatModel:
        return served


def test_what_it_says_of_itself(served: OpenAIChatModel) -> None:
    info = served.describe()
    assert (info.name, info.server, info.context_tokens) == (MODEL, "vllm", LIMIT)
    assert (info.images_per_prompt, info.tools, info.counting) == (IMAGES, True, "server")
    assert set(info.origins.values()) == {"discovered"}
    assert info.adapters == (ADAPTER,)


def test_an_adapter_is_a_model_of_its_own(server: ModelServer, served: OpenAIChatModel) -> None:
    adapted = OpenAIChatModel(server, ModelConfig(ADAPTER, extra={"ignore_eos": True}))
    plain = OpenAIChatModel(server, ModelConfig(MODEL, extra={"ignore_eos": True}))
    info = adapted.describe()
    assert (info.name, info.context_tokens, info.adapters) == (ADAPTER, LIMIT, ())
    question = [ChatMessage.of("user", "How many days of leave are there?")]
    said, _ = read(plain.stream(question, max_tokens=12))
    otherwise, last = read(adapted.stream(question, max_tokens=12))
    assert otherwise != said
    assert read(plain.stream(question, max_tokens=12))[0] == said
    assert last.usage is not None
    assert last.usage.prompt_tokens == served.count_tokens(question) == adapted.count_tokens(question)


def test_texts_count_as_they_do_in_a_prompt(served: OpenAIChatModel) -> None:
    empty = served.count_tokens([ChatMessage.of("user", "")])
    for text, count in zip(TEXTS, served.count_texts(TEXTS), strict=True):
        added = served.count_tokens([ChatMessage.of("user", text)]) - empty
        assert abs(added - count) <= 2  # its ends may join what stands beside them


def test_the_estimate_is_never_below_the_server_s_count(served: OpenAIChatModel) -> None:
    texts = [*TEXTS, PROSE, json.dumps({"a": [1.5, None, "x" * 40]}, indent=4), "0123456789abcdef" * 50, "äöüß" * 50]
    for text, count in zip(texts, served.count_texts(texts), strict=True):
        assert estimate_tokens(text) >= count, text[:80]


@pytest.mark.parametrize("fits", [True, False])
def test_the_limit_is_that_of_the_server_to_the_token(served: OpenAIChatModel, fits: bool) -> None:
    def prompt(words: int) -> list[ChatMessage]:
        return [ChatMessage.of("user", " a" * words)]

    wanted = LIMIT - 4 if fits else LIMIT + 1
    words = wanted - served.count_tokens(prompt(0))
    messages = prompt(words + wanted - served.count_tokens(prompt(words)))
    assert served.count_tokens(messages) == wanted
    if fits:
        _, last = read(served.stream(messages, max_tokens=4))
        assert last.usage is not None
        assert last.usage.prompt_tokens == wanted
    else:
        with pytest.raises(PromptTooLongError, match=str(LIMIT)) as caught:
            read(served.stream(messages, max_tokens=4))
        assert (caught.value.limit, caught.value.tokens) == (LIMIT, LIMIT + 1)


def test_pictures_are_seen_up_to_the_limit(served: OpenAIChatModel) -> None:
    def look(number: int, size: tuple[int, int]) -> str:
        parts = tuple(picture(size, f"rgb({20 * n},9,200)") for n in range(number))
        return read(served.stream([ChatMessage("user", (*parts, TextPart("What?")))], max_tokens=2))[0]

    assert look(1, (40, 40))
    assert look(IMAGES, (150, 100))
    with pytest.raises(ModelServerError, match=f"(?i)at most {IMAGES} image"):
        look(IMAGES + 1, (60, 60))


def test_tools_are_called(server: ModelServer) -> None:
    forced = {"structured_outputs": {"choice": ["[get_weather(city='Paris')]"]}}
    model = OpenAIChatModel(server, ModelConfig(extra=forced))
    text, last = read(model.stream([ChatMessage.of("user", "Weather in Paris?")], tools=[WEATHER], max_tokens=80))
    assert (text, last.finish) == ("", "tool_calls")
    (call,) = last.tool_calls
    assert (call.name, json.loads(call.arguments)) == ("get_weather", {"city": "Paris"})
    assert call.id


def _first_token(model: OpenAIChatModel, question: str, salt: str) -> tuple[float, float]:
    """Return the seconds to the first token, and the share of the prompt that came from the cache."""
    messages = [ChatMessage.of("system", PROSE[:14_000]), ChatMessage.of("user", question)]
    began = time.perf_counter()
    stream = model.stream(messages, max_tokens=2, cache_salt=salt)
    next(stream)
    seconds = time.perf_counter() - began
    _, last = read(stream)
    assert last.usage is not None
    assert last.usage.cached_tokens is not None
    return seconds, last.usage.cached_tokens / last.usage.prompt_tokens


def test_the_first_token_comes_sooner_where_the_prefix_was_read_before(served: OpenAIChatModel) -> None:
    salt = f"readers {time.time()}"
    cold = [_first_token(served, "What opens first?", f"{salt} {n}") for n in range(2)]
    warm = [_first_token(served, f"And question {n}?", f"{salt} 0") for n in range(4)]
    assert [share for _, share in cold] == [0.0, 0.0]
    assert min(share for _, share in warm) > 0.95
    assert min(seconds for seconds, _ in warm) < min(seconds for seconds, _ in cold)
    print(f"\nfirst token after {cold} then {warm}")


@pytest.mark.parametrize("how", ["closed", "closed by another thread"])
def test_the_server_stops_when_nobody_reads(vllm: Vllm, server: ModelServer, how: str) -> None:
    endless = OpenAIChatModel(server, ModelConfig(extra={"ignore_eos": True}))  # random words may be the last one
    before = vllm.metric(_GENERATED)
    stream = endless.stream([ChatMessage.of("user", "Tell me all.")], max_tokens=7000, temperature=1.0)
    next(stream)
    with vllm.thinking():
        if how == "closed":
            stream.close()
        else:
            threading.Timer(0.1, stream.close).start()
            assert all(piece.finish is None for piece in stream)
        vllm.metric(_GENERATED)  # once this is answered, the server has turned to the closed connection, too
    _eventually(lambda: vllm.metric("vllm:num_requests_running") == 0)
    assert vllm.metric(_GENERATED) - before < 6000


def _eventually(holds: Callable[[], bool], seconds: float = 120.0) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_an_unknown_model_and_a_bad_schema_are_told(server: ModelServer, served: OpenAIChatModel) -> None:
    with pytest.raises(ModelNotFoundError, match=f"it has {MODEL}"):
        OpenAIChatModel(server, ModelConfig("maverick")).describe()
    with pytest.raises(ModelServerError, match="nonsense") as caught:
        read(served.stream(conversation(), response_schema={"type": "nonsense"}))
    assert not caught.value.retryable


def test_the_adapter_adds_little_to_the_server_s_own_time(vllm: Vllm, served: OpenAIChatModel) -> None:
    body = {
        "model": MODEL,
        "messages": [{"role": "user", "content": "Time this."}],
        "max_tokens": 1,
        "temperature": 0.0,
        "stream": True,
    }
    served.describe()

    def raw(client: httpx.Client) -> float:
        began = time.perf_counter()
        with client.stream("POST", f"{vllm.url}/chat/completions", json=body) as response:
            for line in response.iter_lines():
                if '"content":"' in line and '"content":""' not in line:
                    return time.perf_counter() - began
        raise AssertionError

    def ours() -> float:
        began = time.perf_counter()
        stream = served.stream([ChatMessage.of("user", "Time this.")], max_tokens=1)
        next(stream)
        seconds = time.perf_counter() - began
        list(stream)
        return seconds

    with httpx.Client(timeout=60) as client:
        pairs = [(raw(client), ours()) for _ in range(25)]
    server, adapter = (sorted(times)[len(times) // 2] for times in zip(*pairs, strict=True))
    print(f"\nfirst token: server {server * 1000:.1f} ms, through the adapter {adapter * 1000:.1f} ms (medians of 25)")
    assert adapter - server < 0.3  # on a busy machine, too; tests/benchmarks/chat_model.py measures it
