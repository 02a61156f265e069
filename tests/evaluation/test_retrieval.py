"""Retrieval metrics against values worked out by hand."""

import json
import math

import pytest

from assistant.errors import ConfigurationError
from assistant.evaluation import evaluate_retrieval, load_beir
from assistant.evaluation.retrieval import mrr, ndcg, recall
from assistant.evaluation.timing import percentile

GRADES = {"a": 3, "b": 2, "c": 1, "z": 0}


def test_ndcg_by_hand():
    # a at 2, c at 3: 3/log2(3) + 1/log2(4); ideal 3/log2(2) + 2/log2(3) + 1/log2(4)
    gained = 3 / math.log2(3) + 1 / 2
    ideal = 3 + 2 / math.log2(3) + 1 / 2
    assert ndcg(["x", "a", "c", "z"], GRADES, 10) == pytest.approx(gained / ideal)
    assert ndcg(["x", "a", "c", "z"], GRADES, 10) == pytest.approx(0.5025, abs=1e-4)


def test_ndcg_ends_at_k_and_is_one_in_ideal_order():
    assert ndcg(["a", "b", "c"], GRADES, 10) == 1.0
    assert ndcg(["x", "a"], GRADES, 1) == 0.0
    assert ndcg(["a"], {"a": 0}, 10) == 0.0


def test_ndcg_of_more_relevant_documents_than_k_can_be_one():
    grades = {f"d{i}": 1 for i in range(20)}
    assert ndcg([f"d{i}" for i in range(10)], grades, 10) == pytest.approx(1.0)


def test_recall_and_mrr_by_hand():
    ranked = ["x", "c", "y", "a"]
    assert recall(ranked, GRADES, 2) == pytest.approx(1 / 3)
    assert recall(ranked, GRADES, 5) == pytest.approx(2 / 3)
    assert mrr(ranked, GRADES, 10) == 0.5
    assert mrr(ranked, GRADES, 1) == 0.0
    assert mrr(["z"], GRADES, 10) == 0.0


def test_percentiles_are_values_that_were_measured():
    assert percentile([5, 1, 3, 2, 4], 50) == 3
    assert percentile(range(1, 101), 95) == 95
    assert percentile([7], 95) == 7
    assert percentile([], 95) == 0


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "corpus.jsonl", [{"_id": f"d{i}", "title": "", "text": f"text {i}"} for i in range(5)])
    write(tmp_path / "queries.jsonl", [{"_id": f"q{i}", "text": f"query {i}"} for i in range(3)])
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq0\td0\t1\nq1\td1\t2\nq1\td2\t1\nq2\td3\t0\n")
    return tmp_path


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_a_run_over_a_folder(folder):
    asked = []

    def search(query, depth):
        asked.append((query, depth))
        return ["d4", "d0", "d0"] if query == "query 0" else ["d1", "d2"]

    scores = evaluate_retrieval(search, load_beir(folder))
    assert asked == [("query 0", 100), ("query 1", 100)]  # q2 has no relevant document
    result = scores.as_dict()
    assert result["ndcg@10"] == pytest.approx((1 / math.log2(3) + 1) / 2, abs=1e-4)
    assert (result["mrr@10"], result["recall@5"], result["queries"], result["documents"]) == (0.75, 1.0, 2, 5)
    assert result["p95_ms"] >= result["p50_ms"] >= 0


def test_each_query_is_kept_with_what_was_found_and_expected(folder):
    seen = []
    scores = evaluate_retrieval(
        lambda *_: ["d4", "d2"], load_beir(folder), on_progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(1, 2), (2, 2)]
    first, second = scores.results
    assert (first.id, first.text, first.scores["ndcg@10"]) == ("q0", "query 0", 0.0)
    assert [(item.name, item.note, item.good) for item in first.expected] == [("d0", "not among the first 100", False)]
    assert [(item.name, item.note, item.good) for item in second.expected] == [
        ("d1", "not among the first 100", False),
        ("d2", "rank 2", True),
    ]
    assert [(item.name, item.good, item.text) for item in second.found] == [
        ("d4", False, "text 4"),
        ("d2", True, "text 2"),
    ]
    mean = sum(result.scores["mrr@10"] for result in scores.results) / 2
    assert scores.mrr_at_10 == pytest.approx(mean) == pytest.approx(0.25)


def test_a_half_of_the_queries(folder):
    dataset = load_beir(folder)
    halves = [evaluate_retrieval(lambda *_: [], dataset, split=split).results for split in ("dev", "heldout")]
    assert sorted(result.id for half in halves for result in half) == ["q0", "q1"]


def test_a_limit_of_queries(folder):
    assert evaluate_retrieval(lambda *_: [], load_beir(folder), limit_queries=1).queries == 1


def test_qrels_in_a_folder_of_splits(folder):
    (folder / "qrels").mkdir()
    (folder / "qrels.tsv").rename(folder / "qrels" / "test.tsv")
    assert load_beir(folder).qrels["q1"] == {"d1": 2, "d2": 1}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("corpus.jsonl", None, "cannot be read"),
        ("corpus.jsonl", "{broken\n", "not JSON lines"),
        ("queries.jsonl", "[1]\n", "not a JSON object"),
        ("queries.jsonl", '{"_id": "q0"}\n', "no 'text'"),
        ("qrels.tsv", None, "neither qrels.tsv nor"),
        ("qrels.tsv", "q0\td0\n", "qrels.tsv:1"),
        ("qrels.tsv", "q9\td0\t1\n", "no query"),
    ],
)
def test_what_is_wrong_with_a_folder_is_named(folder, name, content, message):
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)
    with pytest.raises(ConfigurationError, match=message):
        load_beir(folder)
