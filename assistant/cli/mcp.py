"""`mcp` serves the assistant's search, read and ask to programs that speak MCP."""

from __future__ import annotations

import ipaddress
from typing import Annotated

import typer

from assistant import __version__
from assistant.app import build
from assistant.app.logs import start_logging
from assistant.cli.output import err, hush_libraries, reader
from assistant.settings import load_settings

HostOption = Annotated[
    str | None,
    typer.Option(
        "--host", metavar="ADDRESS", help="The IP address to listen on; loopback by default, always with --groups."
    ),
]
NamesOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-host",
        metavar="NAME",
        help="A name that clients call this server by, without its port; may be repeated.",
    ),
]


def mcp(
    groups: Annotated[
        str | None,
        typer.Option(
            "--groups",
            metavar="A,B",
            help="Read as a member of exactly these groups; default: everything, with --port as the token's person.",
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=0,
            max=65535,
            metavar="N",
            help="Serve HTTP at this port, not stdin and stdout: people with a token, or anybody with --groups.",
        ),
    ] = None,
    host: HostOption = None,
    allow_host: NamesOption = None,
) -> None:
    """Serve search, read and ask as MCP tools: to the desktop program that starts it, or over HTTP."""
    from assistant.access import Caller
    from assistant.mcp_server import Desk, caller_of, make_server, serve_http, serve_people, serve_stdio

    address, names = _listening(groups, port, host, allow_host or [])
    settings = load_settings()  # what is wrong with them is said before a program waits for an answer
    start_logging(settings, level="WARNING" if settings.log_level == "INFO" else settings.log_level)
    hush_libraries()
    desk = Desk(lambda: build(settings))
    caller = Caller(reader(groups))
    if port is None:
        serve_stdio(make_server(desk, __version__, lambda _: caller))
    elif groups is not None:
        serve_http(make_server(desk, __version__, lambda _: caller), port, _say)
    else:
        serve_people(make_server(desk, __version__, caller_of), desk.sign_in, address, port, names, _say)


def _listening(groups: str | None, port: int | None, host: str | None, names: list[str]) -> tuple[str, list[str]]:
    """Return the address to listen on and the names that the server goes by; what does not fit together is refused."""
    from assistant.mcp_server import is_loopback

    if (host is not None or names) and (port is None or groups is not None):
        raise typer.BadParameter("--host and --allow-host are for people with tokens: give --port, and no --groups")
    try:
        address = ipaddress.ip_address(host or "127.0.0.1")
    except ValueError:
        raise typer.BadParameter(f"--host takes an IP address, and {host!r} is none") from None
    if address.is_unspecified and not names:
        raise typer.BadParameter(f"with --host {address}, say by --allow-host which names clients call this server by")
    if not is_loopback(str(address)):
        _say("warning: tokens and answers cross the network unencrypted; put a server that speaks TLS before this one")
    return str(address), names


def _say(line: str) -> None:
    err.print(line, markup=False, soft_wrap=True)
