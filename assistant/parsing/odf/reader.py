"""Writes the content of an OpenDocument file: paragraphs, lists, tables, pages, pictures and embedded objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from assistant.errors import DocumentTooLargeError
from assistant.parsing.builder import TextBuilder, clean, clean_title
from assistant.parsing.odf.inline import (
    DRAWN,
    SKIPPED,
    Inline,
    box_of,
    comment,
    plain_paragraphs,
    read_inline,
    words,
)
from assistant.parsing.odf.styles import OdfStyles, whole
from assistant.parsing.ooxml.package import Package, attribute, find_child, local_name
from assistant.parsing.tables import Merged, fill_merged, markdown_table
from assistant.types import Page

if TYPE_CHECKING:
    from lxml.etree import _Element

_MAX_CELLS = 1_000_000
_MAX_SPAN = 1_000
_MAX_NESTED = 3  # objects within objects
_MAX_HEADING = 300
_REPEATED = frozenset({"date-time", "footer", "header"})  # the same on every slide


class OdfReader:
    """Reads into `builder`; `pages` are the slides or sheets, `title` is what a paragraph styled as such says."""

    def __init__(self, key: str, package: Package, styles: OdfStyles) -> None:
        self.builder = TextBuilder()
        self.pages: list[Page] = []
        self.title = ""
        self._key = key
        self._package = package
        self._styles = styles
        self._page: int | None = None
        self._cells = 0
        self._nested = 0
        self._mark = ""
        self._in_list = False
        self._counted: dict[tuple[str, int], int] = {}
        self._footers: set[str] = set()
        self._heading: _Element | None = None

    def read(self, element: _Element, depth: int = 0, style: str = "") -> None:
        """Write what stands below `element`; `depth` and `style` are those of the list around it."""
        for child in element:
            name = local_name(child)
            if not self._nested and (name == "page" or (name == "table" and local_name(element) == "spreadsheet")):
                self._start_page(child, name)
            elif name == "table":
                self._table(child, parted=local_name(element) == "spreadsheet")
            elif name in {"h", "p"}:
                self._paragraph(child, name)
            elif name == "list":
                self._list(child, depth + 1, style)
            elif name == "annotation":
                self._add("text", comment(child))
            elif name == "notes":
                self._notes(child)
            elif name in DRAWN:
                self._frame(child)
            elif name not in SKIPPED:
                self.read(child, depth, style)

    def read_running(self, masters: _Element | None, kind: str) -> None:
        """Write each header or footer of a text's kinds of page once."""
        for element in masters.iter() if masters is not None else ():
            if local_name(element).partition("-")[0] == kind:
                text = "\n".join(plain_paragraphs(element))
                if not text.isdecimal() and text not in self._footers:  # a page number says nothing here
                    self._footers.add(text)
                    self._add("text", text)

    def _add(self, kind: str, text: str, level: int = 0) -> None:
        """Write a block outside lists."""
        self._in_list = self._in_list and not text
        self.builder.add("heading" if kind == "heading" else "text", text, level=level, page=self._page)

    def _start_page(self, element: _Element, kind: str) -> None:
        before, number = self.builder.length, len(self.pages) + 1
        name = clean_title(attribute(element, "name"))
        self._page, self._in_list = number, False
        if kind == "table":
            self._add("heading", name, 1)
            self._table(element, parted=True)
        else:
            frames = (one for one in element if attribute(one, "class") == "title" and local_name(one) == "frame")
            self._heading = next(frames, None)
            title = " ".join(plain_paragraphs(self._heading)) if self._heading is not None else ""
            title = " ".join(title.split())
            self._add("heading" if len(title) <= _MAX_HEADING else "text", title, int(len(title) <= _MAX_HEADING))
            name = clean_title(title) or name
            self.read(element)
        self.pages.append(self.builder.page_since(before, number, name))

    def _notes(self, element: _Element) -> None:
        for frame in element:
            if attribute(frame, "class") in {"notes", None}:
                self.read(frame)

    def _paragraph(self, element: _Element, name: str) -> None:
        found = read_inline(element)
        text, style = found.text, attribute(element, "style-name")
        if name == "h" or (text and not self._mark and self._styles.is_title(style)):
            line = " ".join(text.split())
            self.title = self.title or (line if name == "p" else "")
            self._add("heading", line, min(max(whole(attribute(element, "outline-level"), 1), 1), 9))
        elif text and self._mark:
            self.builder.add("text", self._mark + text, gap="\n" if self._in_list else "\n\n", page=self._page)
            self._mark, self._in_list = "", True
        else:
            self._add("text", text)
        self._beside(found)

    def _beside(self, found: Inline) -> None:
        for frame in found.frames:
            self._frame(frame)
        for line in found.comments:
            self._add("text", line)

    def _list(self, element: _Element, depth: int, inherited: str) -> None:
        if depth == 1 and not _goes_on(element):
            self._in_list = False
        for item, mark, style in self._items(element, depth, inherited):
            self._mark = f"{'  ' * min(depth - 1, 9)}{mark}" if mark else ""
            self.read(item, depth, style)
        self._mark = ""

    def _items(self, element: _Element, depth: int, inherited: str) -> Iterator[tuple[_Element, str, str]]:
        """Yield a list's items, each with its bullet or number and the list's style; a list's header has none."""
        style = attribute(element, "style-name") or inherited
        if not style:
            first = next((one for one in element.iter() if local_name(one) == "p"), None)
            style = self._styles.list_style(attribute(first, "style-name") if first is not None else None)
        number = self._counted.get((style, depth), 0) if _goes_on(element) else 0
        number = number or self._styles.start(style, depth) - 1
        for item in element:
            if local_name(item) == "list-item":
                number = whole(attribute(item, "start-value"), number + 1)
                yield item, self._styles.mark(style, depth, number), style
            elif local_name(item) == "list-header":
                yield item, "", style
        self._counted[style, depth] = number

    def _frame(self, frame: _Element) -> None:
        """Write what a frame or a shape holds."""
        kind = attribute(frame, "class")
        if frame is self._heading or kind == "page-number":
            return
        if kind in _REPEATED:
            text = "\n".join(plain_paragraphs(frame))
            if text in self._footers:
                return
            self._footers.add(text)
        said, box = words(frame), box_of(frame, self._page)
        has_object = any(self._object(child) for child in frame if local_name(child) == "object")
        for child in frame:
            if local_name(child) == "image" and not has_object:
                self._in_list = False
                self.builder.add_picture(self._image(child), text=said, page=self._page, box=box)
                said = ""
        if said:
            self._in_list = False
            self.builder.add("image", said, page=self._page, box=box)
        self.read(frame)

    def _image(self, element: _Element) -> bytes:
        return self._package.part((attribute(element, "href") or "").removeprefix("./")) or b""

    def _object(self, element: _Element) -> bool:
        """Write an embedded chart, sheet, text or formula; return whether it says anything."""
        name = (attribute(element, "href") or "").removeprefix("./").rstrip("/")
        root = self._package.xml(f"{name}/content.xml") if name and self._nested < _MAX_NESTED else None
        if root is None:
            return False
        before = self.builder.length
        if local_name(root) == "math":
            stated = next((one.text or "" for one in root.iter() if local_name(one) == "annotation"), "")
            self._add("text", clean(stated or " ".join(str(part) for part in root.itertext())).strip())
        else:
            self._nested += 1
            body = find_child(root, "body")
            if body is not None:
                self.read(body)
            self._nested -= 1
        return self.builder.length > before

    def _table(self, element: _Element, parted: bool = False) -> None:
        """Write a table; with `parted`, blank rows part it into several."""
        beside = Inline()
        rows: dict[int, list[str]] = {}
        merged: list[Merged] = []
        number = 0
        for row in _rows(element):
            cells, spans = self._row(row, number, beside)
            times = max(whole(attribute(row, "number-rows-repeated"), 1), 1)
            merged += spans
            if cells:
                self._count(len(cells) * times)
                rows |= {number + at: list(cells) for at in range(times)}
            number += times
        if rows:
            self._count(fill_merged(rows, merged))
        part: list[list[str]] = []
        for number, cells in rows.items():
            if parted and number - 1 not in rows:
                self._write(part)
                part = []
            part.append(cells)
        self._write(part)
        self._beside(beside)
        for child in element:
            if local_name(child) == "shapes":
                self.read(child)

    def _write(self, rows: list[list[str]]) -> None:
        self._in_list = False
        self.builder.add("table", markdown_table(rows), page=self._page)

    def _row(self, row: _Element, number: int, beside: Inline) -> tuple[list[str], list[Merged]]:
        """Return the row's cells up to the last that has text; what repeats is bounded before it is written out."""
        found: list[tuple[str, int]] = []
        spans: list[Merged] = []
        column = 0
        for cell in row:
            if local_name(cell) not in {"table-cell", "covered-table-cell"}:
                continue
            down, across = (
                min(max(whole(attribute(cell, f"number-{name}-spanned"), 1), 1), _MAX_SPAN)
                for name in ("rows", "columns")
            )
            if down > 1 or across > 1:
                spans.append(Merged(number, column, number + down - 1, column + across - 1))
            times = max(whole(attribute(cell, "number-columns-repeated"), 1), 1)
            found.append((" ".join(self._cell(cell, 0, "", beside)).strip(), times))
            column += times
        while found and not found[-1][0]:
            found.pop()
        if sum(times for _, times in found) > _MAX_CELLS:
            self._count(_MAX_CELLS + 1)
        return [text for text, times in found for _ in range(times)], spans

    def _cell(self, element: _Element, depth: int, style: str, beside: Inline) -> Iterator[str]:
        """Yield the texts below `element` within a cell; its pictures and comments come after the table."""
        for child in element:
            name = local_name(child)
            if name in {"p", "h"}:
                found = read_inline(child)
                if found.text:
                    yield found.text
                beside.comments += found.comments
                for frame in found.frames:
                    yield from self._cell_frame(frame, beside)
            elif name == "list":
                for item, mark, own in self._items(child, depth + 1, style):
                    text = " ".join(self._cell(item, depth + 1, own, beside))
                    yield f"{'' if mark == '- ' else mark}{text}" if text else ""
            elif name == "annotation":
                beside.comments.append(comment(child))
            elif name in DRAWN:
                yield from self._cell_frame(child, beside)
            elif name not in SKIPPED:
                yield from self._cell(child, depth, style, beside)

    def _cell_frame(self, frame: _Element, beside: Inline) -> Iterator[str]:
        """Yield the words of a frame in a cell, or keep it for after the table where it holds an object."""
        if any(local_name(child) == "object" for child in frame):
            beside.frames.append(frame)
            return
        said = words(frame)
        if said:
            yield said
        for child in frame:
            if local_name(child) == "image":
                self.builder.add_picture(self._image(child), page=self._page)
        yield from self._cell(frame, 0, "", beside)

    def _count(self, cells: int) -> None:
        self._cells += cells
        if self._cells > _MAX_CELLS:
            raise DocumentTooLargeError(f"{self._key}: more than {_MAX_CELLS:,} cells", "split the document")


def _goes_on(element: _Element) -> bool:
    """Whether a list counts on from the one before."""
    return attribute(element, "continue-numbering") == "true" or attribute(element, "continue-list") is not None


def _rows(table: _Element) -> Iterator[_Element]:
    """Yield a table's own rows, also those in groups; the rows of tables inside its cells are the cells' text."""
    for child in table:
        name = local_name(child)
        if name == "table-row":
            yield child
        elif name in {"table-header-rows", "table-rows", "table-row-group"}:
            yield from _rows(child)
