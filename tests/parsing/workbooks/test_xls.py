"""Older workbooks: what is none, or locked."""

from __future__ import annotations

import pytest

from assistant.errors import DamagedDocumentError, EmptyDocumentError, EncryptedDocumentError
from assistant.parsing.workbooks.xls import XlsParser
from assistant.types import DocumentRef

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class TestXls:
    REF = DocumentRef("files", "a.xls", "v1", "a.xls", "", "application/vnd.ms-excel")

    def test_what_is_none(self):
        assert XlsParser().accepts(self.REF)
        with pytest.raises(EmptyDocumentError):
            XlsParser().parse(self.REF, b"")
        with pytest.raises(DamagedDocumentError, match="not an older Excel"):
            XlsParser().parse(self.REF, b"rubbish" * 300)
        with pytest.raises(DamagedDocumentError):
            XlsParser().parse(self.REF, OLE + bytes(4000))

    def test_a_locked_newer_one(self):
        with pytest.raises(EncryptedDocumentError, match="password"):
            XlsParser().parse(self.REF, OLE + bytes(4000) + "EncryptedPackage".encode("utf-16-le"))
