"""Tells how large and how heavy the lines of a PDF's page are written."""

from __future__ import annotations

import ctypes
import functools
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from assistant.parsing.pdf.places import spans

_BOLD = re.compile(rb"bold|black|heavy|demi|medi(?!um)|cmbx", re.IGNORECASE)  # as fonts' names say it
_LONG = 160  # characters; the weight of longer lines tells nothing
_NAME = 128  # bytes of a font's name


@dataclass(frozen=True, slots=True)
class Look:
    """How a line is written: its font's size in points as it is shown, 0 where it does not lie; whether all is bold."""

    size: float
    bold: bool = False


def line_looks(layer: Any, text: str, page: Any, lines: Sequence[str]) -> list[Look | None]:
    """Return how each of a page's lines is written, None where that is not known.

    Args:
        layer: the `pypdfium2.PdfTextPage`.
        text: what it holds.
        page: the `PdfPage`.
        lines: the lines, in any order.
    """
    if layer.count_chars() != len(text):
        return [None] * len(lines)
    known: dict[str, list[Look]] = defaultdict(list)
    reader = _Reader(layer, turned=page.get_rotation() in {90, 270})
    for start, end in spans(text):
        known[text[start:end]].append(reader.look(text, start, end))
    return [known[line.strip()].pop(0) if known.get(line.strip()) else None for line in lines]


@functools.lru_cache(maxsize=512)
def _look(size: float, bold: bool) -> Look:
    """Return a look; the lines of thousands of pages share a few."""
    return Look(size, bold)


class _Reader:
    """Asks PDFium for the letters of one page, which is `turned` where it is shown on its side."""

    def __init__(self, layer: Any, *, turned: bool) -> None:
        from pypdfium2 import raw

        self._raw, self._layer, self._turned = raw, layer.raw, turned
        self._matrix = raw.FS_MATRIX()
        self._name = ctypes.create_string_buffer(_NAME)
        self._flags = ctypes.c_int()

    def look(self, text: str, start: int, end: int) -> Look:
        middle = (start + end) // 2
        while middle < end - 1 and text[middle].isspace():
            middle += 1
        bold = end - start <= _LONG and self._bold(start) and self._bold(end - 1) and self._bold(middle)
        return _look(round(self._size(middle), 1), bold)

    def _size(self, index: int) -> float:
        size = float(self._raw.FPDFText_GetFontSize(self._layer, index))
        if not self._raw.FPDFText_GetMatrix(self._layer, index, self._matrix):
            return size
        across, up = abs(self._matrix.c), abs(self._matrix.d)
        lies = (across > up) == self._turned
        return size * float((across**2 + up**2) ** 0.5) if lies else 0.0

    def _bold(self, index: int) -> bool:
        length = self._raw.FPDFText_GetFontInfo(self._layer, index, self._name, _NAME, self._flags)
        return bool(0 < length <= _NAME and _BOLD.search(self._name.value))
