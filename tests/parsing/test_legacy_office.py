"""The binary formats of older office programs: what is none, or locked, is said to be so.

Nothing here writes such files; `tests/benchmarks/formats.py` measures the text of real ones.
"""

from __future__ import annotations

import random

import pytest

from assistant.errors import DamagedDocumentError, EmptyDocumentError, IngestError
from assistant.interfaces import Parser
from assistant.parsing.legacy_doc import LegacyDocParser
from assistant.parsing.legacy_ppt import LegacyPptParser
from assistant.types import DocumentRef

DOC = DocumentRef("files", "folder/a.doc", "v1", "a.doc", "", "application/msword")
PPT = DocumentRef("files", "folder/a.ppt", "v1", "a.ppt", "", "application/vnd.ms-powerpoint")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@pytest.mark.parametrize(("parser", "ref"), [(LegacyDocParser(), DOC), (LegacyPptParser(), PPT)])
class TestLegacy:
    def test_accepts_its_type_only(self, parser: Parser, ref: DocumentRef):
        assert parser.accepts(ref)
        assert isinstance(parser, Parser)
        assert not parser.accepts(DOC if ref is PPT else PPT)

    def test_an_empty_file(self, parser: Parser, ref: DocumentRef):
        with pytest.raises(EmptyDocumentError, match=r"folder/a\."):
            parser.parse(ref, b"")

    @pytest.mark.parametrize("head", [b"", OLE])
    def test_rubbish(self, parser: Parser, ref: DocumentRef, head: bytes):
        with pytest.raises(IngestError, match=r"folder/a\.") as caught:
            parser.parse(ref, head + random.Random(7).randbytes(4000))
        assert isinstance(caught.value, DamagedDocumentError)
