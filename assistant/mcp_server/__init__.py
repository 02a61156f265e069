"""The assistant's search, read and ask as tools of an MCP server, for one user."""

from __future__ import annotations

from assistant.mcp_server.desk import Desk
from assistant.mcp_server.server import make_server
from assistant.mcp_server.serving import serve_http, serve_stdio

__all__ = ["Desk", "make_server", "serve_http", "serve_stdio"]
