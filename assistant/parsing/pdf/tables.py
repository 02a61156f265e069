"""Finds tables of numbers on the pages of text PDFs and writes them as Markdown, where their columns are sure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from assistant.parsing.pdf.cells import ADDED, BROKEN, CountedPlaces, Marks, PdfTable, counted, marks_between
from assistant.parsing.pdf.columns import (
    MAX_BETWEEN,
    MIN_NUMBERS,
    MIN_ROWS,
    VALUE,
    Cell,
    Column,
    Row,
    beside,
    header_cells,
    is_headed,
    is_sure,
    placed,
    table_body,
    table_header,
)
from assistant.parsing.pdf.file import to_top_left
from assistant.parsing.pdf.grids import grids
from assistant.parsing.pdf.marks import with_marks
from assistant.parsing.pdf.paths import Drawn, drawn
from assistant.parsing.pdf.places import Places, spans
from assistant.parsing.pdf.ruled import RuledReader

__all__ = ["ADDED", "PdfTable", "find_tables"]
_VALUES = re.compile(rf"(?<!\S)(?:{VALUE.pattern})(?!\S)")
_OPENING = frozenset("$\u20ac\u00a3\u00a5(") | {"($"}
_CLOSING = frozenset(")%") | {")%"}
# A broken word's mark, control characters and scripts that run from the right: a line that holds them is not read.
_UNREADABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffe\u0590-\u08ff\ud800-\udfff]")
_WORD, _ALL = re.compile(r"\S+"), re.compile(r".+")
_LONG = 120  # characters: a longer line with too few numbers is one cell
_MAX_WORDS = 8  # for each number of a row
_MAX_HEADER = 48  # lines of the file, which may hold one cell each
_GAP = 0.85  # of a line's height, between two cells; words stand closer
_NUMBER_GAP = 0.6  # the same between two numbers
_Stretch = tuple[PdfTable, int, int]  # a table, its first line, and the line behind its last


def find_tables(layer: Any, text: str, page: Any, drawing: Drawn | None = None) -> list[PdfTable]:
    """Return the page's tables, in the file's order.

    A table is a grid of lines or of filled boxes, whose cells hold the words; or it has at least three rows with two
    numbers each, whose cells stand in the same columns, and a header above them. A page without either costs no more
    than a look at its text and its paths. A header that spans several columns is repeated in each.

    Args:
        layer: the `pypdfium2.PdfTextPage`.
        text: what it holds.
        page: the `PdfPage`.
        drawing: what the page draws, if that is known.
    """
    numbers = [_numbers(text, start, end) for start, end in spans(text)]
    runs = [] if page.get_rotation() else list(_runs(numbers))
    drawing = drawn(page) if drawing is None else drawing
    # Where numbers stand in rows, the boxes are what writers fill the rows with.
    found_grids = grids(drawing, page.get_size(), filled=not runs)
    indices = counted(layer, text) if runs or found_grids else None
    if indices is None:
        return []
    text = text.replace("\x02", BROKEN)
    affine = to_top_left(page)
    places = Places(layer, affine) if isinstance(indices, range) else CountedPlaces(layer, affine, indices)
    marks = marks_between(places, text, with_marks(layer, text, page), indices)
    lines = [(start, end) for start, end in spans(text) if start not in marks.gone]
    if marks.gone:
        runs = list(_runs([_numbers(text, start, end) for start, end in lines]))
    ruled = RuledReader(places, text, lines, marks, drawing)
    found = [stretch for grid in found_grids if (stretch := ruled.table(grid)) is not None]
    reader = _Reader(places, text, lines, marks, page.get_width())
    free = 0
    numbered: list[_Stretch] = []
    for first, last in runs:
        for table, begin, behind in reader.tables(first, last, free):
            numbered.append((table, begin, behind))
            free = behind
    return _chosen(found, numbered)


def _chosen(ruled: Sequence[_Stretch], numbered: Sequence[_Stretch]) -> list[PdfTable]:
    """Return the tables that share no lines, in the file's order: lines part cells more surely than places do.

    Filled boxes do not: writers fill the rows of tables whose header stands above them.
    """
    chosen: list[_Stretch] = []
    drawn_ones = [stretch for stretch in ruled if stretch[0].ruled]
    for stretch in (*drawn_ones, *numbered, *(stretch for stretch in ruled if not stretch[0].ruled)):
        if all(stretch[1] >= last or stretch[2] <= first for _, first, last in chosen):
            chosen.append(stretch)
    return [table for table, _, _ in sorted(chosen, key=lambda stretch: stretch[1])]


def _numbers(text: str, start: int, end: int) -> int:
    """Return how many numbers a line has, none where they stand among prose."""
    found = len(_VALUES.findall(text, start, end))
    return found if found > 1 and text.count(" ", start, end) < _MAX_WORDS * found else 0


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first line and the line after the last of each stretch that may be a table."""
    rows = [at for at, count in enumerate(numbers) if count >= MIN_NUMBERS]
    first = 0
    for at in range(1, len(rows) + 1):
        if at == len(rows) or rows[at] - rows[at - 1] > MAX_BETWEEN + 1:
            if at - first >= MIN_ROWS:
                yield rows[first], rows[at - 1] + 1
            first = at


class _Reader:
    """Reads the places of a page's lines, those that are asked for."""

    def __init__(self, places: Places, text: str, lines: Sequence[tuple[int, int]], marks: Marks, width: float) -> None:
        self._places, self._text, self._lines, self._marks, self._width = places, text, lines, marks, width

    def tables(self, first: int, last: int, free: int) -> Iterator[_Stretch]:
        """Yield the tables of a run, each with its first line and the line behind it.

        Args:
            first: the run's first line.
            last: the line after its last.
            free: the first line that belongs to no table yet.
        """
        begin = max(free, first - _MAX_HEADER)
        end = min(last + MAX_BETWEEN, len(self._lines))
        rows = self._rows(begin, end)
        floor = at = 0
        while at < len(rows):
            if not rows[at].numbers or rows[at].years or len(rows[at].cells) < 2:
                at += 1
                continue
            stop, columns = table_body(rows, at)
            top, header = table_header(rows, floor, at, columns, self._width)
            head = header_cells(header, columns)
            if is_headed(head) and is_sure(rows[at:stop], columns):
                body = [row for row in rows[top:at] if row not in header] + rows[at:stop]
                yield self._written(header, head, body, columns)
                floor = at = stop
            elif not header and stop - at >= MIN_ROWS and is_sure(rows[at:stop], columns):
                table, begin, behind = self._written([], [], rows[at:stop], columns)
                yield replace(table, headed=False, whole=False), begin, behind
                floor = at = stop
            else:
                at = stop if rows[at].numbers >= MIN_NUMBERS else at + 1

    def _rows(self, first: int, last: int) -> list[Row]:
        """Return the lines as rows, neighbours that stand on one height together."""
        rows: list[Row] = []
        for number in range(first, last):
            row = self._row(number)
            if rows and beside(rows[-1], row):
                before = rows[-1]
                cells = tuple(sorted((*before.cells, *row.cells), key=lambda cell: cell.left))
                rows[-1] = Row(before.first, row.last, cells, min(before.top, row.top), max(before.bottom, row.bottom))
            else:
                rows.append(row)
        return rows

    def _row(self, number: int) -> Row:
        start, end = self._lines[number]
        prose = end - start > _LONG and not _numbers(self._text, start, end)
        if _UNREADABLE.search(self._text, start, end):
            return Row(number, number + 1, (), 0.0, 0.0)
        words = [
            self._places.line(start + match.start(), start + match.end())
            for match in (_ALL if prose else _WORD).finditer(self._text[start:end])
        ]
        height = sorted(word.bottom - word.top for word in words)[len(words) // 2]
        groups = [[words[0]]]
        numbers = True  # in the last group, and nothing else
        for before, word in itertools.pairwise(words):
            one, other = self._text[before.start : before.end], self._text[word.start : word.end]
            numbers = numbers and _numeric(one)
            both = numbers and _numeric(other)
            near = word.left - before.right < (_NUMBER_GAP if both else _GAP) * max(height, 4.0)
            if near or other in _CLOSING or other == ":" or (one in _OPENING and VALUE.fullmatch(one + other)):
                groups[-1].append(word)
            else:
                groups.append([word])
                numbers = True
        cells = tuple(
            self._cell([(word.start, word.end) for word in group], group[0].left, max(word.right for word in group))
            for group in groups
        )
        return Row(number, number + 1, cells, min(word.top for word in words), max(word.bottom for word in words))

    def _cell(self, words: list[tuple[int, int]], left: float, right: float) -> Cell:
        texts = [self._text[start:end] for start, end in words]
        whole = "".join(texts)
        glued = frozenset(range(1, len(words))) if VALUE.fullmatch(whole) and not _several(texts) else frozenset()
        digits = right
        if whole[-1:] in _CLOSING and VALUE.fullmatch(whole):
            last = next((end for start, end in reversed(words) if any(map(str.isdigit, self._text[start:end]))), None)
            while last is not None and not self._text[last - 1].isdigit():
                last -= 1
            digits = right if last is None else self._places.place(last - 1)[2]
        return Cell(tuple(words), glued, whole if glued else " ".join(texts), left, right, digits)

    def _written(
        self, header: Sequence[Row], head: list[list[Cell]], body: Sequence[Row], columns: Sequence[Column]
    ) -> _Stretch:
        """Return the table of a header's rows, whose cells are `head` by columns, and of the other rows."""
        written = [
            self._marks.row(
                self._text,
                [
                    [(start, end, at not in cell.glued) for cell in cells for at, (start, end) in enumerate(cell.words)]
                    for cells in row
                ],
            )
            for row in [*([head] if head else []), *_labelled([placed(row, columns) for row in body])]
        ]
        first, last = min(row.first for row in [*header, *body]), body[-1].last
        lines = tuple(self._marks.line(self._text, *line) for line in self._lines[first:last])
        edges = tuple((column.left, column.right) for column in columns)
        return PdfTable(lines, tuple(written), True, edges), first, last


def _numeric(word: str) -> bool:
    return word in _OPENING or word in _CLOSING or VALUE.fullmatch(word) is not None


def _several(texts: Sequence[str]) -> bool:
    """Whether the words are more than one number."""
    return sum(any(map(str.isdigit, text)) or text not in _OPENING | _CLOSING for text in texts) > 1


def _labelled(rows: Sequence[list[list[Cell]]]) -> list[list[list[Cell]]]:
    """Return the rows, with a label that goes on in the next row's put before it."""
    found: list[list[list[Cell]]] = []
    for row in rows:
        above = found[-1] if found else []
        goes_on = above and not any(above[1:]) and any(row[1:]) and row[0] and row[0][0].text[:1].islower()
        if goes_on and not above[0][-1].text.endswith((":", ".")):
            found[-1] = [[*above[0], *row[0]], *row[1:]]
        else:
            found.append(row)
    return found
