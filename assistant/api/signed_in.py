"""Who calls the API, and whether the route is for them: stands before every route."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from assistant.access import Caller
from assistant.api.context import Context, get_context
from assistant.api.rights import RULES, Rule, check
from assistant.errors import AccessDeniedError, NotSignedInError, TooManyAttemptsError
from assistant.types import LOCAL_OPERATOR, User

_OPERATOR = Caller(LOCAL_OPERATOR)
_NOBODY = Caller(User("", frozenset()))


async def signed_in(request: Request, context: Annotated[Context, Depends(get_context)]) -> Caller:
    """Return who calls; nobody where the route is for everybody.

    Without sign-in it is whoever is at this machine: the server then listens on loopback only.

    Raises:
        NotSignedInError: nobody is signed in by what the request brought.
        AccessDeniedError: the route has no rule.
        TooManyAttemptsError: too many wrong tokens came from this address.
    """
    if _rule(request).right == "public":
        return _NOBODY
    if context.app.settings.sign_in == "none":
        return _OPERATOR
    return await run_in_threadpool(_by_token, request, context)


async def caller_of(request: Request, caller: Annotated[Caller, Depends(signed_in)]) -> Caller:
    """Return who calls, after the check of the rule. Raises AccessDeniedError: the route is not for this one."""
    check(caller, _rule(request).right)
    request.state.caller = caller
    return caller


def _rule(request: Request) -> Rule:
    path = getattr(request.scope.get("route"), "path", "")
    rule = RULES.get((request.method, path))
    if rule is None:
        raise AccessDeniedError(f"{request.method} {path} has no rule: it is not served", "tell the operator")
    return rule


def _by_token(request: Request, context: Context) -> Caller:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise NotSignedInError("nobody is signed in", "send a token with each request: Authorization: Bearer TOKEN")
    address = request.client.host if request.client else "unknown"
    if wait := context.attempts.wait(address, token):
        raise TooManyAttemptsError(f"too many wrong tokens from {address}", f"wait {wait:.0f} seconds")
    try:
        caller = context.app.people.sign_in(token)
    except NotSignedInError:
        context.attempts.note(address, token, good=False)
        raise
    context.attempts.note(address, token, good=True)
    return caller


async def current_user(caller: Annotated[Caller, Depends(caller_of)]) -> User:
    """Return who is asking."""
    return caller.user


UserOf = Annotated[User, Depends(current_user)]
CallerOf = Annotated[Caller, Depends(caller_of)]
