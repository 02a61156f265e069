"""Unpacks the rich text of mail bodies (MS-OXRTFCP)."""

from __future__ import annotations

import struct

_RTF_START = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS "
    b"Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b"
    b"\\i\\u\\tab\\tx"
)
_RTF_HEADER = struct.Struct("<II4s4x")  # size packed, size, kind; a checksum


def unpacked_rtf(data: bytes) -> bytes:
    """Return the RTF of a body that is packed as MS-OXRTFCP says, nothing where it is not.

    Args:
        data: what the property holds.
    """
    if len(data) < _RTF_HEADER.size:
        return b""
    _, size, kind = _RTF_HEADER.unpack_from(data)
    packed = data[_RTF_HEADER.size :]
    if kind == b"MELA":
        return packed[:size]
    return _unpacked(packed)[:size] if kind == b"LZFu" else b""


def _unpacked(packed: bytes) -> bytes:
    """Undo the packing: bytes as they are, and pointers into the last 4,096 bytes, which begin with words of RTF."""
    window = bytearray(_RTF_START.ljust(4096, b"\0"))
    write, read, found = len(_RTF_START), 0, bytearray()
    while read < len(packed):
        flags, read = packed[read], read + 1
        for bit in range(8):
            if not flags >> bit & 1:
                piece, read = packed[read : read + 1], read + 1
                window[write : write + 1] = piece
                write = (write + len(piece)) % 4096
                found += piece
                continue
            pointer, read = int.from_bytes(packed[read : read + 2], "big"), read + 2
            start = pointer >> 4
            if start == write or read > len(packed):
                return bytes(found)
            for at in range(start, start + (pointer & 15) + 2):
                window[write] = window[at % 4096]
                found.append(window[write])
                write = (write + 1) % 4096
    return bytes(found)
