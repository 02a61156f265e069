from __future__ import annotations

import tracemalloc

import pytest

from assistant.errors import DamagedDocumentError, DocumentTooLargeError
from assistant.parsing.mail.eml import EmlParser
from assistant.parsing.mail.mbox import MboxParser
from assistant.types import DocumentRef
from tests.contracts.parser_contract import ParserContract

REF = DocumentRef("files", "a.mbox", "v1", "a.mbox", "", "application/mbox")
BOX = b"""From ann@example.org Mon Nov  4 10:00:00 2024
From: ann@example.org
Date: Mon, 04 Nov 2024 10:00:00 +0000
Subject: One/two

Hello.

>From here on quoted.
From inside a paragraph.

From bob@example.org Mon Nov  4 11:00:00 2024
From: bob@example.org
Subject: Second

Bye.
"""


class TestMboxParser(ParserContract):
    @pytest.fixture
    def parser(self):
        return MboxParser()

    @pytest.fixture
    def media_type(self):
        return "application/mbox"

    @pytest.fixture
    def good(self):
        return BOX

    @pytest.fixture
    def words(self):
        return ["0001", "ann@example.org", "One/two", "0002", "bob@example.org", "Second"]


def test_mails_are_members_that_parse():
    document = MboxParser().parse(REF, BOX)
    assert [member.name for member in document.members] == ["0001 One_two.eml", "0002 Second.eml"]
    ref = DocumentRef("files", "m.eml", "v1", "m.eml", "", "message/rfc822")
    text = EmlParser().parse(ref, document.members[0].data).text
    assert "\nFrom here on quoted.\nFrom inside" in text


def test_text_is_no_mailbox():
    with pytest.raises(DamagedDocumentError, match="no mailbox"):
        MboxParser().parse(REF, b"Hello there")


def test_a_line_that_looks_like_a_mails_first_splits_nothing_without_headers():
    box = BOX.replace(b"Bye.", b"Bye.\n\nFrom here on it rains.\nAnd so on.")
    document = MboxParser().parse(REF, box)
    assert len(document.members) == 2
    assert b"From here on it rains." in document.members[1].data


def test_windows_line_ends_and_blank_lines_before_the_first_mail():
    document = MboxParser().parse(REF, b"\r\n\r\n" + BOX.replace(b"\n", b"\r\n"))
    assert [member.name for member in document.members] == ["0001 One_two.eml", "0002 Second.eml"]


def test_a_large_mailbox_is_held_once_more_and_no_more():
    letter = b"From a@b Mon Nov  4 10:00:00 2024\nFrom: a@b.c\nSubject: S\n\n" + (b"x" * 76 + b"\n") * 40_000 + b"\n"
    box = letter * 10
    tracemalloc.start()
    document = MboxParser().parse(REF, box)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(len(member.data) for member in document.members) > 0.99 * len(box)
    assert peak < 1.3 * len(box)


def test_too_large_a_mailbox_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("assistant.parsing.mail.mbox.MAX_TOTAL", 100)
    with pytest.raises(DocumentTooLargeError, match=r"a\.mbox: the mailbox holds over 100 bytes"):
        MboxParser().parse(REF, BOX)
