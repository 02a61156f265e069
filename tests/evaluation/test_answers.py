"""Answer metrics against values worked out by hand."""

from __future__ import annotations

import pytest

from assistant.errors import ModelServerError, ModelUnavailableError
from assistant.evaluation import AnswerCase, Quote, evaluate_answers
from assistant.types import (
    LOCAL_OPERATOR,
    Answer,
    Citation,
    ContextPlan,
    Passage,
    PlannedDocument,
    PlannedPassage,
    Usage,
    User,
)
from tests.answer.memory import MemoryLibrary, make_document
from tests.fakes.embedder import FakeEmbedder

TRAVEL = "Book trains in Concur. Do so 21 days before the trip. Keep the receipt."
SALARY = "Grade K7 is paid 4,310 euros a month."
HELD = {
    document.ref.key: document
    for document in (
        make_document("pages/travel.md", TRAVEL, title="Travel"),
        make_document("hr/salary.md", SALARY, title="Salaries", readers=("hr",)),
        make_document("x.md", "Nothing of use stands here."),
    )
}
STAFF = User("ann", frozenset({"everyone"}))


def passage(key: str, words: str) -> Passage:
    document = HELD[key]
    start = document.text.index(words)
    return Passage(document.ref, start, start + len(words), words)


def answer(text: str, *cited: Passage, read: tuple[Passage, ...] = (), whole: tuple[str, ...] = (), verified=True):
    plan = ContextPlan(
        "chunks",
        "because",
        10,
        0,
        passages=tuple(PlannedPassage(each, 1) for each in read),
        documents=tuple(PlannedDocument(HELD[key].ref, 1) for key in whole),
    )
    citations = tuple(Citation(n, each, each.text, verified) for n, each in enumerate(cited, 1))
    return Answer(text, bool(cited), citations, plan, "extractive", Usage(0, 0), {})


def evaluated(answers, cases, judge=None):
    asked = []

    def ask(question: str, user: User) -> Answer:
        asked.append((question, user.id))
        return answers[question]

    library = MemoryLibrary(HELD.values(), FakeEmbedder())
    scores = evaluate_answers(ask, cases, library, evaluator=LOCAL_OPERATOR, reader=STAFF, judge=judge)
    return scores, asked


def test_found_refused_facts_and_verified():
    cases = [
        AnswerCase("a", documents=("travel",), facts=("21 days", "by plane")),
        AnswerCase("b", documents=("demo:pages/travel.md",)),
        AnswerCase("c", answerable=False),
        AnswerCase("d", answerable=False),
    ]
    told = passage("pages/travel.md", "Do so 21 days before the trip.")
    nothing = answer("Not in the documents.")
    answers = {
        "a": answer("Do so 21  days before.", passage("x.md", "Nothing"), told, read=(told,)),
        "b": nothing,
        "c": nothing,
        "d": answer("Something.", passage("x.md", "Nothing"), verified=False),
    }
    scores, asked = evaluated(answers, cases)
    assert asked == [("a", "ann"), ("b", "ann"), ("c", "ann"), ("d", "ann")]
    assert (scores.found, scores.refused, scores.facts, scores.gold_cited) == (0.5, 0.5, 0.5, 0.5)
    assert scores.gold_in_context == 0.5
    assert (scores.citation_precision, scores.citation_recall) == (0.5, 0.5)  # b cites nothing: no precision, recall 0
    assert scores.verified == pytest.approx(2 / 3)
    values = scores.as_dict()
    assert (values["verified"], values["false_refusals"], values["evidence"]) == (0.6667, 0.5, None)
    first = scores.results[0]
    assert [(item.name, item.good) for item in first.found] == [("demo:x.md", False), ("demo:pages/travel.md", True)]
    assert [item.good for item in first.expected] == [True, False, True]
    assert first.scores["verified"] == 1.0


def test_evidence_is_counted_in_tokens_of_the_quotes():
    # `Do so 21 days before the trip.` has 8 tokens, `Keep the receipt.` 4; read: `21 days before the` = 4
    case = AnswerCase("q", ("Travel",), quotes=(Quote("Do so 21 days before the trip."), Quote("Keep the  receipt.")))
    read = passage("pages/travel.md", "21 days before the")
    cited = passage("pages/travel.md", "Concur. Do so 21 days")  # 6 tokens, 4 of them of a quote
    scores, _ = evaluated({"q": answer("21", cited, read=(read,))}, [case])
    assert scores.evidence == pytest.approx(4 / 12)
    assert scores.quote_precision == pytest.approx(4 / 6)
    assert scores.quote_recall == pytest.approx(4 / 12)
    scores, _ = evaluated({"q": answer("21", cited, whole=("pages/travel.md",))}, [case])
    assert scores.evidence == 1.0
    assert scores.gold_in_context == 1.0


def test_a_quote_without_documents_counts_where_it_was_read_and_else_as_not_covered():
    case = AnswerCase("q", quotes=(Quote("Keep the receipt."),))
    scores, _ = evaluated({"q": answer("x", whole=("pages/travel.md",))}, [case])
    assert scores.evidence == 1.0
    scores, _ = evaluated({"q": answer("x", whole=("x.md",))}, [case])
    assert scores.evidence == 0.0
    assert scores.unlocated == ()


def test_names_and_quotes_that_nothing_has_are_said():
    cases = [
        AnswerCase("a", documents=("travel", "dsid_17"), quotes=(Quote("Keep the receipt."), Quote("No such words."))),
        AnswerCase("b", documents=("dsid_17",), quotes=(Quote("Anything at all."),)),
    ]
    read = answer("x", passage("pages/travel.md", "Keep"), whole=("pages/travel.md",))
    scores, _ = evaluated({"a": read, "b": read}, cases)
    assert scores.unmatched == ("dsid_17",)
    assert scores.unlocated == ("No such words.",)
    assert scores.gold_in_context == 0.25  # what is not there was not found: half of a, nothing of b
    assert scores.evidence == 0.5
    assert len(scores.notes()) == 2
    assert "dsid_17" in scores.notes()[0]


def test_a_case_s_own_reader_asks_and_gold_is_found_as_the_evaluator():
    hr = User("bob", frozenset({"hr"}))
    cases = [AnswerCase("mine", ("salary",), reader=hr), AnswerCase("theirs", ("salary",))]
    told = answer("4310 euros", passage("hr/salary.md", "4,310 euros"), whole=("hr/salary.md",))
    scores, asked = evaluated({"mine": told, "theirs": answer("Not in the documents.")}, cases)
    assert asked == [("mine", "bob"), ("theirs", "ann")]
    assert (scores.gold_cited, scores.unmatched) == (0.5, ())
    assert "bob, hr" in scores.results[0].note


def test_a_share_of_nothing_is_none():
    scores, _ = evaluated({"a": answer("No.")}, [AnswerCase("a")])
    assert (scores.found, scores.refused, scores.gold_cited, scores.verified) == (0.0, None, None, None)
    assert scores.results[0].scores["facts"] is None


class Scripted:
    """A judge that says what it was told to."""

    name = "scripted"

    def __init__(self, *replies: list[bool] | Exception) -> None:
        self.replies = list(replies)
        self.asked: list[tuple[str, str, list[str]]] = []

    def held(self, question, answer, facts):
        self.asked.append((question, answer, list(facts)))
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply


def test_a_judge_is_asked_for_facts_or_the_gold_answer_and_not_of_refusals():
    cases = [
        AnswerCase("a", facts=("one", "two")),
        AnswerCase("b", gold_answer="three"),
        AnswerCase("c", facts=("four",)),
        AnswerCase("d", answerable=False, facts=("five",)),
    ]
    said = answer("said", passage("x.md", "Nothing"))
    judge = Scripted([True, False], ModelServerError("it rambles"))
    scores, _ = evaluated({"a": said, "b": said, "c": answer("Not there."), "d": said}, cases, judge)
    assert [facts for _, _, facts in judge.asked] == [["one", "two"], ["three"]]
    assert scores.judged_facts == 0.25  # a half, c none; b was not judged
    assert scores.unjudged == 1
    with pytest.raises(ModelUnavailableError):
        evaluated({"a": said}, cases[:1], Scripted(ModelUnavailableError("away")))
