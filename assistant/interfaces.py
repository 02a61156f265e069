"""Every Protocol of the house on one page; adapters and plugins implement these and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from assistant.types import Access, Box, Change, Chunk, Document, DocumentRef, Hit, IndexCounts, RawDocument, User
from assistant.types.documents import NO_METADATA, Metadata
from assistant.types.filters import EVERYTHING, Filters
from assistant.types.index_points import IndexPoint
from assistant.types.ranking import BALANCED, Ranking

Vectors = NDArray[np.float32]


@runtime_checkable
class DataSource(Protocol):
    """Where documents come from. Made by a plugin's factory from its validated configuration."""

    def changes(self, cursor: str | None) -> Iterator[Change]:
        """List what is there, or what changed since `cursor`.

        Args:
            cursor: what the last `Checkpoint` carried, None at the first sync.

        Yields:
            `Changed` and `Deleted` keys, and `Checkpoint`s; with `Checkpoint(complete=True)` last, every key that
            was not listed since the start counts as deleted.

        Raises:
            SourceError: the source cannot be read; nothing is deleted then.
        """
        ...

    def fetch(self, key: str) -> RawDocument:
        """Return the document's bytes, type and readers as they are now.

        Raises:
            NotFoundError: the key is gone.
            DocumentUnreadableError, DocumentChangedError, SourceUnreachableError: as their names say.
        """
        ...


@runtime_checkable
class Parser(Protocol):
    """Turns bytes into text with structure. Runs in a process of its own with limits."""

    @property
    def name(self) -> str:
        """A short lower-case name, unique among parsers."""
        ...

    @property
    def version(self) -> str:
        """Raised when the parser's output changes, so that stored documents are parsed again."""
        ...

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this parser takes documents of this type (`ref.media_type`, `ref.key`)."""
        ...

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the document with its text, blocks and pages; `ref` with a better title where the content has one.

        Raises:
            EmptyDocumentError, EncryptedDocumentError, DamagedDocumentError, DocumentTooLargeError: as named.
        """
        ...


@runtime_checkable
class PageDrawer(Protocol):
    """What a parser implements as well where its documents have pages to look at. Runs in the same process."""

    def boxes(self, document: Document, data: bytes, start: int, end: int) -> Sequence[Box]:
        """Return where the characters `start` to `end` (exclusive) stand: a box a line, in points, in their order.

        Args:
            document: as `parse` returned it.
            data: the bytes it was parsed from.
            start, end: offsets in the document's text.
        """
        ...

    def draw(self, ref: DocumentRef, data: bytes, page: int, highlights: Sequence[Box], width: int) -> bytes:
        """Return the page as a PNG, `width` pixels wide, with the boxes that stand on it highlighted.

        Raises:
            NotFoundError: there is no such page.
        """
        ...


@runtime_checkable
class PagePool(Protocol):
    """Draws and prints pages in processes of their own; the house's parser pool does."""

    def boxes(
        self, parser: str, document: Document, data: bytes, start: int, end: int, passwords: Sequence[str] = ()
    ) -> tuple[Box, ...]:
        """Return where `document.text[start:end]` stands on its pages; see `PageDrawer.boxes`.

        Args:
            parser: the name of the document's parser.
            document: as it was parsed.
            data: its file.
            start, end: offsets in its text.
            passwords: tried where the file is encrypted.
        """
        ...

    def draw(
        self,
        parser: str,
        ref: DocumentRef,
        data: bytes,
        page: int,
        highlights: Sequence[Box],
        width: int,
        passwords: Sequence[str] = (),
    ) -> bytes:
        """Return a page as a PNG; see `PageDrawer.draw`."""
        ...

    def printed(self, parser: str, ref: DocumentRef, data: bytes, passwords: Sequence[str] = ()) -> bytes:
        """Return an Office file as the PDF that is printed of it."""
        ...

    def find(self, document: Document, pdf: bytes, start: int, end: int, page: int | None) -> tuple[Box, ...]:
        """Return where a span of the document's text stands in a PDF that was printed of it.

        Args:
            document: as it was parsed.
            pdf: what `printed` returned.
            start, end: offsets in the document's text.
            page: where to look, None for all pages.
        """
        ...


@runtime_checkable
class Chunker(Protocol):
    """Cuts a document's text into chunks with exact offsets."""

    @property
    def version(self) -> str:
        """Changes whenever the cuts can change: it names the method, the sizes and the embedder's tokenizer."""
        ...

    def chunk(self, document: Document) -> list[Chunk]:
        """Return the chunks in order; `document.text[c.start:c.end] == c.text` for every chunk `c`."""
        ...


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors of unit length. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """Names model and arithmetic, e.g. `all-MiniLM-L6-v2/int8`; an index belongs to one name."""
        ...

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        ...

    @property
    def max_tokens(self) -> int:
        """The longest text the model reads, in tokens with the special ones; what is beyond is cut."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return each text's length in the model's own tokens, special ones left out, nothing cut."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one row a text: shape `(len(texts), dimension)`, float32, rows of unit length, in order."""
        ...

    def embed_query(self, text: str) -> Vectors:
        """Return the query's vector: shape `(dimension,)`, float32, unit length."""
        ...


@runtime_checkable
class PictureEmbedder(Protocol):
    """Turns pictures and texts into vectors of one space, of unit length. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """Names model and arithmetic, e.g. `clip-ViT-B-32@0a1b2c3d/fp32`; the pictures in an index belong to one."""
        ...

    @property
    def dimension(self) -> int:
        """The length of a vector."""
        ...

    def embed_pictures(self, pictures: Sequence[bytes]) -> Vectors:
        """Return one row a picture: shape `(len(pictures), dimension)`, float32, rows of unit length, in order.

        Args:
            pictures: image files (PNG, JPEG, GIF, WEBP, BMP, TIFF); of several frames the first counts.

        Raises:
            DamagedDocumentError: a picture cannot be decoded.
        """
        ...

    def embed_query(self, text: str) -> Vectors:
        """Return the vector of a picture's description: shape `(dimension,)`, float32, unit length."""
        ...


@runtime_checkable
class Captioner(Protocol):
    """Says in words what a picture shows: a vision model. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """Names the model; pictures are described anew where it changes."""
        ...

    def caption(self, picture: bytes, context: str) -> str:
        """Return a description on one line.

        Args:
            picture: an image file.
            context: what is known of it: its document's title and the text beside it, maybe nothing.

        Raises:
            ModelUnavailableError: the model does not answer now.
            ModelServerError: it refuses this picture.
        """
        ...


@runtime_checkable
class Index(Protocol):
    """Chunks with dense and BM25 vectors. Derived from the catalog: it may lag, it never decides who may read."""

    def write(
        self, ref: DocumentRef, chunks: Sequence[Chunk], vectors: Vectors, metadata: Metadata = NO_METADATA
    ) -> None:
        """Write all chunks of this version; writing the same again changes nothing. Other versions stay.

        Args:
            ref: the version that the chunks belong to; its access goes into the filter.
            chunks, vectors: in order, with ordinals from 0; shape `(len(chunks), dimension)`, one row a chunk.
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
        """Write fields and words of the document's points as this code does; other vectors stay."""
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

    def flush(self) -> None:
        """Make everything written so far durable."""
        ...

    def close(self) -> None:
        """Flush and let go of the engine; further calls raise IndexUnavailableError."""
        ...


@runtime_checkable
class BlobStore(Protocol):
    """Originals and extracted text by key (`/`-separated)."""

    def put(self, key: str, data: bytes) -> None:
        """Store atomically and durably, replacing what was there. Raises StorageFullError."""
        ...

    def get(self, key: str) -> bytes:
        """Return the bytes. Raises NotFoundError."""
        ...

    def export(self, key: str, path: Path) -> None:
        """Put the bytes into the file `path`, in a folder that exists; no later change of the store alters that file.

        Raises NotFoundError, and OSError where `path` cannot be written.
        """
        ...

    def delete(self, prefix: str) -> None:
        """Delete the key, or all keys below it; nothing there is no error."""
        ...

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Yield the keys below `prefix`."""
        ...


class Registry(Protocol):
    """What a plugin's `register(registry)` is given: built-ins and a stranger's plugin enter by the same calls."""

    def add_parser(self, parser: Parser) -> None:
        """Offer a parser; the first that accepts a document takes it, a later plugin's before an earlier one's."""
        ...

    def add_source(self, kind: str, config: type[BaseModel], factory: Callable[[Any], DataSource]) -> None:
        """Offer a kind of data source: `factory` gets a validated instance of the pydantic model `config`."""
        ...


class Plugin(Protocol):
    """The entry point (`assistant.plugins`) of a plugin."""

    def __call__(self, registry: Registry) -> None:
        """Register everything the plugin offers."""
        ...
