"""Scores sentences as answers: how close in meaning, and how many of the question's words they hold.

The score is a logistic function of the `Features`. Weights and threshold were set by hand after a logistic regression
on the best sentences of questions with and without an answer; `python -m tests.benchmarks.answer_threshold DATA --fit`
repeats the regression and prints all figures for both. The two sets of weights differ by less than the noise of a few
hundred questions; the regression finds next to nothing in `named` and `typed`, which are kept for questions that people
type ("... of the Munich office?").

The threshold 0.6 is a compromise: lower, more is answered; higher, more is refused. With int8 embeddings, half used for
fitting / other half (the hand-set values were chosen with both in view, so neither is untouched): answered 0.94 / 0.90
of the answerable xquad questions and 0.81 / 0.88 of the product ones; refused 0.78 / 0.78 and 0.54 / 0.53 with the
answering documents hidden (some of those are answered elsewhere too), and all questions on another subject. The right
sentence of xquad comes first in 0.82 / 0.82.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.answer.evidence import Candidate
from assistant.answer.words import Question
from assistant.interfaces import Embedder, Vectors

MAX_EMBEDDED = 24  # sentences embedded for one question; 32, 48 and 64 gave the same figures
_CONTEXT_CHARACTERS = 120  # of title and headings put before a sentence when it is embedded

_DIGIT = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|once|twice)\b", re.I
)
_DATE = re.compile(
    r"\b(?:1[0-9]|20)\d\d\b|\b\d{1,2}[./:-]\d{1,2}|\b(?:january|february|march|april|may|june|july|august|september|october|"
    r"november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|century|daily|weekly|monthly|annual\w*|"
    r"year|month|week|day|hour|deadline|before|after|until|during)s?\b",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?<!^)(?<![.!?:]\s)\b[A-Z][\w\u2019'-]+|\b(?:team|manager|supervisor|office|employees?|staff|everyone|anyone|you|people)\b"
)
_DURATION = re.compile(
    rf"(?:{_DIGIT.pattern})\S*\W+(?:\w+\W+)?(?:second|minute|hour|day|week|month|quarter|year|time)s?\b"
    r"|\b(?:daily|weekly|monthly|annually|yearly|every|twice|once)\b",
    re.IGNORECASE,
)
_TYPES = {"duration": _DURATION, "number": _DIGIT, "date": _DATE, "person": _NAME}


@dataclass(frozen=True, slots=True)
class Features:
    """What is measured of one candidate; all from 0 to 1 except `similarity`, which is a cosine.

    Attributes:
        similarity: question against the sentence with its title and headings.
        own: share of the question's words, weighted by rarity, that stand in the sentence.
        above: the same for the sentence, its headings and its document's title.
        around: the same for the whole stretch of text that the sentence was found in.
        named: share of the question's names that stand in the sentence, above or around it; 1 without names.
        typed: 1 if the sentence holds a number, date or name where one is asked for; 0.5 if none is asked for.
        first: 1 for the stretch that the search put first, falling with its rank.
    """

    similarity: float
    own: float
    above: float
    around: float
    named: float
    typed: float
    first: float

    def vector(self) -> tuple[float, ...]:
        """Return the values in the order of `WEIGHTS`."""
        return (self.similarity, self.own, self.above, self.around, self.named, self.typed, self.first)


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its features, its vector and the probability that it supports an answer."""

    candidate: Candidate
    features: Features
    vector: Vectors
    score: float


def measure(
    question: Question, candidates: Sequence[Candidate], embedder: Embedder
) -> list[tuple[Candidate, Features, Vectors]]:
    """Return the features of the candidates that could answer, at most `MAX_EMBEDDED` of them.

    A candidate without the question's numbers, dates and codes, in it, above it or around it, is none. Of the others,
    those that share most words with the question or come from the best stretches are embedded.
    """
    able = [c for c in candidates if question.codes <= c.codes and (question.code_wanted or not c.sentence.code)]
    if not able:
        return []
    weights = _weights(question, candidates)
    shares = [
        tuple(_share(weights, held) for held in (c.own, c.own | c.above, c.own | c.above | c.around)) for c in able
    ]
    typed = [_typed(question, c) for c in able]
    first = [1.0 / (1 + c.rank) for c in able]

    def promise(number: int) -> float:
        own, above, around = shares[number]
        return own + above + 0.5 * around + 0.5 * first[number] + 0.3 * typed[number]

    chosen = sorted(range(len(able)), key=promise, reverse=True)[:MAX_EMBEDDED]
    vectors = embedder.embed_passages([_text(able[i]) for i in chosen])
    similar = vectors @ embedder.embed_query(question.text)
    return [
        (
            able[i],
            Features(
                float(similarity),
                shares[i][0],
                shares[i][1],
                shares[i][2],
                _named(question, able[i]),
                typed[i],
                first[i],
            ),
            vector,
        )
        for i, similarity, vector in zip(chosen, similar, vectors, strict=True)
    ]


def _text(candidate: Candidate) -> str:
    """Return the sentence as it is embedded: with the end of its headings, so that 'it' and lists have a subject."""
    context = ": ".join([candidate.document.ref.title, *candidate.sentence.context])
    return f"{context[-_CONTEXT_CHARACTERS:]}: {candidate.sentence.plain}"


def _weights(question: Question, candidates: Sequence[Candidate]) -> dict[str, float]:
    """Return the share of each question word: the rarer among the stretches found, the heavier; unseen is rarest."""
    stretches = {(id(c.document), c.rank): c.around | c.above for c in candidates}
    counts = Counter(word for held in stretches.values() for word in held if word in question.weights)
    total = len(stretches)
    raw = {
        word: weight * (1.0 + math.log((total + 1) / (counts[word] + 0.5)) / math.log(2 * (total + 1)))
        for word, weight in question.weights.items()
    }
    whole = sum(raw.values())
    return {word: weight / whole for word, weight in raw.items()} if whole else {}


def _share(weights: dict[str, float], held: frozenset[str]) -> float:
    return sum(weight for word, weight in weights.items() if word in held)


def _named(question: Question, candidate: Candidate) -> float:
    if not question.names:
        return 1.0
    held = candidate.own | candidate.above | candidate.around
    return len(question.names & held) / len(question.names)


def _typed(question: Question, candidate: Candidate) -> float:
    pattern = _TYPES.get(question.wants)
    if pattern is None:
        return 0.5
    if pattern.search(candidate.sentence.plain):
        return 1.0
    # 'How long' may ask for a length that is no time: a password of 16 characters.
    return 0.5 if question.wants == "duration" and _DIGIT.search(candidate.sentence.plain) else 0.0


# Order as in Features.vector, the constant last.
WEIGHTS = (5.0, 1.0, 1.5, 2.5, 1.0, 0.3, 0.3)
BIAS = -5.6


def probability(features: Features) -> float:
    """Return how likely it is, from 0 to 1, that the sentence supports an answer (logistic)."""
    total = BIAS + float(np.dot(WEIGHTS, features.vector()))
    return 1.0 / (1.0 + math.exp(-total))
