"""Chat models behind servers of the OpenAI kind, made for vLLM: streams, exact counts, what the server really serves.

Own code over httpx, not LangChain's `ChatOpenAI`: that one has no limit for the first token apart from the later ones,
tries again without knowing whether anything came, cannot be ended by another thread while it waits, and knows neither a
server's context length nor its tokenizer.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.adapters.chat_counting import (
    KeptCounts,
    LlamaCppCounter,
    LocalCounter,
    TextCounter,
    VllmCounter,
    count_all,
)
from assistant.adapters.chat_discovery import Found, discover, settled
from assistant.adapters.chat_exchange import Exchange
from assistant.adapters.chat_load import told_load
from assistant.adapters.chat_server import ModelServer
from assistant.adapters.chat_stream import PipedStream
from assistant.adapters.chat_wire import encoded, messages_json, schema_json, tools_json
from assistant.errors import (
    ModelNotFoundError,
    ModelOverloadedError,
    ModelServerError,
    ModelUnavailableError,
    PromptTooLongError,
)
from assistant.types.chat import ChatMessage, Counting, Delta, ModelInfo, Origin, ServerKind, ServerLoad, ToolSpec

_INFO_SECONDS = 300.0
_FAILED_SECONDS = 3.0  # so that many who ask at once do not each wait for a server that is away
_DESCRIBING_SECONDS = 20.0
_IMAGE_TOKENS = 2600  # Llama 4's largest picture: 16 tiles and a whole view of 144 tokens each, and separators


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """What the settings say of a model; what they leave out is asked of the server.

    Attributes:
        name: on its server; empty: the only one there.
        server: the server's kind, where it does not show itself.
        context_tokens: a ceiling below what the server takes, or the length where it does not say.
        images_per_prompt: 0: it does not see.
        tools: whether it takes tools.
        tokenizer: a `tokenizer.json`, for servers that do not count.
        image_tokens: the most that a picture counts, for servers that do not count pictures.
        extra: more fields of every request, e.g. `chat_template_kwargs` at vLLM.
    """

    name: str = ""
    server: ServerKind | None = None
    context_tokens: int | None = None
    images_per_prompt: int | None = None
    tools: bool | None = None
    tokenizer: Path | None = None
    image_tokens: int = _IMAGE_TOKENS
    extra: Mapping[str, Any] = field(default_factory=dict)


class OpenAIChatModel:
    """Implements `interfaces.ChatModel`.

    Args:
        server: shared by all models there.
        config: of this model.
    """

    def __init__(self, server: ModelServer, config: ModelConfig) -> None:
        self._server = server
        self._config = config
        self._asking = threading.Lock()
        self._known: tuple[float, ModelInfo] | None = None
        self._failed: tuple[float, ModelServerError] | None = None
        self._counts = KeptCounts()
        self._counter: tuple[ModelInfo, TextCounter] | None = None

    @property
    def name(self) -> str:
        """See `interfaces.ChatModel`."""
        return self._config.name or (self._known[1].name if self._known else "")

    def describe(self) -> ModelInfo:
        """See `interfaces.ChatModel`."""
        with self._asking:
            known, failed = self._known, self._failed
            if known is not None and time.monotonic() < known[0]:
                return known[1]
            if failed is not None and time.monotonic() < failed[0]:
                raise failed[1]
            try:
                info = self._server.run(self._describe())
            except ModelServerError as error:
                self._failed = (time.monotonic() + _FAILED_SECONDS, error)
                raise
            self._known = (time.monotonic() + _INFO_SECONDS, info)
            return info

    def forget(self) -> None:
        """See `interfaces.Overseen`."""
        with self._asking:
            self._known = self._failed = None

    def load(self) -> ServerLoad:
        """See `interfaces.Overseen`."""
        own = self._server.load()
        known = self._known
        if known is None or known[1].server != "vllm":
            return own
        return self._server.run(told_load(self._server, own, known[1].name))

    async def _describe(self) -> ModelInfo:
        config = self._config
        try:
            async with asyncio.timeout(_DESCRIBING_SECONDS):
                found = await discover(self._server, config.name, config.server)
        except TimeoutError as error:
            raise self._server.too_slow(f"it does not describe its model in {_DESCRIBING_SECONDS:g} s") from error
        counting = self._counting(found.server)
        context, context_origin = self._context(found)
        images, images_origin = settled(found.images_per_prompt, config.images_per_prompt, 0)
        tools, tools_origin = settled(found.tools, config.tools, assumed=False)
        return ModelInfo(
            name=found.name,
            server=found.server,
            context_tokens=context,
            images_per_prompt=images,
            tools=tools,
            counting=counting,
            tokenizer=self._tokenizer_name(counting, found.name),
            adapters=found.adapters,
            origins={"context_tokens": context_origin, "images_per_prompt": images_origin, "tools": tools_origin},
        )

    def _context(self, found: Found) -> tuple[int, Origin]:
        served, ceiling = found.context_tokens, self._config.context_tokens
        if served and (ceiling is None or served <= ceiling):
            return served, "discovered"
        if ceiling:
            return ceiling, "configured"
        raise ModelServerError(
            f"the server {self._server.api} does not say how long a context it gives the model {found.name}",
            "set the model's context_tokens to what the server was started with",
        )

    def _tokenizer_name(self, counting: Counting, name: str) -> str:
        if counting == "server":
            return f"{self._server.root} {name}"
        return str(self._config.tokenizer) if counting == "tokenizer" else "estimate"

    def _counting(self, server: ServerKind) -> Counting:
        if self._config.tokenizer is not None:
            return "tokenizer"
        return "server" if server in {"vllm", "llama.cpp"} else "estimate"

    def _make_counter(self, name: str, server: ServerKind) -> TextCounter:
        if self._counting(server) != "server":
            return LocalCounter(self._config.tokenizer, self._config.image_tokens)
        if server == "vllm":
            return VllmCounter(self._server, name)
        return LlamaCppCounter(self._server, name, self._config.image_tokens)

    def count_tokens(self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec] = ()) -> int:
        """See `interfaces.ChatModel`."""
        return self._server.run(self._ready().count_prompt(messages, tools))

    def count_texts(self, texts: Sequence[str]) -> list[int]:
        """See `interfaces.ChatModel`. The counts of the last texts are kept."""
        return self._server.run(count_all(self._ready(), self._counts, texts))

    def _ready(self) -> TextCounter:
        info = self.describe()
        with self._asking:
            if self._counter is None or self._counter[0] != info:
                self._counter = (info, self._make_counter(info.name, info.server))
            return self._counter[1]

    def stream(
        self,
        messages: Sequence[ChatMessage],
        *,
        tools: Sequence[ToolSpec] = (),
        max_tokens: int | None = None,
        temperature: float = 0.0,
        response_schema: Mapping[str, Any] | None = None,
        cache_salt: str = "",
        stop: Sequence[str] = (),
    ) -> PipedStream:
        """See `interfaces.ChatModel`."""

        request: dict[str, Any] = {"temperature": temperature}
        if max_tokens is not None:
            request["max_tokens"] = max_tokens
        if tools:
            request["tools"] = tools_json(tools)
        if response_schema is not None:
            request["response_format"] = schema_json(response_schema)
        if cache_salt:
            request["cache_salt"] = cache_salt
        if stop:
            request["stop"] = list(stop)
        return PipedStream(self._server.thread, lambda: self._begin(messages, request))

    def _begin(self, messages: Sequence[ChatMessage], request: dict[str, Any]) -> AsyncGenerator[Delta, None]:
        """Write the request, in the reading thread: of a prompt of ten million tokens that takes most of a second."""
        known = self._known
        info = known[1] if known else self.describe()
        told = {**self._config.extra, **request, "model": info.name, "messages": messages_json(messages)}
        if info.server != "vllm":
            told.pop("cache_salt", None)  # others may refuse what they do not know
        told |= {"stream": True, "stream_options": {"include_usage": True}}
        body = encoded(told)
        return self._answer(Exchange(self._server, info.name, body, info.server))

    async def _answer(self, exchange: Exchange) -> AsyncGenerator[Delta, None]:
        try:
            async with aclosing(exchange.pieces()) as pieces:
                async for piece in pieces:
                    yield piece
        except ModelOverloadedError:
            raise
        except (ModelUnavailableError, ModelNotFoundError, PromptTooLongError):
            self._known = None  # the server may not be what it was: it is asked again
            raise
