"""The builder's pictures: which are kept, and where they stand."""

from __future__ import annotations

import gzip
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from assistant.parsing.builder import TextBuilder
from assistant.parsing.check import check_document
from assistant.parsing.shown import shown_type, why_unshown
from assistant.types import Box, DocumentRef

REF = DocumentRef("files", "a.html", "", "a.html", "file:///a.html", "text/html")


def png(color: str, width: int = 60, height: int = 50, kind: str = "PNG") -> bytes:
    target = BytesIO()
    Image.new("RGB", (width, height), color).save(target, kind)
    return target.getvalue()


def test_a_picture_stands_where_its_words_stand():
    builder = TextBuilder()
    builder.add("text", "Before.")
    assert builder.add_picture(png("red"), text="A red wall", page=2, box=Box(2, 1, 2, 3, 4))
    builder.add("text", "After.")
    document = builder.build(REF)
    check_document(document)
    (picture,) = document.pictures
    assert document.text[picture.start : picture.end] == "A red wall"
    assert (picture.page, picture.box, picture.media_type) == (2, Box(2, 1, 2, 3, 4), "image/png")
    assert [block.kind for block in document.blocks] == ["text", "image", "text"]


def test_a_picture_without_words_leaves_the_text_alone():
    builder = TextBuilder()
    builder.add("text", "Before.")
    assert builder.add_picture(png("red", kind="JPEG"))
    builder.add("text", "After.")
    document = builder.build(REF)
    assert document.text == "Before.\n\nAfter."
    assert (document.pictures[0].start, document.pictures[0].end) == (7, 7)
    assert document.pictures[0].media_type == "image/jpeg"


def test_ornaments_repetitions_and_what_is_no_picture_are_not_kept():
    builder = TextBuilder()
    assert builder.add_picture(png("red"))
    assert not builder.add_picture(png("red"))
    assert not builder.add_picture(png("blue", 20, 200))
    assert not builder.add_picture(b"\x01\x00\x00\x00 a metafile", text="Its words stay")
    document = builder.build(REF)
    assert len(document.pictures) == 1
    assert document.text == "Its words stay"


def test_another_documents_pictures_move_with_its_text():
    inner = TextBuilder()
    inner.add("text", "Inner.")
    inner.add_picture(png("green"), text="Grass")
    inner.add_picture(png("blue"))
    outer = TextBuilder()
    outer.add("text", "Outer.")
    outer.add_picture(png("blue"))
    outer.add_document(inner.build(REF), page=3)
    document = outer.build(REF)
    check_document(document)
    assert [document.text[p.start : p.end] for p in document.pictures] == ["", "Grass"]
    assert [p.page for p in document.pictures] == [None, 3]


def emf(width: int, height: int) -> bytes:
    return struct.pack("<II4i4i", 1, 88, 0, 0, width, height, 0, 0, 5000, 5000) + b" EMF" + bytes(60)


def wmf(width: int, height: int) -> bytes:
    return b"\xd7\xcd\xc6\x9a\0\0" + struct.pack("<4hH", 0, 0, width, height, 72) + bytes(6) + b"\1\0\x09\0" + bytes(60)


def huge(side: int) -> bytes:
    """A picture of a header alone."""
    header = b"IHDR" + struct.pack(">II", side * 2, side) + b"\x08\0\0\0\0"
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + chunk + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", ""),
        (png("red"), ""),
        (png("red", 20, 20), ""),
        (emf(200, 100), "EMF"),
        (emf(200, 20), ""),
        (gzip.compress(emf(200, 100)), "EMF"),
        (gzip.compress(emf(200, 100))[:30], ""),
        (wmf(200, 100), "WMF"),
        (wmf(20, 100), ""),
        (b"\1\0\x09\0" + bytes(3000), "WMF"),
        (bytes(514) + struct.pack(">4h", 0, 0, 100, 200) + b"\0\x11\2\xff" + bytes(100), "PICT"),
        (bytes(514) + struct.pack(">4h", 0, 0, 100, 200) + b"\x11\1\xa0\0" + bytes(100), "PICT"),
        (bytes(514) + struct.pack(">4h", 0, 0, 10, 200) + b"\0\x11\2\xff" + bytes(3000), ""),
        (png("red")[:12] + bytes(3000), "damaged"),
        (b"\xff\xd8 no JPEG" + bytes(3000), "damaged"),
        (b"GIF87a", ""),
        (b"\0\0\0\x0cjP  " + bytes(3000), "JPEG 2000"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", ""),
        (b"<?xml version='1.0'?><svg>" + b" " * 3000, "SVG"),
        (b"what is it?" * 300, "of an unknown format"),
        (huge(20_000), "over 120 megapixels"),
        (huge(9_000), "over 120 megapixels"),
    ],
)
def test_what_cannot_be_shown_has_a_reason(data: bytes, why: str):
    assert why_unshown(data) == why
    assert not (why and shown_type(data))


def test_the_document_says_what_it_cannot_show():
    builder = TextBuilder()
    builder.add("text", "One.", page=1)
    builder.add_picture(emf(200, 100), text="A plan", page=1)
    pages = [builder.page_since(0, 1)]
    before = builder.length
    builder.add("text", "Two.", page=2)
    for data in (emf(200, 100), emf(300, 100), wmf(100, 100), emf(200, 10), png("red")):
        builder.add_picture(data, page=2)
    builder.miss_picture("damaged", 2)
    pages.append(builder.page_since(before, 2))
    document = builder.build(REF, pages=pages)
    check_document(document)
    notice = "[Pictures that cannot be shown: 2 EMF, 1 WMF, 1 damaged, pages 1, 2]"
    assert document.text == f"One.\n\nA plan\n\nTwo.\n\n{notice}"
    assert [(block.kind, block.page) for block in document.blocks][-1] == ("notice", 2)
    assert document.pages[-1].end == len(document.text)
    assert len(document.pictures) == 1


def test_the_notice_stands_where_a_part_ends():
    inner, outer = TextBuilder(), TextBuilder()
    inner.add("text", "Inner.")
    inner.add_picture(emf(200, 100))
    outer.add_document(inner.build(REF), page=1)
    outer.add("text", "After.")
    document = outer.build(REF)
    assert document.text == "Inner.\n\n[Pictures that cannot be shown: 1 EMF]\n\nAfter."
    assert [block.kind for block in document.blocks] == ["text", "notice", "text"]
