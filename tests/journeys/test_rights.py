"""An admin takes a right away, and the employee's next question no longer shows the document."""

from __future__ import annotations

import re

import pytest

from tests.journeys.conftest import Visit
from tests.journeys.house import House


@pytest.mark.usefixtures("readers_as_before")
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
