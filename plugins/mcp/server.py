"""Speaks with an MCP server: each exchange is a connection of its own, with a limit of time."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from assistant.errors import AssistantError, ConfigurationError, SourceError, ToolError

if TYPE_CHECKING:
    from httpx2 import AsyncClient
    from mcp import Client

_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class McpServer:
    """Which server, and how it is reached.

    Attributes:
        name: stands before the names of its tools: lower-case letters, digits and `_`.
        command: the program and its arguments, spoken to over its stdin and stdout; empty for one at `url`.
        url: the address of a server that speaks HTTP; empty for a command.
        environment: variables for the command; of the assistant's own it gets a few only, such as PATH.
        headers: sent with every request over HTTP, such as `Authorization`.
        seconds: the most that one exchange may take, connecting and ending included.
        only: the tools to offer; empty for all.
        reading: tools that change nothing, though the server does not say so; all others ask a person first.
        stays_inside: it is one's own, so that what a model tells it stays in the house; else a person is asked first.
        private_hosts: a `url` in a private network is refused unless its host is among these; None: it may lie there.

    Raises:
        ConfigurationError: the name cannot be used, or there is not exactly one of command and url.
    """

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    seconds: float = 30.0
    only: frozenset[str] = frozenset()
    reading: frozenset[str] = frozenset()
    stays_inside: bool = False
    private_hosts: frozenset[str] | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ConfigurationError(
                f"an MCP server cannot be called {self.name!r}", "use lower-case letters, digits and _, 31 at most"
            )
        if bool(self.command) == bool(self.url):
            raise ConfigurationError(f"the MCP server {self.name!r} needs a command or a url", "give one of the two")

    def exchange(self, do: Callable[[Client], Awaitable[T]]) -> T:
        """Connect, do something, and disconnect.

        Args:
            do: is given the connected client.

        Raises:
            ToolError: the server cannot be started or reached, is too slow, refuses or breaks off; or as `do` raises.
        """
        try:
            return asyncio.run(self._exchange(do))
        except Exception as error:
            cause = _first(error)
            if isinstance(cause, SourceError):  # of the guard: there is no such host, or none that may be asked
                raise ToolError(f"the MCP server {self.name!r}: {cause.message}", cause.hint) from error
            if isinstance(cause, AssistantError):
                raise cause from error
            raise self._failure(cause) from error

    async def _exchange(self, do: Callable[[Client], Awaitable[T]]) -> T:
        async with asyncio.timeout(self.seconds), self._connected() as client:
            return await do(client)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Client]:
        from mcp import Client, StdioServerParameters
        from mcp.client.streamable_http import streamable_http_client

        async with AsyncExitStack() as closing:
            server: Any
            if self.command:
                program, *arguments = self.command
                server = StdioServerParameters(command=program, args=arguments, env=dict(self.environment))
            else:
                http = await closing.enter_async_context(self._client())
                server = streamable_http_client(self.url, http_client=http)
            yield await closing.enter_async_context(Client(server))

    def _client(self) -> AsyncClient:
        from httpx2 import AsyncClient, Timeout

        from plugins.mcp.transport import GuardedAsyncTransport

        allowed = self.private_hosts
        if allowed is None:
            allowed = frozenset({urlsplit(self.url).hostname or ""})
        return AsyncClient(
            transport=GuardedAsyncTransport(allowed),
            headers=dict(self.headers),
            timeout=Timeout(None),  # `exchange` has a limit for all of it
            trust_env=False,
        )

    def _failure(self, error: BaseException) -> ToolError:
        where = self.command[0] if self.command else self.url
        if isinstance(error, TimeoutError):
            return ToolError(
                f"the MCP server {self.name!r} ({where}) did not answer in {self.seconds:g} s", "raise its `seconds`"
            )
        if isinstance(error, FileNotFoundError | PermissionError):
            return ToolError(
                f"the MCP server {self.name!r} cannot be started: {where}: {error.strerror}", "correct its command"
            )
        told = f"{type(error).__name__}: {error}"
        return ToolError(f"the MCP server {self.name!r} ({where}) failed: {told}", "see whether it runs, and its log")


def _first(error: BaseException) -> BaseException:
    """Return what went wrong first in a group of errors, as tasks that run together raise them."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
