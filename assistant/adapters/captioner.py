"""Descriptions of pictures by a vision model behind an OpenAI-compatible server, such as vLLM."""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

from assistant.adapters.chat_endpoint import ChatEndpoint, Purpose, check_endpoint
from assistant.adapters.pixels import decoded
from assistant.errors import DamagedDocumentError, ModelServerError
from assistant.interfaces import Captioner

_SECONDS = 120.0
_MAX_TOKENS = 200
_MAX_SIDE = 1120  # pixels; models look at tiles of a few hundred, more costs only tokens
_JPEG = b"\xff\xd8"
_MAX_CONTEXT = 600  # characters
_PURPOSE = Purpose("vision model", "a picture", "vision")
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
    check_endpoint(_PURPOSE, url, model)
    return OpenAICaptioner(url, model, api_key)


class OpenAICaptioner:
    """See `connect_captioner` and `interfaces.Captioner`.

    Args:
        client: sends the requests; by default one that gives the model two minutes.
    """

    def __init__(self, url: str, model: str, api_key: str = "", client: Any = None) -> None:
        self.name = model
        self._model = ChatEndpoint(_PURPOSE, url, model, api_key, seconds=_SECONDS, client=client)

    def caption(self, picture: bytes, context: str) -> str:
        """See `interfaces.Captioner`."""
        task = f"{_TASK}\n\nIt stands in: {context[:_MAX_CONTEXT]}" if context else _TASK
        content = [{"type": "image_url", "image_url": {"url": _data_url(picture)}}, {"type": "text", "text": task}]
        return " ".join(self._model.complete(content, _MAX_TOKENS).split())


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
