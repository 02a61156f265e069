"""Debian's Chromium, as the tests start it: it asks nobody for anything by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
]


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Run one; a process has room for one at a time, as Playwright's synchronous API has a loop of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


def told(page: Page) -> str:
    """Return the address and what a screen reader would say of the page, for the report of a test that failed."""
    from playwright.sync_api import Error

    try:
        return f"{page.url}\n{page.locator('body').aria_snapshot(timeout=10_000)}"
    except Error as error:
        return f"{page.url}\nnothing can be said of it: {error}"
