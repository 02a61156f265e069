"""Parser of the older Excel workbooks (XLS)."""

from __future__ import annotations

import io
import struct

from assistant.errors import DamagedDocumentError, EmptyDocumentError
from assistant.parsing.legacy.ole_file import ole_metadata
from assistant.parsing.ooxml.package import locked
from assistant.parsing.workbooks.sheets import read_workbook
from assistant.parsing.workbooks.xls_pictures import sheet_pictures
from assistant.types import Document, DocumentRef

_FILEPASS = 0x2F
_RECORDS = 20  # it follows the first ones


class XlsParser:
    """Reads `application/vnd.ms-excel`; a sheet is a page."""

    name = "xls"
    version = "4"

    def accepts(self, ref: DocumentRef) -> bool:
        """Whether this is an older workbook."""
        return ref.media_type == "application/vnd.ms-excel"

    def parse(self, ref: DocumentRef, data: bytes) -> Document:
        """Return the sheets' text and pictures. See `interfaces.Parser` for what is raised."""
        import olefile

        if not data:
            raise EmptyDocumentError(f"{ref.key}: the file is empty")
        if not olefile.isOleFile(data):
            raise DamagedDocumentError(f"{ref.key}: not an older Excel workbook", "save it again as XLSX")
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise locked(ref.key, "workbook")
        stream = _stream(data)
        if _locked(stream):
            raise locked(ref.key, "workbook")
        title, metadata = ole_metadata(data)
        return read_workbook(ref, data, sheet_pictures(stream), title, metadata)


def _stream(data: bytes) -> bytes:
    """Return the workbook's own stream, nothing where it is damaged."""
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(data)) as container:
            name = next((name for name in ("Workbook", "Book") if container.exists(name)), None)
            content: bytes = container.openstream(name).read() if name else b""
    except (OSError, ValueError, IndexError, TypeError, AttributeError, struct.error):
        return b""  # the library that reads it will say what is wrong with it
    return content


def _locked(stream: bytes) -> bool:
    """Whether a FILEPASS record stands near the begin of the workbook's stream ([MS-XLS], 2.4.117)."""
    at = 0
    for _ in range(_RECORDS):
        if at + 4 > len(stream):
            return False
        kind, length = struct.unpack_from("<HH", stream, at)
        if kind == _FILEPASS:
            return True
        at += 4 + length
    return False
