"""Parser of PPTX: slides in order as pages, with titles, lists, tables, charts, diagrams, pictures, notes, comments."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from assistant.errors import DamagedDocumentError, EmptyDocumentError, IngestError
from assistant.parsing.builder import TextBuilder, clean, clean_title
from assistant.parsing.ooxml.core import core_properties
from assistant.parsing.ooxml.drawings import chart_axes, chart_rows, chart_title, diagram_lines, paragraph_text
from assistant.parsing.ooxml.package import Package, attribute, local_name
from assistant.parsing.ooxml.relations import check_parts, relations
from assistant.parsing.pptx.comments import SlideComments
from assistant.parsing.pptx.lists import OF_PAGE, ListMarks, placeholder_kind
from assistant.parsing.pptx.shapes import Placed, placed_shapes, unwrap_alternatives
from assistant.parsing.tables import Merged, fill_merged, markdown_table
from assistant.types import Document, DocumentRef, Page

if TYPE_CHECKING:
    from lxml.etree import _Element

_MACRO = "application/vnd.ms-powerpoint.presentation.macroenabled"
_FAMILY = "application/vnd.openxmlformats-officedocument.presentationml."
_EMBED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}embed"
_MAX_HEADING = 300


class PptxParser:
    """Reads PPTX and its macro and show variants; each slide is a page named by its title."""

    name = "pptx"
    version = "3"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a PowerPoint presentation of the XML kind."""
        return ref.media_type.startswith((_FAMILY, _MACRO))

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the slides' text. See `interfaces.Parser` for what is raised."""
        with Package(ref.key, data) as package:
            main = package.main_part()
            package.xml(main)
            check_parts(package, "ppt/")  # refuses bombs and entities before the library unpacks anything
            try:
                return _read(ref, data, package, main)
            except (IngestError, MemoryError):  # who runs the parser knows its limit of memory
                raise
            except Exception as error:  # python-pptx and lxml raise many kinds on broken files
                raise DamagedDocumentError(f"{ref.key}: cannot be read: {error}", "open and save it again") from error


def _read(ref: DocumentRef, data: bytes, package: Package, main: str) -> Document:
    from pptx import Presentation

    deck = Presentation(io.BytesIO(data))
    reader = _Reader(package, SlideComments(package, main))
    for slide in deck.slides:
        reader.slide(slide)
    if not reader.builder:
        raise EmptyDocumentError(f"{ref.key}: the presentation has no text", "pictures of text need OCR")
    title, metadata = core_properties(package)
    return reader.builder.build(ref, title or reader.builder.first_heading(), reader.pages, metadata)


class _Reader:
    def __init__(self, package: Package, comments: SlideComments) -> None:
        self.builder = TextBuilder()
        self.pages: list[Page] = []
        self._package = package
        self._comments = comments
        self._number = 0
        self._part = ""
        self._footers: set[str] = set()

    def slide(self, slide: Any) -> None:
        """Write a slide as the next page."""
        self._number += 1
        self._part = str(slide.part.partname).lstrip("/")
        before = self.builder.length
        unwrap_alternatives(slide._element)
        title = slide.shapes.title
        text = " ".join(_paragraphs(title._element)).strip() if title is not None else ""
        text = " ".join(text.split())
        if len(text) <= _MAX_HEADING:
            self.builder.add("heading", text, level=1, page=self._number)
        else:
            self.builder.add("text", text, page=self._number)
        for placed in placed_shapes(slide.shapes, self._number):
            if title is None or placed.shape.shape_id != title.shape_id:
                self._shape(placed)
        self._notes(slide)
        for comment in self._comments.of(self._part):
            self.builder.add("text", comment, page=self._number)
        self.pages.append(self.builder.page_since(before, self._number, clean_title(text)))

    def _notes(self, slide: Any) -> None:
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            self._text(slide.notes_slide.notes_placeholder)

    def _shape(self, placed: Placed) -> None:
        shape = placed.shape
        if getattr(shape, "has_table", False):
            self.builder.add("table", markdown_table(_table(shape.table)), page=self._number)
        elif shape.has_text_frame:
            self._text(shape)
        self._graphics(shape._element)
        self._pictures(placed)

    def _text(self, shape: Any) -> None:
        kind = placeholder_kind(shape._element)
        if kind == "sldNum":
            return
        marks = ListMarks(shape)
        written: list[str] = []
        for paragraph in shape.text_frame.paragraphs:
            text = paragraph_text(paragraph._p)
            if text:
                written.append(marks.mark(paragraph._p) + text)
        text = "\n".join(written).strip()
        if kind in OF_PAGE:  # the same on every slide
            if text in self._footers:
                return
            self._footers.add(text)
        self.builder.add("text", text, page=self._number)

    def _graphics(self, element: _Element) -> None:
        """Write the charts and diagrams that a shape refers to."""
        known = None
        for child in element.iter():
            name = local_name(child)
            reference = attribute(child, "id" if name == "chart" else "dm") if name in {"chart", "relIds"} else None
            if reference is None:
                continue
            known = relations(self._package, self._part) if known is None else known
            relation = known.get(reference)
            root = self._package.xml(relation.target) if relation is not None else None
            if root is None:
                continue
            if name == "chart":
                self.builder.add("text", chart_title(root), page=self._number)
                self.builder.add("table", markdown_table(chart_rows(root)), page=self._number)
                self.builder.add("text", chart_axes(root), page=self._number)
            else:
                self.builder.add("text", diagram_lines(root), page=self._number)

    def _pictures(self, placed: Placed) -> None:
        """Keep the pictures in a shape; the words for it are said once, also where its picture cannot be shown."""
        element = placed.shape._element
        words = clean(next((attribute(one, "descr") or "" for one in element.iter() if local_name(one) == "cNvPr"), ""))
        words = words.strip()
        known = None
        for blip in (one for one in element.iter() if local_name(one) == "blip"):
            known = relations(self._package, self._part) if known is None else known
            relation = known.get(blip.get(_EMBED) or "")
            data = self._package.part(relation.target) if relation is not None else None
            self.builder.add_picture(data or b"", text=words, page=self._number, box=placed.box)
            words = ""
        self.builder.add("image", words, page=self._number, box=placed.box)


def _paragraphs(element: _Element) -> Iterator[str]:
    for child in element.iter():
        if local_name(child) == "p":
            yield paragraph_text(child)


def _table(table: Any) -> list[list[str]]:
    """Return a table's cells, with the label in a merged one in all its places."""
    rows: dict[int, list[str]] = {}
    merged: list[Merged] = []
    for number, row in enumerate(table.rows):
        cells = list(row.cells)
        rows[number] = [_cell(cell) for cell in cells]
        merged += [
            Merged(number, column, number + cell.span_height - 1, column + cell.span_width - 1)
            for column, cell in enumerate(cells)
            if cell.is_merge_origin
        ]
    fill_merged(rows, merged)
    return list(rows.values())


def _cell(cell: Any) -> str:
    return " ".join(_paragraphs(cell._tc))
