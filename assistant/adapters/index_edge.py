"""The vector index in this process: Qdrant's engine (`qdrant_edge`), one shard in a folder that this process owns.

`<folder>/shard` is the engine's, `<folder>/embedder.json` names whose vectors it holds, `<folder>.lock` who owns it.

A picture is a point with the one vector `image`, a chunk one with the two others. The engine keeps room for every dense
vector in every point, so with a picture embedder of 512 numbers a chunk takes 2 KB more. Vectors of pictures are
searched in full: they are few.

Search reads every vector that the filter allows, as int8 first and the best again in full (no HNSW graph: with a
filter it found 18 % of the true neighbours, and it takes minutes to build). Writes go through a write-ahead log: what a
call has returned from survives a killed process; `flush` makes it survive a power failure too.

The engine writes to memory-mapped sparse files, so a full disk would end the process (SIGBUS) instead of raising an
error. Free space is therefore checked before each write: see `disk.Disk`.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.adapters import edge_queries as queries
from assistant.adapters import points, sparse, stored_points
from assistant.adapters.disk import MEGABYTE, Disk, storage_error, write_durably
from assistant.adapters.folder_lock import FolderLock
from assistant.errors import (
    AssistantError,
    HomeInUseError,
    IndexUnavailableError,
    StorageError,
    StorageFullError,
    VectorIndexError,
)
from assistant.interfaces import Index, Vectors
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

_CREATE_BYTES = 256 * MEGABYTE  # an empty shard's files once every hole in them is filled, and room to write
_WRITE_BYTES = 128 * MEGABYTE  # a write may start three new sparse files of 32 MB
_SMALL_BYTES = 8 * MEGABYTE  # deletions and payload changes; must work when writes no longer do


def open_edge_index(folder: Path, embedder_name: str, dimension: int, pictures: points.Model | None = None) -> Index:
    """Open the index in `folder`, or make an empty one there.

    Args:
        folder: the index's own folder; created if it is missing.
        embedder_name: whose vectors the index holds (`Embedder.name`).
        dimension: the length of a vector.
        pictures: name and dimension of the picture embedder; None for an index without pictures.

    Raises:
        HomeInUseError: another process owns the folder; nothing was touched.
        EmbedderMismatchError: the index was built with another embedder or picture embedder.
        HomeNotWritableError, StorageFullError, StorageError: the folder cannot be used, as named.
        VectorIndexError: the engine cannot read what is stored.
    """
    return EdgeIndex(folder, embedder_name, dimension, pictures)


class EdgeIndex:
    """See `open_edge_index` and `interfaces.Index`. Safe to call from several threads; one call runs at a time.

    The engine holds the interpreter's lock while it works, so more than one at a time would gain nothing.
    """

    def __init__(self, folder: Path, embedder_name: str, dimension: int, pictures: points.Model | None = None) -> None:
        self.embedder_name = embedder_name
        self.dimension = dimension
        self.pictures = pictures
        self._folder = folder
        self._disk = Disk(folder)
        self._mutex = threading.Lock()
        self._wrote = False
        self._lagging = False  # whether there are points of earlier layouts
        self._languages: list[str] | None = None  # that the documents are in; None: to be asked
        self._owned = FolderLock(folder)
        try:
            self._shard: Any = self._open()
        except BaseException:
            self._owned.release()
            raise

    def write(
        self, ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors, metadata: Metadata = NO_METADATA
    ) -> None:
        """See `interfaces.Index`. A version's chunks are always the same, so writing it again leaves no leftovers."""
        points.check_chunks(ref, chunks, vectors, self.dimension)
        for part, rows in points.batches(chunks, vectors):
            self._upsert(queries.chunk_points(ref, part, rows, metadata), [len(chunk.text) for chunk in part])

    def write_pictures(
        self, ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors, metadata: Metadata = NO_METADATA
    ) -> None:
        """See `interfaces.Index`."""
        points.check_pictures(ref, chunks, vectors, self.pictures)
        for part, rows in points.batches(chunks, vectors):
            self._upsert(queries.picture_points(ref, part, rows, metadata), [len(chunk.text) for chunk in part])

    def delete(self, document_id: str, keep_version: str | None = None) -> None:
        """See `interfaces.Index`."""
        from qdrant_edge import FieldCondition, Filter, MatchValue, UpdateOperation

        kept: list[Any] = [] if keep_version is None else [FieldCondition("version", match=MatchValue(keep_version))]
        doomed = Filter(must=[FieldCondition("document_id", match=MatchValue(document_id))], must_not=kept)
        with self._engine(_SMALL_BYTES) as shard:
            shard.update(UpdateOperation.delete_points_by_filter(doomed))
            self._wrote = True

    def set_access(self, document_id: str, access: Access) -> None:
        """See `interfaces.Index`."""
        from qdrant_edge import FieldCondition, Filter, MatchValue, UpdateOperation

        of_document = Filter(must=[FieldCondition("document_id", match=MatchValue(document_id))])
        readers = {"allow": sorted(access.allow), "deny": sorted(access.deny)}
        with self._engine(_SMALL_BYTES) as shard:
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

        of_document = FieldCondition("document_id", match=MatchValue(ref.id))
        chunks, after = Filter(must=[of_document, HasVectorCondition(points.DENSE)]), None
        while True:
            with self._engine(_WRITE_BYTES, holes=True) as shard:
                found, after = shard.scroll(ScrollRequest(after, points.BATCH, chunks, with_payload=True))
                if found:
                    shard.update(queries.new_words(ref, metadata, found))
                    self._wrote = True
                if after is None:
                    fields = points.renewed(ref, metadata)
                    shard.update(UpdateOperation.set_payload_by_filter(Filter(must=[of_document]), fields))
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
        with self._engine() as shard:
            terms = sparse.embed_query(text, self._spoken_in(shard), exact=how.exact)
            if self._lagging:
                terms = sparse.with_former(terms, text)
            best = queries.search(shard, numbers, terms, within, limit, how)
            stored = {
                str(one.id): one.payload
                for one in shard.retrieve([one.id for one in best], with_payload=True, with_vector=False)
            }
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
        return self._found(QueryRequest(limit=limit, query=nearest, filter=within, with_payload=True))

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

        stored_points.check_points(stored, self.dimension, self.pictures)
        for start in range(0, len(stored), points.BATCH):
            part = stored[start : start + points.BATCH]
            batch = [
                Point(point.id, stored_points.to_engine(point, SparseVector), dict(point.payload)) for point in part
            ]
            self._upsert(batch, [len(str(point.payload.get("text", ""))) for point in part])
            self._lagging |= any(point.payload.get("layout") != points.LAYOUT for point in part)

    def flush(self) -> None:
        """See `interfaces.Index`."""
        with self._engine(_SMALL_BYTES) as shard:
            shard.flush()

    def optimize(self) -> bool:
        """Rewrite new and half-deleted segments into compact int8 ones; nothing below some thousand changed points.

        About 0.1 ms a point, during which every thread of this process stands still, for searches that take half the
        time from then on. `close` calls it after writing. Does nothing where the disk has no room for the copy.

        Returns:
            Whether anything was rewritten.
        """
        with self._engine() as shard:
            return self._optimize(shard)

    def close(self) -> None:
        """See `interfaces.Index`. Other processes may own the folder from then on; a second call does nothing."""
        with self._mutex:
            shard, self._shard = self._shard, None
            if shard is None:
                return
            try:
                with _translated(self._folder):
                    if self._wrote:
                        self._optimize(shard)
                    self._disk.require(_SMALL_BYTES)
                    shard.flush()
            finally:
                shard.close()
                self._owned.release()

    def _upsert(self, batch: list[Any], texts: Sequence[int]) -> None:
        """Write points whose texts have these lengths."""
        from qdrant_edge import UpdateOperation

        numbers = self.dimension + (self.pictures[1] if self.pictures else 0)  # the engine keeps room for both
        size = 4 * sum(4 * numbers + 4 * length + 16 * 256 for length in texts)
        with self._engine(_WRITE_BYTES + size, holes=True) as shard:
            shard.update(UpdateOperation.upsert_points(batch))
            self._wrote, self._languages = True, None

    def _found(self, request: Any) -> list[Hit]:
        with self._engine() as shard:
            found = shard.query(request)
        return points.ordered(points.hit(point.payload, point.score) for point in found)

    def _spoken_in(self, shard: Any) -> list[str]:
        if self._languages is None:
            self._languages = queries.values(shard, "language")
        return self._languages

    def _optimize(self, shard: Any) -> bool:
        if not self._disk.has(_WRITE_BYTES + 2 * self._disk.used()):
            return False
        self._wrote = False
        return bool(shard.optimize())

    @contextmanager
    def _engine(self, need: int = 0, *, holes: bool = False) -> Iterator[Any]:
        """Yield the shard to one caller at a time, with at least `need` bytes free on the disk."""
        with self._mutex:
            if self._shard is None:
                raise IndexUnavailableError(f"the index in {self._folder} is closed", "open it again")
            if need:
                self._disk.require(need, holes=holes)
            with _translated(self._folder):
                yield self._shard

    def _open(self) -> Any:
        from qdrant_edge import EdgeShard

        named = self._folder / "embedder.json"
        if not named.exists():
            if self._folder.is_dir() and any(self._folder.iterdir()):
                raise StorageError(f"{self._folder} holds something else than an index", "choose an empty folder")
            self._create()
        self._check_embedder(named)
        self._disk.require(_SMALL_BYTES, holes=True)  # loading fills the holes on some file systems
        with _translated(self._folder):
            shard = EdgeShard.load(str(self._folder / "shard"))
            self._lagging = queries.lags(shard)
            if self._lagging:
                queries.create_field_indexes(shard)
            return shard

    def _create(self) -> None:
        """Make an empty index under another name and move it into place, so that a crash leaves none half made."""
        from qdrant_edge import EdgeShard

        self._disk.require(_CREATE_BYTES)
        made = self._folder.with_name(f"{self._folder.name}.new")
        try:
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir(mode=0o700, parents=True)
            (made / "shard").mkdir()
            with _translated(made):
                shard = EdgeShard.create(str(made / "shard"), _config(self.dimension, self.pictures))
                queries.create_field_indexes(shard)
                shard.flush()
                shard.close()
            described: dict[str, Any] = {"name": self.embedder_name, "dimension": self.dimension}
            if self.pictures:
                described["pictures"] = {"name": self.pictures[0], "dimension": self.pictures[1]}
            write_durably(made / "embedder.json", json.dumps(described).encode())
            made.replace(self._folder)
        except OSError as error:
            raise storage_error(self._folder, error) from error

    def _check_embedder(self, named: Path) -> None:
        try:
            stored = json.loads(named.read_bytes())
            embedder = _model(stored)
            pictures = _model(stored["pictures"]) if "pictures" in stored else None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StorageError(
                f"{named} cannot be read: {error}", "delete the index and sync the sources: they are then embedded anew"
            ) from error
        points.check_embedder(str(self._folder), embedder, (self.embedder_name, self.dimension))
        points.check_picture_embedder(str(self._folder), pictures, self.pictures)


def _model(stored: Any) -> points.Model:
    return str(stored["name"]), int(stored["dimension"])


def _config(dimension: int, pictures: points.Model | None) -> Any:
    from qdrant_edge import (
        Distance,
        EdgeConfig,
        EdgeSparseVectorParams,
        EdgeVectorParams,
        HnswIndexConfig,
        Modifier,
        ScalarQuantizationConfig,
        ScalarType,
    )

    int8 = ScalarQuantizationConfig(type=ScalarType.Int8, quantile=0.99, always_ram=True)
    vectors = {points.DENSE: EdgeVectorParams(size=dimension, distance=Distance.Cosine, quantization_config=int8)}
    if pictures:
        vectors[points.IMAGE] = EdgeVectorParams(size=pictures[1], distance=Distance.Cosine)
    return EdgeConfig(
        vectors=vectors,
        sparse_vectors={points.SPARSE: EdgeSparseVectorParams(modifier=Modifier.Idf)},
        hnsw_config=HnswIndexConfig(m=0, ef_construct=100, full_scan_threshold=10_000),
        wal_enabled=True,
    )


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    """Turn what the engine raises (bare `Exception`s) into this project's errors."""
    try:
        yield
    except AssistantError:
        raise
    except Exception as error:
        if "No space left" in str(error):
            raise StorageFullError(f"no space left for the index in {folder}", "free some space, try again") from error
        if "WouldBlock" in str(error):  # the engine's own lock, under ours: somebody opened the shard by other means
            raise HomeInUseError(f"{folder} is open in another process", "stop that process") from error
        raise VectorIndexError(f"the index in {folder}: {error}") from error
