"""What the conformance kit tries tools of OpenAPI descriptions with: an API of one operation that wants a token."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from plugins.net.serving import Answer, Request, SceneServer

_PARAMETERS = [{"name": "name", "in": "query", "required": True, "schema": {"type": "string"}}]


class HttpApiScene:
    """An API that looks parts up by name."""

    secret = "token-4c1d90ab"  # noqa: S105 - of this scene alone
    example: ClassVar[dict[str, Any]] = {"name": "bolt"}

    def __init__(self, folder: Path) -> None:
        self._server = SceneServer(self._answer)
        self.close = self._server.close
        described = folder / "openapi.json"
        described.write_text(json.dumps(self._description()))
        self.config = {
            "description": str(described),
            "operations": ["findParts"],
            "server": self._server.url,
            "token": self.secret,
            "private_hosts": ["127.0.0.1"],
        }

    def _description(self) -> dict[str, Any]:
        operation = {
            "operationId": "findParts",
            "summary": "Find parts by name.",
            "parameters": _PARAMETERS,
            "responses": {"200": {"description": "The parts."}},
        }
        return {
            "openapi": "3.0.3",
            "info": {"title": "Parts", "version": "1"},
            "servers": [{"url": self._server.url}],
            "paths": {"/parts": {"get": operation}},
        }

    def _answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != f"Bearer {self.secret}":
            return Answer(b"sign in", 401)
        return Answer(b'[{"name": "bolt", "stock": 12}]', 200, "application/json")


TOOL_SCENES = {"http_api": HttpApiScene}
