from __future__ import annotations

import pytest

from assistant.errors import DamagedDocumentError
from assistant.parsing.eml import EmlParser
from assistant.parsing.mbox import MboxParser
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
