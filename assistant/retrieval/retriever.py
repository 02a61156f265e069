"""From a question or a picture to the passages that a user may read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from assistant.errors import ConfigurationError
from assistant.interfaces import Embedder, Index, PictureEmbedder
from assistant.retrieval.caches import Caches, ResultKey
from assistant.retrieval.confirming import Catalog, Confirmer
from assistant.retrieval.growing import Reader
from assistant.retrieval.pipeline import Pipeline
from assistant.retrieval.stages import LONG_READING, PLAIN, Shown, Stages
from assistant.retrieval.tracing import Tracer
from assistant.spans import span
from assistant.types import EVERYTHING, DocumentInfo, Filters, Found, Hit, Passage, SearchTrace, User

_SOME, _MUCH = 400, 2000  # passages; so many are some 80,000 and 400,000 tokens
_SHORT = 100  # tokens, half of a passage


class Retriever:
    """Finds passages: the engine filters by rights and ranks, the catalog confirms version and rights of every hit.

    Args:
        index: opened with the picture embedder, where there is one.
        embedder: of the index's chunks.
        catalog: confirms hits.
        pictures: embeds the index's pictures; None where no model is configured.
        stages: what a search goes through.
        caches: what is kept of searches; None: nothing.
        index_name: tells the index from others whose results may be kept.
        reader: reads what stands around passages; None: they do not grow.
        told: is told of each search that was done what its stages did.
    """

    def __init__(
        self,
        index: Index,
        embedder: Embedder,
        catalog: Catalog,
        pictures: PictureEmbedder | None = None,
        *,
        stages: Stages | None = None,
        caches: Caches | None = None,
        index_name: str = "",
        reader: Reader | None = None,
        told: Callable[[SearchTrace], None] = lambda _: None,
    ) -> None:
        self._index = index
        self._catalog = catalog
        self._pictures = pictures
        self._confirmer = Confirmer(catalog)
        self._caches = caches
        self._index_name = index_name
        self._told = told
        self._pipeline = Pipeline(
            index, embedder, self._confirmer, stages or Stages(), caches or Caches(results=0), reader
        )

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
        return list(self.explained(query, user, limit, filters).passages)

    def read_on(
        self,
        query: str,
        user: User,
        documents: Sequence[DocumentInfo],
        tokens: int,
        filters: Filters = EVERYTHING,
        shown: Shown = LONG_READING,
    ) -> list[Passage]:
        """Return passages of some documents, for reading much of them: where several were found together comes first.

        Args:
            query, user: as in `search`.
            documents: found by a search with these filters.
            tokens: the room that there is for them.
            filters: only documents that these allow.
            shown: in which order, and how much of each.

        Returns:
            twice as many as there may be room for, and 2,000 at most.

        Raises:
            IndexUnavailableError: the index does not answer.
        """
        limit = min(sum(info.chunks for info in documents), max(_SOME, tokens // _SHORT), _MUCH)
        narrowed = replace(filters, documents=tuple(info.ref.id for info in documents))
        return list(self.explained(query, user, limit, narrowed, shown).passages) if documents else []

    def explained(
        self, query: str, user: User, limit: int, filters: Filters = EVERYTHING, shown: Shown = PLAIN
    ) -> Found:
        """Return what `search` does, with a trace of what each stage did; errors as there.

        Args:
            query, user, limit, filters: as there.
            shown: how much of each passage and around it.
        """
        with span("retrieve", {"assistant.retrieval.limit": limit}) as current:
            found = self._explained(query, user, limit, filters, shown)
            current.set("assistant.retrieval.passages", len(found.passages))
            current.set("assistant.retrieval.cached", found.trace.cached)
            current.set("assistant.retrieval.warnings", len(found.trace.warnings))
            current.content("gen_ai.retrieval.query.text", lambda: query)
        self._told(found.trace)
        return found

    def _explained(self, query: str, user: User, limit: int, filters: Filters, shown: Shown) -> Found:
        tracer = Tracer()
        if not query.strip() or limit < 1:
            return Found((), tracer.trace())
        caches = self._caches
        if caches is None:
            found = self._pipeline.run(query, user, limit, filters, shown, tracer)
            return Found(tuple(c.passage for c in found), tracer.trace())
        reader = ResultKey.reader_of(user)
        key = ResultKey(query, filters, limit, reader, self._index_name, self._catalog.generation_seen(), shown)
        kept = caches.result(key)
        if kept is not None:
            holds = self._confirmer.still_holds(kept.candidates, user)  # reads the number anew
            seen = self._catalog.generation_seen()
            if holds and seen == key.generation:
                return Found(tuple(c.passage for c in kept.candidates), kept.trace)
            key = replace(key, generation=seen)
        found = self._pipeline.run(query, user, limit, filters, shown, tracer)
        # confirming has read the number: if it is another, the index may have been asked before the change
        unchanged = self._catalog.generation_seen() == key.generation
        if unchanged and not tracer.trace().warnings:  # what could not be asked today may be asked in a moment
            caches.keep_result(key, tuple(found), tracer.trace(cached=True))
        return Found(tuple(c.passage for c in found), tracer.trace())

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
        return self._seen(lambda asked: self._index.search_pictures(looks, user, asked, filters), user, limit, filters)

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
        return self._seen(lambda asked: self._index.search_pictures(looks, user, asked, filters), user, limit, filters)

    def _seen(self, search: Callable[[int], list[Hit]], user: User, limit: int, filters: Filters) -> list[Passage]:
        return [c.passage for c in self._confirmer.first(search, user, limit, filters)[:limit]]

    def _looks(self) -> PictureEmbedder:
        if self._pictures is None:
            raise ConfigurationError(
                "pictures are not searched by their looks: no model is configured", "set ASSISTANT_PICTURE_EMBEDDER"
            )
        return self._pictures
