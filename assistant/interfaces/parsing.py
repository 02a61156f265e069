"""From bytes to chunks: parsers, the pages they draw, and the chunker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from assistant.types import Box, Chunk, Document, DocumentRef


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

    def outlines(
        self,
        parser: str,
        document: Document,
        data: bytes,
        spans: Sequence[tuple[int, int]],
        passwords: Sequence[str] = (),
    ) -> list[tuple[Box, ...]]:
        """Return for each span, of a start and an end, what `boxes` returns, in one go."""
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
