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

import logging
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.adapters import edge_compaction as compaction
from assistant.adapters import edge_queries as queries
from assistant.adapters import edge_recall, points, search_plan, stored_points
from assistant.adapters import recall as recalls
from assistant.adapters.disk import MEGABYTE, storage_error
from assistant.adapters.edge_folder import SMALL_BYTES, Built, EdgeFolder, translated
from assistant.adapters.folder_lock import FolderLock
from assistant.errors import IndexUnavailableError
from assistant.interfaces import Index, Vectors
from assistant.types import (
    EVERYTHING,
    NO_METADATA,
    Access,
    Chunk,
    DocumentRef,
    Filters,
    Hit,
    IndexCounts,
    Metadata,
    User,
)
from assistant.types.index_points import IndexPoint
from assistant.types.recall import Recall

log = logging.getLogger(__name__)
_WRITE_BYTES = 128 * MEGABYTE  # a write may start three new sparse files of 32 MB
_ROUNDS = 5  # in which what was written during a compaction is brought over while more is written
_FEW = 20  # documents that are brought over while writes wait
_QUIET_SECONDS = 20.0  # without a write, before upkeep begins by itself
_AGAIN_SECONDS = 600.0  # after a compaction that failed


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
        self._place = EdgeFolder(folder, (embedder_name, dimension), pictures)
        self._folder = folder
        self._disk = self._place.disk
        self._mutex = threading.Lock()  # held for every call of the engine
        self._writes = threading.RLock()  # held by who writes, or wants nothing written; taken before the mutex
        self._compacting = threading.Lock()
        self._closing = threading.Event()
        self._wrote = False
        self._changed: set[str] = set()  # documents, since the last copy for a compaction
        self._pending = 0  # points, since the last compaction
        self._idle_since = 0.0  # when something was written, or is to be tried again
        self._lagging = False  # whether there are points of earlier layouts
        self._owned = FolderLock(folder)
        try:
            self._shard: Any = self._place.open()
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
            self._upsert(queries.chunk_points(ref, part, rows, metadata), [len(chunk.text) for chunk in part], {ref.id})

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

        of_document = FieldCondition("document_id", match=MatchValue(ref.id))
        chunks, after = Filter(must=[of_document, HasVectorCondition(points.DENSE)]), None
        while True:
            with self._writing({ref.id}, _WRITE_BYTES, holes=True) as shard:
                found, after = shard.scroll(ScrollRequest(after, points.BATCH, chunks, with_payload=True))
                if found:
                    shard.update(queries.new_words(ref, found))
                    self._wrote = True
                if after is None:
                    fields = points.renewed(ref, metadata)
                    shard.update(UpdateOperation.set_payload_by_filter(Filter(must=[of_document]), fields))
                    return

    def search(self, vector: Vectors, text: str, user: User, limit: int, filters: Filters = EVERYTHING) -> list[Hit]:
        """See `interfaces.Index`; scores are reciprocal rank fusion's (k = 60)."""
        numbers = points.check_query(vector, self.dimension)
        scope = points.Scope.of(user, filters)
        if limit <= 0 or scope is None:
            return []
        within = queries.make_filter(scope, lagging=self._lagging)
        with self._engine() as shard:
            has_graph = self._place.built.has_graph
            found = shard.query(queries.request(shard, numbers, text, within, limit, has_graph=has_graph))
        return points.ordered(points.hit(point.payload, point.score) for point in found)

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
            texts = [len(str(point.payload.get("text", ""))) for point in part]
            self._upsert(batch, texts, {str(point.payload.get("document_id")) for point in part})
            self._lagging |= any(point.payload.get("layout") != points.LAYOUT for point in part)

    def flush(self) -> None:
        """See `interfaces.Index`."""
        with self._writes, self._engine(SMALL_BYTES) as shard:  # it changes files, as a write does
            shard.flush()

    def recall(self, sample: int = recalls.SAMPLE) -> Recall:
        """See `interfaces.Index`."""
        return edge_recall.measure(self._engine, sample, has_graph=self._place.built.has_graph)

    def upkeep(self, *, at_once: bool = False) -> bool:
        """See `interfaces.Index`; here that is `compact`."""
        quiet = at_once or time.monotonic() - self._idle_since >= _QUIET_SECONDS
        with self._engine() as shard:
            due = search_plan.is_due(self._pending, shard.info().points_count, quiet=quiet)
        if not due:
            return False
        try:
            return self.compact()
        except BaseException:
            self._idle_since = time.monotonic() + _AGAIN_SECONDS
            raise

    def compact(self) -> bool:
        """Rewrite all that was written, for quick searches, in a process of its own (`edge_compaction`).

        Searches go on all the time; writes wait while the files are copied. This process stands still only while the
        result is loaded.

        Returns:
            Whether it was rewritten: not where the disk has no room for it, or where another thread is at it.

        Raises:
            VectorIndexError, StorageError: it failed, and everything is as before.
        """
        if not self._compacting.acquire(blocking=False):
            return False
        try:
            target, pending = self._place.fresh(), self._pending
            try:
                return self._compact(target)
            except BaseException:
                self._pending += pending
                shutil.rmtree(target, ignore_errors=True)
                raise
        finally:
            self._compacting.release()

    def _compact(self, target: Path) -> bool:
        with self._writes:
            with self._engine(SMALL_BYTES) as shard:
                shard.flush()
            if not self._disk.has(_WRITE_BYTES + 3 * self._disk.used()):
                return False
            self._changed, self._pending = set(), 0
            try:
                shutil.copytree(self._place.shard, target)  # searches alone change no file
            except OSError as error:
                raise storage_error(target, error) from error
        looks = self.pictures[1] if self.pictures else None
        done = compaction.rewrite(target, self.dimension, looks, self._closing.is_set)
        other = self._place.load(target)
        try:
            self._take_over(other, Built(target.name, done.has_graph, other.info().points_count))
        except BaseException:
            other.close()
            raise
        log.info("the index was compacted in %s s, recall %s", done.seconds, done.recall.worst)
        return True

    def _take_over(self, other: Any, built: Built) -> None:
        """Bring another shard level with this one and use it from then on; the former one is deleted."""
        for _ in range(_ROUNDS):
            with self._writes:
                changed, self._changed = self._changed, set()
            self._carry(other, changed)
            if len(self._changed) <= _FEW:
                break
        with self._writes:
            self._carry(other, self._changed)
            with translated(self._folder):
                other.flush()
            with self._engine() as former:
                path = self._place.shard
                self._place.adopt(built)
                self._shard = other
            former.close()
            shutil.rmtree(path, ignore_errors=True)

    def _carry(self, other: Any, documents: set[str]) -> None:
        for document in sorted(documents):
            with self._engine(_WRITE_BYTES, holes=True) as shard:
                compaction.carry(shard, other, [document])

    def close(self) -> None:
        """See `interfaces.Index`. Other processes may own the folder from then on; a second call does nothing."""
        self._closing.set()
        with self._compacting, self._mutex:
            shard, self._shard = self._shard, None
            if shard is None:
                return
            try:
                with translated(self._folder):
                    if self._wrote and self._pending <= search_plan.REWRITTEN_AT_CLOSE:
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
        with self._writing(documents, _WRITE_BYTES + size, holes=True) as shard:
            shard.update(UpdateOperation.upsert_points(batch))
            self._wrote = True
            self._pending += len(batch)

    def _optimize(self, shard: Any) -> None:
        """Rewrite what is new here and now: about 0.1 ms a point. With a graph it would take far longer."""
        if self._place.built.has_graph or not self._disk.has(_WRITE_BYTES + 2 * self._disk.used()):
            return
        self._wrote = False
        shard.optimize()
        self._place.adopt(Built(self._place.built.shard, has_graph=False, points=shard.info().points_count))

    def _begin(self) -> None:
        with translated(self._folder):
            self._lagging = queries.lags(self._shard)
            if self._lagging:
                queries.create_field_indexes(self._shard)
            self._pending = abs(self._shard.info().points_count - self._place.built.points)

    @contextmanager
    def _writing(self, documents: set[str], need: int, *, holes: bool = False) -> Iterator[Any]:
        """Yield the shard to the one that writes, and note whose points are another than before."""
        with self._writes, self._engine(need, holes=holes) as shard:
            self._changed |= documents
            self._idle_since = max(self._idle_since, time.monotonic())
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
