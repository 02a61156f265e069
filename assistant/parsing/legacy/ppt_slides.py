"""Writes the slides of an old PowerPoint file as pages: titles, texts, tables, notes and comments."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.parsing.builder import TextBuilder, clean, clean_title
from assistant.parsing.comment_text import comment_line
from assistant.parsing.legacy import ppt_records as kinds
from assistant.parsing.legacy.ppt_pictures import PptPictures, ShownPicture
from assistant.parsing.legacy.ppt_records import PptStream, Record
from assistant.parsing.tables import Merged, fill_merged, markdown_table
from assistant.types import Page

_SLIDES, _NOTES = 0, 2  # instances of the lists of slides
_TITLES = frozenset({0, 6})  # kinds of text: a title, a centred title
_NOTES_TEXT = 2
_GRID = 0x039F  # the property that makes a group of shapes a table
_MAX_HEADING = 300
_MAX_DEPTH = 40


@dataclass(frozen=True, slots=True)
class _Text:
    kind: int
    text: str


@dataclass(frozen=True, slots=True)
class _Slide:
    identity: int
    container: Record | None
    outline: tuple[_Text, ...]


_Shown = _Text | ShownPicture | list[list[str]]


def read_slides(builder: TextBuilder, stream: PptStream, pictures: bytes) -> list[Page]:
    """Write the slides in their order and return their pages; `pictures` is the stream of that name."""
    lists = {
        record.instance: record for record in stream.children(stream.document()) if record.kind == kinds.SLIDE_LIST
    }
    notes = dict(_notes(stream, lists[_NOTES])) if _NOTES in lists else {}
    pages: list[Page] = []
    shown = PptPictures(stream, pictures)
    for number, slide in enumerate(_slides(stream, lists[_SLIDES]) if _SLIDES in lists else (), start=1):
        before = builder.length
        name = _Writer(builder, stream, shown, slide, number).write(notes.get(slide.identity, ""))
        pages.append(builder.page_since(before, number, name))
    return pages


def _slides(stream: PptStream, listed: Record) -> Iterator[_Slide]:
    """Yield the slides of a list, each with the texts that the list keeps for it."""
    at: tuple[int, int] | None = None
    waiting: list[Record] = []
    for record in [*stream.children(listed), None]:
        if record is not None and record.kind != kinds.SLIDE_PERSIST:
            waiting.append(record)
            continue
        if at is not None:
            yield _Slide(at[1], stream.persisted(at[0]), tuple(_texts(stream, waiting)))
        if record is not None and record.end - record.start >= 16:
            reference, _, _, identity = struct.unpack_from("<IIII", stream.stream, record.start)
            at, waiting = (reference, identity), []
        else:
            at = None


def _notes(stream: PptStream, listed: Record) -> Iterator[tuple[int, str]]:
    """Yield the notes by the ids of their slides."""
    for page in _slides(stream, listed):
        if page.container is None:
            continue
        atom = next((one for one in stream.children(page.container) if one.kind == kinds.NOTES_ATOM), None)
        found = [*page.outline]
        for box in stream.find(page.container, kinds.TEXTBOX):
            found += _texts(stream, stream.children(box))
        text = "\n".join(one.text for one in found if one.kind == _NOTES_TEXT and one.text)
        if atom is not None and text:
            yield int.from_bytes(stream.content(atom)[:4], "little"), text


def _texts(stream: PptStream, records: Iterator[Record] | list[Record]) -> Iterator[_Text]:
    """Yield the texts of a list or a box, empty ones included, as references count them."""
    kind: int | None = None
    for record in records:
        if record.kind == kinds.TEXT_KIND:
            if kind is not None:
                yield _Text(kind, "")
            kind = int.from_bytes(stream.content(record)[:4], "little")
        elif record.kind in {kinds.TEXT_WIDE, kinds.TEXT_BYTES}:
            yield _Text(4 if kind is None else kind, _decoded(stream, record))
            kind = None
    if kind is not None:
        yield _Text(kind, "")


def _decoded(stream: PptStream, record: Record) -> str:
    wide = record.kind in {kinds.TEXT_WIDE, kinds.STRING}
    text = stream.content(record).decode("utf-16-le" if wide else "latin-1", "replace").replace("\v", "\n")
    return "\n".join(filter(None, (line.strip() for line in clean(text).split("\n"))))


class _Writer:
    def __init__(
        self, builder: TextBuilder, stream: PptStream, pictures: PptPictures, slide: _Slide, number: int
    ) -> None:
        self._builder = builder
        self._stream = stream
        self._pictures = pictures
        self._slide = slide
        self._number = number
        self._used: set[int] = set()

    def write(self, notes: str) -> str:
        """Write the slide with its title first, and return that."""
        found: list[_Shown] = []
        container = self._slide.container
        for drawing in self._stream.children(container) if container is not None else ():
            if drawing.kind == kinds.DRAWING:
                found += self._shapes(drawing, 0)
        found += [text for index, text in enumerate(self._slide.outline) if index not in self._used]
        title = next((one for one in found if isinstance(one, _Text) and one.kind in _TITLES and one.text), None)
        line = " ".join(title.text.split()) if title is not None else ""
        heading = len(line) <= _MAX_HEADING
        self._builder.add("heading" if heading else "text", line, level=int(heading), page=self._number)
        for item in found:
            if isinstance(item, list):
                self._builder.add("table", markdown_table(item), page=self._number)
            elif isinstance(item, ShownPicture):
                self._builder.add_picture(item.data, text=item.text, page=self._number, box=item.box)
            elif item is not title:
                self._builder.add("text", item.text, page=self._number)
        self._builder.add("text", notes, page=self._number)
        for comment in self._comments():
            self._builder.add("text", comment, page=self._number)
        return clean_title(line)

    def _shapes(self, parent: Record, depth: int) -> Iterator[_Shown]:
        """Yield the texts, tables and pictures of the shapes below `parent`, in their order."""
        for record in self._stream.children(parent):
            table = self._table(record) if record.kind == kinds.SHAPES else None
            picture = self._pictures.of(record, self._number) if record.kind == kinds.SHAPE else None
            if picture is not None:
                yield picture
            if table is not None:
                yield table
            elif record.kind == kinds.TEXTBOX:
                yield from self._box(record)
            elif record.is_container and depth < _MAX_DEPTH:
                yield from self._shapes(record, depth + 1)

    def _box(self, box: Record) -> Iterator[_Text]:
        """Yield the texts of a shape, also those that the list of slides keeps for it."""
        records = list(self._stream.children(box))
        for record in records:
            if record.kind == kinds.OUTLINE_REFERENCE:
                index = int.from_bytes(self._stream.content(record)[:4], "little")
                if index < len(self._slide.outline) and index not in self._used:
                    self._used.add(index)
                    yield self._slide.outline[index]
        yield from _texts(self._stream, records)

    def _table(self, group: Record) -> list[list[str]] | None:
        """Return the rows of a group of shapes that is a table, else None."""
        shapes = [one for one in self._stream.children(group) if one.kind == kinds.SHAPE]
        if not shapes or not self._is_table(shapes[0]):
            return None
        cells: list[tuple[tuple[int, ...], str]] = []
        for shape in shapes[1:]:
            parts = list(self._stream.children(shape))
            anchor = next((one for one in parts if one.kind == kinds.CHILD_ANCHOR), None)
            box = next((one for one in parts if one.kind == kinds.TEXTBOX), None)
            if anchor is not None and box is not None and anchor.end - anchor.start >= 16:
                sides = struct.unpack_from("<4i", self._stream.stream, anchor.start)
                cells.append((sides, " ".join(text.text for text in self._box(box))))
        lefts, tops = (sorted({sides[side] for sides, _ in cells}) for side in (0, 1))
        rows = {number: [""] * len(lefts) for number in range(len(tops))}
        merged: list[Merged] = []
        for (left, top, right, bottom), text in cells:
            row, column = tops.index(top), lefts.index(left)
            rows[row][column] = text
            last_row = sum(one < bottom for one in tops) - 1
            merged.append(Merged(row, column, last_row, sum(one < right for one in lefts) - 1))
        fill_merged(rows, (cell for cell in merged if cell.bottom > cell.top or cell.right > cell.left))
        return list(rows.values())

    def _is_table(self, shape: Record) -> bool:
        for record in self._stream.children(shape):
            if record.kind == kinds.PROPERTIES:
                content = self._stream.content(record)
                found = (content[at : at + 2] for at in range(0, min(6 * record.instance, len(content) - 5), 6))
                if any(int.from_bytes(one, "little") & 0x3FFF == _GRID for one in found):
                    return True
        return False

    def _comments(self) -> Iterator[str]:
        container = self._slide.container
        for comment in self._stream.find(container, kinds.COMMENT) if container is not None else ():
            strings = {
                one.instance: _decoded(self._stream, one)
                for one in self._stream.children(comment)
                if one.kind == kinds.STRING
            }
            yield comment_line(strings.get(1, ""), strings.get(0, ""))
