"""What scripted servers of vendors share: JSON over HTTP, tokens, and days on which they are busy, down or broken."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

Answer = tuple[int, Mapping[str, str], bytes]


@dataclass
class Asked:
    """A request: `path` is decoded, `query` has each name once, `form` is a posted form."""

    method: str
    path: str
    raw_path: str
    query: dict[str, str]
    headers: dict[str, str]
    form: dict[str, str]


@dataclass
class Mood:
    """How the server is: `busy` answers come before all others but those of the sign-in, each once."""

    busy: list[Answer] = field(default_factory=list)
    is_down: bool = False
    is_damaged: bool = False
    asked: list[Asked] = field(default_factory=list)

    def count(self, part: str) -> int:
        """Return how many requests had this in their path."""
        return sum(part in one.path for one in self.asked)


class Scripted(Protocol):
    """A server's script."""

    mood: Mood
    url: str

    def answer(self, asked: Asked) -> Answer:
        """Return status, headers and body."""
        ...


def as_json(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return an answer with JSON."""
    return status, {"Content-Type": "application/json", **(headers or {})}, json.dumps(value).encode()


def _asked(handler: BaseHTTPRequestHandler) -> Asked:
    body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
    parts = urlsplit(handler.path)
    headers = {name.lower(): value for name, value in handler.headers.items()}
    form = dict(parse_qsl(body.decode())) if "form" in headers.get("content-type", "") else {}
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    return Asked(handler.command, unquote(parts.path), parts.path, query, headers, form)


@contextlib.contextmanager
def serving(script: Scripted) -> Iterator[None]:
    """Serve the script on a port of its own."""
    mood, lock = script.mood, threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            asked = _asked(self)
            with lock:
                mood.asked.append(asked)
                if mood.is_down:
                    self.close_connection = True
                    return
                if mood.busy and not asked.path.endswith("/token"):
                    status, more, data = mood.busy.pop(0)
                elif mood.is_damaged:
                    status, more, data = 200, {}, b"<html>Under construction</html>"
                else:
                    status, more, data = script.answer(asked)
            self.send_response_only(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    script.url = f"http://localhost:{server.server_port}"
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
