from __future__ import annotations

from email.message import EmailMessage

import pytest

from assistant.errors import DamagedDocumentError, EncryptedDocumentError
from assistant.parsing.check import check_document
from assistant.parsing.eml import EmlParser
from assistant.types import Document, DocumentRef
from tests.contracts.parser_contract import ParserContract

REF = DocumentRef("files", "a.eml", "v1", "a.eml", "", "message/rfc822")


def parse(data: bytes) -> Document:
    document = EmlParser().parse(REF, data)
    check_document(document)
    return document


def mail(subject: str = "Budget für 2025") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "Ann <ann@example.org>", "bob@example.org"
    message["Date"], message["Subject"] = "Mon, 04 Nov 2024 10:00:00 +0000", subject
    message.set_content("First paragraph.\n\nSecond one.\n")
    return message


class TestEmlParser(ParserContract):
    @pytest.fixture
    def parser(self):
        return EmlParser()

    @pytest.fixture
    def media_type(self):
        return "message/rfc822"

    @pytest.fixture
    def good(self):
        message = mail()
        message.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename="plan.pdf")
        return message.as_bytes()

    @pytest.fixture
    def words(self):
        return ["From: Ann", "Subject: Budget für 2025", "First paragraph.", "Second one.", "Attachments: plan.pdf"]


def test_attachments_are_members_with_clean_unique_names():
    message = mail()
    for name in ("../../etc/passwd", "a.txt", "a.txt"):
        message.add_attachment(name.encode(), maintype="application", subtype="x-y", filename=name)
    document = parse(message.as_bytes())
    assert [member.name for member in document.members] == [".._.._etc_passwd", "a.txt", "a (2).txt"]
    assert document.members[1].data == b"a.txt"
    assert document.ref.title == "Budget für 2025"


def test_html_only_keeps_headings_and_tables_below_the_subject():
    message = mail()
    message.set_content("<h1>Rates</h1><table><tr><td>a</td><td>b</td></tr></table>", subtype="html")
    document = parse(message.as_bytes())
    assert [(b.text, b.level) for b in document.blocks if b.kind == "heading"][1:] == [("Rates", 2)]
    assert "| a | b |" in document.text


def test_plain_text_wins_over_html():
    message = mail()
    message.add_alternative("<p>As HTML.</p>", subtype="html")
    assert "As HTML" not in parse(message.as_bytes()).text


def test_a_mail_in_a_mail_is_a_member_that_parses():
    message = mail()
    message.add_attachment(mail("Inner"))
    member = parse(message.as_bytes()).members[0]
    assert member.name == "Inner.eml"
    assert parse(member.data).ref.title == "Inner"


@pytest.mark.parametrize(
    "kind", ["multipart/encrypted; boundary=x", "application/pkcs7-mime; smime-type=enveloped-data"]
)
def test_encrypted_mails_say_so(kind: str):
    with pytest.raises(EncryptedDocumentError, match=r"a\.eml"):
        parse(f"From: a@b.c\nSubject: x\nContent-Type: {kind}\n\nabc".encode())


def test_raw_latin_header_utf16_and_unknown_charset_are_read():
    data = b"From: a@b.c\nSubject: Gr\xfc\xdfe\nContent-Type: text/plain; charset=no-such\n\nBody f\xfcr dich"
    assert parse(data).ref.title == "Grüße"
    assert "Body für dich" in parse(data).text
    assert "Body" in parse("From: a@b.c\nSubject: x\n\nBody".encode("utf-16")).text


def test_text_without_headers_is_no_mail():
    with pytest.raises(DamagedDocumentError, match="no mail"):
        parse(b"Just some words and nothing else")
