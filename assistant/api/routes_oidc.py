"""The way to the company's identity provider and back."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from assistant.access import Caller, NewSession
from assistant.access.identities import Identity
from assistant.adapters.oidc import Journey, OidcProvider, group_names
from assistant.api.context import Context, ContextOf
from assistant.api.forms import keep_session, leading, pages_origin, safe_next, target
from assistant.api.routes_sign_in import FORM, PAGE, NextQuery, sign_in_page
from assistant.api.signed_in import by_https, where
from assistant.errors import AssistantError, ConfigurationError, NotSignedInError

router = APIRouter(tags=["sign-in"], default_response_class=HTMLResponse)

_BACK = "/sign-in/oidc/callback"
_SECONDS = 600
_WRONG: dict[int | str, dict[str, Any]] = {**FORM}


@router.get("/sign-in/oidc", responses={**PAGE, **_WRONG}, response_model=None)
async def go(request: Request, context: ContextOf, path: NextQuery = "/") -> Response:
    """Lead to the identity provider."""
    journey = Journey(secrets.token_urlsafe(32))
    try:
        provider = _provider(context)
        there = await run_in_threadpool(provider.start, journey, _back(request, context))
    except AssistantError as wrong:
        return sign_in_page(request, context, path, wrong)
    response = leading(there)
    kept = f"{journey.secret}.{urlsafe_b64encode(safe_next(path).encode()).decode()}"
    response.set_cookie(
        _cookie(context),
        kept,
        path="/",
        httponly=True,
        samesite="lax",  # it has to come along when the provider leads back
        secure=by_https(context),
        max_age=_SECONDS,
    )
    return response


@router.get(_BACK, responses={**PAGE, **_WRONG}, response_model=None)
async def come_back(request: Request, context: ContextOf) -> Response:
    """Sign in whom the identity provider has recognised."""
    secret, path = _kept(request.cookies.get(_cookie(context), ""))
    try:
        new = await run_in_threadpool(_recognised, request, context, secret)
    except AssistantError as wrong:
        response = sign_in_page(request, context, path, wrong)
    else:
        request.state.caller = Caller(new.person.user, session=new.session.id)  # for the audit log: who it was
        response = leading(target(request, context, path))
        keep_session(response, context, new.secret)
    response.delete_cookie(_cookie(context), path="/", httponly=True, samesite="lax", secure=by_https(context))
    return response


def _recognised(request: Request, context: Context, secret: str) -> NewSession:
    provider = _provider(context)
    if not secret:
        raise NotSignedInError("this browser did not ask to sign in, or too long ago", "sign in again")
    claims = provider.finish(Journey(secret), _back(request, context), dict(request.query_params))
    identity = _identity(context, provider.issuer, claims)
    return context.app.sign_in.with_identity(identity, where(request))


def _identity(context: Context, issuer: str, claims: dict[str, Any]) -> Identity:
    settings = context.app.settings
    subject = str(claims["sub"])
    if settings.oidc_id_claim:
        named = claims.get(settings.oidc_id_claim)
    else:
        named = claims.get("preferred_username") or subject
    if not isinstance(named, str) or not named:
        raise ConfigurationError(
            f"the identity provider says no {settings.oidc_id_claim!r} of this person", "see `oidc_id_claim`"
        )
    return Identity(
        issuer=issuer,
        subject=subject,
        id=named,
        name=str(claims.get("name") or ""),
        email=str(claims.get("email") or ""),
        groups=group_names(claims, settings.oidc_groups_claim),
    )


def _provider(context: Context) -> OidcProvider:
    provider = context.app.oidc if context.app.settings.sign_in == "accounts" else None
    if provider is None:
        raise NotSignedInError("no identity provider is configured", "sign in with a password")
    return provider


def _back(request: Request, context: Context) -> str:
    return f"{pages_origin(request, context)}{_BACK}"


def _cookie(context: Context) -> str:
    return "__Host-assistant_oidc" if by_https(context) else "assistant_oidc"


def _kept(cookie: str) -> tuple[str, str]:
    secret, _, path = cookie.partition(".")
    try:
        return secret, urlsafe_b64decode(path.encode()).decode()
    except ValueError:
        return secret, "/"
