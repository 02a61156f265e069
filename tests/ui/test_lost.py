"""An answer belongs to the API: it goes on, and is shown, whatever is lost between it and the reader. In Chromium."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.fakes.api import FakeApi
from tests.fakes.cable import Cable
from tests.fakes.chromium import CHROMIUM
from tests.ui.browsing import MILLISECONDS, ask, browser, served

if TYPE_CHECKING:
    import psutil
    from playwright.sync_api import Browser, Page

__all__ = ["browser", "served"]  # the fixtures of a served UI and of a browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium at /usr/bin/chromium"),
]
OFFLINE_SECONDS = 5.0


@pytest.fixture
def cable(served: tuple[str, psutil.Process]) -> Iterator[Cable]:
    with Cable(urlsplit(served[0]).port or 0) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, cable: Cable, api: FakeApi) -> Iterator[Page]:
    """A tab on the UI through the cable, in which an answer is being written."""
    api.talks.go_on.clear()  # it is not over before the loss
    opened = browser.new_page(viewport={"width": 1280, "height": 850})
    opened.set_default_timeout(MILLISECONDS)
    opened.goto(f"http://127.0.0.1:{cable.port}")
    ask(opened, "slow")
    opened.get_by_text("Word 5 ").wait_for()
    opened.wait_for_url("**/?chat=*")
    yield opened
    opened.close()


def reload(page: Page, api: FakeApi, _cable: Cable) -> None:
    page.reload()
    api.talks.go_on.set()


def restart_the_api(page: Page, api: FakeApi, _cable: Cable) -> None:
    api.stop()
    try:
        page.get_by_text("The connection to the assistant is lost").wait_for()
    finally:
        api.start()  # whatever comes of this test: others need it
    api.talks.go_on.set()


def go_offline(_page: Page, api: FakeApi, cable: Cable) -> None:
    cable.cut()
    api.talks.go_on.set()  # the answer goes on while nobody can be shown it
    time.sleep(OFFLINE_SECONDS)
    cable.mend()


@pytest.mark.parametrize("lose", [reload, restart_the_api, go_offline])
def test_the_whole_answer_is_shown_once(
    lose: Callable[[Page, FakeApi, Cable], None], page: Page, api: FakeApi, cable: Cable
) -> None:
    lose(page, api, cable)
    page.get_by_text("Word 59").wait_for()
    page.locator("[data-testid=stChatInputTextArea]:enabled").wait_for()
    answer = page.locator(".as-answer").inner_text()
    assert answer.split() == " ".join(f"Word {number}" for number in range(60)).split()
    assert page.locator(".as-question").count() == 1
    assert not page.get_by_text("connection to the assistant is lost").count()
    (held,) = api.talks.held.values()
    assert len(held["turns"]) == 1
