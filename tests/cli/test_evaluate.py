"""`eval` as its users run it: runs, limits, what cannot be compared, and kept questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assistant.app import build
from assistant.cli import app
from assistant.errors import ConfigurationError, HomeNotWritableError, NotFoundError
from assistant.evaluation import QueryResult, Run, save_run
from assistant.evaluation.desk import QuestionDesk
from assistant.settings import load_settings
from assistant.types import User
from tests.cli.conftest import Run as RunCommand
from tests.cli.conftest import assert_one_clear_line, json_of

Call = Callable[..., str]


@pytest.fixture
def call() -> Call:
    """Run a command in this process and return what it prints; what it raises is raised."""

    def run(*arguments: str | Path, code: int = 0) -> str:
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.stdout if code == 0 else result.output

    return run


@pytest.fixture
def desk() -> Iterator[QuestionDesk]:
    with build(load_settings()) as assistant:
        yield assistant.question_desk


@pytest.fixture
def beir(tmp_path: Path) -> Path:
    folder = tmp_path / "fruit"
    folder.mkdir()
    texts = {"d0": "Mangos grow in India.", "d1": "Kiwis grow in New Zealand.", "d2": "Figs grow in Turkey."}
    queries = {"q0": "fruit from India", "q1": "fruit from New Zealand"}
    rows = [{"_id": key, "title": "", "text": text} for key, text in texts.items()]
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    rows = [{"_id": key, "text": text} for key, text in queries.items()]
    (folder / "queries.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "qrels.tsv").write_text("q0\td0\t1\nq1\td1\t1\n")
    return folder


def run_of(folder: Path, name: str, *values: float) -> Path:
    results = tuple(QueryResult(f"q{n}", f"question {n}", {"ndcg@10": value}) for n, value in enumerate(values))
    path = folder / name
    save_run(Run("retrieval", "set", ("ndcg@10",), {"ndcg@10": sum(values) / len(values)}, results), path)
    return path


def test_a_run_is_saved_and_a_limit_that_is_broken_makes_the_exit_code_one(
    assistant: RunCommand, beir: Path, tmp_path: Path, assistant_home: Path
) -> None:
    run = tmp_path / "run.json"
    done = assistant(
        *("eval", "retrieval", beir, "--json", "--save", run, "--split", "heldout"),
        *("--min", "ndcg@10=0.9", "--max", "p95_ms=0.0001", "--min", "mrr@10=0.5"),
        # where people's documents are configured to be, a test set has no business
        ASSISTANT_CATALOG_URL=f"sqlite:///{tmp_path}/real.sqlite3",
        ASSISTANT_INDEX="qdrant",
        ASSISTANT_QDRANT_URL="http://127.0.0.1:9",
    )
    assert done.returncode == 1
    scores = json.loads(done.stdout)
    assert (scores["ndcg@10"], scores["queries"], scores["documents"]) == (1.0, 1, 3)
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: p95_ms is ")
    assert "ndcg" not in line
    saved = json.loads(run.read_text())
    assert [result["id"] for result in saved["results"]] == ["q1"]  # q0 is of the other half
    assert (saved["split"], saved["scores"]) == ("heldout", scores)
    assert saved["versions"]["embedder"].startswith("all-MiniLM")
    assert not (tmp_path / "real.sqlite3").exists()
    assert not assistant_home.exists()


def test_spans(assistant: RunCommand, tmp_path: Path) -> None:
    (tmp_path / "corpora").mkdir()
    text = "# Fruit\n\nMangos grow in India.\n\n# Fish\n\nSalmon swim in Norway.\n"
    (tmp_path / "corpora" / "t.md").write_text(text)
    start = text.index("Mangos")
    row = {"_id": "1", "text": "Where do mangos grow?", "corpus_id": "t"}
    row["references"] = [{"start_index": start, "end_index": start + len("Mangos grow in India.")}]
    (tmp_path / "questions.jsonl").write_text(json.dumps(row) + "\n")
    scores = json_of(assistant("eval", "spans", tmp_path, "--json", "--min", "recall=1", "--top", "2"))
    assert (scores["recall"], scores["k"], scores["questions"]) == (1.0, 2, 1)
    assert 0 < scores["precision"] <= scores["precision_omega"] <= 1


def test_wrong_usage_is_told_before_anything_is_measured(call: Call, beir: Path, tmp_path: Path) -> None:
    assert "no metric 'ndcg'" in call("eval", "retrieval", beir, "--min", "ndcg=1", code=2)
    assert "METRIC=NUMBER" in call("eval", "answers", "x", "--max", "p95_ms", code=2)
    call("eval", "answers", code=2)
    call("eval", "answers", "x", "--kept", code=2)
    call("eval", "retrieval", beir, "--split", "test", code=2)
    with pytest.raises(HomeNotWritableError):
        call("eval", "retrieval", beir, "--save", tmp_path / "none" / "run.json")


def test_comparing(call: Call, assistant: RunCommand, tmp_path: Path) -> None:
    good = run_of(tmp_path, "good.json", *[0.9] * 40)
    bad = run_of(tmp_path, "bad.json", *[0.5] * 20, *[0.9] * 20)
    found = json.loads(call("eval", "compare", bad, good, "--json", "--fail-if-worse"))
    assert (found["difference"], found["wins"], found["losses"], found["ties"]) == (0.2, 20, 0, 20)
    assert len(found["changed"]) == 10
    assert found["interval"][0] > 0
    assert found["p"] < 0.001
    call("eval", "compare", good, bad)
    assert_one_clear_line(assistant("eval", "compare", good, bad, "--fail-if-worse", "--json"), "ndcg@10 is worse")
    other = run_of(tmp_path, "other.json", 0.5)
    with pytest.raises(ConfigurationError, match="different questions"):
        call("eval", "compare", good, other)
    with pytest.raises(ConfigurationError, match="'mrr@10'"):
        call("eval", "compare", good, bad, "--metric", "mrr@10")
    page = tmp_path / "report.html"
    assert "2 runs" in call("eval", "report", good, bad, "--out", page)
    assert page.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigurationError, match="is no run"):
        call("eval", "report", page, "--out", page)


def test_kept_questions(call: Call, desk: QuestionDesk, tmp_path: Path) -> None:
    ann = User("ann", frozenset({"hr"}))
    given = desk.give(ann, "How much leave?", "240 hours", "down", "wrong")
    assert "wrong" in call("eval", "questions", "feedback")
    of_feedback = json.loads(call("eval", "questions", "add", "--feedback", given.id, "--fact", "250 hours", "--json"))
    assert (of_feedback["reader"], of_feedback["facts"]) == ({"id": "ann", "groups": ["hr"]}, ["250 hours"])
    added = ("eval", "questions", "add", "Tungsten?", "--unanswerable", "--user", "bob", "--groups", "it, hr")
    assert "Tungsten?" in call(*added)
    with pytest.raises(ConfigurationError, match="kept already"):
        call(*added)
    for wrong in ([], [" "], ["x", "--feedback", given.id]):
        call("eval", "questions", "add", *wrong, code=2)
    listed: list[dict[str, Any]] = json.loads(call("eval", "questions", "list", "--json"))["questions"]
    assert [(q["question"], q["answerable"], q["origin"]) for q in listed] == [
        ("How much leave?", True, "feedback"),
        ("Tungsten?", False, "hand"),
    ]
    assert listed[1]["reader"] == {"id": "bob", "groups": ["hr", "it"]}
    target = tmp_path / "kept.jsonl"
    assert "2 questions" in call("eval", "questions", "export", target)
    for question in listed:
        call("eval", "questions", "remove", question["id"])
    with pytest.raises(NotFoundError):
        call("eval", "questions", "remove", listed[0]["id"])
    assert "No questions are kept yet" in call("eval", "questions", "list")
    with pytest.raises(ConfigurationError, match="no questions are kept"):
        call("eval", "answers", "--kept")
    assert "2 questions kept" in call("eval", "questions", "import", target)
    again = json.loads(call("eval", "questions", "list", "--json"))["questions"]
    strip = ("id", "added_at", "origin", "feedback_id")
    assert [{k: v for k, v in q.items() if k not in strip} for q in again] == [
        {k: v for k, v in q.items() if k not in strip} for q in listed
    ]


def test_kept_questions_are_asked_as_their_readers(
    call: Call, desk: QuestionDesk, folder: Path, tmp_path: Path
) -> None:
    acl = tmp_path / "acl.json"
    acl.write_text(json.dumps({"default": ["everyone"], "rules": [{"glob": "hr/**", "readers": ["hr"]}]}))
    call("ingest", folder, "--source", "demo", "--acl", acl)
    salary = "What is grade K7 paid a month?"
    given = desk.give(User("ann", frozenset({"everyone"})), salary, "Not there.", "down")
    lines = tmp_path / "kept.jsonl"
    lines.write_text(json.dumps({"question": "What is a K7 paid?", "documents": ["salary"], "facts": ["4,310 euros"]}))
    assert json.loads(call("eval", "questions", "import", lines, "--json"))["questions"][0]["origin"] == "import"
    call("eval", "questions", "add", "--feedback", given.id, "--document", "salary")
    run = tmp_path / "run.json"
    scores = json.loads(call("eval", "answers", "--kept", "--json", "--save", run))
    assert "4,310" in run.read_text()
    assert (scores["questions"], scores["found"], scores["facts"], scores["unmatched"]) == (2, 0.5, 1.0, 0)
    by_question = {each["text"]: each for each in json.loads(run.read_text())["results"]}
    assert by_question[salary]["scores"]["found"] == 0.0  # its asker may not read the document
    assert "4,310" not in json.dumps(by_question[salary])
    outsider = json.loads(call("eval", "answers", "--kept", "--json", "--groups", "everyone"))
    assert outsider["found"] == 0.0
    with pytest.raises(ConfigurationError, match="no judge"):
        call("eval", "answers", "--kept", "--judge")
