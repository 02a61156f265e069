"""Encrypted files are read with their source's passwords, which never show up anywhere."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

import docx
import msoffcrypto
import pytest
import pyzipper
import xlsxwriter
from msoffcrypto.format.ooxml import OOXMLFile

from assistant.errors import DocumentTooLargeError, EncryptedDocumentError
from assistant.parsing.archives.zip import ZipParser
from assistant.parsing.decrypt import decrypted
from assistant.parsing.docx.parser import DocxParser
from assistant.parsing.media_types import DOCX, XLSX
from assistant.parsing.pdf.parser import PdfParser
from assistant.parsing.process.sandbox import ParserPool
from assistant.types import DocumentRef
from tests.fakes.pdf import encrypted_pdf, make_pdf

PDF, ZIP = "application/pdf", "application/zip"
SECRET = "Grüße-9"  # noqa: S105
PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def ref(media_type: str, key: str = "a.bin") -> DocumentRef:
    return DocumentRef("files", key, "v1", key, "", media_type)


def rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()


def locked_pdf(words: str, password: str) -> bytes:
    """Return a PDF of one page, encrypted by the standard handler, version 1 (40 bits of RC4)."""
    padded = (password.encode("latin-1") + PADDING)[:32]
    owner = rc4(md5(padded)[:5], padded)
    key = md5(padded + owner + struct.pack("<i", -4) + b"\0")[:5]
    user = rc4(key, PADDING)
    content = f"BT /F1 12 Tf 72 700 Td ({words}) Tj ET".encode()
    sealed = rc4(md5(key + (4).to_bytes(3, "little") + b"\0\0")[:10], content)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(sealed), sealed),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (owner.hex().encode(), user.hex().encode()),
    ]
    output, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(output))
        output += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(output)
    output += b"xref\n0 7\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in offsets)
    output += b"trailer\n<< /Size 7 /Root 1 0 R /Encrypt 6 0 R /ID [<00> <00>] >>\nstartxref\n%d\n%%%%EOF\n" % table
    return bytes(output)


def word_file(words: str) -> bytes:
    document, stream = docx.Document(), io.BytesIO()
    document.add_paragraph(words)
    document.save(stream)
    return stream.getvalue()


def workbook(words: str) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet().write(0, 0, words)
    return stream.getvalue()


def locked_office(data: bytes, password: str) -> bytes:
    stream = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, stream)
    return stream.getvalue()


def _keys(password: bytes) -> list[int]:
    keys = [0x12345678, 0x23456789, 0x34567890]
    for byte in password:
        _turn(keys, byte)
    return keys


def _turn(keys: list[int], byte: int) -> None:
    def crc(value: int, byte: int) -> int:
        return zlib.crc32(bytes([byte]), value ^ 0xFFFFFFFF) ^ 0xFFFFFFFF

    keys[0] = crc(keys[0], byte)
    keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
    keys[2] = crc(keys[2], keys[1] >> 24)


def zip_crypto(content: bytes, password: bytes) -> bytes:
    keys, out = _keys(password), bytearray()
    for byte in bytes(11) + bytes([zlib.crc32(content) >> 24]) + content:
        k = keys[2] | 2
        out.append(byte ^ ((k * (k ^ 1)) >> 8) & 0xFF)
        _turn(keys, byte)
    return bytes(out)


def old_zip(files: dict[str, tuple[bytes, bytes | None]]) -> bytes:
    """Return an archive of name -> (content, password), encrypted by the older method."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, (content, password) in files.items():
            info = zipfile.ZipInfo(name)
            archive.writestr(info, content if password is None else zip_crypto(content, password))
            if password is not None:
                info.flag_bits |= 1
                info.CRC, info.file_size = zlib.crc32(content), len(content)
    return stream.getvalue()


def aes_zip(files: dict[str, bytes], password: str) -> bytes:
    stream = io.BytesIO()
    with pyzipper.AESZipFile(stream, "w", zipfile.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def members(data: bytes) -> dict[str, bytes]:
    return {member.name: member.data for member in ZipParser().parse(ref(ZIP), data).members}


def test_what_is_not_encrypted_is_handed_on_untouched() -> None:
    plain = old_zip({"a.txt": (b"text", None)})
    cases = [
        (PDF, make_pdf([["Words."]])),
        (DOCX, word_file("Words.")),
        (ZIP, plain),
        ("text/plain", b"/Encrypt PK EncryptedPackage"),
        (PDF, b"%PDF-1.4 /Encrypt rubbish"),
        (ZIP, b"PK rubbish"),
        (DOCX, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 rubbish"),
        (PDF, b""),
    ]
    for media_type, data in cases:
        assert decrypted(ref(media_type), data, [SECRET]) is data
        assert decrypted(ref(media_type), data, []) is data


def test_a_pdf_is_opened_and_its_pages_stay_what_they_are() -> None:
    data = locked_pdf("Hotels cost 140 euros.", SECRET)
    with pytest.raises(EncryptedDocumentError):
        PdfParser().parse(ref(PDF), data)
    plain = decrypted(ref(PDF), data, ["other", SECRET])
    assert b"/Encrypt" not in plain
    document = PdfParser().parse(ref(PDF), plain)
    assert document.text == "Hotels cost 140 euros."
    assert len(PdfParser().boxes(document, plain, 0, 6)) == 1


def test_a_pdf_that_opens_without_a_password_is_left_as_it_is() -> None:
    data = locked_pdf("Hotels cost 140 euros.", "")
    assert decrypted(ref(PDF), data, []) is data
    assert PdfParser().parse(ref(PDF), data).text == "Hotels cost 140 euros."


def test_new_office_files() -> None:
    data = locked_office(word_file("The rent is 900 euros."), SECRET)
    with pytest.raises(EncryptedDocumentError):
        DocxParser().parse(ref(DOCX), data)
    assert (
        DocxParser().parse(ref(DOCX), decrypted(ref(DOCX), data, ["x" * 300, SECRET])).text == "The rent is 900 euros."
    )


def test_a_workbook_that_excel_opens_without_asking_needs_no_password() -> None:
    plain = workbook("Turnover")
    assert decrypted(ref(XLSX), locked_office(plain, "VelvetSweatshop"), []) == plain


def test_a_kind_of_encryption_that_nobody_knows_is_left_to_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    data = locked_office(word_file("Words."), SECRET)

    def load_key(*_: object, **__: object) -> None:
        raise ValueError(f"Invalid key size for {SECRET}")

    monkeypatch.setattr(OOXMLFile, "load_key", load_key)
    assert decrypted(ref(DOCX), data, [SECRET]) is data


FILES = {"notes/one.txt": b"first " * 100, "two.txt": b"second"}


class TestZip:
    @pytest.mark.parametrize("method", ["old", "aes"])
    def test_all_files_are_opened(self, method: str) -> None:
        raw = SECRET.encode()
        data = (
            aes_zip(FILES, SECRET)
            if method == "aes"
            else old_zip({name: (content, raw) for name, content in FILES.items()})
        )
        with pytest.raises(EncryptedDocumentError):
            ZipParser().parse(ref(ZIP), data)
        assert members(decrypted(ref(ZIP), data, ["wrong", SECRET])) == FILES

    def test_each_file_may_have_its_own_password_in_its_own_encoding(self) -> None:
        data = old_zip(
            {
                "a.txt": (b"alpha", "Grüße".encode("cp437")),
                "b.txt": (b"beta", b"second"),
                "c.txt": (b"gamma", b"nobody knows"),
                "d.txt": (b"delta", None),
                "e.txt": (b"", None),
            }
        )
        plain = decrypted(ref(ZIP), data, ["Grüße", "second"])
        document = ZipParser().parse(ref(ZIP), plain)
        assert {member.name: member.data for member in document.members} == {
            "a.txt": b"alpha",
            "b.txt": b"beta",
            "d.txt": b"delta",
        }
        assert "c.txt (encrypted, not read)" in document.text
        assert "e.txt (0 bytes, not read)" in document.text

    def test_plain_files_are_read_whatever_the_passwords_are(self) -> None:
        data = old_zip({"a.txt": (b"alpha", b"secret"), "d.txt": (b"delta", None)})
        for passwords in ([], ["wrong"]):
            document = ZipParser().parse(ref(ZIP), decrypted(ref(ZIP), data, passwords))
            assert [member.data for member in document.members] == [b"delta"]
            assert "a.txt (encrypted, not read)" in document.text

    def test_a_damaged_file_stays_damaged(self) -> None:
        stream = io.BytesIO()
        data = old_zip({"a.txt": (b"alpha", b"pass"), "damaged.txt": (b"some words", None)})
        stream.write(data.replace(b"some words", b"sume words", 1))
        document = ZipParser().parse(ref(ZIP), decrypted(ref(ZIP), stream.getvalue(), ["pass"]))
        assert [member.data for member in document.members] == [b"alpha"]
        assert "damaged.txt (damaged, not read)" in document.text

    def test_names_that_are_utf_8_without_saying_so(self) -> None:
        data = old_zip({"GrXXYYe.txt": (b"alpha", b"pass")}).replace(b"GrXXYYe", "Grüße".encode())
        assert list(members(decrypted(ref(ZIP), data, ["pass"]))) == ["Grüße.txt"]

    def test_bombs_are_refused(self) -> None:
        data = aes_zip({"bomb.txt": b"\0" * (30 << 20)}, SECRET)
        with pytest.raises(DocumentTooLargeError, match=r"a\.bin: bomb\.txt unpacks to"):
            decrypted(ref(ZIP), data, [SECRET])

    def test_the_whole_is_limited(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("assistant.parsing.decrypt.MAX_TOTAL", 500)
        with pytest.raises(DocumentTooLargeError, match=r"a\.bin"):
            decrypted(ref(ZIP), aes_zip(FILES, SECRET), [SECRET])


LOCKED = {
    "a.pdf": (PDF, locked_pdf("Words.", SECRET)),
    "unknown.pdf": (PDF, encrypted_pdf()),
    "a.docx": (DOCX, locked_office(word_file("Words."), SECRET)),
    "a.zip": (ZIP, aes_zip({"a.txt": b"Words."}, SECRET)),
}


@pytest.mark.parametrize("key", LOCKED)
def test_wrong_and_missing_passwords_are_told_apart_and_never_told(key: str) -> None:
    media_type, data = LOCKED[key]
    for passwords, cause in [
        ([], "asks for a password, and its source has none"),
        ([""], "asks for a password, and its source has none"),
        (["hunter2"], "the source's password does not open it"),
        (["hunter2", "hunter3", "hunter2"], "none of the source's 2 passwords opens it"),
    ]:
        with pytest.raises(EncryptedDocumentError) as caught:
            decrypted(ref(media_type, key), data, passwords)
        assert caught.value.message.startswith(f"{key}: ")
        assert cause in caught.value.message
        assert "assistant sources passwords files FILE" in caught.value.hint
        assert "hunter" not in str(caught.value)


def test_the_library_still_reads_what_it_writes() -> None:
    """The check of passwords that `decrypt` leaves out stands for what it does instead."""
    file = msoffcrypto.OfficeFile(io.BytesIO(locked_office(word_file("Words."), SECRET)))
    file.load_key(password="wrong")
    with pytest.raises(msoffcrypto.exceptions.InvalidKeyError):
        file.decrypt(io.BytesIO())


@pytest.fixture(scope="module")
def pool() -> Iterator[ParserPool]:
    with ParserPool(1, 1 << 30, 60, 1 << 24) as made:
        yield made


class TestInTheParserProcess:
    def test_passwords_open_documents_and_their_pages(self, pool: ParserPool) -> None:
        data = locked_pdf("Hotels cost 140 euros.", SECRET)
        document = pool.parse("pdf", ref(PDF), data, [SECRET])
        assert document.text == "Hotels cost 140 euros."
        (box,) = pool.boxes("pdf", document, data, 0, 6, [SECRET])
        assert pool.draw("pdf", ref(PDF), data, 1, [box], 300, [SECRET]).startswith(b"\x89PNG")

    def test_a_wrong_password_is_a_named_error(self, pool: ParserPool) -> None:
        for key, (media_type, data) in LOCKED.items():
            if media_type == ZIP:
                continue
            parser = "pdf" if media_type == PDF else "docx"
            with pytest.raises(EncryptedDocumentError, match="does not open it") as caught:
                pool.parse(parser, ref(media_type, key), data, ["hunter2"])
            assert "hunter2" not in str(caught.value)
