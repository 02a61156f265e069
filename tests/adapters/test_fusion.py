"""Fusion: scaled scores added, by what both searches say of every candidate."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from assistant.adapters.fusion import DEPTH, Scores, fuse
from assistant.types import BALANCED, Ranking


def nothing(ids: Collection[str]) -> Scores:
    return {}


def order(meaning: Scores, words: Scores, how: Ranking = BALANCED, look_up=(nothing, nothing), limit=10) -> list[str]:
    return [one.id for one in fuse(meaning, words, how, limit, look_up)]


def test_the_best_of_both_lists_scores_one():
    best, *rest = fuse({"a": 0.9, "b": 0.5, "c": 0.1}, {"a": 7.0, "c": 3.0}, Ranking(), 10, (nothing, nothing))
    assert (best.id, best.score, best.similarity, best.words) == ("a", 1.0, 0.9, 7.0)
    assert [one.id for one in rest] == ["b", "c"]
    assert rest[0].score == pytest.approx(0.25)  # half way up by meaning, no word
    assert rest[1].score == pytest.approx(3 / 14)


def test_scores_count_and_not_ranks():
    meaning, words = {"a": 0.90, "b": 0.89, "c": 0.2}, {"b": 9.0, "c": 8.9, "a": 0.1}
    assert order(meaning, words)[0] == "b"
    assert order(meaning, {"c": 9.0, "b": 1.0}, Ranking(meaning_weight=1.0)) == ["a", "b", "c"]
    assert order(meaning, {"c": 9.0, "b": 1.0}, Ranking(meaning_weight=0.0)) == ["c", "b", "a"]


def test_what_one_search_has_not_found_is_looked_up():
    asked: list[set[str]] = []

    def cosines(ids: Collection[str]) -> Scores:
        asked.append(set(ids))
        return dict.fromkeys(ids, 0.79)

    meaning = {"a": 0.8} | {f"x{n}": 0.7 for n in range(DEPTH)}
    found = fuse(meaning, {"w": 5.0, "a": 4.9}, Ranking(), 2, (cosines, nothing))
    assert asked == [{"w"}]
    assert [(one.id, one.similarity) for one in found] == [("a", 0.8), ("w", 0.79)]


def test_the_order_does_not_depend_on_how_deep_the_lists_are():
    every_cosine = {f"{n:03}": 1 - n / 400 for n in range(300)}
    every_word = {f"{n:03}": float((n * 37) % 101 + 1) for n in range(300)}

    def ranked(depth: int) -> list[str]:
        def cut(scores: Scores) -> Scores:
            return dict(sorted(scores.items(), key=lambda one: -one[1])[:depth])

        look_up = (lambda ids: {i: every_cosine[i] for i in ids}, lambda ids: {i: every_word[i] for i in ids})
        return order(cut(every_cosine), cut(every_word), look_up=look_up, limit=50)

    assert ranked(DEPTH)[:20] == ranked(200)[:20] == ranked(300)[:20]


def test_one_search_alone_and_by_ranks():
    meaning, words = {"a": 0.9, "b": 0.8}, {"b": 3.0, "c": 2.0}
    assert order(meaning, words, Ranking("meaning")) == ["a", "b"]
    assert order(meaning, words, Ranking("words")) == ["b", "c"]
    assert order(meaning, words, Ranking("ranks"))[0] == "b"
    assert order(meaning, {}) == ["a", "b"]
    assert order({}, {}) == []


def test_equal_scores_come_in_the_order_of_their_ids():
    assert order({"b": 0.5, "a": 0.5}, {"b": 1.0, "a": 1.0}) == ["a", "b"]


def test_a_distant_meaning_does_not_bury_what_alone_has_the_words():
    meaning = {f"x{n:03}": 0.9 - n / 1000 for n in range(DEPTH)}
    far = (lambda ids: {name: 0.1 if name == "code" else -0.1 for name in ids}, nothing)
    found = {one.id: one.score for one in fuse(meaning, {"code": 9.0, "more": 9.0, "x000": 1.0}, Ranking(), 200, far)}
    assert 0.45 <= found["more"] < found["code"] < 0.5  # the best by words, and nothing by meaning


def test_a_third_list_counts_as_much_as_the_others():
    meaning, words = {"a": 0.9, "b": 0.5, "c": 0.1}, {"a": 7.0, "c": 3.0}
    found = fuse(meaning, words, Ranking(), 10, (nothing, nothing), ({"b": 4.0, "c": 2.0}, nothing))
    scores = {one.id: one.score for one in found}
    assert scores == pytest.approx({"a": 2 / 3, "b": 0.5 * 1 / 3 + 1 / 3, "c": 3 / 7 / 3 + 0.5 / 3})
    assert {one.id: (one.similarity, one.words) for one in found} == {
        "a": (0.9, 7.0), "b": (0.5, 0.0), "c": (0.1, 3.0)
    }  # fmt: skip


def test_what_the_third_search_alone_has_found_is_looked_up_in_the_others():
    def look_up(known: Scores):
        return lambda ids: {key: known[key] for key in ids if key in known}

    looked = (look_up({"z": 0.85}), look_up({"z": 6.0}))
    third = ({"z": 9.0}, look_up({"a": 3.0}))
    best, second = fuse({"a": 0.9, "b": 0.8}, {"a": 7.0}, Ranking(), 2, looked, third)
    assert (best.id, best.similarity, best.words) == ("z", 0.85, 6.0)
    assert second.id == "a"
    assert second.score == pytest.approx(2 / 3 + 3 / 9 / 3)


@pytest.mark.parametrize("method", ["scores", "ranks"])
def test_a_third_search_without_words_and_by_ranks(method: str):
    meaning = {"a": 0.9, "b": 0.89, "d": 0.1}
    assert order(meaning, {}, Ranking(method)) == ["a", "b", "d"]
    found = fuse(meaning, {}, Ranking(method), 5, (nothing, nothing), ({"b": 2.0, "a": 0.5, "c": 0.4}, nothing))
    assert found[0].id == ("b" if method == "scores" else "a")
    assert ("c" in [one.id for one in found]) == (method == "ranks"), "without a cosine there is no such chunk"


@pytest.mark.parametrize("method", ["meaning", "words"])
def test_a_single_search_is_left_alone(method: str):
    found = fuse({"a": 0.9}, {"b": 3.0}, Ranking(method), 5, (nothing, nothing), ({"c": 9.0}, nothing))
    assert [one.id for one in found] == (["a"] if method == "meaning" else ["b"])
