"""The catalog's packs: who has them."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sqlalchemy import delete, select

from assistant.catalog.database import Database
from assistant.catalog.models import PackRow
from assistant.types import User


@dataclass(frozen=True, slots=True)
class PackRecord:
    """A pack that is enabled.

    Attributes:
        name: its plugin's.
        readers: the principals that have it.
        documents: pairs of a source and a glob of keys: where it finds structure.
    """

    name: str
    readers: frozenset[str]
    documents: tuple[tuple[str, str], ...] = ()

    def is_for(self, user: User) -> bool:
        """Whether this user has it; who reads without a grant has every pack that is enabled."""
        return user.reads_everything or not self.readers.isdisjoint(user.principals)


class PackTable:
    """Reads and changes the table of packs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, PackRecord]:
        """Return all records by name."""
        columns = (PackRow.name, PackRow.readers, PackRow.documents)
        with self._database.connect() as connection:
            rows = connection.execute(select(*columns).order_by(PackRow.name)).all()
        return {
            name: PackRecord(name, frozenset(readers), tuple((source, glob) for source, glob in documents))
            for name, readers, documents in rows
        }

    def put(self, record: PackRecord) -> None:
        """Write the record in place of the one that there may be."""
        with self._database.write() as session:
            session.merge(
                PackRow(
                    name=record.name,
                    readers=sorted(record.readers),
                    documents=[list(pair) for pair in record.documents],
                    changed_at=time.time(),
                )
            )

    def remove(self, name: str) -> None:
        """Delete the record; nothing there is no error."""
        with self._database.write() as session:
            session.execute(delete(PackRow).where(PackRow.name == name))
