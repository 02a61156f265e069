"""Searches an index in the way that suits the query: fused as its words ask for, literal matches lifted."""

from __future__ import annotations

from dataclasses import replace

from assistant.interfaces import Embedder, Index, Vectors
from assistant.retrieval.literal import DEPTH, lifted
from assistant.retrieval.query import familiarity, read_query
from assistant.retrieval.stages import Stages
from assistant.types import Filters, Hit, Ranking, User


class RankedIndex:
    """An index with the ranking that the stages ask for.

    Args:
        index, embedder: of one another.
        stages: which of the ranking's stages are on.
    """

    def __init__(self, index: Index, embedder: Embedder, stages: Stages) -> None:
        self._index, self._embedder, self._stages = index, embedder, stages

    def ranking(self, query: str) -> Ranking:
        """Return how the query is ranked: words that the embedder does not know are searched for as words."""
        stages = self._stages
        how = Ranking(stages.fusion, exact=stages.exact)
        if not stages.familiarity or stages.fusion != "scores":
            return how
        known = familiarity(query, self._embedder.count_tokens([query])[0])
        return replace(how, meaning_weight=known * how.meaning_weight)

    def search(self, vector: Vectors, query: str, user: User, limit: int, filters: Filters, how: Ranking) -> list[Hit]:
        """Return the best chunks, best first; see `interfaces.Index.search`."""
        is_lifted = self._stages.literal and how.method == "scores"  # others are of other scales
        asked = max(limit, DEPTH) if is_lifted else limit
        hits = self._index.search(vector, query, user, asked, filters, how)
        return lifted(hits, read_query(query))[:limit] if is_lifted else hits
