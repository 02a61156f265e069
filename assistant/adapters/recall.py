"""Measures what an index's configured vector search finds of what an exact one finds, for several kinds of readers.

Queries are stored vectors moved at random, so that they are near something without being it. A result counts by its
score: it is right if it is as near as the last of the exact ones, so that equal vectors are no mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from assistant.interfaces import Vectors
from assistant.types import LOCAL_OPERATOR, User
from assistant.types.recall import Recall, Share

BEST = 10
SAMPLE = 100  # queries
LEAST = 0.97  # below, a search loses too much; 100 queries tell this from 0.98 with an error of about half a point
SHARES = (0.5, 0.1, 0.01)  # of the chunks; readers near these are looked for
_MOVED = 0.75  # length of the random step beside the unit vector: cosine 0.8
_EQUAL = 1e-4

# The scores of the best chunks that this user may read, nearest first; exactly searched or as configured.
Scores = Callable[[list[float], User, bool], list[float]]


def measure(stored: Vectors, readers: Sequence[tuple[float, User]], scores: Scores) -> Recall:
    """Return the recall of the configured search.

    Args:
        stored: a sample of the index's vectors, shape `(n, dimension)`; any length but zero.
        readers: whom to search for, with the share of the chunks that each may read.
        scores: searches for the `BEST` nearest.
    """
    if not len(stored):
        return Recall(BEST, 0)
    queries = _moved(stored)
    shares = [Share(round(share, 4), _recall(queries, user, scores)) for share, user in readers]
    return Recall(BEST, len(queries), tuple(shares))


def pick_readers(counts: Mapping[str, int], chunks: int) -> list[tuple[float, User]]:
    """Return who reads everything, and for each of `SHARES` the principal of the index whose share is nearest to it.

    Args:
        counts: chunks that allow a principal, by its name.
        chunks: all.
    """
    found = {LOCAL_OPERATOR: 1.0}
    for wanted in SHARES:
        near = [(abs(np.log(count / chunks / wanted)), name) for name, count in counts.items() if 0 < count < chunks]
        if near:
            name = min(near)[1]
            found[_reader(name)] = counts[name] / chunks
    return sorted(((share, user) for user, share in found.items()), key=lambda one: -one[0])


def _reader(principal: str) -> User:
    kind, _, name = principal.partition(":")
    return User(name) if kind == "user" else User("recall-check", frozenset({name}))


def _moved(stored: Vectors) -> Vectors:
    dice = np.random.default_rng(0)
    step = dice.standard_normal(stored.shape, dtype=np.float32)
    lengths = np.linalg.norm(stored, axis=1, keepdims=True)
    known = stored[lengths[:, 0] > 0] / lengths[lengths[:, 0] > 0]
    step = step[: len(known)]
    moved = known + _MOVED * step / np.linalg.norm(step, axis=1, keepdims=True)
    unit: Vectors = (moved / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)
    return unit


def _recall(queries: Vectors, user: User, scores: Scores) -> float:
    found = wanted = 0
    for query in queries.tolist():
        exact = scores(query, user, True)
        if not exact:
            continue
        wanted += len(exact)
        found += min(len(exact), sum(score >= exact[-1] - _EQUAL for score in scores(query, user, False)))
    return round(found / wanted, 4) if wanted else 1.0
