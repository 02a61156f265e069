"""A catalog with a source, a receiver of webhooks, and a courier that does not wait between tries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.adapters.poster import Poster
from assistant.catalog import Catalog, Keyring
from assistant.webhooks import Courier, Pace, WebhookDesk
from tests.fakes.receiver import Receiver

HOSTS = ("127.0.0.1",)
BASE = "https://assistant.example"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.down()


@pytest.fixture(scope="session")
def empty_catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog's file without a row: the schema is made once, not for every test."""
    folder = tmp_path_factory.mktemp("empty")
    Catalog(f"sqlite:///{folder / 'catalog.sqlite3'}", Keyring(folder / "secret.key")).close()
    return folder / "catalog.sqlite3"


@pytest.fixture
def catalog(tmp_path: Path, empty_catalog: Path) -> Iterator[Catalog]:
    (tmp_path / "catalog.sqlite3").write_bytes(empty_catalog.read_bytes())
    catalog = Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite3'}", Keyring(tmp_path / "secret.key"))
    catalog.sources.add("handbook", "folder", {}, {})
    yield catalog
    catalog.close()


@pytest.fixture
def courier(catalog: Catalog) -> Courier:
    return make_courier(catalog)


def make_courier(catalog: Catalog, tries: int = 3, lease: float = 60.0) -> Courier:
    """Return a courier for which everything is due at once."""
    poster = Poster(HOSTS, 20.0, "the setting")
    return Courier(catalog, poster.post, Pace(tries=tries, first=0.0, lease=lease), BASE)


@pytest.fixture
def desk(catalog: Catalog, courier: Courier) -> WebhookDesk:
    return WebhookDesk(catalog, courier, HOSTS)
