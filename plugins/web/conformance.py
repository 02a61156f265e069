"""What the conformance kit tries the web source with: a small site whose hidden start page links all others."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import quote, unquote

from plugins.net.serving import Answer, Request, SceneServer
from plugins.web.config import WebConfig
from plugins.web.source import WebSource

_HTML = "text/html; charset=utf-8"


class WebScene:
    """A site, and the means to change what is on it."""

    secret = "cookie-5d0c7b1f"  # noqa: S105 - of this scene alone

    def __init__(self, folder: Path) -> None:
        del folder
        self._pages: dict[str, bytes] = {}
        self._server = SceneServer(self._answer)
        self.throttle, self.down, self.close = self._server.throttle, self._server.down, self._server.close
        self.config = {
            "start": [f"{self._server.url}/"],
            "private_hosts": ["127.0.0.1"],
            "delay_seconds": 0,
            "headers": {"Cookie": self.secret},
        }

    def source(self) -> WebSource:
        """Return a new source on the site."""
        return WebSource(WebConfig.model_validate(self.config))

    def put(self, key: str, data: bytes) -> None:
        """Publish a file."""
        self._pages[key] = data

    def remove(self, key: str) -> None:
        """Take a file away."""
        del self._pages[key]

    def rename(self, old: str, new: str) -> None:
        """Publish a file at another address."""
        self._pages[new] = self._pages.pop(old)

    def _answer(self, request: Request) -> Answer:
        path = unquote(request.target).removeprefix("/")
        if not path:
            links = "".join(f'<a href="/{quote(key)}">{number}</a>' for number, key in enumerate(self._pages))
            head = '<head><meta name="robots" content="noindex"></head>'
            return Answer(f"<html>{head}<body>{links}".encode(), media_type=_HTML)
        if path not in self._pages:
            return Answer(b"not here", 404)
        data = self._pages[path]
        tag = f'"{hashlib.sha256(data).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == tag:
            return Answer(status=304, headers={"ETag": tag})
        return Answer(data, headers={"ETag": tag})


SCENES = {"web": WebScene}
