"""Answer metrics."""

import json

import pytest

from assistant.errors import ConfigurationError
from assistant.evaluation import AnswerCase, evaluate_answers, load_cases
from assistant.types import Answer, Citation, ContextPlan, Passage, Usage
from tests.answer.memory import make_document

PLAN = ContextPlan("chunks", "", 10, 0)


def answer(text, *cited, verified=True):
    citations = []
    for number, key in enumerate(cited, 1):
        document = make_document(key, text)
        citations.append(Citation(number, Passage(document.ref, 0, len(text), text), text, verified))
    return Answer(text, bool(cited), tuple(citations), PLAN, "extractive", Usage(0, 0), {})


def test_shares():
    cases = [
        AnswerCase("a", documents=("a.md",), facts=("21 days", "Concur")),
        AnswerCase("b", documents=("demo:b.md",)),
        AnswerCase("c", answerable=False),
        AnswerCase("d", answerable=False),
    ]
    answers = {
        "a": answer("Book 21  days before.", "x.md", "a.md"),
        "b": answer("Not in the documents."),
        "c": answer("Not in the documents."),
        "d": answer("Something.", "x.md", verified=False),
    }
    scores = evaluate_answers(answers.__getitem__, cases)
    assert scores.questions == 4
    assert (scores.found, scores.refused, scores.gold_cited, scores.facts) == (0.5, 0.5, 0.5, 0.5)
    assert scores.verified == pytest.approx(2 / 3)
    assert scores.as_dict()["verified"] == 0.6667


def test_a_share_of_nothing_is_none():
    scores = evaluate_answers(lambda _: answer("No."), [AnswerCase("a")])
    assert (scores.found, scores.refused, scores.gold_cited, scores.verified) == (0.0, None, None, None)


def test_jsonl_and_json(tmp_path):
    rows = [{"question": "a", "expected_doc_ids": ["a.md"]}, {"question": "b", "answerable": False}]
    lines = tmp_path / "cases.jsonl"
    lines.write_text("\n".join(json.dumps(row) for row in rows))
    whole = tmp_path / "cases.json"
    whole.write_text(json.dumps(rows))
    assert load_cases(lines) == load_cases(whole)
    assert load_cases(whole) == [AnswerCase("a", ("a.md",)), AnswerCase("b", answerable=False)]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("c.json", None, "cannot be read"),
        ("c.json", "{", "not JSON"),
        ("c.json", "{}", "not a list"),
        ("c.json", "[]", "no cases"),
        ("c.json", '[{"question": " "}]', "case 1 has no question"),
        ("c.jsonl", '{"question": "a", "facts": "x"}', r"c\.jsonl:1: facts"),
        ("c.jsonl", '{"question": "a", "answerable": "yes"}', "answerable"),
    ],
)
def test_what_is_wrong_with_a_file_is_named(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(ConfigurationError, match=message):
        load_cases(tmp_path / name)
