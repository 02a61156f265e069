"""Parser of ZIP archives: the text lists what is inside, each file is a member; bombs are refused."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import replace

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError, EncryptedDocumentError
from assistant.parsing.builder import TextBuilder, clean
from assistant.parsing.mail import MAX_MEMBERS, Names
from assistant.types import Document, DocumentRef, Member

MAX_TOTAL = 256 * 1024 * 1024  # bytes unpacked of one archive: they cross a pipe and are held twice on the way
_MAX_RATIO = 200
_RATIO_FROM = 10 * 1024 * 1024  # a small file may be as repetitive as it likes
_PIECE = 1 << 18
_ENCRYPTED, _UTF8 = 0x1, 0x800
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError)


class ZipParser:
    """Reads `application/zip`."""

    name = "zip"
    version = "1"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a ZIP archive that is nothing more special."""
        return ref.media_type in {"application/zip", "application/x-zip-compressed"}

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the list of files; the files are members. See `interfaces.Parser` for what is raised."""
        if not data:
            raise EmptyDocumentError(f"{ref.key}: the file is empty")
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return _read(ref, archive)
        except _BROKEN as error:
            raise DamagedDocumentError(f"{ref.key}: no readable ZIP archive: {error}", "pack it again") from error


def _read(ref: DocumentRef, archive: zipfile.ZipFile) -> Document:
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_litter(entry.filename)]
    if len(entries) > MAX_MEMBERS:
        raise DocumentTooLargeError(f"{ref.key}: the archive has over {MAX_MEMBERS:,} files", "split it")
    if not entries:
        raise EmptyDocumentError(f"{ref.key}: the archive holds no files")
    if all(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise EncryptedDocumentError(f"{ref.key}: the archive asks for a password", "store a copy without password")
    for entry in entries:
        _refuse_bomb(ref.key, entry.filename, entry.file_size, entry.compress_size)
    names = Names()
    members: list[Member] = []
    lines: list[str] = []
    left = MAX_TOTAL
    for entry in entries:
        name = names.unique(_name(entry))
        if entry.flag_bits & _ENCRYPTED:
            lines.append(f"{name} (encrypted, not read)")
            continue
        try:
            content = _content(ref.key, archive, entry, left)
        except _BROKEN:
            lines.append(f"{name} (damaged, not read)")
            continue
        left -= len(content)
        members.append(Member(name, content))
        lines.append(f"{name} ({len(content):,} bytes)")
    if not members:
        raise DamagedDocumentError(f"{ref.key}: no file of the archive can be unpacked", "pack it again")
    return listed(ref, lines, members)


def listed(ref: DocumentRef, lines: list[str], members: list[Member]) -> Document:
    """Return the document of an archive: a heading with its name, a line a file, and the files as members."""
    builder = TextBuilder()
    builder.add("heading", clean(ref.title).strip() or "Archive", level=1)
    builder.add("text", "\n".join(lines))
    return replace(builder.build(ref), members=tuple(members))


def _content(key: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    """Return a file's bytes, counted while they are unpacked: what the archive says of its size may be a lie."""
    found = bytearray()
    with archive.open(entry) as stream:
        while piece := stream.read(_PIECE):
            found += piece
            _refuse_bomb(key, entry.filename, len(found), entry.compress_size)
            if len(found) > left:
                raise DocumentTooLargeError(f"{key}: the archive unpacks to over {MAX_TOTAL:,} bytes", "split it")
    return bytes(found)


def _refuse_bomb(key: str, name: str, unpacked: int, packed: int) -> None:
    ratio = unpacked / max(packed, 1)
    if unpacked > _RATIO_FROM and ratio > _MAX_RATIO:
        raise DocumentTooLargeError(
            f"{key}: {clean(name)} unpacks to {ratio:,.0f} times its size (an archive bomb?): refused"
        )


def _name(entry: zipfile.ZipInfo) -> str:
    """Return the entry's name: many tools write UTF-8 without saying so, which the library reads as cp437."""
    if entry.flag_bits & _UTF8:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


def _is_litter(name: str) -> bool:
    """Whether this is what file managers put into archives for themselves."""
    parts = name.replace("\\", "/").split("/")
    return "__MACOSX" in parts or parts[-1] in {".DS_Store", "Thumbs.db", "desktop.ini"}
