"""What the conformance kit tries tools of MCP servers with: a server of one tool, as a program and over HTTP."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

_PROGRAM = '''
import socket
import sys
from typing import Annotated

import uvicorn
from mcp.server.mcpserver import MCPServer
from pydantic import Field

server = MCPServer("parts", log_level="ERROR")


@server.tool()
def stock(name: Annotated[str, Field(description="Of the part.")]) -> str:
    """Say how many of a part there are."""
    return f"12 of {name}"


if "http" in sys.argv:
    listening = socket.create_server(("127.0.0.1", 0))
    print(listening.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(server.streamable_http_app(), log_level="error")).run([listening])
else:
    server.run("stdio")
'''
_SECONDS = 60.0  # until the server listens, on a machine that has other work


class McpCommandScene:
    """A server that is a program."""

    example: ClassVar[dict[str, Any]] = {"name": "bolt"}

    def __init__(self, folder: Path) -> None:
        self.config: dict[str, Any] = {"command": [sys.executable, str(_written(folder))], "reading": ["stock"]}


class McpScene:
    """A server over HTTP."""

    example: ClassVar[dict[str, Any]] = {"name": "bolt"}

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, str(_written(folder)), "http"]
        self._process = subprocess.Popen(  # noqa: S603 - ours
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        # it takes a port and says which: one that was looked up for it could be another's by the time it listens
        with _killed_after(self._process, _SECONDS):
            port = self._process.stdout.readline().strip() if self._process.stdout is not None else ""
        if not port:
            self.close()
            raise RuntimeError("the scene's MCP server does not start")
        url = f"http://127.0.0.1:{port}/mcp"
        self.config: dict[str, Any] = {"url": url, "reading": ["stock"], "private_hosts": ["127.0.0.1"]}

    def close(self) -> None:
        """End the server."""
        self._process.kill()
        self._process.communicate()


def _written(folder: Path) -> Path:
    program = folder / "parts_server.py"
    program.write_text(_PROGRAM, encoding="utf-8")
    return program


@contextmanager
def _killed_after(process: subprocess.Popen[str], seconds: float) -> Iterator[None]:
    """Kill it where the block takes longer."""
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


TOOL_SCENES = {"mcp": McpScene, "mcp_command": McpCommandScene}
