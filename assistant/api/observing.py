"""Stands before every route: gives a request its id, refuses foreign hosts and origins, counts, and hides faults."""

from __future__ import annotations

import logging
import time
import uuid
from urllib.parse import urlsplit

from fastapi import Request, Response
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.api.errors import error_response
from assistant.api.headers import add_safe_headers
from assistant.spans import Span, arrived, is_traced, span
from assistant.telemetry import request_id

log = logging.getLogger(__name__)

_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_NOT_TRACED = frozenset({"/health", "/ready", "/metrics"})  # asked for every few seconds, by machines
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Observing:
    """An ASGI middleware, not one of Starlette's functions: those start a task and a queue for every request.

    Args:
        app: what is observed; its `state.context` holds the settings and the metrics.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identifier = uuid.uuid4().hex[:12]
        token = request_id.set(identifier)
        try:
            if is_traced() and scope["path"] not in _NOT_TRACED:
                await self._traced(scope, receive, send, identifier)
            else:
                await self._answer(scope, receive, _Observed(scope, send, identifier))
        finally:
            request_id.reset(token)

    async def _traced(self, scope: Scope, receive: Receive, send: Send, identifier: str) -> None:
        """Answer within a span until the last of the answer is sent. It has no address: that names documents."""
        method = _method(scope)
        known = {"http.request.method": method, "assistant.request.id": identifier}
        with arrived(Headers(scope=scope)), span(method, known, "server") as current:
            await self._answer(scope, receive, _Observed(scope, send, identifier, current))

    async def _answer(self, scope: Scope, receive: Receive, observed: _Observed) -> None:
        identifier = observed.identifier
        try:
            refused = _foreign(Request(scope))
            await (refused or self._app)(scope, receive, observed.send)
        except Exception:
            if observed.answered:  # what was sent cannot be taken back: the connection ends
                raise
            log.exception("%s %s failed (request %s)", scope["method"], scope["path"], identifier)
            hint = f"its log has it as {identifier}"
            failed = error_response(scope["path"], 500, "the server failed on this request", hint, "InternalError")
            await failed(scope, receive, observed.send)


class _Observed:
    """Sends a request's answer on; when it begins, it is counted and gets the headers that every answer has."""

    def __init__(self, scope: Scope, send: Send, identifier: str, current: Span | None = None) -> None:
        self._scope, self._send, self.identifier, self._span = scope, send, identifier, current
        self._started = time.perf_counter()
        self.answered = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.answered = True
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self.identifier
            settings = self._scope["app"].state.context.app.settings
            add_safe_headers(headers, https=settings.public_url.startswith("https://"))
            route = getattr(self._scope.get("route"), "path", "unmatched")
            metrics = self._scope["app"].state.context.metrics
            metrics.requests.labels(route, _method(self._scope), message["status"]).inc()
            metrics.request_seconds.labels(route).observe(time.perf_counter() - self._started)
            if self._span is not None:
                self._tell(self._span, route, message["status"])
        await self._send(message)

    def _tell(self, current: Span, route: str, status: int) -> None:
        if route != "unmatched":  # such a path is whatever the client wrote
            current.rename(f"{self._scope['method']} {route}")
            current.set("http.route", route)
        current.set("http.response.status_code", status)
        if status >= 500:
            current.failed(str(status))


def _method(scope: Scope) -> str:
    """Return the request's method; those that nobody knows are one, as a client may invent any number of them."""
    return scope["method"] if scope["method"] in _METHODS else "_OTHER"


def _foreign(request: Request) -> Response | None:
    """Refuse what a web page from elsewhere would send: a foreign Host (DNS rebinding) or Origin (cross-site)."""
    settings = request.app.state.context.app.settings
    named = {
        _host(url) for url in (settings.public_url, settings.api_url) if url
    }  # as browsers, and as the UI calls it
    allowed = _LOOPBACK | {settings.host} | named
    origin = request.headers.get("origin")
    hosts = [_host(f"//{request.headers.get('host', '')}"), *([] if origin is None else [_host(origin)])]
    if not allowed.issuperset(hosts):
        return error_response(
            request.url.path,
            403,
            "this Host or Origin may not use the API",
            "call it by its own address, which ASSISTANT_PUBLIC_URL names",
            "AccessDeniedError",
        )
    return None


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # such as a bracket that is not closed
        return ""
