"""A home with a few documents, and the assistant on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import App, build, load_settings
from tests.fakes.handbook import fill


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home, closed; one open at a time."""
    home = tmp_path_factory.mktemp("filled") / "home"
    fill(home, tmp_path_factory.mktemp("docs"))
    return home


@pytest.fixture
def app(filled_home: Path) -> Iterator[App]:
    """The assistant on that home."""
    with build(load_settings(home=filled_home)) as app:
        yield app
