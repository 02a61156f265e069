"""How long each page of the web UI takes until it can be used, in a real Chromium.

    python -m tests.benchmarks.ui_pages [--rounds 3]

The house is `assistant up` on a new home with the handbook of the journeys. Each page is opened in a new session:
`first` in a browser that has never been here, and so loads Streamlit's scripts as well; `cold` in one that has them, as
on every later day. A page can be used when its heading stands there and its script has run to its end. `streamlit` is a
page of Streamlit's own with nothing but a heading on it, which none can be faster than. Prints one JSON object, with
seconds; needs Debian's chromium.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.fakes.chromium import CHROMIUM, FLAGS
from tests.fakes.model_server import ModelServer
from tests.fakes.web_ui import running_ui
from tests.journeys import model
from tests.journeys.house import House, running, seed
from tests.journeys.visitor import SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

AT_REST = "[data-testid=stApp][data-test-script-state=notRunning]"


def seconds(context: BrowserContext, url: str) -> float:
    """Return how long a page of a new session takes."""
    page = context.new_page()
    began = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.locator("h1").first.wait_for()
    page.locator(AT_REST).wait_for(state="attached")
    taken = time.perf_counter() - began
    page.close()
    return taken


def visiting(browser: Browser, house: House, person: str) -> BrowserContext:
    """Return a browser in which this person is signed in and which has loaded nothing."""
    context = browser.new_context()
    context.set_default_timeout(SECONDS)
    context.add_cookies([{"name": "assistant_session", "value": house.sessions[person], "url": house.ui}])
    return context


def measured(house: House, browser: Browser, rounds: int) -> dict[str, dict[str, float]]:
    """Open all pages."""
    from ui.pages import PAGES

    found = {"streamlit": bare(house, browser, rounds)}
    for spec in PAGES:
        url = f"{house.ui}/" if spec.is_first else f"{house.ui}/{spec.name}"
        context = visiting(browser, house, "otto" if spec.name in {"audit", "usage"} else "ada")
        found[spec.name] = opened(context, url, rounds)
    return found


def bare(house: House, browser: Browser, rounds: int) -> dict[str, float]:
    """Open a page of Streamlit's with a heading, served as the assistant's are."""
    with tempfile.TemporaryDirectory() as place:
        script = Path(place) / "bare.py"
        script.write_text("import streamlit as st\n\nst.html('<h1>Nothing else</h1>')\n")
        with running_ui(house.api, script) as (url, _):
            context = browser.new_context()
            context.set_default_timeout(SECONDS)
            return opened(context, url, rounds)


def opened(context: BrowserContext, url: str, rounds: int) -> dict[str, float]:
    """Open a page for the first time and then some times more; close the browser's window."""
    first = seconds(context, url)
    cold = [seconds(context, url) for _ in range(rounds)]
    context.close()
    return {"first": round(first, 2), "cold": round(statistics.median(cold), 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as place, ModelServer(model.script()) as server:
        home = Path(place) / "home"
        sessions = seed(home, Path(place) / "handbook")
        variables = {"ASSISTANT_MODEL_URL": server.url, "ASSISTANT_SIGN_IN": "accounts"}
        with running(home, sessions=sessions, **variables) as house, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
            pages = measured(house, browser, rounds)
            browser.close()
    print(json.dumps({"cores": os.cpu_count(), "load": os.getloadavg()[0], "pages": pages}, indent=2))


if __name__ == "__main__":
    main()
