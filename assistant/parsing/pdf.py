"""Parser of PDF on PDFium: text page by page, recognised where scanned, paragraphs and bookmarks as blocks."""

from __future__ import annotations

import contextlib
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from assistant.parsing import pdf_boxes, pdf_render
from assistant.parsing.builder import TextBuilder, clean_title
from assistant.parsing.pdf_file import open_pdf
from assistant.parsing.pdf_running import without_running_lines
from assistant.parsing.pdf_scan import ScanReader, UnsureError, is_scan
from assistant.parsing.pdf_text import join_hyphens, page_lines, page_paragraphs, unreadable
from assistant.types import Box, Document, DocumentRef, Page, Place

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_MAX_OUTLINE = 10_000
_MAX_PAGES = 10_000
_NO_TITLE = re.compile(
    r"(?:untitled.*|microsoft (?:word|powerpoint|excel) - .*|.*\.[a-z]{2,5}|document\d*|[\W\d_]+)\Z", re.IGNORECASE
)
_Outline = dict[int, dict[str, int]]  # page index -> folded heading -> level


@dataclass(slots=True)
class _Sheet:
    """One page as it was read: its lines, and where they stand if they were recognised in a picture."""

    lines: list[str]
    boxes: list[Box] = field(default_factory=list)
    failure: str = ""
    unsure: bool = False


class PdfParser:
    """Reads `application/pdf`: each page's text layer in the file's order, and scanned pages by text recognition.

    A page that cannot be read becomes a line that says so; where more than half cannot, the document fails. Headers and
    footers that run through the pages are kept where they stand first (`pdf_running`). Tables are lines of text.
    """

    name = "pdf"
    version = "2"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a PDF."""
        return ref.media_type == "application/pdf"

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the text with pages and blocks. Lines end in one newline, paragraphs in two.

        See `interfaces.Parser` for what is raised; a document with too many scanned pages is too large.
        """
        if not data:
            raise EmptyDocumentError(f"{ref.key}: the file is empty")
        reader = ScanReader(ref.key)
        with contextlib.closing(open_pdf(ref.key, data)) as pdf:
            if len(pdf) > _MAX_PAGES:
                raise DocumentTooLargeError(f"{ref.key}: the PDF has more than {_MAX_PAGES:,} pages", "split it")
            sheets = list(_sheets(pdf, reader))
            outline = _outline(pdf)
            title = _title(pdf)
        failures = [(number, sheet.failure) for number, sheet in enumerate(sheets, start=1) if sheet.failure]
        legible = any(line for sheet in sheets if not sheet.failure for line in sheet.lines)
        if len(failures) * 2 > len(sheets) or (failures and not legible):
            number, cause = failures[0]
            unsure = all(sheet.unsure for sheet in sheets if sheet.failure)
            raise (EmptyDocumentError if unsure else DamagedDocumentError)(
                f"{ref.key}: page {number} of {len(sheets)} cannot be read: {cause}",
                "scan it again, sharper" if unsure else "open and save it again",
            )
        pages = without_running_lines(join_hyphens([sheet.lines for sheet in sheets]))
        for sheet, lines in zip(sheets, pages, strict=True):
            sheet.lines = lines
        return _document(ref, sheets, outline, title, reader.pages)

    def boxes(self, document: Document, data: bytes, start: int, end: int) -> Sequence[Box]:
        """See `interfaces.PageDrawer`."""
        return pdf_boxes.boxes(data, document, start, end)

    def draw(self, ref: DocumentRef, data: bytes, page: int, highlights: Sequence[Box], width: int) -> bytes:
        """See `interfaces.PageDrawer`."""
        return pdf_render.render(data, page, highlights, width, ref.key)


def _sheets(pdf: PdfDocument, reader: ScanReader) -> Iterator[_Sheet]:
    """Yield each page as PDFium gives it, put together from the characters' places where that is in shreds."""
    import pypdfium2 as pdfium

    from assistant.parsing.pdf_text import placed_text, shredded

    for number in range(len(pdf)):
        try:
            with contextlib.closing(pdf[number]) as page:
                with contextlib.closing(page.get_textpage()) as layer:
                    text = layer.get_text_range()
                    text = placed_text(layer) if shredded(text) else text
                seen = reader.read(page) if is_scan(page, text) else []
        except (pdfium.PdfiumError, UnsureError) as error:
            yield _Sheet(
                [f"[Page {number + 1} cannot be read: {error}]"],
                failure=str(error),
                unsure=isinstance(error, UnsureError),
            )
            continue
        if seen:
            yield _Sheet([line[0] for line in seen], [Box(number + 1, *line[1:]) for line in seen])
        else:
            yield _Sheet(page_lines(text))


def _title(pdf: PdfDocument) -> str:
    """Return the title that the file states, or nothing where it is a tool's own or only a number."""
    title = clean_title(pdf.get_metadata_value("Title"))
    return "" if _NO_TITLE.match(title) else title


def _outline(pdf: PdfDocument) -> _Outline:
    """Return the bookmarks as headings by page; a broken outline counts as none, for the text does not depend on it."""
    import pypdfium2 as pdfium

    found: _Outline = defaultdict(dict)
    try:
        for number, mark in enumerate(pdf.get_toc()):
            if number >= _MAX_OUTLINE:
                break
            target: Any = mark.get_dest()
            index = target.get_index() if target is not None else None
            if index is not None:
                found[index][_fold(mark.get_title())] = mark.level + 1
    except (pdfium.PdfiumError, UnicodeDecodeError, ValueError):
        return {}
    return found


def _fold(text: str) -> str:
    return "".join(text.split()).casefold()


def _document(ref: DocumentRef, sheets: list[_Sheet], outline: _Outline, title: str, scanned: int) -> Document:
    builder = TextBuilder()
    spans: list[Page] = []
    places: list[Place] = []
    for index, sheet in enumerate(sheets):
        lines = sheet.lines
        headings = outline.get(index, {})
        levels = {number: headings[_fold(line)] for number, line in enumerate(lines) if _fold(line) in headings}
        start: int | None = None
        for first, last in page_paragraphs(lines, frozenset(levels)):
            builder.add(
                "heading" if first in levels else "text",
                "\n".join(lines[first:last]),
                level=levels.get(first, 0),
                page=index + 1,
            )
            start = builder.last_start if start is None else start
            if sheet.boxes:
                places.extend(_places(lines[first:last], sheet.boxes[first:last], builder.last_start))
        # An empty page is an empty span, so that page numbers stay those of the file.
        spans.append(Page(index + 1, builder.length if start is None else start, builder.length))
    count = f"{len(sheets)} page{'s' if len(sheets) > 1 else ''}"
    if not builder:
        tried = f", and text recognition found none on {scanned} of them" if scanned else " (a scan?)"
        raise EmptyDocumentError(
            f"{ref.key}: the PDF has {count} but no text layer{tried}", "look whether it shows text at all"
        )
    document = replace(builder.build(ref, title, spans), places=tuple(places))
    if unreadable(document.text):
        raise EmptyDocumentError(
            f"{ref.key}: the PDF's {count} hold unreadable text: its fonts do not say what they show",
            "print it to a new PDF",
        )
    return document


def _places(lines: Sequence[str], boxes: Sequence[Box], start: int) -> Iterator[Place]:
    for line, box in zip(lines, boxes, strict=True):
        yield Place(start, start + len(line), box)
        start += len(line) + 1
