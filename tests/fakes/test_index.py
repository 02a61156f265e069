"""The fake index passes the contract that the real ones pass."""

from __future__ import annotations

import pytest

from tests.contracts.index_contract import DIMENSION, IndexContract
from tests.fakes.index import FakeIndex


class TestFakeIndex(IndexContract):
    @pytest.fixture
    def index(self):
        return FakeIndex(DIMENSION)
