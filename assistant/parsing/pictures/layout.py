"""Puts the lines read in a picture in reading order: rows, paragraphs, columns."""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Callable, Sequence

from assistant.parsing.pictures.reading import Line


def in_paragraphs(lines: Sequence[Line], width: int) -> list[list[list[Line]]]:
    """Return the lines as paragraphs of rows, one column after the other."""
    return [paragraph for part in _columns(lines, width) for paragraph in _split(_rows(part))]


def _columns(lines: Sequence[Line], width: int) -> list[list[Line]]:
    """Return the lines in groups to be read one after the other: what spans two columns parts what is below it."""
    best: tuple[int, float] | None = None
    for percent in range(35, 66):
        middle = width * percent / 100
        left = [line for line in lines if line.right <= middle]
        right = [line for line in lines if line.left >= middle]
        across = len(lines) - len(left) - len(right)
        # Columns of prose are wide; the columns of a table or a receipt are narrow and read row by row.
        if min(len(left), len(right)) < 5 or 4 * across > len(lines) or not all(map(_is_prose(width), (left, right))):
            continue
        best = min(best or (across, middle), (across, middle))
    if best is None:
        return [list(lines)]
    middle = best[1]
    groups: list[list[Line]] = []
    left, right = [], []
    for line in sorted(lines, key=lambda line: line.top + line.bottom):
        if line.right <= middle:
            left.append(line)
        elif line.left >= middle:
            right.append(line)
        else:
            groups += [left, right, [line]]
            left, right = [], []
    return [group for group in [*groups, left, right] if group]


def _is_prose(width: int) -> Callable[[Sequence[Line]], bool]:
    return lambda lines: statistics.median(line.right - line.left for line in lines) >= 0.22 * width


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Return the lines row by row from the top, each row from left to right."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: line.top + line.bottom):
        middle = (line.top + line.bottom) / 2
        last = rows[-1][-1] if rows else None
        if last and abs(middle - (last.top + last.bottom) / 2) < 0.5 * min(
            line.bottom - line.top, last.bottom - last.top
        ):
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.left) for row in rows]


def _split(rows: Sequence[list[Line]]) -> list[list[list[Line]]]:
    """Return the rows in paragraphs: a new one begins after a gap that is larger than the usual one."""
    if not rows:
        return []
    heights = [statistics.median(line.bottom - line.top for line in row) for row in rows]
    gaps = [
        min(line.top for line in below) - max(line.bottom for line in above)
        for above, below in itertools.pairwise(rows)
    ]
    usual = max(0.0, statistics.median(gaps)) if gaps else 0.0
    paragraphs = [[rows[0]]]
    for row, gap, height in zip(rows[1:], gaps, heights[1:], strict=True):
        if gap > usual + 0.6 * height:
            paragraphs.append([row])
        else:
            paragraphs[-1].append(row)
    return paragraphs
