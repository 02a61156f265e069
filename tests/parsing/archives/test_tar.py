from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable
from dataclasses import replace

import pytest

from assistant.errors import DamagedDocumentError, DocumentTooLargeError, EmptyDocumentError
from assistant.parsing.archives import contents as archive
from assistant.parsing.archives.tar import TarParser
from assistant.parsing.check import check_document
from assistant.types import Document, DocumentRef
from tests.contracts.parser_contract import ContainerParserContract, ParserContract

REF = DocumentRef("files", "a.tar", "v1", "a.tar", "", "application/x-tar")
PACKERS: list[Callable[[bytes], bytes]] = [gzip.compress, bz2.compress, lzma.compress]
TYPES = ["application/gzip", "application/x-bzip2", "application/x-xz"]


def tarred(*entries: tuple[str | tarfile.TarInfo, bytes]) -> bytes:
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.GNU_FORMAT) as stream:
        for entry, data in entries:
            info = tarfile.TarInfo(entry) if isinstance(entry, str) else entry
            info.size = len(data)
            stream.addfile(info, io.BytesIO(data))
    return output.getvalue()


def special(name: str, kind: bytes, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info, b""


def parse(data: bytes, key: str = "a.tar", media_type: str = "application/x-tar") -> Document:
    document = TarParser().parse(replace(REF, key=key, media_type=media_type), data)
    check_document(document)
    return document


class TestTarParser(ParserContract):
    @pytest.fixture
    def parser(self):
        return TarParser()

    @pytest.fixture
    def media_type(self):
        return "application/x-tar"

    @pytest.fixture
    def good(self):
        return tarred(("docs/plan.txt", b"the plan"), ("b.txt", b"words"))

    @pytest.fixture
    def words(self):
        return ["docs/plan.txt (8 bytes)", "b.txt (5 bytes)"]


class TestPackedTar(ContainerParserContract):
    @pytest.fixture(params=range(3))
    def number(self, request: pytest.FixtureRequest):
        return request.param

    @pytest.fixture
    def parser(self):
        return TarParser()

    @pytest.fixture
    def media_type(self, number: int):
        return TYPES[number]

    @pytest.fixture
    def good(self, number: int):
        return PACKERS[number](tarred(("docs/plan.txt", b"the plan"), ("b.txt", b"words")))

    @pytest.fixture
    def words(self):
        return ["docs/plan.txt (8 bytes)", "b.txt (5 bytes)"]


@pytest.mark.parametrize("number", range(3))
def test_a_file_packed_alone_is_the_one_member(number: int):
    key = "sub/report.txt" + (".gz", ".bz2", ".xz")[number]
    document = parse(PACKERS[number](b"words"), key, TYPES[number])
    assert [(member.name, member.data) for member in document.members] == [("report.txt", b"words")]
    assert "report.txt (5 bytes)" in document.text


def test_a_damaged_or_empty_packed_file_is_an_error():
    for data in (gzip.compress(b"words" * 100)[:-6], gzip.compress(b"words" * 100_000)[:-6]):
        with pytest.raises(DamagedDocumentError, match=r"a\.gz: .*(?:end-of-stream|damaged)"):
            parse(data, "a.gz", "application/gzip")
    with pytest.raises(EmptyDocumentError, match=r"a\.gz"):
        parse(gzip.compress(b""), "a.gz", "application/gzip")


def test_names_stay_inside_and_links_and_devices_are_named_and_left_out():
    data = tarred(
        ("../../etc/x.txt", b"1"),
        ("/abs/y.txt", b"2"),
        ("C:\\d\\..\\z.txt", b"3"),
        special("soft", tarfile.SYMTYPE, "/etc/passwd"),
        special("hard", tarfile.LNKTYPE, "abs/y.txt"),
        special("null", tarfile.CHRTYPE),
        special("folder", tarfile.DIRTYPE),
        ("._a/__MACOSX/q", b"4"),
        ("empty.txt", b""),
        ("x/../etc/x.txt", b"5"),
    )
    document = parse(data)
    assert [member.name for member in document.members] == ["etc/x.txt", "abs/y.txt", "d/z.txt", "x/etc/x.txt"]
    for line in ("soft (a link, not read)", "hard (a link, not read)", "null (a device, not read)",
                 "empty.txt (0 bytes, not read)"):  # fmt: skip
        assert line in document.text
    assert "for themselves: ._a/__MACOSX/q" in document.text


def test_names_that_are_not_utf8_are_read():
    data = bytearray(tarred(("caf_.txt", b"1")))
    data[3] = 0xE9
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    assert [member.name for member in parse(bytes(data)).members] == ["café.txt"]


@pytest.mark.parametrize("number", range(3))
def test_bombs_are_refused(number: int):
    zeros = bytes(20 * 1024 * 1024)
    for inner in (zeros + b"1", tarred(("zeros", zeros))):
        with pytest.raises(DocumentTooLargeError, match=r"a\.tar: .*bomb"):
            parse(PACKERS[number](inner), media_type=TYPES[number])


def test_a_bomb_in_a_skipped_entry_is_refused():
    info = tarfile.TarInfo("link")
    info.type = tarfile.CHRTYPE
    data = tarred(("a.txt", b"words"), (info, b""))
    skipped = gzip.compress(tarred((".DS_Store", bytes(20 * 1024 * 1024)), ("a.txt", b"words")))
    assert parse(data).members
    with pytest.raises(DocumentTooLargeError, match="bomb"):
        parse(skipped, media_type="application/gzip")


def test_a_bomb_in_an_archive_is_a_member_that_is_refused_in_its_turn():
    bomb = gzip.compress(bytes(20 * 1024 * 1024))
    (inner,) = parse(gzip.compress(tarred(("inner.gz", bomb))), media_type="application/gzip").members
    assert inner.data == bomb
    with pytest.raises(DocumentTooLargeError, match="bomb"):
        parse(inner.data, "inner.gz", "application/gzip")


def test_the_total_is_limited(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archive, "MAX_TOTAL", 5000)
    files = [(f"{number}.txt", bytes(2000)) for number in range(3)]
    assert len(parse(tarred(*files[:2])).members) == 2
    with pytest.raises(DocumentTooLargeError, match=r"a\.tar: .*over 5,000 bytes"):
        parse(tarred(*files))


def test_xz_that_asks_for_much_memory_is_refused():
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 512 * 1024 * 1024}]
    packer = lzma.LZMACompressor(format=lzma.FORMAT_XZ, filters=[{**filters[0], "dict_size": 1 << 20}])
    small = packer.compress(b"words") + packer.flush()
    assert parse(small, "a.xz", "application/x-xz").members
    # The header of a block says how large the dictionary is: byte 16, a code; byte 17 and so on up to its checksum.
    big = bytearray(small)
    at = big.index(b"\x21\x01", 12) + 2
    big[at] = 36  # 1 GB
    header_size = (big[12] + 1) * 4
    checksum = 12 + header_size - 4
    big[checksum : checksum + 4] = crc(bytes(big[12:checksum])).to_bytes(4, "little")
    with pytest.raises(DocumentTooLargeError, match="of memory"):
        parse(bytes(big), "a.xz", "application/x-xz")


def crc(data: bytes) -> int:
    import zlib

    return zlib.crc32(data)


def test_an_archive_that_breaks_off_says_so():
    whole = tarred(("a.txt", b"words"), ("b.txt", b"x" * 2000))
    for broken in (whole[:2000], whole[:1024] + b"rubbish" * 300):
        document = parse(broken)
        assert [member.name for member in document.members] == ["a.txt"]
        assert document.blocks[-1].kind == "notice"
        assert document.text.endswith("\n(the archive is damaged here: what follows is lost)")
    with pytest.raises(DamagedDocumentError, match="no file of the archive can be read"):
        parse(whole[:514])


def test_an_archive_of_nothing_is_an_error():
    with pytest.raises(EmptyDocumentError, match=r"a\.tar: the archive holds no files"):
        parse(tarred())
    with pytest.raises(DamagedDocumentError, match="can be read: a link"):
        parse(tarred(special("soft", tarfile.SYMTYPE, "x")))
