"""The cross-encoder adapter, with a tiny random model that the test makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.adapters.reranker import load_reranker
from assistant.errors import EmbedderError
from assistant.interfaces import Reranker
from tests.contracts.reranker_contract import RerankerContract


def make_cross_encoder(folder: Path, tiny_model: Path, labels: int = 1) -> Path:
    """Write a BERT of random weights with a head of `labels` scores and the tokenizer of `tiny_model`."""
    from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification, set_seed

    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    set_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=32,
        initializer_range=0.5,
        num_labels=labels,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.model_max_length = 32
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    return make_cross_encoder(tmp_path_factory.mktemp("reranker") / "tiny", tiny_model)


@pytest.fixture(scope="module")
def tiny(folder: Path) -> Reranker:
    return load_reranker(str(folder), "cpu")


class TestCrossEncoderReranker(RerankerContract):
    @pytest.fixture
    def reranker(self, tiny: Reranker) -> Reranker:
        return tiny


def test_it_reads_question_and_text_together(tiny: Reranker) -> None:
    one, other = tiny.score("house", ["sea"]), tiny.score("tree", ["sea"])
    assert one != pytest.approx(other, abs=1e-6)
    assert tiny.name.startswith("tiny@")


def test_scores_are_those_of_the_library(tiny: Reranker, folder: Path) -> None:
    from sentence_transformers import CrossEncoder

    expected = CrossEncoder(str(folder), device="cpu").predict([("house", "sea tree"), ("house", "house")])
    assert tiny.score("house", ["sea tree", "house"]) == pytest.approx(list(map(float, expected)), abs=1e-6)


def test_what_is_no_cross_encoder_is_refused(tiny_model: Path, tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match="no head that scores pairs"):
        load_reranker(str(tiny_model), "cpu")
    with pytest.raises(EmbedderError, match="3 scores"):
        load_reranker(str(make_cross_encoder(tmp_path / "nli", tiny_model, 3)), "cpu")
    with pytest.raises(EmbedderError, match="no model folder"):
        load_reranker("/no/such/folder", "cpu")
