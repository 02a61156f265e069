"""The scripted API that the tests of the UI share: one server, as it was at its start for each test."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from tests.fakes.api import FakeApi
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
