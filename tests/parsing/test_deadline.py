"""How long a parser may still take."""

from __future__ import annotations

import pytest

from assistant.parsing.deadline import deadline, seconds_left


def test_time_passes_and_the_inner_limit_counts():
    assert seconds_left() == 120
    with deadline(10):
        assert seconds_left() == pytest.approx(10, abs=1)
        with deadline(5):
            assert seconds_left() == pytest.approx(5, abs=1)
        with deadline(-1):
            assert seconds_left() == 0
        assert 5 < seconds_left() < 10
    assert seconds_left() == 120
