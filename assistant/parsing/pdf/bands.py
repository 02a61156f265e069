"""Tells whether the lines between two rules of a table are one row or several."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.parsing.pdf.columns import VALUE
from assistant.parsing.pdf.places import Piece

_PADDING = 4.0  # points that a cell's words keep from its edges
_MIN_NUMBERS = 2  # cells of several numbers, which tell that each line is a row
_MIN_ROWS = 3  # the same of words
_ITEM = re.compile(r"(?:[\u2022\u25aa\u25cf\u25cb\u25e6\u2013*-]|\(?\w{1,2}[.)])(?:\s|\Z)")
_MAX_FULL = 0.25  # of the ends of lines that are rows
_LEVEL = 0.5  # of a line's height, that lines of one row share


@dataclass(slots=True)
class Band:
    """A row of a table: the words of each of its cells."""

    cells: list[list[Piece]]


@dataclass(slots=True)
class Line:
    """A line of a cell."""

    words: list[Piece]

    def add(self, word: Piece) -> None:
        """Put a word at its end."""
        self.words.append(word)

    @property
    def top(self) -> float:
        """Where it begins."""
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        """Where it ends."""
        return max(word.bottom for word in self.words)

    @property
    def middle(self) -> float:
        """Where its middle is."""
        return (self.top + self.bottom) / 2

    @property
    def width(self) -> float:
        """How wide it is."""
        return max(word.right for word in self.words) - min(word.left for word in self.words)

    def text(self, page: str) -> str:
        """Return its words."""
        return " ".join(page[word.start : word.end] for word in self.words)


def rows_of(
    page: str, bands: Sequence[Sequence[Sequence[Line]]], widths: Sequence[tuple[float, float]]
) -> list[list[Band]] | None:
    """Return the rows in each of a table's bands; None if it cannot be told which lines belong together.

    Some tables have no rules between their rows. Lines are rows of their own where several cells have them on the same
    heights which are numbers in two of them, or where few end because the next word did not fit, in all of the bands.

    Args:
        page: the page's text.
        bands: the lines of each cell of each band, from the top.
        widths: where the columns begin and end.
    """
    parted = [_parted(page, cells, widths) for cells in bands]
    filled = [number for number, cells in enumerate(bands) if any(cells)]
    every = all(parted[number] is not None for number in filled)
    found: list[list[Band]] = []
    for cells, heights in zip(bands, parted, strict=True):
        if heights is not None and (every or heights[1]):
            found.append(_rows(cells, heights[0]))
            continue
        if len(filled) == 1 and heights is None and sum(len(lines) > 2 for lines in cells) > 1:
            return None
        found.append([Band([[word for line in lines for word in line.words] for lines in cells])])
    return found


def _parted(
    page: str, cells: Sequence[Sequence[Line]], widths: Sequence[tuple[float, float]]
) -> tuple[list[Line], bool] | None:
    """Return the lines that stand for the rows in a band and whether numbers tell so, None if it is one row."""
    several = [(lines, width) for lines, width in zip(cells, widths, strict=True) if len(lines) > 1]
    if len(several) < 2:
        return None
    longest = max((lines for lines, _ in several), key=len)
    if any(_row(line, longest) is None for lines, _ in several for line in lines):
        return None
    numbers = sum(all(VALUE.fullmatch(line.text(page)) for line in lines) for lines, _ in several)
    if numbers >= _MIN_NUMBERS:
        return list(longest), True
    items = all(_ITEM.match(line.text(page)) for lines, _ in several for line in lines)
    if items or len(longest) < _MIN_ROWS or _wraps(several):
        return None
    return list(longest), False


def _wraps(cells: Sequence[tuple[Sequence[Line], tuple[float, float]]]) -> bool:
    """Whether many lines of the cells may end because the next word did not fit."""
    full = ends = 0
    for lines, (left, right) in cells:
        for line, below in itertools.pairwise(lines):
            word = below.words[0]
            blank = (line.bottom - line.top) / 3
            full += line.width + blank + word.right - word.left > right - left - _PADDING
            ends += 1
    return full > _MAX_FULL * ends


def _row(line: Line, rows: Sequence[Line]) -> int | None:
    """Return the number of the row whose height a line shares."""
    for number, row in enumerate(rows):
        shared = min(line.bottom, row.bottom) - max(line.top, row.top)
        if shared >= _LEVEL * min(line.bottom - line.top, row.bottom - row.top):
            return number
    return None


def _rows(cells: Sequence[Sequence[Line]], heights: Sequence[Line]) -> list[Band]:
    """Return the rows of a band; a single line that stands between them is said of each."""
    found = [Band([[] for _ in cells]) for _ in heights]
    for at, lines in enumerate(cells):
        for line in lines:
            number = _row(line, heights)
            if len(lines) == 1 and (number is None or _centred(line, heights)):
                for band in found:
                    band.cells[at] = line.words
            elif number is not None:
                found[number].cells[at] += line.words
    return found


def _centred(line: Line, heights: Sequence[Line]) -> bool:
    """Whether a line stands in the middle of the rows and not on the height of one."""
    middle = (heights[0].middle + heights[-1].middle) / 2
    nearest = min(abs(line.middle - row.middle) for row in heights)
    return abs(line.middle - middle) < nearest
