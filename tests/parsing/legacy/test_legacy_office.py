"""The binary formats of older office programs: their text, and that what is none, or locked, is said to be so.

`tests/benchmarks/formats.py` measures the text of real ones.
"""

from __future__ import annotations

import random
import struct
from datetime import UTC, datetime

import pytest

from assistant.errors import DamagedDocumentError, EmptyDocumentError, EncryptedDocumentError, IngestError
from assistant.interfaces import Parser
from assistant.parsing.check import check_document
from assistant.parsing.legacy.doc import LegacyDocParser
from assistant.parsing.legacy.ole_file import ole_metadata
from assistant.parsing.legacy.ppt import LegacyPptParser
from assistant.types import Box, Document, DocumentRef, Metadata
from tests.fakes.legacy_office import (
    IN_TABLE,
    NUMBERED,
    ROW_END,
    Line,
    drawing,
    picture_shape,
    powerpoint,
    record,
    shape,
    table,
    texts,
    word,
    word_picture,
)
from tests.fakes.office_parts import picture
from tests.parsing.mail.make_msg import compound

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


def read_doc(data: bytes) -> Document:
    document = LegacyDocParser().parse(DOC, data)
    check_document(document)
    return document


def read_ppt(data: bytes) -> Document:
    document = LegacyPptParser().parse(PPT, data)
    check_document(document)
    return document


class TestWord:
    def test_headings_lists_and_what_fields_show(self):
        lines = [
            Line("Policy\r", style=2),
            Line("Travel\r", style=1),
            Line('See \x13HYPERLINK "http://x"\x14the \U0001f600 page\x15 now\x0bbelow\r'.replace("\U0001f600", "é")),
            Line("first\r", properties=NUMBERED),
            Line("second\r", properties=NUMBERED),
            Line("a*b #1 [x]\r"),
        ]
        document = read_doc(word(lines))
        assert document.text == "Policy\n\nTravel\n\nSee the é page now\nbelow\n\nI. first\nII. second\n\na*b #1 [x]"
        assert [(one.kind, one.level) for one in document.blocks[:2]] == [("heading", 1), ("heading", 1)]
        assert document.ref.title == "Policy"

    def test_tables(self):
        row = [
            Line("City\x07", properties=IN_TABLE),
            Line("\x07", properties=IN_TABLE),
            Line("\x07", properties=ROW_END),
        ]
        more = [
            Line("Rome\r", properties=IN_TABLE),
            Line("and Oslo\x07", properties=IN_TABLE),
            Line("120\x07", properties=IN_TABLE),
            Line("\x07", properties=ROW_END),
        ]
        document = read_doc(word([*row, *more, Line("After\r")]))
        assert document.text == "| City |  |\n| --- | --- |\n| Rome and Oslo | 120 |\n\nAfter"

    def test_notes_headers_and_comments(self):
        lines = [Line("Trains\x02 only\x05\r")]
        headers = ("", "Top\r", "", "Bottom\r", "Top\r", "")
        document = read_doc(word(lines, "\x02 Or buses\r", headers, ("Ada", "\x05Why?")))
        assert document.text == "Top\n\nTrains[1]  only\n\nBottom\n\n[1]  Or buses\n\n[Ada] Why?"

    def test_what_was_deleted_is_not_read(self):
        gone = struct.pack("<HB", 0x0800, 1)
        assert (
            read_doc(word([Line("Trains and buses\r"), Line("only\r")], runs=((6, 16, gone),))).text == "Trains\n\nonly"
        )

    def test_pictures_have_their_words(self):
        runs = ((4, 5, struct.pack("<HI", 0x6A03, 0)),)
        document = read_doc(word([Line("See \x01 it\r")], runs=runs, data=word_picture(picture(), "A red square")))
        assert document.text == "See  it\n\nA red square"
        assert [(one.data, one.start) for one in document.pictures] == [(picture(), 9)]

    def test_pieces_that_are_no_text_are_not_taken_for_it(self):
        with pytest.raises(DamagedDocumentError, match=r"folder/a\.doc"):
            read_doc(word([Line("\0\x06\x10\x11" * 40 + "\r")]))

    def test_a_locked_one(self):
        head = struct.pack("<HHIHH", 0xA5EC, 0xC1, 0, 0, 0x0100) + bytes(5000)
        with pytest.raises(EncryptedDocumentError, match=r"folder/a\.doc"):
            LegacyDocParser().parse(DOC, compound({"WordDocument": head}))

    def test_damage_ends_in_text_or_a_clear_error(self):
        _damaged(LegacyDocParser(), DOC, word([Line("Travel\r", style=1), Line("first\r", properties=NUMBERED)]))


class TestPowerPoint:
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

    def test_no_text(self):
        with pytest.raises(EmptyDocumentError, match=r"folder/a\.ppt"):
            LegacyPptParser().parse(PPT, powerpoint([(b"", b"")]))

    def test_damage_ends_in_text_or_a_clear_error(self):
        _damaged(LegacyPptParser(), PPT, powerpoint([(texts((0, "Travel")), drawing(shape(texts((4, "aside")))))]))


def _damaged(parser: Parser, ref: DocumentRef, good: bytes) -> None:
    dice = random.Random(11)
    for _ in range(60):
        data = bytearray(good)
        for _ in range(dice.randint(1, 8)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            check_document(parser.parse(ref, bytes(data)))
        except IngestError as error:
            assert ref.key in error.message  # noqa: PT017 (an error is allowed, not asked for)


def test_what_the_file_says_of_itself():
    def pair(kind: int, content: bytes) -> bytes:
        return struct.pack("<I", kind) + content

    moment = (
        int((datetime(2026, 11, 24, 12, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000
    )
    name = "Zoë; Bob".encode("cp1252") + b"\0"
    values = {
        1: pair(2, struct.pack("<hxx", 1252)),
        4: pair(30, struct.pack("<I", len(name)) + name.ljust(12, b"\0")),
        12: pair(64, struct.pack("<Q", moment)),
        13: pair(64, bytes(8)),
    }
    places, content = b"", b""
    for number, value in values.items():
        places += struct.pack("<II", number, 8 + 8 * len(values) + len(content))
        content += value
    section = struct.pack("<II", 8 + len(places) + len(content), len(values)) + places + content
    summary = struct.pack("<HHI16sI16sI", 0xFFFE, 0, 2, bytes(16), 1, bytes(16), 48) + section
    assert ole_metadata(compound({"\x05SummaryInformation": summary + bytes(4096)})) == (
        "",
        Metadata(("Zoë", "Bob"), "2026-11-24T12:00:00Z"),
    )
    assert ole_metadata(b"none") == ("", Metadata())
