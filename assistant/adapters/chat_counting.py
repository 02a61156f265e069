"""Counts tokens as a model's server does: by the server, by a local tokenizer, or by an over-estimate."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from assistant.adapters.chat_estimate import estimate_tokens
from assistant.adapters.chat_server import ModelServer
from assistant.adapters.chat_wire import messages_json, tools_json
from assistant.errors import ConfigurationError, ModelServerError
from assistant.types.chat import ChatMessage, TextPart, ToolSpec

_KEPT = 100_000  # counts of texts, about 20 MB
_PIECE = 500_000  # characters of a long text that are counted at once
_PER_MESSAGE = 16  # tokens that a chat template puts around a message, over-estimated
_PER_PROMPT = 32  # and around all of them; some begin with a date or the like
_COUNT = re.compile(rb'"count"\s*:\s*(\d+)')
_DRAINED = 1 << 22  # bytes of an answer that are read to the end, to keep the connection


class TextCounter(Protocol):
    """Counts the tokens of texts, on the server's loop."""

    async def count(self, text: str) -> int:
        """Return the text's own tokens."""
        ...

    async def count_prompt(self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec]) -> int:
        """Return the prompt's tokens."""
        ...


class KeptCounts:
    """The counts of the texts that were counted last, by their digest. For several threads."""

    def __init__(self, most: int = _KEPT) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._counts: OrderedDict[bytes, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._counts)

    def get(self, digest: bytes) -> int | None:
        """Return a count, None where it is not kept."""
        with self._lock:
            count = self._counts.get(digest)
            if count is not None:
                self._counts.move_to_end(digest)
            return count

    def put(self, digest: bytes, count: int) -> None:
        """Keep a count; the one that was asked for longest ago goes."""
        with self._lock:
            self._counts[digest] = count
            self._counts.move_to_end(digest)
            if len(self._counts) > self._most:
                self._counts.popitem(last=False)


def text_digest(text: str) -> bytes:
    """Return what a text's count is kept under."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def text_pieces(text: str) -> Iterator[str]:
    """Yield a long text in pieces, cut after lines where they can be: each adds a token at most to the whole's."""
    start = 0
    while len(text) - start > _PIECE:
        end = text.rfind("\n", start + _PIECE // 2, start + _PIECE) + 1 or start + _PIECE
        yield text[start:end]
        start = end
    yield text[start:]


async def count_all(counter: TextCounter, kept: KeptCounts, texts: Sequence[str]) -> list[int]:
    """Return the counts of the texts, in their order; each different one that is not kept is counted once."""
    digests = [text_digest(text) for text in texts]
    counts = {digest: kept.get(digest) for digest in digests}
    missing = {digest: text for digest, text in zip(digests, texts, strict=True) if counts[digest] is None}

    async def one(digest: bytes, text: str) -> None:
        count = sum(await asyncio.gather(*(counter.count(piece) for piece in text_pieces(text)))) if text else 0
        kept.put(digest, count)
        counts[digest] = count

    try:
        async with asyncio.TaskGroup() as group:
            for digest, text in missing.items():
                group.create_task(one(digest, text))
    except* ModelServerError as errors:
        raise errors.exceptions[0] from None
    return [counts[digest] or 0 for digest in digests]


@dataclass(frozen=True, slots=True)
class VllmCounter:
    """Asks vLLM's `/tokenize`, which counts texts and whole prompts, pictures and tools too, as answers' usage does."""

    server: ModelServer
    model: str

    async def count(self, text: str) -> int:
        """See `TextCounter`."""
        return await self._count({"prompt": text, "add_special_tokens": False})

    async def count_prompt(self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec]) -> int:
        """See `TextCounter`."""
        request: dict[str, Any] = {"messages": messages_json(messages)}
        if tools:
            request["tools"] = tools_json(tools)
        return await self._count(request)

    async def _count(self, request: dict[str, Any]) -> int:
        response = await self.server.ask("POST", "/tokenize", body={"model": self.model, **request}, model=self.model)
        found = _COUNT.search(response.content, 0, 256)  # the tokens follow, millions of them: they are not parsed
        if found is None:
            raise ModelServerError(f"{self.server.root}/tokenize does not answer with a count: {response.text[:200]}")
        return int(found[1])


@dataclass(frozen=True, slots=True)
class LlamaCppCounter:
    """Asks llama.cpp's server: `/apply-template` writes a prompt, `/tokenize` counts it; pictures are estimated."""

    server: ModelServer
    model: str
    image_tokens: int

    async def count(self, text: str) -> int:
        """See `TextCounter`."""
        return await self._count(text, special=False)

    async def count_prompt(self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec]) -> int:
        """See `TextCounter`."""
        texts = [replace(message, parts=(TextPart(message.text),)) for message in messages]
        request: dict[str, Any] = {"messages": messages_json(texts)}
        if tools:
            request["tools"] = tools_json(tools)
        response = await self.server.ask("POST", "/apply-template", body=request, model=self.model)
        pictures = sum(len(message.images) for message in messages)
        return await self._count(response.json()["prompt"], special=True) + pictures * self.image_tokens

    async def _count(self, text: str, *, special: bool) -> int:
        body = {"content": text, "add_special": special, "parse_special": special}
        response = await self.server.ask("POST", "/tokenize", body=body, model=self.model)
        return len(response.json()["tokens"])


class LocalCounter:
    """Counts with a `tokenizer.json` of this machine, or by `estimate_tokens`; over-estimates what the template adds.

    Args:
        tokenizer: the file; None: estimate.
        image_tokens: what a picture counts.

    Raises:
        ConfigurationError: the file cannot be read.
    """

    def __init__(self, tokenizer: Path | None, image_tokens: int) -> None:
        self._image_tokens = image_tokens
        self._tokenizer = _load(tokenizer) if tokenizer else None

    async def count(self, text: str) -> int:
        """See `TextCounter`."""
        if self._tokenizer is None:
            return estimate_tokens(text)
        encoding = await asyncio.to_thread(self._tokenizer.encode, text, add_special_tokens=False)
        return len(encoding.ids)

    async def count_prompt(self, messages: Sequence[ChatMessage], tools: Sequence[ToolSpec]) -> int:
        """See `TextCounter`."""
        texts = [message.text for message in messages]
        texts += [call.name + call.arguments + call.id for message in messages for call in message.tool_calls]
        texts += [json.dumps(tools_json(tools), indent=4)] if tools else []
        pictures = sum(len(message.images) for message in messages)
        counted = sum([await self.count(text) for text in texts])
        return counted + _PER_PROMPT + _PER_MESSAGE * (len(texts)) + pictures * self._image_tokens


def _load(path: Path) -> Any:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:
        raise ConfigurationError(
            f"the tokenizer {path} cannot be read: {error}", "name a tokenizer.json of the model"
        ) from error
    tokenizer.no_padding()  # some files say that texts are to be filled up, or cut
    tokenizer.no_truncation()
    return tokenizer
