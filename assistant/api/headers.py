"""The headers that keep an answer of the API from doing anything in a browser, and files that are downloaded."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Response
from starlette.datastructures import MutableHeaders

_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# Whatever bytes a document brought along: a page of its own that may load, run, send and open nothing.
_FILE = f"{_NOTHING}; sandbox"
_FEATURES = (
    *("accelerometer", "autoplay", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer"),
    *("microphone", "midi", "payment", "usb", "clipboard-read", "browsing-topics", "publickey-credentials-get"),
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _FEATURES),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
_YEAR = 31_536_000  # seconds

FILE_HEADERS = {"Cache-Control": "private, no-store", "Content-Security-Policy": _FILE}


def add_safe_headers(headers: MutableHeaders, *, https: bool) -> None:
    """Add to an answer's headers what every answer has; a Content-Security-Policy and Cache-Control of its own stay.

    Args:
        headers: changed in place.
        https: people reach the assistant by https, and browsers are to insist on it from now on.
    """
    for name, value in _ALWAYS.items():
        headers[name] = value
    headers.setdefault("Content-Security-Policy", _NOTHING)
    headers.setdefault("Cache-Control", "no-store")  # all of it is one person's
    if https:
        headers["Strict-Transport-Security"] = f"max-age={_YEAR}; includeSubDomains"


def download(data: bytes | str, media_type: str, name: str) -> Response:
    """Return a file that a browser saves and does not show.

    Args:
        data: its content.
        media_type: as it is known here, not as its sender called it.
        name: of the file; what a file system or a header might take for something else is replaced.
    """
    plain = "".join(letter if letter.isprintable() and letter not in '/\\:*?"<>|;%' else "_" for letter in name)
    plain = plain.strip(". ")[:150] or "file"
    ascii_only = plain.encode("ascii", "replace").decode().replace("?", "_")
    said = f"attachment; filename=\"{ascii_only}\"; filename*=UTF-8''{quote(plain, safe='')}"
    return Response(data, media_type=media_type, headers={**FILE_HEADERS, "Content-Disposition": said})
