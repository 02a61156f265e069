"""Parser of PDF on PDFium: text page by page, recognised where scanned, with pictures; headings and paragraphs."""

from __future__ import annotations

import contextlib
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from assistant.parsing.builder import TextBuilder
from assistant.parsing.pdf import boxes as pdf_boxes
from assistant.parsing.pdf import pictures as pdf_pictures
from assistant.parsing.pdf import render as pdf_render
from assistant.parsing.pdf.continued import settle_tables, with_table_lines
from assistant.parsing.pdf.file import open_pdf
from assistant.parsing.pdf.headings import Heading, Outline, find_headings, fold
from assistant.parsing.pdf.metadata import pdf_metadata, pdf_title
from assistant.parsing.pdf.pages import Sheet, read_pages
from assistant.parsing.pdf.pictures import PictureReader
from assistant.parsing.pdf.running import without_running_lines
from assistant.parsing.pdf.scan import NO_TEXT, ScanReader
from assistant.parsing.pdf.text import join_hyphens, page_paragraphs, unreadable
from assistant.types import Box, Document, DocumentRef, Page, Picture, Place

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_MAX_OUTLINE = 10_000
_MAX_PAGES = 10_000


class PdfParser:
    """Reads `application/pdf`: each page's text layer and pictures, and scanned pages by text recognition.

    The text is in the file's order but for columns that it mixes (`order`); tables whose cells are sure, by drawn lines
    or by the columns of their numbers, are Markdown (`tables`), others lines of text; charts that are drawn with paths
    are pictures (`figures`). Headings are lines that bookmarks name or that are larger or bolder than the text
    (`headings`). Headers and footers that run through the pages are kept where they stand first (`running`). A scanned
    page is kept as a picture, with a notice where its text is not read. A page that cannot be opened becomes a line
    that says so; where more than half cannot, the document fails.
    """

    name = "pdf"
    version = "9"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a PDF."""
        return ref.media_type == "application/pdf"

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the text with pages, blocks and pictures. Lines end in one newline, paragraphs in two.

        See `interfaces.Parser` for what is raised.
        """
        if not data:
            raise EmptyDocumentError(f"{ref.key}: the file is empty")
        scans, pictures = ScanReader(), PictureReader(data)
        with contextlib.closing(open_pdf(ref.key, data)) as pdf:
            if len(pdf) > _MAX_PAGES:
                raise DocumentTooLargeError(f"{ref.key}: the PDF has more than {_MAX_PAGES:,} pages", "split it")
            sheets = list(read_pages(pdf, scans, pictures))
            outline, title, metadata = _outline(pdf), pdf_title(pdf), pdf_metadata(pdf)
        _check_failures(ref, sheets)
        joined = join_hyphens([sheet.lines for sheet in sheets])
        settle_tables(sheets, joined)
        pages = with_table_lines(without_running_lines(joined), joined, sheets)
        for sheet, lines in zip(sheets, pages, strict=True):
            sheet.lines = lines
            sheet.pictures = [entry for entry in sheet.pictures if not pictures.repeated(entry[1])]
        builder = TextBuilder()
        spans, places = _written(builder, sheets, find_headings(sheets, outline))
        _check_written(ref, builder, sheets, scans)
        for notice in _notices(scans, pictures):
            builder.add("notice", notice, page=len(sheets))
            spans[-1] = replace(spans[-1], end=builder.length)
        document = _whole(builder.build(ref, title, spans, metadata), sheets, places)
        if unreadable(document.text):
            raise EmptyDocumentError(
                f"{ref.key}: the PDF's {_count(sheets)} hold unreadable text: its fonts do not say what they show",
                "print it to a new PDF",
            )
        return document

    def boxes(self, document: Document, data: bytes, start: int, end: int) -> Sequence[Box]:
        """See `interfaces.PageDrawer`."""
        return pdf_boxes.boxes(data, document, start, end)

    def draw(self, ref: DocumentRef, data: bytes, page: int, highlights: Sequence[Box], width: int) -> bytes:
        """See `interfaces.PageDrawer`."""
        return pdf_render.render(data, page, highlights, width, ref.key)


def _check_failures(ref: DocumentRef, sheets: Sequence[Sheet]) -> None:
    """Make sure that most pages could be opened and that one of them says or shows something."""
    failures = [(number, sheet.failure) for number, sheet in enumerate(sheets, start=1) if sheet.failure]
    legible = any(sheet.scan.picture or any(sheet.lines) for sheet in sheets if not sheet.failure)
    if len(failures) * 2 > len(sheets) or (failures and not legible):
        number, cause = failures[0]
        raise DamagedDocumentError(
            f"{ref.key}: page {number} of {len(sheets)} cannot be read: {cause}", "open and save it again"
        )


def _check_written(ref: DocumentRef, builder: TextBuilder, sheets: Sequence[Sheet], scans: ScanReader) -> None:
    if builder:
        return
    tried = f", and text recognition found none on {scans.pages} of them" if scans.pages else " (a scan?)"
    raise EmptyDocumentError(
        f"{ref.key}: the PDF has {_count(sheets)} but no text layer{tried}", "look whether it shows text at all"
    )


def _count(sheets: Sequence[Sheet]) -> str:
    return f"{len(sheets)} page{'s' if len(sheets) > 1 else ''}"


def _outline(pdf: PdfDocument) -> Outline:
    """Return the bookmarks as headings by page; a broken outline counts as none, for the text does not depend on it."""
    import pypdfium2 as pdfium

    found: dict[int, dict[str, int]] = defaultdict(dict)
    try:
        for number, mark in enumerate(pdf.get_toc()):
            if number >= _MAX_OUTLINE:
                break
            target: Any = mark.get_dest()
            index = target.get_index() if target is not None else None
            if index is not None:
                found[index][fold(mark.get_title())] = mark.level + 1
    except (pdfium.PdfiumError, UnicodeDecodeError, ValueError):
        return {}
    return found


def _written(
    builder: TextBuilder, sheets: Sequence[Sheet], headings: Sequence[Mapping[int, Heading]]
) -> tuple[list[Page], list[Place]]:
    """Write every page, and return where each begins and ends and where recognised text stands."""
    spans: list[Page] = []
    places: list[Place] = []
    for number, sheet in enumerate(sheets, start=1):
        before, empty = builder.length, not builder
        scan = sheet.scan
        builder.add("notice", _notice(sheet, number), page=number)
        if scan.picture:
            builder.add_picture(scan.picture, page=number, box=Box(number, 0.0, 0.0, *sheet.size))
        if reading := sheet.reading:
            from assistant.parsing.pictures.ocr import write_reading

            places += write_reading(builder, reading, number, scan.scale)
        else:
            _write_layer(builder, sheet, number, headings[number - 1])
        # An empty page is an empty span, so that page numbers stay those of the file.
        start = before if empty else min(before + 2, builder.length)
        spans.append(Page(number, start, builder.length))
    return spans, places


def _notice(sheet: Sheet, number: int) -> str:
    """Return what is to be said of a page in place of its text, if anything."""
    scan = sheet.scan
    if sheet.failure:
        return f"[Page {number} cannot be read: {sheet.failure}]"
    if not scan.why or (scan.why == NO_TEXT and any(line.strip() for line in sheet.lines)):
        return ""
    return f"[Page {number} is kept as an image: {scan.why}]" if scan.picture else f"[Page {number}: {scan.why}]"


def _write_layer(builder: TextBuilder, sheet: Sheet, number: int, headings: Mapping[int, Heading]) -> None:
    """Write the lines of a text layer as paragraphs and headings, its pictures between them."""
    lines, pictures = list(sheet.lines), list(sheet.pictures)
    tables = {first: table for first, table in sheet.tables.items() if table.stands_at(lines, first, headings)}
    for first, table in tables.items():
        last = table.end(lines, first)
        lines[first:last] = [""] * (last - first)
    edges = {*headings, *(heading.end for heading in headings.values())}
    pieces = list(_parted(page_paragraphs(lines, edges), sheet.parted))
    for first, last in sorted([*pieces, *((first, first) for first in tables)]):
        while pictures and pictures[0][0] <= first:
            _write_picture(builder, pictures.pop(0)[1], number)
        if first in tables:
            builder.add("table", tables[first].text, page=number)
            continue
        builder.add(
            "heading" if first in headings else "text",
            "\n".join(lines[first:last]),
            level=headings[first].level if first in headings else 0,
            page=number,
        )
    for _, picture in pictures:
        _write_picture(builder, picture, number)


def _parted(paragraphs: Iterable[tuple[int, int]], parted: set[int]) -> Iterator[tuple[int, int]]:
    for first, last in paragraphs:
        edges = [first, *(line for line in sorted(parted) if first < line < last), last]
        yield from itertools.pairwise(edges)


def _write_picture(builder: TextBuilder, picture: pdf_pictures.Found, number: int) -> None:
    builder.add_picture(picture.data, page=number, box=Box(number, *picture.place), lettered=picture.lettered)


def _notices(scans: ScanReader, pictures: PictureReader) -> Iterator[str]:
    """Yield a line for each limit that left something out."""
    if scans.unread:
        yield f"[Pages {_ranges(scans.unread)} were not read: {scans.limits}]"
    if pictures.left_out:
        limit = f"{pdf_pictures.MAX_PICTURES} pictures or {pdf_pictures.MAX_BYTES >> 20} MB"
        yield f"[{pictures.left_out} further pictures are not kept: a document keeps no more than {limit}]"


def _ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers as `1-3, 7`."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def _whole(document: Document, sheets: Sequence[Sheet], places: Sequence[Place]) -> Document:
    """Return the document with the places of its recognised text and with its pictures on their pages.

    The picture of a scanned page stands for all of its text.
    """
    pictures: list[Picture] = []
    for picture in document.pictures:
        number = picture.page or 1
        page = document.pages[number - 1]
        if sheets[number - 1].scan.picture:
            pictures.append(replace(picture, start=page.start, end=page.end))
        else:
            start = max(picture.start, page.start)  # one that the page begins with, was added to the end of the last
            pictures.append(replace(picture, start=start, end=max(picture.end, start)))
    document = replace(document, pictures=tuple(pictures))
    if not places:
        return document
    from assistant.parsing.pictures.ocr import with_places

    return with_places(document, places)
