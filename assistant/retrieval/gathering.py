"""Brings forward passages of long documents beside which others were found: what is spoken of there goes on.

A single hit in a transcript may be a remark; where several stand together, the matter was dealt with. So a passage
counts a share of those around it, the less the further away they are: an estimate of how dense the finds are (Callan,
"Passage-level evidence in document retrieval", SIGIR 1994, on windows; de Kretser and Moffat, "Effective document
presentation with a locality-based similarity heuristic", SIGIR 1999).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from statistics import fmean, pstdev

from assistant.retrieval.candidates import Candidate

SHARE = 0.3  # what a passage right beside another one counts of it; chosen on the dev half of qmsum_meetings
_TEMPERATURE = 1.5  # the higher, the more alike are good and bad passages
_FAR = 3  # reaches; what lies further away does not count


def gather(candidates: Sequence[Candidate], reach: int) -> list[Candidate]:
    """Return the candidates in the order of how much was found in them and around them, within their documents.

    Args:
        candidates: best first, of any number of documents; the more of them, the better they are ordered.
        reach: characters at which a passage counts 0.6 of what it does right beside another.
    """
    if len(candidates) < 3:
        return list(candidates)
    weights = _weights([c.passage.score for c in candidates])
    places: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for candidate, weight in zip(candidates, weights, strict=True):
        places[candidate.document].append((_middle(candidate), weight))
    for found in places.values():
        found.sort()
    sums = [
        (1 - SHARE) * weight + SHARE * _around(places[candidate.document], _middle(candidate), reach)
        for candidate, weight in zip(candidates, weights, strict=True)
    ]
    order = sorted(range(len(candidates)), key=lambda at: -sums[at])
    return [candidates[at] for at in order]


def _weights(scores: Sequence[float]) -> list[float]:
    """Return weights above 0 that grow with the scores, whatever these are measured in."""
    mean, spread = fmean(scores), pstdev(scores)
    return [math.exp((score - mean) / spread / _TEMPERATURE) if spread else 1.0 for score in scores]


def _around(places: Sequence[tuple[float, float]], middle: float, reach: int) -> float:
    """Return the sum of the weights of a document's passages, each by its distance; the passage's own is among them."""
    low = bisect_left(places, (middle - _FAR * reach, -math.inf))
    high = bisect_right(places, (middle + _FAR * reach, math.inf))
    return sum(weight * math.exp(-(((place - middle) / reach) ** 2) / 2) for place, weight in places[low:high])


def _middle(candidate: Candidate) -> float:
    return (candidate.passage.start + candidate.passage.end) / 2
