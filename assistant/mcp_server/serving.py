"""Runs the server over stdio, or over HTTP: on loopback for one user, or for whoever has a token."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from assistant.errors import PortInUseError
from assistant.types import KEEP_ALIVE_SECONDS

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer
    from mcp.server.transport_security import TransportSecuritySettings
    from starlette.types import ASGIApp

    from assistant.access import Caller

LOOPBACK = "127.0.0.1"
_LOOPBACK_NAMES = (LOOPBACK, "localhost", "::1")


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
    _serve(server.streamable_http_app(host=LOOPBACK), LOOPBACK, port, say)


def serve_people(
    server: MCPServer[None],
    sign_in: Callable[[str], Caller],
    host: str,
    port: int,
    names: Sequence[str],
    say: Callable[[str], None],
) -> None:
    """Answer at http://HOST:PORT/mcp whoever sends a good token with each request, until a signal ends it.

    There are no sessions: a request is answered by its own token alone.

    Args:
        server: what answers; its `who` is `caller_of`.
        sign_in: says whose a token is.
        host: the address to listen on.
        port: 0 for a free one.
        names: what Host and Origin may name besides loopback and `host`, without ports.
        say: told the address before the first request is answered.

    Raises:
        PortInUseError: the port is taken, or the machine does not have the address.
    """
    from assistant.mcp_server.signing_in import SignIn

    application = server.streamable_http_app(stateless_http=True, transport_security=_allowed((host, *names)))
    _serve(SignIn(application, sign_in), host, port, say)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    return ipaddress.ip_address(host).is_loopback


def _allowed(names: Sequence[str]) -> TransportSecuritySettings:
    from mcp.server.transport_security import TransportSecuritySettings

    hosts = [f"[{name}]" if ":" in name else name for name in dict.fromkeys((*_LOOPBACK_NAMES, *names))]
    origins = [f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts]
    return TransportSecuritySettings(
        allowed_hosts=[*hosts, *(f"{host}:*" for host in hosts)],
        allowed_origins=[*origins, *(f"{origin}:*" for origin in origins)],
    )


def _serve(application: ASGIApp, host: str, port: int, say: Callable[[str], None]) -> None:
    import uvicorn

    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise PortInUseError(
                f"port {port} on {host} cannot be used: {error.strerror}", "choose another with --port"
            ) from error
        listener.listen()
        config = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        shown = f"[{host}]" if ":" in host else host
        say(f"MCP server: http://{shown}:{listener.getsockname()[1]}/mcp   Stop: Ctrl-C")
        uvicorn.Server(config).run(sockets=[listener])
