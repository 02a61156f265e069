"""Stands before the server over HTTP: no request goes on without a token that is good at that moment."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response

from assistant.access import Attempts, Caller
from assistant.audit import coming_from
from assistant.catalog import Origin
from assistant.errors import AssistantError, NotSignedInError

if TYPE_CHECKING:
    from mcp.server.mcpserver import Context
    from starlette.types import ASGIApp, Receive, Scope, Send

log = logging.getLogger(__name__)

_CALLER, _ORIGIN = "assistant.caller", "assistant.origin"
_LONGEST = 500  # characters of what a client calls itself


class SignIn:
    """An ASGI middleware that asks each request for `Authorization: Bearer TOKEN`; a session signs nobody in.

    Args:
        app: what is behind it.
        sign_in: says whose token it is; raises as `PeopleDesk.sign_in`.
        attempts: counts wrong tokens.
    """

    def __init__(self, app: ASGIApp, sign_in: Callable[[str], Caller], attempts: Attempts | None = None) -> None:
        self._app = app
        self._sign_in = sign_in
        self._attempts = attempts or Attempts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":  # start and end of the process; there are no WebSockets
            await self._app(scope, receive, send)
            return
        origin = Origin("mcp", _address(scope), Headers(scope=scope).get("user-agent", "")[:_LONGEST])
        with coming_from(origin):
            caller = await self._caller(scope)
        if isinstance(caller, Response):
            await caller(scope, receive, send)
            return
        await self._app({**scope, _CALLER: caller, _ORIGIN: origin}, receive, send)

    async def _caller(self, scope: Scope) -> Caller | Response:
        given = Headers(scope=scope).getlist("authorization")
        scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            told = "send a token with each request, in one header: Authorization: Bearer TOKEN"
            return _refused(401, "invalid_request" if given else "", told)
        address = _address(scope) or "unknown"
        if wait := self._attempts.wait(address, token):
            told = f"too many wrong tokens from {address}; wait {wait:.0f} s"
            return _refused(429, "slow_down", told, {"Retry-After": str(int(wait) + 1)})
        try:
            caller = await asyncio.to_thread(self._sign_in, token)  # not in the threads that long answers fill
        except NotSignedInError as error:
            self._attempts.note(address, token, good=False)
            log.warning("nobody is signed in for %s: %s", address, error.message)
            return _refused(401, "invalid_token", str(error))
        except AssistantError as error:
            log.error("nobody can be signed in: %s", error)
            return _refused(503, "temporarily_unavailable", "nobody can be signed in now; the server's log says why")
        self._attempts.note(address, token, good=True)
        return caller


def caller_of(called: Context[Any, Any]) -> Caller:
    """Return who was signed in for the request that this call came with; never whoever began its session.

    Raises:
        NotSignedInError: nobody was.
    """
    caller = getattr(called.request_context.request, "scope", {}).get(_CALLER)
    if caller is None:
        raise NotSignedInError("nobody is signed in for this call", "send a token with each request")
    return cast(Caller, caller)


def origin_of(called: Context[Any, Any]) -> Origin:
    """Return where the request that this call came with is from: the machine itself, where nobody signs in."""
    try:
        request = called.request_context.request
    except ValueError:  # called by the house itself, with no request
        return Origin("mcp")
    origin = getattr(request, "scope", {}).get(_ORIGIN)
    return Origin("mcp") if origin is None else cast(Origin, origin)


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _refused(status: int, error: str, told: str, headers: Mapping[str, str] | None = None) -> Response:
    challenge = f'Bearer realm="assistant", error="{error}"' if error else 'Bearer realm="assistant"'
    signing = {"WWW-Authenticate": challenge} if status == 401 else {}
    body = {"error": error or "unauthorized", "error_description": told}
    return JSONResponse(body, status, headers={**signing, **(headers or {})})
