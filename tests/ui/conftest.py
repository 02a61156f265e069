"""What the tests of the UI share: one scripted API, as at its start for each test, and the real one over fakes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.api.conftest import ListQueue
from tests.fakes.api import FakeApi
from tests.fakes.apis import api_over
from tests.fakes.listening import listening
from tests.fakes.system import System
from tests.ui.signed_in import Browser
from ui.client import ApiClient


@pytest.fixture(scope="session", autouse=True)
def components_looked_for_once() -> Iterator[None]:
    """Let Streamlit look through what is installed once, and not for each test: that takes it more than a second."""
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session")
def running_api() -> Iterator[FakeApi]:
    with FakeApi() as running:
        yield running


@pytest.fixture
def api(running_api: FakeApi) -> FakeApi:
    running_api.reset()
    return running_api


@pytest.fixture
def empty_api(running_api: FakeApi) -> FakeApi:
    running_api.reset(())
    return running_api


@pytest.fixture
def client(api: FakeApi) -> Iterator[ApiClient]:
    with ApiClient(api.url) as opened:
        yield opened


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    """The API over fakes on a port, which the UI is told."""
    system = System(tmp_path)
    system.source.texts = {"travel.txt": "Train tickets are booked in Concur.\n"}
    system.ingestor.sync("s", "cli")
    system.settings = system.settings.model_copy(update={"sign_in": "accounts"})
    with listening(api_over(system, ListQueue())) as url:
        monkeypatch.setenv("ASSISTANT_API_URL", url)
        yield system
    system.close()


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    return Browser(monkeypatch)
