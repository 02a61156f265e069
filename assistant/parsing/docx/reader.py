"""Writes a Word document's body as blocks of text: headings, paragraphs, list items, tables and drawings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.parsing.builder import TextBuilder
from assistant.parsing.docx.alt_chunk import AltChunks
from assistant.parsing.docx.graphics import Graphics
from assistant.parsing.docx.inline import CONTAINERS, Inline, NoteNumbers, chosen, read_inline
from assistant.parsing.docx.math import display
from assistant.parsing.docx.numbering import Numbering
from assistant.parsing.docx.running import Comments, RunningTexts
from assistant.parsing.docx.styles import Styles, number_of, value_of
from assistant.parsing.ooxml.package import Package, find_child, local_name
from assistant.parsing.ooxml.relations import Relation
from assistant.parsing.tables import Merged, fill_merged, markdown_table

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_COLUMNS = 64


class BodyReader:
    """Writes a body into `builder`; `title` is what a paragraph of the style for titles says."""

    def __init__(
        self,
        package: Package,
        relations: Mapping[str, Relation],
        styles: Styles,
        numbering: Numbering,
        notes: NoteNumbers,
        comments: Comments,
        running: RunningTexts,
        chunks: AltChunks,
    ) -> None:
        self.builder = TextBuilder()
        self.title = ""
        self._graphics = Graphics(package, relations, self.builder, self._read)
        self._styles = styles
        self._numbering = numbering
        self._notes = notes
        self._comments = comments
        self._running = running
        self._chunks = chunks
        self._in_list = False

    def read_body(self, body: _Element) -> None:
        """Write the whole body, with the headers and footers of its sections."""
        self._write_all(self._running.headers())
        self._read(body)
        self._write_all(self._running.footers())

    def _read(self, container: _Element) -> None:
        """Write the paragraphs and tables below `container`."""
        for child in chosen(container):
            name = local_name(child)
            if name == "p":
                self._paragraph(child)
            elif name == "tbl":
                self._table(child)
            elif name in {"oMath", "oMathPara"}:  # some programs leave out the paragraph
                self._write(display(child), None)
            elif name == "altChunk":
                self._chunk(child)
            elif name in CONTAINERS:
                self._read(child)

    def _chunk(self, element: _Element) -> None:
        """Write what a file of another format shows here."""
        document = self._chunks.read(element)
        if document is not None:
            self._in_list = False
            self.builder.add_document(document)

    def _paragraph(self, element: _Element) -> None:
        found = read_inline(element, self._notes)
        properties = find_child(element, "pPr")
        self._draw(found.before)
        self._write(found.text, properties)
        self._hang(found)
        if find_child(properties, "sectPr") is not None:
            self._write_all(self._running.footers())
            self._write_all(self._running.headers())

    def _hang(self, found: Inline) -> None:
        """Write what hangs on a paragraph or table that was just written."""
        self._draw(found.after)
        self._write_all(self._comments.take(found.comments))

    def _draw(self, elements: list[_Element]) -> None:
        before = self.builder.length
        for element in elements:
            self._graphics.write(element)
        self._in_list = self._in_list and self.builder.length == before

    def _write_all(self, texts: Iterator[str]) -> None:
        for text in texts:
            self._in_list = False
            self.builder.add("text", text)

    def _write(self, text: str, properties: _Element | None) -> None:
        """Write a paragraph's text, if there is any."""
        if not text:
            return
        level, is_title = self._styles.heading(properties)
        mark, depth = self._mark(properties)
        if level:
            self._in_list = False
            line = " ".join(text.split())
            if is_title and not self.title:
                self.title = line
            self.builder.add("heading", f"{mark} {line}" if mark not in {"", "-"} else line, level=level)
            return
        marker = f"{'  ' * depth}{mark} " if mark else ""
        self.builder.add("text", marker + text, gap="\n" if marker and self._in_list else "\n\n")
        self._in_list = bool(marker)

    def _mark(self, properties: _Element | None) -> tuple[str, int]:
        """Return what stands before a paragraph, a number or `-`, and how deep in its list that is."""
        place = self._styles.list_place(properties)
        if place is None:
            return "", 0
        mark = self._numbering.mark(place)
        return mark.text, mark.level

    def _table(self, element: _Element) -> None:
        """Write a table; one of a single column is a frame around paragraphs and read as such."""
        self._in_list = False
        rows = list(_children(element, "tr"))
        if all(len(list(_children(row, "tc"))) < 2 for row in rows):
            for row in rows:
                for cell in _children(row, "tc"):
                    self._read(cell)
            return
        hanging = Inline()
        self.builder.add("table", markdown_table(self._rows(rows, hanging)))
        self._hang(hanging)
        for picture in hanging.pictures:
            self.builder.add_picture(picture)

    def _rows(self, rows: list[_Element], hanging: Inline) -> list[list[str]]:
        """Return the cells of rows, with the label in a merged one in all its places.

        Args:
            rows: the rows of a table.
            hanging: what hangs on the cells is added to it.
        """
        merged: list[Merged] = []
        above: dict[int, Merged] = {}  # by its first column, the merged cells that may reach into the next row
        table: dict[int, list[str]] = {}
        for number, row in enumerate(rows):
            before = number_of(value_of(find_child(row, "trPr", "gridBefore")))
            cells = [""] * min(before, _MAX_COLUMNS)
            open_cells: dict[int, Merged] = {}
            for cell in _children(row, "tc"):
                left, place = len(cells), find_child(cell, "tcPr")
                span = min(max(number_of(value_of(find_child(place, "gridSpan"))), 1), _MAX_COLUMNS)
                one = Merged(number, left, number, left + span - 1)
                merge = find_child(place, "vMerge")
                if merge is not None:
                    over = above.get(left) if value_of(merge) != "restart" else None
                    one = replace(over, bottom=number) if over is not None else one
                    open_cells[left] = one
                elif span > 1:
                    merged.append(one)
                cells += [" ".join(self._cell(cell, hanging)), *[""] * (span - 1)]
            merged += [one for left, one in above.items() if left not in open_cells or open_cells[left].top != one.top]
            above = open_cells
            table[number] = cells
        fill_merged(table, [*merged, *above.values()])
        return list(table.values())

    def _cell(self, container: _Element, hanging: Inline) -> Iterator[str]:
        """Yield what the paragraphs in a cell say, those of tables within too."""
        for child in chosen(container):
            name = local_name(child)
            if name == "p":
                found = read_inline(child, self._notes)
                hanging.after += [*found.before, *found.after]
                hanging.comments += found.comments
                if found.text:
                    mark, _ = self._mark(find_child(child, "pPr"))
                    yield f"{mark} {found.text}" if mark else found.text
            elif name == "altChunk":
                document = self._chunks.read(child)
                if document is not None:
                    hanging.pictures += [picture.data for picture in document.pictures]
                    yield " ".join(document.text.split())
            elif name in CONTAINERS or name in {"tbl", "tr", "tc"}:
                yield from self._cell(child, hanging)


def _children(element: _Element, name: str) -> Iterator[_Element]:
    """Yield the children of that name, also those wrapped in content controls or revisions."""
    for child in element:
        found = local_name(child)
        if found == name:
            yield child
        elif found in CONTAINERS:
            yield from _children(child, name)
