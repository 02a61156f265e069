"""The vector index on a Qdrant server or cluster, through `qdrant_client`.

Not run against a server here: none was to be had where this was written. Its tests run the same contract in
qdrant_client's local mode (a Python model of the server), and against a real server wherever `QDRANT_URL` is set. It
needs a server of version 1.16 or later (collection metadata, RRF with a chosen k).

The collection holds what the Edge index holds: same payload, same BM25 terms, int8 with rescoring, an HNSW graph once
it is large (`search_plan`); pictures as points with the one vector `image`, which is neither quantized nor in the
graph.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from assistant.adapters import learned, points, qdrant_collection, qdrant_recall, search_plan, sparse, stored_points
from assistant.adapters import qdrant_queries as queries
from assistant.adapters import recall as recalls
from assistant.adapters.qdrant_errors import translated
from assistant.errors import IndexUnavailableError
from assistant.interfaces import Index, SparseEmbedder, Vectors
from assistant.types import (
    BALANCED,
    EVERYTHING,
    NO_METADATA,
    Access,
    Chunk,
    DocumentRef,
    Filters,
    Hit,
    IndexCounts,
    Metadata,
    Ranking,
    User,
)
from assistant.types.index_points import IndexPoint
from assistant.types.recall import Recall

_SECONDS = 60
_LANGUAGES_SECONDS = 60.0


def open_qdrant_index(
    url: str,
    api_key: str,
    collection: str,
    embedder_name: str,
    dimension: int,
    pictures: points.Model | None = None,
    sparse_embedder: SparseEmbedder | None = None,
) -> Index:
    """Connect to the server and open the collection, or make an empty one.

    Args:
        url: of the server, e.g. `http://qdrant:6333`.
        api_key: empty where the server asks for none.
        collection: its name on the server.
        embedder_name: whose vectors the index holds (`Embedder.name`).
        dimension: the length of a vector.
        pictures: name and dimension of the picture embedder; None for an index without pictures.
        sparse_embedder: weighs the words of chunks and of questions, for a third search; None for two.

    Raises:
        IndexUnavailableError: the server does not answer.
        EmbedderMismatchError: the collection was built with another embedder, picture embedder or sparse model.
        VectorIndexError: the server refuses; the message carries its reason.
    """
    from qdrant_client import QdrantClient

    client = QdrantClient(url=url, api_key=api_key or None, timeout=_SECONDS, check_compatibility=False)
    return QdrantIndex(client, collection, embedder_name, dimension, pictures, sparse_embedder, reads_at_once=True)


def remove_qdrant_index(url: str, api_key: str, collection: str) -> None:
    """Delete the collection from the server; nothing there is no error.

    Raises:
        IndexUnavailableError: the server does not answer.
        VectorIndexError: it refuses; the message carries its reason.
    """
    from qdrant_client import QdrantClient

    client = QdrantClient(url=url, api_key=api_key or None, timeout=_SECONDS, check_compatibility=False)
    try:
        with translated(collection):
            client.delete_collection(collection)
    finally:
        client.close()


class QdrantIndex:
    """See `open_qdrant_index` and `interfaces.Index`. Safe to call from several threads, as its client is.

    Args:
        client: a `QdrantClient`; closed with the index.
        collection: its name on the server; made if it is missing.
        embedder_name: whose vectors the index holds.
        dimension: the length of a vector.
        pictures: name and dimension of the picture embedder, if there is one.
        sparse_embedder: the learned sparse model, if there is one.
        reads_at_once: whether the client takes several calls at a time: of a server it does, its local mode does not.
    """

    def __init__(
        self,
        client: Any,
        collection: str,
        embedder_name: str,
        dimension: int,
        pictures: points.Model | None = None,
        sparse_embedder: SparseEmbedder | None = None,
        *,
        reads_at_once: bool = False,
    ) -> None:
        self.embedder_name = embedder_name
        self.dimension = dimension
        self.pictures = pictures
        self._sparse = sparse_embedder
        self._client = client
        self._collection = collection
        self._closed = False
        self._lagging = False  # whether there are points of earlier layouts
        self._has_graph = False  # over the chunks' vectors
        self._reads_at_once = reads_at_once
        self._languages: tuple[float, list[str]] = (0.0, [])  # that the documents are in, and until when that holds
        # qdrant_client's local mode is not safe for threads, and one write at a time costs a server nothing
        self._writing = threading.RLock()
        try:
            self._open()
        except BaseException:
            client.close()
            raise

    def write(
        self, ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors, metadata: Metadata = NO_METADATA
    ) -> None:
        """See `interfaces.Index`. A version's chunks are always the same, so writing it again leaves no leftovers."""
        points.check_chunks(ref, chunks, vectors, self.dimension)
        for part, rows in points.batches(chunks, vectors):
            self._upsert(queries.chunk_points(ref, part, rows, metadata, self._sparse))

    def write_pictures(
        self, ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors, metadata: Metadata = NO_METADATA
    ) -> None:
        """See `interfaces.Index`."""
        points.check_pictures(ref, chunks, vectors, self.pictures)
        for part, rows in points.batches(chunks, vectors):
            self._upsert(queries.picture_points(ref, part, rows, metadata))

    def delete(self, document_id: str, keep_version: str | None = None) -> None:
        """See `interfaces.Index`."""
        from qdrant_client import models

        doomed = models.Filter(
            must=[queries.any_of("document_id", [document_id])],
            must_not=[] if keep_version is None else [queries.any_of("version", [keep_version])],
        )
        with self._server() as client:
            client.delete(self._collection, models.FilterSelector(filter=doomed), wait=True)

    def set_access(self, document_id: str, access: Access) -> None:
        """See `interfaces.Index`."""
        from qdrant_client import models

        of_document = models.Filter(must=[queries.any_of("document_id", [document_id])])
        readers = {"allow": sorted(access.allow), "deny": sorted(access.deny)}
        with self._server() as client:
            client.set_payload(self._collection, readers, models.FilterSelector(filter=of_document), wait=True)

    def outdated(self) -> set[str]:
        """See `interfaces.Index`."""
        with self._server() as client:
            lags = self._lags(client)
        found = set(self._values("document_id", queries.older())) if lags else set()
        self._lagging = bool(found)
        return found

    def renew(self, ref: DocumentRef, metadata: Metadata) -> None:
        """See `interfaces.Index`. The words come first: killed in between, the document is still outdated."""
        from qdrant_client import models

        of_version = [queries.any_of("document_id", [ref.id]), queries.any_of("version", [ref.version])]
        chunks = models.Filter(must=[*of_version, models.HasVectorCondition(has_vector=points.DENSE)])
        after = None
        while True:
            with self._server() as client:
                found, after = client.scroll(self._collection, chunks, points.BATCH, offset=after, with_payload=True)
                words = queries.new_words(ref, metadata, found)
                if words:
                    client.update_vectors(self._collection, words, wait=True)
                if after is None:
                    fields, within = points.renewed(ref, metadata), models.Filter(must=list(of_version))
                    client.set_payload(self._collection, fields, models.FilterSelector(filter=within), wait=True)
                    return

    def search(
        self, vector: Vectors, text: str, user: User, limit: int, filters: Filters = EVERYTHING, how: Ranking = BALANCED
    ) -> list[Hit]:
        """See `interfaces.Index`."""
        numbers = points.check_query(vector, self.dimension)
        scope = points.Scope.of(user, filters)
        if limit <= 0 or scope is None:
            return []
        within = queries.make_filter(scope, lagging=self._lagging)
        terms = sparse.embed_query(text, self._spoken_in(), exact=how.exact)
        if self._lagging:
            terms = sparse.with_former(terms, text)
        weighed = learned.of_query(self._sparse, text, how)
        with self._reading() as client:
            graph = self._has_graph
            best = queries.search(
                client, self._collection, numbers, terms, within, limit, how, has_graph=graph, weighed=weighed
            )
            found = client.retrieve(self._collection, [one.id for one in best], with_payload=True)
        stored = {str(record.id): record.payload for record in found}
        there = [one for one in best if one.id in stored]  # another process may have deleted some meanwhile
        return points.ordered(points.hit(stored[one.id], one.score, one.similarity, one.words) for one in there)

    def search_pictures(self, vector: Vectors, user: User, limit: int, filters: Filters = EVERYTHING) -> list[Hit]:
        """See `interfaces.Index`."""
        numbers = points.check_query(vector, points.picture_model(self.pictures)[1])
        scope = points.Scope.of(user, filters)
        if limit <= 0 or scope is None:
            return []
        within = queries.make_filter(scope, lagging=self._lagging)
        with self._reading() as client:
            answer = client.query_points(
                self._collection,
                query=numbers,
                using=points.IMAGE,
                query_filter=within,
                limit=limit,
                with_payload=True,
            )
        return points.ordered(points.hit(point.payload, point.score) for point in answer.points)

    def answers(self) -> None:
        """See `interfaces.Index`. The server says what the collection is: that passes over no points."""
        with self._reading() as client:
            client.get_collection(self._collection)

    def counts(self) -> IndexCounts:
        """See `interfaces.Index`."""
        from qdrant_client import models

        chunk = models.Filter(must=[models.HasVectorCondition(has_vector=points.DENSE)]) if self.pictures else None
        with self._server() as client:
            chunks = client.count(self._collection, chunk, exact=True).count
        return IndexCounts(len(self._values("document_id")), chunks)

    def versions(self) -> dict[str, set[str]]:
        """See `interfaces.Index`."""
        return points.stored_versions(self._values("revision"))

    def read_points(self, document_ids: Sequence[str], after: str | None = None, limit: int = 256) -> list[IndexPoint]:
        """See `interfaces.Index`."""
        from qdrant_client import models

        if limit <= 0 or not document_ids:
            return []
        wanted = models.Filter(must=[queries.any_of("document_id", document_ids)])
        with self._server() as client:
            found, _ = client.scroll(
                self._collection, wanted, limit + 1, offset=after, with_payload=True, with_vectors=True
            )
        stored = [stored_points.from_engine(record.id, record.payload, record.vector) for record in found]
        return stored_points.page_of(stored, after, limit)

    def write_points(self, stored: Sequence[IndexPoint]) -> None:
        """See `interfaces.Index`."""
        from qdrant_client import models

        stored_points.check_points(stored, self.dimension, self.pictures, learned=self._sparse is not None)
        for start in range(0, len(stored), points.BATCH):
            batch = [
                models.PointStruct(
                    id=point.id,
                    vector=stored_points.to_engine(point, queries.sparse_vector),
                    payload=dict(point.payload),
                )
                for point in stored[start : start + points.BATCH]
            ]
            self._upsert(batch)
        self._lagging |= any(point.payload.get("layout") != points.LAYOUT for point in stored)

    def recall(self, sample: int = recalls.SAMPLE) -> Recall:
        """See `interfaces.Index`."""
        with self._reading() as client:
            return qdrant_recall.measure(client, self._collection, sample, has_graph=self._has_graph)

    def upkeep(self, *, at_once: bool = False) -> bool:
        """See `interfaces.Index`; here it lets the server build a graph over a collection that has grown large."""
        del at_once  # the server does it beside everything else
        from qdrant_client import models

        with self._server() as client:
            vectors = client.count(self._collection, exact=False).count
            if self._has_graph or not search_plan.wants_graph(vectors):
                return False
            dense = models.VectorParamsDiff(hnsw_config=queries.graph(wanted=True))
            client.update_collection(self._collection, vectors_config={points.DENSE: dense})
            self._has_graph = True
        return True

    def flush(self) -> None:
        """See `interfaces.Index`: every write has waited for the server already, so only its presence is checked."""
        with self._server() as client:
            client.get_collection(self._collection)

    def close(self) -> None:
        """See `interfaces.Index`."""
        with self._writing:
            if not self._closed:
                self._closed = True
                self._client.close()

    def _spoken_in(self) -> list[str]:
        """Return the languages of the documents; other processes write, too, so it is asked again now and then."""
        until, languages = self._languages
        if time.monotonic() >= until:
            languages = self._values("language")
            self._languages = (time.monotonic() + _LANGUAGES_SECONDS, languages)
        return languages

    def _upsert(self, batch: list[Any]) -> None:
        with self._server() as client:
            client.upsert(self._collection, batch, wait=True)
        self._languages = (0.0, [])

    def _lags(self, client: Any) -> bool:
        from qdrant_client import models

        current = models.Filter(must=[queries.any_of("layout", [points.LAYOUT])])
        there, all_there = (client.count(self._collection, part, exact=True).count for part in (current, None))
        return bool(there < all_there)

    def _values(self, field: str, within: Any = None) -> list[str]:
        with self._server() as client:
            answer = client.facet(self._collection, field, facet_filter=within, limit=points.ALL, exact=True)
        return [str(hit.value) for hit in answer.hits if hit.count > 0]

    def _reading(self) -> AbstractContextManager[Any]:
        """Yield the client for a call that changes nothing: on a server any number of them run at once."""
        return self._server(nullcontext() if self._reads_at_once else self._writing)

    @contextmanager
    def _server(self, lock: AbstractContextManager[Any] | None = None) -> Iterator[Any]:
        with lock or self._writing:
            if self._closed:
                raise IndexUnavailableError(f"the index {self._collection!r} is closed", "open it again")
            with translated(self._collection):
                yield self._client

    def _open(self) -> None:
        models = (self.embedder_name, self.dimension), self.pictures, self._sparse
        with self._server() as client:
            if not client.collection_exists(self._collection):
                qdrant_collection.create(client, self._collection, *models)
            config = client.get_collection(self._collection).config
            stored = config.metadata or {}
            links = config.params.vectors[points.DENSE].hnsw_config
            self._has_graph = links is not None and bool(links.m)
            self._lagging = self._lags(client)
            if self._lagging:
                qdrant_collection.index_fields(client, self._collection)
        qdrant_collection.check(stored, self._collection, *models)
