"""What happens to a chat after its answer, in a real Chromium: versions, its menu, copying."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes.api import FakeApi
from tests.fakes.chromium import CHROMIUM
from tests.ui.browsing import ask, browser, page, served, window

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

__all__ = ["browser", "page", "served", "window"]  # the fixtures of a served UI, of a browser and of a tab in it

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium at /usr/bin/chromium"),
]


def test_a_chat_outlives_its_page_and_has_versions(page: Page, api: FakeApi) -> None:
    ask(page, "hotel")
    page.locator(".as-card").first.wait_for()
    page.wait_for_url("**/?chat=*")
    page.reload()
    page.locator(".as-card").first.wait_for()
    page.get_by_role("button", name="Answer again").click()
    page.get_by_text("2 of 2").wait_for(state="attached")
    choose_for_the_chat(page, "Rename")
    page.get_by_role("textbox", name="Name").fill("Where to sleep")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Where to sleep", exact=True).wait_for()
    choose_for_the_chat(page, "Delete")
    page.get_by_text("was deleted").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.locator(".as-card").first.wait_for()


def test_a_chat_is_renamed_while_its_answer_is_written(page: Page, api: FakeApi) -> None:
    api.talks.go_on.clear()  # the answer comes to no end before that
    ask(page, "slow")
    page.get_by_text("Word 5 ").wait_for()
    choose_for_the_chat(page, "Rename")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("Hotels")
    dialog.get_by_role("button", name="Save").click()
    dialog.wait_for(state="detached")
    (held,) = api.talks.held.values()
    assert (held["title"], held["turns"][0]["state"]) == ("Hotels", "answering")
    page.get_by_text("Word 19").wait_for()
    page.keyboard.press("?")
    dialog.get_by_text("Edit the last question").wait_for()
    api.talks.go_on.set()
    page.get_by_text("Word 59").wait_for()
    page.locator("[data-testid=stChatInputTextArea]:enabled").wait_for()
    assert dialog.count() == 1  # one that is read stays open when the answer ends


def choose_for_the_chat(page: Page, choice: str) -> None:
    """Choose from the menu of the chat that is shown."""
    page.locator("[class*=st-key-chat-row-shown-] [class*=st-key-chat-menu-] button").click()
    page.get_by_role("menuitem", name=choice).click()


def test_an_answer_is_copied_with_its_citations(page: Page, window: BrowserContext, api: FakeApi) -> None:
    window.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, "hotel")
    page.get_by_role("button", name="Copy with citations").click()
    page.get_by_role("status").get_by_text("Copied").wait_for(state="attached")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Hotels are paid up to **140 euros a night**, breakfast included [1].")
    assert "- [1] Travel policy, Page 2" in copied
    assert "(Not verified)" in copied
