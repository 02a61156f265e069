"""What a model server's refusal means: status and body into the tree of errors."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from assistant.errors import (
    ModelAccessError,
    ModelNotFoundError,
    ModelOverloadedError,
    ModelServerError,
    ModelUnavailableError,
    PromptTooLongError,
)

_BUSY = frozenset({429, 503})
_PASSING = frozenset({408, 425, 500, 502, 504, 529})
_SHOWN = 300  # characters of a server's own words
# vLLM, OpenAI, llama.cpp, and what others say
_TOO_LONG = re.compile(
    r"maximum context length|context_length_exceeded|exceed_context_size|exceeds? the (?:available )?context"
    r"|max_model_len|longer than the maximum model length|prompt is too long",
    re.IGNORECASE,
)
_LIMIT = re.compile(r"(?:maximum context length (?:is|of) |max_model_len=|context size \()(\d+)")
_COUNTED = re.compile(r"(?:at least|you requested|contains|request \()\s*(\d+)")


def said(body: bytes) -> tuple[str, Mapping[str, Any]]:
    """Return a refusal's message, in one line, and the object that it came in."""
    text = " ".join(body.decode("utf-8", "replace").split())
    try:
        told = json.loads(body)
    except ValueError:
        return text[:_SHOWN], {}
    if not isinstance(told, dict):
        return text[:_SHOWN], {}
    error = told.get("error") or told.get("detail") or told
    if not isinstance(error, dict):
        return " ".join(str(error).split())[:_SHOWN], {}
    return " ".join(str(error.get("message") or text).split())[:_SHOWN], error


def refusal(status: int, body: bytes, model: str, url: str, retry_after: float | None = None) -> ModelServerError:
    """Return the error for an answer with that status.

    Args:
        status: of HTTP, 400 or more; or the code of an error that came in the middle of a stream.
        body: the answer's.
        model: the model's name, as it was asked for.
        url: the server's.
        retry_after: seconds after which the server wants to be asked again, where it says so.
    """
    message, error = said(body)
    cause = f"{status} {message}".strip()
    if status in {400, 413, 422, 500} and _TOO_LONG.search(f"{message} {error.get('type')} {error.get('code')}"):
        return _too_long(message, error, model, url)
    if status in {401, 403}:
        return ModelAccessError(f"the model server {url} refuses the API key: {cause}", "correct the model's api_key")
    if status == 404 and "model" in message.lower():
        return ModelNotFoundError(f"the model server {url} has no model {model!r}: {cause}", "correct the model's name")
    if status in _BUSY:
        return ModelOverloadedError(
            f"the model server {url} is overloaded: {cause}", "try again in a while", retry_after=retry_after
        )
    if status in _PASSING:
        return ModelUnavailableError(
            f"the model server {url} is broken or not ready: {cause}", "see its log", retry_after=retry_after
        )
    hint = (
        "correct the model's url, which may not be that of an OpenAI-compatible server" if status in {404, 405} else ""
    )
    return ModelServerError(f"the model {model} at {url} refuses the request: {cause}", hint)


def _too_long(message: str, error: Mapping[str, Any], model: str, url: str) -> PromptTooLongError:
    limit, tokens = error.get("n_ctx"), error.get("n_prompt_tokens")
    if limit is None and (found := _LIMIT.search(message)):
        limit = int(found[1])
    if tokens is None and (found := _COUNTED.search(message)):
        tokens = int(found[1])
    return PromptTooLongError(
        f"the prompt is too long for the model {model} at {url}: {message}",
        "ask with a smaller scope or budget, or serve the model with a longer context",
        limit=limit,
        tokens=tokens,
    )


def seconds_to_wait(header: str | None) -> float | None:
    """Return what a `Retry-After` says, a number or a date (RFC 9110), in seconds; None where it says nothing."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except (TypeError, ValueError):
        return None
