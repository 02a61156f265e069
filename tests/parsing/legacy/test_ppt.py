"""Older PowerPoint files: their text, and that what is none is said to be so.

`tests/benchmarks/formats.py` measures the text of real ones.
"""

from __future__ import annotations

import io
import struct

import olefile
import pytest

from assistant.errors import EmptyDocumentError
from assistant.parsing.check import check_document
from assistant.parsing.legacy.ppt import LegacyPptParser
from assistant.types import Box, Document, DocumentRef
from tests.fakes.legacy_office import (
    drawing,
    picture_shape,
    powerpoint,
    record,
    shape,
    table,
    texts,
)
from tests.fakes.office_parts import picture
from tests.parsing.legacy.drawn_word import EMF, emf, stored_metafile
from tests.parsing.legacy.legacy_contract import LegacyContract
from tests.parsing.mail.make_msg import compound

PPT = DocumentRef("files", "folder/a.ppt", "v1", "a.ppt", "", "application/vnd.ms-powerpoint")


def read_ppt(data: bytes) -> Document:
    document = LegacyPptParser().parse(PPT, data)
    check_document(document)
    return document


class TestPowerPoint(LegacyContract):
    @pytest.fixture
    def parser(self):
        return LegacyPptParser()

    @pytest.fixture
    def ref(self):
        return PPT

    @pytest.fixture
    def good(self):
        return powerpoint([(texts((0, "Travel")), drawing(shape(texts((4, "aside")))))])

    def test_slides_are_pages_in_their_current_version(self):
        reference = record(0xF00D, record(0x0F9E, struct.pack("<I", 1)), container=True)
        slides = [
            (texts((0, "Travel"), (1, "Who\rpays")), drawing(shape(texts((4, "aside"))), reference)),
            (b"", drawing(shape(texts((4, "Rome"))), shape(texts((0, "Hotels"))))),
        ]
        document = read_ppt(powerpoint(slides, "Say it", older=drawing(shape(texts((4, "gone"))))))
        assert document.text == "Travel\n\naside\n\nWho\npays\n\nSay it\n\nHotels\n\nRome"
        assert [page.name for page in document.pages] == ["Travel", "Hotels"]

    def test_tables(self):
        cells = [
            ("", (0, 0, 1, 1)),
            ("Both", (1, 0, 3, 1)),
            ("East", (0, 1, 1, 2)),
            ("1", (1, 1, 2, 2)),
            ("2", (2, 1, 3, 2)),
        ]
        group = table(*(shape(texts((4, text)), sides) for text, sides in cells))
        document = read_ppt(powerpoint([(b"", drawing(group))]))
        assert document.text == "|  | Both | Both |\n| --- | --- | --- |\n| East | 1 | 2 |"

    def test_comments(self):
        said = (record(0x0FBA, text.encode("utf-16-le"), instance=at) for at, text in enumerate(("Ada", "Why?", "A")))
        comment = record(0x138B, record(0x2EE0, b"".join(said), container=True))
        tags = record(0x1388, record(0x138A, comment, container=True), container=True)
        document = read_ppt(powerpoint([(texts((0, "Travel")), tags)]))
        assert document.text == "Travel\n\n[Ada] Why?"

    def test_pictures_have_their_words_and_their_place(self):
        slides = [(texts((0, "Travel")), drawing(picture_shape("A red square")))]
        document = read_ppt(powerpoint(slides, image=picture()))
        assert document.text == "Travel\n\nA red square"
        assert [(one.data, one.box) for one in document.pictures] == [(picture(), Box(1, 0, 72, 72, 108))]

    def test_metafiles_are_counted_with_their_pages(self):
        slides = [(texts((0, "One")), b""), (texts((0, "Travel")), drawing(picture_shape("A plan")))]
        with olefile.OleFileIO(io.BytesIO(powerpoint(slides, image=picture()))) as ole:
            streams = {name: ole.openstream(name).read() for name in ("PowerPoint Document", "Current User")}
        document = read_ppt(compound(streams | {"Pictures": stored_metafile(EMF, emf()) + bytes(4096)}))
        assert document.text == "One\n\nTravel\n\nA plan\n\n[Pictures that cannot be shown: 1 EMF, page 2]"
        assert document.pictures == ()

    def test_no_text(self):
        with pytest.raises(EmptyDocumentError, match=r"folder/a\.ppt"):
            LegacyPptParser().parse(PPT, powerpoint([(b"", b"")]))
