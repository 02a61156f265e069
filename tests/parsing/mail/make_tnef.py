"""Writes tiny TNEF files (MS-OXTNEF), as Outlook wraps mails in `winmail.dat`."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

Value = str | bytes | int | datetime
MESSAGE = bytes.fromhex("0703020000000000c000000000000046")
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


class Inner(bytes):
    """A mail in TNEF that is attached to another, or with another interface in front an object."""


class Ansi(bytes):
    """A text that is not Unicode."""


def attribute(level: int, number: int, value: bytes) -> bytes:
    """Return an attribute with its checksum."""
    return struct.pack("<BII", level, number, len(value)) + value + struct.pack("<H", sum(value) % 65536)


def tnef(properties: dict[int, Value], files: list[dict[int, Value]] | None = None,
         people: list[dict[int, Value]] | None = None, more: bytes = b"") -> bytes:  # fmt: skip
    """Return a file.

    Args:
        properties: the mail's, by number.
        files: the properties of each attachment; of one that is a file, its content is an attribute of its own.
        people: the properties of those who receive the mail.
        more: attributes that stand before the properties.
    """
    found = struct.pack("<IH", 0x223E9F78, 1) + attribute(1, 0x00089006, struct.pack("<I", 0x10000))
    found += attribute(1, 0x00069007, struct.pack("<II", 1252, 0)) + more
    found += attribute(1, 0x00069003, listed(properties))
    if people:
        found += attribute(1, 0x00069004, struct.pack("<I", len(people)) + b"".join(map(listed, people)))
    for file in files or []:
        content = file.get(0x3701)
        found += attribute(2, 0x00069002, bytes(14))
        if isinstance(content, bytes) and not isinstance(content, Inner):
            found += attribute(2, 0x0006800F, content)
            file = {number: value for number, value in file.items() if number != 0x3701}  # noqa: PLW2901
        found += attribute(2, 0x00069005, listed(file))
    return found


def listed(properties: dict[int, Value]) -> bytes:
    """Return a list of properties, with a named one and one of many values, which every reader has to pass over."""
    named = struct.pack("<HH16sII", 0x001F, 0x8001, bytes(16), 1, 6) + "abc".encode("utf-16-le") + b"\0\0" + _text("x")
    numbered = struct.pack("<HH16sIIi", 0x0003, 0x8002, bytes(16), 0, 0x8501, 7)
    many = struct.pack("<HHI", 0x101F, 0x3A58, 2) + _sized("one".encode("utf-16-le")) + _sized(b"")
    found = [named, numbered, many, *(_property(number, value) for number, value in properties.items())]
    return struct.pack("<I", len(found)) + b"".join(found)


def _property(number: int, value: Value) -> bytes:
    if isinstance(value, str):
        return struct.pack("<HH", 0x1F, number) + _text(value)
    if isinstance(value, Inner):
        return struct.pack("<HHI", 0x0D, number, 1) + _sized(value)
    if isinstance(value, Ansi):
        return struct.pack("<HHI", 0x1E, number, 1) + _sized(value + b"\0")
    if isinstance(value, bytes):
        return struct.pack("<HHI", 0x0102, number, 1) + _sized(value)
    if isinstance(value, int):
        return struct.pack("<HHI", 0x03, number, value)
    return struct.pack("<HHQ", 0x40, number, int((value - _EPOCH).total_seconds()) * 10_000_000)


def _text(value: str) -> bytes:
    return struct.pack("<I", 1) + _sized(value.encode("utf-16-le") + b"\0\0")


def _sized(value: bytes) -> bytes:
    return struct.pack("<I", len(value)) + value + bytes(-len(value) % 4)
