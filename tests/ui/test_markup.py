"""Markup from wherever it comes does nothing in a real Chromium, with the Content-Security-Policy switched off.

What holds here is the rendering alone; that the policy holds too, each test of `test_browser` sees.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.fakes import api_content
from tests.fakes.api import FakeApi, Refused
from tests.fakes.api_content import FakeDocument, Script, cite, plan
from tests.fakes.markup import MARKUP
from tests.ui.browsing import MILLISECONDS, ask, browser, is_foreign, pytestmark, served  # noqa: F401 - fixtures, and marks

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

EVERY = "\n\n".join(MARKUP)
ONE_LINE = " ".join(EVERY.split())
DOCUMENT = FakeDocument("handbook", f"it/{ONE_LINE}.html", ONE_LINE, "text/html", EVERY + "\n\nThe quote.\n\n" + EVERY)
CALLS = (
    {**api_content.SUM, "name": ONE_LINE[:60], "arguments": {ONE_LINE: EVERY}, "result": EVERY, "error": ""},
    {**api_content.ORDER, "name": ONE_LINE[:60], "arguments": {ONE_LINE[:60]: EVERY, "cost": 1}},
)
# What Streamlit's own page has of these is there before anything is asked.
FORBIDDEN = (
    "iframe, object, embed, base[href], meta[http-equiv=refresh], form[action], a[href^='javascript:'], marquee, video,"
    " audio, a[href^='data:'], img[src='x'], [onerror], [onload], [onfocus], [ontoggle], [onbegin], .as-answer a,"
    " .as-answer img, .as-answer svg, .as-answer math, .as-answer style, .as-text img, .as-text a, .as-text style"
)


def hostile(api: FakeApi) -> None:
    """Put markup wherever the API says something."""
    passages = [{"document": DOCUMENT.name, "start": 0, "end": 90, "tokens": 150}]
    api_content.SCRIPTS["corpus"] = Script(
        plan(reason=EVERY, passages=passages, left_out=[{**DOCUMENT.name, "tokens": 1}]),
        tuple(f"{one}\n\n" for one in MARKUP),
        (cite(1, DOCUMENT, "The quote.", heading=(ONE_LINE, EVERY)), cite(2, DOCUMENT, EVERY, verified=False)),
    )
    api_content.SCRIPTS["errand"] = Script(plan(), (EVERY,), tools=CALLS)
    api.documents.append(DOCUMENT)
    api.sources[ONE_LINE] = {
        **api.sources["handbook"],
        "name": ONE_LINE,
        "config": {"path": EVERY},
        "last_error": EVERY,
    }
    api.runs[0]["error"] = EVERY
    api.runs[0]["source"] = ONE_LINE
    api.tools.add({"name": ONE_LINE, "kind": "shop", "groups": [ONE_LINE], "config": {"url": EVERY}})
    api.tools.held[ONE_LINE].update(error=EVERY, tried=EVERY)


def harmless(page: Page, place: str) -> None:
    """See that nothing of the markup is an element, and that none of it has run."""
    page.wait_for_timeout(300)
    found = page.evaluate(f"[...document.querySelectorAll({json.dumps(FORBIDDEN)})].map(one => one.outerHTML)")
    assert not found, f"{place}: {found[:3]}"
    assert not page.evaluate("window.hacked"), place


def shown(page: Page) -> None:
    """Wait until some of it is there to be read."""
    for _ in range(300):
        if "hacked" in page.inner_text("body"):
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"{page.url} shows none of it: {page.inner_text('body')[:2000]}")


@pytest.mark.timeout(600)
def test_nothing_of_it_is_more_than_text(
    browser: Browser,  # noqa: F811
    served: tuple[str, psutil.Process],  # noqa: F811
    api: FakeApi,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for word in ("corpus", "errand"):
        monkeypatch.setitem(api_content.SCRIPTS, word, api_content.CUT)  # so that they are taken out again at the end
    hostile(api)
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.set_default_timeout(MILLISECONDS)
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url) if is_foreign(request.url) else None)
    page.goto(served[0])
    ask(page, f"corpus {EVERY}"[:7900])
    page.locator(".as-card").first.wait_for()
    harmless(page, "chat")
    page.locator(".as-plan summary").first.click()
    harmless(page, "a plan")
    page.locator(".as-card").first.click()
    page.get_by_role("dialog").locator("mark").wait_for()
    harmless(page, "a citation's place")
    page.keyboard.press("Escape")
    page.goto(served[0])
    ask(page, "errand")
    page.get_by_role("button", name="Do it").wait_for()
    page.locator(".as-tools summary").first.click()
    harmless(page, "calls of tools")
    for path in ("/documents", "/sources", "/runs", "/runs?run=run-1", "/tools"):
        page.goto(served[0] + path)
        page.locator("h1").first.wait_for()
        shown(page)
        harmless(page, path)
    page.goto(served[0] + "/documents")
    shown(page)
    page.locator("a", has_text="hacked").first.click()
    page.locator(".as-text").first.wait_for()
    harmless(page, "a document")
    api.refusal = Refused(403, EVERY, EVERY, ONE_LINE)
    page.goto(served[0] + "/documents")
    shown(page)
    harmless(page, "an error")
    context.close()
    assert foreign == []
