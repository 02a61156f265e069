"""A receiver of webhooks on the loopback interface: it checks signatures with the scheme's own library."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

from tests.fakes.ports import free_port


class Receiver:
    """Answers what it is told to, keeps what came, and can be down: then nobody listens on its port."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: dict[str, str] = {}
        self.body = b"thanks\nand a second line"
        self.came: list[tuple[Mapping[str, str], bytes]] = []
        self._port = free_port()  # its own also while it is down
        self._http: ThreadingHTTPServer | None = None
        self.up()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}/hooks/assistant"

    def up(self) -> None:
        """Listen."""
        self._http = ThreadingHTTPServer(("127.0.0.1", self._port), _handler(self))
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def down(self) -> None:
        """Listen no more."""
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None

    def ids(self) -> list[str]:
        """Return the ids of the messages that came."""
        return [headers["webhook-id"] for headers, _ in self.came]

    def verified(self, secret: str) -> list[dict[str, Any]]:
        """Return what came, each with its signature checked; raises where one is wrong."""
        return [dict(Webhook(secret).verify(body, dict(headers))) for headers, body in self.came]


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            receiver.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(receiver.status)
            for name, value in {"Content-Length": str(len(receiver.body)), **receiver.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(receiver.body)

        def log_message(self, *args: Any) -> None:
            del args

    return Handler
