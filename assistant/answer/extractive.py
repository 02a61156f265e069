"""Answers a question with the sentences that support it best, or says that the documents do not answer it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assistant.answer.evidence import Candidate
from assistant.answer.scoring import Scored, measure, probability
from assistant.answer.words import Question
from assistant.citations import Draft
from assistant.interfaces import Embedder
from assistant.types import Passage

NOT_FOUND = "The documents you may read do not answer this."
MODEL = "extractive"

THRESHOLD = 0.6  # of the best sentence's score; below it nothing is answered
MAX_SENTENCES = 3
_NEAR = 0.6  # how far a further sentence may lie behind the best one, in log-odds
_SAME = 0.7  # share of common words from which two sentences say the same


def choose(
    question: Question, candidates: Sequence[Candidate], embedder: Embedder, threshold: float = THRESHOLD
) -> list[Scored]:
    """Return the sentences of the answer, best first: none if the best one scores below the threshold.

    A further sentence is taken if it scores nearly as high, does not overlap and does not repeat another.

    Args:
        question: as read by `words.read_question`.
        candidates: from `evidence.gather`.
        embedder: used once, for at most `scoring.MAX_EMBEDDED` sentences.
        threshold: from 0 to 1.
    """
    ranked = rank(question, candidates, embedder)
    if not ranked or ranked[0].score < threshold:
        return []
    chosen = [ranked[0]]
    floor = _logit(ranked[0].score) - _NEAR
    for scored in ranked[1:]:
        if len(chosen) == MAX_SENTENCES or scored.score < threshold or _logit(scored.score) < floor:
            break
        if not any(_repeats(scored.candidate, other.candidate) for other in chosen):
            chosen.append(scored)
    return chosen


def _logit(share: float) -> float:
    return math.log(share / (1.0 - share))


def rank(question: Question, candidates: Sequence[Candidate], embedder: Embedder) -> list[Scored]:
    """Return the measured candidates with their scores, best first."""
    measured = measure(question, candidates, embedder)
    scored = [Scored(candidate, features, vector, probability(features)) for candidate, features, vector in measured]
    return sorted(scored, key=lambda s: -s.score)


def draft(number: int, scored: Scored) -> Draft:
    """Return the sentence as citation `number`, still to be checked against the stored text."""
    document, sentence = scored.candidate.document, scored.candidate.sentence
    headings = sentence.context[:-1] if sentence.header else sentence.context
    passage = Passage(
        document.ref,
        sentence.start,
        sentence.end,
        sentence.text,
        document.page_at(sentence.start),
        score=scored.score,
        heading_path=headings,
        table_header=sentence.header,
        pictures=document.pictures_beside(sentence.start, sentence.end),
    )
    return Draft(number, passage, sentence.text)


def _repeats(one: Candidate, other: Candidate) -> bool:
    if one.document.ref.id == other.document.ref.id:
        a, b = one.sentence, other.sentence
        if a.start < b.end and b.start < a.end:
            return True
    smaller = min(len(one.own), len(other.own))
    return smaller == 0 or len(one.own & other.own) / smaller > _SAME
