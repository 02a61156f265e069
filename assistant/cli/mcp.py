"""`mcp` serves the assistant's search, read and ask to programs that speak MCP."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant import __version__
from assistant.cli.output import GroupsOption, err, opened, reader
from assistant.settings import load_settings
from assistant.telemetry import configure_logging


def mcp(
    groups: GroupsOption = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", min=0, max=65535, metavar="N", help="Serve HTTP on loopback at this port, not stdin and stdout."
        ),
    ] = None,
) -> None:
    """Serve search, read and ask as MCP tools: to the desktop program that starts it, or over HTTP on loopback."""
    from assistant.mcp_server import Desk, make_server, serve_http, serve_stdio

    settings = load_settings()  # what is wrong with them is said before a program waits for an answer
    configure_logging("WARNING" if settings.log_level == "INFO" else settings.log_level, settings.log_format)
    server = make_server(Desk(opened, reader(groups)), __version__)
    if port is None:
        serve_stdio(server)
    else:
        serve_http(server, port, lambda line: err.print(line, markup=False, soft_wrap=True))
