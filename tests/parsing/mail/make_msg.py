"""Writes tiny Outlook mails: compound files (MS-CFB) with properties (MS-OXMSG), as no library does."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

Folder = dict[str, "bytes | Folder"]

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_END, _FREE, _FAT, _NONE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD, 0xFFFFFFFF
_TEXT, _ANSI, _BYTES, _NUMBER, _TIME = 0x001F, 0x001E, 0x0102, 0x0003, 0x0040
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


class Ansi(bytes):
    """A text that is not Unicode."""


def mail(
    properties: dict[int, str | bytes | int | datetime],
    people: list[dict[int, str | bytes | int | datetime]] | None = None,
    attached: list[Folder] | None = None,
    header: int = 32,
) -> Folder:
    """Return a mail's folder; `header` is 24 for one that is attached to another."""
    folder = item(properties, header)
    for number, person in enumerate(people or []):
        folder[f"__recip_version1.0_#{number:08X}"] = item(person)
    for number, content in enumerate(attached or []):
        folder[f"__attach_version1.0_#{number:08X}"] = content
    return folder


def item(properties: dict[int, str | bytes | int | datetime], header: int = 8, inner: Folder | None = None) -> Folder:
    """Return the folder of an attachment, or of somebody who receives a mail; `inner` is what is attached whole."""
    folder: Folder = {}
    entries = bytes(header)
    for number, value in properties.items():
        kind, fixed, stream = _value(value)
        entries += struct.pack("<HHI8s", kind, number, 6, fixed)
        if stream is not None:
            folder[f"__substg1.0_{number:04X}{kind:04X}"] = stream
    folder["__properties_version1.0"] = entries
    if inner is not None:
        folder["__substg1.0_3701000D"] = inner
    return folder


def _value(value: str | bytes | int | datetime) -> tuple[int, bytes, bytes | None]:
    if isinstance(value, str):
        return _TEXT, bytes(8), value.encode("utf-16-le")
    if isinstance(value, Ansi):
        return _ANSI, bytes(8), bytes(value)
    if isinstance(value, bytes):
        return _BYTES, bytes(8), value
    if isinstance(value, int):
        return _NUMBER, struct.pack("<Q", value), None
    return _TIME, struct.pack("<Q", int((value - _EPOCH).total_seconds()) * 10_000_000), None


def compound(root: Folder) -> bytes:
    """Return a compound file with these streams and storages."""
    return _Writer(root).file()


class _Writer:
    def __init__(self, root: Folder) -> None:
        self._sectors: list[bytes] = []
        self._fat: list[int] = []
        self._mini = bytearray()
        self._mini_fat: list[int] = []
        self._entries: list[list[object]] = [
            ["Root Entry", 5, _NONE, _NONE, _END, 0]
        ]  # name, kind, right, child, at, size
        self._entries[0][3] = self._folder(root)

    def file(self) -> bytes:
        self._entries[0][4], self._entries[0][5] = self._chain(bytes(self._mini)), len(self._mini)
        mini_fat = struct.pack(f"<{len(self._mini_fat)}I", *self._mini_fat)
        mini_at, mini_count = self._chain(mini_fat, b"\xff"), -(-len(mini_fat) // _SECTOR)
        directory_at = self._chain(b"".join(map(self._entry, self._entries)))
        tables = 1
        while (len(self._fat) + tables) * 4 > tables * _SECTOR:
            tables += 1
        assert tables <= 109, "too large for a test"
        at = list(range(len(self._fat), len(self._fat) + tables))
        fat = self._fat + [_FAT] * tables
        fat += [_FREE] * (-len(fat) % (_SECTOR // 4))
        head = struct.pack(
            "<8s16xHHHHH6xIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0x3E, 3, 0xFFFE, 9, 6,
            0, tables, directory_at, 0, _CUTOFF, mini_at, mini_count, _END, 0,
        )  # fmt: skip
        head += struct.pack("<109I", *at, *[_FREE] * (109 - tables))
        return head + b"".join(self._sectors) + struct.pack(f"<{len(fat)}I", *fat)

    def _folder(self, folder: Folder) -> int:
        """Write what a folder holds. Returns the number of its first entry; each is the right neighbour of the last."""
        first = last = _NONE
        for name, content in folder.items():
            number = len(self._entries)
            entry: list[object] = [name, 1 if isinstance(content, dict) else 2, _NONE, _NONE, _END, 0]
            self._entries.append(entry)
            if isinstance(content, dict):
                entry[3], entry[4] = self._folder(content), 0
            else:
                entry[4] = self._chain(content) if len(content) >= _CUTOFF else self._small(content)
                entry[5] = len(content)
            if last != _NONE:
                self._entries[last][2] = number
            first, last = number if first == _NONE else first, number
        return first

    def _chain(self, data: bytes, fill: bytes = b"\0") -> int:
        start = len(self._fat)
        count = -(-len(data) // _SECTOR)
        padded = data.ljust(count * _SECTOR, fill)
        self._sectors += [padded[at : at + _SECTOR] for at in range(0, len(padded), _SECTOR)]
        self._fat += [*range(start + 1, start + count), _END] if count else []
        return start if count else _END

    def _small(self, data: bytes) -> int:
        start = len(self._mini_fat)
        count = -(-len(data) // _MINI)
        self._mini += data.ljust(count * _MINI, b"\0")
        self._mini_fat += [*range(start + 1, start + count), _END] if count else []
        return start if count else _END

    @staticmethod
    def _entry(entry: list[object]) -> bytes:
        name, kind, right, child, at, size = entry
        raw = str(name).encode("utf-16-le") + b"\0\0"
        return struct.pack(
            "<64sHBBIII16x4x16xIQ", raw, len(raw), kind, 1, _NONE, right, child, at, size
        )  # fmt: skip
