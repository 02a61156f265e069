"""Parser of OpenDocument texts, sheets and presentations: one reader of their common content.xml."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError, EncryptedDocumentError
from assistant.parsing.builder import TextBuilder, clean, clean_title
from assistant.parsing.ooxml import Package, attribute, find_child, local_name
from assistant.parsing.tables import markdown_table
from assistant.types import Document, DocumentRef, Page

if TYPE_CHECKING:
    from lxml.etree import _Element

_PREFIX = "application/vnd.oasis.opendocument."
_TYPES = frozenset({f"{_PREFIX}text", f"{_PREFIX}spreadsheet", f"{_PREFIX}presentation"})
_SKIPPED = frozenset({"tracked-changes", "annotation", "note-citation", "forms", "sequence-decls", "settings"})
_MAX_CELLS = 1_000_000


class OdfParser:
    """Reads ODT, ODS and ODP; a slide is a page named as the file names it, and so is a sheet."""

    name = "odf"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is an OpenDocument text, sheet or presentation."""
        return ref.media_type in _TYPES

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the text with headings, lists, tables and pages. See `interfaces.Parser` for what is raised."""
        with Package(ref.key, data) as package:
            try:
                manifest = package.xml("META-INF/manifest.xml")
            except DamagedDocumentError:
                manifest = None  # old files declare a document type there; the content is what counts
            if manifest is not None and any(local_name(one) == "encryption-data" for one in manifest.iter()):
                raise EncryptedDocumentError(f"{ref.key}: the file asks for a password", "store a copy without it")
            body = find_child(package.xml("content.xml"), "body")
            if body is None:
                raise DamagedDocumentError(f"{ref.key}: not an OpenDocument file: no content", "save it again")
            meta = find_child(package.xml("meta.xml"), "meta", "title")
        reader = _Reader(ref.key)
        reader.read(body)
        if not reader.builder:
            raise EmptyDocumentError(f"{ref.key}: the document has no text", "pictures of text need OCR")
        stated = (meta.text or "").strip() if meta is not None else ""
        return reader.builder.build(ref, stated or reader.builder.first_heading(), reader.pages)


class _Reader:
    def __init__(self, key: str) -> None:
        self.builder = TextBuilder()
        self.pages: list[Page] = []
        self._key = key
        self._page: int | None = None
        self._cells = 0

    def read(self, element: _Element, depth: int = 0) -> None:
        """Write what stands below `element`; `depth` is that of the list around it."""
        for child in element:
            name = local_name(child)
            if name == "page" or (name == "table" and local_name(element) == "spreadsheet"):
                self._start_page(child, name)
            elif name == "table":
                self._table(child)
            elif name in {"h", "p"}:
                self._paragraph(child, name, depth)
            elif name == "list":
                self.read(child, depth + 1)
            elif name not in _SKIPPED:
                self.read(child, depth)

    def _start_page(self, element: _Element, kind: str) -> None:
        before, number = self.builder.length, len(self.pages) + 1
        name = clean_title(attribute(element, "name"))
        self._page = number
        if kind == "table":
            self.builder.add("heading", name, level=1, page=number)
            self._table(element)
        else:
            self.read(element)
        self.pages.append(self.builder.page_since(before, number, name))

    def _paragraph(self, element: _Element, name: str, depth: int) -> None:
        parts: list[str] = []
        frames: list[_Element] = []
        _collect(element, parts, frames)
        text = clean("".join(parts)).strip()
        if name == "h":
            level = attribute(element, "outline-level") or "1"
            depth_of = min(max(int(level), 1), 9) if level.isdecimal() and len(level) < 4 else 1
            self.builder.add("heading", " ".join(text.split()), level=depth_of, page=self._page)
        elif text:
            marker = "  " * min(depth - 1, 9) + "- " if depth else ""
            self.builder.add("text", marker + text, page=self._page)
        for frame in frames:
            self.read(frame)

    def _table(self, element: _Element) -> None:
        rows: list[list[str]] = []
        for row in _rows(element):
            cells = self._row(row)
            times = _repeated(row, "number-rows-repeated") if cells else 1
            self._count(len(cells) * times)
            rows += [cells] * times
        self.builder.add("table", markdown_table(rows), page=self._page)

    def _row(self, row: _Element) -> list[str]:
        """Return the row's cells up to the last that has text; what repeats is bounded before it is written out."""
        found = [
            (_text(cell), _repeated(cell, "number-columns-repeated"))
            for cell in row
            if local_name(cell) in {"table-cell", "covered-table-cell"}
        ]
        while found and not found[-1][0]:
            found.pop()
        if sum(times for _, times in found) > _MAX_CELLS:
            self._count(_MAX_CELLS + 1)
        return [text for text, times in found for _ in range(times)]

    def _count(self, cells: int) -> None:
        self._cells += cells
        if self._cells > _MAX_CELLS:
            raise DocumentTooLargeError(f"{self._key}: more than {_MAX_CELLS:,} cells", "split the document")


def _rows(table: _Element) -> Iterator[_Element]:
    """Yield a table's own rows, also those in groups; the rows of tables inside its cells are the cells' text."""
    for child in table:
        name = local_name(child)
        if name == "table-row":
            yield child
        elif name in {"table-header-rows", "table-rows", "table-row-group"}:
            yield from _rows(child)


def _repeated(element: _Element, name: str) -> int:
    value = attribute(element, name) or "1"
    return max(int(value), 1) if value.isdecimal() and len(value) < 9 else 1


def _text(element: _Element) -> str:
    parts: list[str] = []
    for paragraph in element.iter():
        if local_name(paragraph) in {"p", "h"}:
            _collect(paragraph, parts, [])
            parts.append(" ")
    return clean("".join(parts)).strip()


def _collect(element: _Element, parts: list[str], frames: list[_Element]) -> None:
    """Add an element's text; frames anchored in it are kept for later."""
    parts.append(element.text or "")
    for child in element:
        name = local_name(child)
        if name == "s":
            count = attribute(child, "c") or "1"
            parts.append(" " * (min(int(count), 100) if count.isdecimal() and len(count) < 6 else 1))
        elif name in {"tab", "line-break"}:
            parts.append("\t" if name == "tab" else "\n")
        elif name in {"frame", "g", "custom-shape"}:
            frames.append(child)
        elif name == "note-body":
            parts.append(f" [{_text(child)}]")
        elif name not in _SKIPPED:
            _collect(child, parts, frames)
        parts.append(child.tail or "")
