"""Opens the old binary formats' container (OLE) with care, and reads what it says of the document."""

from __future__ import annotations

import codecs
import io
import struct
from datetime import datetime

from assistant.errors import DamagedDocumentError, EmptyDocumentError, EncryptedDocumentError
from assistant.parsing.builder import clean
from assistant.parsing.metadata import iso_time
from assistant.parsing.ooxml.package import locked
from assistant.types import DocumentRef, Metadata

_FIRST_YEAR = 1981  # times before it are what an empty field reads as
_CODE_PAGES = {10_000: "mac_roman", 65_001: "utf-8", 1_200: "utf-16-le"}


def check_ole(ref: DocumentRef, data: bytes, stream: str) -> bytes:
    """Return the stream `stream` of an OLE file.

    Raises:
        EmptyDocumentError, EncryptedDocumentError: as named.
        DamagedDocumentError: it is no OLE file, or has no such stream.
    """
    import olefile

    if not data:
        raise EmptyDocumentError(f"{ref.key}: the file is empty")
    try:
        with olefile.OleFileIO(data) as ole:
            is_locked = ole.exists("EncryptedPackage")
            content: bytes = b"" if is_locked else ole.openstream(stream).read()
    except Exception as error:  # olefile raises many kinds on broken files
        raise DamagedDocumentError(f"{ref.key}: not such a file: {error}", "open and save it again") from error
    if is_locked:
        raise encrypted(ref)
    return content


def optional_stream(data: bytes, name: str) -> bytes:
    """Return a stream of an OLE file that was found readable, nothing where there is none."""
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            return bytes(ole.openstream(name).read()) if ole.exists(name) else b""
    except (OSError, ValueError, IndexError, TypeError, AttributeError, struct.error):
        return b""


def encrypted(ref: DocumentRef) -> EncryptedDocumentError:
    """Return the error for a file that asks for a password."""
    return locked(ref.key)


def ole_metadata(data: bytes) -> tuple[str, Metadata]:
    """Return the title and the metadata that an OLE file's summary states; nothing where it cannot be read."""
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            stated = ole.get_metadata()
    except Exception:  # noqa: BLE001 (olefile raises many kinds; what a file says of itself is not worth the file)
        return "", Metadata()
    page = stated.codepage if isinstance(stated.codepage, int) else 1252
    author = _text(stated.author, page)
    metadata = Metadata(
        authors=tuple(filter(None, (name.strip() for name in author.split(";")))),
        created=_time(stated.create_time),
        modified=_time(stated.last_saved_time),
    )
    return _text(stated.title, page), metadata


def _text(value: object, page: int) -> str:
    if isinstance(value, bytes):
        page %= 1 << 16  # stated as a signed number
        name = _CODE_PAGES.get(page, f"cp{page}")
        try:
            codecs.lookup(name)
        except LookupError:
            name = "cp1252"
        value = value.decode(name, "replace")
    return " ".join(clean(value.replace("\0", "")).split()) if isinstance(value, str) else ""


def _time(value: object) -> str:
    return iso_time(value) if isinstance(value, datetime) and value.year >= _FIRST_YEAR else ""
