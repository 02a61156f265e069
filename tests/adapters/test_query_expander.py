"""The expander's client, against a server of the OpenAI kind that runs in this process."""

from __future__ import annotations

import json
from collections.abc import Callable

import httpx
import pytest

from assistant.adapters.query_expander import OpenAIQueryExpander, connect_query_expander
from assistant.errors import ConfigurationError, ModelServerError, ModelUnavailableError
from assistant.interfaces import QueryExpander
from tests.contracts.query_expander_contract import KNOWN, QueryExpanderContract


def answering(handle: Callable[[httpx.Request], httpx.Response]) -> OpenAIQueryExpander:
    client = httpx.Client(transport=httpx.MockTransport(handle))
    return OpenAIQueryExpander("http://vllm:8000/v1/", "maverick", "secret", client)


def says(text: str | None) -> httpx.Response:
    return httpx.Response(200, json={"choices": [{"message": {"role": "assistant", "content": text}}]})


class TestOpenAIQueryExpander(QueryExpanderContract):
    @pytest.fixture
    def expander(self) -> QueryExpander:
        return answering(
            lambda _: says(f'1. days of annual leave\n- "vacation entitlement"\n\n{KNOWN.upper()}\n* leave')
        )


def test_it_sends_the_question_and_reads_lines() -> None:
    seen: list[httpx.Request] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return says(f"annual leave\nAnnual Leave\n{'chatter ' * 100}\n2) PTO")

    assert answering(handle).expand(KNOWN) == ["annual leave", "PTO"]
    (request,) = seen
    assert request.headers["Authorization"] == "Bearer secret"
    body = json.loads(request.content)
    assert body["model"] == "maverick"
    assert KNOWN in body["messages"][0]["content"]
    assert answering(lambda _: says(None)).expand(KNOWN) == []


def test_errors_name_the_settings() -> None:
    def refused(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(ModelUnavailableError, match="ASSISTANT_EXPANDER_URL"):
        answering(refused).expand(KNOWN)
    with pytest.raises(ModelUnavailableError, match="ASSISTANT_EXPANDER_MODEL"):
        answering(lambda _: httpx.Response(404, text="no such model")).expand(KNOWN)
    with pytest.raises(ModelServerError, match="refuses a question"):
        answering(lambda _: httpx.Response(400, text="too long")).expand(KNOWN)
    with pytest.raises(ConfigurationError, match="no expander_model"):
        connect_query_expander("http://vllm:8000/v1", "")
    with pytest.raises(ConfigurationError, match="no HTTP URL"):
        connect_query_expander("vllm:8000", "m")
    assert connect_query_expander("http://vllm:8000/v1", "m").name == "m"
