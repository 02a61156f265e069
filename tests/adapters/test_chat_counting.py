"""Counting tokens: by servers, by a local tokenizer, each text once."""

from __future__ import annotations

import pytest

from assistant.adapters.chat_counting import KeptCounts, text_pieces
from assistant.adapters.chat_openai import ModelConfig
from assistant.adapters.minilm import model_folder
from assistant.errors import ConfigurationError, ModelNotFoundError
from assistant.types import ChatMessage
from tests.adapters.conftest import Connect
from tests.contracts.chat_model_contract import read
from tests.fakes.model_server import ModelServer


def test_a_local_tokenizer_counts_for_a_server_that_does_not(connect: Connect) -> None:
    path = model_folder() / "tokenizer.json"
    with ModelServer(kind="openai") as server:
        model = connect(server.url, ModelConfig(context_tokens=1000, tokenizer=path))
        assert model.describe().counting == "tokenizer"
        assert model.describe().tokenizer == str(path)
        assert model.count_texts(["", "Pumps.", "One two three. " * 400]) == [0, 2, 1600]
        assert model.count_tokens([ChatMessage.of("user", "Pumps.")]) > 2
        assert [r for r in server.requests if r.path != "/v1/models"] == []
        wrong = ModelConfig(context_tokens=1000, tokenizer=path.with_name("none.json"))
        with pytest.raises(ConfigurationError, match=r"none\.json cannot be read"):
            connect(server.url, wrong).count_texts(["a"])


def test_long_texts_are_counted_in_pieces(connect: Connect) -> None:
    text = "a line of seven words, no more\n" * 40_000
    assert "".join(text_pieces(text)) == text
    with ModelServer() as server:
        assert connect(server.url).count_texts([text]) == [40_000 * 8 + 3]
        sent = [r.body["prompt"] for r in server.requests if r.path == "/tokenize" and "prompt" in r.body]
    assert len(sent) == 3
    assert max(len(piece) for piece in sent) <= 500_000


def test_kept_counts_are_bounded() -> None:
    kept = KeptCounts(most=2)
    kept.put(b"a", 1)
    kept.put(b"b", 2)
    assert kept.get(b"a") == 1
    kept.put(b"c", 3)
    assert [kept.get(digest) for digest in (b"a", b"b", b"c")] == [1, None, 3]
    assert len(kept) == 2


def test_halves_of_characters_are_counted_and_sent_as_question_marks(connect: Connect) -> None:
    with ModelServer() as server:
        model = connect(server.url)
        assert model.count_texts(["a \ud83d"]) == [2]
        messages = [ChatMessage.of("user", "a \ud83d")]
        _, last = read(model.stream(messages))
        assert last.usage is not None
        assert last.usage.prompt_tokens == model.count_tokens(messages)
        assert server.asked[-1].last == "a ?"


def test_texts_are_counted_once(connect: Connect) -> None:
    with ModelServer() as server:
        model = connect(server.url)
        texts = ["one two", "three", "one two", "four five six"] * 50
        assert model.count_texts(texts) == [2, 1, 2, 3] * 50
        assert model.count_texts(texts) == [2, 1, 2, 3] * 50
        counted = [r for r in server.requests if r.path == "/tokenize" and "prompt" in r.body]
    assert len(counted) == 3


def test_a_failure_to_count_is_told(connect: Connect) -> None:
    with ModelServer() as server:
        model = connect(server.url)
        model.describe()
        server.model = "newer"
        with pytest.raises(ModelNotFoundError):
            model.count_texts([f"text {number}" for number in range(20)])
