"""One process at a time works on an index: a lock that ends with its holder."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from assistant.catalog.alone import alone
from assistant.catalog.database import Database
from assistant.errors import HomeInUseError
from tests.fakes.databases import new_database


@pytest.fixture
def two(postgres: str):
    url = new_database(postgres)
    first, second = Database(url), Database(url)
    yield first, second
    first.close()
    second.close()


def test_one_at_a_time(two: tuple[Database, Database]) -> None:
    first, second = two
    with alone(first, "the index 'a'"):
        with (
            pytest.raises(HomeInUseError, match="another process works on the index 'a'"),
            alone(second, "the index 'a'"),
        ):
            pytest.fail("both work on it")
        with alone(second, "the index 'b'"), alone(first, "the index 'c'"):
            pass
    with alone(second, "the index 'a'"):
        pass


def test_what_fails_lets_go(two: tuple[Database, Database]) -> None:
    first, second = two
    with pytest.raises(ZeroDivisionError), alone(first, "a"):
        raise ZeroDivisionError
    with alone(second, "a"):
        pass


def test_a_lost_session_lets_go_and_disturbs_nobody(two: tuple[Database, Database]) -> None:
    first, second = two
    with alone(first, "a"):
        with second.connect() as connection:
            ended = connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' "
                    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            )
            assert ended.scalars().all() == [True]
        with alone(second, "a"):
            pass
    with alone(first, "a"):
        pass


def test_a_catalog_in_a_file_locks_nothing(tmp_path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'catalog.sqlite3'}")
    with alone(database, "a"), alone(database, "a"):
        pass
    database.close()
