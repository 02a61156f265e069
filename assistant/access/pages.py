"""Pages as people see them: their images, and where on them a span of the text stands."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.access.library import Library
from assistant.access.stored_text import original_key
from assistant.errors import ConfigurationError, NotFoundError, UnsupportedFormatError
from assistant.interfaces import BlobStore, PageDrawer, PagePool
from assistant.parsing.printing.office import OfficePages
from assistant.registry import PluginRegistry
from assistant.types import Block, Box, Document, DocumentRef, User
from assistant.types.documents import BlockKind

MAX_WIDTH = 3000
_LAID_OUT = 200  # pixels: from a picture so wide, a page's size is known well enough
_POINTS = 72.0  # an inch


@dataclass(frozen=True, slots=True)
class LaidBlock:
    """A block on its page: `number` is its place among the document's blocks, from 0.

    `places` are rectangles, mostly one a line: left, top, right and bottom in parts of the page's width and height.
    """

    number: int
    kind: BlockKind
    places: tuple[tuple[float, float, float, float], ...]


@dataclass(frozen=True, slots=True)
class PageLayout:
    """Where the blocks of a page stand on it.

    `placed` is False where that cannot be told, as of pages that are printed: `blocks` have no places then.
    """

    page: int
    pages: int
    placed: bool
    blocks: tuple[LaidBlock, ...]


class PageImages:
    """Shows pages of documents that the user may read.

    Parsers draw the pages of their documents; those of Office files are shown as LibreOffice prints them, where it is
    installed, so that their numbers are those of the print.

    Args:
        library: says who may read what.
        blobs: holds the originals.
        registry: knows the parsers by document.
        pool: draws the pages.
        passwords: returns what encrypted documents of a source are opened with.
    """

    def __init__(
        self,
        library: Library,
        blobs: BlobStore,
        registry: PluginRegistry,
        pool: PagePool,
        passwords: Callable[[str], Sequence[str]] | None = None,
    ) -> None:
        self._library = library
        self._blobs = blobs
        self._registry = registry
        self._pool = pool
        self._passwords = passwords
        self._office = OfficePages(blobs, pool)

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
        self,
        source: str,
        key: str,
        page: int | None,
        user: User,
        span: tuple[int, int] | None = None,
        width: int = 1000,
    ) -> bytes:
        """Return a page as a PNG.

        Args:
            source, key: the document.
            page: its number, from 1; None for the page that the span begins on, without a span for the first.
            user: who looks.
            span: first character and the one after the last of what is highlighted.
            width: of the image, in pixels, at most `MAX_WIDTH`.

        Raises:
            NotFoundError: there is no such document that the user may read, no such page, or none that shows the span.
            ConfigurationError, UnsupportedFormatError: as `boxes`.
        """
        info = self._library.info(source, key, user)
        if page is not None and not self._printed(info.ref) and not 1 <= page <= max(info.pages, 1):
            raise NotFoundError(f"{key!r} has no page {page}", f"it has {info.pages} pages")
        ref = info.ref
        highlights: Sequence[Box] = ()
        data: bytes | None = None
        if span is not None:
            document = self._library.read(source, key, user)
            ref, data = document.ref, self._original(document.ref)
            found = self._boxes(document, data, *span)
            page = page or self._page_of(document, found, span[0])
            highlights = [box for box in found if box.page == page]
        data = self._original(ref) if data is None else data
        return self._draw(ref, data, page or 1, highlights, min(width, MAX_WIDTH))

    def layout(self, source: str, key: str, page: int, user: User) -> PageLayout:
        """Return where the blocks of a page stand on it.

        Args:
            source, key: the document.
            page: its number, from 1.
            user: who looks.

        Raises:
            NotFoundError: there is no such document that the user may read, or no such page.
            UnsupportedFormatError: documents of this type have no pages to look at.
        """
        document = self._library.read(source, key, user)
        pages = max(len(document.pages), 1)
        if not 1 <= page <= pages:
            raise NotFoundError(f"{key!r} has no page {page}", f"it has {pages} pages")
        printed = self._printed(document.ref)
        blocks = _blocks_on(document, page)
        if printed or not blocks:
            bare = tuple(LaidBlock(number, block.kind, ()) for number, block in blocks)
            return PageLayout(page, pages, not printed, bare)
        ref, data = document.ref, self._original(document.ref)
        spans = [(block.start, block.end) for _, block in blocks]
        outlines = self._pool.outlines(self._parser(ref), document, data, spans, self._opening(ref))
        across, down = _size(self._draw(ref, data, page, (), _LAID_OUT))
        return PageLayout(
            page,
            pages,
            placed=True,
            blocks=tuple(
                LaidBlock(number, block.kind, tuple(_part(box, across, down) for box in found if box.page == page))
                for (number, block), found in zip(blocks, outlines, strict=True)
            ),
        )

    def _boxes(self, document: Document, data: bytes, start: int, end: int) -> tuple[Box, ...]:
        if not 0 <= start < end <= len(document.text):
            raise ConfigurationError(
                f"characters {start} to {end} are not in {document.ref.key!r}",
                f"its text has {len(document.text):,} characters",
            )
        ref = document.ref
        shower = self._office if self._printed(ref) else self._pool
        found = shower.boxes(self._parser(ref), document, data, start, end, self._opening(ref))
        self._tidy(ref)
        return found

    def _draw(self, ref: DocumentRef, data: bytes, page: int, highlights: Sequence[Box], width: int) -> bytes:
        shower = self._office if self._printed(ref) else self._pool
        image = shower.draw(self._parser(ref), ref, data, page, highlights, width, self._opening(ref))
        self._tidy(ref)
        return image

    def _tidy(self, ref: DocumentRef) -> None:
        """Delete what is printed of a version that was deleted while it was printed."""
        if self._printed(ref) and not any(self._blobs.keys(original_key(ref))):
            self._office.forget(ref)

    def _page_of(self, document: Document, found: Sequence[Box], start: int) -> int:
        """Return the page that shows what begins at `start`."""
        if found:
            return found[0].page
        if not self._printed(document.ref):
            return document.page_at(start) or 1
        page = self._office.page_of(document, start)
        if page is None:
            raise NotFoundError(f"no printed page of {document.ref.key!r} shows these words", "read them in its text")
        return page

    def _printed(self, ref: DocumentRef) -> bool:
        """Whether pages of the document are printed, and not drawn by its parser.

        Raises:
            UnsupportedFormatError: neither is possible.
        """
        if isinstance(self._registry.parser_for(ref), PageDrawer):
            return False
        if OfficePages.shows(ref.media_type):
            return True
        raise UnsupportedFormatError(f"{ref.key}: pages of {ref.media_type} cannot be shown", "open the original")

    def _opening(self, ref: DocumentRef) -> Sequence[str]:
        return self._passwords(ref.source) if self._passwords is not None else ()

    def _original(self, ref: DocumentRef) -> bytes:
        return self._blobs.get(original_key(ref))

    def _parser(self, ref: DocumentRef) -> str:
        return self._registry.parser_for(ref).name


def _blocks_on(document: Document, page: int) -> list[tuple[int, Block]]:
    """Return the blocks that begin or end on the page, or are there all through, by their number from 0."""
    on = next((one for one in document.pages if one.number == page), None)
    return [
        (number, block)
        for number, block in enumerate(document.blocks)
        if on is None or block.page == page or (block.start < on.end and block.end > on.start)
    ]


def _size(picture: bytes) -> tuple[float, float]:
    """Return the width and height in points of a page by its picture, which says how many of its dots are an inch."""
    from PIL import Image

    with Image.open(io.BytesIO(picture), formats=["PNG"]) as opened:
        dots = opened.info.get("dpi", (_POINTS, _POINTS))
        return opened.width / float(dots[0]) * _POINTS, opened.height / float(dots[1]) * _POINTS


def _part(box: Box, across: float, down: float) -> tuple[float, float, float, float]:
    edges = box.left / across, box.top / down, box.right / across, box.bottom / down
    left, top, right, bottom = (round(min(1.0, max(0.0, edge)), 5) for edge in edges)
    return left, top, right, bottom
