"""What leads to a question, in a real Chromium: what is pasted and attached, the keys, an estimate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.fakes.album import png
from tests.fakes.api import FakeApi
from tests.ui.browsing import ask, browser, page, pytestmark, served, window
from ui.session import STATUS_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Page

# A key that the page hears is taken from the browser; this one only brings the focus to the field.
HEARD = "() => !document.dispatchEvent(new KeyboardEvent('keydown', {key: '/', cancelable: true}))"
__all__ = ["browser", "page", "pytestmark", "served", "window"]  # fixtures


def test_a_pasted_screenshot_and_a_file_go_with_the_question(page: Page, api: FakeApi) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    box.wait_for()
    page.locator("input[type=file]").first.set_input_files(
        {"name": "offer.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}  # type: ignore[arg-type]
    )
    page.get_by_text("offer.pdf").first.wait_for()
    box.evaluate(
        """(field, bytes) => {
            const clipboard = new DataTransfer();
            clipboard.items.add(new File([new Uint8Array(bytes)], "image.png", { type: "image/png" }));
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: clipboard, bubbles: true }));
        }""",
        list(png("green")),
    )
    page.get_by_text("image.png").first.wait_for()
    ask(page, "What is the error in this shot?")
    page.get_by_role("button", name="offer.pdf").wait_for()  # the chip: it has been read, and is asked about
    page.locator("[data-testid=stImage] img").first.wait_for()
    asked = next(body for _, path, body in api.requests if path == "/api/conversations" and body)
    assert (asked["paths"], [one["name"] for one in asked["attachments"]]) == (["offer.pdf"], ["image.png"])


def test_files_without_a_question_wait_for_one(page: Page, api: FakeApi) -> None:
    box = page.get_by_test_id("stChatInputTextArea")
    for name in ("first.png", "second.png", "third.png"):
        box.wait_for()
        page.locator("input[type=file]").first.set_input_files(
            {"name": name, "mimeType": "image/png", "buffer": png("green")}  # type: ignore[arg-type]
        )
        page.get_by_text(name).first.wait_for()
        page.get_by_test_id("stChatInputSubmitButton").click()  # once the file is there
        page.get_by_role("button", name=name).wait_for()
    page.get_by_text("Say in words what you want to know of").wait_for()
    page.get_by_role("button", name="second.png").click()
    page.get_by_role("button", name="second.png").wait_for(state="detached")
    ask(page, "What is the error in this shot?")
    page.locator("[data-testid=stImage] img").first.wait_for()
    asked = next(body for _, path, body in api.requests if path == "/api/conversations" and body)
    assert [one["name"] for one in asked["attachments"]] == ["first.png", "third.png"]
    page.locator(".st-key-unasked-files").wait_for(state="detached")


def test_the_keys_of_the_chat(page: Page, api: FakeApi) -> None:
    api.talks.go_on.clear()  # the answer is not over before the key that stops it
    box = page.get_by_test_id("stChatInputTextArea")
    page.get_by_role("button", name="What does \u201cTravel policy\u201d say about").wait_for()
    page.wait_for_function(HEARD)  # the listener may come after what can be seen
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_text("Edit the last question").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    page.keyboard.press("/")
    page.keyboard.type("slow?/")  # in the field they are letters
    assert box.input_value() == "slow?/"
    page.keyboard.press("Enter")
    page.get_by_text("Word 3").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("Stopped.").wait_for()
    page.locator("[data-testid=stChatInputTextArea]:enabled").wait_for()
    page.locator("[class*=st-key-edit-] button").first.wait_for()  # drawn after the field: the key presses this button
    page.keyboard.press("Control+k")
    page.keyboard.press("ArrowUp")
    page.get_by_role("textbox", name="Your question").press("?")
    assert not page.get_by_role("dialog").count()
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.get_by_role("dialog").get_by_text("Edit the last question").wait_for()
    page.keyboard.press("Control+Shift+O")  # not below a dialog
    page.keyboard.press("Escape")
    page.get_by_role("dialog").wait_for(state="detached")
    assert page.get_by_text("Stopped.").is_visible()
    page.keyboard.press("Control+Shift+O")
    page.get_by_text("What would you like to know?").wait_for()


def test_what_is_narrowed_to_stays_where_the_number_of_its_documents_changes(page: Page, api: FakeApi) -> None:
    page.get_by_role("button", name="All sources").click()
    page.get_by_role("combobox", name="Sources").click()
    page.get_by_role("option", name="handbook (3)").click()
    page.get_by_role("button", name="Remove handbook (3)").wait_for()
    while page.get_by_role("dialog").count():  # the list takes the first key where it is open still
        page.keyboard.press("Escape")
        page.wait_for_timeout(500)
    page.get_by_role("button", name="handbook").first.wait_for()
    for number, question in enumerate(("What does a hotel cost?", "And a train?", "And a taxi?")):
        ask(page, question)
        page.get_by_role("button", name="Copy with citations").nth(number).wait_for()  # its answer is there
        page.get_by_text("Ask next").wait_for()
        page.locator("[data-testid=stChatInputTextArea]:enabled").wait_for()
        if len(api.documents) == 3:
            api.documents.append(replace(api.documents[0], key="another.pdf"))
            page.wait_for_timeout((STATUS_SECONDS + 1) * 1000)  # after which the page asks how many there are
    asked = [body["sources"] for method, _, body in api.requests if method == "POST" and body and "question" in body]
    assert asked == [["handbook"]] * 3


def test_an_estimate_of_the_words_in_the_field(page: Page, api: FakeApi) -> None:
    page.get_by_test_id("stChatInputTextArea").fill("What does a hotel cost?")
    page.get_by_role("button", name="Automatic").click()
    page.get_by_role("button", name="What would be read?").click()
    page.get_by_text("Would read 3 passages from 2 documents").wait_for()
    planned = next(body for _, path, body in api.requests if path == "/api/plan")
    assert planned["question"] == "What does a hotel cost?"
