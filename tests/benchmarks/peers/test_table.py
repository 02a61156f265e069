"""The table scores both halves and names the best documented way of each system."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.evaluation.splits import split_of
from tests.benchmarks.peers.common import first_documents, make_system, read_corpus
from tests.benchmarks.peers.table import as_text, best, summarize

QUERIES = [f"q{number}" for number in range(20)]


def _run(system: str, **rankings: dict[str, list[str]]) -> dict:
    costs = {"start": 1.0, "index": 2.0, "warm": 0.1, "search": 3.0}
    return {
        "system": system,
        "set": "tiny",
        "cpu": costs,
        "seconds": costs,
        "peak_mb": 100,
        "latencies": [0.01, 0.02],
        "rankings": rankings,
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = ["query-id\tcorpus-id\tscore", *(f"{query}\tright\t1" for query in QUERIES)]
    (tmp_path / "qrels.tsv").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_halves_are_scored_apart_and_the_best_mode_is_chosen_on_development(folder: Path) -> None:
    on_development = {query: ["wrong", "right"] if split_of(query) == "heldout" else ["right"] for query in QUERIES}
    on_held_out = {query: ["right"] if split_of(query) == "heldout" else ["wrong", "right"] for query in QUERIES}
    runs = [_run("peer", a=on_development, b=on_held_out), _run("assistant", fused=on_held_out, bm25=on_development)]
    rows = summarize(runs, {"tiny": folder})
    first = next(row for row in rows if row.mode == "a")
    assert first.development == (1.0, 1.0, 1.0)
    assert first.held_out[0] == pytest.approx(0.6309, abs=1e-4)
    assert {(row.system, row.mode) for row in best(rows)} == {("peer", "a"), ("assistant", "fused")}
    assert "tiny: peer (a) 1.000, held out 0.631; here 0.631 (-0.369), held out 1.000 (+0.369)" in as_text(rows)


def test_both_halves_have_queries() -> None:
    assert {split_of(query) for query in QUERIES} == {"dev", "heldout"}


def test_a_document_ranks_where_its_best_passage_does() -> None:
    assert first_documents(["b", "a", "b", "c"], 2) == ["b", "a"]


def test_documents_get_their_title_once(tmp_path: Path) -> None:
    rows = [{"_id": "1", "title": "A_B", "text": "text"}, {"_id": "2", "title": "T", "text": "T\ntext"}]
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert [one.content for one in read_corpus(tmp_path).values()] == ["A B\n\ntext", "T\ntext"]


def test_an_unknown_system_is_named() -> None:
    with pytest.raises(SystemExit, match=r"nobody is none of assistant, .*llamaindex:512"):
        make_system("nobody")
