"""An admin takes a right away, and the employee's next question no longer shows the document."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.journeys import papers
from tests.journeys.conftest import Visit
from tests.journeys.house import House


@pytest.fixture(autouse=True)
def readers_as_before(house: House) -> Iterator[None]:
    """Put the rule back at the end."""
    yield
    done = house.call("ada", "PATCH", "/api/sources/handbook", json={"readers": papers.READERS})
    assert done.status_code == 200, done.text
    house.call("ada", "POST", "/api/sources/handbook/sync")


def test_a_right_that_is_taken_away_is_gone_with_the_next_question(house: House, visit: Visit) -> None:
    with visit(house, "hanna") as hanna, visit(house, "ada") as ada:
        hanna.open()
        hanna.ask("What is grade K7 paid?")
        hanna.answered("4,310")
        hanna.shot("rights-1-before")

        ada.open("/access")
        ada.sees("Who may read a source").click()
        ada.fill("Rules, one a line", "hr/**: board")
        ada.click("button", "Preview")
        ada.sees("loses")
        ada.shot("rights-2-preview")
        ada.click("button", re.compile("Set$"))
        ada.sees("The rule is set")
        ada.shot("rights-3-set")

        hanna.ask("What is grade K7 paid?")
        hanna.sees("Not found")
        hanna.shot("rights-4-after")
        assert "4,310" not in hanna.page.locator("[class*=st-key-turn-]").last.inner_text()
        hanna.page.reload()
        hanna.sees("withdrawn")
        assert "4,310" not in hanna.page.inner_text("body")
        hanna.shot("rights-5-old-answer")
