"""Fixtures that several adapters' tests share: models are exported and made once a session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.adapters.chat_openai import ModelConfig, OpenAIChatModel
from assistant.adapters.chat_server import ModelServer, Patience, ServerAddress

QUICK = Patience(connect=10.0, first=60.0, between=60.0, total=120.0, tries=3, pause=0.01)
Connect = Callable[..., OpenAIChatModel]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes adapters of chat models, and closes their servers."""
    opened: list[ModelServer] = []

    def make(url: str, config: ModelConfig | None = None, **address: Any) -> OpenAIChatModel:
        opened.append(ModelServer(ServerAddress(url, **{"patience": QUICK, **address})))
        return OpenAIChatModel(opened[-1], config or ModelConfig())

    yield make
    for server in opened:
        server.close()


@pytest.fixture(scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder for exported models."""
    return tmp_path_factory.mktemp("model-cache")


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random sentence-transformers model of dimension 32 that reads 24 tokens, without normalisation of its own."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast, set_seed

    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "house", "tree", "sea", *letters, *(f"##{sign}" for sign in letters)]
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    special: dict[str, Any] = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    folder = tmp_path_factory.mktemp("tiny-model")
    set_seed(0)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=32,
        initializer_range=0.5,
    )
    bert = BertModel(config)
    bert.embeddings.position_embeddings.weight.data.zero_()  # so that what the words are counts, not where they stand
    bert.save_pretrained(folder / "bert")
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **special).save_pretrained(folder / "bert")
    transformer = Transformer(str(folder / "bert"), max_seq_length=24)
    prompts = {"query": "q ", "document": ""}
    model = SentenceTransformer(modules=[transformer, Pooling(32)], device="cpu", prompts=prompts)
    model.save(str(folder / "tiny"))
    return folder / "tiny"
