"""How much of what an exact search finds the configured search of an index finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """Recall for a reader who may read this share of the chunks (0 to 1)."""

    readable: float
    recall: float


@dataclass(frozen=True, slots=True)
class Recall:
    """Recall among the `best` nearest chunks, over so many queries, by what the reader may read, largest share first.

    Empty `shares` say that the index is empty, or leaves the choice of search to nobody (it is always exact).
    """

    best: int
    queries: int
    shares: tuple[Share, ...] = ()

    @property
    def worst(self) -> float:
        """The lowest of the recalls; 1 where nothing was measured."""
        return min((share.recall for share in self.shares), default=1.0)
