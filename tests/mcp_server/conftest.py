"""A home with a few documents that the server is started on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fakes.handbook import fill


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home, closed."""
    home = tmp_path_factory.mktemp("filled") / "home"
    fill(home, tmp_path_factory.mktemp("docs"))
    return home
