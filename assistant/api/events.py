"""Server-sent events: how a stream of them is answered, and the form of one."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from assistant.api.relay import relayed
from assistant.api.watched import watched
from assistant.errors import AssistantError

log = logging.getLogger(__name__)

ALIVE_SECONDS = 15.0  # proxies close a connection on which nothing is said
STILL_AT_WORK = ": still at work\n\n"  # a comment, which clients pass over


class _EventStream(StreamingResponse):
    """A stream of events that tells whoever makes them when the client has left."""

    on_leave: Callable[[], None] | None = None
    on_end: Callable[[], None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.on_end is not None:
                self.on_end()

    async def listen_for_disconnect(self, receive: Receive) -> None:
        """Starlette's hook. What makes the events may wait for minutes in a thread that cannot be cancelled."""
        await super().listen_for_disconnect(receive)
        if self.on_leave is not None:
            await run_in_threadpool(self.on_leave)


def event_stream(
    events: Iterator[str] | AsyncIterator[str],
    on_leave: Callable[[], None] | None = None,
    *,
    on_end: Callable[[], None] | None = None,
    still: Callable[[], bool] | None = None,
    resumes: bool = False,
    as_error: Callable[[str, str, str], str] | None = None,
) -> StreamingResponse:
    """Return the answer that sends the events as they come; neither caches nor proxies may hold them back.

    Args:
        events: each as `event` writes it. An asynchronous iterator says itself that it is at work while it has none.
        on_leave: is called when the client leaves, also when the next event is still being made.
        on_end: is called when nothing more is sent, also where nothing ever was; it must return at once.
        still: as `signed_in.still_signed_in` returns it: the stream ends a second or two after the sign-in has.
        resumes: whether a client goes on by itself where a stream breaks off: then it is not told that it has other
            rights by now, and gets the rest as they are; nor of what may be over when it comes again.
        as_error: makes the event that ends the stream of message, hint and code; None: `error_event`.
    """
    texts = events if isinstance(events, AsyncIterator) else relayed(events, STILL_AT_WORK, ALIVE_SECONDS)
    response = _EventStream(
        texts if still is None else _watched(texts, still, on_leave, resumes, as_error or error_event),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
    response.on_leave, response.on_end = on_leave, on_end
    return response


async def _watched(
    texts: AsyncIterator[str],
    still: Callable[[], bool],
    on_leave: Callable[[], None] | None,
    resumes: bool,
    as_error: Callable[[str, str, str], str],
) -> AsyncIterator[str]:
    try:
        async for text in watched(texts, still):
            if text is not None:
                yield text
                continue
            if on_leave is not None:
                await run_in_threadpool(on_leave)
            if not resumes:
                yield as_error("your rights have changed meanwhile", "try again", "AccessDeniedError")
    except AssistantError as error:
        if on_leave is not None:
            await run_in_threadpool(on_leave)
        if not (resumes and error.retryable):  # such as a catalog that is away for a moment: the client comes again
            yield as_error(error.message, error.hint, error.code)


def ending_in_errors(
    texts: Iterator[str], request: str, as_error: Callable[[str, str, str], str] | None = None
) -> Iterator[str]:
    """Yield the texts of a stream; what goes wrong is its last one, as the status has been sent.

    Args:
        texts: what is sent.
        request: the request's id, under which the log has what nobody expected.
        as_error: as of `event_stream`.
    """
    told = as_error or error_event
    try:
        yield from texts
    except AssistantError as error:
        yield told(error.message, error.hint, error.code)
    except Exception:
        log.exception("an answer failed (request %s)", request)
        yield told("the answer failed", f"the server's log has it as {request}", "InternalError")


def error_event(message: str, hint: str, code: str) -> str:
    """Return the event that ends a stream where something is wrong."""
    return event("error", {"error": message, "hint": hint, "code": code})


def event(name: str, data: dict[str, Any]) -> str:
    """Return one event with its data as JSON, in ASCII: many clients take U+2028 and the like for the end of a line."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"
