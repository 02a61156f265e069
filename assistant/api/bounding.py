"""Refuses requests that are too large, too slow or too deeply nested, before anything is made of them."""

from __future__ import annotations

import asyncio
import re
import time
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api.errors import error_response
from assistant.api.signed_in import look_up_of
from assistant.errors import AssistantError, ConfigurationError

if TYPE_CHECKING:
    from assistant.settings import Settings

_MEGABYTE = 1_000_000
_TEXT_BYTES = 8 * _MEGABYTE  # of JSON, beside attached pictures
_PICTURE_BYTES = 21 * _MEGABYTE  # `search/picture` has a limit of its own, a little lower
_STRANGER_BYTES = 65_536  # of one who is not signed in: names and passwords
_FILES = 100  # of an upload
_DEEPEST = 64  # objects and lists in one another
_MOST_PARTS = 500_000  # brackets, quotes and commas; a body of nothing else takes seconds to parse
_SECONDS = 30.0  # until a body's first bytes, and the rest of a short one
_SLOWEST = 16_384  # bytes a second, once that time is over
_STRUCTURE = re.compile(rb'\\.|["\[\]{},]', re.DOTALL)
_OPENS, _CLOSES = frozenset(b"[{"), frozenset(b"]}")
_QUOTE = ord('"')


class Bounded:
    """An ASGI middleware. What is refused is answered with 408, 413 or 422 as errors of routes are.

    Args:
        app: what stands behind it; its `state.context` holds the settings.
        seconds: that a body may take beside what its length explains.
    """

    def __init__(self, app: ASGIApp, seconds: float = _SECONDS) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        settings = scope["app"].state.context.app.settings
        limit = _most_bytes(scope["method"], scope["path"], settings)
        length = headers.get("content-length", "")
        announced = int(length) if length.isascii() and length.isdigit() else None
        may_be_long = announced > _STRANGER_BYTES if announced is not None else "transfer-encoding" in headers
        if may_be_long and settings.sign_in != "none" and not await _is_known(scope):
            limit = min(limit, _STRANGER_BYTES)  # FastAPI reads a body before it asks who sends it
        if announced is not None and announced > limit:
            refused = _too_large(limit)
            answer = error_response(scope["path"], 413, refused.detail, "send less", ConfigurationError.__name__)
            answer.headers["Connection"] = "close"  # nobody reads what it goes on to send
            await answer(scope, receive, send)
            return
        body = _Body(receive, limit, self._seconds, is_json="json" in headers.get("content-type", "json"))
        await self._app(scope, body.receive, send)


class _Body:
    """Hands on a request's body as it comes, and stops where it breaks a limit."""

    def __init__(self, receive: Receive, limit: int, seconds: float, *, is_json: bool) -> None:
        self._receive, self._limit, self._seconds = receive, limit, seconds
        self._nesting = _Nesting() if is_json else None
        self._began = time.monotonic()
        self._size = 0
        self._whole = False

    async def receive(self) -> Message:
        """See ASGI.

        Raises:
            HTTPException: a limit is broken. FastAPI hands it on from wherever it reads.
        """
        if self._whole:  # what is waited for now is that the client goes, which may take long
            return await self._receive()
        left = self._began + self._seconds + self._size / _SLOWEST - time.monotonic()
        try:
            message = await asyncio.wait_for(self._receive(), max(left, 0.001))
        except TimeoutError:
            raise HTTPException(408, "the request's body does not come", {"Connection": "close"}) from None
        if message["type"] != "http.request":
            return message
        part = message.get("body", b"")
        self._whole = not message.get("more_body", False)
        self._size += len(part)
        if self._size > self._limit:
            raise _too_large(self._limit)
        if self._nesting is not None:
            self._nesting.read(part)
        return message


class _Nesting:
    """Looks how deep JSON goes, without making anything of it."""

    def __init__(self) -> None:
        self._depth = self._parts = 0
        self._quoted = False
        self._kept = b""  # a backslash at the end of what came before

    def read(self, part: bytes) -> None:
        """Go on with the next bytes. Raises HTTPException."""
        part = self._kept + part
        slashes = len(part) - len(part.rstrip(b"\\"))
        self._kept = b"\\" if slashes % 2 else b""
        for found in _STRUCTURE.finditer(part[: len(part) - len(self._kept)]):
            sign = part[found.start()]
            if sign == _QUOTE:
                self._quoted = not self._quoted
            elif self._quoted:
                continue
            elif sign in _OPENS:
                self._depth += 1
            elif sign in _CLOSES:
                self._depth -= 1
            self._parts += 1
            if self._depth > _DEEPEST:
                raise HTTPException(422, f"the request's JSON is nested more than {_DEEPEST} deep")
            if self._parts > _MOST_PARTS:
                raise HTTPException(422, f"the request's JSON has more than {_MOST_PARTS:,} parts")


async def _is_known(scope: Scope) -> bool:
    """Return whether somebody is signed in by what the request brings; that there is a header says nothing."""
    request = Request(scope)
    try:
        await run_in_threadpool(look_up_of(request, scope["app"].state.context))
    except AssistantError:
        return False
    return True


def _most_bytes(method: str, path: str, settings: Settings) -> int:
    """Return how many bytes a request's body may have."""
    if (method, path) == ("POST", "/api/uploads"):
        return _FILES * (settings.max_document_bytes + 10_000)  # each is measured by itself, as it comes
    pictures = settings.question_attachments * settings.attachment_bytes * 4 // 3  # in base64
    return max(_TEXT_BYTES + pictures, _PICTURE_BYTES)


def _too_large(limit: int) -> HTTPException:
    return HTTPException(413, f"the request's body has over {limit:,} bytes", {"Connection": "close"})
