"""What every `SparseEmbedder` must do. Subclass it and give the fixture `sparse_embedder`."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.interfaces import SparseEmbedder
from assistant.types.sparse import SparseVector

TEXTS = ["house tree", "sea", "", "  \n", "house house sea tree", "tree " * 3000, "caf\ud83d 東京 \udc00"]


def weights(vector: SparseVector) -> dict[int, float]:
    return dict(zip(vector.indices, vector.values, strict=True))


def alike(one: SparseVector, other: SparseVector) -> bool:
    return weights(one) == pytest.approx(weights(other), abs=1e-4)


class SparseEmbedderContract:
    """The suite. The words house, tree and sea must not weigh the same."""

    many = 70  # more texts than are taken at once

    @pytest.fixture
    def sparse_embedder(self) -> SparseEmbedder:
        raise NotImplementedError

    def test_is_a_sparse_embedder_with_a_name(self, sparse_embedder: SparseEmbedder) -> None:
        assert isinstance(sparse_embedder, SparseEmbedder)
        assert sparse_embedder.name.strip() == sparse_embedder.name != ""

    def test_weights_are_positive_and_each_term_stands_once(self, sparse_embedder: SparseEmbedder) -> None:
        for vector in [*sparse_embedder.embed_passages(TEXTS), *map(sparse_embedder.embed_query, TEXTS)]:
            assert len(vector.indices) == len(vector.values) == len(set(vector.indices))
            assert all(type(term) is int and 0 <= term < 2**32 for term in vector.indices)
            assert all(type(weight) is float and 0 < weight < math.inf for weight in vector.values)

    def test_vectors_stand_in_the_order_of_the_texts(self, sparse_embedder: SparseEmbedder) -> None:
        together = sparse_embedder.embed_passages(TEXTS)
        backwards = sparse_embedder.embed_passages(TEXTS[::-1])[::-1]
        alone = [vector for text in TEXTS for vector in sparse_embedder.embed_passages([text])]
        assert len(together) == len(TEXTS)
        assert all(map(alike, together, backwards))
        assert all(map(alike, together, alone))
        assert together[0].indices
        assert not alike(together[0], together[1])

    def test_many_texts(self, sparse_embedder: SparseEmbedder) -> None:
        words = ("house", "tree", "sea")
        vectors = sparse_embedder.embed_passages([words[n % 3] for n in range(self.many)])
        assert all(alike(vector, vectors[n % 3]) for n, vector in enumerate(vectors))
        assert not alike(vectors[0], vectors[1])

    def test_no_texts_give_no_vectors(self, sparse_embedder: SparseEmbedder) -> None:
        assert sparse_embedder.embed_passages([]) == []

    def test_several_threads_at_once(self, sparse_embedder: SparseEmbedder) -> None:
        passages, query = sparse_embedder.embed_passages(TEXTS[:2]), sparse_embedder.embed_query("sea")

        def work(number: int) -> bool:
            if number % 2:
                return alike(sparse_embedder.embed_query("sea"), query)
            return all(map(alike, sparse_embedder.embed_passages(TEXTS[:2]), passages))

        with ThreadPoolExecutor(4) as pool:
            assert all(pool.map(work, range(12)))
