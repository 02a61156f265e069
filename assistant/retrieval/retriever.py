"""Searches the index, and lets only those hits through that the catalog confirms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from assistant.interfaces import Embedder, Index
from assistant.types import DocumentInfo, Hit, Passage, User

_OVERFETCH = 2  # asked for at first, since the catalog may refuse some
_MOST = 4096  # asked for at the most, however many are refused


class Catalog(Protocol):
    """What the retriever asks of the catalog; `assistant.access.Library` is one."""

    def readable(self, document_ids: Iterable[str], user: User) -> Mapping[str, DocumentInfo]:
        """Return those of the documents that are current and that the user may read, by id."""
        ...


class Retriever:
    """Finds passages: the engine filters by rights and ranks, the catalog confirms version and rights of every hit."""

    def __init__(self, index: Index, embedder: Embedder, catalog: Catalog) -> None:
        self._index = index
        self._embedder = embedder
        self._catalog = catalog

    def search(self, query: str, user: User, limit: int, sources: Sequence[str] | None = None) -> list[Passage]:
        """Return the best passages, best first.

        Args:
            query: the question or keywords; an empty one finds nothing.
            user: who asks; nothing is returned that this user may not read now.
            limit: at most so many passages.
            sources: only documents of these sources; None means all.

        Raises:
            IndexUnavailableError: the index does not answer.
        """
        if not query.strip() or limit < 1:
            return []
        vector = self._embedder.embed_query(query)
        asked = limit * _OVERFETCH
        while True:
            hits = self._index.search(vector, query, user, asked, sources)
            passages = self._confirmed(hits, user)
            if len(passages) >= limit or len(hits) < asked or asked >= _MOST:
                return passages[:limit]
            asked = min(asked * 4, _MOST)

    def _confirmed(self, hits: Sequence[Hit], user: User) -> list[Passage]:
        current = self._catalog.readable((hit.document_id for hit in hits), user)
        passages = []
        for hit in hits:
            info = current.get(hit.document_id)
            if info is None or info.ref.version != hit.version:
                continue  # deleted, replaced or withdrawn since it was indexed
            chunk = hit.chunk
            passages.append(
                Passage(
                    ref=info.ref,
                    start=chunk.start,
                    end=chunk.end,
                    text=chunk.text,
                    page=chunk.page,
                    score=hit.score,
                    heading_path=chunk.heading_path,
                    table_header=chunk.table_header,
                )
            )
        return passages
