from __future__ import annotations

import base64
import io
from email.message import EmailMessage

import pytest
from asn1crypto import cms
from PIL import Image

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EncryptedDocumentError
from assistant.parsing.check import check_document
from assistant.parsing.mail.eml import EmlParser
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


def png(width: int, height: int) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(output, "PNG")
    return output.getvalue()


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


def test_html_of_another_part_is_read_beside_plain_text_in_order():
    message = EmailMessage()
    message["From"], message["Subject"] = "a@b.c", "x"
    message.make_mixed()
    for text, subtype in (("First as text.", "plain"), ("<p>Second as HTML.</p>", "html"), ("Third as text.", "plain")):
        part = EmailMessage()
        part.set_content(text, subtype=subtype)
        message.attach(part)
    text = parse(message.as_bytes()).text
    assert text.index("First as text.") < text.index("Second as HTML.") < text.index("Third as text.")


def test_html_is_the_best_form_where_plain_text_says_less():
    stub = mail()
    stub.set_content("Your program shows no HTML.")
    stub.add_alternative(f"<p>{'All the words of the letter. ' * 4}</p>", subtype="html")
    assert "All the words" in parse(stub.as_bytes()).text
    assert "shows no HTML" not in parse(stub.as_bytes()).text
    table = mail()
    table.add_alternative("<table><tr><td>Rate</td><td>7%</td></tr></table>", subtype="html")
    assert "| Rate | 7% |" in parse(table.as_bytes()).text


@pytest.mark.parametrize("plain", ["", "The same words as in the page."])
def test_pictures_in_the_body_are_pictures_and_no_members(plain: str):
    message = mail()
    message.set_content(plain)
    page = '<p>The same words as in the page.</p><img alt="The &amp; chart" src="cid:chart@x">'
    message.add_alternative(page, subtype="html")
    related = list(message.iter_parts())[-1]
    related.add_related(png(200, 100), "image", "png", cid="<chart@x>", filename="chart.png")
    related.add_related(b"broken", "image", "png", cid="<other@x>", filename="other.png")
    document = parse(message.as_bytes())
    (picture,) = document.pictures
    assert (picture.media_type, document.text[picture.start : picture.end]) == ("image/png", "The & chart")
    assert [member.name for member in document.members] == ["other.png"]


def with_pictures(page: str, plain: str = "", ids: tuple[str, ...] = ("one@x", "two@x")) -> Document:
    message = mail()
    message.set_content(plain)
    message.add_alternative(page, subtype="html")
    related = list(message.iter_parts())[-1]
    for number, name in enumerate(ids):
        related.add_related(png(100 + number, 100), "image", "png", cid=f"<{name}>", filename=f"{number}.png")
    return parse(message.as_bytes())


def test_pictures_stand_where_the_page_shows_them():
    page = (
        "<p>First.</p><p>Second <img src='CID:one@x' alt='The plan'> goes on.</p><p>Third.</p>"
        '<table><tr><td>a</td><td><img alt="Map" src="cid:two%40x"></td></tr></table><p>Last.</p>'
        "<p><img src='cid:gone@x' alt='Not attached'></p>"
    )
    document = with_pictures(page)
    words = ["First.", "Second goes on.", "The plan", "Third.", "| a | Map |", "Last.", "Not attached"]
    assert [block.text.strip() for block in document.blocks][2:7] == [*words[:4], document.blocks[6].text]
    assert [document.text.index(word) for word in words] == sorted(document.text.index(word) for word in words)
    one, two = document.pictures
    assert document.text[one.start : one.end] == "The plan"
    assert document.text.index("| a | Map |") < two.start <= document.text.index("Last.")
    assert document.members == ()


def test_saved_web_pages_show_their_pictures_by_their_addresses():
    head = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=B\n\n"
    page = (
        "<p>Before.</p><img src='page_files/one.png' alt='One'><p>Between.</p><img src='http://x/two.png'><p>After.</p>"
    )
    parts = f"--B\nContent-Type: text/html\nContent-Location: file:///C:/page.htm\n\n{page}\n"
    for place, width in (
        ("file:///C:/page_files/one.png", 100),
        ("http://x/two.png", 101),
        ("http://x/three.png", 102),
    ):
        parts += f"--B\nContent-Type: image/png\nContent-Transfer-Encoding: base64\nContent-Location: {place}\n\n"
        parts += base64.encodebytes(png(width, 100)).decode() + "\n"
    document = parse(f"{head}{parts}--B--\n".encode())
    one, two = document.pictures
    assert document.text[one.start : one.end] == "One"
    assert document.text.index("Between.") < two.start <= document.text.index("After.")
    assert len(document.members) == 1


def test_a_mail_of_pictures_only_and_pictures_that_the_page_hides():
    page = "<p><img src='cid:one@x'></p><div style='display:none'><img src=cid:two@x alt=Hidden></div>"
    document = with_pictures(page)
    assert len(document.pictures) == 2
    assert document.members == ()


@pytest.mark.parametrize("mark", ["[cid:one@x]", "[image: The plan]"])
def test_plain_text_that_names_a_picture_has_it_there(mark: str):
    page = "<p>First words here.</p><img src='cid:one@x' alt='The plan'><p>Last words there.</p><img src='cid:two@x'>"
    document = with_pictures(page, f"First words here.\n\n{mark}\n\nLast words there.\n")
    one, two = document.pictures
    assert document.text.index(mark) < one.start <= document.text.index("Last words") < two.start


def test_empty_attachments_and_signatures_are_named_with_the_reason():
    message = mail()
    message.add_attachment(b"", maintype="application", subtype="x-y", filename="nothing.bin")
    message.add_attachment(b"abc", maintype="application", subtype="pkcs7-signature", filename="smime.p7s")
    document = parse(message.as_bytes())
    assert document.members == ()
    assert "nothing.bin (0 bytes, not read), smime.p7s (a signature, not read)" in document.text


def test_who_wrote_it_and_when_is_metadata():
    message = mail()
    message.replace_header("From", '"Müller, Ann" <ann@example.org>, bob@example.org')
    message.replace_header("Date", "Mon, 04 Nov 2024 10:00:00 +0100")
    metadata = parse(message.as_bytes()).metadata
    assert metadata.authors == ("Müller, Ann", "bob@example.org")
    assert metadata.created == "2024-11-04T09:00:00Z"
    raw = b"From: a@b.c\nDate: %s\nSubject: x\n\nwords"
    assert parse(raw % b"2024-11-04T10:00:00Z").metadata.created == "2024-11-04T10:00:00Z"
    assert parse(raw % b"yesterday").metadata.created == ""


def signed(content: bytes, kind: str = "signed_data") -> bytes:
    """Return content in an S/MIME envelope without signers, which nobody here checks."""
    digests: list[object] = []
    if kind == "signed_data":
        inner = {"version": "v1", "digest_algorithms": digests, "signer_infos": [],
                 "encap_content_info": {"content_type": "data", "content": content}}  # fmt: skip
        return cms.ContentInfo({"content_type": kind, "content": cms.SignedData(inner)}).dump()
    method = {"algorithm": "aes256_cbc", "parameters": b"0" * 16}
    secret = {"content_type": "data", "content_encryption_algorithm": method, "encrypted_content": content}
    sealed = cms.EncryptedData({"version": "v0", "encrypted_content_info": secret})
    return cms.ContentInfo({"content_type": kind, "content": sealed}).dump()


def sealed_mail(envelope: bytes, kind: str = "signed-data") -> bytes:
    head = f"From: a@b.c\nSubject: x\nContent-Type: application/pkcs7-mime; smime-type={kind}; name=smime.p7m\n"
    return f"{head}Content-Transfer-Encoding: base64\n\n".encode() + base64.encodebytes(envelope)


def test_signed_mails_are_opened():
    inner = EmailMessage()
    inner.set_content("The signed words.")
    inner.add_attachment(b"plan", maintype="application", subtype="x-y", filename="plan.bin")
    document = parse(sealed_mail(signed(inner.as_bytes())))
    assert "The signed words." in document.text
    assert [member.name for member in document.members] == ["plan.bin"]
    assert "Bare words." in parse(sealed_mail(signed(b"Bare words."))).text


def test_envelopes_that_cannot_be_opened_say_so():
    text = parse(sealed_mail(b"rubbish")).text
    assert "smime.p7m (an S/MIME envelope that cannot be opened, not read)" in text
    with pytest.raises(EncryptedDocumentError, match=r"a\.eml"):
        parse(sealed_mail(signed(b"secret", "encrypted_data")))
    with pytest.raises(EncryptedDocumentError, match=r"a\.eml"):
        parse(sealed_mail(signed(sealed_mail(signed(b"secret", "encrypted_data")))))


def test_a_body_that_is_a_pgp_message_is_encrypted():
    message = mail()
    message.set_content("-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n")
    with pytest.raises(EncryptedDocumentError, match=r"a\.eml"):
        parse(message.as_bytes())


def test_seven_bit_japanese_and_reports_of_delivery_are_read():
    head = b"From: a@b.c\nSubject: x\nContent-Type: text/plain; charset=iso-2022-jp\n\n"
    assert "日本語" in parse(head + "日本語の手紙".encode("iso-2022-jp")).text
    report = (
        b"From: a@b.c\nSubject: x\nContent-Type: multipart/report; boundary=B\n\n"
        b"--B\nContent-Type: text/plain\n\nSorry.\n--B\nContent-Type: message/delivery-status\n\n"
        b"Reporting-MTA: dns; mx\n\nAction: failed\nStatus: 5.1.1\n--B--\n"
    )
    assert "Action: failed\nStatus: 5.1.1" in parse(report).text


def test_nesting_without_end_is_refused():
    data = b"From: a@b.c\nSubject: x\n"
    for number in range(3000):
        data += b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (number, number)
    with pytest.raises(DocumentTooLargeError, match="nested too deeply"):
        parse(data + b"\nwords")
