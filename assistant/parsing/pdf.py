"""Parser of PDF on PDFium: text page by page in the file's order, paragraphs and outline headings as blocks."""

from __future__ import annotations

import contextlib
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from assistant.errors import DamagedDocumentError, EmptyDocumentError, EncryptedDocumentError
from assistant.parsing.builder import TextBuilder, clean_title
from assistant.parsing.pdf_text import join_hyphens, page_lines, page_paragraphs, unreadable
from assistant.types import Document, DocumentRef, Page

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_MAX_OUTLINE = 10_000
_NO_TITLE = re.compile(
    r"(?:untitled.*|microsoft (?:word|powerpoint|excel) - .*|.*\.[a-z]{2,5}|document\d*|[\W\d_]+)\Z", re.IGNORECASE
)
_Outline = dict[int, dict[str, int]]  # page index -> folded heading -> level


class PdfParser:
    """Reads `application/pdf`. Text is what the file's text layer holds; scans have none (that takes OCR)."""

    name = "pdf"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a PDF."""
        return ref.media_type == "application/pdf"

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the text with pages and blocks. Lines end in one newline, paragraphs in two.

        See `interfaces.Parser` for what is raised; a page that cannot be read fails the document, so that no text
        goes missing in silence.
        """
        if not data:
            raise EmptyDocumentError(f"{ref.key}: the file is empty")
        with contextlib.closing(_open(ref.key, data)) as pdf:
            pages = [page_lines(text) for text in _texts(ref.key, pdf)]
            outline = _outline(pdf)
            title = _title(pdf)
        pages = join_hyphens(pages)
        return _document(ref, pages, outline, title)


def _open(key: str, data: bytes) -> PdfDocument:
    import pypdfium2 as pdfium
    from pypdfium2 import raw

    try:
        pdf = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        code = getattr(error, "err_code", None)
        if code in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}:
            raise EncryptedDocumentError(
                f"{key}: the PDF asks for a password", "store a copy without password"
            ) from error
        raise DamagedDocumentError(f"{key}: not a readable PDF: {error}", "open and save it again") from error
    if len(pdf) == 0:
        pdf.close()
        raise DamagedDocumentError(f"{key}: the PDF has no pages", "open and save it again")
    return pdf


def _texts(key: str, pdf: PdfDocument) -> Iterator[str]:
    """Yield each page's text as PDFium gives it, put together from the characters' places where that is in shreds."""
    import pypdfium2 as pdfium

    from assistant.parsing.pdf_text import placed_text, shredded

    for number in range(len(pdf)):
        try:
            with contextlib.closing(pdf[number]) as page, contextlib.closing(page.get_textpage()) as layer:
                text = layer.get_text_range()
                yield placed_text(layer) if shredded(text) else text
        except pdfium.PdfiumError as error:
            raise DamagedDocumentError(
                f"{key}: page {number + 1} of {len(pdf)} cannot be read: {error}", "open and save it again"
            ) from error


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


def _document(ref: DocumentRef, pages: list[list[str]], outline: _Outline, title: str) -> Document:
    builder = TextBuilder()
    spans: list[Page] = []
    for index, lines in enumerate(pages):
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
        # An empty page is an empty span, so that page numbers stay those of the file.
        spans.append(Page(index + 1, builder.length if start is None else start, builder.length))
    count = f"{len(pages)} page{'s' if len(pages) > 1 else ''}"
    if not builder:
        raise EmptyDocumentError(
            f"{ref.key}: the PDF has {count} but no text layer (a scan?)", "run text recognition (OCR) on it first"
        )
    document = builder.build(ref, title, spans)
    if unreadable(document.text):
        raise EmptyDocumentError(
            f"{ref.key}: the PDF's {count} hold unreadable text: its fonts do not say what they show",
            "run text recognition (OCR) on it first",
        )
    return document
