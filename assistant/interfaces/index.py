"""Where chunks are stored and searched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from assistant.interfaces.models import Vectors
from assistant.types import Access, Chunk, DocumentRef, Hit, IndexCounts, User
from assistant.types.documents import NO_METADATA, Metadata
from assistant.types.filters import EVERYTHING, Filters
from assistant.types.index_points import IndexPoint
from assistant.types.ranking import BALANCED, Ranking
from assistant.types.recall import Recall


@runtime_checkable
class Index(Protocol):
    """Chunks with dense and BM25 vectors. Derived from the catalog: it may lag, it never decides who may read."""

    def write(
        self, ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors, metadata: Metadata = NO_METADATA
    ) -> None:
        """Write chunks of this version, all or a part; writing the same again changes nothing. Other versions stay.

        Args:
            ref: the version that the chunks belong to; its access goes into the filter.
            chunks, vectors: in order, with their ordinals in the version, which begin at 0; shape
                `(len(chunks), dimension)`, one row a chunk.
            metadata: what the document says of itself, for filters and for the language of its words.

        Raises:
            IndexUnavailableError, StorageFullError: as named.
        """
        ...

    def write_pictures(
        self, ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors, metadata: Metadata = NO_METADATA
    ) -> None:
        """Write pictures of this version beside its chunks; only `search_pictures` finds them.

        Args:
            ref: the version that the pictures belong to.
            chunks: for each picture a chunk that shows it, with `pictures == (number,)` and an ordinal that continues
                those of the version's chunks.
            vectors: shape `(len(chunks), dimension of the picture embedder)`, one row a picture.
            metadata: likewise.

        Raises:
            VectorIndexError: the index was opened without a picture embedder, or the chunks are others than named.
            IndexUnavailableError, StorageFullError: as in `write`.
        """
        ...

    def delete(self, document_id: str, keep_version: str | None = None) -> None:
        """Delete the document's chunks and pictures, all or all but one version's; nothing there is no error."""
        ...

    def set_access(self, document_id: str, access: Access) -> None:
        """Replace the readers on all of the document's chunks and pictures without touching their vectors."""
        ...

    def outdated(self) -> set[str]:
        """Return the ids of documents with points that earlier code wrote: filters let these through until `renew`."""
        ...

    def renew(self, ref: DocumentRef, metadata: Metadata) -> None:
        """Write fields and words of this version's points as this code does; other vectors and versions stay."""
        ...

    def search(
        self, vector: Vectors, text: str, user: User, limit: int, filters: Filters = EVERYTHING, how: Ranking = BALANCED
    ) -> list[Hit]:
        """Return the best chunks by dense and BM25 search, fused, best first.

        Args:
            vector: the query's vector, shape `(dimension,)`.
            text: the query's words for BM25.
            user, filters: only chunks that both allow are searched, inside the engine; see `outdated`.
            limit: at most so many hits.
            how: by which of the searches, and how they are fused.
        """
        ...

    def search_pictures(self, vector: Vectors, user: User, limit: int, filters: Filters = EVERYTHING) -> list[Hit]:
        """Return the pictures that are nearest to the vector, best first, scored by cosine.

        Args:
            vector: of a text or a picture, shape `(dimension of the picture embedder,)`.
            user, limit, filters: as in `search`.

        Raises:
            VectorIndexError: the index was opened without a picture embedder.
        """
        ...

    def answers(self) -> None:
        """Return once the engine has answered; asked every few seconds, so it costs the same for an index of any size.

        Raises:
            IndexUnavailableError: it does not answer, or the index is closed.
        """
        ...

    def counts(self) -> IndexCounts:
        """Return how many documents and chunks are stored, old versions included; pictures are not counted."""
        ...

    def versions(self) -> dict[str, set[str]]:
        """Return the stored versions by document id, those of pictures too, to compare the index with the catalog."""
        ...

    def read_points(self, document_ids: Sequence[str], after: str | None = None, limit: int = 256) -> list[IndexPoint]:
        """Return a page of what is stored of these documents, chunks and pictures of all versions, ordered by id.

        It begins behind the id `after`, the last of the page before; with less than `limit` points it is the last.
        """
        ...

    def write_points(self, stored: Sequence[IndexPoint]) -> None:
        """Write points as any engine's `read_points` gave them. Raises as `write`, and where vectors do not fit."""
        ...

    def recall(self, sample: int = 100) -> Recall:
        """Return what the configured vector search finds of what an exact one finds, for readers of several kinds.

        Args:
            sample: how many stored vectors are taken for queries.
        """
        ...

    def upkeep(self, *, at_once: bool = False) -> bool:
        """Do what keeps searches quick and is due, such as rewriting what was written; called now and then.

        Args:
            at_once: whether it need not wait until nothing is being written.

        Returns:
            Whether there was anything to do. Searches go on meanwhile; it may take minutes.

        Raises:
            VectorIndexError, IndexUnavailableError, StorageError: it failed, and everything is as before.
        """
        ...

    def flush(self) -> None:
        """Make everything written so far durable."""
        ...

    def close(self) -> None:
        """Flush and let go of the engine; further calls raise IndexUnavailableError."""
        ...
