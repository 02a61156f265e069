"""What the parsers of older office files have in common: what is none, and damage, are said to be so."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from assistant.errors import DamagedDocumentError, EmptyDocumentError, IngestError
from assistant.interfaces import Parser
from assistant.parsing.check import check_document
from assistant.types import DocumentRef

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class LegacyContract:
    """Inherit, and define the fixtures `parser`, `ref` and `good` (a file)."""

    def test_accepts_its_type_only(self, parser: Parser, ref: DocumentRef):
        assert parser.accepts(ref)
        assert isinstance(parser, Parser)
        for other in {"application/msword", "application/vnd.ms-powerpoint"} - {ref.media_type}:
            assert not parser.accepts(replace(ref, media_type=other))

    def test_an_empty_file(self, parser: Parser, ref: DocumentRef):
        with pytest.raises(EmptyDocumentError, match=r"folder/a\."):
            parser.parse(ref, b"")

    @pytest.mark.parametrize("head", [b"", OLE])
    def test_rubbish(self, parser: Parser, ref: DocumentRef, head: bytes):
        with pytest.raises(IngestError, match=r"folder/a\.") as caught:
            parser.parse(ref, head + random.Random(7).randbytes(4000))
        assert isinstance(caught.value, DamagedDocumentError)

    def test_damage_ends_in_text_or_a_clear_error(self, parser: Parser, ref: DocumentRef, good: bytes):
        dice = random.Random(11)
        for _ in range(60):
            data = bytearray(good)
            for _ in range(dice.randint(1, 8)):
                data[dice.randrange(len(data))] = dice.randrange(256)
            try:
                check_document(parser.parse(ref, bytes(data)))
            except IngestError as error:
                assert ref.key in error.message  # noqa: PT017 (an error is allowed, not asked for)
