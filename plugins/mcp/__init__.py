"""The tools of any MCP server as the assistant's: an admin configures it, or a plugin of a few lines names it."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.mcp.config import McpCommandConfig, McpConfig, make_command_tools, make_tools
from plugins.mcp.server import McpServer
from plugins.mcp.tool import McpTool, offer

__all__ = ["MANIFEST", "McpCommandConfig", "McpConfig", "McpServer", "McpTool", "offer", "register"]

MANIFEST = Manifest(
    "mcp",
    "1.0",
    description="Tools of MCP servers.",
    permissions=Permissions(hosts=("*",), paths=("*",), secrets=("token", "headers", "environment"), writes=True),
)


def register(registry: Registry) -> None:
    """Offer the kinds of tools `mcp` and `mcp_command`."""
    registry.add_tool_kind("mcp", McpConfig, make_tools)
    registry.add_tool_kind("mcp_command", McpCommandConfig, make_command_tools, for_operators=True)
