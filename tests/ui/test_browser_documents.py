"""A document's page with its boxes, and a trial of a model, in a real Chromium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fakes.api import FakeApi
from tests.fakes.api_content import TRAVEL
from tests.fakes.api_overseeing import herd_model
from tests.fakes.chromium import CHROMIUM
from tests.ui.browsing import browser, page, served, window  # noqa: F401  (fixtures)

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium at /usr/bin/chromium"),
]
BOTH = """() => [".as-box-heading", ".as-page img"].map(one => {
    const { x, width } = document.querySelector(one).getBoundingClientRect();
    return { x, width };
})"""


def test_boxes_stand_on_the_picture_of_the_page(page: Page) -> None:  # noqa: F811
    root = page.url.rstrip("/")
    page.goto(f"{root}/documents?source={TRAVEL.source}&key={TRAVEL.key}")
    page.get_by_text("Page", exact=True).first.click()
    picture = page.locator(".as-page img")
    picture.wait_for()
    picture.evaluate("image => image.decode()")
    page.locator(".as-box-heading").first.wait_for()
    box, image = page.evaluate(BOTH)  # at once: between two looks the page may move
    assert image["width"] > 200
    assert box["width"] == pytest.approx(0.4 * image["width"], abs=4)
    assert box["x"] - image["x"] == pytest.approx(0.1 * image["width"], abs=4)
    page.get_by_text("Show the boxes").click()
    page.locator(".as-box-heading").first.wait_for(state="detached")


def test_a_trial_writes_the_answer_and_no_markup_of_it(page: Page, api: FakeApi) -> None:  # noqa: F811
    api.overseeing.herd = [herd_model("maverick")]
    page.goto(f"{page.url.rstrip('/')}/models")
    page.get_by_text("Ask it something").click()
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_text("First word after 0.25 s").wait_for()
    assert page.locator(".as-answer").inner_text() == "Paris is <b>nice</b>."
