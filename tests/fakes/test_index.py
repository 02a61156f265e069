"""The fake index passes the contract that the real ones pass."""

from __future__ import annotations

import pytest

from tests.contracts.index_contract import DIMENSION, PICTURES, IndexContract
from tests.fakes.index import FakeIndex


class TestFakeIndex(IndexContract):
    @pytest.fixture
    def index(self):
        return FakeIndex(DIMENSION, PICTURES)

    @pytest.fixture
    def without_pictures(self):
        return FakeIndex(DIMENSION)
