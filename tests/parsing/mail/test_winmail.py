from __future__ import annotations

import io
import struct
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from PIL import Image

from assistant.errors import DamagedDocumentError, EncryptedDocumentError, IngestError
from assistant.parsing.check import check_document
from assistant.parsing.mail.eml import EmlParser
from assistant.parsing.mail.msg import MsgParser
from assistant.parsing.mail.winmail import WinmailParser
from assistant.types import Document, DocumentRef
from tests.contracts.parser_contract import ParserContract
from tests.parsing.mail import make_msg
from tests.parsing.mail.make_tnef import MESSAGE, Ansi, Inner, Value, attribute, tnef

CLASS, SUBJECT, BODY, HTML, RTF, SENT, SENDER, ADDRESS = 0x1A, 0x37, 0x1000, 0x1013, 0x1009, 0x39, 0x0C1A, 0x0C1F
NAME, DATA, CONTENT_ID = 0x3707, 0x3701, 0x3712
TIME = datetime(2024, 11, 4, 10, tzinfo=UTC)
BASICS: dict[int, Value] = {
    SUBJECT: "Budget für 2025", SENDER: "Ann", ADDRESS: "ann@example.org", SENT: TIME, BODY: "Some words."
}  # fmt: skip
PLAN: dict[int, Value] = {NAME: "plan.pdf", DATA: b"%PDF-plan"}
PEOPLE: list[dict[int, Value]] = [{0x0C15: 1, 0x3001: "Bob", 0x39FE: "bob@example.org"}]
RICH = rb"{\rtf1\ansi\ansicpg1252\pard Words in rich text only.\par}"
PACKED = len(RICH).to_bytes(4, "little") * 2 + b"MELA" + bytes(4) + RICH


def read(data: bytes) -> Document:
    document = WinmailParser().parse(DocumentRef("files", "a.dat", "v1", "a.dat", "", "application/ms-tnef"), data)
    check_document(document)
    return document


def letter(wrapped: bytes, text: str = "", name: str = "winmail.dat") -> Document:
    message = EmailMessage()
    message["From"], message["Subject"] = "Ann <ann@example.org>", "Plan"
    message.set_content(text)
    message.add_attachment(wrapped, maintype="application", subtype="ms-tnef", filename=name)
    document = EmlParser().parse(DocumentRef("files", "a.eml", "v1", "", "", "message/rfc822"), message.as_bytes())
    check_document(document)
    return document


def png() -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (200, 100), "navy").save(output, "PNG")
    return output.getvalue()


class TestWinmailParser(ParserContract):
    @pytest.fixture
    def parser(self):
        return WinmailParser()

    @pytest.fixture
    def media_type(self):
        return "application/ms-tnef"

    @pytest.fixture
    def good(self):
        return tnef(BASICS, [PLAN], PEOPLE)

    @pytest.fixture
    def words(self):
        return ["From: Ann <ann@example.org>", "To: Bob <bob@example.org>", "Date: Mon, 04 Nov 2024 10:00:00 +0000",
                "Subject: Budget für 2025", "Some words.", "Attachments: plan.pdf"]  # fmt: skip


def test_what_is_wrapped_in_a_mail_is_attached_to_it():
    document = letter(tnef(BASICS, [PLAN, {NAME: "plan.pdf", DATA: b"second"}]), "The mail's own words.")
    assert [(member.name, member.data) for member in document.members] == [
        ("plan.pdf", b"%PDF-plan"),
        ("plan (2).pdf", b"second"),
    ]
    assert "The mail's own words." in document.text
    assert "Some words." not in document.text
    assert "winmail" not in document.text


@pytest.mark.parametrize("body", [{BODY: "Wrapped words."}, {HTML: b"<p>Wrapped words.</p>"},
                                  {BODY: Ansi(b"Wrapped words.")}])  # fmt: skip
def test_a_mail_without_a_body_has_the_wrapped_one(body: dict[int, Value]):
    assert "Wrapped words." in letter(tnef({SUBJECT: "x", **body})).text


def test_rich_text_is_read_where_there_is_nothing_else():
    assert "Words in rich text only." in letter(tnef({SUBJECT: "x", RTF: PACKED})).text
    assert "rich text" not in letter(tnef({SUBJECT: "x", RTF: PACKED}), "The words of the mail itself.").text


def test_a_wrapped_page_that_says_more_is_read_with_its_pictures():
    page = b"<table><tr><td>a</td><td>b</td></tr></table><p>Before.</p><img src='cid:c@x' alt='A chart'><p>After.</p>"
    files: list[dict[int, Value]] = [{NAME: "c.png", DATA: png(), CONTENT_ID: "c@x"}, PLAN]
    document = letter(tnef({SUBJECT: "x", HTML: page}, files), "a b")
    assert "| a | b |" in document.text
    assert [member.name for member in document.members] == ["plan.pdf"]
    assert [document.text[picture.start : picture.end] for picture in document.pictures] == ["A chart"]


def test_a_mail_attached_to_a_wrapped_one_is_a_member_that_parses():
    inner = Inner(MESSAGE + tnef({**BASICS, SUBJECT: "Inner"}, [PLAN], PEOPLE))
    other = Inner(bytes.fromhex("0b00000000000000c000000000000046") + b"OLE")
    document = letter(tnef(BASICS, [{0x3001: "Inner", DATA: inner}, {NAME: "drawing", DATA: other}]), "words")
    (member,) = document.members
    assert member.name == "Inner.eml"
    assert "drawing (an object of another program, not read)" in document.text
    found = EmlParser().parse(DocumentRef("f", "i.eml", "v1", "", "", "message/rfc822"), member.data)
    assert "To: Bob <bob@example.org>" in found.text
    assert [one.name for one in found.members] == ["plan.pdf"]


def test_older_writers_say_it_in_attributes():
    sender = struct.pack("<4H", 4, 20, 4, 9) + b"Ann\0" + b"SMTP:a@b\0"
    more = attribute(1, 0x00008000, sender) + attribute(1, 0x00018004, b"Gr\xfc\xdfe\0")
    more += attribute(1, 0x0002800C, b"Plain words.\0") + attribute(
        1, 0x00038005, struct.pack("<7H", 2024, 11, 4, 10, 0, 0, 1)
    )
    file = (
        attribute(2, 0x00069002, bytes(14)) + attribute(2, 0x00018010, b"OLD.TXT\0") + attribute(2, 0x0006800F, b"old")
    )
    document = read(tnef({}, more=more) + file)
    assert document.text.startswith("From: Ann <a@b>\nDate: Mon, 04 Nov 2024 10:00:00 +0000\nSubject: Grüße")
    assert "Plain words." in document.text
    assert [(member.name, member.data) for member in document.members] == [("OLD.TXT", b"old")]


def test_outlook_mails_may_hold_one_as_well():
    wrapped = tnef(BASICS, [PLAN])
    folder = make_msg.mail(
        {SUBJECT: "x", BODY: "Words."}, attached=[make_msg.item({NAME: "winmail.dat", DATA: wrapped})]
    )
    ref = DocumentRef("files", "a.msg", "v1", "", "", "application/vnd.ms-outlook")
    document = MsgParser().parse(ref, make_msg.compound(folder))
    assert [member.name for member in document.members] == ["plan.pdf"]


def test_damage_costs_what_is_damaged_and_says_so():
    whole = tnef(BASICS, [PLAN, {NAME: "second.txt", DATA: b"second " * 50}])
    document = letter(whole[:-300], "words")
    assert [member.name for member in document.members] == ["plan.pdf"]
    assert "winmail.dat (its damaged rest, not read)" in document.text
    assert "winmail.dat (damaged, not read)" in letter(whole[:20], "words").text
    with pytest.raises(DamagedDocumentError, match=r"a\.dat"):
        read(whole[:20])
    for end in range(30, len(whole), 7):
        try:
            read(whole[:end])
        except IngestError as error:
            assert "a.dat" in error.message  # noqa: PT017 (an error is allowed, not asked for)


def test_wrapping_without_end_is_cut():
    data = tnef(BASICS)
    for _ in range(40):
        data = tnef(BASICS, [{NAME: "winmail.dat", DATA: data}])
    assert "winmail.dat (wrapped by Outlook too often, not read)" in letter(data, "words").text


def test_encrypted_mails_say_so():
    with pytest.raises(EncryptedDocumentError, match=r"a\.eml"):
        letter(tnef({CLASS: "IPM.Note.rpmsg.Microsoft", SUBJECT: "x"}))
