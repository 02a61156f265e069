"""The language in a real Chromium: the browser's at first, and the one that was chosen after that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil

from tests.fakes.api import FakeApi
from tests.ui.test_browser import browser, pytestmark, served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["browser", "pytestmark", "served"]  # fixtures, and what a browser needs


def test_the_language_is_the_browsers_until_another_is_chosen_and_stays_so(
    browser: Browser, served: tuple[str, psutil.Process], api: FakeApi
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 850}, locale="de-AT")
    try:
        page = context.new_page()
        page.goto(served[0])
        page.get_by_role("heading", name="Was gibt es zu kl\u00e4ren?").wait_for()
        page.locator("html[lang=de][dir=ltr]").wait_for(state="attached")
        page.get_by_role("button", name="Sprache: Deutsch").click()
        page.get_by_text("English", exact=True).click()
        page.get_by_role("heading", name="What would you like to know?").wait_for()
        page.locator("html[lang=en]").wait_for(state="attached")
        page.reload()
        page.get_by_role("heading", name="What would you like to know?").wait_for()
        kept = {one["name"]: one for one in context.cookies()}["assistant_language"]
        assert (kept["value"], kept["path"], kept["sameSite"], kept["secure"]) == ("en", "/", "Lax", False)
    finally:
        context.close()
