"""Reads scanned pages of a PDF by text recognition, within limits, and keeps them as pictures."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assistant.parsing.deadline import seconds_left
from assistant.parsing.pdf.pictures import images, page_picture
from assistant.parsing.pdf.plausible import Doubt, agrees, doubt
from assistant.parsing.pdf.text import unreadable

if TYPE_CHECKING:
    from PIL.Image import Image

    from assistant.parsing.pictures.reading import Reading

NO_TEXT = "no text was recognised on it"
_UNREADABLE = "its text could not be read reliably"
_DPI = 200
_SMALL_DPI = 120  # of a page that is only kept
_MAX_PIXELS = 12_000_000
_MAX_PAGES = 200
_FOR_READING, _FOR_DRAWING = 2 / 3, 5 / 6  # of the time a document may take, after which no page is read, or drawn
_RIGHT = 3  # doubtful pages that said what was seen on them, after which such pages are believed
_FEW = 50  # visible characters that a stamp or a page number over a scan may have
_MIN_COVER = 0.5


@dataclass(frozen=True, slots=True)
class Scan:
    """A page as it was seen: `reading` is None where it is not to be relied on, `why` says in words what it lacks.

    `picture` is the page as a JPEG, empty if nothing is on it; `scale` is points a pixel of the reading.
    """

    reading: Reading | None = None
    scale: float = 1.0
    picture: bytes = b""
    why: str = ""


@dataclass(slots=True)
class ScanReader:
    """Reads pages of one document as pictures. `pages` counts those read, `unread` are the numbers of the others."""

    pages: int = 0
    unread: list[int] = field(default_factory=list)
    seconds: float = field(default_factory=seconds_left)
    _began: float = field(default_factory=time.monotonic)
    _right: int = 0
    _wrong: int = 0

    def read(self, page: Any, number: int) -> Scan:
        """Return what is seen on a `PdfPage`; after 200 pages or most of the time pages are only drawn, later left out.

        Args:
            page: the page.
            number: its number in the file, from 1.
        """
        if self._ended:
            self.unread.append(number)
            in_time = time.monotonic() - self._began <= _FOR_DRAWING * self.seconds
            picture = page_picture(_drawn(page, _SMALL_DPI)) if in_time else b""
            return Scan(picture=picture, why="it was not read" if picture else "")
        return _judged(*self._look(page))

    def check(self, page: Any, number: int, text: str) -> Scan | None:
        """Return what is seen on a page in place of its text layer, None where that is not to be doubted.

        It is believed where recognition reads a good part of its words, or cannot tell and the letters could be those
        of a language; and where doubtful pages before it were right, or there is no time to look.

        Args:
            page: the page.
            number: its number in the file, from 1.
            text: its text layer.
        """
        doubts = doubt(text)
        if doubts == Doubt.NONE or (self._right >= _RIGHT and not self._wrong):
            return None
        if self._ended:
            return self.read(page, number) if self._wrong else None
        reading, scale, picture = self._look(page)
        if picture and agrees(text, reading.text):
            self._right += 1
            return None
        scan = _judged(reading, scale, picture)
        if scan.reading is not None and doubt(reading.text) < doubts:
            self._wrong += 1
            return scan
        if doubts == Doubt.GREAT or self._wrong:
            return Scan(None, scale, picture, _UNREADABLE)
        return None

    def _look(self, page: Any) -> tuple[Reading, float, bytes]:
        """Return what is read on a page, the points a pixel, and the page as a JPEG, empty where nothing is on it."""
        from assistant.parsing.pictures.ocr import read_image
        from assistant.parsing.pictures.reading import Reading

        image = _drawn(page, _DPI)
        picture = page_picture(image)
        if not picture:
            return Reading(), 1.0, picture
        self.pages += 1
        return read_image(image), page.get_width() / image.width, picture

    @property
    def _ended(self) -> bool:
        return self.pages >= _MAX_PAGES or time.monotonic() - self._began > _FOR_READING * self.seconds

    @property
    def limits(self) -> str:
        """What ended the reading, in words."""
        limit = f"{_MAX_PAGES} pages" if self.pages >= _MAX_PAGES else f"{_FOR_READING * self.seconds:.0f} seconds"
        return f"text recognition ends after {limit} of a document"


def _judged(reading: Reading, scale: float, picture: bytes) -> Scan:
    """Return what was seen on a page with what is to be said of it."""
    if not picture:
        return Scan()
    if not reading.seen:
        return Scan(None, scale, picture, NO_TEXT)
    if not reading.reliable:
        return Scan(None, scale, picture, _UNREADABLE)
    return Scan(reading, scale, picture, "a part of its text could not be read reliably" if reading.incomplete else "")


def is_scan(page: Any, text: str) -> bool:
    """Whether a text layer is of no use: unreadable, nearly none over pictures that fill the page, or none at all.

    Without any text a page's drawing may hold letters as well, as outlines.
    """
    from pypdfium2 import raw

    visible = len("".join(text.split()))
    if not visible:
        return bool(raw.FPDFPage_CountObjects(page) > 0)
    return unreadable(text) or (visible < _FEW and _cover(page) >= _MIN_COVER)


def _drawn(page: Any, dpi: int) -> Image:
    width, height = page.get_size()
    scale = min(dpi / 72, (_MAX_PIXELS / max(width * height, 1.0)) ** 0.5)
    bitmap = page.render(scale=scale, may_draw_forms=False)
    try:
        image: Image = bitmap.to_pil().convert("RGB")
        return image
    finally:
        bitmap.close()


def _cover(page: Any) -> float:
    """Return the share of the page that its pictures cover, at most counted double where they overlap."""
    left, bottom, right, top = page.get_cropbox()
    area: float = 0.0
    for _, box in images(page):
        across = min(box[2], right) - max(box[0], left)
        down = min(box[3], top) - max(box[1], bottom)
        area += max(0.0, across) * max(0.0, down)
    return float(area / max((right - left) * (top - bottom), 1.0))
