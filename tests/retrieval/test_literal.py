"""Hits that have a query's words in a row come first; two words in common with a question move little."""

from __future__ import annotations

import pytest

from assistant.retrieval.literal import BONUS, DEPTH, lifted, longest_run
from assistant.retrieval.query import read_query
from assistant.types import Chunk, Hit


def hit(name: str, text: str, score: float, **more: object) -> Hit:
    return Hit(name, "1", Chunk(name, 0, 0, len(text), text, **more), score)


def order(query: str, *hits: Hit) -> list[str]:
    return [one.document_id for one in lifted(hits, read_query(query))]


def test_the_heaviest_run_of_words_counts():
    words, weights = ["what", "is", "git", "push", "force"], [0, 0, 1, 1, 1]
    assert longest_run(words, weights, ["a", "git", "push", "force", "b"]) == 3
    assert longest_run(words, weights, ["git", "push", "x", "force"]) == 2
    assert longest_run(words, weights, ["what", "is", "git", "git", "git"]) == 1
    assert longest_run(words, weights, []) == 0
    assert longest_run(["a", "a", "b"], [1, 1, 1], ["a", "a", "a", "b"]) == 3


@pytest.mark.parametrize("query", ["SF-182", "What is SF-182 for?", '"sf-182"', "sf 182"])
def test_a_code_is_lifted_above_its_parts(query):
    near = hit("near", "the form of 182 offices in SF", 0.6)
    assert order(query, near, hit("code", "Fill in SF-182 before.", 0.4)) == ["code", "near"]


def test_a_quoted_phrase_counts_and_not_the_rest_of_the_query():
    rest = hit("rest", "where does it say how leave is sick", 0.6)
    assert order('where does it say "sick leave"', rest, hit("phrase", "all of it is sick leave", 0.4))[0] == "phrase"


def test_headings_count_and_notices_do_not():
    headed = hit("headed", "text", 0.5, heading_path=("Sick leave",))
    assert order("sick leave", hit("other", "words", 0.6), headed) == ["headed", "other"]
    noticed = hit("noticed", "sick leave", 0.5, notices=((0, 10),))
    assert order("sick leave", hit("other", "words", 0.6), noticed) == ["other", "noticed"]


def test_the_bonus_is_small_for_little_and_nothing_for_stop_words():
    found = lifted([hit("a", "leave is due", 0.5)], read_query("sick leave policy of the office"))
    assert found[0].score == pytest.approx(0.5 + BONUS / 16)
    hits = [hit("a", "the of", 0.5), hit("b", "x", 0.4)]
    assert lifted(hits, read_query("the of")) == hits
    assert lifted(hits, read_query("??")) == hits


def test_what_is_far_down_stays():
    hits = [hit(f"{n:03}", "other", 1 - n / 100) for n in range(DEPTH)] + [hit("last", "sick leave", 0.1)]
    assert order("sick leave", *hits)[-1] == "last"
