"""Reads the properties of shapes and the pictures that old binary Office files hold ([MS-ODRAW])."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from assistant.parsing.builder import clean

PICTURE = 0x0104  # the property that is the number of a shape's picture
STORE, STORE_ENTRY, SHAPE, PROPERTIES = 0xF001, 0xF007, 0xF004, 0xF00B
CONTAINER = 0xF  # the version of records that hold others
ENTRY_SIZE, NAME_LENGTH = 36, 33  # of an entry of a store, and where the length of the name behind it stands
_PLACE = 28  # where an entry keeps the place of a picture that stands elsewhere
_WORDS = 0x0381
_COMPLEX = 0x8000
_RASTER = frozenset({0xF01D, 0xF01E, 0xF029, 0xF02A})  # JPEG, PNG, TIFF, JPEG of four colours
_EMF, _WMF, _PICT, _BITMAP = 0xF01A, 0xF01B, 0xF01C, 0xF01F
_METAFILE = struct.Struct("<20xiiIBx")  # what stands in front of one: its size, its length and how it is packed
_DEFLATED = 0
_BEGIN = 1 << 16  # of a metafile, more than its header
_EMUS, _MOST = 12_700, 32_767  # of a point; points of a metafile's side
_PLACEABLE, _PICT_FRONT = struct.Struct("<IH4hHIH"), bytes(512)  # what files have in front of these two
_FILE_HEADER, _OLD_HEADER, _INFO = 14, 12, 40  # sizes of headers of bitmaps


def records(data: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield version and instance, kind, begin and end of what each record holds."""
    while at + 8 <= end:
        marks, kind, length = struct.unpack_from("<HHI", data, at)
        yield marks, kind, at + 8, min(at + 8 + length, end)
        at += 8 + length


def properties(content: bytes, count: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield the number and the value of each property, and what long ones hold, which stands behind them all."""
    behind = 6 * count
    for at in range(0, min(behind, len(content) - 5), 6):
        marks, value = struct.unpack_from("<HI", content, at)
        said = b""
        if marks & _COMPLEX:
            said = content[behind : behind + value]
            behind += value
        yield marks & 0x3FFF, value, said


def alternative_text(content: bytes, count: int) -> str:
    """Return the alternative text among the properties of a shape, if there is one."""
    for kind, _, said in properties(content, count):
        if kind == _WORDS:
            return clean(said.decode("utf-16-le", "replace").rstrip("\0")).strip()
    return ""


def image_file(data: bytes, at: int, end: int) -> bytes:
    """Return the image file in the record at `at` that ends at `end` at the latest, nothing where there is none.

    Of a metafile it is no more than its begin and what it was unpacked from: nothing here draws one, so it is told
    and counted at most.
    """
    if at + 8 > end:
        return b""
    marks, kind, length = struct.unpack_from("<HHI", data, at)
    start, end = at + 8 + 16 * (2 if marks >> 4 & 1 else 1), min(at + 8 + length, end)  # odd: there is a second id
    if kind in _RASTER:
        return data[start + 1 : end]
    if kind == _BITMAP:
        return _bitmap(data[start + 1 : end])
    return _metafile(kind, data[start:end]) if kind in {_EMF, _WMF, _PICT} else b""


def stored(data: bytes, at: int, end: int, elsewhere: bytes = b"") -> bytes:
    """Return the image file of an entry of a store that stands from `at` to `end`, or in `elsewhere`."""
    if at + ENTRY_SIZE > end:
        return b""
    own = at + ENTRY_SIZE + data[at + NAME_LENGTH]
    if own + 8 <= end:
        return image_file(data, own, end)
    return image_file(elsewhere, int.from_bytes(data[at + _PLACE : at + _PLACE + 4], "little"), len(elsewhere))


def _bitmap(content: bytes) -> bytes:
    """Return the file of a bitmap, which is stored without what a file begins with."""
    if len(content) < _INFO:
        return b""
    size = int.from_bytes(content[:4], "little")
    if size == _OLD_HEADER:
        depth = int.from_bytes(content[10:12], "little")
        before = size + (3 << depth if depth <= 8 else 0)
    else:
        depth, packing, colours = struct.unpack_from("<H I 12x I", content, 14)
        masks = {3: 12, 6: 16}.get(packing, 0) if size == _INFO else 0
        before = size + masks + 4 * (colours or (1 << depth if depth <= 8 else 0))
    start = min(_FILE_HEADER + before, 0xFFFFFFFF)
    return b"BM" + struct.pack("<IHHI", _FILE_HEADER + len(content), 0, 0, start) + content


def _metafile(kind: int, content: bytes) -> bytes:
    """Return the begin of a metafile's file, and behind it what it is packed as, which tells it from others."""
    if len(content) < _METAFILE.size:
        return b""
    width, height, _, packing = _METAFILE.unpack_from(content)
    packed, begin = content[_METAFILE.size :], b""
    if packing == _DEFLATED:
        try:
            begin = zlib.decompressobj().decompress(packed, _BEGIN)
        except zlib.error:
            begin = b""
    front = b""
    sides = [min(side // _EMUS, _MOST) for side in (width, height)]
    if kind == _PICT:
        front = _PICT_FRONT
    elif kind == _WMF and min(sides) > 0:
        front = _PLACEABLE.pack(0x9AC6CDD7, 0, 0, 0, *sides, 72, 0, 0)
    return front + begin + packed
