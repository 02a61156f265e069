"""Lets only those hits through that the catalog confirms: the current version, and readable by who asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from assistant.retrieval.candidates import Candidate, confirmed
from assistant.types import DocumentInfo, Filters, Hit, User

Search = Callable[[int], list[Hit]]  # given how many hits are wanted
Rework = Callable[[list[Candidate]], list[Candidate]]  # may leave out what others say as well

OVERFETCH = 2  # asked for at first, since the catalog may refuse some
_MOST = 4096  # asked for at the most, however many are refused


class Catalog(Protocol):
    """What searches ask of the catalog; `assistant.access.Library` is one."""

    def readable(self, document_ids: Iterable[str], user: User) -> Mapping[str, DocumentInfo]:
        """Return those of the documents that are current and that the user may read, by id."""
        ...

    def generation_seen(self) -> int:
        """Return a number that every change of documents, their versions or readers raises, as of the last `readable`.

        Asks nothing anew: if it is the same before a search and after its hits were confirmed, nothing changed.
        """
        ...


class Confirmer:
    """Asks an index for hits until the catalog has confirmed enough of them.

    Args:
        catalog: has the last word.
    """

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def first(
        self, search: Search, user: User, limit: int, filters: Filters, *, least: int = 0, rework: Rework | None = None
    ) -> list[Candidate]:
        """Return at least `limit` candidates, best first, or all there are.

        Args:
            search: asks the index.
            user: who asks.
            limit: how many are wanted after `rework`.
            filters: what the search asked for; an index may let more through.
            least: how many to ask the index for at first, where that is more than `limit` takes.
            rework: applied to what was confirmed.
        """
        asked = max(limit * OVERFETCH, least)
        while True:
            hits = search(asked)
            candidates = self._allowed(hits, user, filters)
            if rework is not None:
                candidates = rework(candidates)
            if len(candidates) >= limit or len(hits) < asked or asked >= _MOST:
                return candidates
            asked = min(asked * 4, _MOST)

    def still_holds(self, candidates: Sequence[Candidate], user: User) -> bool:
        """Whether every one of them, and every document that it names beside its own, is as it was for this user."""
        refs = [ref for c in candidates for ref in (c.passage.ref, *c.passage.also)]
        current = self._catalog.readable((ref.id for ref in refs), user)
        return all(ref.id in current and current[ref.id].ref == ref for ref in refs)

    def _allowed(self, hits: Sequence[Hit], user: User, filters: Filters) -> list[Candidate]:
        current = self._catalog.readable((hit.document_id for hit in hits), user)
        return [candidate for candidate in confirmed(hits, current) if filters.allows(candidate.info)]
