"""Pages as people see them: their images, and where on them a span of the text stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from assistant.access.library import Library
from assistant.access.stored_text import original_key
from assistant.errors import ConfigurationError, NotFoundError
from assistant.interfaces import BlobStore
from assistant.registry import PluginRegistry
from assistant.types import Box, Document, DocumentRef, User

MAX_WIDTH = 3000


class DrawsPages(Protocol):
    """What draws pages, in a process of its own; `assistant.parsing.sandbox.ParserPool` does."""

    def boxes(self, parser: str, document: Document, data: bytes, start: int, end: int) -> tuple[Box, ...]:
        """Return where a span of the document's text stands."""
        ...

    def draw(
        self, parser: str, ref: DocumentRef, data: bytes, page: int, highlights: Sequence[Box], width: int
    ) -> bytes:
        """Return a page as a PNG."""
        ...


class PageImages:
    """Shows pages of documents that the user may read.

    Args:
        library: says who may read what.
        blobs: holds the originals.
        registry: knows the parsers by document.
        drawers: draw the pages.
    """

    def __init__(self, library: Library, blobs: BlobStore, registry: PluginRegistry, drawers: DrawsPages) -> None:
        self._library = library
        self._blobs = blobs
        self._registry = registry
        self._drawers = drawers

    def boxes(self, source: str, key: str, start: int, end: int, user: User) -> tuple[Box, ...]:
        """Return the boxes, a line each, of the characters `start` to `end` (exclusive) of the document's text.

        Raises:
            NotFoundError: there is no such document that the user may read.
            ConfigurationError: the span does not lie in the text.
            UnsupportedFormatError: documents of this type have no pages to look at.
        """
        document = self._library.read(source, key, user)
        return self._boxes(document, self._original(document.ref), start, end)

    def image(
        self, source: str, key: str, page: int, user: User, span: tuple[int, int] | None = None, width: int = 1000
    ) -> bytes:
        """Return a page as a PNG.

        Args:
            source, key: the document.
            page: its number, from 1.
            user: who looks.
            span: first character and the one after the last of what is highlighted.
            width: of the image, in pixels, at most `MAX_WIDTH`.

        Raises:
            NotFoundError: there is no such document that the user may read, or no such page.
            ConfigurationError, UnsupportedFormatError: as `boxes`.
        """
        info = self._library.info(source, key, user)
        if not 1 <= page <= max(info.pages, 1):
            raise NotFoundError(f"{key!r} has no page {page}", f"it has {info.pages} pages")
        highlights: Sequence[Box] = ()
        ref = info.ref
        data: bytes | None = None
        if span is not None:
            document = self._library.read(source, key, user)
            ref, data = document.ref, self._original(document.ref)
            highlights = [box for box in self._boxes(document, data, *span) if box.page == page]
        data = self._original(ref) if data is None else data
        return self._drawers.draw(self._parser(ref), ref, data, page, highlights, min(width, MAX_WIDTH))

    def _boxes(self, document: Document, data: bytes, start: int, end: int) -> tuple[Box, ...]:
        if not 0 <= start < end <= len(document.text):
            raise ConfigurationError(
                f"characters {start} to {end} are not in {document.ref.key!r}",
                f"its text has {len(document.text):,} characters",
            )
        return self._drawers.boxes(self._parser(document.ref), document, data, start, end)

    def _original(self, ref: DocumentRef) -> bytes:
        return self._blobs.get(original_key(ref))

    def _parser(self, ref: DocumentRef) -> str:
        return self._registry.parser_for(ref).name
