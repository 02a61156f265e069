"""Tells which pictures are worth keeping, and makes any picture one that a browser shows."""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING

from assistant.adapters.pixels import MAX_PIXELS, TYPES, on_white

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_SIDE = 2000  # pixels
MAX_BYTES = 4_000_000
_MIN_SIDE = 48  # pixels; bullets, icons and rules are smaller
_MIN_BYTES = 2000  # of a file that does not say how large its picture is
_BEGIN = 1 << 16
_METAFILE = "WMF"  # Pillow's name of both; drawing them is for Windows, but it reads how large they are
_ENORMOUS = ("PNG", MAX_PIXELS, 2)
# What files begin with that cannot be shown, and the word for why.
_STARTS = (
    *((start, "damaged") for start in (b"\x89PNG", b"\xff\xd8", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF")),
    *((start, "JPEG 2000") for start in (b"\0\0\0\x0cjP", b"\xff\x4f\xff\x51")),
    (b"\x01\0\x09\0", "WMF"),
)
_PICT = frozenset({b"\0\x11\2\xff", b"\x11\1\xa0\0"})  # the two versions of old Macintosh pictures
_FEW_COLOURS = 256  # what has no more may be smaller as PNG, which keeps its edges
_TRIES = ((MAX_SIDE, 85), (MAX_SIDE, 70), (1500, 65), (1000, 60))  # the last is below 4 MB whatever it shows


def shown_type(data: bytes) -> str:
    """Return the media type of a picture that can be shown, empty for an ornament and for what is none.

    Args:
        data: an image file; its header alone is looked at.
    """
    kind, width, height = _header(data, TYPES)
    return TYPES[kind] if kind and min(width, height) >= _MIN_SIDE and width * height <= MAX_PIXELS else ""


def why_unshown(data: bytes) -> str:
    """Return why a picture cannot be shown, in a word or two; empty for one that can, an ornament or no data.

    Args:
        data: what a document holds as an image file.
    """
    kind, width, height = _header(data, TYPES)
    if kind:
        return f"over {MAX_PIXELS // 1_000_000} megapixels" if width * height > MAX_PIXELS else ""
    data = _begin(data)
    kind, width, height = _header(data, (_METAFILE,))
    if kind:
        named = "EMF" if data[40:44] == b" EMF" else "WMF"
        return named if min(width, height) >= _MIN_SIDE else ""
    if data[522:526] in _PICT:  # behind 512 bytes that mean nothing, its size and its frame
        top, left, bottom, right = struct.unpack_from(">4h", data, 514)
        return "PICT" if min(bottom - top, right - left) >= _MIN_SIDE else ""
    if len(data) < _MIN_BYTES:
        return ""
    known = (word for start, word in _STARTS if data.startswith(start))
    return next(known, "SVG" if b"<svg" in data else "of an unknown format")


def _begin(data: bytes) -> bytes:
    """Return the begin of a file, unpacked where it is packed, as are Office's EMZ and WMZ."""
    try:
        return zlib.decompressobj(31).decompress(data, _BEGIN) if data.startswith(b"\x1f\x8b") else data[:_BEGIN]
    except zlib.error:
        return data[:_BEGIN]


def _header(data: bytes, formats: Iterable[str]) -> tuple[str, int, int]:
    """Return Pillow's name of a picture's format, its width and its height; an empty name for none of the formats."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(BytesIO(data), formats=list(formats)) as image:
                return image.format or "", image.width, image.height
    except Image.DecompressionBombError:
        return _ENORMOUS
    except (OSError, ValueError, SyntaxError, TypeError):
        return "", 0, 0


def drawn_anew(image: Image) -> tuple[str, bytes]:
    """Return the media type and the bytes of a picture of at most 2000 pixels a side and 4 MB: PNG or JPEG.

    Args:
        image: of any mode, upright.
    """
    plain = on_white(image)
    drawing = plain.getcolors(_FEW_COLOURS) is not None
    for side, quality in _TRIES:
        small = _fitted(plain, side)
        files = [("image/jpeg", _saved(small, "JPEG", quality=quality))]
        if drawing:
            files.append(("image/png", _saved(small, "PNG", optimize=True)))
        fitting = [file for file in files if file[1]]
        if fitting:
            return min(fitting, key=lambda file: len(file[1]))
    return "image/jpeg", _saved(_fitted(plain, _TRIES[-1][0] // 2), "JPEG", quality=60)


def _fitted(image: Image, side: int) -> Image:
    from PIL.Image import Resampling

    scale = side / max(image.size)
    if scale >= 1:
        return image
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    return image.resize(size, Resampling.LANCZOS, reducing_gap=3.0)


def _saved(image: Image, kind: str, **options: object) -> bytes:
    """Return the picture's file, empty if it is too large."""
    target = BytesIO()
    image.save(target, kind, **options)
    data = target.getvalue()
    return data if len(data) <= MAX_BYTES else b""
