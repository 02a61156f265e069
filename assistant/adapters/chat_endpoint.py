"""One answer of a chat model behind an OpenAI-compatible server, with errors that say whose fault it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assistant.errors import ConfigurationError, ModelServerError, ModelUnavailableError

_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOT_OURS = frozenset({401, 403, 404, 405})  # no request's fault: the model's name, the URL or the key is wrong


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a model is used for, in messages: `the {role}`, what it `refuses`, and the settings `{settings}_url`, ..."""

    role: str
    refuses: str
    settings: str

    def variable(self, name: str) -> str:
        """Return the environment variable of the setting that ends with `name`."""
        return f"ASSISTANT_{self.settings.upper()}_{name.upper()}"


def check_endpoint(purpose: Purpose, url: str, model: str) -> None:
    """See that the settings name a model and a URL. Raises ConfigurationError."""
    if not model:
        raise ConfigurationError(
            f"{purpose.settings}_url is set, but no {purpose.settings}_model", f"set {purpose.variable('model')}"
        )
    if not url.startswith(("http://", "https://")):
        raise ConfigurationError(
            f"{purpose.settings}_url {url!r} is no HTTP URL",
            f"set {purpose.variable('url')}, e.g. http://vllm:8000/v1",
        )


class ChatEndpoint:
    """Asks one model. Safe to use from several threads.

    Args:
        purpose: of the model, for messages.
        url: the server's base URL, e.g. `http://vllm:8000/v1`.
        model: the model's name there.
        api_key: empty where the server asks for none.
        seconds: how long an answer may take.
        client: an `httpx.Client` that sends the requests; by default one of its own.
    """

    def __init__(
        self, purpose: Purpose, url: str, model: str, api_key: str = "", *, seconds: float, client: Any = None
    ) -> None:
        import httpx

        self._purpose, self._model = purpose, model
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = client or httpx.Client(timeout=seconds)

    def complete(self, content: Any, max_tokens: int) -> str:
        """Return what the model says to one message of the user, at temperature 0.

        Args:
            content: a text, or parts as the API has them.
            max_tokens: where the answer is cut.

        Raises:
            ModelUnavailableError: the server or the model is not to be had now.
            ModelServerError: it refuses, or answers with something else.
        """
        import httpx

        request = {
            "model": self._model,
            "messages": [{"role": "user", "content": content}],
            "max_tokens": max_tokens,
            "temperature": 0,
        }
        try:
            response = self._client.post(self._url, json=request, headers=self._headers)
        except httpx.TransportError as error:
            raise ModelUnavailableError(
                f"the {self._purpose.role}'s server {self._url} does not answer: {error}",
                f"check {self._purpose.variable('url')}",
            ) from error
        return self._said(response)

    def _said(self, response: Any) -> str:
        purpose = self._purpose
        cause = f"{response.status_code} {' '.join(response.text.split())[:300]}"
        if response.status_code in _BUSY:
            raise ModelUnavailableError(f"the {purpose.role}'s server is busy or broken: {cause}", "see its log")
        if response.status_code in _NOT_OURS:
            names = [purpose.variable(name) for name in ("url", "model", "api_key")]
            raise ModelUnavailableError(
                f"the {purpose.role} {self._model} is not to be had at {self._url}: {cause}",
                f"check {names[0]}, {names[1]} and {names[2]}",
            )
        if response.status_code >= 400:
            raise ModelServerError(f"the {purpose.role} {self._model} refuses {purpose.refuses}: {cause}")
        try:
            text = response.json()["choices"][0]["message"]["content"]
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise ModelServerError(f"{self._url} does not answer as an OpenAI-compatible server: {error!r}") from error
        return str(text or "")
