"""A small HTTP server on this machine, which the conformance scenes of plugins answer from, and can break."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

RUBBISH = b"\x00\xff<rubbish"
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked. `target` is the path with its query, as it came; `headers` have lower-case names."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered."""

    body: bytes = b""
    status: int = 200
    media_type: str = "text/plain; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


class SceneServer:
    """Answers on a free port of the loopback interface until it is closed.

    Args:
        answer: called for each request, from several threads.
    """

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        self._answer = answer
        self._busy = 0
        self._is_down = False
        self._is_damaged = False
        self._lock = threading.Lock()
        self.asked: list[str] = []
        self.sent = 0  # bytes of bodies
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": _POLL_SECONDS}, name="scene-server", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def throttle(self, times: int) -> None:
        """Ask for patience so many times."""
        self._busy = times

    def down(self, is_down: bool) -> None:
        """Hang up on every request, until told otherwise."""
        self._is_down = is_down

    def damage(self, is_damaged: bool) -> None:
        """Answer with rubbish, until told otherwise."""
        self._is_damaged = is_damaged

    def close(self) -> None:
        """End it."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def respond(self, request: Request) -> Answer | None:
        """Return what is answered to a request; None for nothing at all."""
        with self._lock:
            self.asked.append(f"{request.method} {request.target}")
            if self._is_down:
                return None
            if self._busy:
                self._busy -= 1
                return Answer(status=429, headers={"Retry-After": "0"})
        if self._is_damaged:
            return Answer(RUBBISH)
        answer = self._answer(request)
        self.sent += len(answer.body)
        return answer


def _handler(server: SceneServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        wbufsize = -1

        def do_GET(self) -> None:
            self.close_connection = True
            size = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = server.respond(Request(self.command, self.path, headers, self.rfile.read(size)))
            if answer is None:
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.media_type)
            self.send_header("Content-Length", str(len(answer.body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        do_POST = do_PUT = do_HEAD = do_PROPFIND = do_GET  # noqa: N815 - names that the library asks for

        def log_message(self, *args: Any) -> None:
            del args

    return Handler
