"""The databases of the catalog's tests, and an assistant with a few documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backup.homes import Home
from tests.catalog.conftest import catalog_url
from tests.fakes.system import System

__all__ = ["catalog_url"]


@pytest.fixture(autouse=True)
def closed_homes() -> Iterator[None]:
    yield
    while Home.opened:
        Home.opened.pop().catalog.close()


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    folder = tmp_path / "origin"
    folder.mkdir()
    system = System(folder, readers={"default": ["everyone"], "rules": [{"glob": "hr/**", "readers": ["hr"]}]})
    system.source.texts = {
        "travel": "train tickets are booked early\nby the traveller",
        "hr/pay": "grade K7 is paid monthly",
        "vpn": "certificates expire after 90 days\nask the desk",
    }
    system.ingestor.sync("s", "cli")
    yield system
    system.close()
