"""What the conformance kit tries tools of MCP servers with: a server of one tool, as a program and over HTTP."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

_PROGRAM = '''
import sys
from typing import Annotated

from mcp.server.mcpserver import MCPServer
from pydantic import Field

server = MCPServer("parts", log_level="ERROR")


@server.tool()
def stock(name: Annotated[str, Field(description="Of the part.")]) -> str:
    """Say how many of a part there are."""
    return f"12 of {name}"


if len(sys.argv) > 1:
    server.run("streamable-http", port=int(sys.argv[1]))
else:
    server.run("stdio")
'''
_SECONDS = 20.0  # until the server listens


class McpCommandScene:
    """A server that is a program."""

    example: ClassVar[dict[str, Any]] = {"name": "bolt"}

    def __init__(self, folder: Path) -> None:
        self.config: dict[str, Any] = {"command": [sys.executable, str(_written(folder))], "reading": ["stock"]}


class McpScene:
    """A server over HTTP."""

    example: ClassVar[dict[str, Any]] = {"name": "bolt"}

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, str(_written(folder)), str(port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - ours
        until = time.monotonic() + _SECONDS
        while not _listens(port):
            if time.monotonic() > until or self._process.poll() is not None:
                self.close()
                raise RuntimeError("the scene's MCP server does not start")
            time.sleep(0.05)
        url = f"http://127.0.0.1:{port}/mcp"
        self.config: dict[str, Any] = {"url": url, "reading": ["stock"], "private_hosts": ["127.0.0.1"]}

    def close(self) -> None:
        """End the server."""
        self._process.kill()
        self._process.wait()


def _written(folder: Path) -> Path:
    program = folder / "parts_server.py"
    program.write_text(_PROGRAM, encoding="utf-8")
    return program


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


TOOL_SCENES = {"mcp": McpScene, "mcp_command": McpCommandScene}
