"""Files of runs."""

from __future__ import annotations

import json
import re

import pytest

from assistant.errors import ConfigurationError, HomeNotWritableError
from assistant.evaluation import Item, QueryResult, Run, load_run, save_run
from assistant.evaluation.runs import digest_of, now, versions

RESULT = QueryResult(
    "q1", "Wann? \U0001f642", {"ndcg@10": 0.5, "mrr@10": None}, (Item("a", "rank 1", True, "x"),), (), 0.25, "said"
)
RUN = Run(
    "retrieval",
    "set",
    ("ndcg@10", "mrr@10"),
    {"ndcg@10": 0.5, "mrr@10": None, "queries": 1},
    (RESULT,),
    corpus="c",
    split="dev",
    settings={"embedder": "onnx", "chunk_tokens": 200, "off": False},
    versions={"python": "3.11"},
    made="2026-01-01T00:00:00Z",
    notes=("a note",),
)


def test_what_is_saved_is_loaded_again_and_is_for_its_owner_only(tmp_path):
    path = tmp_path / "run.json"
    path.write_text("older")
    save_run(RUN, path)
    assert load_run(path) == RUN
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["run.json"]
    assert json.loads(path.read_text())["format"] == "assistant-run/1"


def test_where_nothing_can_be_written(tmp_path):
    with pytest.raises(HomeNotWritableError, match="it is a folder"):
        save_run(RUN, tmp_path)
    with pytest.raises(HomeNotWritableError, match="there is no folder"):
        save_run(RUN, tmp_path / "none" / "run.json")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read"),
        ("{", "is no run"),
        ("{}", "is no run: kind"),
        ('{"kind": "retrieval", "name": "x", "metrics": [], "scores": {}, "results": [], "format": "other"}', "format"),
    ],
)
def test_what_is_no_run_is_named(tmp_path, content, message):
    path = tmp_path / "run.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(ConfigurationError, match=message):
        load_run(path)


def test_two_questions_of_one_id_are_no_run(tmp_path):
    path = tmp_path / "run.json"
    save_run(RUN, path)
    row = json.loads(path.read_text())
    path.write_text(json.dumps({**row, "results": row["results"] * 2}))
    with pytest.raises(ConfigurationError, match="the same id"):
        load_run(path)


def test_a_digest_tells_sets_of_documents_apart():
    documents = [("a", "title", "text"), ("b", "", "text")]
    assert digest_of(documents) == digest_of(reversed(documents))
    assert digest_of(documents) != digest_of(documents[:1])
    assert digest_of([("ab", "c")]) != digest_of([("a", "bc")])


def test_circumstances():
    assert {"assistant", "python", "numpy"} <= set(versions())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", now())
