"""Server-sent events: how a stream of them is answered, and the form of one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from starlette.types import Receive


class _EventStream(StreamingResponse):
    """A stream of events that tells whoever makes them when the client has left."""

    on_leave: Callable[[], None] | None = None

    async def listen_for_disconnect(self, receive: Receive) -> None:
        """Starlette's hook. What makes the events may wait for minutes in a thread that cannot be cancelled."""
        await super().listen_for_disconnect(receive)
        if self.on_leave is not None:
            await run_in_threadpool(self.on_leave)


def event_stream(
    events: Iterator[str] | AsyncIterator[str], on_leave: Callable[[], None] | None = None
) -> StreamingResponse:
    """Return the answer that sends the events as they come; neither caches nor proxies may hold them back.

    Args:
        events: each as `event` writes it.
        on_leave: is called when the client leaves, also when the next event is still being made.
    """
    response = _EventStream(
        events if isinstance(events, AsyncIterator) else _in_threads(events),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
    response.on_leave = on_leave
    return response


async def _in_threads(events: Iterator[str]) -> AsyncIterator[str]:
    """Yield the events, each made in a thread.

    Not in one of those that all requests share, as Starlette would: an event may be waited for as long as a model reads
    its prompt, and forty answers that wait would keep every other request from being answered.
    """
    own = CapacityLimiter(1)
    while (made := await to_thread.run_sync(next, events, None, limiter=own)) is not None:
        yield made


def event(name: str, data: dict[str, Any]) -> str:
    """Return one event with its data as JSON."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
