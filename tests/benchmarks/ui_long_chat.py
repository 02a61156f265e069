"""How the chat page bears long chats, and how soon a word is on the screen: `python -m tests.benchmarks.ui_long_chat`.

Prints JSON: seconds of a rerun in Streamlit's test harness and of the first paint in Chromium for chats of 10, 50 and
200 turns; and, while answers stream under a chat of each length, the milliseconds from when the API sends a word until
it stands in the page. The API is the scripted one, so that nothing but the UI is measured; it sends the first words
while the page is still drawn anew with the question in it, so that those sent later are shown by themselves, too.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

from tests.fakes.api import FakeApi
from tests.fakes.api_content import HOTEL
from tests.fakes.api_conversations import Talks
from tests.fakes.chromium import CHROMIUM, FLAGS
from tests.fakes.web_ui import running_ui
from ui.run import SCRIPT

if TYPE_CHECKING:
    from playwright.sync_api import Browser

LENGTHS = (10, 50, 200)
RERUNS = 7
PAINTS = 3
DRAWN_MS = 1000  # after the first word, when the page with the question has been drawn
_WATCH = """
() => {
  window.seen = {};
  const look = () => {
    for (const [, word] of (document.querySelector(".as-live")?.textContent ?? "").matchAll(/Word (\\d+) /g))
      window.seen[word] ??= Date.now();
  };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
}
"""


def filled(talks: Talks, length: int) -> str:
    """Add a chat of so many answered questions; return its id."""
    begun = talks.begin({"question": f"A chat of {length} turns"})
    held = talks.held[begun["conversation"]["id"]]
    held["turns"].clear()
    parent = None
    for number in range(length):
        turn = talks.ask(held, {"question": f"Question {number}: what does a hotel cost?"}, parent)
        turn.update(plan=HOTEL.plan, answer="".join(HOTEL.deltas), state="complete", found=True)
        turn.update(citations=list(HOTEL.citations), model="extractive", usage={}, timings={})
        parent = turn["id"]
    return str(held["id"])


def rerun_seconds(chat: str) -> dict[str, float]:
    """Return the seconds in which a chat is opened, and the median of a rerun with nothing new."""
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file(str(SCRIPT.with_name("app.py")), default_timeout=120)
    app.query_params["chat"] = chat
    started = time.perf_counter()
    app.run()
    opened = time.perf_counter() - started
    assert not app.exception, app.exception
    taken = []
    for _ in range(RERUNS):
        started = time.perf_counter()
        app.run()
        taken.append(time.perf_counter() - started)
    return {"open": round(opened, 3), "rerun": round(statistics.median(taken), 3)}


def paint_seconds(browser: Browser, url: str, chat: str) -> float:
    """Return the median seconds from the call of a chat's address until its last answer is drawn, in a warm browser."""
    context = browser.new_context(viewport={"width": 1280, "height": 850})
    taken = []
    for _ in range(PAINTS + 1):
        page = context.new_page()
        started = time.perf_counter()
        page.goto(f"{url}/?chat={chat}")
        page.locator("[class*=st-key-actions-last] button").first.wait_for()
        taken.append(time.perf_counter() - started)
        page.close()
    context.close()
    return round(statistics.median(taken[1:]), 3)


def delays(browser: Browser, url: str, chat: str, sent: dict[str, float]) -> dict[str, Any]:
    """Return the milliseconds from sending a word until it is in the page: all, and those after a second."""
    page = browser.new_page(viewport={"width": 1280, "height": 850})
    page.goto(f"{url}/?chat={chat}")
    page.locator("[class*=st-key-actions-last] button").first.wait_for()
    page.evaluate(_WATCH)
    sent.clear()
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill("slow")
    box.press("Enter")
    page.get_by_text("Word 58").wait_for(timeout=60_000)
    seen: dict[str, float] = page.evaluate("window.seen")
    page.close()
    found = [(sent[word], at - sent[word]) for word, at in seen.items() if word in sent]
    drawn = min(at for at, _ in found) + DRAWN_MS
    return {"all": _ranked([ms for _, ms in found]), "drawn": _ranked([ms for at, ms in found if at > drawn])}


def _ranked(found: list[float]) -> dict[str, float]:
    ranked = sorted(round(one, 1) for one in found)
    p95 = ranked[int(0.95 * (len(ranked) - 1))]
    return {"words": len(ranked), "p50": statistics.median(ranked), "p95": p95, "max": ranked[-1]}


def main() -> int:
    """Measure and print. Returns 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--without-browser", action="store_true", help="only the reruns")
    options = parser.parse_args()
    found: dict[str, Any] = {}
    with FakeApi() as api:
        os.environ["ASSISTANT_API_URL"] = api.url
        chats = {length: filled(api.talks, length) for length in LENGTHS}
        found["rerun"] = {length: rerun_seconds(chat) for length, chat in chats.items()}
        if not options.without_browser:
            from playwright.sync_api import sync_playwright

            sent: dict[str, float] = {}
            api.talks.tell = lambda delta: sent.setdefault(delta.split()[-1], time.time() * 1000)
            with running_ui(api.url) as (url, _), sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
                found["paint"] = {length: paint_seconds(browser, url, chat) for length, chat in chats.items()}
                found["delay_ms"] = {length: delays(browser, url, chat, sent) for length, chat in chats.items()}
                browser.close()
    sys.stdout.write(json.dumps(found, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
