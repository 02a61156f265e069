"""Runs a query, and parts of it, in transactions that cannot write."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import SourceError, SourceUnreachableError
from plugins.net import reachable

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_READ_ONLY = {
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "SET TRANSACTION READ ONLY",
    "mariadb": "SET TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}
_ROWS_AT_ONCE = 500
_REFUSED = ("28", "3D")  # PostgreSQL's classes of errors for a sign-in, and for a database that is not there


class Database:
    """A database as its address names it. Safe to call from several threads; no connection is kept.

    Args:
        url: as SQLAlchemy writes it, without a password.
        password: empty for none.
        query: one SELECT; it is always asked as a part of another one, so that it cannot be anything else.
    """

    def __init__(self, url: str, password: str, query: str) -> None:
        self._url, self._password = url, password
        self._query = query.strip().rstrip(";")

    def rows(self, columns: Sequence[str], key: str = "", value: Any = None, most: int = 0) -> Iterator[dict[str, Any]]:
        """Yield the query's rows.

        Args:
            columns: which columns; empty for all.
            key: a column that is to have this `value`; empty for all rows.
            value: of the key's own type.
            most: how many rows, 0 for all.

        Raises:
            SourceError: the database refuses the sign-in or the query.
            SourceUnreachableError: it does not answer.
        """
        from sqlalchemy import bindparam, column, literal_column, select, text

        inner = text(self._query).columns().subquery("documents")
        wanted: list[Any] = [column(one) for one in columns] or [literal_column("*")]
        found = select(*wanted).select_from(inner)
        if key:
            found = found.where(column(key) == bindparam("wanted", value))
        if most:
            found = found.limit(most)
        with self._reading() as connection, self._told():
            for row in connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(found).mappings():
                yield dict(row)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        from sqlalchemy import text

        engine = self._engine()
        with self._told(connecting=True):
            connection = engine.connect()
        try:
            with self._told():
                if statement := _READ_ONLY.get(engine.dialect.name):
                    connection.execute(text(statement))
            yield connection
        finally:
            connection.rollback()
            connection.close()

    def _engine(self) -> Engine:
        from sqlalchemy import create_engine, make_url
        from sqlalchemy.exc import ArgumentError, NoSuchModuleError
        from sqlalchemy.pool import NullPool

        try:
            url = make_url(self._url)
            url = url.set(password=self._password) if self._password else url
            engine = create_engine(url, poolclass=NullPool)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise SourceError(
                f"the address {self._url} cannot be used: {error}", "correct it, or install the database's driver"
            ) from error
        if url.host:  # an admin names it; it may lie inside
            next(reachable(url.host, url.port or 5432, (url.host,)))
        if engine.dialect.name == "sqlite" and not Path(url.database or "").is_file():
            raise SourceError(f"there is no database {url.database}", "check the path")  # SQLite would make one
        return engine

    @contextlib.contextmanager
    def _told(self, *, connecting: bool = False) -> Iterator[None]:
        """Say in the house's own errors what went wrong."""
        from sqlalchemy.exc import DBAPIError, SQLAlchemyError

        try:
            yield
        except DBAPIError as error:
            cause, code = _said(error)
            lost = connecting or error.connection_invalidated or "locked" in cause
            if lost and not code.startswith(_REFUSED):
                hint = "check the address, or the network; the next sync tries again"
                raise SourceUnreachableError(f"{self._url} does not answer: {cause}", hint) from error
            raise SourceError(f"{self._url} refuses: {cause}", "correct the query, or the sign-in") from error
        except SQLAlchemyError as error:
            raise SourceError(f"the query cannot be asked: {error}", "correct the query") from error


def _said(error: Any) -> tuple[str, str]:
    """Return what the driver says in one line, and PostgreSQL's code of it."""
    original = error.orig
    told = original.args[0] if original is not None and original.args else None
    if isinstance(told, dict):  # pg8000 hands on the server's fields
        return str(told.get("M", told)), str(told.get("C", ""))
    return " ".join(str(original).split()), ""
