"""The rows of an SQL query as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from assistant.types import Manifest, Permissions
from plugins.sql.source import SqlConfig, SqlSource

__all__ = ["SqlConfig", "SqlSource", "MANIFEST", "register"]

MANIFEST = Manifest(
    "sql",
    "1.0",
    description="Makes a document of each row of a query.",
    permissions=Permissions(hosts=("*",), paths=("*",), secrets=("password",)),
)


def register(registry: Registry) -> None:
    """Offer the source kind `sql`."""
    registry.add_source("sql", SqlConfig, SqlSource)
