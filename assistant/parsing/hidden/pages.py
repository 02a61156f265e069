"""Finds what a PDF writes and does not show: without ink, in white, too small to read, beside the page."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator
from typing import Any

from assistant.parsing.hidden.colours import is_pale
from assistant.parsing.pdf.file import open_pdf
from assistant.types import HiddenKind

_TINY = 2.0  # points
_MOST_OBJECTS = 20_000  # of a page; drawings of maps have more, and their letters are none
_LONGEST = 10_000  # characters of one object
_NO_INK = 3  # the mode of rendering text that leaves none


def pdf_hidden(key: str, data: bytes) -> Iterator[tuple[HiddenKind, str]]:
    """Yield why text is not seen, and what it says; neighbours with the same reason as one."""
    with contextlib.closing(open_pdf(key, data)) as pdf:
        for number in range(len(pdf)):
            with contextlib.closing(pdf[number]) as page, contextlib.closing(page.get_textpage()) as layer:
                yield from _together(_Page(page, layer).hidden())


def _together(found: Iterator[tuple[HiddenKind, str]]) -> Iterator[tuple[HiddenKind, str]]:
    last: HiddenKind | None = None
    parts: list[str] = []
    for kind, text in found:
        if last is not None and kind != last:
            yield last, " ".join(parts)
            parts = []
        last = kind
        parts.append(text)
    if last is not None:
        yield last, " ".join(parts)


class _Page:
    """Looks at the objects of a page in the order in which they are painted."""

    def __init__(self, page: Any, layer: Any) -> None:
        from pypdfium2 import raw

        self._raw, self._page, self._layer = raw, page, layer
        self._edges = [ctypes.c_float() for _ in range(4)]
        self._colour = [ctypes.c_uint() for _ in range(4)]
        self._behind: list[tuple[float, float, float, float]] = []

    def hidden(self) -> Iterator[tuple[HiddenKind, str]]:
        """Yield the page's hidden texts."""
        raw = self._raw
        left, bottom, right, top = self._page.get_cropbox()
        for number in range(min(raw.FPDFPage_CountObjects(self._page), _MOST_OBJECTS)):
            one = raw.FPDFPage_GetObject(self._page, number)
            kind = raw.FPDFPageObj_GetType(one)
            if kind != raw.FPDF_PAGEOBJ_TEXT:
                self._lies_behind(one, kind)
                continue
            place = self._place(one)
            why = self._why(one, place, (left, bottom, right, top))
            if why is not None and (text := self._text(one)).strip():
                yield why, text

    def _why(
        self, one: Any, place: tuple[float, float, float, float] | None, page: tuple[float, float, float, float]
    ) -> HiddenKind | None:
        if self._raw.FPDFTextObj_GetTextRenderMode(one) == _NO_INK:
            return "invisible"
        return None if place is None else self._by_place(one, place, page)

    def _by_place(
        self, one: Any, place: tuple[float, float, float, float], page: tuple[float, float, float, float]
    ) -> HiddenKind | None:
        if place[2] <= page[0] or place[0] >= page[2] or place[3] <= page[1] or place[1] >= page[3]:
            return "off_page"
        if max(place[3] - place[1], 0.0) < _TINY and self._size(one) < _TINY:
            return "tiny"
        if not self._raw.FPDFPageObj_GetFillColor(one, *self._colour):
            return None
        red, green, blue, alpha = (part.value for part in self._colour)
        if alpha == 0:
            return "invisible"
        return "pale" if is_pale(red, green, blue) and not self._on_something(place) else None

    def _lies_behind(self, one: Any, kind: int) -> None:
        """Keep the place of a picture or a filled shape that pale letters can be read on."""
        raw = self._raw
        if kind == raw.FPDF_PAGEOBJ_PATH:
            filled = raw.FPDFPageObj_GetFillColor(one, *self._colour)
            if not filled or is_pale(*(part.value for part in self._colour[:3])):
                return
        place = self._place(one)
        if place is not None:
            self._behind.append(place)

    def _on_something(self, place: tuple[float, float, float, float]) -> bool:
        across, up = (place[0] + place[2]) / 2, (place[1] + place[3]) / 2
        return any(low <= across <= high and bottom <= up <= top for low, bottom, high, top in self._behind)

    def _place(self, one: Any) -> tuple[float, float, float, float] | None:
        if not self._raw.FPDFPageObj_GetBounds(one, *self._edges):
            return None
        left, bottom, right, top = (edge.value for edge in self._edges)
        return left, bottom, right, top

    def _size(self, one: Any) -> float:
        size = ctypes.c_float()
        return size.value if self._raw.FPDFTextObj_GetFontSize(one, size) else _TINY

    def _text(self, one: Any) -> str:
        size = min(self._raw.FPDFTextObj_GetText(one, self._layer, None, 0), 2 * _LONGEST)
        if size <= 2:
            return ""
        held = (ctypes.c_ushort * (size // 2))()
        self._raw.FPDFTextObj_GetText(one, self._layer, held, size)
        return bytes(held).decode("utf-16-le", "replace").rstrip("\0")
