"""Measures answers: what was read for them, what they say and cite, and whether they refuse where they should.

Each figure is the mean over the questions that say something of it, so that two runs can be compared question by
question; only `verified` is a share of all citations.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.errors import ModelServerError, ModelUnavailableError
from assistant.evaluation.cases import AnswerCase
from assistant.evaluation.evidence import Evidence, Gold, Library, Stretches
from assistant.evaluation.facts import holds, share_held, token_f1
from assistant.evaluation.results import Item, OnProgress, QueryResult, mean, rounded, shortened
from assistant.evaluation.timing import percentile
from assistant.interfaces import Judge
from assistant.types import Answer, Citation, User

Ask = Callable[[str, User], Answer]

METRICS = (
    "facts",
    "fact_share",
    "answer_f1",
    "judged_facts",
    "found",
    "refused",
    "evidence",
    "gold_in_context",
    "gold_cited",
    "citation_precision",
    "citation_recall",
    "quote_precision",
    "quote_recall",
    "verified",
)
COUNTS = ("false_refusals", "unmatched", "unlocated", "unjudged")  # of all questions together


@dataclass(frozen=True, slots=True)
class AnswerScores:
    """Shares from 0 to 1, None where the file holds no case that the share could be taken of; times in milliseconds.

    Attributes:
        facts: facts that the answer holds, by words; see `facts`.
        fact_share: words of the facts that the answer has.
        answer_f1: words in common with the gold answer.
        judged_facts: facts that the answer holds, as a judge says.
        found: answerable questions that were answered; the others are false refusals.
        refused: unanswerable questions that were not.
        evidence: the gold quotes' tokens that were read for the answer.
        gold_in_context: gold documents of which something was read for the answer.
        gold_cited: questions whose answer cites a gold document.
        citation_precision: citations that point to a gold document.
        citation_recall: gold documents that are cited.
        quote_precision: cited tokens that belong to a gold quote.
        quote_recall: the gold quotes' tokens that are cited.
        verified: citations whose quote stands exactly where it is said to.
        unmatched: names of gold documents that nothing has, as they are written; they count as not found.
        unlocated: gold quotes that stand in none of their documents; they are left out.
        unjudged: answers that the judge said nothing usable of.
        results: the questions one by one.
    """

    questions: int
    facts: float | None
    fact_share: float | None
    answer_f1: float | None
    judged_facts: float | None
    found: float | None
    refused: float | None
    evidence: float | None
    gold_in_context: float | None
    gold_cited: float | None
    citation_precision: float | None
    citation_recall: float | None
    quote_precision: float | None
    quote_recall: float | None
    verified: float | None
    p50_ms: float
    p95_ms: float
    unmatched: tuple[str, ...] = ()
    unlocated: tuple[str, ...] = ()
    unjudged: int = 0
    results: tuple[QueryResult, ...] = ()

    def as_dict(self) -> dict[str, float | int | None]:
        """Return the values by name, shares rounded to four digits."""
        return {
            "questions": self.questions,
            **{name: rounded(getattr(self, name)) for name in METRICS},
            "false_refusals": None if self.found is None else rounded(1 - self.found),
            "unmatched": len(self.unmatched),
            "unlocated": len(self.unlocated),
            "unjudged": self.unjudged,
            "p50_ms": round(self.p50_ms, 2),
            "p95_ms": round(self.p95_ms, 2),
        }

    def notes(self) -> tuple[str, ...]:
        """Return in words what of the file could not be used."""
        found = []
        if self.unmatched:
            found.append(f"no document is called {_some(self.unmatched)}; counted as not found")
        if self.unlocated:
            found.append(f"not in the documents named for it, and left out: {_some(self.unlocated)}")
        if self.unjudged:
            found.append(f"the judge said nothing usable of {self.unjudged} answers; they are left out of judged_facts")
        return tuple(found)


@dataclass(frozen=True, slots=True)
class _Asked:
    case: AnswerCase
    answer: Answer
    gold: Gold
    result: QueryResult


def evaluate_answers(
    ask: Ask,
    cases: Sequence[AnswerCase],
    library: Library,
    *,
    evaluator: User,
    reader: User,
    judge: Judge | None = None,
    on_progress: OnProgress | None = None,
) -> AnswerScores:
    """Ask every case's question and score the answers.

    Args:
        ask: answers a question for a user.
        cases: with different names.
        library: holds the documents.
        evaluator: finds and reads the gold documents; who may read them all is to be this user.
        reader: asks the questions of cases that name no reader of their own.
        judge: also says which facts an answer holds; None: nobody does.
        on_progress: called after each question.

    Raises:
        ModelUnavailableError: the judge does not answer.
    """
    evidence = Evidence(library, evaluator)
    asked: list[_Asked] = []
    unjudged = 0
    for case in cases:
        user = case.reader or reader
        start = time.perf_counter()
        answer = ask(case.question, user)
        seconds = time.perf_counter() - start
        read = Stretches.planned(answer.plan)
        gold = evidence.gold(case, read.by_document)
        scores = _scores(case, answer, gold, evidence, read)
        wanted = case.facts or ((case.gold_answer,) if case.gold_answer else ())
        if judge is not None and case.answerable and wanted:
            scores["judged_facts"] = _judged(judge, case.question, answer, wanted)
            unjudged += scores["judged_facts"] is None
        result = _result(case, answer, gold, scores, read, seconds, user)
        asked.append(_Asked(case, answer, gold, result))
        if on_progress:
            on_progress(len(asked), len(cases))
    return _summary(asked, unjudged)


def _scores(
    case: AnswerCase, answer: Answer, gold: Gold, evidence: Evidence, read: Stretches
) -> dict[str, float | None]:
    scores: dict[str, float | None] = dict.fromkeys(METRICS)
    scores["verified"] = mean(float(citation.verified) for citation in answer.citations)
    if not case.answerable:
        scores["refused"] = float(not answer.found)
        return scores
    scores["found"] = float(answer.found)
    scores["facts"] = mean(float(holds(answer.text, fact)) for fact in case.facts)
    scores["fact_share"] = mean(share_held(fact, answer.text) for fact in case.facts)
    if case.gold_answer:
        scores["answer_f1"] = token_f1(answer.text, case.gold_answer)
    if case.documents:
        cited = {citation.passage.ref.id for citation in answer.citations}
        right = gold.any_document
        scores["gold_in_context"] = mean(float(not ids.isdisjoint(read.by_document)) for ids in gold.documents)
        scores["gold_cited"] = float(not cited.isdisjoint(right))
        scores["citation_precision"] = mean(float(c.passage.ref.id in right) for c in answer.citations)
        scores["citation_recall"] = mean(float(not ids.isdisjoint(cited)) for ids in gold.documents)
    if case.quotes:
        pointed = Stretches.cited(answer.citations)
        scores["evidence"] = evidence.covered(gold, read)
        scores["quote_precision"] = evidence.pointed(gold, pointed)
        scores["quote_recall"] = evidence.covered(gold, pointed)
    return scores


def _judged(judge: Judge, question: str, answer: Answer, facts: Sequence[str]) -> float | None:
    """Return the share of the facts that the judge finds in the answer; a refusal holds none, and nobody is asked."""
    if not answer.found:
        return 0.0
    try:
        return mean(float(held) for held in judge.held(question, answer.text, facts))
    except ModelUnavailableError:
        raise
    except ModelServerError:  # one reply that makes no sense does not end the evaluation; it is counted
        return None


def _result(
    case: AnswerCase,
    answer: Answer,
    gold: Gold,
    scores: dict[str, float | None],
    read: Stretches,
    seconds: float,
    user: User,
) -> QueryResult:
    cited = {citation.passage.ref.id for citation in answer.citations}
    expected = [Item("a refusal", "", not answer.found)] if not case.answerable else []
    expected += [Item(fact, "fact", holds(answer.text, fact)) for fact in case.facts]
    for name, ids in zip(case.documents, gold.documents, strict=True):
        place = "cited" if ids & cited else "read" if not ids.isdisjoint(read.by_document) else "not read"
        expected.append(Item(name, f"document, {place if ids else 'nothing is called so'}", bool(ids & cited)))
    for quote, places in zip(case.quotes, gold.quotes, strict=True):
        note = "quote" if places else "quote that stands in none of its documents"
        expected.append(Item(shortened(quote.text), note))
    if not expected and case.gold_answer:
        expected.append(Item(shortened(case.gold_answer), "gold answer"))
    return QueryResult(
        id=case.name,
        text=case.question,
        scores=scores,
        expected=tuple(expected),
        found=tuple(_cited(citation, gold, case) for citation in answer.citations),
        seconds=seconds,
        answer=shortened(answer.text, 2000),
        note=f"asked as {user.id}{''.join(f', {group}' for group in sorted(user.groups))}; {answer.plan.reason}",
    )


def _cited(citation: Citation, gold: Gold, case: AnswerCase) -> Item:
    ref = citation.passage.ref
    verified = "" if citation.verified else ", not verified"
    note = f"characters {citation.passage.start}-{citation.passage.end}{verified}"
    good = (ref.id in gold.any_document) if case.documents else None
    return Item(f"{ref.source}:{ref.key}", note, good, shortened(citation.quote))


def _summary(asked: Sequence[_Asked], unjudged: int) -> AnswerScores:
    times = [one.result.seconds for one in asked]
    means = {name: mean(one.result.scores[name] for one in asked) for name in METRICS}
    means["verified"] = mean(float(citation.verified) for one in asked for citation in one.answer.citations)
    named = [(one.case.documents, one.gold.documents) for one in asked]
    unmatched = {name for names, found in named for name, ids in zip(names, found, strict=True) if not ids}
    quoted = [(one.case.quotes, one.gold.quotes) for one in asked]
    unlocated = [quote.text for quotes, found in quoted for quote, at in zip(quotes, found, strict=True) if not at]
    return AnswerScores(
        questions=len(asked),
        **means,
        p50_ms=1000 * percentile(times, 50),
        p95_ms=1000 * percentile(times, 95),
        unmatched=tuple(sorted(unmatched)),
        unlocated=tuple(shortened(text, 80) for text in unlocated),
        unjudged=unjudged,
        results=tuple(one.result for one in asked),
    )


def _some(names: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(repr(name) for name in names[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")
