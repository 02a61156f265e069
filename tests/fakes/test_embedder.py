"""The fake embedder keeps the contract, so that tests that use it test something."""

from __future__ import annotations

import pytest

from tests.contracts.embedder_contract import EmbedderContract
from tests.fakes.embedder import FakeEmbedder


class TestFakeEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> FakeEmbedder:
        return FakeEmbedder()


def test_texts_with_common_words_are_closer() -> None:
    office, same, other = FakeEmbedder().embed_passages(["the office opens", "office opens late", "cats sleep"])
    assert office @ same > 0.5 > office @ other
