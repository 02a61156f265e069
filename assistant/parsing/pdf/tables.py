"""Finds tables of numbers on the pages of text PDFs and writes them as Markdown, where their columns are sure."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

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
from assistant.parsing.pdf.marks import with_marks
from assistant.parsing.pdf.places import Places, spans

_VALUES = re.compile(rf"(?<!\S)(?:{VALUE.pattern})(?!\S)")
ADDED = re.compile(r"\\(?=\|)|(?<!\\)\|")  # what a table's text holds beside its cells: pipes, and what escapes one
_OPENING = frozenset("$\u20ac\u00a3\u00a5(") | {"($"}
_CLOSING = frozenset(")%") | {")%"}
# A broken word's mark, control characters and scripts that run from the right: a line that holds them is not read.
_UNREADABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffe\u0590-\u08ff\ud800-\udfff]")
_MARK = re.compile(r"[\u00ae\u2122\u2120\u00a9*\u2020\u2021]|\(\d{1,2}\)|\[\d{1,2}\]")
_MARK_LINE = re.compile(rf"[ \t]*(?:(?:{_MARK.pattern})+[ \t]*)+")
_WORD, _ALL = re.compile(r"\S+"), re.compile(r".+")
_LONG = 120  # characters: a longer line with too few numbers is one cell
_MAX_WORDS = 8  # for each number of a row
_MAX_HEADER = 48  # lines of the file, which may hold one cell each
_GAP = 0.85  # of a line's height, between two cells; words stand closer
_NUMBER_GAP = 0.6  # the same between two numbers


@dataclass(frozen=True, slots=True)
class PdfTable:
    """A table in place of some lines of a page.

    `lines` are what it stands for, in the file's order without blank ones. `sources` tells for each character of
    `text` which of the page's characters it is, -1 where it was added.
    """

    lines: tuple[str, ...]
    text: str
    sources: tuple[int, ...]

    def end(self, lines: Sequence[str], first: int) -> int:
        """Return the line behind its last, where it begins at `first` and blank lines do not count."""
        filled = (number for number in range(first, len(lines)) if lines[number].strip())
        return next(itertools.islice(filled, len(self.lines) - 1, None), len(lines) - 1) + 1

    def stands_at(self, lines: Sequence[str], first: int, others: Container[int]) -> bool:
        """Whether its lines are still there from `first` on, none of them among `others`."""
        last = self.end(lines, first)
        held = [line.strip() for line in lines[first:last] if line.strip()]
        return tuple(held) == self.lines and not any(number in others for number in range(first, last))


def find_tables(layer: Any, text: str, page: Any) -> list[PdfTable]:
    """Return the page's tables, in the file's order.

    A table has at least three rows with two numbers each, whose cells stand in the same columns, and a header above
    them. A page without such lines costs no more than a look at its text. A header that spans several columns is
    repeated in each; every other word appears once.

    Args:
        layer: the `pypdfium2.PdfTextPage`.
        text: what it holds.
        page: the `PdfPage`.
    """
    runs = list(_runs([_numbers(text, start, end) for start, end in spans(text)]))
    if not runs or page.get_rotation() or layer.count_chars() != len(text):
        return []
    places = Places(layer, to_top_left(page))
    marks = _marks(places, text, with_marks(layer, text, page))
    lines = [(start, end) for start, end in spans(text) if start not in marks.gone]
    if marks.gone:
        runs = list(_runs([_numbers(text, start, end) for start, end in lines]))
    reader = _Reader(places, text, lines, marks, page.get_width())
    found: list[PdfTable] = []
    free = 0
    for first, last in runs:
        for table, behind in reader.tables(first, last, free):
            found.append(table)
            free = behind
    return found


@dataclass(slots=True)
class _Marks:
    """Where `with_marks` puts marks: characters by the offset that they stand before, and what it leaves out."""

    moved: dict[int, list[int]] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    blanks: set[int] = field(default_factory=set)

    def line(self, text: str, start: int, end: int) -> str:
        """Return a line as it is shown."""
        if not self.moved:
            return text[start:end]
        parts: list[str] = []
        for offset in range(start, end + 1):
            parts += [text[index] for index in self.moved.get(offset, ()) if offset > start]
            if offset < end and offset not in self.blanks:
                parts.append(text[offset])
        return "".join(parts)


def _marks(places: Places, text: str, shown: str) -> _Marks:
    """Return what was moved between a page's text and what is shown of it; nothing where that cannot be told."""
    found = _Marks()
    inserted: list[tuple[int, str]] = []
    tokens: list[tuple[int, int]] = []
    at = there = 0
    while text is not shown and at < len(text):
        if at == 0 or text[at - 1] == "\n":
            line, other = (one[place:].split("\n", 1)[0].rstrip() for one, place in ((text, at), (shown, there)))
            if line != other and _MARK_LINE.fullmatch(line):
                tokens += [(at + match.start(), at + match.end()) for match in _WORD.finditer(line)]
                found.gone.add(tokens[-len(line.split())][0])
                at = min(at + len(text[at:].split("\n", 1)[0]) + 1, len(text))
                continue
        if text[at : at + 1] == shown[there : there + 1]:
            at, there = at + 1, there + 1
        elif match := _MARK.match(shown, there):
            inserted.append((at, match[0]))
            there = match.end()
            if text[at] == " " and shown[there : there + 1] != " ":
                found.blanks.add(at)
                at += 1
        else:
            return _Marks()
    for offset, mark in inserted:
        near = [token for token in tokens if text[token[0] : token[1]] == mark]
        if not near:
            return _Marks()
        left, top, _, _ = places.place(offset - 1)
        spot = {token: places.place(token[0]) for token in near}
        token = min(near, key=lambda one: abs(spot[one][0] - left) + abs(spot[one][1] - top))
        tokens.remove(token)
        found.moved[offset] = list(range(*token))
    return found


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

    def __init__(
        self, places: Places, text: str, lines: Sequence[tuple[int, int]], marks: _Marks, width: float
    ) -> None:
        self._places, self._text, self._lines, self._marks, self._width = places, text, lines, marks, width

    def tables(self, first: int, last: int, free: int) -> Iterator[tuple[PdfTable, int]]:
        """Yield the tables of a run, each with the line behind it.

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
                yield self._written(header, head, body, columns), rows[stop - 1].last
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
    ) -> PdfTable:
        """Return the table of a header's rows, whose cells are `head` by columns, and of the other rows."""
        text: list[str] = []
        sources: list[int] = []

        def write(added: str) -> None:
            text.extend(added)
            sources.extend([-1] * len(added))

        for number, row in enumerate([head, *_labelled([placed(row, columns) for row in body])]):
            for cells in row:
                write("| " if cells else "|")
                for cell in cells:
                    for at, (start, end) in enumerate(cell.words):
                        if at and at not in cell.glued:
                            write(" ")
                        for offset in range(start, end):
                            for index in (offset, *self._marks.moved.get(offset + 1, ())):
                                if self._text[index] == "|":
                                    write("\\")
                                text.append(self._text[index])
                                sources.append(index)
                    write(" ")
                if not cells:
                    write("  ")
            write("|\n" if number else f"|\n|{' --- |' * len(columns)}\n")
        first, last = min(row.first for row in [*header, *body]), body[-1].last
        lines = tuple(self._marks.line(self._text, *line) for line in self._lines[first:last])
        return PdfTable(lines, "".join(text[:-1]), tuple(sources[:-1]))


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
