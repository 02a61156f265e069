"""Names in ZIP archives, in whatever encoding a program wrote them."""

from __future__ import annotations

import io
import struct
import warnings
import zipfile
import zlib

import pytest

from assistant.parsing.archives.zip import ZipParser
from assistant.parsing.archives.zip_names import entry_names
from assistant.parsing.decrypt import decrypted
from assistant.types import DocumentRef

REF = DocumentRef("files", "a.zip", "v1", "a.zip", "", "application/zip")


def entry(raw: bytes, *, marked: bool = False, extra: bytes = b"") -> zipfile.ZipInfo:
    made = zipfile.ZipInfo("x")
    made.filename = raw.decode("utf-8" if marked else "cp437")  # as the library reads names
    made.flag_bits = 0x800 if marked else 0
    made.extra = extra
    return made


def read(*names: tuple[str, str]) -> list[str]:
    return entry_names([entry(name.encode(encoding)) for name, encoding in names])


BOTH = [
    "Größe.txt", "Straße.pdf", "Möbel.xlsx", "Übung 1.docx", "Ärger/Öl.txt", "Café.txt", "été 2020.pdf", "crème.pdf",
    "ÜBERSICHT.pdf", "señor.txt", "Málaga.txt", "20°C.txt", "maître.txt", "coût.doc", "naïve.txt", "Menu à 5.txt",
]  # fmt: skip
WINDOWS = [
    "Bericht – Teil 2.pdf", "Peter’s notes.txt", "2010–2020.csv", "A–B.txt", "cœur.txt", "§ 5 BGB.pdf", "1º ano.txt",
    "København.txt", "São Paulo.txt", "Preis 100 €.txt", "Über die Größe – Möbel.txt", "m².txt", "Ångström.txt",
]  # fmt: skip


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "cp437"])
def test_each_encoding_is_told_from_the_others(name: str, encoding: str) -> None:
    assert read((name, encoding)) == [name]


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_what_only_windows_can_write(name: str, encoding: str) -> None:
    assert read((name, encoding)) == [name]


def test_what_could_be_either_is_read_as_the_others_are() -> None:
    assert read(("Škoda.txt", "cp1252")) == ["èkoda.txt"]  # by itself, what the format says
    assert read(("Škoda.txt", "cp1252"), ("Größe.txt", "cp1252")) == ["Škoda.txt", "Größe.txt"]
    assert read(("Größe.txt", "cp437"), ("Grün.txt", "utf-8"), ("a.txt", "ascii"), ("Maß.txt", "cp1252")) == [
        "Größe.txt", "Grün.txt", "a.txt", "Maß.txt"
    ]  # fmt: skip


def test_what_is_marked_is_not_guessed_at() -> None:
    assert entry_names([entry("╔box╗.txt".encode(), marked=True), entry("Ã¤.txt".encode(), marked=True)]) == [
        "╔box╗.txt", "Ã¤.txt"
    ]  # fmt: skip


def test_an_extra_field_with_the_name_in_unicode() -> None:
    def field(name: bytes, of: bytes, version: int = 1) -> bytes:
        body = struct.pack("<BI", version, zlib.crc32(of)) + name
        return struct.pack("<HHI", 0x5455, 4, 0) + struct.pack("<HH", 0x7075, len(body)) + body

    raw, meant = b"\x84\x85.txt", "Прага.txt"
    assert entry_names([entry(raw, extra=field(meant.encode(), raw))]) == [meant]
    for wrong in (
        field(meant.encode(), b"renamed"),
        field(meant.encode(), raw, version=2),
        field(b"\xff", raw),
        field(b"", raw),
        b"\x75\x70\xff\xff\x01",
        b"\x01",
    ):
        assert entry_names([entry(raw, extra=wrong)]) == ["äà.txt"]


def archive(name: str, encoding: str) -> bytes:
    raw = name.encode(encoding)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        packed.writestr("#" * len(raw), b"Words.")
        packed.writestr("locked.txt", b"more")
    return stream.getvalue().replace(b"#" * len(raw), raw)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "cp437"])
def test_parser_and_decryption_read_the_same_names(encoding: str) -> None:
    data = archive("Größe/Café.txt", encoding)
    assert ZipParser().parse(REF, data).members[0].name == "Größe/Café.txt"
    marked = bytearray(data)  # as if its other file were encrypted
    for header, flags, start in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        at = marked.rfind(header)
        assert marked.startswith(b"locked.txt", at + start)
        marked[at + flags] |= 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        document = ZipParser().parse(REF, decrypted(REF, bytes(marked), ["secret"]))
    assert [member.name for member in document.members] == ["Größe/Café.txt"]
