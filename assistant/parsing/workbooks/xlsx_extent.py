"""Measures how far apart a sheet's filled cells lie, before a library fills its memory with what is between."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

_ATTRIBUTES = rb"((?:[^>\"']|\"[^\"]*\"|'[^']*')*)"
_TAG = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])(?: r=\"([A-Z]*)(\d{1,12})\")?" + _ATTRIBUTES + rb">")
_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']\s*([A-Za-z]*)(\d*)\s*[\"']")
_ROW, _BLANK, _LAST_CELL = 0, 1, 11  # numbers of records in the binary format ([MS-XLSB], 2.3)


class _Rectangle:
    def __init__(self) -> None:
        self.filled = 0
        self._rows = (1 << 62, -1)
        self._columns = (1 << 62, -1)

    def add(self, row: int, column: int) -> None:
        self.filled += 1
        if not self._rows[0] <= row <= self._rows[1]:
            self._rows = (min(self._rows[0], row), max(self._rows[1], row))
        if not self._columns[0] <= column <= self._columns[1]:
            self._columns = (min(self._columns[0], column), max(self._columns[1], column))

    def area(self) -> int:
        return (self._rows[1] - self._rows[0] + 1) * (self._columns[1] - self._columns[0] + 1) if self.filled else 0


def sheet_extent(content: bytes) -> tuple[int, int]:
    """Return how many cells of a sheet's XML part are filled, and how many the rectangle around them has."""
    found = _Rectangle()
    row = column = -1
    for element in _TAG.finditer(content):
        tag, letters, digits, rest = element.groups()
        if not digits:  # not as programs write it
            reference = _REFERENCE.search(b" " + rest)
            letters, digits = reference.groups() if reference else (b"", b"")
        if tag == b"row":
            row = int(digits[:12]) - 1 if digits else row + 1
            column = -1
            continue
        column = _column(letters[:12]) if letters else column + 1
        if rest[-1:] != b"/":
            found.add(int(digits[:12]) - 1 if digits else row, column)
    return found.filled, found.area()


@functools.lru_cache(maxsize=16_384)
def _column(letters: bytes) -> int:
    return functools.reduce(lambda number, letter: number * 26 + letter - 64, letters.upper(), 0) - 1


def binary_extent(content: bytes) -> tuple[int, int]:
    """Return the same of a sheet in the binary format."""
    found = _Rectangle()
    row = 0
    for kind, payload in records(content):
        if kind == _ROW:
            row = int.from_bytes(payload[:4], "little")
        elif _BLANK < kind <= _LAST_CELL:
            found.add(row, int.from_bytes(payload[:4], "little"))
    return found.filled, found.area()


def records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the number and the payload of each record of a part in the binary format; stops where one is cut off."""
    at, end = 0, len(content)
    while at < end:
        kind = content[at]
        at += 1
        if kind & 0x80:
            if at >= end:
                return
            kind = (kind & 0x7F) | (content[at] & 0x7F) << 7
            at += 1
        size = 0
        for shift in (0, 7, 14, 21):
            if at >= end:
                return
            byte = content[at]
            at += 1
            size |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        yield kind, content[at : at + size]
        at += size


def wide_string(payload: bytes, at: int) -> tuple[str, int]:
    """Return a string of the binary format that begins at `at`, and where it ends."""
    stop = at + 4 + 2 * int.from_bytes(payload[at : at + 4], "little")
    return payload[at + 4 : stop].decode("utf-16-le", "replace"), stop
