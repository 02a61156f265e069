"""Languages that are written from the right: questions, answers and documents among them, and a whole page mirrored."""

from __future__ import annotations

import pytest

from tests.journeys.conftest import Visit
from tests.journeys.house import House

PHONE = {"width": 390, "height": 844}
ARABIC = (
    "\u0643\u0645 \u064a\u0648\u0645 \u0625\u062c\u0627\u0632\u0629 \u0641\u064a \u0627\u0644\u0633\u0646\u0629\u061f"
)
HEBREW = "\u05db\u05de\u05d4 \u05d9\u05de\u05d9 \u05d7\u05d5\u05e4\u05e9 \u05d1\u05e9\u05e0\u05d4?"
ANSWERS = {ARABIC: "\u064a\u062d\u0635\u0644", HEBREW: "\u05dc\u05db\u05dc"}
DIRECTION = "(element) => getComputedStyle(element).direction"


@pytest.mark.parametrize("question", [ARABIC, HEBREW], ids=["arabic", "hebrew"])
def test_words_go_in_their_own_direction(house: House, visit: Visit, question: str) -> None:
    with visit(house, "emil") as emil:
        emil.open()
        emil.ask(question)
        emil.answered(ANSWERS[question])
        emil.page.locator("button.as-cite").first.wait_for()
        assert emil.page.locator(".as-question").last.evaluate(DIRECTION) == "rtl"
        assert emil.answer.evaluate(DIRECTION) == "rtl"
        assert emil.page.locator(".as-quote").first.evaluate(DIRECTION) == "rtl"
        assert emil.page.evaluate("getComputedStyle(document.body).direction") == "ltr"
        emil.shot(f"direction-{'arabic' if question == ARABIC else 'hebrew'}")


@pytest.mark.parametrize("kind", ["wide", "phone"])
def test_a_page_can_be_mirrored(house: House, visit: Visit, kind: str) -> None:
    more = {"viewport": PHONE} if kind == "phone" else {}
    with visit(house, "ada", **more) as ada:
        for path in ("/", "/sources", "/people"):
            ada.open(path)
            ada.page.locator("h1").first.wait_for()
            if path == "/":
                ada.ask("What may a hotel cost?")
                ada.answered("140 euros")
            ada.settle()
            ada.page.evaluate("document.documentElement.dir = 'rtl'")
            ada.shot(f"mirrored-{kind}{path.replace('/', '-')}")
            width = ada.page.evaluate("document.documentElement.clientWidth")
            assert ada.page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_says_its_language(house: House, visit: Visit) -> None:
    with visit(house, "emil", locale="de-DE") as emil:
        emil.open()
        emil.page.locator("h1").first.wait_for()
        emil.page.locator("html[lang=de][dir=ltr]").wait_for(state="attached")
        emil.shot("german")
