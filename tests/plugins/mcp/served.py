"""A real MCP server, in a process of its own: `python -m tests.plugins.mcp.served [PORT]`."""

from __future__ import annotations

import os
import sys
import time

from mcp.server.mcpserver import Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import BaseModel

server = MCPServer("tests", log_level="ERROR")
READS = ToolAnnotations(read_only_hint=True)


class Sum(BaseModel):
    total: int


@server.tool(annotations=READS)
def add(a: int, b: int) -> Sum:
    """Add two numbers."""
    return Sum(total=a + b)


@server.tool(name="Say.Hello")
def hello(name: str) -> str:
    """Greet somebody."""
    return f"Hello {name}, {os.environ.get('GREETING', 'no greeting')}, {os.environ.get('ASSISTANT_HOME', 'no home')}"


@server.tool(annotations=READS)
def sleep(seconds: float) -> str:
    """Sleep."""
    time.sleep(seconds)
    return "slept"


@server.tool()
def refuse() -> str:
    """Refuse."""
    raise ToolError("the record is locked")


@server.tool()
def end() -> str:
    """End the process."""
    os._exit(3)


@server.tool()
def picture() -> Image:
    """Draw."""
    return Image(data=b"no png", format="png")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", port=int(sys.argv[1]))
    else:
        server.run("stdio")
