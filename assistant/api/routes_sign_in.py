"""The pages where people sign in and out and change their passwords."""

from __future__ import annotations

from html import escape
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, Response

from assistant.access import Caller, NewSession
from assistant.api.context import Context, ContextOf
from assistant.api.forms import (
    forget_session,
    form_seed,
    form_token,
    keep_seed,
    keep_session,
    leading,
    must_be_own,
    pages_origin,
    safe_next,
    session_cookie,
    target,
    ui_origin,
)
from assistant.api.page_look import error, field, hidden, page
from assistant.api.page_texts import PageTexts, texts_for
from assistant.api.signed_in import address, where
from assistant.errors import (
    AccessDeniedError,
    AssistantError,
    IdentityProviderError,
    NotSignedInError,
    TooManyAttemptsError,
)
from assistant.types import User

router = APIRouter(tags=["sign-in"], default_response_class=HTMLResponse)

_ANY: dict[str, Any] = {"text/html": {"schema": {"type": "string"}}, "application/json": {}}
PAGE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The page.", "content": {"text/html": {"schema": {"type": "string"}}}},
    303: {"description": "Leads on, to another page."},
    **{
        code: {"description": "What is wrong, as a page or as the API says it.", "content": _ANY}
        for code in (400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503)
    },
}
FORM: dict[int | str, dict[str, Any]] = {
    **PAGE,
    **{
        code: {"description": f"The page again, with what is wrong: {why}.", "content": _ANY}
        for code, why in (
            (401, "the name or the password"),
            (403, "the form was not filled in here"),
            (422, "what was filled in"),
            (429, "too many tries"),
        )
    },
}
_STATUS: tuple[tuple[type[AssistantError], int], ...] = (
    (NotSignedInError, 401),
    (TooManyAttemptsError, 429),
    (AccessDeniedError, 403),
    (IdentityProviderError, 503),
)

NextQuery = Annotated[str, Query(alias="next", max_length=2000, description="The path to go on to.")]
NextField = Annotated[str, Form(alias="next", max_length=2000)]
Field = Annotated[str, Form(max_length=5000)]


@router.get("/enter", responses=PAGE, response_model=None)
async def enter(request: Request, context: ContextOf, path: NextQuery = "/") -> Response:
    """Go on to a page of the web UI, with a fresh secret after an hour; to the sign-in where there is no session."""
    if context.app.settings.sign_in == "none":
        return leading(target(request, context, path))
    secret = session_cookie(request, context)
    try:
        caller = await run_in_threadpool(context.app.sign_in.caller, secret)
        fresh = await run_in_threadpool(context.app.sign_in.renewed, secret)
    except NotSignedInError:
        return leading(f"/sign-in?next={quote(safe_next(path), safe='')}")
    if caller.must_change_password:
        path = f"/change-password?next={quote(safe_next(path), safe='')}"
    response = leading(target(request, context, path))
    if fresh != secret:
        keep_session(response, context, fresh)
    return response


@router.get("/sign-in", responses=PAGE, response_model=None)
async def show_sign_in(request: Request, context: ContextOf, path: NextQuery = "/") -> Response:
    """Show the form to sign in."""
    if context.app.settings.sign_in == "none":
        return leading(target(request, context, path))
    return sign_in_page(request, context, path)


@router.post("/sign-in", responses=FORM, response_model=None)
async def sign_in(
    request: Request,
    context: ContextOf,
    user: Field = "",
    password: Field = "",
    token: Field = "",
    path: NextField = "/",
) -> Response:
    """Sign in with a password, and lead on."""
    try:
        _must_be_on(context)
        must_be_own(request, context, "sign-in", token)
        new = await run_in_threadpool(_signed_in, request, context, user, password)
    except AssistantError as wrong:
        return sign_in_page(request, context, path, wrong, user)
    return _entered(request, context, new, path)


@router.get("/sign-out", responses=PAGE, response_model=None)
async def show_sign_out(request: Request, context: ContextOf) -> Response:
    """Ask whether to sign out, or say that nobody is signed in."""
    if context.app.settings.sign_in == "none":
        return leading(target(request, context, "/"))
    texts = texts_for(request)
    try:
        caller = await run_in_threadpool(context.app.sign_in.caller, session_cookie(request, context))
    except NotSignedInError:
        body = f'<p>{texts.nobody_signed_in}</p><a class="button" href="/sign-in">{texts.sign_in}</a>'
        body += await run_in_threadpool(_sign_out_there, request, context)
        return page(texts.signed_out, body, language=texts.language)
    seed, new = form_seed(request, context)
    body = (
        f"<p>{escape(texts.signed_in_as.format(user=caller.user.id))}</p>"
        f'<form method="post" action="/sign-out">{hidden("token", form_token(seed, "sign-out"))}'
        f'<button type="submit" autofocus>{texts.sign_out}</button></form>' + _way_back(request, context, texts)
    )
    return _seeded(page(texts.sign_out, body, language=texts.language), context, seed, new)


@router.post("/sign-out", responses=FORM, response_model=None)
async def sign_out(request: Request, context: ContextOf, token: Field = "") -> Response:
    """End the session of this browser."""
    try:
        _must_be_on(context)
        must_be_own(request, context, "sign-out", token)
    except AssistantError as wrong:
        texts = texts_for(request)
        again = f'<p class="below"><a href="/sign-out">{texts.try_again}</a></p>'
        return page(texts.sign_out, _said(wrong, texts) + again, language=texts.language, status=403)
    ended = await run_in_threadpool(context.app.sign_in.sign_out, session_cookie(request, context))
    if ended is not None:
        request.state.caller = Caller(User(ended.person, frozenset()), session=ended.id)
    response = leading("/sign-out")
    forget_session(response, context)
    return response


@router.get("/change-password", responses=PAGE, response_model=None)
async def show_change_password(request: Request, context: ContextOf, path: NextQuery = "/") -> Response:
    """Show the form to change one's password."""
    if context.app.settings.sign_in == "none":
        return leading(target(request, context, path))
    try:
        caller = await run_in_threadpool(context.app.sign_in.caller, session_cookie(request, context))
    except NotSignedInError:
        there = quote(f"/change-password?next={quote(safe_next(path), safe='')}", safe="")
        return leading(f"/sign-in?next={there}")
    return _password_page(request, context, path, caller.user.id, must=caller.must_change_password)


@router.post("/change-password", responses=FORM, response_model=None)
async def change_password(
    request: Request,
    context: ContextOf,
    old: Field = "",
    new: Field = "",
    again: Field = "",
    token: Field = "",
    path: NextField = "/",
) -> Response:
    """Change one's password; all other sessions end."""
    secret = session_cookie(request, context)
    try:
        _must_be_on(context)
        caller = await run_in_threadpool(context.app.sign_in.caller, secret)
    except AssistantError:
        return leading("/sign-in")
    texts = texts_for(request)
    try:
        must_be_own(request, context, "change-password", token)
        if new != again:
            return _password_page(request, context, path, caller.user.id, texts.not_the_same)
        made = await run_in_threadpool(_changed, request, context, caller.user.id, old, new)
    except NotSignedInError:
        return _password_page(request, context, path, caller.user.id, texts.other_password, status=401)
    except AssistantError as wrong:
        return _password_page(request, context, path, caller.user.id, wrong.message, wrong.hint, status=_status(wrong))
    return _entered(request, context, made, path)


def _sign_out_there(request: Request, context: Context) -> str:
    """Return the way to sign out of the identity provider too, as HTML, where it offers that."""
    provider = context.app.oidc
    there = provider.sign_out_url(f"{pages_origin(request, context)}/sign-out") if provider is not None else ""
    if not there:
        return ""
    words = escape(texts_for(request).sign_out_there.format(name=context.app.settings.oidc_name))
    return f'<p class="below"><a href="{escape(there)}">{words}</a></p>'


def _signed_in(request: Request, context: Context, user: str, password: str) -> NewSession:
    """Check a password. Raises TooManyAttemptsError where too many wrong ones came from this address."""
    request.state.tried = user[:200]  # for the audit log: who it is not
    _must_not_wait(request, context)
    try:
        return context.app.sign_in.with_password(user, password, where(request))
    except NotSignedInError:
        context.attempts.note(address(request), "", good=False)
        raise


def _changed(request: Request, context: Context, person: str, old: str, new: str) -> NewSession:
    _must_not_wait(request, context)
    try:
        return context.app.sign_in.change_password(person, old, new, where(request))
    except NotSignedInError:
        context.attempts.note(address(request), "", good=False)
        raise


def _must_not_wait(request: Request, context: Context) -> None:
    if wait := context.attempts.wait(address(request), ""):
        raise TooManyAttemptsError("too many wrong passwords came from your address", f"wait {wait:.0f} seconds")


def _must_be_on(context: Context) -> None:
    if context.app.settings.sign_in == "none":
        raise NotSignedInError("nobody signs in here", "ASSISTANT_SIGN_IN=accounts lets people sign in")


def _entered(request: Request, context: Context, new: NewSession, path: str) -> Response:
    request.state.caller = Caller(new.person.user, session=new.session.id)  # for the audit log: who it was
    if new.person.must_change_password and new.session.way == "password":
        path = f"/change-password?next={quote(safe_next(path), safe='')}"
    response = leading(target(request, context, path))
    keep_session(response, context, new.secret)
    return response


def sign_in_page(
    request: Request, context: Context, path: str, wrong: AssistantError | None = None, user: str = ""
) -> Response:
    """Return the page with the form, and the way to the identity provider; above them what went wrong."""
    settings, texts = context.app.settings, texts_for(request)
    seed, new = form_seed(request, context)
    body = ""
    if settings.oidc_issuer:
        there = f"/sign-in/oidc?next={quote(safe_next(path), safe='')}"
        second = " second" if settings.sign_in_passwords else ""
        label = escape(texts.sign_in_with.format(name=settings.oidc_name))
        body += f'<a class="button above{second}" href="{there}">{label}</a>'
    if settings.oidc_issuer and settings.sign_in_passwords:
        body += f'<p class="or">{texts.either}</p>'
    if settings.sign_in_passwords:
        body += (
            f'<form method="post" action="/sign-in">{hidden("token", form_token(seed, "sign-in"))}'
            + hidden("next", safe_next(path))
            + field("user", texts.user_name, "text", complete="username", value=user[:200], first=not user)
            + field("password", texts.password, "password", complete="current-password", first=bool(user))
            + f'<button type="submit">{texts.sign_in}</button></form>'
        )
    status = 200 if wrong is None else _status(wrong)
    body = _said(wrong, texts) + body
    targets = [ui_origin(request, context)]
    shown = page(texts.sign_in, body, language=texts.language, status=status, targets=targets)
    return _seeded(shown, context, seed, new)


def _password_page(
    request: Request,
    context: Context,
    path: str,
    user: str,
    wrong: str = "",
    hint: str = "",
    *,
    must: bool = False,
    status: int = 422,
) -> Response:
    texts = texts_for(request)
    seed, new = form_seed(request, context)
    why = f"{texts.set_by_another} " if must else ""
    wrong, hint = texts.error(wrong), texts.error(hint)
    body = (
        f"<p>{why}{texts.others_end}</p>{error(wrong, hint) if wrong else ''}"
        f'<form method="post" action="/change-password">{hidden("token", form_token(seed, "change-password"))}'
        + hidden("next", safe_next(path))
        + f'<input type="text" name="user" autocomplete="username" value="{escape(user)}" hidden>'
        + field("old", texts.old_password, "password", complete="current-password", first=True)
        + field("new", texts.new_password, "password", complete="new-password", helped=texts.new_password_help)
        + field("again", texts.new_password_again, "password", complete="new-password")
        + f'<button type="submit">{texts.change_password}</button></form>'
        + _way_back(request, context, texts)
    )
    targets, status = [ui_origin(request, context)], status if wrong else 200
    shown = page(texts.change_password, body, language=texts.language, status=status, targets=targets)
    return _seeded(shown, context, seed, new)


def _seeded(response: Response, context: Context, seed: str, new: bool) -> Response:
    if new:
        keep_seed(response, context, seed)
    return response


def _way_back(request: Request, context: Context, texts: PageTexts) -> str:
    return f'<p class="below"><a href="{escape(ui_origin(request, context))}/">{texts.back}</a></p>'


def _said(wrong: AssistantError | None, texts: PageTexts) -> str:
    return "" if wrong is None else error(texts.error(wrong.message), texts.error(wrong.hint))


def _status(wrong: AssistantError) -> int:
    return next((code for kind, code in _STATUS if isinstance(wrong, kind)), 422)
