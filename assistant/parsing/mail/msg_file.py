"""Reads the storages and properties of an Outlook mail's file (MS-OXMSG), a compound file that olefile opens."""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from assistant.errors import DamagedDocumentError, DocumentTooLargeError
from assistant.parsing.archives.contents import MAX_TOTAL
from assistant.parsing.mail.code_pages import encoding_of
from assistant.parsing.mail.letter import body_text
from assistant.parsing.ooxml.package import OLE_MAGIC

if TYPE_CHECKING:
    from olefile import OleFileIO

# What olefile raises over broken files, where it does not say so by an OSError.
BROKEN = (OSError, ValueError, LookupError, TypeError, AttributeError, struct.error, OverflowError)
_INNER = "__substg1.0_3701000d"
_PROPERTIES = "__properties_version1.0"
_UNICODE, _ANSI, _BINARY = "001F", "001E", "0102"
_BODY_CODEPAGE, _CODEPAGE = 0x3FDE, 0x3FFD
_ENTRY = struct.Struct("<HHI8s")  # type, property, flags, value
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)


@contextmanager
def open_msg(key: str, data: bytes) -> Iterator[Storage]:
    """Open a file and hand out its outermost storage, the mail itself.

    Raises:
        DamagedDocumentError: it is no such file.
        DocumentTooLargeError: its storages are nested too deeply.
    """
    import olefile

    if not data.startswith(OLE_MAGIC):
        raise DamagedDocumentError(f"{key}: no Outlook mail", "correct the file's name or type")
    try:
        ole = olefile.OleFileIO(data)
    except RecursionError as error:
        raise DocumentTooLargeError(f"{key}: the file's storages are nested too deeply: refused") from error
    except BROKEN as error:
        raise DamagedDocumentError(f"{key}: no readable Outlook mail: {error}", "save it again") from error
    with ole:
        root = Storage(_File(key, ole), (), 32)
        if not root.is_object:
            raise DamagedDocumentError(f"{key}: no Outlook mail", "correct the file's name or type")
        yield root


class _File:
    """An open file: what stands where, and how much of it may still be read."""

    def __init__(self, key: str, ole: OleFileIO) -> None:
        self.key = key
        self._ole = ole
        self._left = MAX_TOTAL
        self._names: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
        for path in ole.listdir(streams=True, storages=True):
            folder = tuple(part.lower() for part in path[:-1])
            self._names[folder][path[-1].lower()] = path[-1]

    def names(self, path: tuple[str, ...]) -> dict[str, str]:
        """Return what stands in a storage: names by their lower-case form."""
        return self._names.get(path, {})

    def read(self, path: tuple[str, ...]) -> bytes:
        """Return a stream's bytes. Streams may share sectors: what is read is counted."""
        self._left -= self._ole.get_size(list(path))
        if self._left < 0:
            raise DocumentTooLargeError(f"{self.key}: what it holds is over {MAX_TOTAL:,} bytes: refused")
        content: bytes = self._ole.openstream(list(path)).read()
        return content


class Storage:
    """A mail, one who receives it or what is attached to it; its properties by their numbers in MS-OXPROPS.

    Args:
        file: holds it.
        path: where it stands there, in lower case.
        header: how many bytes stand before the entries of its properties: 32 or, inside of another, 24 for a mail, 8.
    """

    def __init__(self, file: _File, path: tuple[str, ...], header: int) -> None:
        self._file = file
        self._path = path
        self._header = header
        self._fixed: dict[int, bytes] | None = None

    @property
    def is_object(self) -> bool:
        """Whether this has properties: an attached document of another program has none."""
        return _PROPERTIES in self._file.names(self._path)

    def people(self) -> list[Storage]:
        """Return those who receive this mail."""
        return self._inside("__recip_version1.0_#")

    def attached(self) -> list[Storage]:
        """Return what is attached to this mail."""
        return self._inside("__attach_version1.0_#")

    def inner(self) -> Storage | None:
        """Return the mail, or the other program's object, that this attachment is, None if it is a file."""
        return next(iter(self._inside(_INNER, 24)), None)

    def text(self, *properties: int) -> str:
        """Return the first of these properties that is there as text, an empty string if none is."""
        for number in properties:
            raw = self._stream(number, _UNICODE)
            found = raw.decode("utf-16-le", "replace")
            if not found:
                found = body_text(self._stream(number, _ANSI), self._file.key, self.encoding)
            if found := found.replace("\0", "").strip("\ufeff"):
                return found
        return ""

    def binary(self, number: int) -> bytes:
        """Return a property of bytes, none if it is not there."""
        return self._stream(number, _BINARY)

    def number(self, number: int) -> int | None:
        """Return a property that is a number, None if it is not there."""
        raw = self._value(number)
        return None if raw is None else int.from_bytes(raw[:4], "little")

    def time(self, number: int) -> datetime | None:
        """Return a property that is a time, None if it is not there."""
        raw = self._value(number)
        ticks = 0 if raw is None else int.from_bytes(raw, "little")
        try:
            return _EPOCH + timedelta(seconds=ticks // 10_000_000) if ticks else None
        except OverflowError:
            return None

    @property
    def encoding(self) -> str:
        """The encoding of texts that are not Unicode."""
        return encoding_of(self.number(_BODY_CODEPAGE), self.number(_CODEPAGE))

    def _inside(self, prefix: str, header: int = 8) -> list[Storage]:
        """Return the storages in this one whose names begin so, in the order of their names."""
        found = sorted(name for name in self._file.names(self._path) if name.startswith(prefix))
        return [Storage(self._file, (*self._path, name), header) for name in found]

    def _stream(self, number: int, kind: str) -> bytes:
        name = f"__substg1.0_{number:04X}{kind}".lower()
        return self._file.read((*self._path, name)) if name in self._file.names(self._path) else b""

    def _value(self, number: int) -> bytes | None:
        if self._fixed is None:
            raw = self._file.read((*self._path, _PROPERTIES)) if self.is_object else b""
            whole = raw[self._header : len(raw) - (len(raw) - self._header) % _ENTRY.size]
            self._fixed = {found: value for _, found, _, value in _ENTRY.iter_unpack(whole)}
        return self._fixed.get(number)
