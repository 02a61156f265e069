"""Lifts hits that say what is asked in the same words in a row: names, codes, commands, quoted phrases.

The bonus grows with the square of the longest run of the query's words that a chunk has, so that it hardly moves what
shares two words with a question, and brings what holds all of it to the top. Measured in `infra/docs/retrieval.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistant.adapters.terms import plain_words
from assistant.retrieval.query import Query
from assistant.types import Hit

BONUS = 0.3  # of a chunk that has all of it; the best chunk by meaning and by words has a score of 1
DEPTH = 50  # hits that are looked at


def lifted(hits: Sequence[Hit], query: Query) -> list[Hit]:
    """Return the hits with their bonus, best first; beyond `DEPTH` they stay as they are.

    Args:
        hits: best first, with scores from 0 to 1.
        query: what was asked.
    """
    weights = [[float(query.says_something(word)) for word in phrase] for phrase in query.phrases]
    if not any(map(any, weights)):
        return list(hits)
    scored = [replace(hit, score=hit.score + BONUS * _share(hit, query, weights) ** 2) for hit in hits[:DEPTH]]
    return sorted(scored, key=lambda hit: -hit.score) + list(hits[DEPTH:])


def _share(hit: Hit, query: Query, weights: Sequence[Sequence[float]]) -> float:
    """Return the largest share of a phrase that the chunk, its title's headings included, has in a row."""
    chunk = hit.chunk
    said = plain_words("\n".join((*chunk.heading_path, chunk.own_text, chunk.captions)))
    return max(
        longest_run(phrase, weighed, said) / sum(weighed)
        for phrase, weighed in zip(query.phrases, weights, strict=True)
        if any(weighed)
    )


def longest_run(phrase: Sequence[str], weights: Iterable[float], said: Sequence[str]) -> float:
    """Return the weight of the heaviest run of words that both have in the same order, without a gap."""
    places: dict[str, list[int]] = {word: [] for word in set(phrase).intersection(said)}  # most chunks have one or none
    if not places:
        return 0.0
    for at, word in enumerate(said):
        if word in places:
            places[word].append(at)
    best, before = 0.0, dict[int, float]()
    for word, weight in zip(phrase, weights, strict=True):
        before = {at: before.get(at - 1, 0.0) + weight for at in places.get(word, ())}
        best = max([best, *before.values()])
    return best
