"""Post-processors: what they may do to an answer, and what becomes of its citations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from assistant.answer.processing import processed
from assistant.types import (
    Answer,
    AnswerDone,
    Citation,
    ContextPlan,
    Passage,
    Question,
    TextDelta,
    Usage,
    User,
)
from tests.answer.memory import make_document

ANN = User("ann")
DOCUMENT = make_document("leave.md", "There are 28 days of leave.")
PLACE = Passage(DOCUMENT.ref, 0, 27, DOCUMENT.text)
TEXT = "Hello. There are 28 days [1]. Bye."
CITED = Citation(1, PLACE, DOCUMENT.text, verified=True, statement=(7, 29))
ANSWER = Answer(TEXT, True, (CITED,), ContextPlan("chunks", "", 1, 1), "m", Usage(1, 1), {})


@dataclass
class Processor:
    """Does as a test says."""

    does: Callable[[str], Any]
    name: str = "polish"
    seen: tuple[str, str, User] | None = None

    def process(self, question: str, text: str, user: User) -> Any:
        self.seen = question, text, user
        return self.does(text)


def after(*processors: Processor, answer: Answer = ANSWER) -> Answer:
    events = [TextDelta(TEXT), AnswerDone(answer)]
    first, last = processed(iter(events), Question("How many?"), ANN, lambda: processors)
    assert first == events[0]
    assert isinstance(last, AnswerDone)
    return last.answer


def test_a_processor_sees_question_text_and_person_and_may_leave_all_as_it_is() -> None:
    polish = Processor(lambda text: text)
    assert after(polish) == ANSWER
    assert polish.seen == ("How many?", TEXT, ANN)


def test_the_text_changes_and_the_statement_is_found_again() -> None:
    changed = after(Processor(lambda text: text.replace("Hello.", "Good morning to you.")), Processor(str.strip))
    assert changed.text == "Good morning to you. There are 28 days [1]. Bye."
    start, end = changed.citations[0].statement or (0, 0)
    assert changed.text[start:end] == TEXT[7:29]
    assert changed.notes == ("the post-processor polish changed the answer",)


def test_a_statement_that_was_changed_has_no_place() -> None:
    assert after(Processor(lambda text: text.replace("28", "twenty-eight"))).citations[0].statement is None


def test_one_that_fails_or_loses_a_citation_changes_nothing() -> None:
    def fail(text: str) -> str:
        raise ZeroDivisionError

    for does in (fail, lambda text: text.replace(" [1]", ""), lambda _: None, lambda text: f"{text} [2]"):
        kept = after(Processor(does))
        assert replace(kept, notes=()) == ANSWER
        assert "polish" in kept.notes[0]
    both = after(Processor(fail), Processor(str.upper))
    assert both.text == TEXT.upper()


def test_an_answer_that_waits_is_not_finished() -> None:
    polish = Processor(str.upper)
    assert after(polish, answer=replace(ANSWER, state="waiting")).text == TEXT
    assert polish.seen is None
