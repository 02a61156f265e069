"""Finds the pictures that float beside the text of an old Word file ([MS-DOC], with drawings as in [MS-ODRAW])."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable, Iterator

from assistant.parsing.legacy.office_art import (
    CONTAINER,
    PICTURE,
    PROPERTIES,
    SHAPE,
    STORE,
    STORE_ENTRY,
    alternative_text,
    image_file,
    properties,
    records,
    stored,
)

_DRAWING, _IDENTITY = 0xF002, 0xF00A
_PAGE, _DELETED = 0x4, 0x8  # marks of a shape: it stands for the page that all others are on; it is none any more
_FILL_KIND, _FILL, _LINE_FILL = 0x0180, 0x0186, 0x01C5
_PICTURE_FILL = 3  # others are patterns and textures
_USES = 24  # where an entry of the store says how many shapes show it
_MAX_DEPTH = 20  # groups of shapes in groups
_MAX_PICTURES = 10_000  # shapes that show one


class Drawings:
    """The pictures of shapes beside the text.

    Args:
        content: the drawings, as the table's stream holds them.
        main: the stream that most of their pictures stand in.
        anchors: at which positions of the text shapes are anchored, and their numbers.
    """

    def __init__(self, content: bytes, main: bytes, anchors: Iterable[tuple[int, int]]) -> None:
        self._content = content
        self._main = main
        self._store: list[tuple[int, int, bool]] = []  # begin and end of what is stored, and whether it is an entry
        self._used: set[int] = set()  # numbers of pictures that a shape has a use for
        self._shapes: dict[int, list[tuple[int, str]]] = {}  # by their numbers, the pictures with their words
        self._left = _MAX_PICTURES
        self._read()
        self._anchored: dict[int, list[tuple[int, str]]] = {}
        for position, shape in anchors:
            self._anchored.setdefault(position, []).extend(self._shapes.pop(shape, ()))

    def at(self, position: int) -> list[tuple[bytes, str]]:
        """Return the image files of the shapes anchored at `position`, with their alternative texts."""
        return [(self._file(number), words) for number, words in self._anchored.get(position, ())]

    def without_place(self) -> Iterator[tuple[bytes, str]]:
        """Yield the image files of shapes that are anchored nowhere, and those stored that no shape is known for."""
        for shown in self._shapes.values():
            for number, words in shown:
                yield self._file(number), words
        for number, (start, _, is_entry) in enumerate(self._store, start=1):
            uses = self._content[start + _USES : start + _USES + 4] if is_entry else b"\1"
            if number not in self._used and any(uses):
                yield self._file(number), ""

    def _file(self, number: int) -> bytes:
        if not 0 < number <= len(self._store):
            return b""
        start, end, is_entry = self._store[number - 1]
        if is_entry:
            return stored(self._content, start, end, self._main)
        return image_file(self._content, start - 8, end)

    def _read(self) -> None:
        at, end = 0, len(self._content)
        for _, _, start, stop in itertools.islice(records(self._content, 0, end), 1):
            at = stop
            for _, kind, first, last in records(self._content, start, stop):
                if kind == STORE:
                    entries = records(self._content, first, last)
                    self._store += [(begin, close, entry == STORE_ENTRY) for _, entry, begin, close in entries]
        while at + 9 <= end:  # a byte in front of each drawing says whether it is the text's or the headers'
            _, kind, start, at = next(records(self._content, at + 1, end))
            if kind == _DRAWING:
                self._read_shapes(start, at, 0, 0)

    def _read_shapes(self, at: int, end: int, owner: int, depth: int) -> None:
        """Read the shapes from `at` to `end`; all of a group have the anchor of its first, the group itself."""
        leads = depth > 0  # a group's first shape comes next
        for marks, kind, start, stop in records(self._content, at, end):
            if kind == SHAPE:
                identity, state = self._read_shape(start, stop, owner)
                if leads and not owner and not state & _PAGE:
                    owner = identity
                leads = False
            elif marks & 0xF == CONTAINER and depth < _MAX_DEPTH:
                self._read_shapes(start, stop, owner, depth + 1)

    def _read_shape(self, at: int, end: int, owner: int) -> tuple[int, int]:
        """Read a shape and return its number and its marks."""
        identity = state = 0
        shown: list[tuple[int, str]] = []
        for marks, kind, start, stop in records(self._content, at, end):
            if kind == _IDENTITY and stop - start >= 8:
                identity, state = struct.unpack_from("<II", self._content, start)
            elif kind == PROPERTIES:
                content, count = self._content[start:stop], marks >> 4
                stated = {number: value for number, value, _ in properties(content, count)}
                self._used |= {stated.get(number, 0) for number in (PICTURE, _FILL, _LINE_FILL)}
                words = alternative_text(content, count)
                fill = stated.get(_FILL, 0) if stated.get(_FILL_KIND) == _PICTURE_FILL else 0
                shown += [(number, words) for number in (stated.get(PICTURE, 0), fill) if number]
        if shown and self._left > 0 and not state & _DELETED:
            self._left -= len(shown)
            self._shapes.setdefault(owner or identity, []).extend(shown)
        return identity, state
