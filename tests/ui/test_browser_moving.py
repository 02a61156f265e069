"""Ways about the pages, dialogs and dropped files, in a real Chromium."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes.api import FakeApi
from tests.ui.browsing import ask, browser, manage, page, pytestmark, served, window

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["browser", "page", "pytestmark", "served", "window"]  # fixtures


def test_a_link_of_the_sidebar_leads_from_one_thing_to_the_list_of_all(page: Page, api: FakeApi) -> None:
    root = page.url.rstrip("/")
    page.goto(f"{root}/sources?source=handbook")
    page.get_by_role("heading", name="handbook").wait_for()
    manage_links = page.locator("[class*=st-key-manage-]")
    manage_links.get_by_role("link", name="Sources", exact=True).click()
    page.get_by_role("heading", name="Sources", exact=True).wait_for()
    page.wait_for_url(f"{root}/sources")  # the page may be drawn before its address is written
    manage_links.get_by_role("link", name="Runs", exact=True).click()
    page.locator(".st-key-run-list a").first.click()
    page.get_by_role("heading", name="Run of handbook").wait_for()
    manage_links.get_by_role("link", name="Runs", exact=True).click()
    page.get_by_role("heading", name="Runs", exact=True).wait_for()
    page.locator(".st-key-ways").get_by_role("link", name="Documents", exact=True).click()
    page.locator(".st-key-document-list a").first.click()
    page.get_by_role("heading", name="Travel policy").wait_for()
    page.locator(".st-key-ways").get_by_role("link", name="Documents", exact=True).click()
    page.get_by_role("heading", name="Documents", exact=True).wait_for()


def test_the_chat_is_where_it_was_left(page: Page, api: FakeApi) -> None:
    ask(page, "What does a hotel cost?")
    page.locator(".as-cite").first.wait_for()
    page.locator(".st-key-ways").get_by_role("link", name="Search", exact=True).click()
    page.get_by_role("heading", name="Search", exact=True).wait_for()
    page.locator(".st-key-ways").get_by_role("link", name="Chat", exact=True).click()
    page.get_by_role("heading", name="What does a hotel cost?").wait_for()


def test_escape_closes_a_dialog_for_good_after_a_reload_too(page: Page, api: FakeApi) -> None:
    ask(page, "What does a hotel cost?")
    page.locator(".as-cite").first.wait_for()
    page.locator("[data-testid=stChatInputTextArea]:enabled").wait_for()
    for _ in range(2):
        page.locator("[class*=st-key-chat-menu-] button").first.click()
        page.get_by_text("Export").last.click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name="Markdown").wait_for()
        page.keyboard.press("Escape")
        dialog.wait_for(state="detached")
        ask(page, "And a meal?")
        page.get_by_role("heading", name="And a meal?").last.wait_for()
        assert not page.get_by_role("dialog").count()
        page.reload()
        page.get_by_role("heading", name="What does a hotel cost?").wait_for()
        page.locator("[data-testid=stChatInputTextArea]:enabled").wait_for()
        assert not page.get_by_role("dialog").count()


@pytest.mark.parametrize("where", ["chat", "field"])
def test_a_file_that_is_dropped_on_the_chat_is_attached(page: Page, api: FakeApi, tmp_path: Path, where: str) -> None:
    file = tmp_path / "offer.txt"
    file.write_text("hello")
    field = page.get_by_test_id("stChatInputTextArea")
    field.wait_for()
    page.wait_for_function("() => window.assistantDrops")
    box = page.get_by_test_id("stChatInput").bounding_box()
    assert box is not None
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2 if where == "field" else 250}
    protocol = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "dragOver", "drop"):
        protocol.send("Input.dispatchDragEvent", {"type": kind, **at, "data": data})
        page.wait_for_timeout(200)
    page.get_by_text("offer.txt").first.wait_for()
    ask(page, "What is in the offer?")
    page.get_by_role("button", name="offer.txt").wait_for()
    asked = next(body for _, path, body in api.requests if path == "/api/conversations" and body)
    assert asked["paths"] == ["offer.txt"]


def test_a_sync_that_is_over_soon_is_shown_when_it_is(page: Page, api: FakeApi) -> None:
    manage(page, "Sources")
    page.get_by_role("link", name="handbook").click()
    page.get_by_role("button", name="Read everything anew").click()
    page.get_by_text("Fetch every document of this source again?").wait_for()
    page.locator(".st-key-confirm-full button").click()
    page.get_by_text("handbook is read anew").wait_for()
    page.get_by_role("button", name="Sync now").wait_for()
    page.locator(".st-key-run-list a").nth(1).wait_for()  # the new one beside the former
    assert ("POST", "/api/sources/handbook/sync") in [call[:2] for call in api.requests]
