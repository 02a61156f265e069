"""Files of questions: the house's format and EnterpriseRAG-Bench's."""

from __future__ import annotations

import json

import pytest

from assistant.errors import ConfigurationError
from assistant.evaluation import AnswerCase, Quote, load_cases
from assistant.evaluation.cases import case_row, read_case
from assistant.types import User


def test_jsonl_and_json(tmp_path):
    rows = [{"question": "a", "expected_doc_ids": ["a.md"]}, {"question": "b", "answerable": False}]
    lines = tmp_path / "cases.jsonl"
    lines.write_text("\n".join(json.dumps(row) for row in rows))
    whole = tmp_path / "cases.json"
    whole.write_text(json.dumps(rows))
    assert load_cases(lines) == load_cases(whole)
    assert load_cases(whole) == [AnswerCase("a", ("a.md",)), AnswerCase("b", answerable=False)]


def test_the_question_file_of_enterprise_rag_bench():
    row = {
        "question_id": "qst_1",
        "question_type": "basic",
        "question": "When?",
        "expected_doc_ids": ["dsid_1", "dsid_1"],
        "gold_answer": "On Monday.",
        "answer_facts": ["It is on Monday."],
    }
    case = read_case("f:1", row)
    assert case == AnswerCase("When?", ("dsid_1",), ("It is on Monday.",), gold_answer="On Monday.", id="qst_1")
    assert case.name == "qst_1"
    for kind in ("info_not_found", "Info Not Found"):
        assert not read_case("f:1", {**row, "question_type": kind, "expected_doc_ids": []}).answerable
    assert read_case("f:1", {**row, "question_type": "high_level"}).answerable


def test_what_is_written_is_read_again():
    case = AnswerCase(
        "Why?",
        ("a", "b"),
        ("f",),
        answerable=False,
        quotes=(Quote("q"), Quote("r", "a")),
        gold_answer="g",
        id="7",
        reader=User("ann", frozenset({"x", "y"})),
    )
    assert read_case("f:1", json.loads(json.dumps(case_row(case)))) == case
    bare = AnswerCase("Why?")
    assert case_row(bare) == {"question": "Why?"}
    assert bare.name == AnswerCase("Why?", ("a",)).name != AnswerCase("What?").name
    ann, bob = (AnswerCase("Why?", reader=User(name, frozenset({"x"}))) for name in ("ann", "bob"))
    assert len({bare.name, ann.name, bob.name}) == 3


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("c.json", None, "cannot be read"),
        ("c.json", "{", "not JSON"),
        ("c.json", "{}", "not a list"),
        ("c.json", "[]", "no cases"),
        ("c.json", '[{"question": " "}]', "case 1 has no question"),
        ("c.jsonl", '{"question": "a", "facts": "x"}', r"c\.jsonl:1: facts"),
        ("c.jsonl", '{"question": "a", "answer_facts": [1]}', "answer_facts"),
        ("c.jsonl", '{"question": "a", "answerable": "yes"}', "answerable"),
        ("c.jsonl", '{"question": "a", "quotes": [{"text": "x"}]}', "quote"),
        ("c.jsonl", '{"question": "a", "quotes": "x"}', "quotes"),
        ("c.jsonl", '{"question": "a", "reader": "ann"}', "reader"),
        ("c.jsonl", '{"question": "a", "gold_answer": ["x"]}', "gold_answer"),
        ("c.jsonl", '{"question": "a"}\n{"question": "a"}', "twice"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(ConfigurationError, match=message):
        load_cases(tmp_path / name)
