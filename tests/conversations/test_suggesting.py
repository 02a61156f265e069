"""What is suggested to be asked, and that it never names what its reader may not read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from assistant.access.outlines import Outline
from assistant.conversations import ShownTurn
from assistant.conversations.suggesting import Suggestion, first_suggestions, follow_ups, sections_of
from assistant.types import Access, DocumentInfo, DocumentRef, Passage, User
from tests.conversations.conftest import ANN, BOB, Office

BODY = "This section says at some length what has to be known of it, so that a question on it finds an answer. " * 2
TRAVEL = DocumentRef("s", "travel.md", "1", "Travel policy", "", "text/markdown", Access(frozenset({"group:everyone"})))
PAY = DocumentRef("s", "pay.md", "1", "Pay", "", "text/markdown", Access(frozenset({"group:hr"})))


def outline(ref: DocumentRef, *headings: str, body: str = BODY) -> Outline:
    text, starts = "", []
    for heading in headings:
        starts.append(len(text))
        text += f"{heading}\n{body}\n"
    return Outline(ref, text, tuple(starts), tuple(starts))


class Shelf:
    """Holds outlines, and shows those that a user may read."""

    def __init__(self, *outlines: Outline) -> None:
        self.held = {one.ref.id: one for one in outlines}

    def readable(self, document_ids: Iterable[str], user: User) -> Mapping[str, DocumentInfo]:
        may = {key: self.held[key].ref for key in document_ids if key in self.held}
        return {k: info(ref) for k, ref in may.items() if ref.access.allow & user.principals}

    def outlines(self, refs: Iterable[DocumentRef], user: User) -> Mapping[str, Outline]:
        return {key: self.held[key] for key in self.readable([ref.id for ref in refs], user)}


def info(ref: DocumentRef) -> DocumentInfo:
    return DocumentInfo(ref, 0, 1, 1000, 100)


def turn(*places: tuple[DocumentRef, int], question: str = "What does a hotel cost?") -> ShownTurn:
    cited: list[Any] = [
        SimpleNamespace(citation=SimpleNamespace(kind="text", passage=Passage(ref, start, start + 5, "words")))
        for ref, start in places
    ]
    cited.append(SimpleNamespace(citation=None))  # it is withdrawn
    return cast(ShownTurn, SimpleNamespace(citations=cited, record=SimpleNamespace(question=question), standalone=""))


def test_the_first_section_that_says_something_is_suggested() -> None:
    marks = ("# Travel policy", "## Contents", "## 2.1 Hotels and **meals**", "## Claims")
    found = first_suggestions([info(TRAVEL)], ANN, Shelf(outline(TRAVEL, *marks)), 4)
    assert found == [Suggestion(TRAVEL, "Hotels and meals")]


def test_a_document_without_a_full_section_is_suggested_as_a_whole() -> None:
    shelf = Shelf(outline(TRAVEL, "# Hotels", "# 12", "#", body="Short."))
    assert first_suggestions([info(TRAVEL)], ANN, shelf, 4) == [Suggestion(TRAVEL)]


def test_what_may_not_be_read_gives_nothing_at_once() -> None:
    shelf = Shelf(outline(PAY, "# Grade K7"), outline(TRAVEL, "# Hotels"))
    assert [one.ref for one in first_suggestions([info(PAY), info(TRAVEL)], BOB, shelf, 4)] == [TRAVEL]
    assert [one.ref for one in first_suggestions([info(PAY), info(TRAVEL)], ANN, shelf, 1)] == [PAY]
    cited = turn((PAY, 0), (TRAVEL, 0))
    assert follow_ups(cited, BOB, Shelf(outline(PAY, "# Grade K7", "# Bonus")), 3) == []


def test_of_one_document_its_sections_are_suggested() -> None:
    shelf = Shelf(outline(TRAVEL, "# Travel policy", "# Hotels", "# Meals", "# Hotels", "# Claims"))
    assert [one.heading for one in sections_of(info(TRAVEL), ANN, shelf, 2)] == ["Hotels", "Meals"]
    assert sections_of(info(replace(TRAVEL, flagged=True)), ANN, shelf, 2) == [
        Suggestion(replace(TRAVEL, flagged=True))
    ]
    assert sections_of(info(PAY), BOB, Shelf(outline(PAY, "# Grade K7")), 2) == []


def test_the_same_words_are_not_suggested_twice() -> None:
    copy = replace(TRAVEL, key="copy.md")
    shelf = Shelf(outline(TRAVEL, "# Hotels"), outline(copy, "# Hotels"))
    assert len(first_suggestions([info(TRAVEL), info(copy)], ANN, shelf, 4)) == 1


def test_after_an_answer_the_sections_next_to_the_cited_ones_of_each_document_in_turn() -> None:
    travel = outline(TRAVEL, "# Trains", "# Hotels", "# Meals", "# Claims", "# Insurance")
    shelf = Shelf(travel, outline(PAY, "# Grades", "# Bonus"))
    found = follow_ups(turn((TRAVEL, travel.headings[1] + 12), (PAY, 3)), ANN, shelf, 4)
    assert [one.heading for one in found] == ["Meals", "Bonus", "Trains", "Claims"]
    asked = turn((TRAVEL, travel.headings[1] + 12), question="What of meals and trains?")
    assert [one.heading for one in follow_ups(asked, ANN, shelf, 1)] == ["Claims"]


def test_a_document_that_reads_like_orders_gives_no_follow_ups() -> None:
    flagged = replace(TRAVEL, flagged=True)
    assert follow_ups(turn((flagged, 0)), ANN, Shelf(outline(flagged, "# Hotels", "# Meals")), 3) == []


def test_a_stored_turn_gives_its_own(office: Office) -> None:
    _, answered = office.begin()
    assert follow_ups(answered, ANN, office.system.library, 3) == []  # its documents have no headings
