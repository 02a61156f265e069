"""The catalog's data sources."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from assistant.catalog.database import Database
from assistant.catalog.models import SourceRow
from assistant.catalog.records import SourceRecord, SourceState
from assistant.errors import ConfigurationError, NotFoundError


class Sources:
    """Reads and changes the table of data sources."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        name: str,
        kind: str,
        config: Mapping[str, Any],
        readers: Mapping[str, Any],
        schedule: str | None = None,
        passwords: Sequence[str] = (),
    ) -> SourceRecord:
        """Record a new source, active from now on; `passwords` are tried on its encrypted documents.

        Raises:
            ConfigurationError: there is one of that name, or the name could not be written in a command or a URL.
        """
        _check_name(name)
        row = SourceRow(
            name=name,
            kind=kind,
            config=dict(config),
            readers=dict(readers),
            passwords=list(passwords),
            schedule=schedule,
            state="active",
            created_at=time.time(),
        )
        try:
            with self._database.write() as session:
                session.add(row)
        except IntegrityError:
            raise ConfigurationError(f"there is a source {name!r} already", "choose another name") from None
        return _record(row)

    def find(self, name: str) -> SourceRecord | None:
        """Return the source, or None."""
        with self._database.read() as session:
            row = session.get(SourceRow, name)
            return _record(row) if row else None

    def get(self, name: str) -> SourceRecord:
        """Return the source. Raises NotFoundError."""
        found = self.find(name)
        if found is None:
            raise NotFoundError(f"there is no source {name!r}", "see `assistant sources list`")
        return found

    def all(self) -> list[SourceRecord]:
        """Return all sources by name."""
        with self._database.read() as session:
            return [_record(row) for row in session.scalars(select(SourceRow).order_by(SourceRow.name))]

    def set_readers(self, name: str, readers: Mapping[str, Any]) -> None:
        """Replace the rule that says who may read; documents follow at the next sync."""
        self._update(name, readers=dict(readers))

    def set_passwords(self, name: str, passwords: Sequence[str]) -> None:
        """Replace the passwords that are tried on encrypted documents, from the next sync on."""
        self._update(name, passwords=list(passwords))

    def set_schedule(self, name: str, schedule: str | None) -> None:
        """Replace the schedule."""
        self._update(name, schedule=schedule)

    def set_state(self, name: str, state: SourceState) -> None:
        """Pause or resume the source. Raises NotFoundError."""
        self._update(name, state=state)

    def synced(self, name: str, cursor: str | None, error: str | None, at: float) -> None:
        """Record the end of a listing that began at `at`: the cursor to go on from, and the source's error if any."""
        values: dict[str, Any] = {"last_sync_at": at, "last_error": error}
        if cursor is not None:
            values["cursor"] = cursor
        self._update(name, **values)

    def remove(self, name: str) -> None:
        """Forget the source with its documents and jobs. Raises NotFoundError."""
        with self._database.write() as session:
            gone = session.execute(delete(SourceRow).where(SourceRow.name == name).returning(SourceRow.name)).all()
        if not gone:
            raise NotFoundError(f"there is no source {name!r}", "see `assistant sources list`")

    def _update(self, name: str, **values: Any) -> None:
        statement = update(SourceRow).where(SourceRow.name == name).values(**values).returning(SourceRow.name)
        with self._database.write() as session:
            changed = session.execute(statement).all()
        if not changed:
            raise NotFoundError(f"there is no source {name!r}", "see `assistant sources list`")


def _check_name(name: str) -> None:
    if not name.strip() or name in {".", ".."} or len(name) > 200 or "/" in name or not name.isprintable():
        raise ConfigurationError(
            f"{name!r} cannot be the name of a source", "use 1 to 200 printable characters without `/`"
        )


def _record(row: SourceRow) -> SourceRecord:
    return SourceRecord(
        name=row.name,
        kind=row.kind,
        config=row.config,
        readers=row.readers,
        schedule=row.schedule,
        state="paused" if row.state == "paused" else "active",
        cursor=row.cursor,
        last_sync_at=row.last_sync_at,
        last_error=row.last_error,
        created_at=row.created_at,
        passwords=tuple(row.passwords or ()),
    )
