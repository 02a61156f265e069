"""Older Word files: their text, and that what is none, or locked, is said to be so.

`tests/benchmarks/formats.py` measures the text of real ones.
"""

from __future__ import annotations

import struct

import pytest

from assistant.errors import DamagedDocumentError, EncryptedDocumentError
from assistant.parsing.check import check_document
from assistant.parsing.legacy.doc import LegacyDocParser
from assistant.types import Document, DocumentRef
from tests.fakes.legacy_office import (
    IN_TABLE,
    NUMBERED,
    ROW_END,
    Line,
    word,
    word_picture,
)
from tests.fakes.office_parts import picture
from tests.parsing.legacy.legacy_contract import LegacyContract
from tests.parsing.mail.make_msg import compound

DOC = DocumentRef("files", "folder/a.doc", "v1", "a.doc", "", "application/msword")


def read_doc(data: bytes) -> Document:
    document = LegacyDocParser().parse(DOC, data)
    check_document(document)
    return document


class TestWord(LegacyContract):
    @pytest.fixture
    def parser(self):
        return LegacyDocParser()

    @pytest.fixture
    def ref(self):
        return DOC

    @pytest.fixture
    def good(self):
        return word([Line("Travel\r", style=1), Line("first\r", properties=NUMBERED)])

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
