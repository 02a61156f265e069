"""The catalog's plugins: what admins decided on them."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update

from assistant.catalog.database import Database
from assistant.catalog.models import PluginRow

_LONGEST_ERROR = 2000


@dataclass(frozen=True, slots=True)
class PluginRecord:
    """What was decided on a plugin; see `models.PluginRow`."""

    name: str
    enabled: bool
    version: str
    mark: str
    described: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""


class PluginTable:
    """Reads and changes the table of plugins."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, PluginRecord]:
        """Return all records by name."""
        with self._database.read() as session:
            rows = session.scalars(select(PluginRow).order_by(PluginRow.name))
            return {
                row.name: PluginRecord(row.name, row.enabled, row.version, row.mark, row.described, row.error)
                for row in rows
            }

    def put(self, record: PluginRecord) -> None:
        """Write the record in place of the one that there may be."""
        with self._database.write() as session:
            session.merge(
                PluginRow(
                    name=record.name,
                    enabled=record.enabled,
                    version=record.version,
                    mark=record.mark,
                    described=dict(record.described),
                    error=record.error[:_LONGEST_ERROR],
                    changed_at=time.time(),
                )
            )

    def note(self, name: str, error: str) -> None:
        """Keep what went wrong last with a plugin that has a record; an empty text says that nothing did."""
        with self._database.write() as session:
            session.execute(update(PluginRow).where(PluginRow.name == name).values(error=error[:_LONGEST_ERROR]))
