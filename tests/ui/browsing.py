"""A real Chromium that looks at the web UI over the scripted API: fixtures and what tests do with the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil
import pytest
from playwright.sync_api import TimeoutError  # noqa: A004 - Playwright's own

from tests.fakes.api import FakeApi
from tests.fakes.chromium import CHROMIUM
from tests.fakes.web_ui import running_ui

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

MILLISECONDS = 120_000  # nothing is waited for longer, even where the machine has other work
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium at /usr/bin/chromium"),
]


@pytest.fixture(scope="module")
def served(running_api: FakeApi) -> Iterator[tuple[str, psutil.Process]]:
    """The URL and the process of a web UI that talks to the scripted API."""
    with running_ui(running_api.url) as served:
        yield served


@pytest.fixture(scope="module")
def browser(chromium: Browser) -> Browser:
    return chromium


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile that the tests share, so that the browser loads Streamlit's scripts once."""
    context = browser.new_context(viewport={"width": 1280, "height": 850})
    context.set_default_timeout(MILLISECONDS)
    yield context
    context.close()


@pytest.fixture
def page(request: pytest.FixtureRequest, window: BrowserContext, served: tuple[str, psutil.Process]) -> Iterator[Page]:
    """A new tab on the UI, and so a new session; at its end, nothing was asked elsewhere and no script has failed."""
    request.getfixturevalue("empty_api" if "empty_api" in request.fixturenames else "api")
    shown = window.new_page()
    foreign: list[str] = []
    broken: list[str] = []
    shown.on("request", lambda request: foreign.append(request.url) if is_foreign(request.url) else None)
    shown.on("pageerror", lambda error: broken.append(str(error)))
    shown.on("console", lambda said: broken.append(said.text) if "Content Security Policy" in said.text else None)
    shown.goto(served[0])
    yield shown
    hacked = shown.evaluate("window.hacked")
    shown.close()
    assert not foreign
    assert not broken
    assert not hacked


def is_foreign(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "127.0.0.1"


def ask(page: Page, question: str) -> None:
    """Ask in the chat; while a file is on its way there, the field swallows the key, and its button is disabled."""
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    page.locator("[data-testid=stChatInputSubmitButton]:enabled").wait_for()
    box.press("Enter")


def choose(page: Page, name: str, option: str) -> None:
    """Choose from a list; one that is opened while the page around it still moves closes by itself."""
    wanted = page.get_by_role("option", name=option)
    for _ in range(20):
        page.get_by_role("combobox", name=name).click()
        with suppress(TimeoutError):
            wanted.wait_for(timeout=5000)
            page.wait_for_timeout(300)
            if wanted.is_visible():  # still
                break
    wanted.click()


def manage(page: Page, name: str) -> None:
    """Go to a page of those for running the assistant."""
    page.locator("[class*=st-key-manage-] summary").click()
    page.locator("[class*=st-key-manage-]").get_by_role("link", name=name, exact=True).click()
