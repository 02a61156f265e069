"""Server-sent events: how a stream of them is answered, and the form of one."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

from fastapi.responses import StreamingResponse


def event_stream(events: Iterator[str] | AsyncIterator[str]) -> StreamingResponse:
    """Return the answer that sends the events as they come; neither caches nor proxies may hold them back."""
    return StreamingResponse(
        events,
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def event(name: str, data: dict[str, Any]) -> str:
    """Return one event with its data as JSON."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
