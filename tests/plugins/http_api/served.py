"""A small shop behind a real HTTP server, and its OpenAPI description."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

TOKEN = "tok-93b1f7c2"  # noqa: S105 (of a server of this test)
DESCRIPTION: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "Shop", "version": "1"},
    "servers": [{"url": "/api/{version}", "variables": {"version": {"default": "v1"}}}],
    "paths": {
        "/orders": {
            "parameters": [{"$ref": "#/components/parameters/Key"}, {"$ref": "#/components/parameters/Lang"}],
            "get": {
                "operationId": "listOrders",
                "summary": "Lists orders",
                "parameters": [
                    {"name": "filter[status]", "in": "query", "schema": {"$ref": "#/components/schemas/Status"}},
                    {"name": "ids", "in": "query", "explode": False, "schema": {"type": "array"}},
                    {"name": "where", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
                    {
                        "name": "limit",
                        "in": "query",
                        "schema": {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "nullable": True},
                    },
                ],
            },
            "post": {
                "operationId": "createOrder",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}},
                },
            },
        },
        "/orders/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {"summary": "One order."},
            "delete": {"operationId": "deleteOrder"},
        },
        "/login": {
            "post": {
                "operationId": "login",
                "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}},
            }
        },
        "/photo": {"post": {"operationId": "photo", "requestBody": {"content": {"multipart/form-data": {}}}}},
        "/elsewhere": {"servers": [{"url": "https://evil.example"}], "get": {"operationId": "elsewhere"}},
    },
    "components": {
        "parameters": {
            "Key": {"name": "X-Key", "in": "header", "required": True, "schema": {"type": "string"}},
            "Lang": {"name": "lang", "in": "cookie", "schema": {"type": "string"}},
        },
        "schemas": {
            "Status": {"description": "Where it stands.", "type": "string", "enum": ["open", "done"]},
            "Order": {
                "type": "object",
                "required": ["id", "customer"],
                "properties": {
                    "id": {"type": "integer", "readOnly": True},
                    "customer": {"type": "string"},
                    "note": {"type": "string", "nullable": True},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}},
                },
                "additionalProperties": False,
            },
        },
    },
}


@dataclass
class Shop:
    """Keeps what it got, and answers as it is told.

    Attributes:
        got: method, path with query, headers in lower case, and body of every call.
        status, headers, body: of every answer but those at `/openapi.json`.
    """

    url: str = ""
    got: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    body: bytes = b'{"ok": true}'
    description: bytes = json.dumps(DESCRIPTION).encode()


@contextmanager
def serving() -> Iterator[Shop]:
    """Run a shop."""
    shop = Shop()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if urlsplit(self.path).path == "/openapi.json":
                status, headers, said = 200, {}, shop.description
            else:
                shop.got.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                status, headers, said = shop.status, shop.headers, shop.body
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_DELETE = _answer  # noqa: N815 (the names that the library calls)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shop.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
