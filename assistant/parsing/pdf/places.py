"""Where the characters and lines of a PDF's page stand."""

from __future__ import annotations

import ctypes
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.parsing.pdf.file import Affine, to_top_left, transformed

_LINE = re.compile(r"[^\r\n]+")
Rectangle = tuple[float, float, float, float]  # left, top, right, bottom from the page's top left, in points


@dataclass(frozen=True, slots=True)
class Piece:
    """A line, or its part in one column: `text[start:end]`."""

    start: int
    end: int
    left: float
    top: float
    right: float
    bottom: float


class Places:
    """A page's characters and where they stand, as they are shown.

    Args:
        layer: a `pypdfium2.PdfTextPage`.
        affine: what brings its places to the page's top left.
    """

    def __init__(self, layer: Any, affine: Affine) -> None:
        from pypdfium2 import raw

        self._get, self._handle, self._affine = raw.FPDFText_GetCharBox, layer.raw, affine
        self._turned = affine[1] != 0 or affine[2] != 0
        self._left, self._right, self._bottom, self._top = self._edges = [ctypes.c_double() for _ in range(4)]
        self._pointers = [ctypes.byref(edge) for edge in self._edges]

    def place(self, index: int) -> Rectangle:
        """Return where a character stands."""
        self._get(self._handle, index, *self._pointers)
        left, right, bottom, top = self._left.value, self._right.value, self._bottom.value, self._top.value
        if self._turned:
            return transformed(self._affine, (left, bottom, right, top))
        a, _, _, d, e, f = self._affine  # asked for thousands of times a page
        return a * left + e, d * top + f, a * right + e, d * bottom + f

    def line(self, start: int, end: int) -> Piece:
        """Return a line from the places of its first and last character."""
        one, other = self.place(start), self.place(end - 1)
        return Piece(
            start, end, min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])
        )


def line_places(layer: Any, text: str, page: Any, lines: Sequence[str]) -> list[Rectangle | None]:
    """Return where each of a page's lines stands, None where that is not known.

    Args:
        layer: the `pypdfium2.PdfTextPage`.
        text: what it holds.
        page: the `PdfPage`.
        lines: the lines, in any order.
    """
    if layer.count_chars() != len(text):
        return [None] * len(lines)
    places = Places(layer, to_top_left(page))
    known: dict[str, list[Rectangle]] = defaultdict(list)
    for start, end in spans(text):
        line = places.line(start, end)
        known[text[start:end]].append((line.left, line.top, line.right, line.bottom))
    return [known[line.strip()].pop(0) if known.get(line.strip()) else None for line in lines]


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each line, white space at both ends left out."""
    for match in _LINE.finditer(text):
        line = match[0]
        if stripped := line.strip():
            start = match.start() + line.index(stripped[0])
            yield start, start + len(stripped)
