"""Takes the pictures of infra/docs/ui.md: every page of the web UI, wide and on a phone.

Usage: python infra/screenshots.py [--only NAME,…]; `make screenshots` calls it. It starts the assistant on a new home
with the small handbook of the journeys, asks the scripted model, and writes small PNGs into infra/docs/screens. It
needs Debian's chromium.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).parents[1]
SCREENS = ROOT / "infra/docs/screens"
WIDE, PHONE = {"width": 1280, "height": 850}, {"width": 390, "height": 844}
MOST_BYTES = 60_000
COLOURS = (128, 64, 32, 16)  # the first of these with which a picture is small enough

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.journeys.house import House
    from tests.journeys.visitor import Visitor


def main() -> None:
    """Take them all, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="Names of pages, separated by commas.")
    only = {name for name in parser.parse_args().only.split(",") if name}
    sys.path.insert(0, str(ROOT))
    SCREENS.mkdir(exist_ok=True)
    from playwright.sync_api import sync_playwright

    from tests.fakes.chromium import CHROMIUM, FLAGS

    with _house() as house, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        for kind, viewport in (("wide", WIDE), ("phone", PHONE)):
            _all(house, browser, kind, viewport, only)
        browser.close()


@contextmanager
def _house() -> Iterator[House]:
    from tests.fakes.model_server import ModelServer
    from tests.journeys import model
    from tests.journeys.house import running, seed

    with tempfile.TemporaryDirectory() as place, ModelServer(model.script()) as server:
        home = Path(place) / "home"
        sessions = seed(home, Path(place) / "handbook")
        variables = {"ASSISTANT_MODEL_URL": server.url, "ASSISTANT_SIGN_IN": "accounts"}
        with running(home, sessions=sessions, **variables) as house:
            yield house


def _all(house: House, browser: Browser, kind: str, viewport: dict[str, int], only: set[str]) -> None:
    from ui.pages import PAGES

    def wanted(name: str) -> bool:
        return not only or name in only

    with _visiting(house, browser, "emil", viewport) as emil:
        emil.open()
        emil.sees("What would you like to know?")
        if wanted("chat-empty"):
            _keep(emil, f"chat-empty-{kind}")
        emil.ask("What may a hotel cost?")
        emil.answered("140 euros")
        if wanted("chat"):
            _keep(emil, f"chat-{kind}")
        emil.page.locator("button.as-cite").first.click()
        emil.page.locator(".st-key-place-page img").first.wait_for()
        if wanted("source"):
            _keep(emil, f"source-{kind}")
    with _visiting(house, browser, "emil", viewport, color_scheme="dark") as emil:
        emil.open()
        emil.ask("How many days of leave are there?")
        emil.answered("28 days")
        if wanted("chat-dark"):
            _keep(emil, f"chat-dark-{kind}")
    names = [spec.name for spec in PAGES if spec.name != "chat" and wanted(spec.name)]
    with _visiting(house, browser, "ada", viewport) as ada, _visiting(house, browser, "otto", viewport) as otto:
        for name in names:
            person = otto if name in {"audit", "usage"} else ada
            person.open(f"/{name}")
            person.page.locator("h1").first.wait_for()
            _keep(person, f"{name}-{kind}")
        if wanted("groups"):
            ada.open("/people")
            ada.page.get_by_text("Groups", exact=True).first.click()
            ada.page.locator(".st-key-group-hr summary").first.click()
            ada.page.locator(".st-key-group-hr .as-entry").first.wait_for()
            _keep(ada, f"groups-{kind}")


@contextmanager
def _visiting(house: House, browser: Browser, person: str, viewport: dict[str, int], **more: Any) -> Iterator[Visitor]:
    from tests.journeys.visitor import SECONDS, Visitor

    context = browser.new_context(viewport=viewport, reduced_motion="reduce", **more)  # type: ignore[arg-type]
    context.set_default_timeout(SECONDS)
    context.add_cookies([{"name": "assistant_session", "value": house.sessions[person], "url": house.ui}])
    yield Visitor(context.new_page(), house.ui, SCREENS)
    context.close()


def _keep(visitor: Visitor, name: str) -> None:
    visitor.settle(60)
    (SCREENS / f"{name}.png").write_bytes(_small(visitor.page))
    sys.stdout.write(f"{name}.png\n")


def _small(page: Page) -> bytes:
    """Return a picture of the page with as many colours as leave it small."""
    from PIL import Image

    picture = Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")
    data = b""
    for colours in COLOURS:
        target = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(target, "PNG", optimize=True)
        data = target.getvalue()
        if len(data) < MOST_BYTES:
            return data
    raise SystemExit(f"a picture has {len(data):,} bytes with {COLOURS[-1]} colours, more than {MOST_BYTES:,}")


if __name__ == "__main__":
    main()
