"""Finds the current slides in the records of an old PowerPoint file ([MS-PPT]), whatever older versions it keeps."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace

DOCUMENT, SLIDE_LIST, SLIDE_PERSIST = 0x03E8, 0x0FF0, 0x03F3
SLIDE_ATOM, NOTES_ATOM, DRAWING = 0x03EF, 0x03F1, 0x040C
TEXT_KIND, TEXT_WIDE, TEXT_BYTES, STRING = 0x0F9F, 0x0FA0, 0x0FA8, 0x0FBA
OUTLINE_REFERENCE, TEXTBOX, COMMENT = 0x0F9E, 0xF00D, 0x2EE0
SHAPES, SHAPE, PROPERTIES, CHILD_ANCHOR = 0xF003, 0xF004, 0xF122, 0xF00F
_USER_EDIT, _DIRECTORY = 0x0FF5, 0x1772
_TAG_DATA = 0x138B  # not marked as a container, and one all the same
_HEADER = struct.Struct("<HHI")
_MAX_DEPTH = 40
_MAX_EDITS = 10_000


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the stream: what it is, its instance, and where its content stands."""

    kind: int
    instance: int
    start: int
    end: int
    is_container: bool


class PptStream:
    """The stream `PowerPoint Document`; raises `ValueError` where it is not one that can be followed."""

    def __init__(self, stream: bytes, current_user: bytes) -> None:
        self.stream = stream
        self._places, self._document = self._directory(current_user)

    def record(self, at: int) -> Record | None:
        """Return the record at `at`, or None where there is none."""
        if not 0 <= at <= len(self.stream) - _HEADER.size:
            return None
        marks, kind, length = _HEADER.unpack_from(self.stream, at)
        start = at + _HEADER.size
        is_container = marks & 0xF == 0xF or kind == _TAG_DATA
        return Record(kind, marks >> 4, start, min(start + length, len(self.stream)), is_container)

    def children(self, parent: Record) -> Iterator[Record]:
        """Yield the records in a container, in their order."""
        at = parent.start
        while at < parent.end:
            record = self.record(at)
            if record is None:
                return
            yield record if record.end <= parent.end else replace(record, end=max(parent.end, record.start))
            at = record.end

    def find(self, parent: Record, kind: int, depth: int = 0) -> Iterator[Record]:
        """Yield the records of that kind anywhere below `parent`."""
        for record in self.children(parent):
            if record.kind == kind:
                yield record
            elif record.is_container and depth < _MAX_DEPTH:
                yield from self.find(record, kind, depth + 1)

    def content(self, record: Record) -> bytes:
        """Return a record's content."""
        return self.stream[record.start : record.end]

    def document(self) -> Record:
        """Return the document's own container."""
        record = self.persisted(self._document)
        if record is None or record.kind != DOCUMENT:
            raise ValueError("no document")
        return record

    def persisted(self, identity: int) -> Record | None:
        """Return the current version of the object with this id."""
        at = self._places.get(identity)
        return self.record(at) if at is not None else None

    def _directory(self, current_user: bytes) -> tuple[dict[int, int], int]:
        """Return where the objects stand, the newest version of each, and the id of the document."""
        if len(current_user) < 20:
            raise ValueError("no current user")
        edit_at = int.from_bytes(current_user[16:20], "little")
        places: dict[int, int] = {}
        document: int | None = None
        seen: set[int] = set()
        while edit_at not in seen and len(seen) < _MAX_EDITS:
            seen.add(edit_at)
            edit = self.record(edit_at)
            if edit is None or edit.kind != _USER_EDIT or edit.end - edit.start < 20:
                break
            before, directory_at, own = struct.unpack_from("<III", self.stream, edit.start + 8)
            document = own if document is None else document
            directory = self.record(directory_at)
            if directory is not None and directory.kind == _DIRECTORY:
                for identity, place in _entries(self.content(directory)):
                    places.setdefault(identity, place)
            if not before:
                break
            edit_at = before
        if document is None:
            raise ValueError("no edit")
        return places, document


def _entries(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield the id and the place of each object of a directory, which stand there in runs."""
    numbers = struct.unpack_from(f"<{len(content) // 4}I", content)
    at = 0
    while at < len(numbers):
        first, count = numbers[at] & 0xFFFFF, numbers[at] >> 20
        for index, place in enumerate(numbers[at + 1 : at + 1 + count]):
            yield first + index, place
        at += 1 + count
