"""Answers under way: stopped and asked again, found again after a reload, waiting for a yes, and on a phone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from plugins.net.serving import Answer, Request, SceneServer
from tests.journeys.conftest import Visit
from tests.journeys.house import House
from tests.journeys.model import SLOW_WORDS
from tests.journeys.visitor import Visitor

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def tickets(house: House) -> Iterator[list[dict[str, str]]]:
    """The tickets that were opened at the help desk, whose tool the house has."""
    opened: list[dict[str, str]] = []

    def answer(request: Request) -> Answer:
        opened.append(json.loads(request.body))
        return Answer(json.dumps({"id": len(opened)}).encode(), 201, "application/json")

    desk = SceneServer(answer)
    config = {"url": f"{desk.url}/tickets", "private_hosts": ["127.0.0.1"]}
    body = {"name": "helpdesk", "kind": "ticket", "config": config, "groups": ["everyone"]}
    made = house.call("ada", "POST", "/api/tools", json=body)
    assert made.status_code == 201, made.text
    yield opened
    desk.close()


def test_an_answer_is_stopped_and_written_again(house: House, visit: Visit) -> None:
    with visit(house, "emil") as emil:
        emil.open()
        emil.ask("Tell me everything about leave")
        emil.answered("word20", cited=False)
        emil.click("button", re.compile("Stop"))
        emil.sees("Stopped.")
        emil.shot("stopped")
        assert f"word{SLOW_WORDS - 1}" not in emil.answer.inner_text()
        emil.click("button", re.compile("refresh|Answer again"), last=True)
        emil.answered("word10", cited=False)
        emil.click("button", re.compile("Stop"))
        emil.sees("Stopped.")
        emil.sees("2 of 2")


def test_an_answer_goes_on_after_a_reload(house: House, visit: Visit) -> None:
    with visit(house, "emil") as emil:
        emil.open()
        emil.ask("Tell me everything about leave")
        emil.answered("word10", cited=False)
        emil.page.wait_for_url("**/?chat=*")
        before = _last_word(emil)
        emil.page.reload()
        emil.answered(f"word{before + 20}", cited=False)
        emil.shot("resumed", moving=True)
        text = emil.answer.inner_text()
        assert text.startswith("Employees have 28 days of leave")
        assert [f"word{at}" in text for at in range(before)] == [True] * before
        emil.click("button", re.compile("Stop"))
        emil.sees("Stopped.")


def test_a_tool_that_writes_waits_for_a_yes(house: House, visit: Visit, tickets: list[dict[str, str]]) -> None:
    with visit(house, "emil") as emil:
        emil.open()
        emil.ask("Open a ticket for a new screen")
        emil.page.get_by_role("heading", name="May the assistant call helpdesk?").wait_for()
        assert not tickets
        emil.shot("tool-asks")
        emil.click("button", "Do it")
        emil.answered("The ticket is open", cited=False)
        emil.shot("tool-done")
        assert [(one["title"], one["reporter"]) for one in tickets] == [("A new screen", "emil")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_has_all_of_the_chat(house: House, visit: Visit, scheme: str) -> None:
    with visit(house, "emil", viewport=PHONE, color_scheme=scheme, has_touch=True, is_mobile=True) as emil:
        emil.open()
        emil.sees("What would you like to know?")
        _fits(emil)
        emil.shot(f"phone-{scheme}-1-empty")
        emil.ask("What may a hotel cost?")
        emil.answered("140 euros")
        _fits(emil)
        emil.shot(f"phone-{scheme}-2-answered")
        emil.page.locator("button.as-cite").first.tap()
        emil.page.locator("mark").first.wait_for()
        _fits(emil)
        emil.shot(f"phone-{scheme}-3-source")


def _fits(visitor: Visitor) -> None:
    assert visitor.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def _last_word(visitor: Visitor) -> int:
    return max(map(int, re.findall(r"word(\d+)", visitor.answer.inner_text())))
