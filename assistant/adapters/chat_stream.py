"""Brings an answer from the server's loop to the thread that reads it, a few pieces ahead and no more."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Self

from assistant.adapters.loop_thread import LoopThread
from assistant.errors import ModelUnavailableError
from assistant.types.chat import Delta

_AHEAD = 64  # pieces that wait for the reader; then the server is read no further
_CLOSING_SECONDS = 2.0


class _Pipe:
    """Pieces on their way. `put` and `end` belong to the loop, `get` to the reading thread, `abandon` to any thread."""

    def __init__(self, thread: LoopThread) -> None:
        self._thread = thread
        self._changed = threading.Condition()
        self._pieces: deque[Delta] = deque()
        self._ended = False
        self._abandoned = False
        self._error: Exception | None = None
        self._room = asyncio.Event()

    async def put(self, piece: Delta) -> None:
        with self._changed:
            self._pieces.append(piece)
            self._changed.notify()
            full = len(self._pieces) >= _AHEAD
            if full:
                self._room.clear()
        if full:
            await self._room.wait()

    def end(self, error: Exception | None = None) -> None:
        with self._changed:
            self._ended = True
            self._error = None if self._abandoned else error
            self._changed.notify_all()

    def abandon(self) -> None:
        with self._changed:
            self._pieces.clear()
            self._ended = self._abandoned = True
            self._changed.notify_all()

    def get(self) -> Delta | None:
        """Return the next piece, the texts that wait as one; None after the last one."""
        with self._changed:
            while not self._pieces and not self._ended:
                self._changed.wait()
            full = len(self._pieces) >= _AHEAD
            piece = self._next()
        if full:
            self._thread.soon(self._room.set)
        return piece

    def _next(self) -> Delta | None:
        if not self._pieces:
            error, self._error = self._error, None
            if error is not None:
                raise error
            return None
        piece = self._pieces.popleft()
        while self._pieces and _only_text(piece) and _only_text(self._pieces[0]):
            piece = Delta(text=piece.text + self._pieces.popleft().text)
        return piece


def _only_text(piece: Delta) -> bool:
    return bool(piece.text) and not piece.reasoning and piece.finish is None


class _Work:
    """The task on the loop that fills a pipe. It does not know the stream: one that is dropped ends it."""

    def __init__(self, pipe: _Pipe) -> None:
        self._pipe = pipe
        self._task: asyncio.Task[None] | None = None
        self.done = threading.Event()

    def start(self, pieces: AsyncGenerator[Delta, None]) -> None:
        self._task = asyncio.get_running_loop().create_task(self._fill(pieces))
        self._task.add_done_callback(self._after)

    def cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _fill(self, pieces: AsyncGenerator[Delta, None]) -> None:
        async with aclosing(pieces):
            async for piece in pieces:
                await self._pipe.put(piece)

    def _after(self, task: asyncio.Task[None]) -> None:
        error: BaseException | None
        if task.cancelled():
            error = ModelUnavailableError("the model's adapter was closed while it answered")
        else:
            error = task.exception()
        self._pipe.end(error if isinstance(error, Exception) else None)
        self.done.set()


class PipedStream:
    """Implements `interfaces.ChatStream` over pieces that come on a server's loop.

    Args:
        thread: the loop's.
        begin: makes ready what the loop then does, in the thread that asks for the first piece.
    """

    def __init__(self, thread: LoopThread, begin: Callable[[], AsyncGenerator[Delta, None]]) -> None:
        self._thread = thread
        self._pipe = _Pipe(thread)
        self._begin = begin
        self._work = _Work(self._pipe)
        self._switching = threading.Lock()
        self._started = False
        self._closed = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Delta:
        """See `interfaces.ChatStream`."""
        if not self._started:
            self._start()
        piece = None if self._closed else self._pipe.get()
        if piece is None:
            raise StopIteration
        return piece

    def _start(self) -> None:
        if self._closed:
            return
        pieces = self._begin()
        try:
            loop = self._thread.loop
        except RuntimeError as error:
            raise ModelUnavailableError(f"the model's adapter is closed: {error}") from error
        with self._switching:
            self._started = True
            if not self._closed:
                loop.call_soon_threadsafe(self._work.start, pieces)

    def close(self) -> None:
        """See `interfaces.ChatStream`; returns when the request has ended."""
        if self._drop():
            self._work.done.wait(_CLOSING_SECONDS)

    def _drop(self) -> bool:
        """Let the work end; return whether there was any at work."""
        with self._switching:
            at_work = self._started and not self._closed and not self._work.done.is_set()
            self._closed = True
        if at_work:
            self._pipe.abandon()
            self._thread.soon(self._work.cancel)
        return at_work

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_switching"):
            self._drop()
