"""A database that a model may ask, as a tool: some of its tables, for some people, read-only."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.database.tool import DatabaseConfig, DatabaseTool

__all__ = ["DatabaseConfig", "DatabaseTool", "MANIFEST", "register"]

MANIFEST = Manifest(
    "database",
    "1.0",
    description="Read-only SQL on the tables that an admin names.",
    permissions=Permissions(hosts=("*",), paths=("*",), secrets=("password",)),
)


def register(registry: Registry) -> None:
    """Offer the kind of tool `database`."""
    registry.add_tool_kind("database", DatabaseConfig, DatabaseTool)
