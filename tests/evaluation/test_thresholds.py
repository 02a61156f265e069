"""Limits that make a CI job fail."""

from __future__ import annotations

import pytest

from assistant.errors import ConfigurationError
from assistant.evaluation.thresholds import broken, read_threshold

METRICS = ("ndcg@10", "recall@5", "p95_ms")


def test_least_and_most():
    least = read_threshold("ndcg@10=0.72", METRICS)
    most = read_threshold("p95_ms=40", METRICS, is_least=False)
    assert broken([least, most], {"ndcg@10": 0.72, "p95_ms": 40.0}) == []
    assert broken([least, most], {"ndcg@10": 0.7199, "p95_ms": 40.5}) == [
        "ndcg@10 is 0.7199, less than 0.72",
        "p95_ms is 40.5, more than 40",
    ]
    assert broken([least], {"ndcg@10": None}) == ["there is no ndcg@10: no question says anything of it"]
    assert len(broken([least], {})) == 1


@pytest.mark.parametrize("text", ["ndcg@10", "ndcg@10=", "ndcg@10=x", "ndcg@10=nan", "ndcg=0.7", "=1"])
def test_what_is_no_threshold(text):
    with pytest.raises(ConfigurationError):
        read_threshold(text, METRICS)
