"""Who calls the API, and whether the route is for them: stands before every route."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from assistant.access import Caller, Where
from assistant.api.auditing import begin
from assistant.api.context import Context, get_context
from assistant.api.rights import RULES, Rule, check
from assistant.audit import origin_now
from assistant.errors import (
    AccessDeniedError,
    NotSignedInError,
    PasswordChangeNeededError,
    TooManyAttemptsError,
)
from assistant.types import LOCAL_OPERATOR, User

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OPERATOR = Caller(LOCAL_OPERATOR)
_NOBODY = Caller(User("", frozenset()))


def cookie_name(context: Context) -> str:
    """Return what the cookie with the session is called: by https, browsers keep it from other hosts and paths."""
    return "__Host-assistant_session" if by_https(context) else "assistant_session"


def by_https(context: Context) -> bool:
    """Return whether people reach the assistant by https."""
    return context.app.settings.public_url.lower().startswith("https://")


def where(request: Request) -> Where:
    """Return from where a request comes."""
    return Where(address(request), request.headers.get("user-agent", ""))


def address(request: Request) -> str:
    """Return the network address that a request comes from, behind proxies that are trusted."""
    return origin_now().address or (request.client.host if request.client else "unknown")


def own_origin(request: Request, context: Context) -> bool:
    """Return whether a page of this API sent the request: not one of another port, and not one that hides which."""
    try:
        origin = urlsplit(request.headers.get("origin", ""))
        public = urlsplit(context.app.settings.public_url)
    except ValueError:  # such as a bracket that is not closed
        return False
    if not origin.netloc:
        return False
    return origin.netloc == request.headers.get("host") or origin[:2] == public[:2]


async def signed_in(request: Request, context: Annotated[Context, Depends(get_context)]) -> Caller:
    """Return who calls; nobody where the route is for everybody.

    Without sign-in it is whoever is at this machine: the server then listens on loopback only.

    Raises:
        NotSignedInError: nobody is signed in by what the request brought.
        AccessDeniedError: the route has no rule, or a cookie came along with what a foreign page sent.
        TooManyAttemptsError: too many wrong tokens came from this address.
    """
    if _rule(request).right == "public":
        return _NOBODY
    if context.app.settings.sign_in == "none":
        return _OPERATOR
    look_up = look_up_of(request, context)
    request.state.look_up = look_up
    return await run_in_threadpool(look_up)


async def caller_of(
    request: Request,
    caller: Annotated[Caller, Depends(signed_in)],
    context: Annotated[Context, Depends(get_context)],
) -> Caller:
    """Return who calls, after the check of the rule; a change is recorded as begun.

    Raises:
        AccessDeniedError: the route is not for this one.
        PasswordChangeNeededError: the password has to be changed first.
        AuditUnavailableError: the change cannot be recorded.
    """
    rule = _rule(request)
    request.state.caller = caller  # who is refused is recorded as well
    if caller.must_change_password and rule.right != "public":
        raise PasswordChangeNeededError("your password was set by somebody else", "change it first: /change-password")
    check(caller, rule.right)
    await begin(request, caller, rule, context.app.audit)
    return caller


def _rule(request: Request) -> Rule:
    path = getattr(request.scope.get("route"), "path_format", "")
    rule = RULES.get((request.method, path))
    if rule is None:
        raise AccessDeniedError(f"{request.method} {path} has no rule: it is not served", "tell the operator")
    return rule


def look_up_of(request: Request, context: Context) -> Callable[[], Caller]:
    """Return what tells who calls, now and again while the answer to the request goes on.

    Raises:
        NotSignedInError, AccessDeniedError: nobody is, as in `signed_in`; what is returned raises as that does, too.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    token = token.strip()
    if scheme:
        if scheme.lower() != "bearer" or not token:
            raise NotSignedInError("nobody is signed in", "send a token: Authorization: Bearer TOKEN")
        if token.startswith("ses_"):  # nobody guesses one; so whoever holds old ones does not keep others out
            return lambda: context.app.sign_in.caller(token)
        return lambda: _by_token(context, address(request), token)
    cookie = request.cookies.get(cookie_name(context), "")
    if not cookie:
        raise NotSignedInError("nobody is signed in", "sign in, or send a token: Authorization: Bearer TOKEN")
    if request.method not in SAFE and not own_origin(request, context):
        raise AccessDeniedError(
            "a page from elsewhere sent this with your cookie", "send a token or a session: Authorization: Bearer TOKEN"
        )
    return lambda: context.app.sign_in.caller(cookie)


def _by_token(context: Context, address: str, token: str) -> Caller:
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


async def still_signed_in(request: Request, caller: Annotated[Caller, Depends(caller_of)]) -> Callable[[], bool] | None:
    """Return what tells, while a stream goes on, whether its reader is whom it was begun for; None: nobody signs in.

    It returns False where the reader's rights are others by now, and raises NotSignedInError where the session or the
    token has ended.
    """
    look_up: Callable[[], Caller] | None = getattr(request.state, "look_up", None)
    return None if look_up is None else lambda: look_up().user == caller.user


UserOf = Annotated[User, Depends(current_user)]
CallerOf = Annotated[Caller, Depends(caller_of)]
StillOf = Annotated[Callable[[], bool] | None, Depends(still_signed_in)]
