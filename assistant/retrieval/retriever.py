"""Searches the index, and lets only those hits through that the catalog confirms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from assistant.errors import ConfigurationError
from assistant.interfaces import Embedder, Index, PictureEmbedder
from assistant.retrieval.literal import DEPTH as LITERAL_DEPTH
from assistant.retrieval.literal import lifted
from assistant.retrieval.query import familiarity, read_query
from assistant.types import EVERYTHING, DocumentInfo, DocumentRef, Filters, Hit, Passage, Ranking, User
from assistant.types.ranking import Method

Search = Callable[[int], list[Hit]]  # given how many hits are wanted

_OVERFETCH = 2  # asked for at first, since the catalog may refuse some
_MOST = 4096  # asked for at the most, however many are refused


@dataclass(frozen=True, slots=True)
class Stages:
    """What of the ranking is on; `infra/docs/retrieval.md` says what each is worth.

    Args:
        fusion: how the two searches are put together, or which of them is used.
        exact: codes, paths and the like have terms of their own.
        familiarity: the less the embedder knows a query's words, the more the search by words counts.
        literal: hits that have a query's words in a row are lifted.
    """

    fusion: Method = "scores"
    exact: bool = True
    familiarity: bool = True
    literal: bool = True


ALL_STAGES = Stages()


class Catalog(Protocol):
    """What the retriever asks of the catalog; `assistant.access.Library` is one."""

    def readable(self, document_ids: Iterable[str], user: User) -> Mapping[str, DocumentInfo]:
        """Return those of the documents that are current and that the user may read, by id."""
        ...


class Retriever:
    """Finds passages: the engine filters by rights and ranks, the catalog confirms version and rights of every hit.

    Args:
        index: opened with the picture embedder, where there is one.
        embedder: of the index's chunks.
        catalog: confirms hits.
        pictures: embeds the index's pictures; None where no model is configured.
        stages: which of the optional stages are on.
    """

    def __init__(
        self,
        index: Index,
        embedder: Embedder,
        catalog: Catalog,
        pictures: PictureEmbedder | None = None,
        stages: Stages = ALL_STAGES,
    ) -> None:
        self._index = index
        self._embedder = embedder
        self._catalog = catalog
        self._pictures = pictures
        self._stages = stages

    def search(self, query: str, user: User, limit: int, filters: Filters = EVERYTHING) -> list[Passage]:
        """Return the best passages, best first.

        Pictures have a ranking of their own (`search_pictures`). Fused in, they cost nDCG@10 0.013 of 0.710 on scifact
        with random pictures, and the best one reached the first ten for 4 % of the questions.

        Args:
            query: the question or keywords; an empty one finds nothing.
            user: who asks; nothing is returned that this user may not read now.
            limit: at most so many passages.
            filters: only documents that these allow.

        Raises:
            IndexUnavailableError: the index does not answer.
        """
        if not query.strip() or limit < 1:
            return []
        vector, read, how = self._embedder.embed_query(query), read_query(query), self._ranking(query)
        is_lifted = self._stages.literal and how.method == "scores"  # others are of other scales

        def search(asked: int) -> list[Hit]:
            hits = self._index.search(
                vector, query, user, max(asked, LITERAL_DEPTH) if is_lifted else asked, filters, how
            )
            return lifted(hits, read)[:asked] if is_lifted else hits

        return self._found(search, user, limit, filters)

    def _ranking(self, query: str) -> Ranking:
        """Return how the query is ranked: words that the embedder does not know are searched for as words."""
        stages = self._stages
        how = Ranking(stages.fusion, exact=stages.exact)
        if not stages.familiarity or stages.fusion != "scores":
            return how
        known = familiarity(query, self._embedder.count_tokens([query])[0])
        return replace(how, meaning_weight=known * how.meaning_weight)

    def search_pictures(self, query: str, user: User, limit: int, filters: Filters = EVERYTHING) -> list[Passage]:
        """Return the places of the pictures that look most like what the query says, best first, scored by cosine.

        Args:
            query: words; empty ones find nothing.
            user, limit, filters: as in `search`.

        Raises:
            ConfigurationError: no picture embedder is configured.
            IndexUnavailableError: the index does not answer.
        """
        embedder = self._looks()
        if not query.strip() or limit < 1:
            return []
        looks = embedder.embed_query(query)
        return self._found(lambda asked: self._index.search_pictures(looks, user, asked, filters), user, limit, filters)

    def search_by_picture(self, picture: bytes, user: User, limit: int, filters: Filters = EVERYTHING) -> list[Passage]:
        """Return the places of the pictures that look most like this one, best first, scored by cosine.

        Args:
            picture: an image file.
            user, limit, filters: as in `search`.

        Raises:
            ConfigurationError: no picture embedder is configured.
            DamagedDocumentError: the picture cannot be decoded.
            IndexUnavailableError: the index does not answer.
        """
        embedder = self._looks()
        if limit < 1:
            return []
        looks = embedder.embed_pictures([picture])[0]
        return self._found(lambda asked: self._index.search_pictures(looks, user, asked, filters), user, limit, filters)

    def _looks(self) -> PictureEmbedder:
        if self._pictures is None:
            raise ConfigurationError(
                "pictures are not searched by their looks: no model is configured", "set ASSISTANT_PICTURE_EMBEDDER"
            )
        return self._pictures

    def _found(self, search: Search, user: User, limit: int, filters: Filters) -> list[Passage]:
        """Return the first `limit` hits that the catalog confirms, or all if there are fewer."""
        asked = limit * _OVERFETCH
        while True:
            hits = search(asked)
            passages = self._confirmed(hits, user, filters)
            if len(passages) >= limit or len(hits) < asked or asked >= _MOST:
                return passages[:limit]
            asked = min(asked * 4, _MOST)

    def _confirmed(self, hits: Sequence[Hit], user: User, filters: Filters) -> list[Passage]:
        readable = self._catalog.readable((hit.document_id for hit in hits), user)
        # the index may lag behind with what filters go by, too
        current = {document: info for document, info in readable.items() if filters.allows(info)}
        # another version, or none: deleted, replaced or withdrawn since it was indexed
        known = [(hit, current[hit.document_id].ref) for hit in hits if hit.document_id in current]
        return [_passage(ref, hit) for hit, ref in known if ref.version == hit.version]


def _passage(ref: DocumentRef, hit: Hit) -> Passage:
    chunk = hit.chunk
    return Passage(
        ref=ref,
        start=chunk.start,
        end=chunk.end,
        text=chunk.text,
        page=chunk.page,
        score=hit.score,
        heading_path=chunk.heading_path,
        table_header=chunk.table_header,
        pictures=chunk.pictures,
        captions=chunk.captions,
    )
