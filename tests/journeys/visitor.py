"""Somebody at a browser: opens pages, clicks and types by the names that people and screen readers know things by."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import TimeoutError  # noqa: A004 - Playwright's own

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SECONDS = 120_000  # milliseconds: nothing is waited for longer, even where the machine has other work


@dataclass(slots=True)
class Visitor:
    """A person at a page.

    Attributes:
        page: of Playwright.
        base: the address of the web UI.
        shots: the folder that its pictures go to.
        clicks: how often something was clicked or sent with Enter, as a person counts.
    """

    page: Page
    base: str
    shots: Path
    clicks: int = 0
    problems: list[str] = field(default_factory=list)

    def open(self, path: str = "/") -> None:
        """Go to a page of the UI."""
        self.page.goto(self.base + path)

    def click(self, role: str, name: str | re.Pattern[str], *, exact: bool = False, last: bool = False) -> None:
        """Click what has this role and name."""
        found = self.page.get_by_role(role, name=name, exact=exact)  # type: ignore[arg-type]
        (found.last if last else found.first).click()
        self.clicks += 1

    def fill(self, name: str, text: str) -> None:
        """Type into the field with this name."""
        self.page.get_by_role("textbox", name=name).first.fill(text)

    def ask(self, question: str) -> None:
        """Ask in the chat; while a file is on its way there, the field swallows the key, and its button is disabled."""
        box = self.page.get_by_test_id("stChatInputTextArea")
        box.fill(question)
        self.page.locator("[data-testid=stChatInputSubmitButton]:enabled").wait_for()
        box.press("Enter")
        self.clicks += 1

    def sees(self, text: str | re.Pattern[str]) -> Locator:
        """Wait until this text can be seen."""
        found = self.page.get_by_text(text).first
        found.wait_for()
        return found

    @property
    def answer(self) -> Locator:
        """The last answer."""
        return self.page.locator(".as-answer").last

    def answered(self, text: str, *, cited: bool = True) -> None:
        """Wait until the last answer says this, and, if it is `cited`, until its sources stand below it."""
        self.page.locator(".as-answer", has_text=text).last.wait_for()
        if cited:
            self.page.locator(".as-card").last.wait_for()

    def choose(self, name: str, option: str) -> None:
        """Choose from a list; one that is opened while the page around it still moves closes by itself."""
        wanted = self.page.get_by_role("option", name=option)
        for _ in range(20):
            self.page.get_by_role("combobox", name=name).first.click()
            with suppress(TimeoutError):
                wanted.first.wait_for(timeout=5000)
                self.page.wait_for_timeout(300)
                if wanted.first.is_visible():  # still
                    break
        wanted.first.click()
        self.clicks += 2

    def settle(self, seconds: float = 15.0) -> None:
        """Wait until the page is drawn to its end; one that shows an answer under way is not for a while."""
        at_rest = self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]")
        try:
            at_rest.wait_for(state="attached", timeout=1000 * seconds)
        except TimeoutError:
            return  # something is under way, and the picture shows it
        self.page.locator('[data-testid="stSkeleton"]').first.wait_for(state="detached")
        self.page.locator('[data-stale="true"]').first.wait_for(
            state="detached"
        )  # Streamlit shows the old parts faintly
        self.page.wait_for_timeout(250)

    def shot(self, name: str, *, moving: bool = False) -> None:
        """Keep a picture of what is seen now; of what is `moving`, such as an answer under way, without waiting."""
        if not moving:
            self.settle()
        self.shots.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(self.shots / f"{name}.png"), animations="disabled")
