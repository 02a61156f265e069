"""Descriptions of pictures by a vision model behind an OpenAI-compatible server, such as vLLM."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

from assistant.adapters.pixels import decoded
from assistant.errors import ConfigurationError, DamagedDocumentError, ModelServerError, ModelUnavailableError
from assistant.interfaces import Captioner

_SECONDS = 120.0
_MAX_TOKENS = 200
_MAX_SIDE = 1120  # pixels; models look at tiles of a few hundred, more costs only tokens
_JPEG = b"\xff\xd8"
_MAX_CONTEXT = 600  # characters
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOT_OURS = frozenset({401, 403, 404, 405})  # no picture's fault: the model's name, the URL or the key is wrong
_TASK = (
    "Describe this picture for a search index, in at most three plain sentences: what kind of picture it is"
    " (photograph, chart, diagram, screenshot, form …), what it shows, and which labels, names and numbers stand in it."
    " Do not guess, and add no introduction."
)


def connect_captioner(url: str, model: str, api_key: str = "") -> Captioner:
    """Return the captioner; the server is first asked when a picture is to be described.

    Args:
        url: the server's base URL, e.g. `http://vllm:8000/v1`.
        model: the model's name there.
        api_key: empty where the server asks for none.

    Raises:
        ConfigurationError: the model's name or the URL is missing or wrong.
    """
    if not model:
        raise ConfigurationError("vision_url is set, but no vision_model", "set ASSISTANT_VISION_MODEL")
    if not url.startswith(("http://", "https://")):
        raise ConfigurationError(
            f"vision_url {url!r} is no HTTP URL", "set ASSISTANT_VISION_URL, e.g. http://vllm:8000/v1"
        )
    return OpenAICaptioner(url, model, api_key)


class OpenAICaptioner:
    """See `connect_captioner` and `interfaces.Captioner`.

    Args:
        client: sends the requests; by default one that gives the model two minutes.
    """

    def __init__(self, url: str, model: str, api_key: str = "", client: Any = None) -> None:
        import httpx

        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self.name = model
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._headers = headers
        self._client = client or httpx.Client(timeout=_SECONDS)

    def caption(self, picture: bytes, context: str) -> str:
        """See `interfaces.Captioner`."""
        import httpx

        task = f"{_TASK}\n\nIt stands in: {context[:_MAX_CONTEXT]}" if context else _TASK
        content = [{"type": "image_url", "image_url": {"url": _data_url(picture)}}, {"type": "text", "text": task}]
        request = {
            "model": self.name,
            "messages": [{"role": "user", "content": content}],
            "max_tokens": _MAX_TOKENS,
            "temperature": 0,
        }
        try:
            response = self._client.post(self._url, json=request, headers=self._headers)
        except httpx.TransportError as error:
            raise ModelUnavailableError(
                f"the vision model's server {self._url} does not answer: {error}", "check ASSISTANT_VISION_URL"
            ) from error
        return self._described(response)

    def _described(self, response: Any) -> str:
        cause = f"{response.status_code} {' '.join(response.text.split())[:300]}"
        if response.status_code in _BUSY:
            raise ModelUnavailableError(f"the vision model's server is busy or broken: {cause}", "see its log")
        if response.status_code in _NOT_OURS:
            raise ModelUnavailableError(
                f"the vision model {self.name} is not to be had at {self._url}: {cause}",
                "check ASSISTANT_VISION_URL, ASSISTANT_VISION_MODEL and ASSISTANT_VISION_API_KEY",
            )
        if response.status_code >= 400:
            raise ModelServerError(f"the vision model {self.name} refuses a picture: {cause}")
        try:
            text = response.json()["choices"][0]["message"]["content"]
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise ModelServerError(f"{self._url} does not answer as an OpenAI-compatible server: {error!r}") from error
        return " ".join(str(text or "").split())


def _data_url(picture: bytes) -> str:
    """Return a picture as a data URL of PNG or JPEG, at most `_MAX_SIDE` pixels long.

    Raises:
        ModelServerError: it cannot be decoded.
    """
    try:
        image = decoded(picture, _MAX_SIDE)
    except DamagedDocumentError as error:
        raise ModelServerError(f"{error.message}; the vision model was not asked") from error
    photograph = picture.startswith(_JPEG)
    target = BytesIO()
    image.save(target, "JPEG" if photograph else "PNG")
    kind = "jpeg" if photograph else "png"
    return f"data:image/{kind};base64,{base64.b64encode(target.getvalue()).decode('ascii')}"
