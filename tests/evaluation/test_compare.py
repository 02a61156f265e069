"""The comparison of runs: figures of known cases, and what cannot be compared."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from assistant.errors import ConfigurationError
from assistant.evaluation import QueryResult, Run
from assistant.evaluation.compare import bootstrap, compare_runs, differences, warnings


def run(values, metric="ndcg@10", **changes) -> Run:
    results = tuple(QueryResult(f"q{n}", f"question {n}", {metric: v}) for n, v in enumerate(values))
    return replace(Run("retrieval", "set", (metric,), {metric: 0.5}, results, "c1"), **changes)


def test_a_clear_improvement_of_hundred_questions():
    before = [0.5] * 100
    after = [0.7] * 60 + [0.4] * 20 + [0.5] * 20
    (found,) = compare_runs(run(before), run(after))
    assert (found.before, found.after, found.difference) == pytest.approx((0.5, 0.6, 0.1))
    # the standard error is 0.12 / 10 = 0.012: the normal interval is 0.0765 to 0.1235
    assert (found.low, found.high) == pytest.approx((0.0765, 0.1235), abs=0.002)
    assert found.p < 0.001
    assert (found.wins, found.losses, found.ties) == (60, 20, 20)
    assert found.changes[0].difference == pytest.approx(0.2)
    assert not found.is_worse
    (back,) = compare_runs(run(after), run(before))
    assert back.is_worse
    assert back.difference == pytest.approx(-0.1)


def test_the_p_value_is_that_of_the_normal_distribution_where_there_are_many_questions():
    deltas = np.random.default_rng(5).normal(0.0, 1.0, 400)
    deltas += 0.1 - deltas.mean()  # 0.1 / (1 / 20) = 2 standard errors: p about 0.05
    spread = deltas.std() / 20
    low, high, p = bootstrap(deltas)
    assert (low, high) == pytest.approx((0.1 - 1.96 * spread, 0.1 + 1.96 * spread), abs=0.005)
    assert p == pytest.approx(0.045, abs=0.02)


def test_no_difference_and_one_question_say_nothing():
    (found,) = compare_runs(run([0.3, 0.9]), run([0.3, 0.9]))
    assert (found.difference, found.low, found.high, found.p, found.ties) == (0, 0, 0, 1.0, 2)
    assert found.changes == ()
    (one,) = compare_runs(run([0.3]), run([0.9]))
    assert one.p == 1.0
    assert "1 questions are few" in warnings(one)[0]


def test_the_same_seed_gives_the_same_figures_and_many_questions_are_quick():
    deltas = np.random.default_rng(1).normal(0.0, 1.0, 1200)
    start = time.perf_counter()
    assert bootstrap(deltas) == bootstrap(deltas)
    assert time.perf_counter() - start < 30
    assert bootstrap(deltas, seed=1) != bootstrap(deltas, seed=2)


def test_questions_without_a_score_in_both_are_left_out():
    (found,) = compare_runs(run([0.5, None, 0.5]), run([0.7, 0.9, None]))
    assert (found.queries, found.before, found.after) == (1, 0.5, 0.7)
    with pytest.raises(ConfigurationError, match="no score in common"):
        compare_runs(run([None]), run([0.5]))
    with pytest.raises(ConfigurationError, match="no score in common"):
        compare_runs(run([0.5]), run([0.5], "mrr@10"))


def test_what_cannot_be_compared():
    with pytest.raises(ConfigurationError, match=r"different questions: 2 of 'set' \(all\) and 3 .*2 in common; 'q2'"):
        compare_runs(run([1, 1]), run([1, 1, 1]))
    other = run([1, 1])
    other = replace(other, results=(replace(other.results[0], text="another"), other.results[1]))
    with pytest.raises(ConfigurationError, match="'q0'"):
        compare_runs(run([1, 1]), other)
    with pytest.raises(ConfigurationError, match=r"eval retrieval.*eval answers"):
        compare_runs(run([1]), run([1], kind="answers"))


def test_what_else_differs_is_said():
    first = run([1], settings={"embedder": "onnx", "chunk_tokens": 200}, versions={"python": "3.11"})
    second = run([1], settings={"embedder": "onnx", "chunk_tokens": 300}, versions={"python": "3.12"}, corpus="c2")
    assert differences(first, first) == []
    assert differences(first, second) == [
        "the documents were not the same",
        "setting chunk_tokens: 200 -> 300",
        "version of python: 3.11 -> 3.12",
    ]
