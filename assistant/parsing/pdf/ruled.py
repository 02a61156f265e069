"""Reads the tables of a PDF's page whose cells are parted by drawn lines or filled boxes."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.parsing.pdf.bands import Band, Line, rows_of
from assistant.parsing.pdf.cells import BROKEN, Marks, PdfTable
from assistant.parsing.pdf.columns import VALUE
from assistant.parsing.pdf.grids import Grid, GridCell
from assistant.parsing.pdf.paths import Drawn
from assistant.parsing.pdf.places import Piece, Places, Rectangle
from assistant.parsing.tables import MAX_REPEATED

_WORD = re.compile(rf"[^\s{BROKEN}]+{BROKEN}?|{BROKEN}")
_UNREADABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\u0590-\u08ff\ud800-\udfff]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_SIGNS = re.compile(r"[$\u20ac\u00a3\u00a5()%]+")
_OVER = 1.5  # points that a word may reach over the lines around its cell
_MIN_FILLED = 0.5  # of the cells
_MIN_NAMED = 0.6  # of a header's cells, where lines part them
_MAX_MERGED = 0.25  # of the body's rows with cells over several columns: more of them are a form
_MAX_CELL = 1500  # characters: more of them are a page that is laid out with lines
_MAX_SHAPES = 3
_SHAPE = 10.0  # points; smaller ones are bullets and boxes to tick
_BACKGROUND = 0.9  # of a grid, that a box fills which parts no cells
_Words = list[Piece]


@dataclass(slots=True)
class RuledReader:
    """Reads the text in the grids of one page.

    Args:
        places: where the page's characters stand.
        text: the page's text.
        lines: where its lines begin and end in it.
        marks: which marks are shown elsewhere than the file writes them.
        drawing: what the page draws.
    """

    places: Places
    text: str
    lines: Sequence[tuple[int, int]]
    marks: Marks
    drawing: Drawn
    _pieces: list[Piece] | None = None

    def table(self, grid: Grid) -> tuple[PdfTable, int, int] | None:
        """Return a grid's table with its first line and the line behind its last, None where it is not sure."""
        trimmed = _without_titles(grid)
        ruled = not any(_fills(box, grid.place) for box in self.drawing.boxes)
        if trimmed is None or self._is_figure(grid.place) or (not ruled and self._is_numbers(trimmed)):
            return None
        found = self._words(trimmed)
        if found is None:
            return None
        first, last, words = found
        by_cell = self._by_cell(trimmed, words)
        shown = _Shown(self.text, trimmed, by_cell)
        rows = shown.rows() if by_cell else None
        if rows is None or not _has_all(rows, words):
            return None
        headed = shown.headed(rows, _MIN_NAMED if ruled else 1.0)
        if not headed and not ruled:
            return None
        written = tuple(self.marks.row(self.text, [_spaced(cell, self.text) for cell in row.cells]) for row in rows)
        lines = tuple(self.marks.line(self.text, *line) for line in self.lines[first:last])
        return PdfTable(lines, written, headed, shown.edges(), ruled), first, last

    def _is_figure(self, place: Rectangle) -> bool:
        """Whether shapes stand in a place that are larger than a bullet or a box to tick."""
        large = (
            _inside(shape, place) and max(shape[2] - shape[0], shape[3] - shape[1]) >= _SHAPE
            for shape, _ in self.drawing.shapes
        )
        return sum(large) >= _MAX_SHAPES

    def _is_numbers(self, grid: Grid) -> bool:
        """Whether the first row of filled boxes has numbers: the header stands above it, where nothing is filled."""
        left, top, right, _ = grid.place
        first = (line for line in self._placed() if top < (line.top + line.bottom) / 2 < grid.ys[1])
        return any(
            (VALUE.fullmatch(word) and not _YEAR.fullmatch(word)) or _SIGNS.fullmatch(word)
            for line in first
            if line.left < right and left < line.right
            for word in self.text[line.start : line.end].split()
        )

    def _placed(self) -> list[Piece]:
        """Return the page's lines with their places."""
        if self._pieces is None:
            self._pieces = [self.places.line(*line) for line in self.lines]
        return self._pieces

    def _words(self, grid: Grid) -> tuple[int, int, _Words] | None:
        """Return the first line of a grid, the line behind its last and their words; None if others are among them."""
        left, top, right, bottom = grid.place
        inside: list[int] = []
        found: _Words = []
        for number, line in enumerate(self._placed()):
            if BROKEN not in self.text[line.start : line.end] and not (line.bottom > top and line.top < bottom):
                continue
            words = [self._word(line.start, match) for match in _WORD.finditer(self.text[line.start : line.end])]
            within = [
                left < (word.left + word.right) / 2 < right and top < (word.top + word.bottom) / 2 < bottom
                for word in words
            ]
            if not any(within):
                continue
            if not all(within) or _UNREADABLE.search(self.text, line.start, line.end):
                return None
            inside.append(number)
            found += words
        if not inside or inside[-1] - inside[0] >= len(inside):
            return None
        return inside[0], inside[-1] + 1, found

    def _word(self, start: int, match: re.Match[str]) -> Piece:
        """Return a word of a line that begins at `start`; the mark of a broken one has no place."""
        first, last = start + match.start(), start + match.end()
        place = self.places.line(first, max(last - (self.text[last - 1] == BROKEN), first + 1))
        return replace(place, end=last)

    def _by_cell(self, grid: Grid, words: _Words) -> dict[GridCell, _Words]:
        """Return the words of each cell; nothing if one of them stands across a line."""
        found: dict[GridCell, _Words] = defaultdict(list)
        spots = {
            (column, row): cell
            for cell in grid.cells
            for column in range(cell.left, cell.right)
            for row in range(cell.top, cell.bottom)
        }
        for word in words:
            for part in self._parts(grid, spots, word):
                column = _index(grid.xs, (part.left + part.right) / 2)
                row = _index(grid.ys, (part.top + part.bottom) / 2)
                cell = spots[column, row]
                if part.left < grid.xs[cell.left] - _OVER or part.right > grid.xs[cell.right] + _OVER:
                    return {}
                found[cell].append(part)
        return found

    def _parts(self, grid: Grid, spots: dict[tuple[int, int], GridCell], word: Piece) -> Iterator[Piece]:
        """Yield a word, cut where it goes over into the next cell."""
        row = _index(grid.ys, (word.top + word.bottom) / 2)
        cell = spots[_index(grid.xs, word.left + 0.5), row]
        if word.right <= grid.xs[cell.right] + _OVER:
            yield word
            return
        start, column = word.start, None
        for offset in range(word.start, word.end):
            left, _, right, _ = self.places.place(offset)
            now = spots[_index(grid.xs, (left + right) / 2), row]
            if column is not None and now is not column:
                yield self.places.line(start, offset)
                start = offset
            column = now
        yield self.places.line(start, word.end)


@dataclass(slots=True)
class _Shown:
    """The words of a grid as the rows of a table."""

    text: str
    grid: Grid
    words: dict[GridCell, _Words]

    def rows(self) -> list[Band] | None:
        """Return the rows from the header on, without empty rows and columns; None if they are no sure table."""
        filled = [cell for cell in self.grid.cells if self.words.get(cell)]
        texts = {cell: self._cell_text(cell) for cell in filled}
        if any(len(text) > _MAX_CELL or _SIGNS.fullmatch(text) for text in texts.values()):
            return None
        columns = sorted({cell.left for cell in filled})
        self._drop_columns(columns)
        filled = [cell for cell in self.grid.cells if self.words.get(cell)]
        used_rows = {row for cell in filled for row in range(cell.top, cell.bottom)}
        cells = [cell for cell in self.grid.cells if used_rows.intersection(range(cell.top, cell.bottom))]
        wide = len(self.grid.xs) - 1
        if wide < 2 or len(filled) < _MIN_FILLED * len(cells):
            return None
        depth = self._depth()
        if self._merged(depth) > _MAX_MERGED:
            return None
        body = self._body(depth)
        if body is None:
            return None
        header = self._header(depth, wide)
        rows = [row for row in [header, *body] if any(row.cells)]
        several = sum(sum(map(bool, row.cells)) > 1 for row in rows)
        used = {at for row in rows for at, cell in enumerate(row.cells) if cell}
        return rows if several >= 2 and len(used) >= 2 and len(rows) >= 2 else None

    def headed(self, rows: Sequence[Band], share: float) -> bool:
        """Whether the first row names the columns: words in this share of them, and no numbers but years.

        The first column needs no name where all others have one.
        """
        names = [" ".join(self.text[word.start : word.end] for word in cell) for cell in rows[0].cells]
        if any(VALUE.fullmatch(name) and not _YEAR.fullmatch(name) for name in names):
            return False
        return sum(map(bool, names)) >= share * len(names) - (share == 1) and any(map(str.isalpha, "".join(names)))

    def edges(self) -> tuple[tuple[float, float], ...]:
        """Return where the columns begin and end."""
        return tuple(zip(self.grid.xs, self.grid.xs[1:], strict=False))

    def _cell_text(self, cell: GridCell) -> str:
        return " ".join(self.text[word.start : word.end] for word in self.words.get(cell, ()))

    def _drop_columns(self, used: Sequence[int]) -> None:
        """Leave out the columns in which no cell with words begins: gaps between double lines."""
        gone = [at for at in range(len(self.grid.xs) - 1) if at not in used]
        spanned = {at for cell in self.words if self.words[cell] for at in range(cell.left + 1, cell.right)}
        gone = [
            at
            for at in gone
            if at not in spanned
            or all(
                cell.right - cell.left > 1 for cell in self.words if self.words[cell] and cell.left <= at < cell.right
            )
        ]
        if not gone:
            return
        kept = [at for at in range(len(self.grid.xs) - 1) if at not in gone]
        new = {at: number for number, at in enumerate(kept)}
        xs = (*(self.grid.xs[at] for at in kept), self.grid.xs[-1])
        words: dict[GridCell, _Words] = {}
        cells: list[GridCell] = []
        for cell in self.grid.cells:
            held = [new[at] for at in range(cell.left, cell.right) if at in new]
            if held:
                moved = GridCell(held[0], cell.top, held[-1] + 1, cell.bottom)
                cells.append(moved)
                words[moved] = self.words.get(cell, [])
        self.grid, self.words = Grid(xs, self.grid.ys, tuple(cells)), words

    def _depth(self) -> int:
        """Return how many of the grid's rows are the header: as many as a cell in the first goes down."""
        first = [cell for cell in self.grid.cells if cell.top == 0]
        depth = max(cell.bottom for cell in first)
        if depth > 1 and any(cell.right - cell.left > 1 for cell in first):
            return depth if depth <= 3 and depth < len(self.grid.ys) - 1 else 1
        if any(cell.right - cell.left > 1 and self.words.get(cell) for cell in first) and len(self.grid.ys) > 3:
            second = [self._cell_text(cell) for cell in self.grid.cells if cell.top == 1]
            return 1 + (
                all(second[1:]) and not any(VALUE.fullmatch(text) and not _YEAR.fullmatch(text) for text in second)
            )
        return 1

    def _merged(self, depth: int) -> float:
        """Return which share of the body's rows has cells over several columns, but not over all."""
        wide = len(self.grid.xs) - 1
        rows = {cell.top for cell in self.grid.cells if cell.top >= depth and self.words.get(cell)}
        merged = {cell.top for cell in self.grid.cells if cell.top >= depth and 1 < cell.right - cell.left < wide}
        return len(merged) / max(len(rows), 1)

    def _header(self, depth: int, wide: int) -> Band:
        """Return the header's row: what stands over each column, from the top."""
        cells: list[_Words] = [[] for _ in range(wide)]
        for cell in self.grid.cells:
            if cell.top < depth:
                for at in range(cell.left, cell.right):
                    cells[at] += self.words.get(cell, [])
        return Band(cells)

    def _body(self, depth: int) -> list[Band] | None:
        """Return the rows below the header; None where lines stand in a row without telling whose they are."""
        wide = len(self.grid.xs) - 1
        numbers = range(depth, len(self.grid.ys) - 1)
        held = [self._cells(row, wide) for row in numbers]
        widths = [(self.grid.xs[at], self.grid.xs[at + 1]) for at in range(wide)]
        rows = rows_of(self.text, [[_lines(words) for words in own] for own, _, _ in held], widths)
        if rows is None:
            return None
        found: list[Band] = []
        for parts, (_, tall, begins) in zip(rows, held, strict=True):
            for part in parts:
                if any(part.cells) or begins:
                    for at, words in tall.items():
                        part.cells[at] = words
                    found.append(part)
        return found

    def _cells(self, row: int, wide: int) -> tuple[list[_Words], dict[int, _Words], bool]:
        """Return the words in a row's cells, those of cells over several rows, and whether one of these begins there.

        What stands in a cell over several rows or columns is said of each where it is a label.
        """
        own: list[_Words] = [[] for _ in range(wide)]
        tall: dict[int, _Words] = {}
        begins = False
        for cell in self.grid.cells:
            words = self.words.get(cell)
            if not words or not cell.top <= row < cell.bottom:
                continue
            label = cell.right - cell.left < wide and len(self._cell_text(cell)) <= MAX_REPEATED
            if cell.top < row and not label:
                continue
            for at in range(cell.left, cell.right if label else cell.left + 1):
                if cell.bottom > cell.top + 1:
                    tall[at] = words
                    begins = begins or cell.top == row
                else:
                    own[at] = words
        return own, tall, begins


def _has_all(rows: Sequence[Band], words: _Words) -> bool:
    """Whether the rows have every character of the words."""
    held = {offset for row in rows for cell in row.cells for word in cell for offset in range(word.start, word.end)}
    return all(offset in held for word in words for offset in range(word.start, word.end))


def _lines(words: _Words) -> list[Line]:
    """Return a cell's words by the lines that they stand in."""
    found: list[Line] = []
    for word in words:
        middle = (word.top + word.bottom) / 2
        if found and (found[-1].top < middle < found[-1].bottom or word.top < found[-1].middle < word.bottom):
            found[-1].add(word)
        else:
            found.append(Line([word]))
    return found


def _spaced(words: _Words, text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield where a cell's words begin and end and whether a blank goes before; parts of one word stand together."""
    before: int | None = None
    for word in words:
        end = word.end
        yield word.start, end, before != word.start or text[word.start - 1] != BROKEN
        before = end


def _without_titles(grid: Grid) -> Grid | None:
    """Return the grid without the rows at its top and bottom that are one cell; None if too little is left."""
    wide, high = len(grid.xs) - 1, len(grid.ys) - 1
    single = {(cell.top, cell.bottom) for cell in grid.cells if cell.right - cell.left == wide}
    first, last = 0, high
    while (title := next((one for one in single if one[0] == first), None)) is not None:
        first = title[1]
    while last > first and (note := next((one for one in single if one[1] == last), None)) is not None:
        last = note[0]
    if last - first < 2:
        return None
    cells = tuple(
        replace(cell, top=cell.top - first, bottom=cell.bottom - first)
        for cell in grid.cells
        if cell.top >= first and cell.bottom <= last
    )
    return Grid(grid.xs, grid.ys[first : last + 1], cells)


def _inside(place: Rectangle, outer: Rectangle) -> bool:
    """Whether the middle of a place lies in another one."""
    x, y = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2
    return outer[0] < x < outer[2] and outer[1] < y < outer[3]


def _fills(box: Rectangle, outer: Rectangle) -> bool:
    """Whether a box lies in a place and is not what all of it stands on."""
    area = (outer[2] - outer[0]) * (outer[3] - outer[1])
    return _inside(box, outer) and (box[2] - box[0]) * (box[3] - box[1]) < _BACKGROUND * area


def _index(sides: Sequence[float], at: float) -> int:
    """Return the number of the column or row that a place lies in, the outer ones for what is outside."""
    return max(0, min(sum(side <= at for side in sides) - 1, len(sides) - 2))
