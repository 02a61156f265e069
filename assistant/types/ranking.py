"""How an index ranks what it finds: by which of its two searches, and how their scores are put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Method = Literal["scores", "ranks", "meaning", "words"]


@dataclass(frozen=True, slots=True)
class Ranking:
    """How the search by meaning (vectors) and that by words (BM25) are fused.

    Args:
        method: `scores`: the weighted sum of both scores, each scaled from that of the 100th hit (0) to the best (1);
            `ranks`: reciprocal rank fusion with k = 60; `meaning`, `words`: that search alone.
        meaning_weight: from 0 to 1, for `scores`; the rest is the words'.
        exact: whether what is to be found as it is written (codes, paths, numbers) has terms of its own.
    """

    method: Method = "scores"
    meaning_weight: float = 0.5
    exact: bool = True


BALANCED = Ranking()
