"""A tool of an MCP server as a tool of the assistant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from assistant.errors import PluginError, ToolError
from assistant.interfaces import Registry
from assistant.types import ToolResult, User
from plugins.mcp.server import McpServer

if TYPE_CHECKING:
    from mcp import Client
    from mcp_types import CallToolResult, Tool

_MOST_TOOLS = 500


def offer(registry: Registry, server: McpServer) -> None:
    """Ask the server for its tools and offer them, each as `NAME_TOOL`.

    Raises:
        ToolError, PluginError: as `tools_of`; or two would have the same name.
    """
    for tool in tools_of(server):
        registry.add_tool(tool)


def tools_of(server: McpServer) -> list[McpTool]:
    """Ask the server for its tools and return those that are to be offered.

    Raises:
        ToolError: the server does not answer, or not in time.
        PluginError: a tool that `only` names is not there.
    """
    found = {tool.name: tool for tool in server.exchange(_listed)}
    if missing := server.only - found.keys():
        raise PluginError(
            f"the MCP server {server.name!r} has no tool {', '.join(sorted(missing))}",
            f"it has: {', '.join(sorted(found)) or 'none'}",
        )
    return [McpTool(server, tool) for name, tool in found.items() if not server.only or name in server.only]


async def _listed(client: Client) -> list[Tool]:
    tools: list[Tool] = []
    cursor: str | None = None
    while True:
        page = await client.list_tools(cursor=cursor)
        tools += page.tools
        cursor = page.next_cursor
        if len(tools) > _MOST_TOOLS:
            raise ToolError(f"the MCP server lists more than {_MOST_TOOLS} tools", "use one with fewer")
        if cursor is None:
            return tools


class McpTool:
    """Calls one tool of a server, over a connection of its own, for any user with the same rights there.

    Args:
        server: that has it.
        tool: as the server lists it.
    """

    def __init__(self, server: McpServer, tool: Tool) -> None:
        self._server = server
        self._tool = tool
        self.name = f"{server.name}_{re.sub('[^a-z0-9_]', '_', tool.name.lower())}"[:64]
        self.description = tool.description or tool.title or tool.name
        self.parameters: Mapping[str, Any] = tool.input_schema
        said = tool.annotations is not None and tool.annotations.read_only_hint is True
        self.writes = not said and tool.name not in server.reading
        self.reaches_out = not server.stays_inside

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`; the server checks the arguments, and is not told who the user is."""
        del user

        async def call(client: Client) -> CallToolResult:
            return await client.call_tool(self._tool.name, dict(arguments))

        result = self._server.exchange(call)
        text = "\n".join(_text(content) for content in result.content)
        if result.is_error:
            raise ToolError(f"{self.name}: {text or 'the server says no more'}", "correct the arguments")
        data = result.structured_content
        if data is None:
            return ToolResult(text)
        return ToolResult(text, data if isinstance(data, dict) else {"result": data})


def _text(content: Any) -> str:
    """Return a part of a result as text; what is none is named, so that nobody thinks that there was nothing."""
    if content.type == "text":
        return str(content.text)
    if content.type == "resource" and hasattr(content.resource, "text"):
        return str(content.resource.text)
    if content.type == "resource_link":
        return f"{content.name}: {content.uri}"
    return f"[{content.type}: not shown]"
