"""Reads the properties of shapes and the pictures that old binary Office files hold ([MS-ODRAW])."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from assistant.parsing.builder import clean

PICTURE = 0x0104  # the property that is the number of a shape's picture
_WORDS = 0x0381
_COMPLEX = 0x8000
_RASTER = frozenset({0xF01D, 0xF01E, 0xF029, 0xF02A})  # JPEG, PNG, TIFF, JPEG of four colours


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


def raster(data: bytes, at: int) -> bytes:
    """Return the image file in the record at `at`, nothing where it is of no format that can be shown."""
    if at + 8 > len(data):
        return b""
    marks, kind, length = struct.unpack_from("<HHI", data, at)
    if kind not in _RASTER:
        return b""
    ids = 2 if marks >> 4 & 1 else 1  # an odd instance says that there is a second one
    return data[at + 8 + 16 * ids + 1 : at + 8 + length]
