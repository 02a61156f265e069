"""An HTTP server that answers like a vendor's API: tokens, limits of requests, pages; a subclass has the state."""

from __future__ import annotations

import contextlib
import datetime
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

TOKEN = "tok-5e1f-vendor"  # noqa: S105 - of these tests' own servers


@dataclass
class Answer:
    """What a server says: JSON, or bytes."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    url: str

    def number(self, name: str, otherwise: int) -> int:
        return int(self.query.get(name, otherwise))


class VendorServer:
    """State and troubles of a server; a subclass gives `handle`, and how a token is sent."""

    busy_answers: tuple[Answer, ...] = (Answer({"message": "slow down"}, 429, {"Retry-After": "1"}),)
    base = ""  # path of the API

    def __init__(self) -> None:
        self.now = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
        self.asked: list[Asked] = []
        self.busy = 0
        self.is_down = False
        self.is_damaged = False
        self.breaks_at: int | None = None  # after so many requests from now on it is down
        self.refused: set[str] = set()  # paths
        self.url = ""
        self.lock = threading.RLock()

    def tick(self, seconds: float = 61) -> datetime.datetime:
        """Let time pass; nothing happens twice at once."""
        self.now += datetime.timedelta(seconds=seconds)
        return self.now

    def is_signed_in(self, asked: Asked) -> bool:
        return asked.headers.get("authorization") == f"Bearer {TOKEN}"

    def handle(self, asked: Asked) -> Answer:
        raise NotImplementedError

    def answer(self, asked: Asked) -> Answer | None:
        """Return what to say; None to hang up."""
        self.asked.append(asked)
        if self.breaks_at is not None:
            self.breaks_at -= 1
        if self.is_down or (self.breaks_at is not None and self.breaks_at < 0):
            return None
        if self.busy:
            self.busy -= 1
            return self.busy_answers[self.busy % len(self.busy_answers)]
        if not self.is_signed_in(asked):
            return Answer({"message": "Bad credentials"}, 401)
        if self.is_damaged:
            return Answer({"message": "some other program", "results": 7})
        if asked.path in self.refused:
            return Answer({"message": "Forbidden"}, 403)
        return self.handle(asked)

    def linked(self, asked: Asked, found: list[Any], per_page: int) -> Answer:
        """Return a page of a list, with the address of the next one in the header `Link`."""
        size = asked.number("per_page", per_page)
        page = asked.number("page", 1)
        part = found[(page - 1) * size : page * size]
        headers = {}
        if page * size < len(found):
            address = f"{asked.url}?{urlencode({**asked.query, 'page': page + 1})}"
            headers["Link"] = f'<{address}>; rel="next", <{asked.url}>; rel="first"'
        return Answer(part, headers=headers)


@contextlib.contextmanager
def running(server: VendorServer) -> Iterator[VendorServer]:
    """Serve it on a port of its own."""
    stop = start(server)
    try:
        yield server
    finally:
        stop()


def start(server: VendorServer) -> Any:
    """Serve it on a port of its own; returns what ends it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            data = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            url = f"{server.url.removesuffix(server.base)}{parts.path}"
            path = parts.path.removeprefix(server.base)
            asked = Asked(
                self.command, path, dict(parse_qsl(parts.query)), headers, json.loads(data) if data else None, url
            )
            with server.lock:
                answer = server.answer(asked)
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.data)))
            self.end_headers()
            self.wfile.write(answer.data)

        do_POST = do_GET  # noqa: N815 - the base class looks for this name

        def log_message(self, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    server.url = f"http://localhost:{http.server_port}{server.base}"

    def stop() -> None:
        http.shutdown()
        thread.join()
        http.server_close()

    return stop


def stamp(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
