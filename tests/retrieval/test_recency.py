"""Newer documents come forward where the question asks for it, and nowhere else."""

from __future__ import annotations

import pytest

from assistant.retrieval.recency import Wish, prefer_recent, recency_wish
from tests.retrieval.candidates import candidate, keys


@pytest.mark.parametrize(
    "question",
    [
        "What is the latest travel policy?",
        "newest release notes",
        "the most recent audit",
        "What is our current rate?",
        "How many people are currently employed?",
        "What changed this year?",
        "Was ist die aktuelle Reisekostenregelung?",
        "Wie viele Urlaubstage gibt es dieses Jahr?",
        "das neueste Handbuch",
        "Quelle est la politique actuelle ?",
        "la dernière version du contrat",
        "¿Cuál es la última versión?",
        "las normas actuales",
        "qual è la procedura attuale?",
        "quest'anno",
        "a política atual",
        "de nieuwste regels",
    ],
)
def test_questions_that_ask_for_what_is_new(question: str) -> None:
    assert recency_wish(question) == Wish()


@pytest.mark.parametrize(
    "question",
    [
        "What are the current assets?",
        "the current ratio in 2023",
        "How is electric current measured?",
        "the actual cost",
        "When was the company founded?",
        "What were total assets as of June 30, 2023?",
        "Revenue in 2024",
        "This yearly report",
        "Wie lautet der Stand der Technik?",
        "Where do I stand 2024 times?",
        "",
    ],
)
def test_questions_that_do_not(question: str) -> None:
    assert recency_wish(question) is None


def test_a_date_that_the_answer_is_to_be_as_of() -> None:
    assert recency_wish("the travel policy as of 2024") == Wish("2024-12-31T23:59:59Z")
    assert recency_wish("as of the end of 2022?") == Wish("2022-12-31T23:59:59Z")
    assert recency_wish("Reisekosten, Stand 2023-06-01") == Wish("2023-06-01T23:59:59Z")


def test_the_newest_comes_forward_but_not_past_everything() -> None:
    found = [candidate(f"{n}", score=1 - n / 10, date=f"20{10 + n}-01-01T00:00:00Z") for n in range(8)]
    moved = prefer_recent(found, Wish())
    assert keys(moved) != keys(found)
    assert keys(moved).index("7") < 7
    assert keys(moved)[0] != "7"
    assert [one.passage.score for one in moved] == [one.passage.score for one in found]
    old, new = candidate("old", date="2020-01-01T00:00:00Z"), candidate("new", date="2024-01-01T00:00:00Z")
    assert keys(prefer_recent([old, new], Wish())) == ["new", "old"]
    assert keys(prefer_recent([old, new], Wish("2022-12-31T23:59:59Z"))) == ["old", "new"]


def test_without_dates_nothing_moves() -> None:
    found = [candidate("a"), candidate("b", date="2024-01-01T00:00:00Z"), candidate("c")]
    assert prefer_recent(found, Wish()) == found
    assert prefer_recent([], Wish()) == []
