"""Every page and dialog, light and dark: nothing that axe finds against WCAG A and AA; the chat by keyboard alone."""

from __future__ import annotations

import pytest

from tests.journeys.axe import Violation, violations
from tests.journeys.conftest import Visit
from tests.journeys.house import House
from tests.journeys.visitor import Visitor

AUDITED = {"audit", "usage"}  # these pages are the auditor's
DRAWN = 120.0  # seconds for a page to be drawn to its end: half of one is not what is judged


def page_names() -> list[str]:
    """The short names of all pages."""
    from ui.pages import PAGES

    return [spec.name for spec in PAGES]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_breaks_a_rule(house: House, visit: Visit, scheme: str) -> None:
    found: dict[str, list[Violation]] = {}
    with visit(house, "ada", color_scheme=scheme) as ada, visit(house, "otto", color_scheme=scheme) as otto:
        for name in page_names():
            reader = otto if name in AUDITED else ada
            _look(reader, name)
            reader.shot(f"axe-{scheme}-{name}")
            if wrong := violations(reader.page):
                found[name] = wrong
    assert not found, _report(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_state_of_the_chat_breaks_a_rule(house: House, visit: Visit, scheme: str) -> None:
    found: dict[str, list[Violation]] = {}
    with visit(house, "emil", color_scheme=scheme) as emil:
        _ask_and_read(emil)
        found["answered"] = violations(emil.page)
        emil.page.locator("button.as-cite").first.click()
        emil.page.locator("mark").first.wait_for()
        emil.settle(DRAWN)
        found["source"] = violations(emil.page)
        emil.shot(f"axe-{scheme}-source")
        emil.page.keyboard.press("Escape")
        emil.page.get_by_role("dialog").wait_for(state="hidden")
        emil.page.locator("[class*=st-key-ask-options] button").first.click()
        emil.settle(DRAWN)
        found["options"] = violations(emil.page)
    assert not any(found.values()), _report(found)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_dialog_of_a_chat_breaks_a_rule(house: House, visit: Visit, scheme: str) -> None:
    found: dict[str, list[Violation]] = {}
    with visit(house, "emil", color_scheme=scheme) as emil:
        _ask_and_read(emil)
        for name in ("Rename", "Export", "Share"):
            emil.page.locator("[class*=st-key-chat-row-shown-] [class*=st-key-chat-menu-] button").first.click()
            emil.page.get_by_text(name, exact=True).last.click()
            found[name] = _dialog(emil, f"axe-{scheme}-{name.lower()}")
        emil.click("button", "Keyboard shortcuts")
        found["keys"] = _dialog(emil, f"axe-{scheme}-keys")
        emil.page.locator("[class*=st-key-chat-row-shown-] [class*=st-key-chat-menu-] button").first.click()
        emil.page.get_by_text("Delete", exact=True).last.click()
        emil.page.get_by_role("button", name="Undo").wait_for()
        emil.settle(DRAWN)
        found["deleted"] = violations(emil.page)
    assert not any(found.values()), _report(found)


@pytest.mark.usefixtures("readers_as_before")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_that_asks_about_a_document_breaks_a_rule(house: House, visit: Visit, scheme: str) -> None:
    rules = {"default": ["everyone"], "rules": [{"glob": "hr/**", "readers": ["board"]}]}
    assert house.call("ada", "PATCH", "/api/sources/handbook", json={"readers": rules}).status_code == 200
    found: dict[str, list[Violation]] = {}
    with visit(house, "ada", color_scheme=scheme) as ada:
        ada.open("/documents?source=handbook&key=hr/salaries.md")
        ada.click("button", "Open by break-glass")
        found["break-glass"] = _dialog(ada, f"axe-{scheme}-break-glass")
        ada.click("button", "Delete")
        ada.page.locator(".st-key-confirm-document button").wait_for()
        ada.settle(DRAWN)
        found["delete"] = violations(ada.page)
        ada.shot(f"axe-{scheme}-delete")
    assert not any(found.values()), _report(found)


def _ask_and_read(visitor: Visitor) -> None:
    """Open the chat, ask, and wait for the answer."""
    visitor.open()
    visitor.sees("What would you like to know?")
    visitor.ask("What may a hotel cost?")
    visitor.answered("140 euros")
    visitor.settle(DRAWN)


def _dialog(visitor: Visitor, shot: str) -> list[Violation]:
    """Return what is wrong with the page while its dialog is open; close it."""
    dialog = visitor.page.get_by_role("dialog")
    dialog.wait_for()
    visitor.settle(DRAWN)
    wrong = violations(visitor.page)
    visitor.shot(shot)
    visitor.page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    return wrong


def test_the_chat_works_by_keyboard_alone(house: House, visit: Visit) -> None:
    with visit(house, "emil") as emil:
        emil.open()
        emil.sees("What would you like to know?")
        emil.settle(DRAWN)
        names = _walk(emil, 40)
        assert all(names), names  # a screen reader has something to say of each
        order = [
            next(at for at, name in enumerate(names) if wanted in name) for wanted in ("New chat", "Chat", "Ask about")
        ]
        assert order == sorted(order), names
        emil.page.get_by_role("textbox", name="Ask about your documents").focus()
        emil.page.keyboard.type("What may a hotel cost?")
        emil.page.keyboard.press("Enter")
        emil.answered("140 euros")
        emil.settle(DRAWN)
        cite = emil.page.locator("button.as-cite").first
        for _ in range(80):
            emil.page.keyboard.press("Tab")
            if cite.evaluate("(element) => element === document.activeElement"):
                break
        else:
            pytest.fail("the citation is not reached by the Tab key")
        emil.page.keyboard.press("Enter")
        emil.page.locator("mark").first.wait_for()
        emil.page.keyboard.press("Escape")
        emil.page.locator("mark").first.wait_for(state="hidden")


def _look(visitor: Visitor, name: str) -> None:
    visitor.open("/" if name == "chat" else f"/{name}")
    visitor.page.locator("h1").first.wait_for()
    visitor.settle(DRAWN)


def _walk(visitor: Visitor, steps: int) -> list[str]:
    """Return the names of what has the focus, step by step, until the round begins again."""
    seen: list[str] = []
    for _ in range(steps):
        visitor.page.keyboard.press("Tab")
        name = visitor.page.evaluate(NAME)
        if name is None:
            break
        seen.append(name)
    return seen


NAME = """() => {
    const on = document.activeElement;
    if (!on || on === document.body) return null;
    const by = (on.getAttribute("aria-labelledby") || "").split(" ").map(id => document.getElementById(id)?.innerText);
    const labels = [...(on.labels || [])].map(label => label.innerText);
    const parts = [on.getAttribute("aria-label"), ...by, ...labels, on.innerText, on.title, on.placeholder];
    const images = [...on.querySelectorAll("[aria-label], img[alt]")].map(one => one.ariaLabel || one.alt);
    return [...parts, ...images].filter(Boolean).join(" ").trim();
}"""


def _report(found: dict[str, list[Violation]]) -> str:
    lines = [
        f"{name}: {one.rule} {one.target}\n    {one.html}\n    {one.why}"
        for name, wrong in found.items()
        for one in wrong
    ]
    return "\n".join(lines)
