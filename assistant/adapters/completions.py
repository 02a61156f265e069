"""One whole reply of a model behind an OpenAI-compatible server, such as vLLM; errors say what to correct."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.errors import ConfigurationError, ModelServerError, ModelUnavailableError

_SECONDS = 120.0
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOT_OURS = frozenset({401, 403, 404, 405})  # no request's fault: the model's name, the URL or the key is wrong


class Completions:
    """A model that is asked one thing at a time.

    Args:
        role: what the model is for; its settings are called `ROLE_url`, `ROLE_model` and `ROLE_api_key`.
        url: the server's base URL, e.g. `http://vllm:8000/v1`.
        model: the model's name there.
        api_key: empty where the server asks for none.
        client: sends the requests; by default one that gives the model `seconds`.
        seconds: how long a reply may take.

    Raises:
        ConfigurationError: the model's name or the URL is missing or wrong.
    """

    def __init__(
        self, role: str, url: str, model: str, api_key: str = "", client: Any = None, seconds: float = _SECONDS
    ) -> None:
        import httpx

        setting = f"ASSISTANT_{role.upper()}"
        if not model:
            raise ConfigurationError(f"{role}_url is set, but no {role}_model", f"set {setting}_MODEL")
        if not url.startswith(("http://", "https://")):
            raise ConfigurationError(
                f"{role}_url {url!r} is no HTTP URL", f"set {setting}_URL, e.g. http://vllm:8000/v1"
            )
        self.model = model
        self._role = role
        self._setting = setting
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = client or httpx.Client(timeout=seconds)

    def reply(self, content: str | Sequence[Mapping[str, Any]], max_tokens: int, what: str) -> str:
        """Return the model's reply as it is, with temperature 0; empty where it says nothing.

        Args:
            content: the one message, a text or OpenAI's parts with pictures.
            max_tokens: of the reply.
            what: what is refused where the server refuses it, such as `a picture`.

        Raises:
            ModelUnavailableError: the model does not answer now.
            ModelServerError: it refuses this, or the server is of another kind.
        """
        import httpx

        request = {
            "model": self.model,
            "messages": [{"role": "user", "content": content}],
            "max_tokens": max_tokens,
            "temperature": 0,
        }
        try:
            response = self._client.post(self._url, json=request, headers=self._headers)
        except httpx.TransportError as error:
            raise ModelUnavailableError(
                f"the {self._role} model's server {self._url} does not answer: {error}", f"check {self._setting}_URL"
            ) from error
        return self._text_of(response, what)

    def _text_of(self, response: Any, what: str) -> str:
        cause = f"{response.status_code} {' '.join(response.text.split())[:300]}"
        if response.status_code in _BUSY:
            raise ModelUnavailableError(f"the {self._role} model's server is busy or broken: {cause}", "see its log")
        if response.status_code in _NOT_OURS:
            raise ModelUnavailableError(
                f"the {self._role} model {self.model} is not to be had at {self._url}: {cause}",
                f"check {self._setting}_URL, {self._setting}_MODEL and {self._setting}_API_KEY",
            )
        if response.status_code >= 400:
            raise ModelServerError(f"the {self._role} model {self.model} refuses {what}: {cause}")
        try:
            text = response.json()["choices"][0]["message"]["content"]
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise ModelServerError(f"{self._url} does not answer as an OpenAI-compatible server: {error!r}") from error
        return str(text or "")
