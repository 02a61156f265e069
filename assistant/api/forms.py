"""What the API's pages share: their cookies, the token in their forms, and where they lead to."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import quote, urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from assistant.api.context import Context
from assistant.api.signed_in import by_https, cookie_name, own_origin
from assistant.errors import AccessDeniedError
from assistant.settings import url_host

_OWN_PATHS = frozenset({"/change-password", "/sign-out", "/enter"})
_LONGEST = 2000
_FORM_SECONDS = 3600


def session_cookie(request: Request, context: Context) -> str:
    """Return the secret of the session that the browser holds; empty: none."""
    return request.cookies.get(cookie_name(context), "")


def keep_session(response: Response, context: Context, secret: str) -> None:
    """Let the browser hold a session, as long as it is open."""
    response.set_cookie(cookie_name(context), secret, path="/", httponly=True, samesite="lax", secure=by_https(context))


def forget_session(response: Response, context: Context) -> None:
    """Let the browser forget its session."""
    response.delete_cookie(cookie_name(context), path="/", httponly=True, samesite="lax", secure=by_https(context))


def form_seed(request: Request, context: Context) -> tuple[str, bool]:
    """Return what the token of a form is made from, which the browser holds, and whether it is new."""
    seed = request.cookies.get(_form_cookie(context), "")
    return (seed, False) if len(seed) == 43 else (secrets.token_urlsafe(32), True)


def keep_seed(response: Response, context: Context, seed: str) -> None:
    """Let the browser hold what its form's token was made from."""
    name = _form_cookie(context)
    response.set_cookie(
        name, seed, path="/", httponly=True, samesite="strict", secure=by_https(context), max_age=_FORM_SECONDS
    )


def form_token(seed: str, form: str) -> str:
    """Return the token of a form, which no page from elsewhere knows."""
    return hashlib.sha256(f"{form}:{seed}".encode()).hexdigest()


def must_be_own(request: Request, context: Context, form: str, token: str) -> None:
    """Raise AccessDeniedError unless the form was filled in on this API's own page."""
    seed = request.cookies.get(_form_cookie(context), "")
    if not own_origin(request, context) or not hmac.compare_digest(
        token.encode("utf-8", "surrogatepass"), form_token(seed, form).encode()
    ):
        raise AccessDeniedError("the form is too old, or was not filled in here", "fill it in once more")


def safe_next(path: str) -> str:
    """Return the path, where it is one of this assistant's; else that of its first page."""
    try:
        parts = urlsplit(path)
    except ValueError:  # such as a bracket that is not closed
        return "/"
    own = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return path if own and path.isprintable() and "\\" not in path and len(path) <= _LONGEST else "/"


def target(request: Request, context: Context, path: str) -> str:
    """Return the address of a path: one of this API's pages, else a page of the web UI."""
    path = safe_next(path)
    if urlsplit(path).path in _OWN_PATHS:
        return path
    return f"{ui_origin(request, context)}{quote(path, safe='/?&=%+:,;@!$()*~#[]')}"


def pages_origin(request: Request, context: Context) -> str:
    """Return where this browser finds the API's pages: at the public address, else where it has asked."""
    return context.app.settings.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"


def leading(url: str) -> Response:
    """Return the answer that leads on to another page."""
    return RedirectResponse(url, 303, headers={"Cache-Control": "no-store", "Referrer-Policy": "same-origin"})


def ui_origin(request: Request, context: Context) -> str:
    """Return where this browser finds the web UI: at the public address, else on its port of the host it named."""
    settings = context.app.settings
    if settings.public_url:
        return settings.public_url.rstrip("/")
    return f"http://{url_host(request.url.hostname or settings.host)}:{settings.ui_port}"


def _form_cookie(context: Context) -> str:
    return "__Host-assistant_form" if by_https(context) else "assistant_form"
