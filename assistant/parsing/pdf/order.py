"""Puts the lines of two-column pages in reading order where the file writes them row by row."""

from __future__ import annotations

import itertools
import re
import statistics
from collections.abc import Iterator, Sequence
from typing import Any

from assistant.parsing.pdf.file import to_top_left
from assistant.parsing.pdf.places import Piece, Places, spans

_WORDS = re.compile(r"[^\W\d_]{2,}")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff]")  # its columns begin on the right
_MIN_LINES = 5  # of each column
_SAMPLES = 8  # lines that tell whether there is a gutter in the middle of lines
_AGREED = 0.7  # of the samples have the gutter in the same place
_MIN_GUTTER = 6.0  # points
_MIN_WIDTH = 0.22  # of the page, that a column of prose takes: the columns of a table are narrow
_FULL = 0.85  # of its column, that most lines of prose fill
_HYPHEN = "\ufffe"


def ordered(layer: Any, text: str, page: Any) -> str:
    """Return the page's text, its columns one after the other if the file mixes their lines.

    Most files write columns in order, which is left alone, as is everything that might be a table. A page costs a few
    places of characters, and all of them where it seems to have two columns.

    Args:
        layer: the `pypdfium2.PdfTextPage`.
        text: what it holds.
        page: the `PdfPage`.
    """
    if page.get_rotation() or layer.count_chars() != len(text) or 5 * len(_RIGHT_TO_LEFT.findall(text)) > len(text):
        return text
    places = Places(layer, to_top_left(page))
    lines = [places.line(*span) for span in spans(text)]
    if len(lines) < _MIN_LINES:
        return text
    width = page.get_width()
    gutter = _hidden_gutter(places, text, lines, width)
    pieces = lines
    if gutter is not None:
        pieces = [piece for line in lines for piece in _cut(places, text, line, gutter)]
    order = _order(pieces, width, gutter)
    return text if order is None else _joined(text, order)


def _hidden_gutter(places: Places, text: str, lines: Sequence[Piece], width: float) -> float | None:
    """Return where a gap stands in the same place inside of most long lines, with prose on both sides of it."""
    long = [line for line in lines if line.right - line.left > 0.6 * width and _is_prose(text[line.start : line.end])]
    if len(long) < _MIN_LINES:
        return None
    samples = long[:: max(1, len(long) // _SAMPLES)][:_SAMPLES]
    gaps: list[tuple[float, float]] = []
    without = 0
    for line in samples:
        found = list(_gaps(places, text, line, width))
        gaps += found
        without += not found
        if without > (1 - _AGREED) * len(samples):
            return None
    middles = [(low + high) / 2 for low, high in gaps]
    votes, middle = max(((sum(low <= x <= high for low, high in gaps), x) for x in middles), default=(0, 0.0))
    return middle if votes >= _AGREED * len(samples) else None


def _gaps(places: Places, text: str, line: Piece, width: float) -> Iterator[tuple[float, float]]:
    """Yield the left and right edge of each wide gap in the middle of a line that has prose on both sides."""
    margin = (line.end - line.start) // 6  # no gap in the middle is among the first or last characters
    for index in range(line.start + 1 + margin, line.end - 1 - margin):
        if text[index] != " ":
            continue
        low, high = places.place(index - 1)[2], places.place(index + 1)[0]
        if high - low < _MIN_GUTTER or not 0.3 * width < (low + high) / 2 < 0.7 * width:
            continue
        if _is_prose(text[line.start : index]) and _is_prose(text[index : line.end]):
            yield low, high


def _is_prose(text: str) -> bool:
    """Whether a piece of a line is mostly words."""
    words = _WORDS.findall(text)
    return len(words) >= 3 and sum(map(len, words)) > 0.6 * len(text.replace(" ", ""))


def _cut(places: Places, text: str, line: Piece, gutter: float) -> list[Piece]:
    """Return the line in two where it has a gap over the gutter, else as it is."""
    if not line.left < gutter < line.right:
        return [line]
    for index in range(line.start + 1, line.end - 1):
        if text[index] != " ":
            continue
        low, high = places.place(index - 1)[2], places.place(index + 1)[0]
        if low <= gutter <= high and high - low >= _MIN_GUTTER:
            return [places.line(line.start, index), places.line(index + 1, line.end)]
    return [line]


def _order(pieces: Sequence[Piece], width: float, gutter: float | None) -> list[Piece] | None:
    """Return the pieces in reading order, None where the file's is right or there are no two columns of prose."""
    middles = [gutter] if gutter is not None else [width * percent / 100 for percent in range(35, 66)]
    best: tuple[int, float] | None = None
    for middle in middles:
        left = [piece for piece in pieces if piece.right <= middle]
        right = [piece for piece in pieces if piece.left >= middle]
        across = len(pieces) - len(left) - len(right)
        if min(len(left), len(right)) < _MIN_LINES or 4 * across > len(pieces):
            continue
        if _is_column(left, width) and _is_column(right, width):
            best = min(best or (across, middle), (across, middle))
    if best is None:
        return None
    middle = best[1]
    sides = [0 if piece.right <= middle else 1 if piece.left >= middle else 2 for piece in pieces]
    changes = sum({one, other} == {0, 1} for one, other in itertools.pairwise(sides))
    few = min(sides.count(0), sides.count(1))
    backward = statistics.median(n for n, side in enumerate(sides) if side == 1) < statistics.median(
        n for n, side in enumerate(sides) if side == 0
    )
    # Row by row, nearly every line changes the side; a column that is written first though it is the right one, once.
    if changes < few and not (backward and changes <= 2):
        return None
    return _by_columns(pieces, sides)


def _is_column(pieces: Sequence[Piece], width: float) -> bool:
    """Whether the pieces are lines of prose: most of them fill a column that is wide enough."""
    widths = sorted(piece.right - piece.left for piece in pieces)
    full = widths[len(widths) * 9 // 10]
    return full >= _MIN_WIDTH * width and sum(one >= _FULL * full for one in widths) >= 0.5 * len(widths)


def _by_columns(pieces: Sequence[Piece], sides: Sequence[int]) -> list[Piece]:
    """Return the pieces from the top, left before right; what spans both columns parts what is below it."""
    found: list[Piece] = []
    columns: tuple[list[Piece], list[Piece]] = ([], [])
    for piece, side in sorted(zip(pieces, sides, strict=True), key=lambda pair: pair[0].top + pair[0].bottom):
        if side == 2:
            found += [*columns[0], *columns[1], piece]
            columns = ([], [])
        else:
            columns[side].append(piece)
    return [*found, *columns[0], *columns[1]]


def _joined(text: str, pieces: Sequence[Piece]) -> str:
    """Return the pieces' text line by line; a hyphen before a small letter is marked as PDFium marks a broken word."""
    lines = [text[piece.start : piece.end].strip() for piece in pieces]
    parts: list[str] = []
    for line, below in itertools.zip_longest(lines, lines[1:], fillvalue=""):
        broken = len(line) > 2 and line[-1] in "-\xad" and line[-2].isalpha() and below[:1].islower()
        parts.append(line[:-1] + _HYPHEN if broken else line + "\n")
    return "".join(parts)
