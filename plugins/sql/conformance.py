"""What the conformance kit tries the SQL source with: an SQLite file that is locked where it is to be silent."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from plugins.sql.source import SqlConfig, SqlSource


class SqlScene:
    """A table, and the means to change what is in it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "pages.db"
        self._lock: sqlite3.Connection | None = None
        self._do("CREATE TABLE pages (id TEXT PRIMARY KEY, body BLOB, readers TEXT)")
        self.config = {
            "url": f"sqlite:///{self._file}?timeout=0.05",
            "query": "SELECT id, body, readers FROM pages",
            "content": "body",
            "readers": "readers",
        }

    def source(self) -> SqlSource:
        """Return a new source on the table."""
        return SqlSource(SqlConfig.model_validate(self.config))

    def put(self, key: str, data: bytes) -> None:
        """Write a row."""
        told = "ON CONFLICT (id) DO UPDATE SET body = excluded.body"
        self._do(f"INSERT INTO pages (id, body, readers) VALUES (?, ?, '') {told}", key, data)  # noqa: S608 - fixed

    def remove(self, key: str) -> None:
        """Delete a row."""
        self._do("DELETE FROM pages WHERE id = ?", key)

    def rename(self, old: str, new: str) -> None:
        """Give a row another key."""
        self._do("UPDATE pages SET id = ? WHERE id = ?", new, old)

    def set_readers(self, key: str, allow: set[str], deny: set[str]) -> None:
        """Write who may read a row."""
        names = ",".join([*sorted(allow), *(f"-{one}" for one in sorted(deny))])
        self._do("UPDATE pages SET readers = ? WHERE id = ?", names, key)

    def down(self, is_down: bool) -> None:
        """Lock the whole database, or let it go."""
        if is_down:
            self._lock = sqlite3.connect(self._file, isolation_level=None, check_same_thread=False)
            self._lock.execute("BEGIN EXCLUSIVE")
        else:
            self.close()

    def damage(self, is_damaged: bool) -> None:
        """Put rubbish in the database's place."""
        if is_damaged:
            self._file.write_bytes(b"no database\n" * 200)

    def close(self) -> None:
        """Let go of the database."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _do(self, statement: str, *values: object) -> None:
        with contextlib.closing(sqlite3.connect(self._file, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(statement, values)


SCENES = {"sql": SqlScene}
