from __future__ import annotations

import base64
import io
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from asn1crypto import cms
from PIL import Image

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EncryptedDocumentError
from assistant.parsing.check import check_document
from assistant.parsing.mail import msg_file
from assistant.parsing.mail.eml import EmlParser
from assistant.parsing.mail.msg import MsgParser
from assistant.parsing.mail.packed_rtf import unpacked_rtf
from assistant.types import Document, DocumentRef
from tests.contracts.parser_contract import ContainerParserContract
from tests.parsing.mail.make_msg import Ansi, Folder, compound, item, mail

REF = DocumentRef("files", "a.msg", "v1", "a.msg", "", "application/vnd.ms-outlook")
CLASS, SUBJECT, HEADERS, BODY, HTML, RTF, SENT = 0x1A, 0x37, 0x7D, 0x1000, 0x1013, 0x1009, 0x39
SENDER, SENDER_ADDRESS, CODEPAGE = 0x0C1A, 0x0C1F, 0x3FDE
NAME, CONTENT, METHOD, CONTENT_ID, MIME = 0x3707, 0x3701, 0x3705, 0x3712, 0x370E
TIME = datetime(2024, 11, 4, 10, tzinfo=UTC)
BASICS = {SUBJECT: "Budget für 2025", SENDER: "Ann", SENDER_ADDRESS: "ann@example.org", SENT: TIME, BODY: "Some words."}
PEOPLE = [
    {0x0C15: 1, 0x3001: "Bob", 0x39FE: "bob@example.org"},
    {0x0C15: 2, 0x3001: "carl@example.org", 0x3003: "/o=House/cn=carl"},
    {0x0C15: 3, 0x3001: "Hidden", 0x39FE: "hidden@example.org"},
]


def parse(folder: Folder) -> Document:
    document = MsgParser().parse(REF, compound(folder))
    check_document(document)
    return document


def attachment(name: str, data: bytes, **more: str) -> Folder:
    return item(
        {NAME: name, METHOD: 1, CONTENT: data, **{{"cid": CONTENT_ID, "mime": MIME}[k]: v for k, v in more.items()}}
    )


def png() -> bytes:
    output = io.BytesIO()
    Image.new("RGB", (200, 100), "navy").save(output, "PNG")
    return output.getvalue()


class TestMsgParser(ContainerParserContract):
    @pytest.fixture
    def parser(self):
        return MsgParser()

    @pytest.fixture
    def media_type(self):
        return "application/vnd.ms-outlook"

    @pytest.fixture
    def good(self):
        return compound(mail(BASICS, PEOPLE, [attachment("plan.pdf", b"%PDF-" * 2000)]))

    @pytest.fixture
    def words(self):
        return ['From: Ann <ann@example.org>', 'To: Bob <bob@example.org>', "Cc: carl@example.org",
                "Date: Mon, 04 Nov 2024 10:00:00 +0000", "Subject: Budget für 2025", "Some words.",
                "Attachments: plan.pdf"]  # fmt: skip


def test_attachments_are_members_and_what_wrote_it_is_metadata():
    document = parse(mail(BASICS, PEOPLE, [attachment("a/b.txt", b"x" * 5000), attachment("a/b.txt", b"small")]))
    assert [(member.name, len(member.data)) for member in document.members] == [("a_b.txt", 5000), ("a_b (2).txt", 5)]
    assert (document.metadata.authors, document.metadata.created) == (("Ann",), "2024-11-04T10:00:00Z")
    assert document.ref.title == "Budget für 2025"
    assert "hidden" not in document.text


def test_the_headers_of_the_journey_are_preferred():
    travelled = (
        "Microsoft Mail Internet Headers Version 2.0\r\nFrom: =?utf-8?q?J=C3=BCrg?= <j@example.org>\r\n"
        "To: all@example.org\r\nDate: Tue, 05 Nov 2024 10:00:00 +0100\r\nSubject: Other\r\n\r\n"
    )
    text = parse(mail({**BASICS, HEADERS: travelled}, PEOPLE)).text
    assert text.startswith("From: Jürg <j@example.org>\nTo: all@example.org\nCc: carl@example.org\nDate: Tue, 05 Nov")


def test_html_is_read_where_it_says_more_and_shows_its_pictures():
    page = b"<h2>Rates</h2><table><tr><td>a</td><td>b</td></tr></table><img src='cid:chart@x'>"
    attached = [attachment("chart.png", png(), cid="chart@x"), attachment("other.png", png())]
    document = parse(mail({**BASICS, HTML: page}, attached=attached))
    assert "| a | b |" in document.text
    assert [(block.text, block.level) for block in document.blocks if block.kind == "heading"][1:] == [("Rates", 3)]
    assert len(document.pictures) == 1
    assert [member.name for member in document.members] == ["other.png"]
    assert "Some words." in parse(mail({**BASICS, HTML: b"<p>Some words.</p>"})).text


def test_texts_in_old_code_pages_are_read():
    properties = {
        SUBJECT: Ansi("Привет".encode("cp1251")),
        BODY: Ansi("Большое письмо".encode("cp1251")),
        CODEPAGE: 1251,
    }
    assert "Большое письмо" in parse(mail(properties)).text
    japanese = {**BASICS, BODY: Ansi("日本語の手紙".encode("iso-2022-jp")), CODEPAGE: 50220}
    assert "日本語の手紙" in parse(mail(japanese)).text


RICH = rb"{\rtf1\ansi\ansicpg1252\pard Words in rich text only.\par}"
# The example of MS-OXRTFCP: "hello world" packed.
PACKED = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
)


def test_a_body_in_rich_text_only_is_read():
    header = len(RICH).to_bytes(4, "little") * 2 + b"MELA" + bytes(4)
    assert "Words in rich text only." in parse(mail({**BASICS, BODY: "", RTF: header + RICH})).text
    assert "hello world" in parse(mail({**BASICS, BODY: "", RTF: PACKED})).text


def test_packed_rich_text_is_unpacked_and_damage_ends_it():
    assert unpacked_rtf(PACKED) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    for end in range(len(PACKED)):
        assert len(unpacked_rtf(PACKED[:end])) < 50


def test_what_is_attached_and_no_member_is_named_with_the_reason():
    attached = [
        item({NAME: "linked.txt", METHOD: 2}),
        item({NAME: "empty.txt", METHOD: 1, CONTENT: b""}),
        item({NAME: "drawing", METHOD: 6}, inner={"CONTENTS": b"abc"}),
    ]
    document = parse(mail(BASICS, attached=attached))
    assert document.members == ()
    assert document.text.endswith(
        "linked.txt (a link to where it is, not read), empty.txt (0 bytes, not read), "
        "drawing (an object of another program, not read)"
    )


def nested(depth: int) -> Folder:
    files = [attachment("note.txt", b"a note"), item({NAME: "linked.txt", METHOD: 2})]
    if depth:
        files.append(item({0x3001: f"Level {depth}", METHOD: 5}, inner=nested(depth - 1)))
    return mail({**BASICS, SUBJECT: f"Mail {depth}", HTML: b"<p>Some <b>words</b>.</p>"}, PEOPLE, files, header=24)


def test_a_mail_in_a_mail_is_a_member_that_parses_whole():
    (member,) = parse(mail(BASICS, attached=[item({0x3001: "Inner: one", METHOD: 5}, inner=nested(1))])).members
    assert member.name == "Inner: one.eml"
    ref = DocumentRef("files", "m.eml", "v1", "m.eml", "", "message/rfc822")
    document = EmlParser().parse(ref, member.data)
    check_document(document)
    assert document.text.startswith("From: Ann <ann@example.org>\nTo: Bob <bob@example.org>\nCc: carl@example.org")
    assert "Subject: Mail 1" in document.text
    assert "linked.txt (a link to where it is, not read)" in document.text
    assert [found.name for found in document.members] == ["note.txt", "Level 1.eml"]
    assert "Subject: Mail 0" in EmlParser().parse(ref, document.members[1].data).text


def test_mails_in_mails_without_end_are_cut_and_said_so():
    folder = mail(BASICS, attached=[item({0x3001: "deep", METHOD: 5}, inner=nested(6))])
    data = parse(folder).members[0].data
    ref = DocumentRef("files", "m.eml", "v1", "m.eml", "", "message/rfc822")
    for _ in range(2):
        data = EmlParser().parse(ref, data).members[-1].data
    assert "(mails nested too deeply, not read)" in EmlParser().parse(ref, data).text


@pytest.mark.parametrize(
    "folder",
    [
        mail({**BASICS, HEADERS: "Content-Type: multipart/encrypted; boundary=x\r\n\r\n"}),
        mail({**BASICS, CLASS: "IPM.Note.rpmsg.Microsoft"}),
        mail(BASICS, attached=[attachment("message.rpmsg", b"abc")]),
        mail({SUBJECT: "x"}, attached=[attachment("a.asc", b"abc", mime="application/pgp-encrypted")]),
    ],
)
def test_encrypted_mails_say_so(folder: Folder):
    with pytest.raises(EncryptedDocumentError, match=r"a\.msg"):
        parse(folder)


def test_signed_mails_are_opened_and_encrypted_ones_refused():
    inner = EmailMessage()
    inner.set_content("The signed words.")
    inner.add_attachment(b"plan", maintype="application", subtype="x-y", filename="plan.bin")
    content = {"content_type": "data", "content": inner.as_bytes()}
    signed = cms.SignedData(
        {"version": "v1", "digest_algorithms": [], "signer_infos": [], "encap_content_info": content}
    )
    envelope = cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump()
    clear = b"Content-Type: multipart/signed; boundary=B\r\n\r\n--B\r\n" + inner.as_bytes() + b"\r\n--B--\r\n"
    for kind, data in (("IPM.Note.SMIME", envelope), ("IPM.Note.SMIME.MultipartSigned", clear)):
        document = parse(mail({SUBJECT: "x", CLASS: kind}, attached=[attachment("smime.p7m", data)]))
        assert "The signed words." in document.text
        assert [member.name for member in document.members] == ["plan.bin"]
    broken = parse(mail({SUBJECT: "x", CLASS: "IPM.Note.SMIME"}, attached=[attachment("smime.p7m", b"abc")]))
    assert "smime.p7m (an S/MIME envelope that cannot be opened, not read)" in broken.text
    sealed = base64.b64decode("MCMGCSqGSIb3DQEHA6AWMBQCAQAxADANBgkqhkiG9w0BBwEwAA==")  # enveloped data without any
    with pytest.raises(EncryptedDocumentError, match=r"a\.msg"):
        parse(mail({SUBJECT: "x", CLASS: "IPM.Note.SMIME"}, attached=[attachment("smime.p7m", sealed)]))


def test_what_is_attached_is_limited(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(msg_file, "MAX_TOTAL", 10_000)
    with pytest.raises(DocumentTooLargeError, match=r"a\.msg: .*over 10,000 bytes"):
        parse(mail(BASICS, attached=[attachment(f"{number}.bin", b"x" * 5000) for number in range(3)]))


def test_another_compound_file_is_no_mail():
    with pytest.raises(DamagedDocumentError, match="no Outlook mail"):
        parse({"WordDocument": b"abc"})
    with pytest.raises(DamagedDocumentError, match="no Outlook mail"):
        MsgParser().parse(REF, b"From: a@b.c\n\nwords")
