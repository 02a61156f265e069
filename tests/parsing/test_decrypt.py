"""Encrypted files are read with their source's passwords, which never show up anywhere."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import msoffcrypto
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from assistant.errors import DocumentTooLargeError, EncryptedDocumentError
from assistant.parsing.archives.zip import ZipParser
from assistant.parsing.decrypt import decrypted
from assistant.parsing.docx.parser import DocxParser
from assistant.parsing.encryption_method import unsupported_method
from assistant.parsing.media_types import DOCX, XLSX
from assistant.parsing.pdf.parser import PdfParser
from assistant.parsing.process.sandbox import ParserPool
from assistant.types import DocumentRef
from tests.fakes.locked_files import aes_zip, locked_office, locked_pdf, members, old_zip, word_file, workbook
from tests.fakes.pdf import encrypted_pdf, make_pdf

PDF, ZIP = "application/pdf", "application/zip"
SECRET = "Grüße-9"  # noqa: S105
PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def ref(media_type: str, key: str = "a.bin") -> DocumentRef:
    return DocumentRef("files", key, "v1", key, "", media_type)


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


def test_a_kind_of_encryption_that_the_library_does_not_know_is_no_matter_of_passwords(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = locked_office(word_file("Words."), SECRET)

    def load_key(*_: object, **__: object) -> None:
        raise ValueError(f"Invalid key size for {SECRET}")

    monkeypatch.setattr(OOXMLFile, "load_key", load_key)
    for passwords in ([SECRET], []):
        with pytest.raises(EncryptedDocumentError, match="a method that is not supported, or is damaged") as caught:
            decrypted(ref(DOCX), data, passwords)
        assert caught.value.hint.startswith("no password helps")
        assert SECRET not in str(caught.value)


def other_method(data: bytes, old: str, new: str) -> bytes:
    """Return an encrypted Office file that names another method, the header as long as before."""
    assert old.encode() in data
    return data.replace(old.encode(), new.encode().ljust(len(old)))


def binary_header(algorithm: int, major: int = 3, minor: int = 2) -> bytes:
    return struct.pack("<HHIIIII", major, minor, 0x24, 32, 0x24, 0, algorithm) + bytes(200)


AES = 'cipherAlgorithm="AES" cipherChaining="ChainingModeCBC" hashAlgorithm="SHA512"'


@pytest.mark.parametrize(
    ("method", "named"),
    [
        ('cipherAlgorithm="RC2" cipherChaining="ChainingModeCBC" hashAlgorithm="SHA1"', "RC2"),
        ('cipherAlgorithm="AES" cipherChaining="ChainingModeCFB" hashAlgorithm="SHA1"', "AES in another mode than CBC"),
        ('cipherAlgorithm="AES" cipherChaining="ChainingModeCBC" hashAlgorithm="MD5"', "AES with MD5"),
    ],
)
@pytest.mark.parametrize("passwords", [[], ["hunter2"]])
def test_a_method_that_nothing_here_decrypts_is_named(method: str, named: str, passwords: list[str]) -> None:
    data = other_method(locked_office(word_file("Words."), SECRET), AES, method)
    with pytest.raises(EncryptedDocumentError, match=f"a method that is not supported: {named} \\(") as caught:
        decrypted(ref(DOCX, "a.docx"), data, passwords)
    assert caught.value.message.startswith("a.docx: ")
    assert "store a copy without encryption" in caught.value.hint
    assert "give" not in str(caught.value)


@pytest.mark.parametrize(
    ("info", "named"),
    [
        (binary_header(0x6602), "RC2"),
        (binary_header(0x6801), "RC4"),
        (binary_header(0x7777), "algorithm 0x7777"),
        (binary_header(0x660E), ""),
        (binary_header(0), ""),
        (binary_header(0, 4, 3), "a program of its own"),
        (binary_header(0, 9, 9), "version 9.9"),
        (struct.pack("<HHI", 4, 4, 0x40) + b"<encryption/>", "a certificate instead of a password"),
        (struct.pack("<HHI", 4, 4, 0x40) + b"<rubbish", ""),
        (b"", ""),
        (None, "rights management, which asks for an account and not for a password"),
    ],
)
def test_what_the_headers_say_of_the_method(monkeypatch: pytest.MonkeyPatch, info: bytes | None, named: str) -> None:
    class Ole:
        def __init__(self, _: object) -> None: ...

        def __enter__(self) -> Ole:
            return self

        def __exit__(self, *_: object) -> None: ...

        def exists(self, name: str) -> bool:
            return name == "EncryptedPackage" or info is not None

        def openstream(self, name: str) -> io.BytesIO:
            assert name == "EncryptionInfo"
            assert info is not None
            return io.BytesIO(info)

    monkeypatch.setattr("olefile.OleFileIO", Ole)
    assert unsupported_method(b"any") == named


def test_what_is_no_encrypted_office_file_has_no_method() -> None:
    for data in (b"", b"rubbish", word_file("Words."), locked_office(word_file("Words."), SECRET)):
        assert unsupported_method(data) == ""


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
        assert ("replaces the list" in caught.value.hint) == any(passwords)
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
