"""The builder's pictures: which are kept, and where they stand."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from assistant.parsing.builder import TextBuilder
from assistant.parsing.check import check_document
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
