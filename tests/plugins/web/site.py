"""A small web site that a test can change, break and watch."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote


@dataclass
class Page:
    """What the site answers at a path. `busy` answers come before it, each once."""

    body: bytes = b""
    status: int = 200
    media_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    busy: list[tuple[int, dict[str, str]]] = field(default_factory=list)


@dataclass
class WebSite:
    """The site's pages by path, and what was asked of it."""

    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    seen_headers: list[dict[str, str]] = field(default_factory=list)
    sent: int = 0  # bytes, headers included
    received: int = 0
    missing: Page = field(default_factory=lambda: Page(b"<title>404</title>none", 404))
    etags: bool = True
    url: str = ""

    def html(self, path: str, text: str = "", links: tuple[str, ...] = (), head: str = "") -> Page:
        """Put a page there."""
        anchors = "".join(f'<a href="{link}">to</a>' for link in links)
        self.pages[path] = Page(f"<html><head>{head}</head><body><p>{text}</p>{anchors}</body></html>".encode())
        return self.pages[path]

    def answer(self, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body for a request."""
        page = self.pages.get(path, self.missing)
        if page.busy:
            status, more = page.busy.pop(0)
            return status, more, b""
        tag = f'"{hashlib.sha256(page.body).hexdigest()[:12]}"'
        out = {"Content-Type": page.media_type, **page.headers}
        if page.status == 200 and self.etags:
            out["ETag"] = tag
            if headers.get("If-None-Match") == tag:
                return 304, {"ETag": tag}, b""
        return page.status, out, page.body


@contextlib.contextmanager
def running(site: WebSite) -> Iterator[WebSite]:
    """Serve the site on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            site.asked.append(self.path)
            site.seen_headers.append(dict(self.headers))
            site.received += len(self.requestline) + len(str(self.headers)) + 2
            status, headers, body = site.answer(self.path, dict(self.headers))
            head = [f"HTTP/1.1 {status} x", *(f"{name}: {value}" for name, value in headers.items())]
            if status != 304:
                head.append(f"Content-Length: {len(body)}")
            data = ("\r\n".join(head) + "\r\n\r\n").encode() + body
            site.sent += len(data)
            self.wfile.write(data)

        def do_PROPFIND(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    site.url = f"http://localhost:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def path_of(key: str) -> str:
    """Return the path at which a key is served."""
    return "/" + quote(key)
