"""The fake keeps the contract of what it stands for."""

from __future__ import annotations

import pytest

from assistant.interfaces import SparseEmbedder
from tests.contracts.sparse_embedder_contract import SparseEmbedderContract
from tests.fakes.sparse_embedder import FakeSparseEmbedder


class TestFakeSparseEmbedder(SparseEmbedderContract):
    @pytest.fixture
    def sparse_embedder(self) -> SparseEmbedder:
        return FakeSparseEmbedder()
