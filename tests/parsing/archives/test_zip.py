from __future__ import annotations

import io
import zipfile

import pytest

from assistant.errors import (
    DamagedDocumentError,
    DocumentTooLargeError,
    EmptyDocumentError,
    EncryptedDocumentError,
)
from assistant.parsing.archives import contents as archive
from assistant.parsing.archives.zip import ZipParser
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
    assert document.text.endswith("Left out, as programs put them there for themselves: __MACOSX/a, sub/.DS_Store")


def test_lock_files_and_folder_settings_are_left_out_whatever_their_case():
    litter = ["~$plan.docx", "a/.~lock.plan.odt#", "THUMBS.DB", "a/Desktop.ini"]
    document = parse(packed(("plan~$.txt", b"1"), *[(name, b"1") for name in litter]))
    assert [member.name for member in document.members] == ["plan~$.txt"]
    assert document.text.endswith(", ".join(litter))


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


def test_names_keep_no_path_out_no_nul_and_no_backslash():
    marked = packed(("aZ..\\..\\evil.txt", b"1"), ("nul_here.txt", b"2"), ("caf_.txt", b"3"))
    document = parse(marked.replace(b"nul_here.txt", b"nul\0here.txt").replace(b"caf_.txt", b"caf\x82.txt"))
    assert [member.name for member in document.members] == ["aZ../evil.txt", "nul", "café.txt"]


def test_names_in_utf8_without_the_mark_are_read():
    data = packed(("ab.txt", b"1")).replace(b"ab.txt", "ü.txt".encode())
    assert [member.name for member in parse(data).members] == ["ü.txt"]


def test_the_total_is_limited_whatever_the_archive_says(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archive, "MAX_TOTAL", 5000)
    files = [(f"{number}.txt", bytes(2000)) for number in range(3)]
    assert len(parse(packed(*files[:2])).members) == 2
    with pytest.raises(DocumentTooLargeError, match=r"a\.zip: .*over 5,000 bytes"):
        parse(packed(*files))


def test_the_total_of_256_mb_holds():
    assert archive.MAX_TOTAL == 256 * 1024 * 1024
    hundred = bytes(range(256)) * 4096 * 90  # 90 MB
    data = packed(*[(f"{number}.bin", hundred) for number in range(3)])
    with pytest.raises(DocumentTooLargeError, match="over 268,435,456 bytes"):
        parse(data)


def test_files_that_share_bytes_are_refused():
    plain = packed(("a.txt", b"x" * 100), ("b.txt", b"x" * 100))
    second = plain.rindex(b"PK\x01\x02")
    overlapping = bytearray(plain)
    overlapping[second + 42 : second + 46] = bytes(4)  # where the second file begins: where the first does
    with pytest.raises(DocumentTooLargeError, match="overlap"):
        parse(bytes(overlapping))


def test_a_bomb_in_an_archive_is_a_member_that_is_refused_in_its_turn():
    bomb = packed(("zeros", bytes(20 * 1024 * 1024)), how=zipfile.ZIP_DEFLATED)
    document = parse(packed(("inner.zip", bomb)))
    (inner,) = document.members
    assert len(inner.data) == len(bomb)
    with pytest.raises(DocumentTooLargeError, match="bomb"):
        parse(inner.data)


def test_a_lie_about_the_size_does_not_help_a_bomb():
    data = bytearray(packed(("zeros", bytes(20 * 1024 * 1024)), how=zipfile.ZIP_DEFLATED))
    for mark, size in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.rfind(mark)
        data[at + size : at + size + 4] = (1000).to_bytes(4, "little")
    with pytest.raises((DocumentTooLargeError, DamagedDocumentError), match=r"a\.zip"):
        parse(bytes(data))


def test_links_and_empty_files_are_named_and_left_out():
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as stream:
        link = zipfile.ZipInfo("passwd")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        stream.writestr(link, "/etc/passwd")
        stream.writestr("nothing.txt", b"")
        stream.writestr("a.txt", b"words")
    document = parse(output.getvalue())
    assert "passwd (a link, not read)\nnothing.txt (0 bytes, not read)\na.txt (5 bytes)" in document.text
    assert [member.name for member in document.members] == ["a.txt"]


def test_an_archive_without_a_member_is_an_error_that_says_why():
    with pytest.raises(EmptyDocumentError, match=r"a\.zip: the archive holds no files but empty ones"):
        parse(packed(("a.txt", b"")))
    with pytest.raises(EmptyDocumentError, match=r"a\.zip: the archive holds no files\b"):
        parse(packed(("__MACOSX/a", b"x")))
    with pytest.raises(DamagedDocumentError, match="no file of the archive can be read: damaged"):
        parse(packed(("bad.txt", b"spoil me")).replace(b"spoil me", b"spoiled!", 1))


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archive, "MAX_MEMBERS", 2)
    with pytest.raises(DocumentTooLargeError, match="over 2 files"):
        parse(packed(("a", b"1"), ("b", b"1"), ("c", b"1")))
