"""Runs the server over stdio, or over HTTP on loopback."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from assistant.errors import PortInUseError

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

_HOST = "127.0.0.1"


def serve_stdio(server: MCPServer[None]) -> None:
    """Answer on stdin and stdout until stdin ends; what anything else prints goes to stderr."""
    server.run("stdio")


def serve_http(server: MCPServer[None], port: int, say: Callable[[str], None]) -> None:
    """Answer at http://127.0.0.1:PORT/mcp until a signal ends it; the headers Host and Origin have to name loopback.

    Args:
        server: what answers.
        port: 0 for a free one.
        say: told the address before the first request is answered.

    Raises:
        PortInUseError: the port is taken.
    """
    import uvicorn

    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_HOST, port))
        except OSError as error:
            raise PortInUseError(
                f"port {port} on {_HOST} cannot be used: {error.strerror}", "choose another with --port"
            ) from error
        listener.listen()
        application = server.streamable_http_app(host=_HOST)
        config = uvicorn.Config(application, log_config=None, access_log=False, timeout_graceful_shutdown=5)
        say(f"MCP server: http://{_HOST}:{listener.getsockname()[1]}/mcp   Stop: Ctrl-C")
        uvicorn.Server(config).run(sockets=[listener])
