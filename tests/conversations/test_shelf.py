"""A person's conversations in the list: what is found by its words, and what stands at the top."""

from __future__ import annotations

import pytest

from assistant.errors import NotFoundError
from tests.conversations.conftest import ANN, BOB, Office


def found(office: Office, query: str) -> list[str]:
    records, total = office.desk.page(ANN, query)
    assert total == len(records)
    return [record.title for record in records]


def test_words_of_title_question_and_answer_are_found_in_any_order(office: Office) -> None:
    first, _ = office.begin("When do I book a ticket?")
    office.go_on(first, "And what about \u00dcbernachtungen?")
    office.begin("What else?")
    office.desk.rename(ANN, first, "Trips")
    assert found(office, "TRIPS") == ["Trips"]
    assert found(office, "ticket when") == ["Trips"]
    assert found(office, "\u00dcBERNACHTUNG") == ["Trips"]
    assert found(office, "days booked 21") == ["What else?", "Trips"]
    assert found(office, "100% nothing_") == []
    assert office.desk.page(BOB, "ticket") == ([], 0)


def test_what_is_withdrawn_from_an_answer_is_not_found_by_it(office: Office) -> None:
    office.answerer.keys = ("salary.txt",)
    office.begin("What am I paid?")
    assert found(office, "4,310") == ["What am I paid?"]
    office.change("salary.txt", readers=("board",))
    assert found(office, "4,310") == []
    assert found(office, "paid") == ["What am I paid?"]  # the question is the person's own


def test_a_deleted_conversation_is_not_found(office: Office) -> None:
    conversation, _ = office.begin("When do I book a ticket?")
    office.desk.delete(ANN, conversation)
    assert found(office, "ticket") == found(office, "booked") == []


def test_the_pinned_come_first(office: Office) -> None:
    pinned, _ = office.begin("One")
    office.begin("Two")
    assert found(office, "") == ["Two", "One"]
    office.desk.pin(ANN, pinned, pinned=True)
    assert found(office, "") == ["One", "Two"]
    with pytest.raises(NotFoundError):
        office.desk.pin(BOB, pinned, pinned=False)
    office.desk.pin(ANN, pinned, pinned=False)
    assert found(office, "") == ["Two", "One"]


def test_many_answers_are_looked_at_in_a_few_readings(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        office.begin(f"Question {number}")
    asked = []
    library = office.system.library
    readable = library.readable
    monkeypatch.setattr(library, "readable", lambda ids, user: asked.append(1) or readable(ids, user))
    assert len(found(office, "booked")) == 3
    assert len(asked) == 1
