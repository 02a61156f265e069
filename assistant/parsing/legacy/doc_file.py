"""Finds the text of an old Word file and the properties of its paragraphs ([MS-DOC])."""

from __future__ import annotations

import bisect
import itertools
import re
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from assistant.parsing.legacy.doc_drawings import Drawings
from assistant.parsing.legacy.doc_runs import Runs, changes, hide, pages_of
from assistant.parsing.numerals import numeral

_MAGIC, _WORD_97 = 0xA5EC, 0xC1
_FLAGS, _SECOND_TABLE = 10, 0x0200
_LENGTHS, _PLACES = 0x4C, 0x9A  # where the FIB keeps the lengths of the texts, and the places of all else
_STYLES, _CHARACTERS, _PARAGRAPHS, _PIECES, _LISTS, _LIST_USES = 1, 12, 13, 33, 73, 74
_ANCHORS, _HEADER_ANCHORS, _DRAWINGS, _ANCHOR_SIZE = 40, 41, 50, 26
INLINE, ANCHOR = "\x01", "\x08"  # the characters that stand for a picture in the text, and for one beside it
_PAGE, _MAX_RUNS = 512, 29
_IN_TABLE, _ROW_END, _OUTLINE, _LIST_LEVEL, _LIST = 0x2416, 0x2417, 0x2640, 0x260A, 0x460B
_ELSEWHERE = frozenset({0x6645, 0x6646})
_HEADINGS, _TITLE = range(1, 10), 62  # numbers of built-in styles
_BULLET_STYLES, _NUMBER_STYLES = frozenset({48, 54, 55, 56, 57}), frozenset({49, 58, 59, 60, 61})
_LIKE = {0: "1", 1: "I", 2: "i", 3: "A", 4: "a"}
# What no text holds; other control characters stand for pictures, fields, notes and so on.
_STRANGE = "\x00\x06\x0f\x10\x11\x12\x16\x17\x18\x19\x1a\x1b\x1c\x1d"
_UNKNOWN = re.compile("[\ufdd0-\ufdef\ufff0-\ufff8\ufffe\uffff]")
_NO_LIST = frozenset({0, 0xF801, 0xFFFF})


@dataclass(frozen=True, slots=True)
class Level:
    """How a level of a list counts: numbers like `like`, a bullet where that is empty."""

    like: str
    start: int


@dataclass(frozen=True, slots=True)
class Style:
    """What the paragraph's style, or the one that it is based on, makes of it."""

    heading: int = 0
    is_title: bool = False
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """The properties of a paragraph; `heading` is its depth as one from 1, else 0; `list_id` is 0 outside lists."""

    heading: int = 0
    is_title: bool = False
    mark: str = ""
    in_table: bool = False
    ends_row: bool = False
    list_id: int = 0
    list_level: int = 0


class DocFile:
    """The streams of a file of Word 97 or later; raises `ValueError`, `struct.error` or `IndexError` on others.

    `text` has a character for each position that the file counts; `lengths` are those of the texts it consists of:
    the main text, footnotes, headers, macros, comments, endnotes and text boxes.
    """

    def __init__(self, main: bytes, tables: Mapping[str, bytes], data: bytes) -> None:
        magic, version = struct.unpack_from("<HH", main)
        if magic != _MAGIC or version < _WORD_97:
            raise ValueError("not of Word 97 or later")
        flags = int.from_bytes(main[_FLAGS : _FLAGS + 2], "little")
        self._main = main
        self._table = tables["1Table" if flags & _SECOND_TABLE else "0Table"]
        self._data = data
        self.lengths = struct.unpack_from("<7I", main, _LENGTHS)
        self._pieces: list[tuple[int, int, int]] = []  # first position, place in the stream, bytes a character
        self.text = "".join(self._read_pieces())
        strange = sum(map(self.text.count, _STRANGE)) + len(_UNKNOWN.findall(self.text))
        if strange > 3 + len(self.text) // 100:
            raise ValueError("the pieces of the text are none")
        self._characters = Runs(main, self.part(_CHARACTERS), data)
        self.text = hide(self.text, list(self._deleted()))
        self._styles = list(self._read_styles())
        runs = sorted(self._read_paragraphs())
        self._run_starts = [start for start, _ in runs]
        self._runs = [properties for _, properties in runs]
        try:
            self._levels = dict(self._read_levels())
        except (struct.error, IndexError):  # the text is worth more than the numbers in front of it
            self._levels = {}
        self.drawings = Drawings(self.part(_DRAWINGS), main, self._anchors())

    def part(self, index: int) -> bytes:
        """Return the structure number `index` of those the FIB lists; empty where there is none."""
        place, length = struct.unpack_from("<II", self._main, _PLACES + 8 * index)
        return self._table[place : place + length]

    def positions(self, index: int, size: int) -> tuple[int, ...]:
        """Return the positions that a list of items of `size` bytes gives."""
        content = self.part(index)
        count = max(len(content) - 4, 0) // (4 + size)
        return struct.unpack_from(f"<{count + 1}I", content) if len(content) >= 4 else ()

    def paragraph(self, position: int) -> Paragraph:
        """Return the properties of the paragraph whose mark stands at `position`."""
        run = bisect.bisect_right(self._run_starts, self._place(position)) - 1
        return self._properties(self._runs[run]) if run >= 0 else Paragraph()

    def pictures(self, position: int) -> list[tuple[bytes, str]]:
        """Return the image files that the `INLINE` or `ANCHOR` at `position` stands for, with their words."""
        if self.text[position] == ANCHOR:
            return self.drawings.at(position)
        return [self._characters.picture(self._place(position))]

    def _anchors(self) -> Iterator[tuple[int, int]]:
        """Yield the positions that shapes are anchored at, deleted ones included, and the shapes' numbers."""
        main, footnotes = self.lengths[:2]
        for index, first in ((_ANCHORS, 0), (_HEADER_ANCHORS, main + footnotes)):
            content, positions = self.part(index), self.positions(index, _ANCHOR_SIZE)
            for number, position in enumerate(positions[:-1]):
                at = first + position
                if self.text[at : at + 1] in {ANCHOR, "\0"}:
                    yield at, struct.unpack_from("<I", content, 4 * len(positions) + _ANCHOR_SIZE * number)[0]

    def _place(self, position: int) -> int:
        """Return where the character at `position` stands in the stream, -1 if nowhere."""
        at = bisect.bisect_right(self._pieces, (position, 1 << 40, 0)) - 1
        if at < 0:
            return -1
        first, place, width = self._pieces[at]
        return place + width * (position - first)

    def _deleted(self) -> Iterator[tuple[int, int]]:
        """Yield the begin and the end, in positions, of what was deleted."""
        gone = sorted(self._characters.deleted)
        ends = [end for _, end in gone]
        stops = [first for first, _, _ in self._pieces[1:]] + [len(self.text)]
        for (first, place, width), stop in zip(self._pieces, stops, strict=True):
            last = place + width * (stop - first)
            for start, end in gone[bisect.bisect_right(ends, place) :]:
                if start >= last:
                    break
                yield first + (max(start, place) - place) // width, first + (min(end, last) - place) // width

    def level(self, paragraph: Paragraph) -> Level | None:
        """Return how the list counts that the paragraph is in, if it is known."""
        return self._levels.get((paragraph.list_id, paragraph.list_level))

    def _read_pieces(self) -> Iterator[str]:
        content = self.part(_PIECES)
        at = 0
        while content[at] == 1:  # properties of pieces come first
            at += 3 + int.from_bytes(content[at + 1 : at + 3], "little")
        length = int.from_bytes(content[at + 1 : at + 5], "little")
        plain = content[at + 5 : at + 5 + length]
        count = (len(plain) - 4) // 12
        positions = struct.unpack_from(f"<{count + 1}I", plain)
        for number, (first, last) in enumerate(itertools.pairwise(positions)):
            place = int.from_bytes(plain[4 * count + 6 + 8 * number :][:4], "little")
            compressed = place & 0x40000000
            place = (place & 0x3FFFFFFF) // 2 if compressed else place & 0x3FFFFFFF
            width = 1 if compressed else 2
            self._pieces.append((first, place, width))
            content = self._main[place : place + width * (last - first)]
            if len(content) != width * (last - first):
                raise ValueError("a piece of the text is cut off")
            units = struct.unpack(f"<{len(content) // 2}H", content) if not compressed else ()
            yield content.decode("cp1252", "replace") if compressed else "".join(map(chr, units))

    def _read_styles(self) -> Iterator[Style]:
        content = self.part(_STYLES)
        at = 2 + int.from_bytes(content[:2], "little")
        known: list[tuple[int, int]] = []
        while at + 2 <= len(content):
            size = int.from_bytes(content[at : at + 2], "little")
            identity, base = struct.unpack_from("<HH", content, at + 2) if size >= 4 else (0xFFF, 0xFFFF)
            known.append((identity & 0xFFF, base >> 4))
            at += 2 + size + size % 2
        for number in range(len(known)):
            yield _style(known, number)

    def _read_paragraphs(self) -> Iterator[tuple[int, bytes]]:
        """Yield the place where each run of paragraphs with the same properties begins, and those."""
        for page_at in pages_of(self.part(_PARAGRAPHS)):
            page = self._main[page_at : page_at + _PAGE]
            runs = page[-1] if len(page) == _PAGE else 0
            for run in range(runs if runs <= _MAX_RUNS else 0):
                start = int.from_bytes(page[4 * run : 4 * run + 4], "little")
                at = 2 * page[4 * (runs + 1) + 13 * run]
                if not at:
                    yield start, b""
                elif page[at]:
                    yield start, page[at + 1 : at + 2 * page[at]]
                else:
                    yield start, page[at + 2 : at + 2 + 2 * page[at + 1]]

    def _properties(self, stored: bytes) -> Paragraph:
        number = int.from_bytes(stored[:2], "little")
        style = self._styles[number] if number < len(self._styles) else Style()
        found = dict(self._changes(stored[2:]))
        outline = found.get(_OUTLINE)
        heading = style.heading if outline is None else outline + 1 if outline < 9 else 0
        list_id = found.get(_LIST, 0)
        return Paragraph(
            heading=heading,
            is_title=style.is_title,
            mark="" if _LIST in found else style.mark,
            in_table=bool(found.get(_IN_TABLE)),
            ends_row=bool(found.get(_ROW_END)),
            list_id=0 if list_id in _NO_LIST else list_id,
            list_level=min(found.get(_LIST_LEVEL, 0), 8),
        )

    def _changes(self, stored: bytes) -> Iterator[tuple[int, int]]:
        """Yield the number and the value of each property, also of those that are kept elsewhere."""
        for kind, value in changes(stored):
            if kind in _ELSEWHERE:
                length = int.from_bytes(self._data[value : value + 2], "little")
                yield from changes(self._data[value + 2 : value + 2 + length])
            yield kind, value

    def _read_levels(self) -> Iterator[tuple[tuple[int, int], Level]]:
        """Yield how the levels of lists count, by the numbers that paragraphs know the lists by."""
        lists, uses = self.part(_LISTS), self.part(_LIST_USES)
        if len(lists) < 2 or len(uses) < 4:
            return
        place, length = struct.unpack_from("<II", self._main, _PLACES + 8 * _LISTS)
        at = place + length
        known: dict[int, list[Level]] = {}
        for number in range(int.from_bytes(lists[:2], "little")):
            entry = lists[2 + 28 * number : 30 + 28 * number]
            if len(entry) < 28:
                break
            levels = known[int.from_bytes(entry[:4], "little")] = []
            for _ in range(1 if entry[26] & 1 else 9):
                start, like = struct.unpack_from("<iB", self._table, at)
                levels.append(Level(_LIKE.get(like, ""), start))
                at += 28 + self._table[at + 24] + self._table[at + 25]
                at += 2 + 2 * int.from_bytes(self._table[at : at + 2], "little")
        for number in range(min(int.from_bytes(uses[:4], "little"), (len(uses) - 4) // 16)):
            identity = int.from_bytes(uses[4 + 16 * number : 8 + 16 * number], "little")
            for depth, level in enumerate(known.get(identity, [])):
                yield (number + 1, depth), level


def _style(known: list[tuple[int, int]], number: int) -> Style:
    for _ in range(20):  # a style may be based on one that is based on another
        if number >= len(known):
            break
        identity, base = known[number]
        if identity in _HEADINGS:
            return Style(heading=identity)
        if identity == _TITLE:
            return Style(heading=1, is_title=True)
        if identity in _BULLET_STYLES | _NUMBER_STYLES:
            return Style(mark="-" if identity in _BULLET_STYLES else "1")
        number = base
    return Style()


class ListCounter:
    """Counts the items of lists; ask for each in its order."""

    def __init__(self) -> None:
        self._counted: dict[int, dict[int, int]] = {}

    def mark(self, file: DocFile, paragraph: Paragraph) -> str:
        """Return what stands before a list item: its indentation and its bullet or number; empty outside lists."""
        level = file.level(paragraph) if paragraph.list_id else None
        if not paragraph.list_id and not paragraph.mark:
            return ""
        indent = "  " * paragraph.list_level
        if level is None:
            level = Level("1" if paragraph.mark == "1" else "", 1)
        if not level.like:
            return f"{indent}- "
        counted = self._counted.setdefault(paragraph.list_id, {})
        number = counted.get(paragraph.list_level, level.start - 1) + 1
        counted[paragraph.list_level] = number
        for deeper in [known for known in counted if known > paragraph.list_level]:
            del counted[deeper]
        return f"{indent}{numeral(number, level.like)}. "
