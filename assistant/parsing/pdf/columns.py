"""Finds the rows, columns and header of a table among the lines of a PDF's page, by where their words stand."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

_NUMBER = r"[-+\u2212($\u20ac\u00a3\u00a5]*(?:\d[\d.,]*|\.\d+)(?<![.,])[)%]*"
_DASH = r"[($\u20ac\u00a3\u00a5]*[-\u2212\u2013\u2014][)%]*"
VALUE = re.compile(rf"{_NUMBER}|{_DASH}")
_DASH_ONLY = re.compile(_DASH)
_YEAR = re.compile(r"(?:19|20)\d\d")
_SPANNING = re.compile(r"(?:19|20)\d\d|\b[Ee]nded\b|\A\(|,\Z")  # dates, periods and units are said of several columns
MIN_ROWS = 3  # with two numbers each
MIN_NUMBERS = 2
MAX_BETWEEN = 4  # lines without numbers between two rows with numbers
_MAX_HEADER_HEIGHT = 90.0  # points
_MAX_HEADER_CELL = 80  # characters
_MAX_TEXT = 40  # the same of a cell beside numbers: longer ones are prose
_EDGE = 3.0  # points by which the edges of a column's numbers may differ
_ALIGNED = 0.8  # of a column's numbers, that stand at the same edge
_TITLE = 8.0  # points that a centred title's middle may be off the page's
_OFF = 20.0  # the same where no other columns lie closer to its middle
_BESIDE = 8.0  # points by which a spanning header's middle may be off that of its columns


@dataclass(frozen=True, slots=True)
class Cell:
    """Words that stand together; those in `glued` follow the word before without a blank.

    `digits` is where the last digit of a number ends.
    """

    words: tuple[tuple[int, int], ...]
    glued: frozenset[int]
    text: str
    left: float
    right: float
    digits: float

    @property
    def value(self) -> bool:
        """Whether it is one number or a dash."""
        return VALUE.fullmatch(self.text) is not None

    @property
    def year(self) -> bool:
        """Whether it is a year."""
        return _YEAR.fullmatch(self.text) is not None


@dataclass(frozen=True, slots=True)
class Row:
    """What stands on one height: the file's lines `first` to `last` (exclusive)."""

    first: int
    last: int
    cells: tuple[Cell, ...]
    top: float
    bottom: float

    @property
    def numbers(self) -> int:
        """How many of its cells are numbers."""
        return sum(cell.value for cell in self.cells)

    @property
    def years(self) -> bool:
        """Whether its only numbers are years: a part of a header."""
        values = [cell for cell in self.cells if cell.value]
        return bool(values) and all(cell.year for cell in values)


@dataclass(slots=True)
class Column:
    """How far a column's cells reach."""

    left: float
    right: float

    def shared(self, cell: Cell) -> bool:
        """Whether a part of the cell stands over the column."""
        return cell.left < self.right - 0.5 and self.left + 0.5 < cell.right


def beside(one: Row, other: Row) -> bool:
    """Whether two rows stand on one height, and beside one another."""
    if not one.cells or not other.cells:
        return False
    return _level(one, other) and not any(
        Column(cell.left, cell.right).shared(two) for cell in one.cells for two in other.cells
    )


def table_body(rows: Sequence[Row], at: int) -> tuple[int, list[Column]]:
    """Return the row behind the last that stands in the same columns as the row `at`, and the columns."""
    columns: list[Column] = []
    stop = at
    for number in range(at, len(rows)):
        row = rows[number]
        if number > at and (not row.cells or row.top < rows[number - 1].top or _far(rows[number - 1], row)):
            break
        if number > at and row.years and len({cell.text for cell in row.cells}) < len(row.cells) + 1 and _bare(row):
            break
        if not row.numbers or (len(row.cells) == 1 and stop > at):
            if len(row.cells) > 1 or number - stop >= MAX_BETWEEN or not _is_label(row.cells[0], columns):
                break
            continue
        fitted = _fitted(row, columns, number > at and row.numbers < MIN_NUMBERS)
        if fitted is None:
            break
        columns, stop = fitted, number + 1
    return max(stop, at + 1), columns


def _bare(row: Row) -> bool:
    """Whether all of a row's cells are years."""
    return all(cell.year for cell in row.cells)


def _far(above: Row, below: Row) -> bool:
    return below.top - above.bottom > 3 * max(below.bottom - below.top, above.bottom - above.top)


def _is_label(cell: Cell, columns: Sequence[Column]) -> bool:
    """Whether a cell that stands alone names the rows below it: it does not reach over the numbers."""
    return len(columns) > 1 and cell.right < columns[1].left and not cell.value


def _fitted(row: Row, columns: Sequence[Column], only_known: bool) -> list[Column] | None:
    """Return the columns with those of a row, None if the row does not stand in them.

    Args:
        row: the row.
        columns: those of the rows above, from the left.
        only_known: whether the row may not make a column of its own.
    """
    found = [Column(column.left, column.right) for column in columns]
    taken: set[int] = set()
    for cell in row.cells:
        over = [at for at, column in enumerate(columns) if column.shared(cell)]
        if len(over) > 1 or taken.intersection(over) or (only_known and not over):
            return None
        if over:
            taken.add(over[0])
            column = found[over[0]]
            column.left, column.right = min(column.left, cell.left), max(column.right, cell.right)
        else:
            found.append(Column(cell.left, cell.right))
    found.sort(key=lambda column: column.left)
    overlap = any(one.right > other.left for one, other in itertools.pairwise(found))
    return None if overlap else found


def is_sure(rows: Sequence[Row], columns: Sequence[Column]) -> bool:
    """Whether the rows are a table: enough of them, nearly all cells numbers, and the numbers below one another."""
    if sum(row.numbers >= MIN_NUMBERS for row in rows) < MIN_ROWS or len(columns) < 2:
        return False
    rows_placed = [placed(row, columns) for row in rows if row.numbers]
    if sum(bool(row[0]) for row in rows_placed) < len(rows_placed) / 2:  # the rows' labels, or their first number
        return False
    numbers = texts = 0
    for at in range(len(columns)):
        cells = [cell for row in rows_placed for cell in row[at]]
        values = [cell for cell in cells if cell.value]
        figures = [cell for cell in values if not _DASH_ONLY.fullmatch(cell.text)]
        if len(values) >= _ALIGNED * len(cells):
            numbers += at > 0
            shares = [cell for cell in figures if "%" in cell.text]
            if not _aligned(shares) or not _aligned([cell for cell in figures if cell not in shares]):
                return False
        elif at:
            texts += 1
            if len(values) > (1 - _ALIGNED) * len(cells) or not _aligned(cells):
                return False
            if any(len(cell.text) > _MAX_TEXT for cell in cells):
                return False
    return numbers >= min(max(texts, 1), 2)


def _aligned(cells: Sequence[Cell]) -> bool:
    """Whether most of a column's numbers end, begin or stand with their middle in one place, brackets aside."""
    if len(cells) < 2:
        return True
    ends = [cell.digits for cell in cells]
    plain = [cell.right for cell in cells]
    begins = [cell.left for cell in cells]
    middles = [(cell.left + cell.right) / 2 for cell in cells]
    for edges in (ends, plain, begins, middles):
        most = max(sum(abs(edge - other) <= _EDGE for other in edges) for edge in edges)
        if most >= _ALIGNED * len(edges):
            return True
    return False


def table_header(
    rows: Sequence[Row], floor: int, at: int, columns: Sequence[Column], width: float
) -> tuple[int, list[Row]]:
    """Return the table's first row, and which of the rows from there to the row `at` are its header."""
    top, labels = at, 0
    header: list[Row] = []
    for number in range(at - 1, floor - 1, -1):
        row, below = rows[number], min([rows[number + 1].top, *(one.top for one in header)])
        if not row.cells or len(columns) < 2 or not _above(row, rows[at], below):
            break
        if len(row.cells) == 1 and _is_label(row.cells[0], columns):
            labels += 1  # a part of the header only if more of it follows, a row of the body if none went before
            if labels > MAX_BETWEEN:
                break
            continue
        if not _is_header(row, header, columns, width):
            break
        between = rows[number + 1 : top]
        header += [*(between if header else []), row]
        top, labels = number, 0
    return top, header


def _above(row: Row, first: Row, below: float) -> bool:
    """Whether a row stands over the table's first row, and near what begins at `below`."""
    if row.bottom > first.top + 2.0 or first.top - row.top > _MAX_HEADER_HEIGHT:
        return False
    return below - row.bottom < 3 * (row.bottom - row.top)


def _is_header(row: Row, header: Sequence[Row], columns: Sequence[Column], width: float) -> bool:
    """Whether a row's cells stand over the columns, each without reaching over the rows' labels."""
    if any(cell.value and not cell.year for cell in row.cells):
        return False
    if any(len(cell.text) > _MAX_HEADER_CELL or cell.text.endswith((".", ":")) for cell in row.cells[1:]):
        return False
    label = columns[0]
    edge = min(label.left + (columns[1].left - label.left) * 0.4, label.right)
    if len(row.cells) == 1 and not any(_level(one, row) for one in header):
        cell = row.cells[0]
        middle = (cell.left + cell.right) / 2
        title = abs(middle - width / 2) < _TITLE or abs(middle - (label.left + columns[-1].right) / 2) < _TITLE
        off = abs(middle - (columns[1].left + columns[-1].right) / 2)
        dated = _YEAR.search(cell.text) is not None and len(cell.text) <= _MAX_TEXT and off <= _OFF
        if (title and not dated) or len(cell.text) > _MAX_HEADER_CELL:
            return False
    for at, cell in enumerate(row.cells):
        if at == 0 and cell.left < edge and cell.right < columns[1].left:
            continue
        others = [other for other in row.cells if other is not cell]
        if cell.left < edge or not _over(cell, others, columns, columns, 1):
            return False
    return True


def _over(
    cell: Cell, others: Sequence[Cell], columns: Sequence[Column], wide: Sequence[Column], most: int
) -> list[int]:
    """Return the numbers of the columns that a header cell stands over: several where it spans them.

    Args:
        cell: the header cell.
        others: the other cells on its height.
        columns: the table's.
        wide: the same with what stands lowest in the header.
        most: how many columns it may span beyond those that are right below it.
    """
    if cell.right < columns[1].left and cell.left < columns[0].right:
        return [0]
    over = [at for at, column in enumerate(columns) if at and column.shared(cell)]
    middle = (cell.left + cell.right) / 2
    if not over:  # numbers at the right edge of a wide column, whose header stands in its middle
        over = [
            at
            for at in range(1, len(columns))
            if columns[at - 1].right < middle < columns[at].right + 2 * _EDGE and middle > columns[1].left - 60
        ]
    if not over or (cell.year and not others) or not _SPANNING.search(cell.text):
        return over
    taken = {at for other in others for at, column in enumerate(columns) if column.shared(other)}
    ranges = [
        (abs((wide[first].left + wide[last].right) / 2 - middle), first, last)
        for first in range(over[0], 0, -1)
        for last in range(over[-1], len(columns))
        if last - first < max(most, len(over)) and taken.isdisjoint({*range(first, last + 1)}.difference(over))
    ]
    least = min(ranges)[0]
    if least > _OFF:
        return over
    _, first, last = max(
        (entry for entry in ranges if entry[0] <= max(least, _BESIDE)), key=lambda entry: entry[2] - entry[1]
    )
    return list(range(first, last + 1))


def _widened(columns: Sequence[Column], header: Sequence[Row]) -> list[Column]:
    """Return the columns with what stands lowest in the header over each alone, for numbers may fill only a part."""
    found = [Column(column.left, column.right) for column in columns]
    seen: set[int] = set()
    for row in sorted(header, key=lambda row: -row.bottom):
        for cell in row.cells:
            over = [at for at, column in enumerate(columns) if column.shared(cell)]
            if len(over) == 1 and over[0] not in seen and not cell.text.startswith("("):
                seen.add(over[0])
                column = found[over[0]]
                column.left, column.right = min(column.left, cell.left), max(column.right, cell.right)
    return found


def _level(one: Row, other: Row) -> bool:
    """Whether two rows share their height."""
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > 0.5 * min(one.bottom - one.top, other.bottom - other.top)


def is_headed(head: Sequence[Sequence[Cell]]) -> bool:
    """Whether each column beside the labels has a header of its own."""
    names = [" ".join(cell.text for cell in cells) for cells in head[1:]]
    return all(names) and len(set(names)) == len(names)


def header_cells(header: Sequence[Row], columns: Sequence[Column]) -> list[list[Cell]]:
    """Return the cells of a header that stand over each column, from the top."""
    found: list[list[Cell]] = [[] for _ in columns]
    wide = _widened(columns, header)
    for row in sorted(header, key=lambda row: row.bottom):
        level = [cell for one in header if _level(one, row) for cell in one.cells]
        most = len(columns)
        while True:  # until no two cells on one height span the same column
            over = {
                id(cell): _over(cell, [other for other in level if other is not cell], columns, wide, most) or [0]
                for cell in level
            }
            claimed = [at for numbers in over.values() for at in numbers]
            most = min(most, max(map(len, over.values()))) - 1
            if most < 1 or len(set(claimed)) == len(claimed):
                break
        for cell in row.cells:
            for at in over[id(cell)]:
                found[at].append(cell)
    return found


def placed(row: Row, columns: Sequence[Column]) -> list[list[Cell]]:
    """Return a row's cells by their columns."""
    found: list[list[Cell]] = [[] for _ in columns]
    for cell in row.cells:
        found[next((at for at, column in enumerate(columns) if column.shared(cell)), 0)].append(cell)
    return found
