"""The catalog on SQLite and on a real Postgres server from a wheel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.catalog import Catalog, Keyring
from tests.fakes.databases import new_database


@pytest.fixture(params=["sqlite", "postgres"])
def catalog_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A new, empty database on each of the two."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'catalog.sqlite3'}"
    return new_database(request.getfixturevalue("postgres"))


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "secret.key")


@pytest.fixture
def catalog(catalog_url: str, keyring: Keyring) -> Iterator[Catalog]:
    catalog = Catalog(catalog_url, keyring)
    yield catalog
    catalog.close()
