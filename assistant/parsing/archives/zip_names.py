"""Reads the names in ZIP archives, whose encoding most of them do not state."""

from __future__ import annotations

import struct
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zipfile import ZipInfo

_FLAG_UTF8 = 0x800
_UNICODE_PATH = 0x7075  # an extra field with the name in UTF-8, as Info-ZIP writes it
_EXTRA = struct.Struct("<HH")
_PATH = struct.Struct("<BI")  # the field's version, and the checksum of the name that it stands for
_VOWELS = frozenset("aeiouyäöüAEIOUYÄÖÜ")
_DASHES, _APOSTROPHES = frozenset("–—"), frozenset("’´")  # noqa: RUF001
# What people write into names beside letters. All else is what one encoding makes of the other's letters.
_SIGNS = _DASHES | _APOSTROPHES | frozenset("‘“”„‚«»‹›…•·§©®™°²³ªº½¼¾±×÷€£¥¢µ¡¿\xa0\xad")  # noqa: RUF001
_IMPOSSIBLE = 100.0


def entry_names(entries: Sequence[ZipInfo]) -> list[str]:
    """Return the names of the entries of one archive.

    The format knows UTF-8, if marked, and cp437. But many programs write UTF-8 without a mark, and others the code page
    of Windows (cp1252). Bytes that are UTF-8 are taken for it. Of the other two, that one is taken in which a name
    looks more like one; where both look alike, the one in which the archive's other names do, and cp437 at last.
    """
    names: list[str] = []
    unsure: list[int] = []
    total = 0.0
    for at, entry in enumerate(entries):
        name, raw = _stated(entry)
        if raw:
            windows = _read(raw, "cp1252")
            advantage = _oddness(name) - (_oddness(windows) if windows else _IMPOSSIBLE)
            total += advantage
            if advantage > 0:
                name = windows
            elif advantage == 0:
                unsure.append(at)
        names.append(name)
    if total > 0:
        for at in unsure:
            names[at] = _read(_stated(entries[at])[1], "cp1252")
    return names


def _stated(entry: ZipInfo) -> tuple[str, bytes]:
    """Return a name, and its bytes if nothing but a guess says how they are to be read: the name is in cp437 then."""
    name = entry.filename
    if entry.flag_bits & _FLAG_UTF8 or name.isascii():
        return name, b""
    try:
        raw = name.encode("cp437")  # as which the library reads all that is not marked
    except UnicodeEncodeError:
        return name, b""
    known = _unicode_path(entry.extra, raw) or _read(raw, "utf-8")
    return (known, b"") if known else (name, raw)


def _unicode_path(extra: bytes, raw: bytes) -> str:
    """Return the name in UTF-8 that an extra field holds, if it is of this name."""
    at = 0
    while at + _EXTRA.size <= len(extra):
        kind, length = _EXTRA.unpack_from(extra, at)
        field = extra[at + _EXTRA.size : at + _EXTRA.size + length]
        if kind == _UNICODE_PATH and len(field) > _PATH.size:
            version, checksum = _PATH.unpack_from(field)
            if version == 1 and checksum == zlib.crc32(raw):
                return _read(field[_PATH.size :], "utf-8")
        at += _EXTRA.size + length
    return ""


def _read(raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return ""


def _oddness(name: str) -> float:
    """Return how little a name looks like one: 0 where each letter beyond ASCII stands in a word as letters do."""
    return sum(_odd(before, character, after) for before, character, after in _neighbours(name))


def _neighbours(name: str) -> Iterator[tuple[str, str, str]]:
    """Yield the characters beyond ASCII, each with the one before and the one after it."""
    for at, character in enumerate(name):
        if character > "\x7f":
            yield name[at - 1 : at] if at else "", character, name[at + 1 : at + 2]


def _odd(before: str, character: str, after: str) -> float:
    if character in _SIGNS:
        return _odd_sign(before, character, after)
    if not (character.isalpha() and unicodedata.name(character, "").startswith("LATIN ")) or character == "ƒ":
        return 4.0
    if character == "ß":  # cp437 has it where cp1252 has á
        return 0.0 if before in _VOWELS else 2.0
    if not (before.isalpha() or after.isalpha()):
        return 1.0
    jumps = (before.islower() and character.isupper()) or (character.islower() and after.isupper())
    return 1.0 if jumps else 0.0


def _odd_sign(before: str, character: str, after: str) -> float:
    between = before.isalpha() and after.isalpha()
    if character in _APOSTROPHES or (character in "€§" and not between):
        return 0.5
    if character in _DASHES:
        return 0.9 if between else 0.5
    if character in "ºª" and not before.isalnum():
        return 2.0
    return 3.0 if between else 1.0
