"""An admin adds a web site by the form of its plugin, sees it being read, and mends it when its sign-in is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from plugins.net.serving import Answer, Request, SceneServer
from tests.journeys.conftest import Visit
from tests.journeys.house import House

PAGES = {
    "/": '<html><title>Intranet</title><body><h1>Intranet</h1><a href="/canteen">Canteen</a></body></html>',
    "/canteen": "<html><title>Canteen</title><body><h1>Canteen</h1><p>The canteen opens at seven.</p></body></html>",
}


@dataclass(slots=True)
class Site:
    """A web site behind a sign-in, whose token can be changed."""

    token: str = "first"  # noqa: S105 - of this site alone
    server: SceneServer = field(init=False)

    def __post_init__(self) -> None:
        self.server = SceneServer(self._answer)

    def _answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return Answer(b"sign in first", 401)
        body = PAGES.get(request.target)
        if body is None:
            return Answer(b"not here", 404)
        return Answer(body.encode(), media_type="text/html; charset=utf-8")


@pytest.fixture
def site(house: House) -> Iterator[Site]:
    made = Site()
    yield made
    house.call("ada", "DELETE", "/api/sources/intranet")
    made.server.close()


def test_a_web_site_is_added_read_and_mended(house: House, visit: Visit, site: Site) -> None:
    with visit(house, "ada") as ada, visit(house, "emil") as emil:
        ada.open("/sources")
        ada.settle()
        ada.click("button", re.compile("Add a source"))
        ada.choose("Kind", "Web site")
        ada.fill("Name of the source", "intranet")
        ada.fill("Start pages", f"{site.server.url}/")
        ada.page.get_by_text("More", exact=True).first.click()
        ada.fill("Hosts in a private network", "127.0.0.1")
        ada.fill("Headers", f"Authorization: Bearer {site.token}")
        ada.page.get_by_role("spinbutton", name=re.compile("Seconds between requests")).fill("0")
        ada.shot("source-1-form")
        ada.click("button", re.compile(r"Add( this source)?$"))
        ada.sees(re.compile("Healthy"))
        ada.shot("source-2-read")

        emil.open()
        emil.ask("When does the canteen open?")
        emil.answered("opens at seven")

        site.token = "second"  # noqa: S105
        ada.click("button", re.compile("Sync now|Sync$"))
        ada.sees("Failing")
        ada.shot("source-3-refused")
        ada.click("link", "Look at its settings")
        ada.fill("Headers", f"Authorization: Bearer {site.token}")
        ada.shot("source-4-mending")
        ada.click("button", "Save")
        ada.sees("Healthy")
        ada.shot("source-5-mended")
