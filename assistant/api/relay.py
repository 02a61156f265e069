"""Brings what a thread makes to the loop that sends it: many at a time where the loop is behind, a few ahead only."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator

_AHEAD = 64  # texts that wait to be sent; then no more are made


async def relayed(texts: Iterator[str], idle: str = "", seconds: float | None = None) -> AsyncIterator[str]:
    """Yield the texts, those that wait as one, while a thread of its own makes them.

    Not one of the threads that all requests share: a text may be waited for as long as a model reads its prompt, and
    forty answers that wait would keep every other request from being answered. Nor one thread after the other, which
    takes longer than most texts do.

    Args:
        texts: what is made.
        idle: is yielded between them whenever none came for so many seconds.
        seconds: None: then nothing is.
    """
    relay = _Relay(texts, idle, seconds)
    relay.start()
    try:
        while (text := await relay.waiting()) is not None:
            yield text
    finally:
        relay.leave()


class _Relay:
    """`waiting` belongs to the loop that it was made on; `start` and `leave` are called there."""

    def __init__(self, texts: Iterator[str], idle: str, seconds: float | None) -> None:
        self._texts, self._idle, self._seconds = texts, idle, seconds
        self._loop = asyncio.get_running_loop()
        self._more = asyncio.Event()
        self._changed = threading.Condition()
        self._made: deque[str] = deque()
        self._done = self._left = False
        self._error: BaseException | None = None

    def start(self) -> None:
        """Let the thread begin, with the context that there is here."""
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._make,), name="answer", daemon=True).start()

    def leave(self) -> None:
        """Have no more made; the thread ends after what it is at."""
        with self._changed:
            self._left = True
            self._made.clear()
            self._changed.notify()

    async def waiting(self) -> str | None:
        """Return all texts that wait, as one, or what is said while none comes; None after the last one.

        Raises what making them raised.
        """
        while True:
            self._more.clear()
            with self._changed:
                made, done = "".join(self._made), self._done
                self._made.clear()
                self._changed.notify()
            if made:
                return made
            if done:
                if self._error is not None:
                    raise self._error
                return None
            try:
                async with asyncio.timeout(self._seconds):
                    await self._more.wait()
            except TimeoutError:
                return self._idle

    def _make(self) -> None:
        try:
            for text in self._texts:
                if not self._put(text):
                    break
        except BaseException as error:  # noqa: BLE001 (raised where it is waited for)
            self._error = error
        finally:
            close = getattr(self._texts, "close", None)
            if close is not None:
                close()
            with self._changed:
                self._done = True
            self._tell()

    def _put(self, text: str) -> bool:
        """Take a text, when there is room for it; return whether more are wanted."""
        with self._changed:
            while len(self._made) >= _AHEAD and not self._left:
                self._changed.wait()
            if self._left:
                return False
            first = not self._made
            self._made.append(text)
        if first:
            self._tell()
        return True

    def _tell(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and its clients with it
            self._loop.call_soon_threadsafe(self._more.set)
