"""The tools of any MCP server as the assistant's: a plugin of a few lines names the server and calls `offer`."""

from __future__ import annotations

from plugins.mcp.server import McpServer
from plugins.mcp.tool import McpTool, offer

__all__ = ["McpServer", "McpTool", "offer"]
