"""The calls that configure tools."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import httpx

from ui.calls import HttpCalls
from ui.models import Json
from ui.tools import Tool, ToolKind

TRYING_SECONDS = 330.0  # what is tried may be a server that is slow to answer


class ToolCalls(HttpCalls):
    """See `HttpCalls`."""

    def tools(self) -> tuple[tuple[Tool, ...], tuple[ToolKind, ...]]:
        """Return all configured tools, and the kinds that can be added."""
        return self._read(
            lambda data: (
                tuple(map(Tool.read, data["tools"])),
                tuple(ToolKind.read(name, kind) for name, kind in data["kinds"].items()),
            ),
            "GET",
            "/api/tools",
        )

    def add_tool(self, name: str, kind: str, config: Json, groups: Sequence[str]) -> Tool:
        """Try a tool, add it and switch it on; without groups it is for the operator only."""
        body = {"name": name, "kind": kind, "config": dict(config), "groups": list(groups)}
        return self._read(Tool.read, "POST", "/api/tools", json=body, timeout=httpx.Timeout(TRYING_SECONDS))

    def try_tool(self, kind: str, config: Json) -> str:
        """Try a configuration before it is added, and return a line on what was tried."""
        body = {"kind": kind, "config": dict(config)}
        timeout = httpx.Timeout(TRYING_SECONDS)
        return self._read(lambda data: str(data["tried"]), "POST", "/api/tools/test", json=body, timeout=timeout)

    def change_tool(self, name: str, config: Json, groups: Sequence[str]) -> Tool:
        """Change a tool after its configuration was tried; a secret that is sent as its mask stays what it is."""
        body = {"config": dict(config), "groups": list(groups)}
        path, timeout = f"/api/tools/{quote(name, safe='')}", httpx.Timeout(TRYING_SECONDS)
        return self._read(Tool.read, "PATCH", path, json=body, timeout=timeout)

    def act_on_tool(self, name: str, action: str) -> Tool:
        """Do one of `test`, `enable` and `disable` with a tool."""
        path = f"/api/tools/{quote(name, safe='')}/{action}"
        return self._read(Tool.read, "POST", path, timeout=httpx.Timeout(TRYING_SECONDS))

    def call_tool(self, name: str, tool: str, arguments: Json, *, agreed: bool) -> tuple[str, float]:
        """Call one of what a configured tool offers, and return what it says and the seconds that it took."""
        body = {"tool": tool, "arguments": dict(arguments), "agreed": agreed}
        return self._read(
            lambda data: (str(data["text"]), float(data["seconds"])),
            "POST",
            f"/api/tools/{quote(name, safe='')}/call",
            json=body,
            timeout=httpx.Timeout(TRYING_SECONDS),
        )

    def remove_tool(self, name: str) -> None:
        """Forget a tool with its secrets."""
        self._call("DELETE", f"/api/tools/{quote(name, safe='')}")
