"""The headers of the web UI: what a page of it may load, run and send, which is its own and nothing else."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
# Streamlit writes styles into the page and loads what the UI's own component brings along from a `blob:`. Nothing is
# evaluated, and of the scripts in the page only Streamlit's own run: markup that came through from a document would
# still run nothing.
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self' blob: {inline}",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' blob:",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "manifest-src": "'self'",
    "frame-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HTTPS = "max-age=31536000; includeSubDomains"


class SafeHeaders:
    """An ASGI middleware in front of Streamlit.

    Args:
        app: Streamlit's own application.
        page: the page that Streamlit answers everything with; the scripts in it are allowed.
        https: people reach the UI by https, and browsers are to insist on it from now on.
    """

    def __init__(self, app: ASGIApp, *, page: bytes, https: bool = False) -> None:
        self._app = app
        policy = "; ".join(f"{name} {value}" for name, value in _POLICY.items()).format(inline=_hashes(page))
        self._headers = _HEADERS | {"Content-Security-Policy": policy}
        if https:
            self._headers["Strict-Transport-Security"] = _HTTPS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, sent)


def streamlit_page() -> bytes:
    """Return the page that the installed Streamlit answers with."""
    import streamlit

    return (Path(streamlit.__file__).parent / "static" / "index.html").read_bytes()


def _hashes(page: bytes) -> str:
    digests = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in _INLINE.findall(page))
    return " ".join(f"'sha256-{digest}'" for digest in digests)
