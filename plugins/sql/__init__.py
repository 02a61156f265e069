"""The rows of an SQL query as a data source."""

from __future__ import annotations

from assistant.interfaces import Registry
from plugins.sql.source import SqlConfig, SqlSource

__all__ = ["SqlConfig", "SqlSource", "register"]


def register(registry: Registry) -> None:
    """Offer the source kind `sql`."""
    registry.add_source("sql", SqlConfig, SqlSource)
