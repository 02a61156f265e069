"""The adapter of learned sparse models, with a tiny random one that the test makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.adapters.embedder_sparse import load_sparse_embedder
from assistant.errors import EmbedderError
from assistant.interfaces import SparseEmbedder
from tests.contracts.sparse_embedder_contract import SparseEmbedderContract, weights
from tests.fakes.tiny_sparse import make_sparse_model


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_sparse_model(tmp_path_factory.mktemp("sparse"))


@pytest.fixture(scope="module")
def tiny(folder: Path) -> SparseEmbedder:
    return load_sparse_embedder(str(folder), "cpu")


class TestSentenceTransformersSparse(SparseEmbedderContract):
    @pytest.fixture
    def sparse_embedder(self, tiny: SparseEmbedder) -> SparseEmbedder:
        return tiny


def test_weights_are_those_of_the_library(tiny: SparseEmbedder, folder: Path) -> None:
    from sentence_transformers import SparseEncoder

    rows = SparseEncoder(str(folder), device="cpu").encode(["house tree", "sea"], convert_to_sparse_tensor=False)
    for vector, row in zip(tiny.embed_passages(["house tree", "sea"]), rows.tolist(), strict=True):
        expected = {term: weight for term, weight in enumerate(row) if weight > 0}
        assert weights(vector) == pytest.approx(expected, abs=1e-5)
        assert 0 < len(expected) < len(row), "some words count, others do not"
    assert tiny.name.startswith("splade@")


def test_a_model_before_it_is_packed_for_the_library_is_the_same(tiny: SparseEmbedder, folder: Path) -> None:
    """Published models are often a masked language model alone."""
    raw = load_sparse_embedder(str(folder.parent / "raw"), "cpu")
    assert weights(raw.embed_query("house sea")) == pytest.approx(weights(tiny.embed_query("house sea")), abs=1e-5)


def test_what_gives_no_sparse_vectors_is_refused(tiny_model: Path) -> None:
    with pytest.raises(EmbedderError, match="random weights") as caught:
        load_sparse_embedder(str(tiny_model), "cpu")
    assert "sparse_embedder" in caught.value.hint
    with pytest.raises(EmbedderError, match="no model folder"):
        load_sparse_embedder("/no/such/folder", "cpu")
