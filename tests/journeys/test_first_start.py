"""From a new home to the first cited answer, without a model and an account: three minutes and eight clicks at most."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest

from tests.journeys import papers
from tests.journeys.conftest import Visit
from tests.journeys.house import House, running

MOST_SECONDS, MOST_CLICKS = 180.0, 8


@pytest.fixture(scope="module")
def new_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, float]]:
    """An assistant that was just installed, and when it was started."""
    where = tmp_path_factory.mktemp("new")
    papers.write(where / "handbook")
    began = time.monotonic()
    with running(where / "home") as house:
        yield house, began


def test_a_new_home_soon_gives_a_cited_answer(new_house: tuple[House, float], visit: Visit) -> None:
    house, began = new_house
    with visit(house) as person:
        person.open()
        person.sees("Ask your documents")
        person.shot("first-1-welcome")
        person.fill("Folder", str(house.home.parent / "handbook"))
        person.clicks += 1  # into the field
        person.click("button", "Add folder")
        person.page.get_by_test_id("stChatInputTextArea").wait_for()
        person.sees(re.compile("What would you like to know"))
        person.shot("first-2-suggestions")
        person.ask("What may a hotel cost a night?")
        person.answered("140 euros")
        seconds = time.monotonic() - began
        person.shot("first-3-answer")
        person.page.locator("button.as-cite").first.click()
        person.page.locator("mark", has_text=papers.HOTEL).first.wait_for()
        person.shot("first-4-page")
    print(f"first start to first cited answer: {seconds:.1f} s, {person.clicks} clicks")
    assert seconds <= MOST_SECONDS
    assert person.clicks <= MOST_CLICKS
