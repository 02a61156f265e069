"""Keeps every test away from the settings and the data of the person who runs it."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.fakes.vllm import Vllm

# Folders with tests that run processes come first: a file of few but long tests, begun last, would hold up the end.
_FIRST = (
    "server_mode",
    "workers",
    "cli",
    "journeys",
    "webhooks",
    "infra",
    "house",
    "app",
    "ui",
    "mcp_server",
    "catalog",
)
_KEPT = {"ASSISTANT_CACHE"}  # the exported model may be shared: it is checked by digest when it is loaded


def pytest_configure(config: pytest.Config) -> None:
    """Clear `ASSISTANT_` variables before anything is imported; what runs outside a test gets an empty home."""
    for name in [name for name in os.environ if name.startswith("ASSISTANT_") and name not in _KEPT]:
        del os.environ[name]
    home = tempfile.TemporaryDirectory(prefix="assistant-tests-", ignore_cleanup_errors=True)
    config.add_cleanup(home.cleanup)
    os.environ["ASSISTANT_HOME"] = home.name
    # how long an example takes, or to make up one, is the machine's affair
    settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("patient")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes long first, and give what needs the real vLLM the time that building and starting takes."""
    items.sort(key=lambda item: _FIRST.index(folder) if (folder := _folder(item)) in _FIRST else len(_FIRST))
    for item in items:
        if "vllm" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.vllm)
            item.add_marker(pytest.mark.timeout(1200))


def _folder(item: pytest.Item) -> str:
    """Return the folder below `tests` that it is in."""
    return item.path.relative_to(Path(__file__).parent).parts[0]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say with a test that failed what stood in its browser."""
    report = yield
    shown = getattr(item, "funcargs", {}).get("page")
    if report.when == "call" and report.failed and hasattr(shown, "aria_snapshot"):
        from tests.fakes.chromium import told

        report.sections.append(("Page of the browser", told(shown)))
    return report


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their argument: those of archives hold the time, and processes that share tests must agree."""
    return argname if isinstance(val, bytes) and len(val) > 16 else None


@pytest.fixture(autouse=True)
def assistant_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a home of its own, not made yet."""
    home = tmp_path / "assistant-home"
    monkeypatch.setenv("ASSISTANT_HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def logging_as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put back how the process logs: a command that a test runs in it sets that for good."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a Postgres server that lives as long as the test session."""
    from tests.fakes.databases import running_postgres  # after `pytest_configure`

    with running_postgres() as server:
        yield server.url


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for the tests of a file, no longer: as long as Playwright runs, no other test runs an event loop."""
    from tests.fakes.chromium import running_chromium

    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def vllm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vllm]:
    """The real vLLM on the CPU with an adapter, built where it is missing, for the whole session."""
    from tests.fakes.vllm import ADAPTER, CannotBuildError, build, cache_folder, lora_flags, make_adapter, running_vllm

    folder = cache_folder()
    try:
        build(folder)
    except CannotBuildError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"vLLM cannot be built here: {error}")
    scratch = tmp_path_factory.mktemp("vllm")
    adapter = make_adapter(scratch / "adapter")
    with running_vllm(folder, scratch / "vllm.log", *lora_flags({ADAPTER: adapter})) as server:
        yield server
