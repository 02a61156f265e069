"""Fuses the search by meaning with that by words, given what both say of every candidate.

Where a learned sparse model weighs words as well, its search is a third one.

Each score is scaled linearly by its own list, from that of the hit at rank `DEPTH` to that of the best one, and the two
are added (Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2023). What one search alone
has found is looked up in the other one, so that the order of two hits depends neither on how many are asked for nor on
where either list ends. Measured against rank fusion and others in `infra/docs/retrieval.md`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from assistant.types.ranking import Ranking

DEPTH = 100
RRF_K = 60
_BELOW = 0.1
_LEARNED_SHARE = 1 / 3  # of a learned sparse model's search, where there is one: as much as each of the other two

Id = Any  # as the engine gives it: a UUID or its text; to turn one into the other takes as long as fusing does
Scores = Mapping[Id, float]
LookUp = Callable[[Collection[Id]], Scores]


@dataclass(frozen=True, slots=True)
class Fused:
    """A candidate: the fused score, its cosine (None where nobody looked) and its BM25 score (0: no word of it)."""

    id: Id
    score: float
    similarity: float | None
    words: float | None


def fuse(
    meaning: Scores,
    words: Scores,
    ranking: Ranking,
    limit: int,
    look_up: tuple[LookUp, LookUp],
    learned: tuple[Scores, LookUp] | None = None,
) -> list[Fused]:
    """Return the best candidates, best first; equal ones in the order of their ids.

    Args:
        meaning: cosines by id, of the best at least `DEPTH` hits if there are as many.
        words: BM25 scores by id, likewise; empty where no word is searched for.
        ranking: how they are fused.
        limit: at most so many.
        look_up: returns the exact cosines of the given ids, and their BM25 scores where these are above 0.
        learned: what a learned sparse model's search found, as `words`, and its look-up; None without such a model.
    """
    third = learned or ({}, _nothing)
    if ranking.method == "ranks":
        made = _by_ranks(meaning, words, third[0])
    elif ranking.method == "meaning" or (not words and not third[0] and ranking.method == "scores"):
        made = [Fused(key, score, score, None) for key, score in meaning.items()]
    elif ranking.method == "words":
        made = [Fused(key, score, None, score) for key, score in words.items()]
    else:
        made = _by_scores(meaning, words, third[0], ranking.meaning_weight, (*look_up, third[1]))
    return sorted(made, key=lambda one: (-one.score, one.id))[:limit]


def _by_scores(
    meaning: Scores, words: Scores, learned: Scores, weight: float, look_up: tuple[LookUp, LookUp, LookUp]
) -> list[Fused]:
    near, said, weighed = (
        _scale(meaning.values(), bottom=None), _scale(words.values(), bottom=0.0), _scale(learned.values(), bottom=0.0),
    )  # fmt: skip
    every = {*meaning, *words, *learned}
    cosines = {**meaning, **_missing(every - meaning.keys(), look_up[0])}
    counts = {**words, **_missing(every - words.keys(), look_up[1])} if words else {}
    weights = {**learned, **_missing(every - learned.keys(), look_up[2])} if learned else {}
    share, weight = (_LEARNED_SHARE if learned else 0.0), (weight if words else 1.0)

    def score(key: Id, cosine: float) -> float:
        of_two = weight * near(cosine) + (1 - weight) * said(counts.get(key, 0.0))
        return (1 - share) * of_two + share * weighed(weights.get(key, 0.0))

    return [Fused(key, score(key, cosine), cosine, counts.get(key, 0.0)) for key, cosine in cosines.items()]


def _by_ranks(*lists: Scores) -> list[Fused]:
    """Cormack, Clarke and Buettcher, "Reciprocal Rank Fusion", 2009. The first two lists are by meaning and words."""
    totals: dict[Id, float] = {}
    for scores in lists:
        for rank, key in enumerate(sorted(scores, key=lambda one: (-scores[one], one))):
            totals[key] = totals.get(key, 0.0) + 1 / (RRF_K + rank)
    return [Fused(key, total, lists[0].get(key), lists[1].get(key)) for key, total in totals.items()]


def _scale(scores: Collection[float], bottom: float | None) -> Callable[[float], float]:
    """Return what takes the score at rank `DEPTH` to 0 (with fewer hits `bottom`, or the lowest), the best to 1.

    What is further below is told apart, but costs a tenth at the most (an exponential unit): a code that one chunk
    alone holds is not to be lost for its distant meaning.
    """
    best = sorted(scores, reverse=True)[:DEPTH] or [0.0]
    low = best[-1] if len(best) == DEPTH or bottom is None else bottom
    span = best[0] - low

    def scaled(score: float) -> float:
        value = (score - low) / span if span > 0 else float(score >= best[0])
        return value if value >= 0 else _BELOW * math.expm1(value)

    return scaled


def _missing(ids: Collection[Id], look_up: LookUp) -> Scores:
    return look_up(ids) if ids else {}


def _nothing(_: Collection[Id]) -> Scores:
    return {}
