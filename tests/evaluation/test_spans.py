"""Span metrics against values worked out by hand."""

import json

import pytest

from assistant.errors import ConfigurationError
from assistant.evaluation import Span, evaluate_spans, load_spans

TEXT = "one two three four five six seven eight"  # 8 tokens


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "corpora").mkdir()
    (tmp_path / "corpora" / "t.md").write_text(TEXT)
    write(tmp_path, [{"start_index": 4, "end_index": 18}])  # two three four
    return tmp_path


def write(folder, references):
    row = {"_id": "q1", "text": "which?", "corpus_id": "t", "references": references}
    (folder / "questions.jsonl").write_text(json.dumps(row) + "\n")


def test_by_hand(folder):
    # retrieved: 'one two' and 'two three' = 3 different tokens of 4 paid for; 2 of the 3 wanted
    scores = evaluate_spans(lambda *_: [Span("t", 0, 7), Span("t", 4, 13)], load_spans(folder))
    assert (scores.recall, scores.precision) == (pytest.approx(2 / 3), pytest.approx(2 / 4))
    assert scores.iou == pytest.approx(2 / (3 + 4 - 2))  # what is retrieved twice counts twice here too
    assert scores.precision_omega is None
    values = scores.as_dict()
    assert (values["recall"], values["iou"], values["questions"], values["k"]) == (0.6667, 0.4, 1, 5)
    assert values["p95_ms"] >= values["p50_ms"] >= 0
    (result,) = scores.results
    assert result.scores["precision"] == 0.5
    assert [(item.good, item.text) for item in result.expected] == [(True, "two three four")]
    assert [(item.good, item.text) for item in result.found] == [(True, "one two"), (True, "two three")]


def test_omega_is_the_precision_of_exactly_the_chunks_that_hold_what_is_wanted(folder):
    def omega(*chunks):
        return evaluate_spans(lambda *_: [], load_spans(folder), chunks=[Span("t", *c) for c in chunks]).precision_omega

    # 'one two', 'three four five', 'six seven eight': the first two hold the 3 wanted of 5 tokens
    assert omega((0, 7), (8, 23), (24, 39)) == pytest.approx(3 / 5)
    assert omega((4, 18)) == 1.0
    # chunks that overlap: 'one two three' and 'three four' hold 4 different tokens
    assert omega((0, 13), (8, 18), (24, 39)) == pytest.approx(3 / 4)
    assert omega((0, 7), (24, 39)) is None  # three four are in no chunk
    assert omega() is None


def test_another_text_s_tokens_cost_and_do_not_count(folder):
    (folder / "corpora" / "u.md").write_text(TEXT)
    scores = evaluate_spans(lambda *_: [Span("t", 4, 18), Span("u", 4, 18)], load_spans(folder))
    assert (scores.recall, scores.precision, scores.iou) == (1.0, 0.5, 0.5)


def test_the_exact_place_is_perfect_and_only_k_count(folder):
    def search(_query, _k):
        return [Span("t", 4, 18), Span("t", 0, 39)]

    scores = evaluate_spans(search, load_spans(folder), k=1)
    assert (scores.recall, scores.precision, scores.iou) == (1, 1, 1)


def test_nothing_found_scores_zero(folder):
    scores = evaluate_spans(lambda *_: [], load_spans(folder))
    assert (scores.recall, scores.precision, scores.iou) == (0, 0, 0)


def test_a_stranger_text_is_an_error(folder):
    with pytest.raises(ConfigurationError, match="'x'"):
        evaluate_spans(lambda *_: [Span("x", 0, 1)], load_spans(folder))


def test_references_outside_the_text_are_named(folder):
    write(folder, [{"start_index": 4, "end_index": 4000}])
    with pytest.raises(ConfigurationError, match=r"questions\.jsonl:1"):
        load_spans(folder)
    write(folder, [{"start_index": 4}])
    with pytest.raises(ConfigurationError, match="end_index"):
        load_spans(folder)
    write(folder, [])
    with pytest.raises(ConfigurationError, match="no references"):
        load_spans(folder)


def test_a_folder_without_texts_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="corpora"):
        load_spans(tmp_path)
