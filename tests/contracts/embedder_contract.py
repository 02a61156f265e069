"""What every `Embedder` must do. Subclass it and give the fixture `embedder`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from assistant.interfaces import Embedder

TEXTS = [
    "The office in Berlin opens at nine.",
    "Expenses are paid back within ten days once the form is signed by your manager and sent to the finance team.",
    "cats",
    "",
    "  \n\t ",
    "Zażółć gęślą jaźń 東京 🙂 naïve café",
    "The office in Berlin opens at nine.",
    "x" * 3000,
    "one two three four five six seven eight nine ten " * 40,
]


class EmbedderContract:
    """The suite.

    `tolerance` is how far the cosine of what should be one vector may lie below 1, `many` a number of texts that the
    embedder does not take at once. The words house, tree and sea must be one token each.
    """

    tolerance = 1e-5
    many = 300

    @pytest.fixture
    def embedder(self) -> Embedder:
        raise NotImplementedError

    def same(self, one: np.ndarray, other: np.ndarray) -> bool:
        return bool(np.all(np.sum(one * other, axis=-1) > 1 - self.tolerance))

    def test_is_an_embedder_with_a_name_and_sizes(self, embedder: Embedder) -> None:
        assert isinstance(embedder, Embedder)
        assert embedder.name.strip() == embedder.name != ""
        assert embedder.dimension > 0
        assert embedder.max_tokens > 2

    def test_passages_have_one_unit_row_each_in_float32(self, embedder: Embedder) -> None:
        vectors = embedder.embed_passages(TEXTS)
        assert vectors.shape == (len(TEXTS), embedder.dimension)
        assert vectors.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_a_query_is_one_unit_vector_in_float32(self, embedder: Embedder) -> None:
        for text in ["When does the office open?", "", "x" * 3000]:
            vector = embedder.embed_query(text)
            assert vector.shape == (embedder.dimension,)
            assert vector.dtype == np.float32
            assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)

    def test_no_texts_give_no_rows(self, embedder: Embedder) -> None:
        assert embedder.embed_passages([]).shape == (0, embedder.dimension)
        assert embedder.embed_passages([]).dtype == np.float32
        assert embedder.count_tokens([]) == []

    def test_rows_stand_in_the_order_of_the_texts(self, embedder: Embedder) -> None:
        together = embedder.embed_passages(TEXTS)
        backwards = embedder.embed_passages(TEXTS[::-1])[::-1]
        alone = np.concatenate([embedder.embed_passages([text]) for text in TEXTS])
        assert self.same(together, backwards)
        assert self.same(together, alone)
        assert self.same(together[0], together[6])
        assert not self.same(together[0], together[1])

    def test_more_texts_than_fit_in_a_slice(self, embedder: Embedder) -> None:
        texts = [f"number {i % 7}" for i in range(self.many)]
        vectors = embedder.embed_passages(texts)
        assert self.same(vectors, np.stack([vectors[i % 7] for i in range(self.many)]))
        assert not self.same(vectors[0], vectors[1])

    def test_a_query_finds_the_passage_with_its_words(self, embedder: Embedder) -> None:
        passages = embedder.embed_passages(["house house house", "tree tree tree", "sea sea sea"])
        assert int(np.argmax(passages @ embedder.embed_query("tree tree tree"))) == 1

    def test_what_is_beyond_max_tokens_is_cut(self, embedder: Embedder) -> None:
        full = ["house"] * (embedder.max_tokens - 2)
        texts = [
            " ".join(words) for words in ([*full, *["tree"] * 9], [*full, *["sea"] * 400], [*full[:-9], *["sea"] * 9])
        ]
        vectors = embedder.embed_passages(texts)
        assert self.same(vectors[0], vectors[1])
        assert not self.same(vectors[0], vectors[2])

    def test_tokens_are_counted_without_special_ones_and_without_a_cut(self, embedder: Embedder) -> None:
        assert embedder.count_tokens(["", " "]) == [0, 0]
        assert embedder.count_tokens(["house", "house " * 5000, "house " * 100_000]) == [1, 5000, 100_000]

    def test_counting_leaves_the_vectors_as_they_are(self, embedder: Embedder) -> None:
        before = embedder.embed_passages(TEXTS)
        embedder.count_tokens(TEXTS)
        assert self.same(before, embedder.embed_passages(TEXTS))

    def test_text_that_is_not_valid_unicode_is_taken(self, embedder: Embedder) -> None:
        broken = "caf\ud83d office \udc00"
        assert np.isfinite(embedder.embed_passages([broken, "office"])).all()
        assert np.isfinite(embedder.embed_query(broken)).all()
        assert embedder.count_tokens([broken])[0] > 0

    def test_several_threads_at_once(self, embedder: Embedder) -> None:
        expected = embedder.embed_passages(TEXTS)
        counts = embedder.count_tokens(TEXTS)

        def work(number: int) -> bool:
            if number % 3 == 0:
                return embedder.count_tokens(TEXTS) == counts
            if number % 3 == 1:
                return self.same(embedder.embed_query(TEXTS[1]), embedder.embed_query(TEXTS[1]))
            return self.same(embedder.embed_passages(TEXTS), expected)

        with ThreadPoolExecutor(6) as pool:
            assert all(pool.map(work, range(18)))
