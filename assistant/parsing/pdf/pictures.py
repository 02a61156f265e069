"""Takes the pictures out of a PDF's pages: photographs and figures, not ornaments, backgrounds and logos."""

from __future__ import annotations

import ctypes
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from assistant.parsing.pdf.file import to_top_left, transformed
from assistant.parsing.pdf.places import Rectangle

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_BYTES = 64 << 20
MAX_PICTURES = 500
_IMAGE = re.compile(rb"/Subtype\s*/Image\b")
_MIN_SIDE = 30.0  # points; what is smaller is an icon, a bullet or a rule
_BACKGROUND = 0.85  # of the page: what lies under all of its text is no figure
_MANY = 1000  # objects on a page: looking through them costs as much as reading its text
_MAX_ON_PAGE = 200
_REPEATED = 3  # pages that a logo stands on
_LONG_SIDE = 1600  # pixels of a picture that is drawn
_MAX_JPEG = 4 << 20
_MAX_DPI = 300
_TOUCH = 1.0  # points between the strips that writers cut a picture into
_INSIDE = 0.8  # of an image, that lies in a figure
_FRAMED = 0.5  # of a figure, that images fill


@dataclass(frozen=True, slots=True)
class Found:
    """A picture on a page: an image file, where it stands, and what tells it from others.

    `lettered` is one that is drawn with paths alone, around letters of the page's text.
    """

    data: bytes
    place: Rectangle
    mark: bytes
    lettered: bool = False


@dataclass(slots=True)
class _Part:
    place: Rectangle
    item: Any
    mark: bytes = b""


@dataclass(slots=True)
class PictureReader:
    """Finds the pictures of one PDF page by page and bounds how much of them is kept.

    Args:
        data: the PDF's bytes.
    """

    data: bytes
    left_out: int = 0
    _total: int = -1
    _size: int = 0
    _kept: int = 0
    _pages: Counter[bytes] = field(default_factory=Counter)
    _parts: set[bytes] = field(default_factory=set)

    def read(self, page: Any, figures: Sequence[Rectangle] = ()) -> list[Found]:
        """Return the pictures of a `PdfPage` from the top; one that another page showed already is not there again.

        Args:
            page: the page.
            figures: where it has figures that are drawn with paths.
        """
        if self._total < 0:
            self._total = len(_IMAGE.findall(self.data))  # streams stand in a file as they are, whatever is packed
        groups = list(_groups(self._shown(page))) if self._total else []
        found: list[Found] = []
        for place in figures:
            # What a figure shows of images is a part of it, unless it is no more than their frame.
            inside = [group for group in groups if _shared(group[0], place) > _INSIDE * _area(group[0])]
            if sum(_area(group[0]) for group in inside) <= _FRAMED * _area(place):
                groups = [group for group in groups if group not in inside]
                self._add(found, page, place, (), lettered=not inside)
        for place, parts in groups:
            self._add(found, page, place, parts)
        return sorted(found, key=lambda picture: picture.place[1])

    def _add(
        self, found: list[Found], page: Any, place: Rectangle, parts: Sequence[_Part], *, lettered: bool = False
    ) -> None:
        """Add what stands at a place to what was found on a page: images, or where there are none what is drawn."""
        data = b"" if parts else _drawn(page, place)
        mark = hashlib.sha256(data or b"".join(part.mark for part in parts)).digest()
        self._pages[mark] += 1
        if self._pages[mark] > 1 or (self._kept >= MAX_PICTURES or self._size >= MAX_BYTES):
            self.left_out += self._pages[mark] == 1
            return
        data = data or (_jpeg(page, parts) if parts else b"") or _drawn(page, place) or _broken(parts)
        if data and self.keep(data):
            found.append(Found(data, place, mark, lettered))

    def keep(self, data: bytes) -> bool:
        """Whether there is room for one more picture; it counts as kept or as left out."""
        if self._kept >= MAX_PICTURES or self._size + len(data) > MAX_BYTES:
            self.left_out += 1
            return False
        self._kept += 1
        self._size += len(data)
        return True

    def repeated(self, picture: Found) -> bool:
        """Whether so many pages show it that it is a logo or an ornament. Asked once all pages are read."""
        return self._pages[picture.mark] >= _REPEATED

    def _shown(self, page: Any) -> list[_Part]:
        """Return the image objects that are large enough to say something, and what they are made of."""
        from pypdfium2 import raw

        if raw.FPDFPage_CountObjects(page) > _MANY and len(self._parts) >= self._total:
            return []  # every image of the file was seen
        affine = to_top_left(page)
        width, height = page.get_size()
        parts: list[_Part] = []
        for item, bounds in images(page):
            left, top, right, bottom = transformed(affine, bounds)
            left, top, right, bottom = max(left, 0.0), max(top, 0.0), min(right, width), min(bottom, height)
            self._parts.add(mark := _mark(item))
            if right - left < 2 or bottom - top < 2 or len(parts) >= _MAX_ON_PAGE:
                continue
            if (right - left) * (bottom - top) < _BACKGROUND * width * height:
                parts.append(_Part((left, top, right, bottom), item, mark))
        return parts


def images(page: Any) -> Iterator[tuple[Any, Rectangle]]:
    """Yield a page's image objects, also those inside of forms, and their left, bottom, right, top on the page."""
    import pypdfium2 as pdfium
    from pypdfium2 import raw

    get_object, get_type = raw.FPDFPage_GetObject, raw.FPDFPageObj_GetType
    handle = page.raw
    for number in range(raw.FPDFPage_CountObjects(handle)):
        entry = get_object(handle, number)
        kind = get_type(entry) if entry else 0
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            item = pdfium.PdfObject(entry, page=page, pdf=page.pdf)
            yield item, item.get_bounds()
        elif kind == raw.FPDF_PAGEOBJ_FORM:
            form = pdfium.PdfObject(entry, page=page, pdf=page.pdf)
            for item in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4, form=form, level=1):
                bounds, outer = item.get_bounds(), item.container
                while outer is not None:
                    bounds = outer.get_matrix().on_rect(*bounds)
                    outer = outer.container
                yield item, bounds


def page_picture(image: Image) -> bytes:
    """Return a page that was drawn as a JPEG of bounded size, empty if it is of one colour."""
    small = image.convert("RGB")
    small.thumbnail((_LONG_SIDE, _LONG_SIDE))
    if all(high - low < 24 for low, high in small.getextrema()):  # type: ignore[misc]
        return b""
    target = io.BytesIO()
    small.save(target, "JPEG", quality=80)
    return target.getvalue()


def _mark(item: Any) -> bytes:
    """Return a digest of what the file holds of an image: the same for each place that it is shown at."""
    return hashlib.sha256(_stream(item) + repr(item.get_px_size()).encode()).digest()


def _stream(item: Any) -> bytes:
    """Return what the file holds of an image, as it is."""
    from pypdfium2 import raw

    length = raw.FPDFImageObj_GetImageDataRaw(item, None, 0)
    buffer = ctypes.create_string_buffer(length)
    raw.FPDFImageObj_GetImageDataRaw(item, buffer, length)
    return buffer.raw


def _broken(parts: Sequence[_Part]) -> bytes:
    """Return what the file holds of the first image that PDFium cannot decode: the builder tells of it in a notice."""
    from pypdfium2 import PdfiumError

    for part in parts:
        try:
            part.item.get_bitmap()
        except PdfiumError:
            return _stream(part.item)
    return b""


def _groups(parts: Sequence[_Part]) -> Iterator[tuple[Rectangle, list[_Part]]]:
    """Yield the pictures: parts that touch one another are one, as are the strips that some writers cut them into."""
    groups: list[tuple[Rectangle, list[_Part]]] = []
    for part in parts:
        place, members = part.place, [part]
        while touching := [group for group in groups if _touch(group[0], place)]:
            for group in touching:
                groups.remove(group)
                members = [*group[1], *members]
                place = (
                    min(place[0], group[0][0]), min(place[1], group[0][1]),
                    max(place[2], group[0][2]), max(place[3], group[0][3]),
                )  # fmt: skip
        groups.append((place, members))
    for place, members in groups:
        if min(place[2] - place[0], place[3] - place[1]) >= _MIN_SIDE:
            yield place, members


def _touch(one: Rectangle, other: Rectangle) -> bool:
    return (
        one[0] < other[2] + _TOUCH
        and other[0] < one[2] + _TOUCH
        and one[1] < other[3] + _TOUCH
        and other[1] < one[3] + _TOUCH
    )


def _area(place: Rectangle) -> float:
    return (place[2] - place[0]) * (place[3] - place[1])


def _shared(one: Rectangle, other: Rectangle) -> float:
    """Return the area that two places share."""
    width, height = min(one[2], other[2]) - max(one[0], other[0]), min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)


def _jpeg(page: Any, parts: Sequence[_Part]) -> bytes:
    """Return the JPEG that the file holds where it is shown just as it is, else nothing."""
    from PIL import Image

    item = parts[0].item
    if len(parts) > 1 or page.get_rotation() or item.container is not None or item.get_filters() != ["DCTDecode"]:
        return b""
    a, b, c, d, _, _ = item.get_matrix().get()
    if a <= 0 or d <= 0 or abs(b) > 0.01 * a or abs(c) > 0.01 * d:
        return b""
    data = bytes(item.get_data())
    if len(data) > _MAX_JPEG:
        return b""
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
            return data if image.mode in {"L", "RGB"} and image.info.get("adobe_transform") != 0 else b""
    except (OSError, SyntaxError, ValueError):
        return b""


def _drawn(page: Any, place: Rectangle) -> bytes:
    """Return a part of the page as it is shown, PNG or JPEG, whichever is smaller; nothing if it is of one colour."""
    left, top, right, bottom = place
    width, height = page.get_size()
    scale = min(_MAX_DPI / 72, _LONG_SIDE / max(right - left, bottom - top))
    bitmap = page.render(scale=scale, crop=(left, height - bottom, width - right, top), may_draw_forms=False)
    try:
        image = bitmap.to_pil().convert("RGB")
    finally:
        bitmap.close()
    if all(high - low < 8 for low, high in image.getextrema()):
        return b""
    files = []
    for kind, options in (("PNG", {}), ("JPEG", {"quality": 88})):
        target = io.BytesIO()
        image.save(target, kind, **options)
        files.append(target.getvalue())
    return min(files, key=len)
