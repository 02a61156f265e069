"""Reads what an old Word file says of runs of characters: what was deleted, and where pictures stand ([MS-DOC])."""

from __future__ import annotations

import bisect
import struct
from collections.abc import Iterator, Sequence

from assistant.parsing.legacy.office_art import (
    ENTRY_SIZE,
    NAME_LENGTH,
    PROPERTIES,
    SHAPE,
    STORE_ENTRY,
    alternative_text,
    image_file,
    records,
)

_PAGE, _MAX_RUNS = 512, 101
_PICTURE, _DELETED = 0x6A03, 0x0800
_SIZES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_KEPT = "\r\x07\x0c\x13\x14\x15"  # ends of paragraphs and cells, and what fields begin and end with
_LINKED = 0x66  # a picture that is a file of its own has its name in front


def pages_of(content: bytes) -> Iterator[int]:
    """Yield the places of the pages of properties that a list of them names."""
    count = max(len(content) - 4, 0) // 8
    for number in range(count):
        yield (int.from_bytes(content[4 * (count + 1 + number) :][:4], "little") & 0x3FFFFF) * _PAGE


def changes(stored: bytes) -> Iterator[tuple[int, int]]:
    """Yield the number and the value of each property."""
    at = 0
    while at + 2 <= len(stored):
        kind = int.from_bytes(stored[at : at + 2], "little")
        at += 2
        size = _SIZES.get(kind >> 13)
        if size is None:
            if kind == 0xD608:  # a table's columns, whose length takes two bytes and counts one too many
                size = int.from_bytes(stored[at : at + 2], "little") + 1
            else:
                size = stored[at] + 1 if at < len(stored) else 1
        yield kind, int.from_bytes(stored[at : at + size], "little")
        at += size


class Runs:
    """The runs of characters by their places in the stream `main`; `listed` names the pages of their properties."""

    def __init__(self, main: bytes, listed: bytes, data: bytes) -> None:
        self._data = data
        self.deleted: list[tuple[int, int]] = []  # begin and end
        found: list[tuple[int, int]] = []
        for start, end, stored in _stored(main, listed):
            stated = dict(changes(stored))
            if stated.get(_DELETED):
                self.deleted.append((start, end))
            if _PICTURE in stated:
                found.append((start, stated[_PICTURE]))
        found.sort()
        self._starts = [start for start, _ in found]
        self._pictures = [place for _, place in found]

    def picture(self, place: int) -> tuple[bytes, str]:
        """Return the image file that stands for the character at `place`, and its alternative text."""
        at = bisect.bisect_right(self._starts, place) - 1
        if at < 0:
            return b"", ""
        try:
            return _picture(self._data, self._pictures[at])
        except struct.error:
            return b"", ""


def hide(text: str, deleted: Sequence[tuple[int, int]]) -> str:
    """Return the text with what was deleted replaced by characters that are none; ends of paragraphs stay."""
    parts: list[str] = []
    last = 0
    for start, end in sorted(deleted):
        first = max(start, last)
        if first < end:
            gone = "".join(one if one in _KEPT else "\0" for one in text[first:end])
            parts += [text[last:first], gone]
            last = end
    return "".join([*parts, text[last:]])


def _stored(main: bytes, listed: bytes) -> Iterator[tuple[int, int, bytes]]:
    for at in pages_of(listed):
        page = main[at : at + _PAGE]
        runs = page[-1] if len(page) == _PAGE else 0
        for run in range(runs if runs <= _MAX_RUNS else 0):
            start, end = struct.unpack_from("<II", page, 4 * run)
            offset = 2 * page[4 * (runs + 1) + run]
            if offset:
                yield start, end, page[offset + 1 : offset + 1 + page[offset]]


def _picture(data: bytes, at: int) -> tuple[bytes, str]:
    length, header, mode = struct.unpack_from("<iHh", data, at)
    end = min(at + length, len(data))
    at += header
    if mode == _LINKED and at < end:
        at += 1 + data[at]
    words = ""
    while at + 8 <= end:
        kind, size = struct.unpack_from("<HI", data, at + 2)
        if kind == SHAPE:
            words = _words(data, at + 8, min(at + 8 + size, end))
            at += 8 + size
        elif kind == STORE_ENTRY:
            at += 8 + ENTRY_SIZE + (data[at + 8 + NAME_LENGTH] if at + 8 + NAME_LENGTH < end else 0)
        else:
            return image_file(data, at, end), words
    return b"", words


def _words(data: bytes, at: int, end: int) -> str:
    for marks, kind, start, stop in records(data, at, end):
        if kind == PROPERTIES:
            return alternative_text(data[start:stop], marks >> 4)
    return ""
