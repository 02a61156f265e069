"""Parser of ZIP archives: the text lists what is inside, each file is a member; bombs are refused."""

from __future__ import annotations

import io
import stat
import zipfile
import zlib

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from assistant.parsing.archives.contents import ENCRYPTED, MAX_ENTRIES, UNPACK, Contents, refuse_bomb
from assistant.parsing.archives.iwork import NOTICE, is_iwork, no_preview, preview_of
from assistant.parsing.archives.zip_names import entry_names
from assistant.types import Document, DocumentRef

_FLAG_ENCRYPTED = 0x1
_LOCAL_HEADER = 30  # bytes before a file's name and content
_UNIX = 3
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError)


class ZipParser:
    """Reads `application/zip`."""

    name = "zip"
    version = "4"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is a ZIP archive that is nothing more special."""
        return ref.media_type in {"application/zip", "application/x-zip-compressed"}

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the list of files; the files are members. See `interfaces.Parser` for what is raised."""
        if not data:
            raise EmptyDocumentError(f"{ref.key}: the file is empty", "pack it again, or remove it")
        contents = Contents(ref)
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                _read(ref.key, archive, contents)
        except _BROKEN as error:
            raise DamagedDocumentError(f"{ref.key}: no readable ZIP archive: {error}", "pack it again") from error
        return contents.document()


def _read(key: str, archive: zipfile.ZipFile, contents: Contents) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise DocumentTooLargeError(f"{key}: the archive has over {MAX_ENTRIES:,} entries", "split it")
    _refuse_overlap(key, entries)
    names = entry_names(entries)
    only = None
    if is_iwork(names):
        only = preview_of(names)
        if only is None:
            raise no_preview(key, names)
        contents.say(NOTICE)
    for entry, name in zip(entries, names, strict=True):
        if only is not None and name != only:
            continue
        if entry.is_dir() or contents.is_litter(name):
            continue
        refuse_bomb(key, name, entry.file_size, entry.compress_size)
        if _is_link(entry):
            contents.leave_out(name, "a link")
        elif entry.flag_bits & _FLAG_ENCRYPTED:
            contents.leave_out(name, ENCRYPTED)
        else:
            _add(archive, entry, name, contents)


def _add(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str, contents: Contents) -> None:
    try:
        stream = archive.open(entry)
    except _BROKEN:
        contents.leave_out(name, "damaged")
        return
    with stream:
        contents.add(name, stream, entry.compress_size, _BROKEN)


def _refuse_overlap(key: str, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse files that share bytes: a few bytes could be unpacked any number of times."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise DocumentTooLargeError(f"{key}: files of the archive overlap (an archive bomb?): refused", UNPACK)
        end = entry.header_offset + _LOCAL_HEADER + entry.compress_size


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return entry.create_system == _UNIX and stat.S_ISLNK(entry.external_attr >> 16)
