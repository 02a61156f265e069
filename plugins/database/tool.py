"""Asks a database with SQL that was checked, in a transaction that cannot write."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from assistant.errors import SourceError, ToolError
from assistant.types import ToolResult, User, interrupted_after
from plugins.database.statement import checked
from plugins.net import reachable

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

_DIALECTS = {"postgresql": "postgres", "sqlite": "sqlite"}
_LONGEST = 5_000  # characters of a statement
_LONGEST_VALUE = 10_000_000  # bytes; `printf` makes a gigabyte of nothing


class DatabaseConfig(BaseModel):
    """A database of which some tables may be read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str = Field(
        title="Address",
        description="PostgreSQL's or SQLite's, as SQLAlchemy writes it, without the password:"
        " postgresql+pg8000://ann@db.example.org/shop.",
    )
    password: SecretStr = Field(SecretStr(""), title="Password", description="Of the user in the address.")
    tables: tuple[str, ...] = Field(
        min_length=1, title="Tables", description="Those that may be read, e.g. orders or sales.orders."
    )
    about: str = Field("", title="About", description="What the database is about, for the model.")
    most_rows: int = Field(200, ge=1, le=10_000, title="Rows", description="That an answer has at most.")
    seconds: float = Field(10, gt=0, le=600, title="Seconds", description="That one query may take.")

    @field_validator("url")
    @classmethod
    def _usable(cls, url: str) -> str:
        if re.match(r"^[^/]+://[^/@]*:[^/@]*@", url):
            raise ValueError("put the password into its own field: an address is no secret")
        if re.split(r"[+:]", url, maxsplit=1)[0] not in _DIALECTS:
            raise ValueError("only PostgreSQL and SQLite can be asked")
        return url

    @model_validator(mode="after")
    def _sqlite_is_a_file(self) -> DatabaseConfig:
        if self.url.startswith("sqlite") and self.password.get_secret_value():
            raise ValueError("SQLite has no passwords: leave it out")
        return self


class DatabaseTool:
    """See `interfaces.Tool`.

    Args:
        name: the tool's.
        config: of one database.
    """

    writes = False
    reaches_out = False  # the plugin asks for hosts, but statements go to the database of the configuration only
    parameters: Mapping[str, Any] = {
        "type": "object",
        "properties": {
            "sql": {"type": "string", "description": "One SELECT over these tables.", "maxLength": _LONGEST}
        },
        "required": [],
        "additionalProperties": False,
    }

    def __init__(self, name: str, config: DatabaseConfig) -> None:
        self.name = name
        self._config = config
        self._dialect = _DIALECTS[re.split(r"[+:]", config.url, maxsplit=1)[0]]

    @property
    def description(self) -> str:
        """See `interfaces.Tool`."""
        about = f" It is about: {self._config.about}." if self._config.about else ""
        return (
            f"Reads a database with SQL ({self._dialect}), of the tables {', '.join(self._config.tables)}.{about}"
            " Without `sql` it returns their columns."
        )

    def run(self, arguments: Mapping[str, Any], user: User) -> ToolResult:
        """See `interfaces.Tool`."""
        del user  # whoever may use the tool may read these tables
        if unknown := set(arguments) - {"sql"}:
            raise ToolError(f"there is no argument {sorted(unknown)[0]!r}", "give sql, or nothing")
        sql = arguments.get("sql")
        if sql is None:
            with self._reading() as connection:
                return self._described(connection)
        if not isinstance(sql, str) or not sql.strip() or len(sql) > _LONGEST:
            raise ToolError(f"sql is no text of 1 to {_LONGEST:,} characters", "write one SELECT")
        statement = checked(sql, self._dialect, self._config.tables, self._config.most_rows + 1)
        with self._reading() as connection:
            from sqlalchemy import text

            found = connection.execute(text(statement.replace(":", "\\:")))  # or they would be parameters
            columns = [str(key) for key in found.keys()]  # noqa: SIM118 (a result is no mapping)
            return ToolResult.of_rows(columns, found.fetchall(), self._config.most_rows)

    def check(self) -> str:
        """See `interfaces.CheckedTool`."""
        with self._reading() as connection:
            self._described(connection)
        return f"can be read: {', '.join(self._config.tables)}"

    def _described(self, connection: Connection) -> ToolResult:
        from sqlalchemy import inspect

        looked = inspect(connection)
        columns = {}
        for table in self._config.tables:
            schema, _, name = table.rpartition(".")
            columns[table] = [f"{one['name']} {one['type']}" for one in looked.get_columns(name, schema or None)]
        text = "\n".join(f"{table} ({', '.join(found)})" for table, found in columns.items())
        return ToolResult(text, {"tables": columns})

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        from sqlalchemy.exc import SQLAlchemyError

        limit: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
        try:
            with self._engine().connect() as connection:
                driver: Any = connection.connection.driver_connection
                if self._dialect == "sqlite":
                    connection.exec_driver_sql("PRAGMA query_only = ON")
                    driver.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
                    driver.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
                    limit = interrupted_after(self._config.seconds, driver.interrupt)
                else:
                    connection.exec_driver_sql("SET TRANSACTION READ ONLY")
                    milliseconds = max(1, int(self._config.seconds * 1000))
                    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {milliseconds}")
                try:
                    with limit:
                        yield connection
                finally:
                    connection.rollback()
        except SQLAlchemyError as error:
            raise self._told(error) from error

    def _told(self, error: Exception) -> ToolError:
        original = getattr(error, "orig", None) or error
        first = original.args[0] if original.args else original
        said = first.get("M", first) if isinstance(first, dict) else first  # pg8000 hands on the server's fields
        cause = " ".join(str(said).split())[:500]
        if "interrupted" in cause or "statement timeout" in cause:
            return ToolError(f"the query took over {self._config.seconds:g} seconds", "ask for less")
        return ToolError(f"the database refuses: {cause}", "correct the statement; without sql the columns are told")

    def _engine(self) -> Engine:
        from sqlalchemy import create_engine, make_url
        from sqlalchemy.pool import NullPool

        url = make_url(self._config.url)
        password = self._config.password.get_secret_value()
        if self._dialect == "sqlite" and not Path(url.database or "").is_file():
            raise ToolError(f"there is no database {url.database}", "tell an admin")  # SQLite would make one
        if url.host:  # an admin names it; it may lie inside
            try:
                next(reachable(url.host, url.port or 5432, (url.host,)))
            except SourceError as error:
                raise ToolError(f"the database cannot be asked: {error.message}", "tell an admin") from error
        try:
            return create_engine(url.set(password=password) if password else url, poolclass=NullPool)
        except ModuleNotFoundError as error:
            raise ToolError(f"the database's driver is missing: {error.name}", "tell an admin") from error
