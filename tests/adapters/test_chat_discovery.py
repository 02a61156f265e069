"""What the adapter finds out of servers and their models, from scripted servers of each kind."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from assistant.adapters.chat_openai import ModelConfig
from assistant.adapters.chat_server import ModelServer as Server
from assistant.adapters.chat_server import ServerAddress
from assistant.errors import ConfigurationError, ModelAccessError, ModelNotFoundError, ModelServerError
from assistant.types import ChatMessage
from tests.adapters.conftest import Connect
from tests.contracts.chat_model_contract import read
from tests.fakes.model_scripts import Reply, Script
from tests.fakes.model_server import ModelServer

ASKED = [ChatMessage.of("user", "What is it?")]


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


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=400, message="refused with Bearer key-1234567"),
        Reply(status=503, message="key-1234567 is over its limit"),
        Reply(raw='{"error": {"message": "key-1234567 is wrong"}}'),
    ],
)
def test_a_server_that_tells_the_key_again_is_not_repeated(connect: Connect, reply: Reply) -> None:
    with ModelServer(Script(otherwise=reply), api_key="key-1234567") as server:
        with pytest.raises(ModelServerError) as caught:
            read(connect(server.url, api_key="key-1234567").stream(ASKED))
        assert "**********" in str(caught.value)
        assert "1234567" not in str(caught.value)


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
