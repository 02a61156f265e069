"""The vector index in this process: Qdrant's engine (`qdrant_edge`), one shard in a folder that this process owns.

`<folder>.lock` says who owns it; `edge_folder` knows what else lies there.

A picture is a point with the one vector `image`, a chunk one with the two others. The engine keeps room for every
dense vector in every point, so with a picture embedder of 512 numbers a chunk takes 2 KB more. Vectors of pictures
are searched in full: they are few.

What was written is searched in full until `compact` rewrites it; `search_plan` says how, and how it is searched from
then on. Writes go through a write-ahead log: what a call has returned from survives a killed process; `flush` makes
it survive a power failure too.

The engine writes to memory-mapped sparse files, so a full disk would end the process (SIGBUS) instead of raising an
error. Free space is therefore checked before each write: see `disk.Disk`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.adapters import edge_queries as queries
from assistant.adapters import edge_recall, learned, points, search_plan, sparse, stored_points
from assistant.adapters import recall as recalls
from assistant.adapters.edge_folder import SMALL_BYTES, WRITE_BYTES, Built, EdgeFolder, translated
from assistant.adapters.edge_upkeep import EdgeUpkeep
from assistant.adapters.folder_lock import FolderLock
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


def open_edge_index(
    folder: Path,
    embedder_name: str,
    dimension: int,
    pictures: points.Model | None = None,
    sparse_embedder: SparseEmbedder | None = None,
) -> Index:
    """Open the index in `folder`, or make an empty one there.

    Args:
        folder: the index's own folder; created if it is missing.
        embedder_name: whose vectors the index holds (`Embedder.name`).
        dimension: the length of a vector.
        pictures: name and dimension of the picture embedder; None for an index without pictures.
        sparse_embedder: weighs the words of chunks and of questions, for a third search; None for two.

    Raises:
        HomeInUseError: another process owns the folder; nothing was touched.
        EmbedderMismatchError: the index was built with another embedder, picture embedder or learned sparse model.
        HomeNotWritableError, StorageFullError, StorageError: the folder cannot be used, as named.
        VectorIndexError: the engine cannot read what is stored.
    """
    return EdgeIndex(folder, embedder_name, dimension, pictures, sparse_embedder)


class EdgeIndex:
    """See `open_edge_index` and `interfaces.Index`. Safe to call from several threads; one call runs at a time.

    The engine holds the interpreter's lock while it works, so more than one at a time would gain nothing.
    """

    def __init__(
        self,
        folder: Path,
        embedder_name: str,
        dimension: int,
        pictures: points.Model | None = None,
        sparse_embedder: SparseEmbedder | None = None,
    ) -> None:
        self.embedder_name = embedder_name
        self.dimension = dimension
        self.pictures = pictures
        self._sparse = sparse_embedder
        self._place = EdgeFolder(folder, (embedder_name, dimension), pictures, sparse_embedder)
        self._folder = folder
        self._disk = self._place.disk
        self._mutex = threading.Lock()  # held for every call of the engine
        self._wrote = False
        self._lagging = False  # whether there are points of earlier layouts
        self._languages: list[str] | None = None  # that the documents are in; None: to be asked
        self._owned = FolderLock(folder)
        try:
            self._shard: Any = self._place.open()
            self._upkeep = EdgeUpkeep(self._place, self._engine, self._replace)
            self._begin()
        except BaseException:
            self._owned.release()
            raise

    def write(
        self, ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors, metadata: Metadata = NO_METADATA
    ) -> None:
        """See `interfaces.Index`. A version's chunks are always the same, so writing it again leaves no leftovers."""
        points.check_chunks(ref, chunks, vectors, self.dimension)
        for part, rows in points.batches(chunks, vectors):
            made = queries.chunk_points(ref, part, rows, metadata, self._sparse)
            self._upsert(made, [len(chunk.text) for chunk in part], {ref.id})

    def write_pictures(
        self, ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors, metadata: Metadata = NO_METADATA
    ) -> None:
        """See `interfaces.Index`."""
        points.check_pictures(ref, chunks, vectors, self.pictures)
        for part, rows in points.batches(chunks, vectors):
            made = queries.picture_points(ref, part, rows, metadata)
            self._upsert(made, [len(chunk.text) for chunk in part], {ref.id})

    def delete(self, document_id: str, keep_version: str | None = None) -> None:
        """See `interfaces.Index`."""
        from qdrant_edge import FieldCondition, Filter, MatchValue, UpdateOperation

        kept: list[Any] = [] if keep_version is None else [FieldCondition("version", match=MatchValue(keep_version))]
        doomed = Filter(must=[FieldCondition("document_id", match=MatchValue(document_id))], must_not=kept)
        with self._writing({document_id}, SMALL_BYTES) as shard:
            shard.update(UpdateOperation.delete_points_by_filter(doomed))
            self._wrote = True

    def set_access(self, document_id: str, access: Access) -> None:
        """See `interfaces.Index`."""
        from qdrant_edge import FieldCondition, Filter, MatchValue, UpdateOperation

        of_document = Filter(must=[FieldCondition("document_id", match=MatchValue(document_id))])
        readers = {"allow": sorted(access.allow), "deny": sorted(access.deny)}
        with self._writing({document_id}, SMALL_BYTES) as shard:
            shard.update(UpdateOperation.set_payload_by_filter(of_document, readers))

    def outdated(self) -> set[str]:
        """See `interfaces.Index`."""
        with self._engine() as shard:
            found = set(queries.values(shard, "document_id", queries.older())) if queries.lags(shard) else set()
            self._lagging = bool(found)
        return found

    def renew(self, ref: DocumentRef, metadata: Metadata) -> None:
        """See `interfaces.Index`. The words come first: killed in between, the document is still outdated."""
        from qdrant_edge import FieldCondition, Filter, HasVectorCondition, MatchValue, ScrollRequest, UpdateOperation

        of_version = [
            FieldCondition("document_id", match=MatchValue(ref.id)),
            FieldCondition("version", match=MatchValue(ref.version)),
        ]
        chunks, after = Filter(must=[*of_version, HasVectorCondition(points.DENSE)]), None
        while True:
            with self._writing({ref.id}, WRITE_BYTES, holes=True) as shard:
                found, after = shard.scroll(ScrollRequest(after, points.BATCH, chunks, with_payload=True))
                if found:
                    shard.update(queries.new_words(ref, metadata, found))
                    self._wrote = True
                if after is None:
                    fields = points.renewed(ref, metadata)
                    shard.update(UpdateOperation.set_payload_by_filter(Filter(must=list(of_version)), fields))
                    self._languages = None
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
        weighed = learned.of_query(self._sparse, text, how)
        with self._engine() as shard:
            terms = sparse.embed_query(text, self._spoken_in(shard), exact=how.exact)
            if self._lagging:
                terms = sparse.with_former(terms, text)
            has_graph = self._place.built.has_graph
            best = queries.search(shard, numbers, terms, within, limit, how, has_graph=has_graph, weighed=weighed)
            found = shard.retrieve([one.id for one in best], with_payload=True, with_vector=False)
            stored = {one.id: one.payload for one in found}
        return points.ordered(points.hit(stored[one.id], one.score, one.similarity, one.words) for one in best)

    def search_pictures(self, vector: Vectors, user: User, limit: int, filters: Filters = EVERYTHING) -> list[Hit]:
        """See `interfaces.Index`."""
        from qdrant_edge import Query, QueryRequest

        numbers = points.check_query(vector, points.picture_model(self.pictures)[1])
        scope = points.Scope.of(user, filters)
        if limit <= 0 or scope is None:
            return []
        nearest: Any = Query.Nearest(numbers, using=points.IMAGE)
        within = queries.make_filter(scope, lagging=self._lagging)
        request = QueryRequest(limit=limit, query=nearest, filter=within, with_payload=True)
        with self._engine() as shard:
            found = shard.query(request)
        return points.ordered(points.hit(point.payload, point.score) for point in found)

    def answers(self) -> None:
        """See `interfaces.Index`; the engine is in this process, so it is enough to be given it."""
        with self._engine():
            pass

    def counts(self) -> IndexCounts:
        """See `interfaces.Index`."""
        from qdrant_edge import CountRequest, Filter, HasVectorCondition

        chunks = Filter(must=[HasVectorCondition(points.DENSE)]) if self.pictures else None
        with self._engine() as shard:
            return IndexCounts(
                len(queries.values(shard, "document_id")), shard.count(CountRequest(exact=True, filter=chunks))
            )

    def versions(self) -> dict[str, set[str]]:
        """See `interfaces.Index`."""
        with self._engine() as shard:
            return points.stored_versions(queries.values(shard, "revision"))

    def read_points(self, document_ids: Sequence[str], after: str | None = None, limit: int = 256) -> list[IndexPoint]:
        """See `interfaces.Index`."""
        from qdrant_edge import FieldCondition, Filter, MatchAny, ScrollRequest

        if limit <= 0 or not document_ids:
            return []
        wanted = Filter(must=[FieldCondition("document_id", match=MatchAny(list(document_ids)))])
        page = ScrollRequest(after, limit + 1, wanted, with_payload=True, with_vector=True)
        with self._engine() as shard:
            found, _ = shard.scroll(page)
        stored = [stored_points.from_engine(record.id, record.payload, record.vector) for record in found]
        return stored_points.page_of(stored, after, limit)

    def write_points(self, stored: Sequence[IndexPoint]) -> None:
        """See `interfaces.Index`."""
        from qdrant_edge import Point, SparseVector

        stored_points.check_points(stored, self.dimension, self.pictures, learned=self._sparse is not None)
        for start in range(0, len(stored), points.BATCH):
            part = stored[start : start + points.BATCH]
            batch = [
                Point(point.id, stored_points.to_engine(point, SparseVector), dict(point.payload)) for point in part
            ]
            texts = [len(str(point.payload.get("text", ""))) for point in part]
            self._upsert(batch, texts, {str(point.payload.get("document_id")) for point in part})
            self._lagging |= any(point.payload.get("layout") != points.LAYOUT for point in part)

    def flush(self) -> None:
        """See `interfaces.Index`."""
        with self._upkeep.writes, self._engine(SMALL_BYTES) as shard:  # it changes files, as a write does
            shard.flush()

    def recall(self, sample: int = recalls.SAMPLE) -> Recall:
        """See `interfaces.Index`."""
        return edge_recall.measure(self._engine, sample, has_graph=self._place.built.has_graph)

    def upkeep(self, *, at_once: bool = False) -> bool:
        """See `interfaces.Index`; here that is `compact`."""
        return self._upkeep.run(at_once=at_once)

    def compact(self) -> bool:
        """Rewrite all that was written, for quick searches; see `EdgeUpkeep.compact`."""
        return self._upkeep.compact()

    def close(self) -> None:
        """See `interfaces.Index`. Other processes may own the folder from then on; a second call does nothing."""
        with self._upkeep.ended(), self._mutex:
            shard, self._shard = self._shard, None
            if shard is None:
                return
            try:
                with translated(self._folder):
                    if self._wrote and self._upkeep.pending <= search_plan.REWRITTEN_AT_CLOSE:
                        self._optimize(shard)
                    self._disk.require(SMALL_BYTES)
                    shard.flush()
            finally:
                shard.close()
                self._owned.release()

    def _upsert(self, batch: list[Any], texts: Sequence[int], documents: set[str]) -> None:
        """Write points of these documents, whose texts have these lengths."""
        from qdrant_edge import UpdateOperation

        numbers = self.dimension + (self.pictures[1] if self.pictures else 0)  # the engine keeps room for both
        size = 4 * sum(4 * numbers + 4 * length + 16 * 256 for length in texts)
        with self._writing(documents, WRITE_BYTES + size, holes=True) as shard:
            shard.update(UpdateOperation.upsert_points(batch))
            self._wrote, self._languages = True, None
            self._upkeep.pending += len(batch)

    def _spoken_in(self, shard: Any) -> list[str]:
        if self._languages is None:
            self._languages = queries.values(shard, "language")
        return self._languages

    def _optimize(self, shard: Any) -> None:
        """Rewrite what is new here and now: about 0.1 ms a point. With a graph it would take far longer."""
        if self._place.built.has_graph or not self._disk.has(WRITE_BYTES + 2 * self._disk.used()):
            return
        self._wrote = False
        shard.optimize()
        self._place.adopt(Built(self._place.built.shard, has_graph=False, points=shard.info().points_count))

    def _begin(self) -> None:
        with translated(self._folder):
            self._lagging = queries.lags(self._shard)
            if self._lagging:
                queries.create_field_indexes(self._shard)

    def _replace(self, shard: Any) -> Any:
        """Use another shard from now on; returns the former one. Called with the mutex held."""
        former, self._shard = self._shard, shard
        return former

    @contextmanager
    def _writing(self, documents: set[str], need: int, *, holes: bool = False) -> Iterator[Any]:
        """Yield the shard to the one that writes these documents."""
        with self._upkeep.writing(documents), self._engine(need, holes=holes) as shard:
            yield shard

    @contextmanager
    def _engine(self, need: int = 0, *, holes: bool = False) -> Iterator[Any]:
        """Yield the shard to one caller at a time, with at least `need` bytes free on the disk."""
        with self._mutex:
            if self._shard is None:
                raise IndexUnavailableError(f"the index in {self._folder} is closed", "open it again")
            if need:
                self._disk.require(need, holes=holes)
            with translated(self._folder):
                yield self._shard
