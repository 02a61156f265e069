"""What every `Reranker` must do. Subclass it and give the fixture `reranker`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.interfaces import Reranker

TEXTS = ["house tree", "sea", "", "house house sea tree", "tree " * 3000]


class RerankerContract:
    """The suite."""

    @pytest.fixture
    def reranker(self) -> Reranker:
        raise NotImplementedError

    def test_is_a_reranker_with_a_name(self, reranker: Reranker) -> None:
        assert isinstance(reranker, Reranker)
        assert reranker.name.strip() == reranker.name != ""

    def test_every_text_has_a_finite_score_in_its_place(self, reranker: Reranker) -> None:
        scores = reranker.score("house", TEXTS)
        assert len(scores) == len(TEXTS)
        assert all(isinstance(score, float) and abs(score) < float("inf") for score in scores)
        assert reranker.score("house", TEXTS[::-1]) == pytest.approx(scores[::-1], abs=1e-5)
        assert len({round(score, 6) for score in scores}) > 1

    def test_no_texts_have_no_scores(self, reranker: Reranker) -> None:
        assert reranker.score("house", []) == []

    @pytest.mark.parametrize("query", ["", "house " * 3000, "caf\ud83d 東京 \udc00"])
    def test_odd_questions(self, reranker: Reranker, query: str) -> None:
        assert len(reranker.score(query, ["sea", "caf\ud83d"])) == 2

    def test_several_threads_at_once(self, reranker: Reranker) -> None:
        expected = reranker.score("house", TEXTS[:2])
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda _: reranker.score("house", TEXTS[:2]), range(8)))
        assert all(scores == pytest.approx(expected, abs=1e-5) for scores in found)
