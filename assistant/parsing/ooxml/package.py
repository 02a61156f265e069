"""Opens Office Open XML packages with care: archive bombs, entity bombs and passwords are refused before unpacking."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from types import TracebackType
from typing import TYPE_CHECKING

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError, EncryptedDocumentError
from assistant.parsing.safe_xml import safe_root

if TYPE_CHECKING:
    from lxml.etree import _Element

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
_MAX_ENTRIES = 20_000
_HEAD = 65_536
_MAX_PART = 128 * 1024 * 1024  # one XML part unpacked; parsed, it takes several times as much memory
_MAX_RATIO = 300  # real documents stay below 100, an archive bomb is above 1,000
_RATIO_FROM = 16 * 1024 * 1024  # a small part may be as repetitive as it likes
_OFFICE_DOCUMENT = "/officeDocument"


def local_name(element: _Element) -> str:
    """Return the element's name without its namespace; an empty string for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: _Element, name: str) -> str | None:
    """Return an attribute by its name without namespace."""
    for full, value in element.attrib.items():
        if str(full).rpartition("}")[2] == name:
            return str(value)
    return None


def find_child(element: _Element | None, *path: str) -> _Element | None:
    """Return the first descendant along `path` of local names, or None."""
    for name in path:
        if element is None:
            return None
        element = next((child for child in element if local_name(child) == name), None)
    return element


def locked(key: str, kind: str = "file") -> EncryptedDocumentError:
    """Return the error for an Office file that asks for a password; `kind` is what it is called in it."""
    return EncryptedDocumentError(
        f"{key}: the {kind} asks for a password", "give its source the password, or store a copy without"
    )


class Package:
    """An Office Open XML file that was found safe to unpack.

    Raises (while opening):
        EncryptedDocumentError: it asks for a password.
        DocumentTooLargeError: it unpacks to more than is safe to read.
        DamagedDocumentError: it is not such a file.
    """

    def __init__(self, key: str, data: bytes) -> None:
        self._key = key
        if not data:
            raise EmptyDocumentError(f"{key}: the file is empty")
        if data.startswith(OLE_MAGIC):
            if _ENCRYPTED_STREAM in data:
                raise locked(key)
            raise DamagedDocumentError(f"{key}: an old binary Office file, renamed", "save it in the new format")
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise DamagedDocumentError(f"{key}: not an Office file: {error}", "open and save it again") from error
        self._check()

    def __enter__(self) -> Package:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    def _check(self) -> None:
        entries = self._archive.infolist()
        if len(entries) > _MAX_ENTRIES:
            raise DocumentTooLargeError(f"{self._key}: the archive has {len(entries):,} entries: refused")
        for entry in entries:
            ratio = entry.file_size / max(entry.compress_size, 1)
            if entry.file_size > _RATIO_FROM and ratio > _MAX_RATIO:
                raise DocumentTooLargeError(
                    f"{self._key}: {entry.filename} unpacks to {ratio:,.0f} times its size (an archive bomb?): refused"
                )
            if entry.flag_bits & 1:
                raise locked(self._key)

    def names(self) -> list[str]:
        """Return the names of all parts."""
        return self._archive.namelist()

    def checked_part(self, name: str) -> bytes:
        """Return a part that a library will read as well, once it is found to be no bomb; nothing if it is missing.

        Raises:
            DocumentTooLargeError: it unpacks to more than is safe to read.
            DamagedDocumentError: it cannot be unpacked, or declares entities.
        """
        content = self.part(name) or b""
        head = content[:_HEAD]
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            raise DamagedDocumentError(f"{self._key}: {name} declares a document type (an entity bomb?): refused")
        return content

    def part(self, name: str) -> bytes | None:
        """Return a part's bytes, or None where there is no such part; raises as `xml` does."""
        try:
            entry = self._archive.getinfo(name)
        except KeyError:
            return None
        if entry.file_size > _MAX_PART:
            raise DocumentTooLargeError(
                f"{self._key}: {name} unpacks to {entry.file_size:,} bytes, over the limit of {_MAX_PART:,}",
                "split the document",
            )
        try:
            return self._archive.read(entry)  # never unpacks more than the size that was just checked
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
            raise DamagedDocumentError(f"{self._key}: {name} cannot be unpacked: {error}") from error

    def main_part(self) -> str:
        """Return the name of the part that holds the document itself."""
        relations = self.xml("_rels/.rels")
        for relation in relations if relations is not None else ():
            if (attribute(relation, "Type") or "").endswith(_OFFICE_DOCUMENT):
                return posixpath.normpath((attribute(relation, "Target") or "").lstrip("/"))
        raise DamagedDocumentError(f"{self._key}: the Office file names no main document", "open and save it again")

    def xml(self, name: str) -> _Element | None:
        """Return the root of an XML part, or None where there is no such part.

        Raises:
            DocumentTooLargeError: the part is too large to be parsed.
            DamagedDocumentError: it cannot be unpacked, is not well-formed or declares a document type.
        """
        content = self.part(name)
        return None if content is None else safe_root(content, f"{self._key}: {name}")
