"""Writes the text of an old Word file: headings, lists, tables, text boxes, notes and comments."""

from __future__ import annotations

import hashlib
import itertools
import re
import struct

from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.comment_text import comment_line
from assistant.parsing.legacy.doc_file import ANCHOR, INLINE, DocFile, ListCounter, Paragraph
from assistant.parsing.tables import markdown_table

_END = re.compile("[\r\x07\x0c\x0e]")  # of a paragraph, of a cell or row, of a page or section, of a column
_STANDS_FOR = re.compile(f"[{INLINE}{ANCHOR}]")
_NOTE, _CELL = "\x02", "\x07"
_COMMENTS = (4, 5)  # where references stand, and where their texts do
_OWNERS, _HEADERS = 36, 11
_SEPARATORS = 6  # lines above notes, which the file keeps with the headers
_AT_TOP, _AT_BOTTOM = frozenset({0, 1, 4}), frozenset({2, 3, 5})
_COMMENT_SIZE = 30
_CHARACTERS = {"\x0b": "\n", "\x1e": "-", "\x1f": "", "\xad": ""}
_MAX_HEADING = 300


class DocWriter:
    """Writes `file` into `builder`; `title` is what a paragraph styled as such says."""

    def __init__(self, builder: TextBuilder, file: DocFile) -> None:
        self._builder = builder
        self._file = file
        self._lists = ListCounter()
        self._fields: list[bool] = []  # whether the result of each open field has begun
        self._notes = 0
        self._in_list = False
        self._rows: list[list[str]] = []
        self._cells: list[str] = []
        self._cell: list[str] = []
        self._said: set[tuple[str, tuple[bytes, ...]]] = set()  # headers and footers, and what tells their pictures
        self._shows: list[tuple[bytes, str]] = []  # pictures with their words, written once the paragraph is
        self.title = ""

    def write(self) -> None:
        """Write all the file's texts, each header and footer once."""
        main, footnotes, headers, macros, comments, endnotes, boxes = self._file.lengths
        starts = list(itertools.accumulate((main, footnotes, headers, macros, comments, endnotes), initial=0))
        self._running(starts[2], starts[3], _AT_TOP)
        self._text(0, main)
        self._text(starts[6], starts[6] + boxes)
        self._running(starts[2], starts[3], _AT_BOTTOM)
        self._notes = 0
        self._text(starts[1], starts[1] + footnotes)
        self._text(starts[5], starts[5] + endnotes)
        self._write_comments(starts[4])
        self._shows += self._file.drawings.without_place()
        self._write_pictures()

    def _running(self, start: int, end: int, kinds: frozenset[int]) -> None:
        """Write the headers or footers, of which each section has several."""
        for number, (first, last) in enumerate(itertools.pairwise(self._file.positions(_HEADERS, 0))):
            if number >= _SEPARATORS and (number - _SEPARATORS) % 6 in kinds:
                content = self._content(start + first, min(start + last, end))
                if content not in self._said:
                    self._said.add(content)
                    self._text(start + first, min(start + last, end))

    def _content(self, start: int, end: int) -> tuple[str, tuple[bytes, ...]]:
        """Return a text as the file has it, and what tells its pictures from others."""
        places = (found.start() for found in _STANDS_FOR.finditer(self._file.text, start, end))
        shown = itertools.chain.from_iterable(map(self._file.pictures, places))
        return self._file.text[start:end], tuple(hashlib.sha256(data).digest() for data, _ in shown)

    def _text(self, start: int, end: int) -> None:
        self._fields = []
        text = self._file.text
        at = start
        while at < end:
            found = _END.search(text, at, end)
            stop = found.start() if found else end
            properties = self._file.paragraph(stop)
            ends_cell = found is not None and found[0] == _CELL
            in_table = properties.in_table or ends_cell
            if not in_table:
                self._end_table()
            content = self._shown(text[at:stop], at)
            if in_table:
                self._in_table(content, properties, ends_cell)
            else:
                self._paragraph(content, properties)
                self._write_pictures()
            at = stop + 1
        self._end_table()
        self._in_list = False

    def _write_pictures(self) -> None:
        for data, words in self._shows:
            self._in_list = self._in_list and not words
            self._builder.add_picture(data, text=words)
        self._shows = []

    def _in_table(self, content: str, properties: Paragraph, ends_cell: bool) -> None:
        if ends_cell and properties.ends_row:
            self._rows.append(self._cells)
            self._cells, self._cell = [], []
            return
        if content:
            mark = self._lists.mark(self._file, properties).strip()
            self._cell.append(f"{mark} {content}" if mark not in {"", "-"} else content)
        if ends_cell:
            self._cells.append(" ".join(self._cell))
            self._cell = []

    def _end_table(self) -> None:
        if self._cells or self._cell:
            self._rows.append([*self._cells, " ".join(self._cell)])
        if self._rows:
            self._in_list = False
        if all(len(row) < 2 for row in self._rows):  # a frame around paragraphs
            for row in self._rows:
                self._builder.add("text", "\n".join(row))
        else:
            self._builder.add("table", markdown_table(self._rows))
        self._rows, self._cells, self._cell = [], [], []
        self._write_pictures()

    def _paragraph(self, content: str, properties: Paragraph) -> None:
        if not content:
            return
        line = " ".join(content.split())
        if properties.heading and len(line) <= _MAX_HEADING:
            if properties.is_title:
                self.title = self.title or line
            self._builder.add("heading", line, level=properties.heading)
            self._in_list = False
            return
        mark = self._lists.mark(self._file, properties)
        self._builder.add("text", mark + content, gap="\n" if mark and self._in_list else "\n\n")
        self._in_list = bool(mark)

    def _shown(self, text: str, start: int | None = None) -> str:
        """Return what people see of a text: of fields the results, and numbers for the references to notes."""
        parts: list[str] = []
        for number, character in enumerate(text):
            if character == "\x13":
                self._fields.append(False)
            elif character == "\x14":
                self._fields[-1:] = [True]
            elif character == "\x15":
                del self._fields[-1:]
            elif all(self._fields):
                if character == _NOTE:
                    self._notes += 1
                    parts.append(f"[{self._notes}] ")
                elif character in {INLINE, ANCHOR} and start is not None:
                    self._shows += self._file.pictures(start + number)
                else:
                    parts.append(_CHARACTERS.get(character, character))
        joined = "".join(parts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return clean(joined).strip()

    def _write_comments(self, start: int) -> None:
        references, owners = self._file.part(_COMMENTS[0]), list(_names(self._file.part(_OWNERS)))
        positions = self._file.positions(_COMMENTS[1], 0)
        count = max(len(references) - 4, 0) // (4 + _COMMENT_SIZE)
        for number, (first, last) in enumerate(itertools.pairwise(positions[: count + 1])):
            at = 4 * (count + 1) + _COMMENT_SIZE * number
            owner = struct.unpack_from("<H", references, at + 20)[0]
            text = self._file.text[start + first : start + last].replace("\r", "\n")
            author = owners[owner] if owner < len(owners) else ""
            self._builder.add("text", comment_line(self._shown(text), author))


def _names(content: bytes) -> list[str]:
    """Return the names of those who wrote comments."""
    found: list[str] = []
    at = 0
    while at + 2 <= len(content):
        stop = at + 2 + 2 * int.from_bytes(content[at : at + 2], "little")
        found.append(content[at + 2 : stop].decode("utf-16-le", "replace"))
        at = stop
    return found
