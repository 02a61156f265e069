"""Calls an ASGI application in this thread, without a server: quick, as some thousand calls are made."""

from __future__ import annotations

import asyncio
import json
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from starlette.types import ASGIApp, Message

HOST = "127.0.0.1:8090"


@dataclass(frozen=True)
class Answer:
    """What came back; `text` has what is no UTF-8 replaced."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        return json.loads(self.content)


class Client:
    """Each thread that calls has an event loop of its own.

    Attributes:
        headers: sent with every call.
    """

    def __init__(self, application: ASGIApp) -> None:
        self.headers: dict[str, str] = {}
        self._application = application
        self._own = threading.local()
        self._loops: list[asyncio.AbstractEventLoop] = []

    def close(self) -> None:
        """Close the loops; no call may be under way."""
        for loop in self._loops:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()

    def get(
        self, path: str, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        return self._call("GET", path, params, b"", {**(headers or {})})

    def post(
        self,
        path: str,
        *,
        json: Any = None,
        content: bytes = b"",
        files: Sequence[tuple[str, tuple[str, bytes, str]]] = (),
        data: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        return self._sent("POST", path, json, content, files, data, headers)

    def patch(self, path: str, *, json: Any) -> Answer:
        return self._sent("PATCH", path, json)

    def delete(self, path: str) -> Answer:
        return self._call("DELETE", path, None, b"", {})

    def _sent(
        self,
        method: str,
        path: str,
        body: Any,
        content: bytes = b"",
        files: Any = (),
        data: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        kind = "application/octet-stream"
        if files:
            mark = uuid.uuid4().hex
            kind = f"multipart/form-data; boundary={mark}"
            content = _form(mark, files, data or {})
        elif body is not None:
            kind, content = "application/json", json.dumps(body).encode()
        return self._call(method, path, None, content, {"Content-Type": kind, **(headers or {})})

    def _loop(self) -> asyncio.AbstractEventLoop:
        if not hasattr(self._own, "loop"):
            self._own.loop = asyncio.new_event_loop()
            self._loops.append(self._own.loop)
        loop: asyncio.AbstractEventLoop = self._own.loop
        return loop

    def _call(
        self, method: str, path: str, params: Mapping[str, Any] | None, body: bytes, headers: dict[str, str]
    ) -> Answer:
        given = {"host": HOST, **self.headers, **headers, "content-length": str(len(body))}
        plain, _, query = path.partition("?")
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
            "method": method, "scheme": "http", "path": plain, "raw_path": quote(plain).encode(), "root_path": "",
            "query_string": (query or urlencode(params or {})).encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
            "client": ("127.0.0.1", 50_000), "server": ("127.0.0.1", 8090),
        }  # fmt: skip
        return self._loop().run_until_complete(self._answered(scope, body))

    async def _answered(self, scope: dict[str, Any], body: bytes) -> Answer:
        sent, over = [{"type": "http.request", "body": body, "more_body": False}], asyncio.Event()
        parts: list[bytes] = []
        begun: dict[str, Any] = {}

        async def receive() -> Message:
            if sent:
                return sent.pop()
            await over.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                begun.update(message)
                return
            parts.append(message.get("body", b""))
            if not message.get("more_body"):
                over.set()

        await self._application(scope, receive, send)
        headers = {name.decode().lower(): value.decode() for name, value in begun["headers"]}
        return Answer(begun["status"], headers, b"".join(parts))


def _form(mark: str, files: Sequence[tuple[str, tuple[str, bytes, str]]], data: Mapping[str, str]) -> bytes:
    head = f"--{mark}\r\nContent-Disposition: form-data; name="
    parts = [f'{head}"{name}"\r\n\r\n{value}\r\n'.encode() for name, value in data.items()]
    for field, (name, content, kind) in files:
        about = f'{head}"{field}"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
        parts.append(about.encode() + content + b"\r\n")
    return b"".join([*parts, f"--{mark}--\r\n".encode()])
