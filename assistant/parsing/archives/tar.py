"""Parser of TAR archives, packed or not, and of single files packed with gzip, bzip2 or xz; bombs are refused."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import IO, Self, cast

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from assistant.parsing.archives.contents import (
    MAX_ENTRIES,
    MAX_TOTAL,
    UNPACK,
    Contents,
    Readable,
    refuse_bomb,
    too_large,
)
from assistant.parsing.member_names import repaired
from assistant.types import Document, DocumentRef

_TYPES = frozenset(
    {"application/x-tar", "application/gzip", "application/x-gzip", "application/x-bzip2", "application/x-xz"}
)
_PACKED = {".gz", ".bz2", ".xz"}
_BLOCK = tarfile.BLOCKSIZE
_BROKEN_HEADERS = {"InvalidHeaderError", "TruncatedHeaderError"}  # the others mark the end
_MAX_HEADERS = 64 * 1024 * 1024  # bytes of an archive that are not files' content
_MAX_DICTIONARY = 256 * 1024 * 1024  # bytes of memory that xz may take; its strongest setting takes 65 MB
_BROKEN = (
    tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, OverflowError
)  # fmt: skip


class TarParser:
    """Reads TAR, gzip, bzip2 and xz."""

    name = "tar"
    version = "2"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is such an archive, or a file packed in such a way."""
        return ref.media_type in _TYPES

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the list of files; the files are members. See `interfaces.Parser` for what is raised."""
        if not data:
            raise EmptyDocumentError(f"{ref.key}: the file is empty", "pack it again, or remove it")
        try:
            stream = _Unpacked(ref.key, data)
            head = stream.peek(_BLOCK)
        except _BROKEN as error:
            raise DamagedDocumentError(f"{ref.key}: no readable archive: {error}", "pack it again") from error
        contents = Contents(ref)
        if _is_tar(head) or (not stream.packed and len(head) == _BLOCK and not any(head)):  # or an archive of nothing
            _read_tar(ref.key, stream, contents)
        elif not stream.packed:
            raise DamagedDocumentError(f"{ref.key}: no TAR archive", "correct the file's name or type")
        elif not contents.add(_single(ref), stream, None, _BROKEN):
            raise DamagedDocumentError(f"{ref.key}: the packed file is damaged", "pack it again")
        return contents.document()


class _Unpacked:
    """Unpacks bytes piece by piece and refuses to go on where they become too many."""

    def __init__(self, key: str, data: bytes) -> None:
        self._key = key
        self._size = len(data)
        self._given = 0
        self._ahead = b""
        opener = _opener(key, data)
        self.packed = opener is not None
        self._stream: Readable = opener(io.BytesIO(data)) if opener else io.BytesIO(data)

    def peek(self, size: int) -> bytes:
        """Return the first bytes, which are read again after this."""
        self._ahead = self._stream.read(size)
        return self._ahead

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, none at the end."""
        if self._ahead:
            piece, self._ahead = self._ahead[:size], self._ahead[size:]
        else:
            piece = self._stream.read(size)
        self._given += len(piece)
        if self.packed:
            refuse_bomb(self._key, "the archive", self._given, self._size)
        if self._given > MAX_TOTAL + _MAX_HEADERS:
            raise too_large(self._key)
        return piece


def _opener(key: str, data: bytes) -> Callable[[IO[bytes]], Readable] | None:
    """Return what unpacks such bytes, None where they are not packed."""
    if data.startswith(b"\x1f\x8b"):
        return lambda source: gzip.GzipFile(fileobj=source)
    if data.startswith(b"BZh"):
        return bz2.BZ2File
    if not data.startswith(b"\xfd7zXZ\0"):
        return None
    try:
        lzma.LZMADecompressor(memlimit=_MAX_DICTIONARY).decompress(data[:_BLOCK], max_length=1)
    except lzma.LZMAError as error:
        if "limit" in str(error):
            raise DocumentTooLargeError(
                f"{key}: unpacking it takes over {_MAX_DICTIONARY:,} bytes of memory", UNPACK
            ) from error
        raise
    return lzma.LZMAFile


class _Entry(tarfile.TarInfo):
    """An entry whose damage is an error: the library takes a broken header inside of an archive for its end."""

    @classmethod
    def fromtarfile(cls, archive: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(archive)
        except tarfile.HeaderError as error:
            if type(error).__name__ in _BROKEN_HEADERS:
                raise tarfile.ReadError(str(error)) from error
            raise


def _is_tar(head: bytes) -> bool:
    """Whether this is a TAR archive's first header: its checksum is right."""
    try:
        tarfile.TarInfo.frombuf(head, "utf-8", "surrogateescape")
    except (tarfile.TarError, ValueError):
        return False
    return True


def _read_tar(key: str, stream: _Unpacked, contents: Contents) -> None:
    """Read the archive from begin to end; where it is damaged it breaks off, and says so."""
    try:
        # As a stream: nothing is sought, so that no header can send the reader back and around.
        with tarfile.open(
            fileobj=cast("IO[bytes]", stream), mode="r|", tarinfo=_Entry, encoding="utf-8", errors="surrogateescape"
        ) as archive:
            for count, entry in enumerate(archive, start=1):
                if count > MAX_ENTRIES:
                    raise DocumentTooLargeError(f"{key}: the archive has over {MAX_ENTRIES:,} entries", "split it")
                if not _take(archive, entry, contents):
                    break
    except _BROKEN:
        contents.breaks_off("the archive is damaged here")


def _take(archive: tarfile.TarFile, entry: tarfile.TarInfo, contents: Contents) -> bool:
    """Read an entry. Returns whether the archive may be read on."""
    name = repaired(entry.name)
    if entry.isdir() or contents.is_litter(name):
        return True
    if entry.issym() or entry.islnk():
        contents.leave_out(name, "a link")
    elif not entry.isfile():
        contents.leave_out(name, "a device")
    elif entry.issparse():
        contents.leave_out(name, "a file with holes")
    else:
        stream = archive.extractfile(entry)
        if stream is None or not contents.add(name, stream, None, _BROKEN):
            contents.breaks_off("the archive is damaged here")
            return False
    return True


def _single(ref: DocumentRef) -> str:
    """Return the name of a file that is packed alone: the archive's without its ending."""
    path = PurePosixPath(ref.key.rpartition("!/")[2].replace("\\", "/"))
    return path.stem if path.suffix.lower() in _PACKED else path.name
