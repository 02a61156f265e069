"""One answer from a server of the OpenAI kind: asked for until something comes of it, then passed on piece by piece."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from assistant.adapters.chat_errors import refusal, said
from assistant.adapters.chat_server import ModelServer
from assistant.adapters.chat_wire import Assembler
from assistant.adapters.server_events import EventReader
from assistant.errors import ModelInterruptedError, ModelServerError, ModelUnavailableError
from assistant.spans import Span, Value, span
from assistant.types.chat import Delta

_DONE = b"[DONE]"
_REST_SECONDS = 2.0  # for the end of a body after its last event; read, so that the connection can be used again


class Exchange:
    """A request and its answer; for use once, on the server's loop.

    Args:
        server: where it goes.
        model: its name there.
        body: the request as JSON.
        provider: what kind of server it is, for traces.
    """

    def __init__(self, server: ModelServer, model: str, body: bytes, provider: str = "openai") -> None:
        self._server = server
        self._provider = provider
        self._model = model
        self._body = body
        self._deadline = 0.0

    async def pieces(self) -> AsyncGenerator[Delta, None]:
        """Yield the answer.

        Raises:
            ModelServerError: see `interfaces.ChatStream`.
        """
        known: dict[str, Value] = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": self._provider,
            "gen_ai.request.model": self._model,
            "gen_ai.request.stream": True,
            "server.address": self._server.host,
            "server.port": self._server.port,
        }
        with span(f"chat {self._model}", known, "client") as current:
            told = _Told(current)
            async with aclosing(self._tries()) as pieces:
                async for piece in pieces:
                    told.of(piece)
                    yield piece

    async def _tries(self) -> AsyncGenerator[Delta, None]:
        patience = self._server.patience
        async with self._server.turn():
            self._deadline = asyncio.get_running_loop().time() + patience.total
            for number in range(patience.tries):
                try:
                    async with aclosing(self._try()) as pieces:
                        async for piece in pieces:
                            yield piece
                except ModelInterruptedError:
                    raise
                except TimeoutError as error:  # it is at work on it: asking again would double its load
                    raise self._server.too_slow(f"nothing of an answer came in {patience.first:g} s") from error
                except ModelUnavailableError as error:
                    if number == patience.tries - 1:
                        raise
                    await self._server.pause(number, error)
                else:
                    return

    async def _try(self) -> AsyncGenerator[Delta, None]:
        """Ask once. Whatever goes wrong once something has come is an interruption."""
        answer = Assembler()
        try:
            async with aclosing(self._read(answer)) as pieces:
                async for piece in pieces:
                    yield piece
        except (ModelServerError, TimeoutError) as error:
            if not answer.began:
                raise
            late = f"nothing more came in {self._server.patience.between:g} s, or it took too long in all"
            cause = error.message if isinstance(error, ModelServerError) else late
            raise ModelInterruptedError(
                f"the answer of the model {self._model} was cut off: {cause}", "ask again", text=answer.text
            ) from error

    async def _read(self, answer: Assembler) -> AsyncGenerator[Delta, None]:
        reader = EventReader()
        patience = self._server.patience
        async with asyncio.timeout(None) as clock:
            self._wait(clock, patience.first)
            async with (
                self._server.posted("/chat/completions", self._body, self._model) as response,
                aclosing(self._server.parts(response)) as parts,
            ):
                async for data in parts:
                    for event in reader.feed(data):
                        piece = answer.last() if event == _DONE else self._take(answer, event)
                        if piece is not None:
                            clock.reschedule(None)  # as long as the reader takes
                            yield piece
                        if event == _DONE:
                            await self._rest(parts)
                            return
                    if answer.began:
                        self._wait(clock, patience.between)
            for event in reader.end():
                if event != _DONE and (piece := self._take(answer, event)) is not None:
                    yield piece
        if not answer.finished:
            raise ModelUnavailableError(f"the model server {self._server.api} ended an answer before its end")
        yield answer.last()

    def _wait(self, clock: asyncio.Timeout, seconds: float) -> None:
        clock.reschedule(min(asyncio.get_running_loop().time() + seconds, self._deadline))

    async def _rest(self, parts: AsyncGenerator[bytes, None]) -> None:
        """Read what follows the last event; where that takes long, the connection is given up."""
        try:
            async with asyncio.timeout(_REST_SECONDS):
                async for _ in parts:
                    pass
        except (TimeoutError, ModelUnavailableError):
            return

    def _take(self, answer: Assembler, event: bytes) -> Delta | None:
        try:
            chunk: dict[str, Any] = json.loads(event)
            if "error" in chunk:
                raise self._failed(self._server.discreet(event))
            return answer.take(chunk)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelServerError(
                f"{self._server.api} does not stream as an OpenAI-compatible server:"
                f" {self._server.discreet(event)[:200]!r}"
            ) from error

    def _failed(self, event: bytes) -> ModelServerError:
        _, error = said(event)
        code = error.get("code")
        return refusal(code if isinstance(code, int) else 500, event, self._model, self._server.api)


class _Told:
    """Says of a span, by the names of OpenTelemetry's conventions for generative AI, what came of the request."""

    def __init__(self, current: Span) -> None:
        self._span = current
        self._started = time.perf_counter()
        self._began = False

    def of(self, piece: Delta) -> None:
        """Take a piece of the answer."""
        if not self._began:
            self._began = True
            self._span.set("gen_ai.response.time_to_first_chunk", time.perf_counter() - self._started)
        if piece.finish is not None:
            self._span.set("gen_ai.response.finish_reasons", (piece.finish,))
        if piece.usage is not None:
            self._span.set("gen_ai.usage.input_tokens", piece.usage.prompt_tokens)
            self._span.set("gen_ai.usage.output_tokens", piece.usage.completion_tokens)
            self._span.set("gen_ai.usage.cache_read.input_tokens", piece.usage.cached_tokens)
