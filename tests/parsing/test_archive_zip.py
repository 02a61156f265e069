from __future__ import annotations

import io
import zipfile

import pytest

from assistant.errors import DocumentTooLargeError, EncryptedDocumentError
from assistant.parsing.archive_zip import ZipParser
from assistant.parsing.check import check_document
from assistant.types import Document, DocumentRef
from tests.contracts.parser_contract import ContainerParserContract

REF = DocumentRef("files", "a.zip", "v1", "a.zip", "", "application/zip")


def packed(*files: tuple[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", how) as archive:
        for name, data in files:
            archive.writestr(zipfile.ZipInfo(name), data, how)
    return output.getvalue()


def parse(data: bytes) -> Document:
    document = ZipParser().parse(REF, data)
    check_document(document)
    return document


class TestZipParser(ContainerParserContract):
    @pytest.fixture
    def parser(self):
        return ZipParser()

    @pytest.fixture
    def media_type(self):
        return "application/zip"

    @pytest.fixture
    def good(self):
        return packed(("docs/plan.txt", b"the plan"), ("b.txt", b"words"))

    @pytest.fixture
    def words(self):
        return ["docs/plan.txt (8 bytes)", "b.txt (5 bytes)"]


def test_names_are_clean_and_litter_is_left_out():
    names = ["../../x.txt", "/etc/y", "C:\\d\\z", "__MACOSX/a", "sub/.DS_Store", "x.txt", "ü.txt"]
    document = parse(packed(*[(name, b"1") for name in names]))
    assert [member.name for member in document.members] == ["x.txt", "etc/y", "d/z", "x (2).txt", "ü.txt"]


def test_a_bomb_is_refused():
    with pytest.raises(DocumentTooLargeError, match="bomb"):
        parse(packed(("zeros", bytes(20 * 1024 * 1024)), how=zipfile.ZIP_DEFLATED))


def test_a_damaged_member_is_named_and_the_others_are_read():
    data = packed(("bad.txt", b"spoil me"), ("good.txt", b"fine")).replace(b"spoil me", b"spoiled!", 1)
    document = parse(data)
    assert "bad.txt (damaged, not read)" in document.text
    assert [member.name for member in document.members] == ["good.txt"]


def encrypted(data: bytes, name: bytes) -> bytes:
    """Mark the file as encrypted in both of its headers."""
    changed = bytearray(data)
    for mark, flags, start in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        at = data.find(mark)
        while at >= 0:
            if data.startswith(name, at + start):
                changed[at + flags] |= 1
            at = data.find(mark, at + 1)
    return bytes(changed)


def test_encrypted_files_are_named_and_an_archive_of_them_only_is_an_error():
    data = packed(("secret.txt", b"x"), ("open.txt", b"y"))
    assert "secret.txt (encrypted, not read)" in parse(encrypted(data, b"secret")).text
    with pytest.raises(EncryptedDocumentError, match=r"a\.zip"):
        parse(encrypted(packed(("secret.txt", b"x")), b"secret"))
