"""The web UI as people see it: Streamlit as `assistant up` starts it, in a real Chromium: the chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psutil

from tests.fakes.album import png
from tests.fakes.api import FakeApi
from tests.fakes.api_content import HOTEL_QUOTE
from tests.ui.browsing import ask, browser, page, pytestmark, served, window

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["browser", "page", "pytestmark", "served", "window"]  # fixtures
IDLE_MEGABYTES = 150  # of those who chat; the charts of other pages take another hundred


def test_a_citation_opens_the_quoted_place_and_the_document(page: Page, api: FakeApi) -> None:
    ask(page, "What does a hotel cost at most?")
    page.locator(".as-card").nth(2).wait_for()
    assert page.locator(".as-answer strong").inner_text() == "140 euros a night"
    page.get_by_role("button", name="Source 1: Travel policy").first.click()
    drawer = page.get_by_role("dialog")
    assert drawer.locator("mark").inner_text() == HOTEL_QUOTE
    drawer.get_by_role("img").first.wait_for()
    drawer.get_by_role("img", name="The page, with the quote marked").wait_for()
    about = drawer.inner_text()
    for part in ("Travel policy", "Page 2", "Hotels and meals", "travel/policy.pdf", "Verified"):
        assert part in about
    before = len(drawer.locator(".as-text").inner_text())
    drawer.get_by_role("button", name="Show more after").click()
    page.wait_for_function("(n) => document.querySelector('[role=dialog] .as-text')?.innerText.length > n", arg=before)
    drawer.get_by_role("link", name="Open the document here").click()
    page.get_by_text("Page 2 of 3").first.wait_for()
    assert page.locator("mark").inner_text() == HOTEL_QUOTE
    page.get_by_role("link", name="Next").first.click()
    page.get_by_text("Page 3 of 3").first.wait_for()
    page.get_by_role("link", name="Chat", exact=True).click()
    page.locator(".as-card").first.wait_for()


def test_a_picture_is_attached_shown_and_cited(page: Page, api: FakeApi) -> None:
    page.get_by_test_id("stChatInputTextArea").wait_for()
    shot = {"name": "shot.png", "mimeType": "image/png", "buffer": png("green")}
    page.locator("input[type=file]").first.set_input_files(shot)  # type: ignore[arg-type]
    page.get_by_text("shot.png").first.wait_for()
    ask(page, "What is the error in this shot?")
    page.locator(".as-card").nth(1).wait_for()
    page.locator("[data-testid=stImage] img").first.wait_for()
    page.locator(".as-card").first.click()
    drawer = page.get_by_role("dialog")
    drawer.locator("img").first.wait_for()
    assert "Attached picture" in drawer.inner_text()
    asked = next(body for _, path, body in api.requests if path == "/api/conversations" and body)
    assert [one["name"] for one in asked["attachments"]] == ["shot.png"]


def test_an_unverified_citation_says_so(page: Page, api: FakeApi) -> None:
    ask(page, "hotel")
    page.locator(".as-card").nth(2).click()
    page.get_by_role("dialog").get_by_text("The quote could not be found word for word").wait_for()


def test_an_answer_grows_and_can_be_stopped(page: Page, api: FakeApi) -> None:
    api.talks.go_on.clear()  # it is not over before the button is pressed
    ask(page, "slow")
    page.get_by_text("Word 3").wait_for()
    assert "Word 50" not in page.locator(".as-answer").inner_text()
    page.get_by_role("button", name="Stop").click()
    page.get_by_text("Stopped.").wait_for()
    assert page.locator(".as-answer").inner_text().startswith("Word 0 Word 1")
    page.locator("[data-testid=stChatInputTextArea]:enabled").wait_for()


def test_an_answer_goes_on_while_the_reader_looks_elsewhere(page: Page, api: FakeApi) -> None:
    ask(page, "slow")
    page.get_by_text("Word 3").wait_for()
    page.get_by_role("link", name="Documents", exact=True).click()
    page.get_by_text("people/leave.md").wait_for()
    page.get_by_role("link", name="Chat", exact=True).click()
    page.get_by_text("Word 59").wait_for()


def test_markup_from_documents_and_answers_does_nothing(page: Page, api: FakeApi) -> None:
    ask(page, "danger")
    page.locator(".as-card").first.wait_for()
    answer = page.locator(".as-answer")
    assert "<script>window.hacked = true</script>" in answer.inner_text()
    assert answer.locator("img, script, a").count() == 0
    page.locator(".as-card").first.click()
    drawer = page.get_by_role("dialog")
    drawer.locator("mark").wait_for()
    assert "onerror='window.hacked = true'" in drawer.inner_text()
    assert drawer.locator(".as-text img, .as-text script, .as-text a").count() == 0


def test_the_ui_stays_light(page: Page, served: tuple[str, psutil.Process], api: FakeApi) -> None:
    ask(page, "hotel")
    page.locator(".as-card").first.wait_for()
    assert served[1].memory_info().rss < IDLE_MEGABYTES * 1_000_000
