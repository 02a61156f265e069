"""The fakes keep the contracts of what they stand for."""

from __future__ import annotations

import pytest

from assistant.interfaces import QueryExpander, Reranker
from tests.contracts.query_expander_contract import KNOWN, QueryExpanderContract
from tests.contracts.reranker_contract import RerankerContract
from tests.fakes.query_expander import FakeQueryExpander
from tests.fakes.reranker import FakeReranker


class TestFakeReranker(RerankerContract):
    @pytest.fixture
    def reranker(self) -> Reranker:
        return FakeReranker()


class TestFakeQueryExpander(QueryExpanderContract):
    @pytest.fixture
    def expander(self) -> QueryExpander:
        return FakeQueryExpander({KNOWN: ["days of annual leave"]})
