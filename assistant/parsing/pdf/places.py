"""Where the characters and lines of a PDF's page stand."""

from __future__ import annotations

import ctypes
import functools
import re
import struct
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.parsing.pdf.file import Affine, to_top_left, transformed

_EDGES = struct.Struct("4d").unpack
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


@functools.cache
def _char_box() -> Any:
    """Return PDFium's function without the wrapping of its arguments, which costs as much as the function itself."""
    from pypdfium2 import raw

    handle = ctypes.c_void_p
    address = ctypes.cast(raw.FPDFText_GetCharBox, handle).value or 0
    return ctypes.CFUNCTYPE(ctypes.c_int, handle, ctypes.c_int, *[handle] * 4)(address)


class Places:
    """A page's characters and where they stand, as they are shown.

    Args:
        layer: a `pypdfium2.PdfTextPage`.
        affine: what brings its places to the page's top left.
    """

    def __init__(self, layer: Any, affine: Affine) -> None:
        self._layer = layer  # keeps the handle valid
        self._handle, self._affine = ctypes.cast(layer.raw, ctypes.c_void_p).value, affine
        self._turned = affine[1] != 0 or affine[2] != 0
        self._edges = (ctypes.c_double * 4)()
        self._at = [ctypes.addressof(self._edges) + 8 * number for number in range(4)]
        self._get = _char_box()

    def place(self, index: int) -> Rectangle:
        """Return where a character stands."""
        self._get(self._handle, index, *self._at)
        left, right, bottom, top = _EDGES(self._edges)
        if self._turned:
            return transformed(self._affine, (left, bottom, right, top))
        a, _, _, d, e, f = self._affine  # asked for thousands of times a page
        return a * left + e, d * top + f, a * right + e, d * bottom + f

    def line(self, start: int, end: int) -> Piece:
        """Return a line from the places of its first and last character."""
        left, top, right, bottom = self.place(start)
        if end - start > 1:
            left1, top1, right1, bottom1 = self.place(end - 1)
            left, right = min(left, left1), max(right, right1)
            top, bottom = min(top, top1), max(bottom, bottom1)
        return Piece(start, end, left, top, right, bottom)


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


def placed_lines(layer: Any, text: str, page: Any) -> Iterator[tuple[Rectangle, str]]:
    """Yield a page's lines with their places, nothing where these are not known. For the arguments see above."""
    if layer.count_chars() == len(text):
        places = Places(layer, to_top_left(page))
        for start, end in spans(text):
            line = places.line(start, end)
            yield (line.left, line.top, line.right, line.bottom), text[start:end]


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each line, white space at both ends left out."""
    for match in _LINE.finditer(text):
        line = match[0]
        if stripped := line.strip():
            start = match.start() + line.index(stripped[0])
            yield start, start + len(stripped)
