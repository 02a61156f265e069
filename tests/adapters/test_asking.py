"""One reply of a model for tasks beside answering: over a scripted server by real HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from assistant.adapters.asking import reply
from assistant.adapters.chat_openai import ModelConfig, OpenAIChatModel
from assistant.adapters.chat_server import ModelServer as Server
from assistant.adapters.chat_server import Patience, ServerAddress
from assistant.errors import ModelServerError, ModelUnavailableError
from assistant.types import ChatMessage
from tests.fakes.model_scripts import Reply, Script
from tests.fakes.model_server import ModelServer

MESSAGE = ChatMessage.of("user", "Describe it.")


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(Script(otherwise=Reply(" A red wall,\nempty. "))) as server:
        yield server


@pytest.fixture
def model(server: ModelServer) -> Iterator[OpenAIChatModel]:
    with_tries = Server(ServerAddress(server.url, "", 32, 64, Patience(tries=1)))
    yield OpenAIChatModel(with_tries, ModelConfig("scripted"))
    with_tries.close()


def test_it_is_the_whole_reply_as_it_is(model: OpenAIChatModel, server: ModelServer) -> None:
    assert reply(model, MESSAGE, 50, "a picture").split() == ["A", "red", "wall,", "empty."]
    body = server.asked[-1].body
    assert (body["max_tokens"], body["temperature"], body["model"]) == (50, 0.0, "scripted")


def test_no_words_are_no_words(model: OpenAIChatModel, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply(""))
    assert reply(model, MESSAGE, 50, "a picture") == ""


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_worth_another_try(model: OpenAIChatModel, server: ModelServer, status: int) -> None:
    server.script = Script(otherwise=Reply(status=status, message="busy"))
    with pytest.raises(ModelUnavailableError) as caught:
        reply(model, MESSAGE, 50, "a picture")
    assert caught.value.retryable


def test_a_server_that_is_away_is_worth_another_try() -> None:
    away = Server(ServerAddress("http://127.0.0.1:9/v1", "", 32, 64, Patience(tries=1)))
    with pytest.raises(ModelUnavailableError, match=r"127\.0\.0\.1:9"):
        reply(OpenAIChatModel(away, ModelConfig("m")), MESSAGE, 50, "a picture")
    away.close()


@pytest.mark.parametrize(("name", "key"), [("other", ""), ("scripted", "secret")])
def test_a_wrong_setting_is_no_request_s_fault(server: ModelServer, name: str, key: str) -> None:
    server.api_key = key
    adapter = Server(ServerAddress(server.url, "", 32, 64, Patience(tries=1)))
    with pytest.raises(ModelUnavailableError):
        reply(OpenAIChatModel(adapter, ModelConfig(name)), MESSAGE, 50, "a picture")
    adapter.close()


def test_a_refusal_names_its_reason(model: OpenAIChatModel, server: ModelServer) -> None:
    server.script = Script(otherwise=Reply(status=400, message="no vision model"))
    with pytest.raises(ModelServerError, match=r"scripted refuses a picture.*no vision model") as caught:
        reply(model, MESSAGE, 50, "a picture")
    assert not isinstance(caught.value, ModelUnavailableError)


@pytest.mark.parametrize("script", [Reply("late", first_seconds=200), Reply("a b c d e f g", piece_seconds=40)])
def test_a_slow_model_is_not_waited_for(model: OpenAIChatModel, server: ModelServer, script: Reply) -> None:
    model.describe()
    server.script = Script(otherwise=script)
    began = time.perf_counter()
    with pytest.raises(ModelUnavailableError, match=r"did not answer in 0\.5 s"):
        reply(model, MESSAGE, 50, "a question", 0.5)
    assert time.perf_counter() - began < 100
