"""The assistant's search, read and ask as tools of an MCP server: for one user, or for whoever has a token."""

from __future__ import annotations

from assistant.mcp_server.desk import Desk
from assistant.mcp_server.server import make_server
from assistant.mcp_server.serving import is_loopback, serve_http, serve_people, serve_stdio
from assistant.mcp_server.signing_in import caller_of

__all__ = ["Desk", "caller_of", "is_loopback", "make_server", "serve_http", "serve_people", "serve_stdio"]
