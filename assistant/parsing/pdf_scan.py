"""Reads scanned pages of a PDF by text recognition, within limits."""

from __future__ import annotations

import time
from typing import Any

from assistant.errors import DocumentTooLargeError
from assistant.parsing.builder import clean
from assistant.parsing.pdf_text import unreadable

_DPI = 200
_MAX_PIXELS = 12_000_000
_MAX_PAGES = 200
_MAX_SECONDS = 100.0
_FEW = 50  # visible characters that a stamp or a page number over a scan may have
_MIN_COVER = 0.5
_SOME_COVER = 0.02  # where there is no text at all, a smaller picture may hold it
Line = tuple[str, float, float, float, float]  # text; left, top, right, bottom in points


class UnsureError(Exception):
    """What was recognised on a page is too unsure."""


class ScanReader:
    """Reads pages of one document as pictures and counts them; `pages` is how many there were."""

    def __init__(self, key: str) -> None:
        self._key = key
        self._seconds = 0.0
        self.pages = 0

    def read(self, page: Any) -> list[Line]:
        """Return the lines that are seen on a `PdfPage`.

        Raises:
            UnsureError: something was seen, but not surely enough to be passed off as the page's text.
            DocumentTooLargeError: more pages or more time than one document may take.
        """
        from assistant.parsing.ocr import read_image

        self.pages += 1
        if self.pages > _MAX_PAGES or self._seconds > _MAX_SECONDS:
            limit = f"{_MAX_PAGES} pages" if self.pages > _MAX_PAGES else f"{_MAX_SECONDS:.0f} seconds"
            raise DocumentTooLargeError(
                f"{self._key}: the PDF's scanned pages take more than {limit} of text recognition",
                "split it, or run text recognition (OCR) on it first",
            )
        began = time.monotonic()
        width, height = page.get_size()
        scale = min(_DPI / 72, (_MAX_PIXELS / max(width * height, 1.0)) ** 0.5)
        bitmap = page.render(scale=scale, may_draw_forms=False)
        try:
            image = bitmap.to_pil().convert("RGB")
        finally:
            bitmap.close()
        x, y = width / image.width, height / image.height
        reading = read_image(image)
        self._seconds += time.monotonic() - began
        if reading.lines and not reading.reliable:
            raise UnsureError("its text was not recognised surely")
        lines = [
            (" ".join(clean(line.text).split()), line.left * x, line.top * y, line.right * x, line.bottom * y)
            for line in reading.lines
        ]
        return [line for line in lines if line[0]]


def is_scan(page: Any, text: str) -> bool:
    """Whether a text layer is of no use: unreadable, nearly none over pictures that fill the page, or none at all."""
    visible = len("".join(text.split()))
    if visible and unreadable(text):
        return True
    return visible < _FEW and _cover(page) >= (_MIN_COVER if visible else _SOME_COVER)


def _cover(page: Any) -> float:
    """Return the share of the page that its pictures cover, at most counted double where they overlap."""
    from pypdfium2 import raw

    left, bottom, right, top = page.get_cropbox()
    area: float = 0.0
    for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        box = item.get_bounds()
        across = min(box[2], right) - max(box[0], left)
        down = min(box[3], top) - max(box[1], bottom)
        area += max(0.0, across) * max(0.0, down)
    return float(area / max((right - left) * (top - bottom), 1.0))
