"""Passages are narrowed to what speaks of the question, exactly, and none is lost."""

from __future__ import annotations

import pytest

from assistant.retrieval.focusing import focus
from assistant.retrieval.sentences import sentence_spans
from tests.retrieval.candidates import candidate, keys

FILLER = " ".join(
    f"The weather on day {n} was dull and nobody went out to the garden behind the house." for n in range(6)
)
NEEDLE = "A pension is paid from the age of sixty-five on. It is paid each month."


def test_what_speaks_of_the_question_is_kept() -> None:
    long = candidate("long", f"{FILLER} {NEEDLE} {FILLER}", start=1000)
    other = candidate("other", f"{FILLER} The pension was paid.")
    found = focus("When is a pension paid?", [long, other], 2)
    assert keys(found) == ["long", "other"]
    for before, after in zip((long, other), found, strict=True):
        at = after.passage.start - before.passage.start
        assert before.passage.text[at : at + len(after.passage.text)] == after.passage.text
        assert after.passage.end - after.passage.start == len(after.passage.text)
        assert len(after.passage.text) < len(before.passage.text) / 2
    assert NEEDLE in found[0].passage.text
    assert "The pension was paid" in found[1].passage.text


def test_short_passages_and_questions_in_other_words_stay_whole() -> None:
    short = candidate("short", f"Something else. {NEEDLE} And more.")
    long = candidate("long", FILLER)
    assert focus("When is a pension paid?", [short, long], 2) == [short]
    assert focus("Wann gibt es Rente?", [short, long], 2) == [short, long]
    assert focus("", [long], 1) == [long]
    assert focus("pension", [], 3) == []


def test_a_passage_that_says_nothing_gives_way() -> None:
    found = [
        candidate("a", FILLER),
        candidate("b", f"{FILLER} {NEEDLE}"),
        candidate("c", FILLER),
        candidate("d", f"{NEEDLE} {FILLER}"),
        candidate("e", FILLER),
    ]
    assert keys(focus("When is a pension paid?", found, 2)) == ["b", "d"]
    assert keys(focus("When is a pension paid?", found, 9)) == ["b", "d"]
    assert keys(focus("When is a pension paid?", found, 1)) == ["b"]


def test_the_first_row_of_a_table_stays_with_what_is_kept_of_it() -> None:
    rows = "\n".join(
        f"| town {n} | {n}00 people and a longer note that says nothing much of anything |" for n in range(12)
    )
    table = candidate("table", f"| place | inhabitants |\n{rows}")
    (found,) = focus("inhabitants of town 11", [table], 1)
    assert found.passage.text.endswith(rows[-40:])
    assert found.passage.table_header in {"| place | inhabitants |", ""}
    assert found.passage.table_header or found.passage.text.startswith("| place")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("One.", 1),
        ('He said "no." Then he left.\nA line', 3),
        ("Version 3.5 is out! Is it? yes", 3),
        ("A list :\n- one\n\n- two", 3),
        ("我们有三十天假期。必须申请。", 2),
        ("a tokenised text , with blanks . And more .", 2),
    ],
)
def test_sentences_hold_all_that_is_said(text: str, count: int) -> None:
    spans = sentence_spans(text)
    assert len(spans) == count
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())
    assert all(text[a:b].strip() == text[a:b] for a, b in spans)
