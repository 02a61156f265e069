"""Server-sent events: how a stream of them is answered, and the form of one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from starlette.types import Receive

from assistant.api.relay import relayed


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
        events if isinstance(events, AsyncIterator) else relayed(events),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
    response.on_leave = on_leave
    return response


def event(name: str, data: dict[str, Any]) -> str:
    """Return one event with its data as JSON."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
