"""Opening the catalog, and its migrations forward and back."""

from __future__ import annotations

import errno
import sqlite3
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import ProgrammingError

from assistant.catalog.database import HEAD, Database, current_revision, upgrade
from assistant.catalog.models import Base
from assistant.errors import (
    AssistantError,
    CatalogUnavailableError,
    ConfigurationError,
    HomeNotWritableError,
    StorageFullError,
)


def test_the_migrations_make_the_schema_of_the_models(catalog_url: str) -> None:
    database = Database(catalog_url)
    assert current_revision(database.engine) == HEAD
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    database.close()


def test_every_migration_can_be_undone(catalog_url: str) -> None:
    from alembic import command
    from alembic.config import Config

    from assistant.catalog.schema import MIGRATIONS

    database = Database(catalog_url)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    with database.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    upgrade(database.engine)
    assert current_revision(database.engine) == HEAD
    database.close()


def test_it_answers_while_what_it_stores_can_be_read(catalog_url: str) -> None:
    database = Database(catalog_url)
    database.answers()
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE alembic_version RENAME TO away"))
    with pytest.raises((AssistantError, ProgrammingError), match="alembic_version"):  # `SELECT 1` would go on
        database.answers()
    database.close()


def test_sqlite_runs_in_wal_mode_with_foreign_keys(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'c.sqlite3'}")
    with database.read() as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1
    database.close()


@pytest.mark.parametrize("url", ["nonsense", "nosuchdialect://x/y"])
def test_a_url_that_is_wrong_names_the_setting(url: str) -> None:
    with pytest.raises(ConfigurationError, match="catalog_url"):
        Database(url)


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    with pytest.raises(ConfigurationError, match="does not answer") as caught:
        Database("postgresql+pg8000://me:hunter2@127.0.0.1:1/db")
    assert "hunter2" not in str(caught.value)


def test_a_server_that_goes_away_while_it_is_connected_to_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'catalog.sqlite3'}")

    def broken(*given: object, **named: object) -> None:
        raise BrokenPipeError(32, "Broken pipe")

    monkeypatch.setattr(database.engine.pool, "_invoke_creator", broken)
    database.engine.pool.dispose()
    for use in (database.read, database.write, database.connect):
        with pytest.raises(CatalogUnavailableError, match="Broken pipe"), use() as session:
            session.execute(text("select 1"))
    database.close()


def test_a_share_that_times_out_while_a_catalog_in_a_file_is_read_is_not_the_catalog(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'catalog.sqlite3'}")
    with pytest.raises(TimeoutError, match="the share"), database.read():
        raise TimeoutError(errno.ETIMEDOUT, "the share")
    database.close()


def test_a_place_that_cannot_be_written_is_named() -> None:
    with pytest.raises(HomeNotWritableError, match=r"/proc/catalog\.sqlite3"):
        Database("sqlite:////proc/catalog.sqlite3")


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'c.sqlite3'}")
    with pytest.raises(StorageFullError, match="disk is full"):
        fill(database)
    database.close()


def fill(database: Database) -> None:
    """Use SQLite's own way to play a full disk."""
    with database.write() as session:
        session.execute(text("PRAGMA max_page_count=1"))
        session.execute(text("CREATE TABLE filler (x)"))
        session.execute(text("INSERT INTO filler VALUES (zeroblob(10000000))"))


def test_a_damaged_file_is_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "c.sqlite3").write_bytes(b"this is not a database" * 100)
    with pytest.raises(ConfigurationError, match="not a database"):
        Database(f"sqlite:///{tmp_path / 'c.sqlite3'}")
    with pytest.raises(sqlite3.DatabaseError):
        sqlite3.connect(tmp_path / "c.sqlite3").execute("SELECT * FROM x")


def test_as_many_read_at_once_as_there_are_threads(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'c.sqlite3'}")
    with ExitStack() as open_ones:
        for _ in range(110):  # the threads of requests and of answers
            session = open_ones.enter_context(database.read())
            assert session.execute(text("SELECT 1")).scalar() == 1
    database.close()


def test_writers_of_a_process_wait_before_they_take_a_connection(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'c.sqlite3'}")
    written = threading.Event()

    def write() -> None:
        with database.write() as session:
            session.execute(text("UPDATE generations SET number = number + 1"))
        written.set()

    with database.write() as session:
        session.execute(text("UPDATE generations SET number = number + 1"))
        other = threading.Thread(target=write)
        other.start()
        assert not written.wait(0.3)
        assert database.engine.pool.checkedout() == 1  # type: ignore[attr-defined]
    assert written.wait(60)
    other.join()
    database.close()


def test_a_writer_that_waits_for_too_long_is_told_to_try_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.catalog.database._WAIT_SECONDS", 0.05)
    database = Database(f"sqlite:///{tmp_path / 'c.sqlite3'}")
    with (
        database.write(),
        pytest.raises(CatalogUnavailableError, match="others have been writing"),
        database.write(),
    ):
        raise AssertionError("two write at once")
    with database.write() as session:
        assert session.execute(text("SELECT 1")).scalar() == 1
    database.close()


def test_who_gets_no_connection_is_told_to_try_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"_CONNECTIONS": 1, "_MORE_CONNECTIONS": 0, "_WAIT_SECONDS": 0.05}.items():
        monkeypatch.setattr(f"assistant.catalog.database.{name}", value)
    database = Database(f"sqlite:///{tmp_path / 'c.sqlite3'}")
    with database.connect(), pytest.raises(CatalogUnavailableError, match="all connections"), database.connect():
        raise AssertionError("there is one connection only")
    database.close()
