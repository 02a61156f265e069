"""Moves the catalog's schema forward and back, and records which older versions can go on working with it.

Every migration only adds, so that the version before it goes on working on the newer schema while processes are
replaced. One that does not says so by `compatible_with`, the oldest schema whose version can work on what it leaves.
The newest such word is recorded beside Alembic's revision, where versions that know nothing of the migration read it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, MetaData, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from assistant.errors import CatalogTooNewError, CatalogUnavailableError, ConfigurationError, StorageError

if TYPE_CHECKING:
    from alembic.config import Config

log = logging.getLogger(__name__)
MIGRATIONS = Path(__file__).parent / "migrations"
FIRST = "0001"
_VERSIONS = "alembic_version"
_MIGRATING = 0x415353  # any number that no other program of the database takes for its own locks
_LOCK_SECONDS = 3  # that a change of a table may make everybody wait who comes after it
_TRIES = 40
DEADLOCK = "40P01"
_BUSY = {"55P03", DEADLOCK}  # 55P03: lock not available


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a database is.

    Attributes:
        revision: its schema; None: it is empty.
        compatible_with: the schema of the oldest version that can work on it; None: that is not recorded.
    """

    revision: str | None
    compatible_with: str | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """What going back takes away: a table, or a column of one that stays; `count` rows or values are in it."""

    table: str
    column: str
    count: int

    def __str__(self) -> str:
        place = f"{self.table}.{self.column}" if self.column else self.table
        return f"{place} ({self.count})"


def standing(engine: Engine) -> Standing:
    """Return where the database is."""
    with engine.connect() as connection:
        return _standing(connection)


def upgrade(engine: Engine, head: str) -> None:
    """Bring the schema to `head`; a newer one that this version can work on is left as it is.

    Raises:
        CatalogTooNewError: it is newer, and this version cannot.
        CatalogUnavailableError: other transactions hold its tables all the time.
    """
    now = standing(engine)
    if now.revision == head:
        return  # Alembic is not even imported
    if now.revision is not None and now.revision not in revisions():
        _must_be_compatible(engine, now, head)
        return
    move(engine, head)


def move(engine: Engine, revision: str) -> None:
    """Bring the schema to `revision`, forward or back.

    On SQLite all steps are one transaction. On Postgres each step is one: a table that is changed is locked no longer
    than its own step takes, and what is read meanwhile goes on.

    Raises:
        ConfigurationError: this version does not know the revision.
        CatalogTooNewError: it does not know the one that the database has.
        CatalogUnavailableError: other transactions hold its tables all the time.
    """
    _must_know(revision)
    if engine.dialect.name == "sqlite":
        with _sqlite(engine) as connection:
            _go(connection, revision, at_once=True)
        return
    while _try_step(engine, revision):
        pass


def losses(engine: Engine, revision: str) -> list[Loss]:
    """Return what would be lost by going back to `revision`: what it has no place for and holds something.

    Raises ConfigurationError where this version does not know the revision.
    """
    _must_know(revision)
    older = create_engine("sqlite://")
    then, now = MetaData(), MetaData()
    with older.connect() as connection:
        _go(connection, revision, at_once=True)
        then.reflect(connection)
    older.dispose()
    found = []
    with engine.connect() as connection:
        now.reflect(connection)
        quoted = connection.dialect.identifier_preparer.quote
        for table in now.sorted_tables:
            if table.name not in then.tables:
                found.append(Loss(table.name, "", _count(connection, quoted(table.name), "")))
                continue
            for column in table.columns:
                if column.name not in then.tables[table.name].columns and table.name != _VERSIONS:
                    default = getattr(column.server_default, "arg", None)
                    given = f" WHERE {quoted(column.name)} IS NOT NULL"
                    if default is not None:
                        given += f" AND CAST({quoted(column.name)} AS TEXT) <> CAST({default} AS TEXT)"
                    found.append(Loss(table.name, column.name, _count(connection, quoted(table.name), given)))
    return [loss for loss in found if loss.count]


def revisions() -> tuple[str, ...]:
    """Return all schemas that this version knows, the first one first."""
    return tuple(name for name, _ in _scripts())


def script_config() -> Config:
    """Return Alembic's configuration."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def postgres_code(error: DBAPIError) -> str:
    """Return the SQLSTATE that Postgres gave an error; empty where another database did, or nobody."""
    told = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return str(told.get("C", "")) if isinstance(told, dict) else ""


def _must_know(revision: str) -> None:
    if revision not in revisions():
        raise ConfigurationError(f"there is no schema {revision!r}", f"this version knows {', '.join(revisions())}")


@cache
def _scripts() -> tuple[tuple[str, str], ...]:
    """Return each revision with the oldest one whose version can work on its schema."""
    from alembic.script import ScriptDirectory

    found, oldest = [], FIRST
    for script in reversed(list(ScriptDirectory.from_config(script_config()).walk_revisions())):
        oldest = getattr(script.module, "compatible_with", oldest)
        found.append((script.revision, oldest))
    return tuple(found)


def _must_be_compatible(engine: Engine, now: Standing, head: str) -> None:
    place = engine.url.render_as_string(hide_password=True)
    if now.compatible_with in revisions():
        log.warning("the catalog %s has the newer schema %s; this version (%s) can use it", place, now.revision, head)
        return
    needed = f"that of the schema {now.compatible_with}" if now.compatible_with else "one that knows this schema"
    raise CatalogTooNewError(
        f"the catalog {place} has the schema {now.revision}, and this version knows only up to {head}",
        f"run a newer version, at least {needed}; to go back: `assistant migrate --to {head}` of the newer version",
    )


def _standing(connection: Connection) -> Standing:
    looked = inspect(connection)
    if not looked.has_table(_VERSIONS):
        return Standing(None)
    noted = any(column["name"] == "compatible_with" for column in looked.get_columns(_VERSIONS))
    row = connection.execute(text(f"SELECT * FROM {_VERSIONS}")).mappings().first()  # noqa: S608 (our own name)
    if row is None:
        return Standing(None)
    return Standing(row["version_num"], row["compatible_with"] if noted else None)


def _go(connection: Connection, target: str, *, at_once: bool) -> bool:
    """Go to `target`, or one revision towards it. Returns whether there may be more to go."""
    from alembic import command

    known = (None, *revisions())
    now = _standing(connection).revision
    if now not in known:
        raise CatalogTooNewError(
            f"the catalog has the schema {now}, which this version does not know", "let the newer version go back"
        )
    here, there = known.index(now), known.index(target)
    if here == there:
        return False
    config = script_config()
    config.attributes["connection"] = connection
    if here < there:
        command.upgrade(config, target if at_once or now is None else str(known[here + 1]))
    else:
        command.downgrade(config, target if at_once else str(known[here - 1]))
    _note(connection)
    return True


def _note(connection: Connection) -> None:
    """Record which versions can work on the schema that was reached."""
    columns = {column["name"] for column in inspect(connection).get_columns(_VERSIONS)}
    if "compatible_with" not in columns:
        connection.execute(text(f"ALTER TABLE {_VERSIONS} ADD COLUMN compatible_with VARCHAR(32)"))
    oldest = dict(_scripts()).get(str(_standing(connection).revision))
    connection.execute(text(f"UPDATE {_VERSIONS} SET compatible_with = :oldest"), {"oldest": oldest})  # noqa: S608


@contextmanager
def _sqlite(engine: Engine) -> Iterator[Connection]:
    """A write transaction in which tables can be made anew: their rows' dependants do not go with the old table."""
    with engine.connect().execution_options(begin_immediate=True) as connection:
        driver = connection.connection.driver_connection
        if driver is None:
            raise CatalogUnavailableError("the catalog's connection is closed", "try again")
        (kept,) = driver.execute("PRAGMA foreign_keys").fetchone()
        driver.execute("PRAGMA foreign_keys=OFF")  # no effect within a transaction
        before = len(driver.execute("PRAGMA foreign_key_check").fetchall())
        try:
            with connection.begin():
                yield connection
                found = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if len(found) > before:
                    torn = found[-1]
                    raise StorageError(
                        f"a row of {torn[0]} names a row of {torn[2]} that is not there; nothing was changed",
                        "restore a backup",
                    )
        finally:
            driver.execute(f"PRAGMA foreign_keys={kept}")


def _try_step(engine: Engine, revision: str) -> bool:
    """Do a step; where others hold the tables, let them and those behind them go on, and try again."""
    for _ in range(_TRIES):
        try:
            with engine.begin() as connection:
                # processes that start together wait for the one that migrates
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATING})"))
                connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'"))
                return _go(connection, revision, at_once=False)
        except DBAPIError as error:
            if postgres_code(error) not in _BUSY:
                raise
            log.info("the schema cannot be changed yet: other transactions hold its tables")
            time.sleep(1)
    raise CatalogUnavailableError(
        "the catalog's schema cannot be changed: other transactions hold its tables", "end them, then try again"
    )


def _count(connection: Connection, table: str, where: str) -> int:
    return int(connection.execute(text(f"SELECT count(*) FROM {table}{where}")).scalar_one())  # noqa: S608 (our names)
