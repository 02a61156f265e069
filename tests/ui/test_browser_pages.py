"""The other pages of the web UI in a real Chromium, on a phone, by keyboard, in another language."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

import psutil
import pytest

from tests.fakes.api import FakeApi
from tests.fakes.api_content import HOTEL_QUOTE
from tests.ui.browsing import MILLISECONDS, ask, browser, choose, manage, page, pytestmark, served, window

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = ["browser", "page", "pytestmark", "served", "window"]  # fixtures


def test_a_folder_is_added_on_an_empty_assistant_and_can_be_asked(page: Page, empty_api: FakeApi) -> None:
    page.get_by_role("textbox", name="Folder").fill("/srv/handbook")
    page.get_by_role("button", name="Add folder").click()
    page.get_by_text("What would you like to know?").wait_for()
    page.get_by_role("button", name="What does \u201cTravel policy\u201d say about").click()
    page.locator(".as-card").first.wait_for()


def test_the_page_recovers_when_the_api_comes_back(page: Page, api: FakeApi) -> None:
    api.stop()
    try:
        page.reload()
        page.get_by_text("does not answer at").wait_for()
        assert "Traceback" not in page.inner_text("body")
    finally:
        api.start()
    page.get_by_role("button", name="Try again").click()
    page.get_by_text("What would you like to know?").wait_for()


def test_a_source_is_removed_only_after_a_second_click(page: Page, api: FakeApi) -> None:
    manage(page, "Sources")
    page.get_by_role("link", name="handbook", exact=True).click()
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("The files themselves stay where they are").wait_for()
    assert "handbook" in api.sources
    page.get_by_role("button", name="Remove").last.click()
    page.get_by_text("No sources yet").wait_for()
    assert not api.sources


def test_a_tool_is_added_with_a_form_from_its_schema(page: Page, api: FakeApi) -> None:
    manage(page, "Tools")
    choose(page, "Kind", "A shop that can be asked (shop)")
    page.get_by_role("textbox", name="Name").fill("shop")
    page.get_by_role("textbox", name="Address").fill("https://shop")
    page.get_by_role("textbox", name="Tables").fill("orders")
    page.get_by_text("More", exact=True).click()
    password = page.get_by_role("textbox", name="Password")
    password.fill("hunter22")
    assert password.get_attribute("type") == "password"
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text("for the operator only").wait_for()
    sent = next(body for method, path, body in api.requests if (method, path) == ("POST", "/api/tools"))
    assert sent["config"] == {"url": "https://shop", "tables": ["orders"], "password": "hunter22"}
    page.get_by_role("button", name="Switch off").click()
    page.get_by_role("button", name="Switch on").wait_for()
    assert api.tools.held["shop"]["state"] == "disabled"


def test_a_source_of_another_kind_is_added(page: Page, api: FakeApi) -> None:
    manage(page, "Sources")
    page.get_by_role("button", name="Add a source").click()
    choose(page, "Kind", "notes")
    page.get_by_role("textbox", name="Name of the source").fill("wiki")
    page.get_by_role("textbox", name="Site").fill("https://wiki")
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("heading", name="wiki").wait_for()
    assert api.sources["wiki"]["config"] == {"site": "https://wiki"}


def test_a_failing_source_is_mended_where_a_link_leads(page: Page, api: FakeApi) -> None:
    api.add({"name": "wiki", "kind": "notes", "config": {"site": "https://wiki", "token": "*" * 10}, "schedule": None})
    api.queued.clear()
    api.sources["wiki"].update(state="failing", last_error="https://wiki refuses the sign-in (check the token)")
    manage(page, "Sources")
    page.get_by_role("link", name="Look at its settings").click()
    token = page.get_by_role("textbox", name="Token")
    token.fill("wrong")
    page.get_by_role("button", name="Test").click()
    page.get_by_role("alert").get_by_text("refuses the sign-in").last.wait_for()
    assert page.url.endswith("/sources?source=wiki&view=settings&field=secrets")  # and not back at the list
    token.fill("right")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Save").wait_for(state="detached")
    assert api.sources["wiki"]["config"] == {"site": "https://wiki", "token": "right"}
    page.get_by_test_id("stMain").get_by_role("link", name="Sources").click()
    page.get_by_role("button", name="Add a source").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_needs_no_sideways_scrolling_and_every_input_has_a_name(
    browser: Browser, served: tuple[str, psutil.Process], api: FakeApi, scheme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    context.set_default_timeout(MILLISECONDS)
    api.measures.fill()
    try:
        _look_at_all(context.new_page(), served[0], scheme)
    finally:
        context.close()


def _look_at_all(page: Page, root: str, scheme: str) -> None:
    for path in (
        *("/documents", "/search?q=leave", "/sources", "/sources?add=1", "/runs", "/runs?run=run-1"),
        *("/uploads", "/tools", "/usage", "/quality", "/warnings", "/settings", "/"),
    ):
        page.goto(root + path)
        page.locator("h1").first.wait_for()
        if path == "/":
            ask(page, "hotel")
            page.locator(".as-card").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        inputs = page.locator("input:visible, textarea:visible")
        assert all(inputs.nth(index).get_attribute("aria-label") for index in range(inputs.count()))
        page.wait_for_function("(wanted) => getComputedStyle(document.body).colorScheme === wanted", arg=scheme)


def test_the_language_is_the_browsers_until_another_is_chosen_and_stays_so(
    browser: Browser, served: tuple[str, psutil.Process], api: FakeApi
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 850}, locale="de-AT")
    context.set_default_timeout(MILLISECONDS)
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


def test_figures_are_drawn_and_a_table_says_the_same(page: Page, api: FakeApi) -> None:
    api.measures.fill()
    page.goto(page.url + "usage")
    charts = page.locator("[data-testid=stVegaLiteChart] :is(canvas, svg)")
    charts.nth(2).wait_for()
    assert all(charts.nth(at).bounding_box()["height"] > 100 for at in range(3))  # type: ignore[index]
    page.get_by_text("As a table").click()
    page.get_by_role("region", name="Day").wait_for()


def test_the_keyboard_alone_reaches_a_citation(page: Page, api: FakeApi) -> None:
    ask(page, "hotel")
    page.locator(".as-card").first.wait_for()
    page.locator("button.as-cite").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("dialog").locator("mark").wait_for()
    page.get_by_role("dialog").get_by_text("1 of 3", exact=True).wait_for()
    page.keyboard.press("n")
    page.get_by_role("dialog").get_by_text("2 of 3", exact=True).wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="hidden")
    page.locator("button.as-cite:focus", has_text="2").wait_for()


def test_a_number_shows_its_quote_in_the_words_around(page: Page, api: FakeApi) -> None:
    ask(page, "hotel")
    page.locator(".as-card").nth(2).wait_for()
    card = page.get_by_role("tooltip")
    until = time.monotonic() + 60
    while not card.locator("mark").count():  # what hears the pointer may come after what is pointed at
        assert time.monotonic() < until
        page.mouse.move(0, 0)
        page.locator("button.as-cite").first.hover()
        page.wait_for_timeout(1_000)
    assert card.locator("mark").inner_text() == HOTEL_QUOTE
    assert "A more expensive room" in card.inner_text()
    page.keyboard.press("Escape")
    card.wait_for(state="detached")


def test_a_search_is_a_link_and_opens_beside_the_list(
    page: Page, served: tuple[str, psutil.Process], api: FakeApi
) -> None:
    page.goto(f"{served[0]}/search?q=leave")
    page.locator(".as-found").first.wait_for()
    page.get_by_role("button", name="Type", exact=True).click()
    page.get_by_role("button", name="html (1)").click()
    page.get_by_role("button", name="Type: html").wait_for()
    page.wait_for_url("**type=html**")
    page.locator(".as-found-place").click()
    page.get_by_role("dialog").locator("mark").wait_for()
    assert "Devices" in (page.get_by_role("dialog").get_attribute("aria-label") or "")


def test_a_call_that_writes_waits_for_the_person_and_opens_to_what_came_of_it(page: Page, api: FakeApi) -> None:
    ask(page, "open a ticket")
    page.get_by_role("heading", name="May the assistant call create_ticket?").wait_for()
    page.reload()  # it waits for as long as the person likes
    page.get_by_label("title").fill("Four nights")
    page.get_by_role("button", name="Do it").click()
    page.get_by_text("I have seen to it.").wait_for()
    page.locator(".as-tools summary", has_text="create_ticket").click()
    page.get_by_text("ticket 17").wait_for()
    assert page.locator(".as-tools").get_by_text("Three nights").count() == 1  # what was proposed
    page.get_by_role("button", name="Do it").wait_for(state="detached")
