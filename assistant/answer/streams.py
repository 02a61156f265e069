"""The events of one answer, which may be stopped by any thread while another one waits for them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Self

from assistant.interfaces import ChatStream
from assistant.types import AnswerEvent


class Stopping:
    """Whether a person has left, and the model's stream that ends then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stream: ChatStream | None = None
        self._stopped = False

    @property
    def stopped(self) -> bool:
        """Whether it was asked to stop."""
        return self._stopped

    def stop(self) -> None:
        """End the model's stream that is at work, and every later one at once."""
        with self._lock:
            self._stopped = True
            stream = self._stream
        if stream is not None:
            stream.close()

    def watched(self, stream: ChatStream) -> AbstractContextManager[ChatStream]:
        """Return the stream, to be used in a `with` statement; it is closed when it ends, or by `stop`."""
        with self._lock:
            self._stream = stream
            stopped = self._stopped
        if stopped:
            stream.close()
        return stream


class AnswerStream(Iterator[AnswerEvent]):
    """Iterate over it; call `stop` from wherever the person says so.

    Args:
        begin: makes the events; what it is given tells of the stop.
    """

    def __init__(self, begin: Callable[[Stopping], Iterator[AnswerEvent]]) -> None:
        self._stopping = Stopping()
        self._events = begin(self._stopping)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> AnswerEvent:
        return next(self._events)

    def stop(self) -> None:
        """Let the model write no further. From any thread; the events end soon, with what had come as the answer."""
        self._stopping.stop()

    def close(self) -> None:
        """Stop, and make no more events; from any thread, more than once."""
        self._stopping.stop()
        close = getattr(self._events, "close", None)
        if close is not None:
            try:
                close()
            except ValueError:
                return  # another thread is in the middle of it, and comes to its end, for the model's stream has ended
