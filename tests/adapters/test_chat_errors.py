"""What servers' refusals mean, in the words of those that are known."""

from __future__ import annotations

import json
import pickle
from email.utils import formatdate
from time import time

import pytest

from assistant.adapters.chat_errors import refusal, seconds_to_wait
from assistant.errors import (
    ModelAccessError,
    ModelInterruptedError,
    ModelNotFoundError,
    ModelOverloadedError,
    ModelServerError,
    ModelUnavailableError,
    PromptTooLongError,
)

VLLM_LONG = (
    "This model's maximum context length is 8192 tokens. However, your prompt contains at least 8193 input tokens,"
    " which exceeds this limit even without any output tokens."
)
OPENAI_LONG = "This model's maximum context length is 4097 tokens, however you requested 5000 tokens."
LLAMA_LONG = "the request exceeds the available context size, try increasing it"


def told(error: object) -> bytes:
    return json.dumps({"error": error}).encode()


@pytest.mark.parametrize(
    ("body", "limit", "tokens"),
    [
        (told({"message": VLLM_LONG, "code": 400}), 8192, 8193),
        (told({"message": "max_tokens=9000 cannot be greater than max_model_len=8192."}), 8192, None),
        (told({"message": OPENAI_LONG, "code": "context_length_exceeded"}), 4097, 5000),
        (
            told({"message": LLAMA_LONG, "type": "exceed_context_size_error", "n_ctx": 512, "n_prompt_tokens": 600}),
            512,
            600,
        ),
        (told({"message": "too long", "code": "context_length_exceeded"}), None, None),
    ],
)
def test_a_prompt_that_is_too_long(body: bytes, limit: int | None, tokens: int | None) -> None:
    error = refusal(400, body, "m", "http://x")
    assert isinstance(error, PromptTooLongError)
    assert (error.limit, error.tokens, error.retryable) == (limit, tokens, False)


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, told("bad key"), ModelAccessError, "bad key"),
        (403, b"no", ModelAccessError, "api_key"),
        (404, told({"message": "The model `m` does not exist."}), ModelNotFoundError, "no model 'm'"),
        (404, told('model "m" not found, try pulling it first'), ModelNotFoundError, "pulling"),
        (404, b'{"detail": "Not Found"}', ModelServerError, "url"),
        (429, b"", ModelOverloadedError, "429"),
        (503, b"<html>Service\n  unavailable</html>", ModelOverloadedError, "<html>Service unavailable"),
        (500, told({"message": "EngineCore died"}), ModelUnavailableError, "EngineCore died"),
        (502, b"", ModelUnavailableError, "502"),
        (400, told({"message": "bad schema"}), ModelServerError, "bad schema"),
        (418, b"[1, 2]", ModelServerError, "418"),
        (422, b'{"detail": [{"msg": "field required"}]}', ModelServerError, "field required"),
    ],
)
def test_what_it_means(status: int, body: bytes, kind: type[ModelServerError], words: str) -> None:
    error = refusal(status, body, "m", "http://x")
    assert type(error) is kind
    assert words in str(error)


def test_when_to_ask_again() -> None:
    assert seconds_to_wait("7") == 7
    assert seconds_to_wait("1.5") == 1.5
    assert seconds_to_wait("-3") == 0
    assert seconds_to_wait(formatdate(time() + 60, usegmt=True)) == pytest.approx(60, abs=2)
    assert seconds_to_wait(formatdate(time() - 60, usegmt=True)) == 0
    assert seconds_to_wait("soon") is None
    assert seconds_to_wait(None) is None


def test_they_cross_processes_whole() -> None:
    long = pickle.loads(pickle.dumps(PromptTooLongError("a", "b", limit=7, tokens=9)))  # noqa: S301 (our own)
    assert (str(long), long.limit, long.tokens) == ("a (b)", 7, 9)
    cut = pickle.loads(pickle.dumps(ModelInterruptedError("a", text="so far")))  # noqa: S301
    assert cut.text == "so far"
    busy = pickle.loads(pickle.dumps(ModelOverloadedError("a", retry_after=3.0)))  # noqa: S301
    assert busy.retry_after == 3.0
