"""What the conformance kit tries the tool with that creates tickets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar

from plugins.net.serving import Answer, Request, SceneServer


class TicketScene:
    """A system that takes every ticket that comes with its token."""

    secret = "token-7f20c6d5"  # noqa: S105 - of this scene alone
    example: ClassVar[dict[str, Any]] = {"title": "Printer", "text": "It prints nothing."}

    def __init__(self, folder: Path) -> None:
        del folder
        self._server = SceneServer(self._answer)
        self.close = self._server.close
        self.config = {
            "url": f"{self._server.url}/tickets",
            "token": self.secret,
            "private_hosts": ["127.0.0.1"],
        }

    def _answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != f"Bearer {self.secret}":
            return Answer(b"sign in", 401)
        return Answer(json.dumps({"id": len(self._server.asked)}).encode(), 201, "application/json")


TOOL_SCENES = {"ticket": TicketScene}
