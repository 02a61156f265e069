"""The web UI as people see it: Streamlit as `assistant up` starts it, in a real Chromium."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from assistant.settings import load_settings
from tests.fakes.album import png
from tests.fakes.api import FakeApi
from tests.fakes.api_content import HOTEL_QUOTE
from ui.run import streamlit_command, streamlit_environment

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
IDLE_MEGABYTES = 150

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium at /usr/bin/chromium"),
]


@pytest.fixture(scope="module")
def served(running_api: FakeApi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, psutil.Process]]:
    """The URL and the process of a web UI that talks to the scripted API."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = load_settings(ui_port=port, api_url=running_api.url)
    log = tmp_path_factory.mktemp("ui") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            streamlit_command(settings),
            env={**os.environ, **streamlit_environment(settings)},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(url, process, log)
        yield url, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(10)


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(f"{url}/_stcore/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile that the tests share, so that the browser loads Streamlit's scripts once."""
    context = browser.new_context(viewport={"width": 1280, "height": 850})
    yield context
    context.close()


@pytest.fixture
def page(request: pytest.FixtureRequest, window: BrowserContext, served: tuple[str, psutil.Process]) -> Iterator[Page]:
    """A new tab on the UI, and so a new session; at its end, nothing was asked elsewhere and no script has failed."""
    request.getfixturevalue("empty_api" if "empty_api" in request.fixturenames else "api")
    shown = window.new_page()
    foreign: list[str] = []
    broken: list[str] = []
    shown.on("request", lambda request: foreign.append(request.url) if _is_foreign(request.url) else None)
    shown.on("pageerror", lambda error: broken.append(str(error)))
    shown.on("console", lambda said: broken.append(said.text) if "Content Security Policy" in said.text else None)
    shown.goto(served[0])
    yield shown
    hacked = shown.evaluate("window.hacked")
    shown.close()
    assert not foreign
    assert not broken
    assert not hacked


def _is_foreign(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "127.0.0.1"


def ask(page: Page, question: str) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")


def choose(page: Page, name: str, option: str) -> None:
    """Choose from a list; one that is opened while the page around it still moves closes by itself."""
    wanted = page.get_by_role("option", name=option)
    for _ in range(20):
        page.get_by_role("combobox", name=name).click()
        page.wait_for_timeout(300)
        if wanted.is_visible():
            break
    wanted.click()


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
    page.get_by_role("link", name="Sources", exact=True).click()
    page.get_by_role("link", name="handbook", exact=True).click()
    page.get_by_role("button", name="Remove").click()
    page.get_by_text("The files themselves stay where they are").wait_for()
    assert "handbook" in api.sources
    page.get_by_role("button", name="Remove").last.click()
    page.get_by_text("No sources yet").wait_for()
    assert not api.sources


def test_a_tool_is_added_with_a_form_from_its_schema(page: Page, api: FakeApi) -> None:
    page.get_by_role("link", name="Tools", exact=True).click()
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
    page.get_by_role("link", name="Sources", exact=True).click()
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
    page.get_by_role("link", name="Sources", exact=True).click()
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
    page = context.new_page()
    api.measures.fill()
    for path in (
        *("/documents", "/search?q=leave", "/sources", "/sources?add=1", "/runs", "/runs?run=run-1"),
        *("/uploads", "/tools", "/usage", "/quality", "/warnings", "/settings", "/"),
    ):
        page.goto(served[0] + path)
        page.locator("h1").first.wait_for()
        if path == "/":
            ask(page, "hotel")
            page.locator(".as-card").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        inputs = page.locator("input:visible, textarea:visible")
        assert all(inputs.nth(index).get_attribute("aria-label") for index in range(inputs.count()))
        page.wait_for_function("(wanted) => getComputedStyle(document.body).colorScheme === wanted", arg=scheme)
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
    page.locator("button.as-cite").first.hover()
    card = page.get_by_role("tooltip")
    card.locator("mark").wait_for()
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
    assert "type=html" in page.url
    page.locator(".as-found-place").click()
    page.get_by_role("dialog").locator("mark").wait_for()
    assert "Devices" in (page.get_by_role("dialog").get_attribute("aria-label") or "")


def test_the_ui_stays_light(page: Page, served: tuple[str, psutil.Process], api: FakeApi) -> None:
    ask(page, "hotel")
    page.locator(".as-card").first.wait_for()
    assert served[1].memory_info().rss < IDLE_MEGABYTES * 1_000_000


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
    assert not page.get_by_role("button", name="Do it").count()
