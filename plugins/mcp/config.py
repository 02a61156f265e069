"""What an admin configures of an MCP server whose tools are offered."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from assistant.errors import ConfigurationError
from plugins.mcp.server import McpServer
from plugins.mcp.tool import McpTool, tools_of


class _Tools(BaseModel):
    """Which tools of a server, and how long they may take."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    only: tuple[str, ...] = Field((), title="Only", description="The tools to offer; empty: all of the server.")
    reading: tuple[str, ...] = Field(
        (),
        title="Reading",
        description="Tools that change nothing, though the server does not say so; all others are asked for before they"
        " run, whatever else is said here.",
    )
    stays_inside: bool = Field(
        False,
        title="Stays inside",
        description="The server is your own: what a model sends there stays in your house. Else a person is asked"
        " before each call.",
    )
    seconds: float = Field(30, gt=0, le=300, title="Seconds", description="That one call may take, with connecting.")


class McpConfig(_Tools):
    """Tools of an MCP server that speaks HTTP."""

    url: str = Field(
        pattern=r"^https?://[^/@\s]+(/\S*)?$", title="Address", description="Of the server, e.g. https://x.example/mcp."
    )
    token: SecretStr = Field(SecretStr(""), title="Token", description="Sent as a bearer token.")
    headers: dict[str, SecretStr] = Field({}, title="Headers", description="Sent with every request; kept encrypted.")
    private_hosts: tuple[str, ...] = Field(
        (), title="Private hosts", description="The host, where it lies in a private network."
    )


class McpCommandConfig(_Tools):
    """Tools of an MCP server that is a program on this machine."""

    command: tuple[str, ...] = Field(
        min_length=1, title="Command", description="The program and its arguments, each an item of the list."
    )
    environment: dict[str, SecretStr] = Field(
        {}, title="Environment", description="Variables for the program, which gets few others; kept encrypted."
    )


def make_tools(name: str, config: McpConfig) -> Sequence[McpTool]:
    """Return the tools of a server over HTTP. Raises as `tools_of`, and ConfigurationError for two with one name."""
    headers = {header: value.get_secret_value() for header, value in config.headers.items()}
    if token := config.token.get_secret_value():
        headers["Authorization"] = f"Bearer {token}"
    return _distinct(
        McpServer(
            name,
            url=config.url,
            headers=headers,
            seconds=config.seconds,
            only=frozenset(config.only),
            reading=frozenset(config.reading),
            stays_inside=config.stays_inside,
            private_hosts=frozenset(config.private_hosts),
        )
    )


def make_command_tools(name: str, config: McpCommandConfig) -> Sequence[McpTool]:
    """Return the tools of a server that is a program. Raises as `make_tools`."""
    return _distinct(
        McpServer(
            name,
            command=config.command,
            environment={variable: value.get_secret_value() for variable, value in config.environment.items()},
            seconds=config.seconds,
            only=frozenset(config.only),
            reading=frozenset(config.reading),
            stays_inside=config.stays_inside,
        )
    )


def _distinct(server: McpServer) -> Sequence[McpTool]:
    found = tools_of(server)
    names = [tool.name for tool in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigurationError(f"two tools of {server.name!r} would be called {twice[0]!r}", "name one in `only`")
    return found
