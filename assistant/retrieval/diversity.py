"""Lets several documents speak: no more than so many passages of one come before those of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from assistant.retrieval.candidates import Candidate


def cap_documents(candidates: Sequence[Candidate], most: int) -> list[Candidate]:
    """Return the candidates with those behind all others of which their document has `most` better ones.

    Nothing is lost: where no other document speaks, the list is filled as before. The order of the documents by their
    best passage stays the same.

    Args:
        candidates: best first.
        most: passages of one document; 0: any number.
    """
    if most < 1:
        return list(candidates)
    seen: Counter[str] = Counter()
    first: list[Candidate] = []
    behind: list[Candidate] = []
    for candidate in candidates:
        seen[candidate.document] += 1
        (first if seen[candidate.document] <= most else behind).append(candidate)
    return first + behind
